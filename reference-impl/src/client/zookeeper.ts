/**
 * A ZooKeeper client as a program uses it: a promise for each operation, callbacks or `for await` for watches.
 *
 * Operations are sent in the order in which they were called, and answered in that order. An operation fails with a
 * KeeperError that has ZooKeeper's `code`. CONNECTIONLOSS means that nobody knows whether it happened; SESSIONEXPIRED
 * that this client is of no more use. Paths are below the chroot, if the client has one.
 * Source: Apache's ZooKeeper.
 */

import { pathFault } from '../state/paths.ts'
import type { InputArchive, OutputArchive } from '../wire/archive.ts'
import { JUTE_MAX_BUFFER } from '../wire/archive.ts'
import { Code, type CodeName, codeName, KeeperError } from '../wire/errors.ts'
import { frame, frameReader } from '../wire/frames.ts'
import { juteReader, juteWriter } from '../wire/jute.ts'
import { AddWatchMode, EventType, OpCode, opName, WatcherType } from '../wire/opcodes.ts'
import * as records from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'
import { type Codec, type Driver, drive } from '../world/driver.ts'
import type { ClientTls, Millis, World } from '../world/world.ts'
import { eventStream } from './event-stream.ts'
import { parseServers, shuffled } from './hosts.ts'
import type {
  Call,
  ClientReply,
  ClientRequest,
  ClientState,
  WatchEvent as RawEvent,
  SessionOptions,
  SessionState,
  Unwatch,
  Watch,
  WatchKind,
} from './messages.ts'
import { newSession, serverPort, step } from './session.ts'
import { putMulti, type Transaction, takeMulti, transaction } from './transaction.ts'
import { leave } from './watches.ts'
import {
  anyVersion,
  bytesOf,
  type CreateOptions,
  type Data,
  opOf,
  putWrite,
  takeResult,
  type Write,
  type WriteResult,
} from './writes.ts'

export type { ClientState, CreateOptions, Data, Transaction }
export type Stat = records.Stat
export type Acl = records.ACL

export interface ZooKeeperOptions {
  /** The session timeout to ask for; the server may agree to another. */
  timeout?: Millis
  /** Would a server do that has no quorum, and only reads? */
  canBeReadOnly?: boolean
  /** A session to go on with: `session` of an earlier client. */
  resume?: Session
  /** Logins to make on every connection, before anything else. */
  auth?: readonly { scheme: string; auth: Data }[]
  /** Connect with TLS: to the servers' secureClientPort. */
  tls?: Partial<ClientTls>
  /** The longest message from a server, in bytes (`jute.maxbuffer`). */
  maxBuffer?: number
}

/** What another client needs to take a session over. */
export interface Session {
  sessionId: bigint
  passwd: Uint8Array
  lastZxid: Zxid
}

export interface CallOptions {
  /** Gives the call up: if it has not been sent by then, it never will be; if it has, it may still happen. */
  signal?: AbortSignal
}

export interface ReadOptions extends CallOptions {
  /** Called once, when what was read is no longer true. */
  watch?: (event: WatchEvent) => void
}

export interface WriteOptions extends CallOptions {
  /** Only if the node has this version. */
  version?: number
}

export interface WatchEvent {
  type: keyof typeof EventType
  path: string
  /** The change that fired it; -1 where the server does not say (before 3.9). */
  zxid: Zxid
}

export interface WatchOptions {
  /** All that is below the path, too. */
  recursive?: boolean
  signal?: AbortSignal
}

const defaultTimeout = 30_000

const usualTls: ClientTls = { trusted: null, key: null, certificates: null, checksHost: true }

/** How closely the machine looks at the time: a timeout may be noticed this much late. */
const tickEvery = 50

/** A client of `servers` (`host:port,host:port/chroot`). It begins to connect at once; operations wait until it has. */
export function zooKeeper(
  world: Pick<World, 'clock' | 'network' | 'random'>,
  servers: string,
  options: ZooKeeperOptions = {},
): ZooKeeper {
  return new ZooKeeper(world, servers, options)
}

/** A call that has not been answered. */
interface Waiting {
  answered(answer: Answer): void
}

interface Answer {
  err: Code
  body: InputArchive
}

