/**
 * The seam between protocol and world. A machine asks for nothing here: the driver does, on its behalf.
 * `world/node` fills it with real sockets, files and clocks, `world/simulated` with faulty ones made from a
 * seed, `world/browser` for the site. One contract suite (`test/contract`) holds them to the same promises.
 */
export type Millis = number

export interface World {
  clock: Clock
  random: Random
  network: Network
  disk: Disk
}

export interface Clock {
  /** Milliseconds that only ever grow; from an arbitrary start. For timeouts and expiry. */
  now(): Millis
  /** Milliseconds since 1970, as people count. It may jump. For the stamps in a Stat. */
  wall(): Millis
  /** Calls `fire` once, no earlier than `delay` from now, and never after `cancel`. */
  after(delay: Millis, fire: () => void): Timer
  /** Calls `fire` once, as soon as what has already arrived has been handed out. Calls come in the order of `soon`. */
  soon(fire: () => void): void
}

export interface Timer {
  cancel(): void
}

export interface Random {
  /** A whole number from 0 to `below` - 1, each as likely. */
  below(below: number): number
  bytes(count: number): Uint8Array
}

export interface Address {
  host: string
  /** 0 asks `listen` for any free port. */
  port: number
}

/** Where to listen, and how. */
export interface Place extends Address {
  /** Connections that may wait to be accepted; 0 or nothing: as many as is usual. */
  backlog?: number
  /** Ask now and then whether a silent peer is still there. */
  keepAlive?: boolean
}

/**
 * Byte streams as TCP gives them: in order, in chunks of any size, until they break. Nothing inside a
 * connection is lost or reordered; all that can go wrong is that it ends.
 * No callback is ever called from inside the call that caused it.
 */
export interface Network {
  /**
   * Answers through `ready` once, with the address bound or the error that prevented it (EADDRINUSE, EACCES …). With
   * `tls`, who comes is accepted when the handshake is over, and handed the bytes that were encrypted.
   */
  listen(
    address: Place,
    accept: (connection: Connection) => ConnectionHandler,
    ready: (result: { address: Address } | { error: Error }) => void,
    tls?: Tls,
  ): Listener
  /**
   * The handler's `opened` or `closed` follows, exactly one of them first. With `tls`, opened means that the peer has
   * proved who it is.
   */
  connect(address: Address, handler: ConnectionHandler, tls?: ClientTls): Connection
}

/** How one who connects proves who he is, and whom he believes. */
export interface ClientTls {
  /** PEM: those whose word is taken for the peer's certificate; null: whom this machine trusts. */
  trusted: string | null
  /** PEM: the key and the certificate to show when asked; null: none. */
  key: string | null
  certificates: string | null
  /** Must the peer's certificate name the host that was connected to? */
  checksHost: boolean
}

/** Who a port is, and whom it believes. */
export interface TlsKeys {
  /** PEM: its key, and its certificate with those that vouch for it. */
  key: string
  certificates: string
  /** PEM: those whose word is taken for a peer's certificate; null: whom this machine trusts. */
  trusted: string | null
}

/** A handshake has failed, or too many others are under way. */
export type Refusal = 'handshake' | 'crowd'

/** How a port proves who it is, and what it asks of those who come. */
export interface Tls extends TlsKeys {
  /**
   * Where there may be other keys one day: calls `take` with them, for those who come from then on. Answers what ends that.
   */
  renewed?: (take: (keys: TlsKeys) => void) => () => void
  /** Is a peer asked for a certificate, and must he have one? One that he shows must be good in any case. */
  peers: 'none' | 'want' | 'need'
  /** Must a peer's certificate name the address that he comes from? */
  checksAddress: boolean
  /** Must the authorities of a peer's certificate say that they have not taken it back? Where, it says itself. */
  checksRevocation: boolean
  oldest: 'TLSv1.2' | 'TLSv1.3'
  newest: 'TLSv1.2' | 'TLSv1.3'
  /** By the names that IANA gives them, which are Java's; null: those that are usual. */
  cipherSuites: readonly string[] | null
  /** How long a handshake may take, and how many may be under way at a time; 0: any number. */
  handshakeTime: Millis
  handshakesAtMost: number
  /** Is somebody who begins no handshake let in without? */
  letsPlainIn: boolean
  /** Somebody did not get through the handshake; `accept` never hears of him. */
  refused(remote: Address, reason: string, because: Refusal): void
}

export interface Listener {
  /** No new connections; those that stand go on. When `done` is called, the address is free again. */
  close(done?: () => void): void
}

export interface ConnectionHandler {
  /** Only for connections made by `connect`. */
  opened?(): void
  /** The chunk is the handler's from here on; the world never changes it. */
  data(chunk: Uint8Array): void
  /**
   * Nothing more arrives: the last call of `data`, `drained` and `closed`, and for every connection it comes exactly
   * once, also after our own `end` or `destroy`. Without `error` the peer said goodbye, or we did. A peer that said
   * goodbye may still be reading, so what we write still goes out, until our own `end` or `destroy`, which must follow.
   */
  closed(error?: Error): void
  /** `queued()` has fallen to zero again. */
  drained?(): void
}

export interface Connection {
  /** As the other side is known here, e.g. `127.0.0.1` and its port. */
  remote: Address
  /** What the peer has proved to be, if it has: its certificate (X.509, DER). */
  certificate?: Uint8Array
  /** The bytes are the world's from here on; the caller must not change them. */
  write(bytes: Uint8Array): void
  /** How many written bytes have not left yet. */
  queued(): number
  /** Stops and resumes `data`, so that a slow machine can push back. */
  pause(): void
  resume(): void
  /** Sends what is queued, then says goodbye. No `data` comes after it, and writes are ignored. */
  end(): void
  /** Ends at once; what is queued may be lost. */
  destroy(): void
}

/**
 * Files below one folder, named by paths relative to it with `/`. Written bytes may vanish in a crash until
 * `sync` has answered; a `replace` is whole or not there at all. Answers come in the order of the calls on one file.
 * Bytes that are handed over are the disk's; the caller must not change them. A failed append may leave a part.
 * Reading is synchronous, because it happens before a server serves.
 */
export interface Disk {
  /** Names in a folder, sorted; empty when the folder is not there. */
  list(folder: string): string[]
  size(path: string): number | null
  /**
   * The whole file, or `length` bytes from `offset` (fewer at its end); null when there is no such file. They may come to lie
   * in `room`: whoever reads piece after piece into the same memory spares the system to find more for each.
   */
  read(path: string, offset?: number, length?: number, room?: Uint8Array): Uint8Array | null
  /** Adds to the end of the file, which is made (with its folders) when missing. */
  append(path: string, bytes: Uint8Array, done: Done): void
  /**
   * Puts the bytes at a place, over what is there; the file is made when missing, and what it skips reads as zeros.
   * They are the world's until `done`. Made for logs whose room is claimed ahead: whoever writes inside a file leaves
   * its length alone, and a sync has that much less to save.
   */
  write(path: string, offset: number, bytes: Uint8Array, done: Done): void
  /** All that was appended or written before this call is durable when `done` is called without an error. */
  sync(path: string, done: Done): void
  /** Puts the file in place of any older one: written aside, synced, renamed, the folder synced. */
  replace(path: string, bytes: Uint8Array, done: Done): void
  /** Cuts a file that is there to `length` bytes; durable when `done` is called. */
  truncate(path: string, length: number, done: Done): void
  /** Durable when `done` is called. To remove what is not there succeeds. */
  remove(path: string, done: Done): void
}

/** Called once; with the error when the operation failed (ENOSPC, EIO …). */
export type Done = (error?: Error) => void
