/**
 * What stands between a program's promises and the machine of a session: who waits for which answer, who watches, who
 * listens to changes of state. Paths come as the program knows them, below the chroot.
 */
import { pathFault } from '../state/paths.ts'
import type { InputArchive, OutputArchive } from '../wire/archive.ts'
import { JUTE_MAX_BUFFER } from '../wire/archive.ts'
import { Code, type CodeName, codeName, KeeperError } from '../wire/errors.ts'
import { frame, frameReader } from '../wire/frames.ts'
import { juteReader, juteWriter } from '../wire/jute.ts'
import { EventType, opName } from '../wire/opcodes.ts'
import type { Zxid } from '../wire/zxid.ts'
import { type Driver, drive } from '../world/driver.ts'
import type { Codec } from '../world/machine.ts'
import type { ClientTls, Clock, Millis, Timer, World } from '../world/world.ts'
import { parseServers, shuffled } from './hosts.ts'
import {
  type ClientMachineOptions,
  type ClientMachineState,
  newClientMachine,
  stepClient,
} from './machine.ts'
import type {
  Call,
  ClientReply,
  ClientState,
  ProgramRequest,
  WatchEvent as RawEvent,
  SessionState,
  Unwatch,
  Watch,
} from './messages.ts'
import type {
  CallOptions,
  ConnectOptions,
  ReadOptions,
  Session,
  WatchEvent,
  ZooKeeperOptions,
} from './options.ts'
import { wordPort } from './seeker.ts'
import { serverPort } from './session.ts'
import { leave, takeAway } from './watches.ts'
import { bytesOf, type Data } from './writes.ts'

const defaultTimeout = 30_000

const usualTls: ClientTls = { trusted: null, key: null, certificates: null, checksHost: true }

/** How closely the machine looks at the time: a timeout may be noticed this much late. */
const tickEvery = 50

interface Answer {
  err: Code
  zxid: Zxid
  body: InputArchive
}

interface AskOptions extends CallOptions {
  watch?: Watch
  asOf?: (zxid: Zxid) => void
  unwatch?: Unwatch
}

export class Calls {
  readonly #session: SessionState
  readonly #machine: ClientMachineState
  readonly #driver: Driver<ProgramRequest>
  readonly #clock: Clock
  readonly #chroot: string
  readonly #requestTimeout: Millis | undefined
  readonly #writer = juteWriter()
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #watchers = new Map<number, (event: WatchEvent) => void>()
  readonly #listeners = new Set<(state: ClientState) => void>()
  #lastId = 0
  #state: ClientState = 'connecting'
  #closed: Promise<void> | null = null

