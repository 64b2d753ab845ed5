/**
 * The one loop that runs any machine over any world. It turns what the world does into inputs for the machine, and
 * carries out the effects that the machine pushes.
 *
 * It works in turns. What arrives is decoded and waits; at the end of the turn all of it goes through the machine,
 * then each link's output leaves in one write and one sync of the log covers every record. So the cost of a system
 * call is shared by all that happened at once, and nothing is allocated per message but the message.
 */
import { assert } from '../lib/assert.ts'
import { guests } from './guests.ts'
import type { Codec, Effect, Input, Link, Machine } from './machine.ts'
import { flush, mustWait, type Peer, unreadOf } from './peer.ts'
import type {
  Address,
  ClientTls,
  Connection,
  ConnectionHandler,
  Done,
  Listener,
  Millis,
  Place,
  Refusal,
  Timer,
  Tls,
  World,
} from './world.ts'

/** Where a machine listens. */
export interface Port<In, Out> {
  address: Place
  codec: () => Codec<In, Out>
  /** Connections that may stand at a time, in all and from one host; what comes beyond is closed at once. 0: any number. */
  maxConnections?: number
  maxConnectionsPerHost?: number
  /** Who came in and has more output than this waiting when one more message is sent is dropped: he does not read. */
  maxUnread?: number
  /** Who comes in through it is encrypted and may have a certificate. */
  tls?: Omit<Tls, 'refused'>
}

/** Where appended records go. */
export interface Log {
  append(record: Uint8Array): void
  /** `done` is called when all that was appended before the call is durable. One sync is asked for at a time. */
  sync(done: Done): void
}

/** What an operator may want to know; a program writes it to its own log. */
export type DriverEvent =
  /** `because`: it is TLS that refuses. */
  | { type: 'refused'; port: string; remote: Address; reason: string; because?: Refusal }
  | { type: 'dropped'; link: Link; port: string; remote: Address; reason: string }

export interface DriveOptions<In, Out, Request = never, Reply = never> {
  machine: Machine<In, Out, Request, Reply>
  /** The machine gets a tick at least this often. */
  tickEvery: Millis
  listen?: Record<string, Port<In, Out>>
  /** What links made by `dial` speak, by the name of their port. */
  dial?: Record<string, () => Codec<In, Out>>
  /** For links that are made by `dial`: with it they are encrypted. */
  dialTls?: ClientTls
  /** Without one, records are kept nowhere, and `appended` answers in the same turn. */
  log?: Log
  /** From a link that has more output than this waiting nothing is taken until it has left. */
  maxQueued?: number
  /** Called once: with the addresses bound, by the name of their port, or with the first reason why one was not. */
  ready?(result: { addresses: Record<string, Address> } | { error: Error; port: string }): void
  /** Takes what the machine tells the program. It must not throw; it may `submit`. */
  reply?(reply: Reply): void
  /** The log cannot be written: no promise can be kept any more, and no further step is taken. Without this, it is thrown. */
  failed?(error: Error): void
  report?(event: DriverEvent): void
}

export interface Driver<Request = never> {
  /** Hands the machine a request; it takes it in the next turn. Without effect after `stop`. */
  submit(request: Request): void
  /** No more steps from here on: ports and links are closed, what was sent still leaves. Then calls `done`. */
  stop(done?: () => void): void
}

/** Runs `machine` over `world` until `stop`. */
export function drive<In, Out, Request = never, Reply = never>(
  world: Pick<World, 'clock' | 'network'>,
  options: DriveOptions<In, Out, Request, Reply>,
): Driver<Request> {
  return new Loop(world, options)
}

const defaultMaxQueued = 1 << 20
/** Of a peer that has come in. Whom we have dialled, we know and want to hear from. */
const defaultMaxUnread = 64 << 20

/** How long `stop` waits for peers to take what was sent to them. */
const stopMillis = 500

class Loop<In, Out, Request, Reply> implements Driver<Request> {
  readonly #world: Pick<World, 'clock' | 'network'>
  readonly #options: DriveOptions<In, Out, Request, Reply>
  readonly #maxQueued: number

  readonly #listeners: Listener[] = []
  readonly #peers = new Map<Link, Peer<In, Out>>()
  /** Those that have not called `closed` yet. They may be more than the links: some are only on their way out. */
  readonly #connections = new Set<Connection>()
  readonly #guests = guests()
  #lastLink: Link = 0

