/**
 * What a session of a client is made of: what the program asks of it, what it tells the program, and what it knows.
 * Plain data; `client/session.ts` does the work, `client/zookeeper.ts` makes promises of it.
 */
import type { InputArchive } from '../wire/archive.ts'
import type { Code } from '../wire/errors.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Effect, Input, Link } from '../world/machine.ts'
import type { Address, Millis } from '../world/world.ts'

/** What a program asks of its client: of the session, or of what stands beside it. */
export type ProgramRequest =
  | ClientRequest
  /** These are the servers from now on. */
  | { type: 'servers'; hosts: readonly Address[] }
  /** Nobody waits for this call any more, because it has taken too long. */
  | { type: 'overdue'; id: number }

/** What the session is asked. `id` is the program's own number for it; the answer bears the same. */
export type ClientRequest =
  | Call
  /** Shows who we are, on this connection and on every one that follows. */
  | { type: 'login'; id: number; scheme: string; auth: Uint8Array }
  /** Nobody waits for this call any more. If it has not been sent, it never will be. */
  | { type: 'forget'; id: number }
  /** The server that has just been reached does not believe who we are. */
  | { type: 'refused' }
  /** Ends the session. */
  | { type: 'close'; id: number }

export interface Call {
  type: 'call'
  id: number
  /** An `OpCode`. */
  op: number
  /** The operation's record, as it stands behind the header. */
  body: Uint8Array
  /** What becomes of the watchers once the server has said yes. */
  watch?: Watch
  unwatch?: Unwatch
}

/**
 * A watcher to register, under a number of the program's own. `get` asks for the data of a node that must exist,
 * `exists` for one that may not; which of the server's lists the watch stands in depends on the answer.
 */
export interface Watch {
  by: 'get' | 'exists' | 'children' | 'persistent' | 'recursive'
  path: string
  watcher: number
}

/** Watchers to take away: those of one path in these lists. */
export interface Unwatch {
  kinds: readonly WatchKind[]
  path: string
}

/** The lists in which a client's watches stand. */
export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'recursive'

/** What the session tells the program, in the order in which the server told it. */
export type ClientReply =
  /** `body` is at the operation's record; it is empty when `err` is not 0. `zxid` is 0 when no server has answered. */
  | { type: 'answer'; id: number; err: Code; zxid: Zxid; body: InputArchive }
  /** A watch has fired. `zxid` is -1 where the server does not say (before 3.9). */
  | { type: 'event'; event: WatchEvent; watchers: readonly number[] }
  | { type: 'state'; state: ClientState }

export interface WatchEvent {
  /** An `EventType`. */
  type: number
  path: string
  zxid: Zxid
}

export type ClientState =
  /** Looking for a server, or for another one. The session may live. */
  | 'connecting'
  | 'connected'
  /** Connected to a server that has no quorum, and only reads. */
  | 'read-only'
  /** The three ends: the server has given the session up; a login was refused; it was closed as asked. */
  | 'expired'
  | 'auth failed'
  | 'closed'

export interface SessionOptions {
  /** Servers, in the order in which to try them. */
  hosts: readonly Address[]
  /** This client's own place between 0 and 1, for pauses that are not to be everybody's. */
  spread: number
  /** The session timeout to ask for. */
  timeout: Millis
  /** Would a server do that can only read? */
  canBeReadOnly: boolean
  /** A session to go on with, as an earlier client left it. */
  resume?: { sessionId: bigint; passwd: Uint8Array; lastZxid: Zxid }
}

export interface SessionState {
  readonly options: SessionOptions
  /**
   * `resting` until it is time to dial again; `dialling` until a link stands; `greeting` until the server has answered
   * the handshake; `serving`; `closing` until it has answered our goodbye; `over`.
   */
  phase: 'resting' | 'dialling' | 'greeting' | 'serving' | 'closing' | 'over'
  /** What the program was last told. */
  told: ClientState
  now: Millis
  link: Link | null
  /** Which host is or was tried last; -1 before the first. How many failed in a row. */
  host: number
  failures: number
  /** When the present or last server let us in. */
  since: Millis
  /** When to dial again. */
  wake: Millis

  sessionId: bigint
  passwd: Uint8Array
  /** As the server agreed; what was asked for, until then. */
  timeout: Millis
  isReadOnly: boolean
  /** The latest state that any reply has told of. Time must not go backwards on the next server. */
  lastZxid: Zxid
  /** When we last heard of a server, and last sent it something. */
  heard: Millis
  sent: Millis

  xid: number
  /** Sent, in this order, and not answered. */
  pending: Sent[]
  /** Asked for, and not sent: there was no server. */
  waiting: Call[]
  logins: Login[]
  /** Logins that this connection has sent and that are not answered, the oldest first. */
  unansweredLogins: Login[]
  watches: Watches
  /** The `close` to answer, once the session is over. */
  closeId: number | null
}

export interface Sent {
  xid: number
  call: Call
}

export interface Login {
  scheme: string
  auth: Uint8Array
  /** To answer; null when it was answered on an earlier connection. */
  id: number | null
}

/** The watchers of each path, by the list that they stand in. */
export type Watches = Record<WatchKind, Map<string, Set<number>>>

export type ClientInput = Input<Uint8Array, ClientRequest>
export type ProgramInput = Input<Uint8Array, ProgramRequest>
export type ClientEffect = Effect<Uint8Array, ClientReply>