  constructor(
    world: Pick<World, 'clock' | 'network' | 'random'>,
    servers: string,
    options: ZooKeeperOptions,
  ) {
    const { hosts, chroot } = parseServers(servers)
    const { timeout = defaultTimeout, canBeReadOnly = false, maxBuffer = JUTE_MAX_BUFFER } = options
    this.#clock = world.clock
    this.#chroot = chroot
    this.#requestTimeout = options.requestTimeout || undefined
    const asked: ClientMachineOptions = {
      hosts: shuffled(hosts, world.random),
      timeout,
      canBeReadOnly,
      spread: world.random.below(1000) / 1000,
      random: world.random,
    }
    if (options.resume !== undefined) asked.resume = options.resume
    if (options.sasl !== undefined) asked.sasl = options.sasl
    const machine = newClientMachine(asked)
    this.#machine = machine
    this.#session = machine.session
    this.#driver = drive<Uint8Array, Uint8Array, ProgramRequest, ClientReply>(world, {
      machine: { step: (input, out) => stepClient(machine, input, out) },
      tickEvery,
      dial: { [serverPort]: () => serverCodec(maxBuffer), [wordPort]: () => textCodec },
      reply: reply => this.#told(reply),
      ...(options.tls === undefined ? {} : { dialTls: { ...usualTls, ...options.tls } }),
    })
    for (const { scheme, auth } of options.auth ?? []) void this.login(scheme, auth).catch(() => {})
  }

  // The session

  get state(): ClientState {
    return this.#state
  }

  get timeout(): Millis {
    return this.#session.timeout
  }

  get session(): Session {
    const { sessionId, passwd, lastZxid } = this.#session
    return { sessionId, passwd: passwd.slice(), lastZxid }
  }

  get trouble(): string | null {
    return this.#machine.trouble
  }

  moveTo(servers: string): void {
    const { hosts, chroot } = parseServers(servers)
    if (chroot !== '' && chroot !== this.#chroot) {
      throw new KeeperError(
        'BADARGUMENTS',
        `the chroot stays ${this.#chroot || '/'}: it cannot become ${chroot}`,
      )
    }
    this.#driver.submit({ type: 'servers', hosts })
  }

  onState(listener: (state: ClientState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async connected({ signal, within }: ConnectOptions): Promise<void> {
    signal?.throwIfAborted()
    if (isConnected(this.#state)) return
    if (isOver(this.#state)) throw endOf(this.#state)
    await new Promise<void>((resolve, reject) => {
      const stop = this.onState(state => {
        if (state === 'connecting') return
        settle()
        if (isConnected(state)) resolve()
        else reject(endOf(state))
      })
      const abort = (): void => {
        settle()
        reject(signal!.reason)
      }
      const timer = this.#after(within, () => {
        settle()
        reject(
          new KeeperError(
            'CONNECTIONLOSS',
            `no server within ${within} ms (${this.trouble ?? 'all are silent'})`,
          ),
        )
      })
      const settle = (): void => {
        stop()
        timer?.cancel()
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort)
    })
  }

  #after(millis: Millis | undefined, fire: () => void): Timer | null {
    return millis === undefined ? null : this.#clock.after(millis, fire)
  }

  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    await new Promise<void>(resolve => {
      const id = this.#expect(() => resolve())
      this.#driver.submit({ type: 'close', id })
    })
    await this.#stop()
  }

  abandon(): Promise<void> {
    this.#closed ??= this.#stop()
    return this.#closed
  }

  async #stop(): Promise<void> {
    await new Promise<void>(resolve => this.#driver.stop(resolve))
    const lost = { err: Code.CONNECTIONLOSS, zxid: 0n, body: juteReader(new Uint8Array(0)) }
    for (const answered of [...this.#waiting.values()]) answered(lost)
    if (!isOver(this.#state)) this.#changed('closed')
  }

  async login(scheme: string, auth: Data): Promise<void> {
    const answer = await new Promise<Answer>(resolve => {
      const id = this.#expect(resolve)
      this.#driver.submit({ type: 'login', id, scheme, auth: bytesOf(auth) ?? new Uint8Array(0) })
    })
    check(answer, `login with ${scheme}`)
  }

  // Calls and answers

  /** Asks for a read that may leave a watch. `isFull`: the path is the server's already. */
  async read(
    by: Watch['by'],
    op: number,
    path: string,
    put: (out: OutputArchive) => void,
    { watch, asOf, signal }: ReadOptions,
    isFull = false,
  ): Promise<InputArchive> {
    const options: AskOptions = {}
    if (signal !== undefined) options.signal = signal
    if (asOf !== undefined) options.asOf = asOf
    if (watch !== undefined) {
      const watcher = this.watcher(event => {
        this.#watchers.delete(watcher)
        watch(event)
      })
      options.watch = { by, path: isFull ? path : this.full(path), watcher }
    }
    return this.ask(op, path, put, options)
  }

  /** Resolves with the answer's record. Throws from here, so that the stack of an error shows who asked. */
  async ask(
    op: number,
    what: string,
    put: (out: OutputArchive) => void,
    { signal, watch, unwatch, asOf }: AskOptions,
  ): Promise<InputArchive> {
    signal?.throwIfAborted()
    this.#writer.reset()
    put(this.#writer)
    const body = this.#writer.bytes()
    const answer = await new Promise<Answer>((resolve, reject) => {
      const id = this.#expect(given => {
        settle()
        resolve(given)
      })
      const giveUp = (type: 'forget' | 'overdue', why: unknown): void => {
        settle()
        this.#waiting.delete(id)
        if (watch !== undefined) this.#watchers.delete(watch.watcher)
        this.#driver.submit({ type, id })
        reject(why)
      }
      const abort = (): void => giveUp('forget', signal!.reason)
      const timer = this.#after(this.#requestTimeout, () => {
        const late = `${opName(op)} ${what}: no answer within ${this.#requestTimeout} ms`
        giveUp('overdue', new KeeperError('REQUESTTIMEOUT', late))
      })
      const settle = (): void => {
        timer?.cancel()
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort)
      const call: Call = { type: 'call', id, op, body }
      if (watch !== undefined) call.watch = watch
      if (unwatch !== undefined) call.unwatch = unwatch
      this.#driver.submit(call)
    })
    const isExpected = watch?.by === 'exists' && answer.err === Code.NONODE
    if (watch !== undefined && answer.err !== Code.OK && !isExpected) this.#watchers.delete(watch.watcher)
    if (answer.zxid !== 0n) asOf?.(answer.zxid)
    check(answer, `${opName(op)} ${what}`.trimEnd())
    return answer.body
  }

  /** A number under which an answer is waited for. */
  #expect(answered: (answer: Answer) => void): number {
    const id = ++this.#lastId
    this.#waiting.set(id, answered)
    return id
  }

  #told(reply: ClientReply): void {
    switch (reply.type) {
      case 'answer': {
        const answered = this.#waiting.get(reply.id)
        this.#waiting.delete(reply.id)
        answered?.(reply)
        return
      }
      case 'event':
        this.#tell(reply.event, reply.watchers)
        return
      case 'state':
        this.#changed(reply.state)
    }
  }

  #changed(state: ClientState): void {
    this.#state = state
    // No server will tell them anything any more.
    if (isOver(state)) this.#watchers.clear()
    for (const listener of [...this.#listeners]) listener(state)
  }

  // Watchers

  /** The number of somebody who is to hear of events, until `forget`. */
  watcher(hear: (event: WatchEvent) => void): number {
    const watcher = ++this.#lastId
    this.#watchers.set(watcher, hear)
    return watcher
  }

  forget(watcher: number): void {
    this.#watchers.delete(watcher)
  }

  /** Takes a watcher off a path. Returns whether it was there and the last one, so that the server is to be told. */
  leaves(kind: 'persistent' | 'recursive', path: string, watcher: number): boolean {
    return leave(this.#session.watches, kind, path, watcher)
  }

  /** Takes watches away without a server. Returns whether there were any; who has set them is told. */
  unwatch(unwanted: Unwatch): boolean {
    const gone = takeAway(this.#session.watches, unwanted)
    for (const { event, watchers } of gone) this.#tell(event, watchers)
    return gone.length > 0
  }

  #tell(raw: RawEvent, watchers: readonly number[]): void {
    const event = this.#event(raw)
    for (const watcher of watchers) this.#watchers.get(watcher)?.(event)
  }

  #event({ type, path, zxid }: RawEvent): WatchEvent {
    return { type: eventNames.get(type) ?? 'None', path: this.seen(path), zxid }
  }

  // Paths

  /** The client's path as the server knows it. `isChecked`: somebody has looked at it before. */
  full(path: string, isChecked = false): string {
    if (!isChecked) checkPath(path)
    if (this.#chroot === '') return path
    return path === '/' ? this.#chroot : this.#chroot + path
  }

  /** The server's path as the client knows it. */
  seen(path: string): string {
    if (!path.startsWith(this.#chroot)) return path
    return path.slice(this.#chroot.length) || '/'
  }
}

/** Frames from and to a server. */
function serverCodec(maxBuffer: number): Codec<Uint8Array, Uint8Array> {
  const reader = frameReader(maxBuffer)
  return { decode: (chunk, deliver) => reader.push(chunk, deliver), encode: frame }
}

/** What has no frames. */
const textCodec: Codec<Uint8Array, Uint8Array> = {
  decode: (chunk, deliver) => deliver(chunk),
  encode: bytes => bytes,
}

function check({ err }: Answer, what: string): void {
  if (err !== Code.OK) throw new KeeperError(codeName(err) as CodeName, what)
}

/** Throws KeeperError BADARGUMENTS where a path is none. */
export function checkPath(path: string): void {
  const fault = pathFault(path)
  if (fault !== null) throw new KeeperError('BADARGUMENTS', `the path ${JSON.stringify(path)} ${fault}`)
}

function isConnected(state: ClientState): boolean {
  return state === 'connected' || state === 'read-only'
}

/** Will there never be a server again? */
export function isOver(state: ClientState): boolean {
  return state === 'expired' || state === 'auth failed' || state === 'closed'
}

/** Why there will never be a server again. */
export function endOf(state: ClientState): KeeperError {
  if (state === 'auth failed') return new KeeperError('AUTHFAILED', 'a login was refused')
  return new KeeperError(
    'SESSIONEXPIRED',
    state === 'closed' ? 'the client is closed' : 'the server has given it up',
  )
}

const eventNames = new Map(
  Object.entries(EventType).map(([name, type]) => [type as number, name as WatchEvent['type']]),
)