  /** What arrived since the last turn; beside each input the link that it came from. */
  #inputs: Input<In, Request>[] = []
  #sources: (Peer<In, Out> | null)[] = []
  readonly #effects: Effect<Out, Reply>[] = []
  /** Links with output of this turn, and links to say goodbye to when it has been written. */
  readonly #writing: Peer<In, Out>[] = []
  readonly #leaving: Peer<In, Out>[] = []
  /** Links that may go on with what was held back. */
  #goingOn: Peer<In, Out>[] = []

  #now: Millis = Number.NEGATIVE_INFINITY
  #ticker: Timer
  #turnAsked = false
  #stopped = false

  #appended = 0
  #durable = 0
  #syncing = false

  constructor(world: Pick<World, 'clock' | 'network'>, options: DriveOptions<In, Out, Request, Reply>) {
    this.#world = world
    this.#options = options
    this.#maxQueued = options.maxQueued ?? defaultMaxQueued
    this.#ticker = world.clock.after(options.tickEvery, this.#onTicker)
    this.#askForTurn()
    this.#listen()
  }

  submit(request: Request): void {
    if (!this.#stopped) this.#add({ type: 'request', request }, null)
  }

  stop(done?: () => void): void {
    this.#stopped = true
    this.#ticker.cancel()
    for (const peer of this.#peers.values()) this.#release(peer)
    this.#write()
    let open = this.#listeners.length
    if (open === 0) this.#whenAllAreGone(done)
    for (const listener of this.#listeners) {
      listener.close(() => {
        if (--open === 0) this.#whenAllAreGone(done)
      })
    }
  }

  #whenAllAreGone(done: (() => void) | undefined): void {
    const started = this.#world.clock.now()
    const look = (): void => {
      if (this.#connections.size === 0) {
        done?.()
        return
      }
      if (this.#world.clock.now() - started >= stopMillis) {
        for (const connection of this.#connections) connection.destroy()
      }
      this.#world.clock.after(1, look)
    }
    look()
  }

  // A turn

  #add(input: Input<In, Request>, source: Peer<In, Out> | null): void {
    this.#inputs.push(input)
    this.#sources.push(source)
    this.#askForTurn()
  }

  #askForTurn(): void {
    if (this.#turnAsked) return
    this.#turnAsked = true
    this.#world.clock.soon(this.#turn)
  }

  readonly #onTicker = (): void => {
    this.#ticker = this.#world.clock.after(this.#options.tickEvery, this.#onTicker)
    this.#askForTurn()
  }

  readonly #turn = (): void => {
    this.#turnAsked = false
    if (this.#stopped) return
    this.#tick()
    const inputs = this.#inputs
    const sources = this.#sources
    this.#inputs = []
    this.#sources = []
    this.#goOn()
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!
      const source = sources[i]!
      if (source === null) this.#step(input)
      else if (source.held.length > 0 || mustWait(source, this.#maxQueued)) {
        source.held.push(input as Input<In, never>)
      } else this.#take(input, source)
    }
    this.#sync()
    this.#write()
  }