export class ZooKeeper implements AsyncDisposable {
  readonly #session: SessionState
  readonly #driver: Driver<ClientRequest>
  readonly #chroot: string
  readonly #writer = juteWriter()
  readonly #waiting = new Map<number, Waiting>()
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
    this.#chroot = chroot
    const asked: SessionOptions = {
      hosts: shuffled(hosts, world.random),
      timeout,
      canBeReadOnly,
      spread: world.random.below(1000) / 1000,
    }
    if (options.resume !== undefined) asked.resume = options.resume
    this.#session = newSession(asked)
    this.#driver = drive<Uint8Array, Uint8Array, ClientRequest, ClientReply>(world, {
      machine: { step: (input, out) => step(this.#session, input, out) },
      tickEvery,
      dial: { [serverPort]: () => serverCodec(maxBuffer) },
      reply: reply => this.#told(reply),
      ...(options.tls === undefined ? {} : { dialTls: { ...usualTls, ...options.tls } }),
    })
    for (const { scheme, auth } of options.auth ?? []) void this.addAuth(scheme, auth).catch(() => {})
  }

  // The session

  get state(): ClientState {
    return this.#state
  }

  /** As agreed with the server; what was asked for, until there was one. */
  get timeout(): Millis {
    return this.#session.timeout
  }

  /** What another client needs to go on with this session. Its id is 0 until a server has given one. */
  get session(): Session {
    const { sessionId, passwd, lastZxid } = this.#session
    return { sessionId, passwd: passwd.slice(), lastZxid }
  }

  /** Calls `listener` at each change of state, until the function that it returns is called. */
  onState(listener: (state: ClientState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves once there is a server. Rejects with a KeeperError when there will never be one. */
  async connected({ signal }: CallOptions = {}): Promise<void> {
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
      const settle = (): void => {
        stop()
        signal?.removeEventListener('abort', abort)
      }
      signal?.addEventListener('abort', abort)
    })
  }

  /** Ends the session: its ephemeral nodes go, and what is still waiting for an answer fails. */
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

  /** Leaves without a word: the session lives until its timeout, and another client may `resume` it. */
  abandon(): Promise<void> {
    this.#closed ??= this.#stop()
    return this.#closed
  }

  async #stop(): Promise<void> {
    await new Promise<void>(resolve => this.#driver.stop(resolve))
    const lost = { err: Code.CONNECTIONLOSS, body: juteReader(new Uint8Array(0)) }
    for (const { answered } of [...this.#waiting.values()]) answered(lost)
    if (!isOver(this.#state)) this.#changed('closed')
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Shows who we are, e.g. `addAuth('digest', 'user:password')`: now, and on every later connection. */
  async addAuth(scheme: string, auth: Data): Promise<void> {
    const answer = await new Promise<Answer>(resolve => {
      const id = this.#expect(resolve)
      this.#driver.submit({ type: 'login', id, scheme, auth: bytesOf(auth) ?? new Uint8Array(0) })
    })
    check(answer, `login with ${scheme}`)
  }

  // Writes

  /** Makes a node. Returns the path that it got, which has ten more digits if it is `sequential`. */
  async create(
    path: string,
    data: Data = null,
    options: CreateOptions & CallOptions = {},
  ): Promise<{ path: string; stat: Stat }> {
    const result = await this.#write({ type: 'create', path, data, options }, options)
    const { path: made, stat } = result as WriteResult & { type: 'create' }
    return { path: made, stat: stat! }
  }

  async set(path: string, data: Data, options: WriteOptions = {}): Promise<Stat> {
    const { version = anyVersion } = options
    const result = await this.#write({ type: 'set', path, data, version }, options)
    return (result as WriteResult & { type: 'set' }).stat
  }

  /** Fails with NOTEMPTY where the node has children. */
  async delete(path: string, options: WriteOptions = {}): Promise<void> {
    const { version = anyVersion } = options
    await this.#write({ type: 'delete', path, version }, options)
  }

  async setAcl(path: string, acl: readonly Acl[], options: WriteOptions = {}): Promise<Stat> {
    const { version = anyVersion } = options
    const request = { path: this.#full(path), acl: [...acl], version }
    const body = await this.#ask(
      OpCode.setACL,
      path,
      out => records.writeSetACLRequest(out, request),
      options,
    )
    return records.readSetACLResponse(body).stat
  }

  /** Several writes that happen together or not at all. */
  transaction(options: CallOptions = {}): Transaction {
    return transaction(async writes => {
      for (const write of writes) this.#checkPath(write)
      const what = `of ${writes.length} writes`
      const put = (out: OutputArchive): void => putMulti(out, writes, path => this.#full(path, true))
      const body = await this.#ask(OpCode.multi, what, put, options)
      return takeMulti(body, writes, path => this.#seen(path))
    })
  }

  async #write(write: Write, options: CallOptions): Promise<WriteResult> {
    this.#checkPath(write)
    const put = (out: OutputArchive): void => putWrite(out, write, this.#full(write.path, true))
    const body = await this.#ask(opOf(write), write.path, put, options)
    return takeResult(body, opOf(write), path => this.#seen(path))
  }

  /** A sequential node may be named by its number alone: then its path ends in a slash. */
  #checkPath(write: Write): void {
    const isSequential = write.type === 'create' && write.options.sequential === true
    checkPath(isSequential ? `${write.path}0` : write.path)
  }

  // Reads

  /** Fails with NONODE where there is no node; then no watch is left either. */
  async get(path: string, options: ReadOptions = {}): Promise<{ data: Uint8Array | null; stat: Stat }> {
    const request = { path: this.#full(path), watch: options.watch !== undefined }
    const put = (out: OutputArchive): void => records.writeGetDataRequest(out, request)
    return records.readGetDataResponse(await this.#read('get', OpCode.getData, path, put, options))
  }

  /** null where there is no node; a watch then waits for it. */
  async exists(path: string, options: ReadOptions = {}): Promise<Stat | null> {
    const request = { path: this.#full(path), watch: options.watch !== undefined }
    const put = (out: OutputArchive): void => records.writeExistsRequest(out, request)
    try {
      return records.readExistsResponse(await this.#read('exists', OpCode.exists, path, put, options)).stat
    } catch (error) {
      if ((error as KeeperError).code === Code.NONODE) return null
      throw error
    }
  }

  /** The names of the children, sorted. */
  async children(path: string, options: ReadOptions = {}): Promise<{ children: string[]; stat: Stat }> {
    const request = { path: this.#full(path), watch: options.watch !== undefined }
    const put = (out: OutputArchive): void => records.writeGetChildren2Request(out, request)
    const { children, stat } = records.readGetChildren2Response(
      await this.#read('children', OpCode.getChildren2, path, put, options),
    )
    return { children: children.sort(), stat }
  }

  async getAcl(path: string, options: CallOptions = {}): Promise<{ acl: Acl[]; stat: Stat }> {
    const request = { path: this.#full(path) }
    const body = await this.#ask(
      OpCode.getACL,
      path,
      out => records.writeGetACLRequest(out, request),
      options,
    )
    return records.readGetACLResponse(body)
  }

  /** All nodes below, however deep. */
  async countDescendants(path: string, options: CallOptions = {}): Promise<number> {
    const request = { path: this.#full(path) }
    const put = (out: OutputArchive): void => records.writeGetAllChildrenNumberRequest(out, request)
    return records.readGetAllChildrenNumberResponse(
      await this.#ask(OpCode.getAllChildrenNumber, path, put, options),
    ).totalNumber
  }

  /** The ephemeral nodes of this session at and below a path, sorted. */
  async ephemerals(path = '/', options: CallOptions = {}): Promise<string[]> {
    const request = { prefixPath: this.#full(path) }
    const put = (out: OutputArchive): void => records.writeGetEphemeralsRequest(out, request)
    const body = await this.#ask(OpCode.getEphemerals, path, put, options)
    return records
      .readGetEphemeralsResponse(body)
      .ephemerals.map(each => this.#seen(each))
      .sort()
  }

  /** Who this connection has proved to be. */
  async whoAmI(options: CallOptions = {}): Promise<records.ClientInfo[]> {
    const body = await this.#ask(OpCode.whoAmI, '', () => {}, options)
    return records.readWhoAmIResponse(body).clientInfo
  }

  /** Waits until the server has seen all that was written anywhere before this call. */
  async sync(path = '/', options: CallOptions = {}): Promise<void> {
    const request = { path: this.#full(path) }
    await this.#ask(OpCode.sync, path, out => records.writeSyncRequest(out, request), options)
  }

  // The ensemble

  /** Its servers, as a text of lines `server.1=…`, and in its Stat the version of it. Empty where there is only one. */
  async config(options: ReadOptions = {}): Promise<{ data: Uint8Array | null; stat: Stat }> {
    const put = (out: OutputArchive): void =>
      records.writeGetDataRequest(out, { path: configPath, watch: options.watch !== undefined })
    return records.readGetDataResponse(
      await this.#read('get', OpCode.getData, configPath, put, options, true),
    )
  }

  /** Changes which servers there are: some join and some leave, or `members` are all there is. Returns the new config. */
  async reconfig(
    change: { joining?: string; leaving?: string; members?: string; fromVersion?: bigint },
    options: CallOptions = {},
  ): Promise<{ data: Uint8Array | null; stat: Stat }> {
    const put = (out: OutputArchive): void =>
      records.writeReconfigRequest(out, {
        joiningServers: change.joining ?? null,
        leavingServers: change.leaving ?? null,
        newMembers: change.members ?? null,
        curConfigId: change.fromVersion ?? -1n,
      })
    return records.readGetDataResponse(await this.#ask(OpCode.reconfig, '', put, options))
  }

  // Watches

  /**
   * All changes of a node, from now on; with `recursive` of all that is below it, but then without the events of
   * children that came or went, which tell of themselves. Leaving the loop takes the watch away. What happens while no
   * server is connected is not told: whoever must know reads again when the state is `connected` once more.
   */
  watch(path: string, { recursive = false, signal }: WatchOptions = {}): AsyncIterableIterator<WatchEvent> {
    const watcher = ++this.#lastId
    const full = this.#full(path)
    const kind = recursive ? 'recursive' : 'persistent'
    const mode = recursive ? AddWatchMode.PERSISTENT_RECURSIVE : AddWatchMode.PERSISTENT
    const put = (out: OutputArchive): void => records.writeAddWatchRequest(out, { path: full, mode })
    const added = this.#ask(OpCode.addWatch, path, put, { watch: { by: kind, path: full, watcher } })
    const stream = eventStream<WatchEvent>(() => {
      stop()
      signal?.removeEventListener('abort', abort)
      this.#watchers.delete(watcher)
      added.then(() => this.#leave(kind, full, watcher)).catch(() => {})
    })
    const abort = (): void => stream.end(signal!.reason)
    const stop = this.onState(state => {
      if (isOver(state)) stream.end(state === 'closed' ? undefined : endOf(state))
    })
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    this.#watchers.set(watcher, event => {
      stream.push(event)
      if (event.type === 'PersistentWatchRemoved') stream.end()
    })
    added.catch(error => stream.end(error))
    return stream.events
  }

  /**
   * Takes this client's watches off a path: all of them, or those of its data, of its list of children. Those who have
   * set them are told by a last event. Fails with NOWATCHER where there is none.
   */
  async removeWatches(
    path: string,
    { of = 'any', ...options }: CallOptions & { of?: 'any' | 'data' | 'children' } = {},
  ): Promise<void> {
    const full = this.#full(path)
    const { type, kinds } = removable[of]
    const put = (out: OutputArchive): void => records.writeRemoveWatchesRequest(out, { path: full, type })
    await this.#ask(OpCode.removeWatches, path, put, { ...options, unwatch: { kinds, path: full } })
  }

  /** One watcher goes; the server is told when it was the last of its path. */
  async #leave(kind: 'persistent' | 'recursive', path: string, watcher: number): Promise<void> {
    if (!leave(this.#session.watches, kind, path, watcher)) return
    const type = kind === 'recursive' ? WatcherType.PersistentRecursive : WatcherType.Persistent
    const put = (out: OutputArchive): void => records.writeRemoveWatchesRequest(out, { path, type })
    await this.#ask(OpCode.removeWatches, path, put, {})
  }

  // Calls and answers

  async #read(
    by: Watch['by'],
    op: number,
    path: string,
    put: (out: OutputArchive) => void,
    { watch, signal }: ReadOptions,
    isFull = false,
  ): Promise<InputArchive> {
    const options: AskOptions = {}
    if (signal !== undefined) options.signal = signal
    if (watch !== undefined) {
      const watcher = ++this.#lastId
      this.#watchers.set(watcher, event => {
        this.#watchers.delete(watcher)
        watch(event)
      })
      options.watch = { by, path: isFull ? path : this.#full(path), watcher }
    }
    return this.#ask(op, path, put, options)
  }

  /** Throws from here, so that the stack of an error shows who asked. */
  async #ask(
    op: number,
    what: string,
    put: (out: OutputArchive) => void,
    { signal, watch, unwatch }: AskOptions,
  ): Promise<InputArchive> {
    signal?.throwIfAborted()
    this.#writer.reset()
    put(this.#writer)
    const body = this.#writer.bytes()
    const answer = await new Promise<Answer>((resolve, reject) => {
      const id = this.#expect(given => {
        signal?.removeEventListener('abort', abort)
        resolve(given)
      })
      const abort = (): void => {
        this.#waiting.delete(id)
        this.#driver.submit({ type: 'forget', id })
        reject(signal!.reason)
      }
      signal?.addEventListener('abort', abort)
      const call: Call = { type: 'call', id, op, body }
      if (watch !== undefined) call.watch = watch
      if (unwatch !== undefined) call.unwatch = unwatch
      this.#driver.submit(call)
    })
    const isExpected = watch?.by === 'exists' && answer.err === Code.NONODE
    if (watch !== undefined && answer.err !== Code.OK && !isExpected) this.#watchers.delete(watch.watcher)
    check(answer, `${opName(op)} ${what}`)
    return answer.body
  }

  /** A number under which an answer is waited for. */
  #expect(answered: (answer: Answer) => void): number {
    const id = ++this.#lastId
    this.#waiting.set(id, { answered })
    return id
  }

  #told(reply: ClientReply): void {
    switch (reply.type) {
      case 'answer': {
        const waiting = this.#waiting.get(reply.id)
        this.#waiting.delete(reply.id)
        waiting?.answered(reply)
        return
      }
      case 'event': {
        const event = this.#event(reply.event)
        for (const watcher of reply.watchers) this.#watchers.get(watcher)?.(event)
        return
      }
      case 'state':
        this.#changed(reply.state)
    }
  }

  #changed(state: ClientState): void {
    this.#state = state
    for (const listener of [...this.#listeners]) listener(state)
  }

  #event({ type, path, zxid }: RawEvent): WatchEvent {
    return { type: eventName(type), path: this.#seen(path), zxid }
  }

  // Paths

  /** The client's path as the server knows it. `isChecked`: somebody has looked at it before. */
  #full(path: string, isChecked = false): string {
    if (!isChecked) checkPath(path)
    if (this.#chroot === '') return path
    return path === '/' ? this.#chroot : this.#chroot + path
  }

  /** The server's path as the client knows it. */
  #seen(path: string): string {
    if (!path.startsWith(this.#chroot)) return path
    return path.slice(this.#chroot.length) || '/'
  }
}

/** Where the ensemble's own description is, whatever the chroot. */
const configPath = '/zookeeper/config'

const removable: Record<'any' | 'data' | 'children', { type: number; kinds: readonly WatchKind[] }> = {
  any: { type: WatcherType.Any, kinds: ['data', 'exist', 'child', 'persistent', 'recursive'] },
  data: { type: WatcherType.Data, kinds: ['data', 'exist'] },
  children: { type: WatcherType.Children, kinds: ['child'] },
}

interface AskOptions extends CallOptions {
  watch?: Watch
  unwatch?: Unwatch
}

/** Frames from and to a server. */
function serverCodec(maxBuffer: number): Codec<Uint8Array, Uint8Array> {
  const reader = frameReader(maxBuffer)
  return { decode: (chunk, deliver) => reader.push(chunk, deliver), encode: frame }
}

function check({ err }: Answer, what: string): void {
  if (err !== Code.OK) throw new KeeperError(codeName(err) as CodeName, what)
}

function checkPath(path: string): void {
  const fault = pathFault(path)
  if (fault !== null) throw new KeeperError('BADARGUMENTS', `the path ${JSON.stringify(path)} ${fault}`)
}

function isConnected(state: ClientState): boolean {
  return state === 'connected' || state === 'read-only'
}

function isOver(state: ClientState): boolean {
  return state === 'expired' || state === 'auth failed' || state === 'closed'
}

function endOf(state: ClientState): KeeperError {
  if (state === 'auth failed') return new KeeperError('AUTHFAILED', 'a login was refused')
  return new KeeperError(
    'SESSIONEXPIRED',
    state === 'closed' ? 'the client is closed' : 'the server has given it up',
  )
}

function eventName(type: number): WatchEvent['type'] {
  return eventNames.get(type) ?? 'None'
}

const eventNames = new Map(
  Object.entries(EventType).map(([name, type]) => [type as number, name as WatchEvent['type']]),
)