  #take(input: Input<In, Request>, source: Peer<In, Out>): void {
    // A link that the machine closed in this very turn is gone, whatever had arrived from it.
    if (source.state === 'closed') return
    this.#step(input)
    if (input.type === 'broken') this.#release(source)
  }

  /** What was held back comes before all that has arrived since. */
  #goOn(): void {
    const peers = this.#goingOn
    this.#goingOn = []
    for (const peer of peers) {
      let taken = 0
      while (taken < peer.held.length && !mustWait(peer, this.#maxQueued))
        this.#take(peer.held[taken++]!, peer)
      peer.held.splice(0, taken)
    }
  }

  #tick(): void {
    const now = Math.floor(this.#world.clock.now())
    if (now <= this.#now) return
    this.#now = now
    this.#step({ type: 'tick', now, wall: Math.floor(this.#world.clock.wall()) })
  }

  #step(input: Input<In, Request>): void {
    const effects = this.#effects
    this.#options.machine.step(input, effects)
    for (const effect of effects) this.#carryOut(effect)
    effects.length = 0
  }

  #carryOut(effect: Effect<Out, Reply>): void {
    switch (effect.type) {
      case 'send': {
        const peer = this.#peers.get(effect.link)
        // The machine may not know yet that the link broke.
        if (peer === undefined) return
        const most = peer.maxUnread
        if (peer.unwritten > most || (peer.isFull && unreadOf(peer) > most)) {
          this.#dropUnread(peer)
          return
        }
        if (peer.outgoing.length === 0) this.#writing.push(peer)
        const bytes = peer.codec.encode(effect.message)
        peer.unwritten += bytes.length
        peer.outgoing.push(bytes)
        return
      }
      case 'append':
        this.#appended++
        this.#options.log?.append(effect.record)
        return
      case 'close': {
        const peer = this.#peers.get(effect.link)
        if (peer !== undefined) this.#release(peer)
        return
      }
      case 'pause': {
        const peer = this.#peers.get(effect.link)
        if (peer === undefined || peer.isPaused) return
        peer.isPaused = true
        peer.connection.pause()
        return
      }
      case 'resume': {
        const peer = this.#peers.get(effect.link)
        if (peer === undefined || !peer.isPaused) return
        peer.isPaused = false
        this.#resume(peer)
        return
      }
      case 'dial':
        this.#dial(effect.port, effect.remote, effect.within)
        return
      case 'reply':
        this.#options.reply?.(effect.reply)
    }
  }

  /** One sync answers for every record appended before it; those that come meanwhile wait for the next. */
  #sync(): void {
    const { log } = this.#options
    if (log === undefined) {
      while (this.#durable < this.#appended) {
        this.#durable = this.#appended
        this.#step({ type: 'appended', count: this.#durable })
      }
      return
    }
    if (this.#syncing || this.#durable === this.#appended) return
    this.#syncing = true
    const count = this.#appended
    log.sync(error => {
      // A server that cannot write its log must not make another promise: it stops.
      if (error !== undefined) {
        this.#stopped = true
        if (this.#options.failed === undefined)
          throw new Error(`The log cannot be written: ${error.message}`, { cause: error })
        this.#options.failed(error)
        return
      }
      this.#syncing = false
      this.#durable = count
      this.#add({ type: 'appended', count }, null)
    })
  }

  /** Each link's output in one write; then the goodbyes. */
  #write(): void {
    for (const peer of this.#writing) {
      flush(peer, this.#maxQueued)
      if (peer.held.length > 0) this.#resume(peer)
    }
    this.#writing.length = 0
    for (const peer of this.#leaving) peer.connection.end()
    this.#leaving.length = 0
  }

  // Ports and links

  #listen(): void {
    const { listen = {}, ready } = this.#options
    const addresses: Record<string, Address> = {}
    const waiting = new Set(Object.keys(listen))
    if (waiting.size === 0) this.#world.clock.soon(() => ready?.({ addresses }))
    let failed = false
    for (const [name, port] of Object.entries(listen)) {
      const listener = this.#world.network.listen(
        port.address,
        connection => this.#accept(name, port, connection),
        result => {
          if (failed) return
          if ('error' in result) {
            failed = true
            ready?.({ error: result.error, port: name })
            return
          }
          addresses[name] = result.address
          waiting.delete(name)
          if (waiting.size === 0) ready?.({ addresses })
        },
        port.tls && {
          ...port.tls,
          refused: (remote, reason, because) =>
            this.#options.report?.({ type: 'refused', port: name, remote, reason, because }),
        },
      )
      this.#listeners.push(listener)
    }
  }

  #turnedAway(port: string, remote: Address, reason: string): void {
    this.#options.report?.({ type: 'refused', port, remote, reason })
  }

  #accept(name: string, port: Port<In, Out>, connection: Connection): ConnectionHandler {
    const { remote } = connection
    const reason = this.#stopped ? 'the server is stopping' : this.#guests.tooMany(name, port, remote.host)
    if (reason !== null) {
      this.#turnedAway(name, remote, reason)
      connection.destroy()
      return { data() {}, closed() {} }
    }
    this.#guests.count(name, remote.host, 1)
    const peer = this.#meet(name, remote.host, connection, port.codec(), port.maxUnread ?? defaultMaxUnread)
    return {
      data: chunk => this.#read(peer, chunk),
      drained: () => this.#drained(peer),
      closed: error => this.#closed(peer, error),
    }
  }

  #dial(port: string, remote: Address, within: Millis | undefined): void {
    const codec = this.#options.dial?.[port]
    assert(codec !== undefined, `a dialled port has a codec: ${port}`)
    let peer: Peer<In, Out> | null = null
    let late = false
    const timer =
      within === undefined
        ? null
        : this.#world.clock.after(within, () => {
            late = true
            connection.destroy()
          })
    const connection = this.#world.network.connect(
      remote,
      {
        opened: () => {
          timer?.cancel()
          if (this.#stopped) connection.destroy()
          else peer = this.#meet(port, null, connection, codec(), Number.POSITIVE_INFINITY)
        },
        data: chunk => {
          if (peer !== null) this.#read(peer, chunk)
        },
        drained: () => {
          if (peer !== null) this.#drained(peer)
        },
        closed: error => {
          if (peer !== null) return this.#closed(peer, error)
          timer?.cancel()
          this.#connections.delete(connection)
          const reason = late ? `no answer within ${within} ms` : (error?.message ?? 'closed')
          this.#add({ type: 'unreachable', port, remote, reason }, null)
        },
      },
      this.#options.dialTls,
    )
    this.#connections.add(connection)
  }

  /** A connection stands: from here on the machine knows it as a link. */
  #meet(
    port: string,
    host: string | null,
    connection: Connection,
    codec: Codec<In, Out>,
    maxUnread: number,
  ): Peer<In, Out> {
    const link = ++this.#lastLink
    const peer: Peer<In, Out> = {
      link,
      port,
      host,
      connection,
      codec,
      state: 'open',
      deliver: message => this.#add({ type: 'message', link, message }, peer),
      outgoing: [],
      unwritten: 0,
      isFull: false,
      isPaused: false,
      held: [],
      maxUnread,
    }
    this.#peers.set(link, peer)
    this.#connections.add(connection)
    const { remote, certificate } = connection
    const input = { type: 'connected', link, port, remote } as const
    this.#add(certificate === undefined ? input : { ...input, certificate }, peer)
    return peer
  }

  #read(peer: Peer<In, Out>, chunk: Uint8Array): void {
    if (peer.state !== 'open') return
    try {
      peer.codec.decode(chunk, peer.deliver)
    } catch (error) {
      if ((error as Error).name !== 'KeeperError') throw error
      const reason = (error as Error).message
      const { link, port, connection } = peer
      this.#options.report?.({ type: 'dropped', link, port, remote: connection.remote, reason })
      this.#break(peer, reason)
    }
  }

  #drained(peer: Peer<In, Out>): void {
    if (!peer.isFull) return
    peer.isFull = false
    this.#resume(peer)
  }

  /** Goes on with a link, if nothing else is in the way. */
  #resume(peer: Peer<In, Out>): void {
    if (peer.isFull || peer.isPaused) return
    if (peer.held.length > 0) {
      this.#goingOn.push(peer)
      this.#askForTurn()
    }
    peer.connection.resume()
  }

  #dropUnread(peer: Peer<In, Out>): void {
    if (peer.state !== 'open') return
    const { link, port, connection, maxUnread } = peer
    const reason = `it leaves ${unreadOf(peer)} bytes unread, where ${maxUnread} are allowed`
    this.#options.report?.({ type: 'dropped', link, port, remote: connection.remote, reason })
    this.#break(peer, reason)
    connection.destroy()
  }

  #closed(peer: Peer<In, Out>, error: Error | undefined): void {
    this.#connections.delete(peer.connection)
    if (peer.state === 'open') this.#break(peer, error?.message)
  }

  #break(peer: Peer<In, Out>, reason: string | undefined): void {
    peer.state = 'broken'
    // Whoever does not read any more is not waited for.
    peer.isFull = false
    if (peer.held.length > 0) this.#resume(peer)
    const { link } = peer
    this.#add(reason === undefined ? { type: 'broken', link } : { type: 'broken', link, reason }, peer)
  }

  /** The link is over for the machine; what it sent is still to be written. */
  #release(peer: Peer<In, Out>): void {
    peer.state = 'closed'
    this.#peers.delete(peer.link)
    this.#leaving.push(peer)
    if (peer.host !== null) this.#guests.count(peer.port, peer.host, -1)
  }
}
