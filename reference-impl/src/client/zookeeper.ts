/**
 * A ZooKeeper client as a program uses it: a promise for each operation, callbacks or `for await` for watches.
 *
 * Operations are sent in the order in which they were called, and answered in that order. An operation fails with a
 * KeeperError that has ZooKeeper's `code`. CONNECTIONLOSS means that nobody knows whether it happened; SESSIONEXPIRED
 * that this client is of no more use. Paths are below the chroot, if the client has one.
 * Source: Apache's ZooKeeper.
 */

import type { OutputArchive } from '../wire/archive.ts'
import { Code, KeeperError } from '../wire/errors.ts'
import { AddWatchMode, OpCode, WatcherType } from '../wire/opcodes.ts'
import * as records from '../wire/records.ts'
import type { Millis, World } from '../world/world.ts'
import { Calls, checkPath, endOf, isOver } from './calls.ts'
import { eventStream } from './event-stream.ts'
import { followConfig } from './follow-config.ts'
import type { ClientState, WatchKind } from './messages.ts'
import type {
  CallOptions,
  ConnectOptions,
  ReadOptions,
  Session,
  WatchEvent,
  WatchOptions,
  WriteOptions,
  ZooKeeperOptions,
} from './options.ts'
import { putReads, type Read, type ReadResult, type ReadResults, takeReads } from './reads.ts'
import { putMulti, type Transaction, takeMulti, transaction } from './transaction.ts'
import {
  anyVersion,
  type CreateOptions,
  type Data,
  opOf,
  putWrite,
  takeResult,
  type Write,
  type WriteResult,
} from './writes.ts'

export type {
  CallOptions,
  ClientState,
  ConnectOptions,
  CreateOptions,
  Data,
  Read,
  ReadOptions,
  ReadResult,
  ReadResults,
  Session,
  Transaction,
  WatchEvent,
  WatchOptions,
  WriteOptions,
  ZooKeeperOptions,
}
export type Stat = records.Stat
export type Acl = records.ACL

/** A client of `servers` (`host:port,host:port/chroot`). It begins to connect at once; operations wait until it has. */
export function zooKeeper(
  world: Pick<World, 'clock' | 'network' | 'random'>,
  servers: string,
  options: ZooKeeperOptions = {},
): ZooKeeper {
  const { followsConfig = false, tls } = options
  if (followsConfig && tls !== undefined) {
    throw new KeeperError(
      'BADARGUMENTS',
      'an ensemble tells only its ports without TLS: leave out followsConfig',
    )
  }
  const client = new ZooKeeper(world, servers, options)
  if (followsConfig) followConfig(client)
  return client
}

export class ZooKeeper implements AsyncDisposable {
  readonly #calls: Calls

  constructor(
    world: Pick<World, 'clock' | 'network' | 'random'>,
    servers: string,
    options: ZooKeeperOptions,
  ) {
    this.#calls = new Calls(world, servers, options)
  }

  // The session

  get state(): ClientState {
    return this.#calls.state
  }

  /** As agreed with the server; what was asked for, until there was one. */
  get timeout(): Millis {
    return this.#calls.timeout
  }

  /** What another client needs to go on with this session. Its id is 0 until a server has given one. */
  get session(): Session {
    return this.#calls.session
  }

  /** Calls `listener` at each change of state, until the function that it returns is called. */
  onState(listener: (state: ClientState) => void): () => void {
    return this.#calls.onState(listener)
  }

  /**
   * Resolves once there is a server. Rejects with a KeeperError when there will never be one; and with CONNECTIONLOSS when
   * there is none `within` the time given: that error says what went wrong last.
   */
  connected(options: ConnectOptions = {}): Promise<void> {
    return this.#calls.connected(options)
  }

  /** Why there is no server at the moment, as `zk1:2181: connect ECONNREFUSED`; null while there is one, and before the first is tried. */
  get trouble(): string | null {
    return this.#calls.trouble
  }

  /**
   * These are the servers from now on: `host:port,host:port`. Whether the client stays where it is, chance decides, so that
   * all clients that are told of the change come to an even load. When it goes, what is in flight fails with CONNECTIONLOSS.
   */
  updateServers(servers: string): void {
    this.#calls.moveTo(servers)
  }

  /** Ends the session: its ephemeral nodes go, and what is still waiting for an answer fails. */
  close(): Promise<void> {
    return this.#calls.close()
  }

  /** Leaves without a word: the session lives until its timeout, and another client may `resume` it. */
  abandon(): Promise<void> {
    return this.#calls.abandon()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Shows who we are, e.g. `addAuth('digest', 'user:password')`: now, and on every later connection. */
  addAuth(scheme: string, auth: Data): Promise<void> {
    return this.#calls.login(scheme, auth)
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
    const request = { path: this.#calls.full(path), acl: [...acl], version }
    const body = await this.#calls.ask(
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
      const put = (out: OutputArchive): void => putMulti(out, writes, path => this.#calls.full(path, true))
      const body = await this.#calls.ask(OpCode.multi, what, put, options)
      return takeMulti(body, writes, path => this.#calls.seen(path))
    })
  }

  async #write(write: Write, options: CallOptions): Promise<WriteResult> {
    this.#checkPath(write)
    const put = (out: OutputArchive): void => putWrite(out, write, this.#calls.full(write.path, true))
    const body = await this.#calls.ask(opOf(write), write.path, put, options)
    return takeResult(body, opOf(write), path => this.#calls.seen(path))
  }

  /** A sequential node may be named by its number alone: then its path ends in a slash. */
  #checkPath(write: Write): void {
    const isSequential = write.type === 'create' && write.options.sequential === true
    checkPath(isSequential ? `${write.path}0` : write.path)
  }

  // Reads

  /** Fails with NONODE where there is no node; then no watch is left either. */
  async get(path: string, options: ReadOptions = {}): Promise<{ data: Uint8Array | null; stat: Stat }> {
    const request = { path: this.#calls.full(path), watch: options.watch !== undefined }
    const put = (out: OutputArchive): void => records.writeGetDataRequest(out, request)
    return records.readGetDataResponse(await this.#calls.read('get', OpCode.getData, path, put, options))
  }

  /** null where there is no node; a watch then waits for it. */
  async exists(path: string, options: ReadOptions = {}): Promise<Stat | null> {
    const request = { path: this.#calls.full(path), watch: options.watch !== undefined }
    const put = (out: OutputArchive): void => records.writeExistsRequest(out, request)
    try {
      return records.readExistsResponse(await this.#calls.read('exists', OpCode.exists, path, put, options))
        .stat
    } catch (error) {
      if ((error as KeeperError).code === Code.NONODE) return null
      throw error
    }
  }

  /** The names of the children, sorted. */
  async children(path: string, options: ReadOptions = {}): Promise<{ children: string[]; stat: Stat }> {
    const request = { path: this.#calls.full(path), watch: options.watch !== undefined }
    const put = (out: OutputArchive): void => records.writeGetChildren2Request(out, request)
    const { children, stat } = records.readGetChildren2Response(
      await this.#calls.read('children', OpCode.getChildren2, path, put, options),
    )
    return { children: children.sort(), stat }
  }

  async getAcl(path: string, options: CallOptions = {}): Promise<{ acl: Acl[]; stat: Stat }> {
    const request = { path: this.#calls.full(path) }
    const body = await this.#calls.ask(
      OpCode.getACL,
      path,
      out => records.writeGetACLRequest(out, request),
      options,
    )
    return records.readGetACLResponse(body)
  }

  /** All nodes below, however deep. */
  async countDescendants(path: string, options: CallOptions = {}): Promise<number> {
    const request = { path: this.#calls.full(path) }
    const put = (out: OutputArchive): void => records.writeGetAllChildrenNumberRequest(out, request)
    return records.readGetAllChildrenNumberResponse(
      await this.#calls.ask(OpCode.getAllChildrenNumber, path, put, options),
    ).totalNumber
  }

  /** The ephemeral nodes of this session at and below a path, sorted. */
  async ephemerals(path = '/', options: CallOptions = {}): Promise<string[]> {
    const request = { prefixPath: this.#calls.full(path) }
    const put = (out: OutputArchive): void => records.writeGetEphemeralsRequest(out, request)
    const body = await this.#calls.ask(OpCode.getEphemerals, path, put, options)
    return records
      .readGetEphemeralsResponse(body)
      .ephemerals.map(each => this.#calls.seen(each))
      .sort()
  }

  /** Who this connection has proved to be. */
  async whoAmI(options: CallOptions = {}): Promise<records.ClientInfo[]> {
    const body = await this.#calls.ask(OpCode.whoAmI, '', () => {}, options)
    return records.readWhoAmIResponse(body).clientInfo
  }

  /** Waits until the server has seen all that was written anywhere before this call. */
  async sync(path = '/', options: CallOptions = {}): Promise<void> {
    const request = { path: this.#calls.full(path) }
    await this.#calls.ask(OpCode.sync, path, out => records.writeSyncRequest(out, request), options)
  }

  /**
   * Reads several nodes in one request: `multiRead([{ type: 'get', path: '/a' }, { type: 'children', path: '/b' }])`.
   * What cannot be read is an error among the results. Servers know it since 3.6.
   */
  async multiRead<const Reads extends readonly Read[]>(
    reads: Reads,
    options: CallOptions = {},
  ): Promise<ReadResults<Reads>> {
    const put = (out: OutputArchive): void => putReads(out, reads, path => this.#calls.full(path))
    const body = await this.#calls.ask(OpCode.multiRead, `of ${reads.length} reads`, put, options)
    return takeReads(body, reads) as ReadResults<Reads>
  }

  // The ensemble

  /** Its servers, as a text of lines `server.1=…`, and in its Stat the version of it. Empty where there is only one. */
  async config(options: ReadOptions = {}): Promise<{ data: Uint8Array | null; stat: Stat }> {
    const put = (out: OutputArchive): void =>
      records.writeGetDataRequest(out, { path: configPath, watch: options.watch !== undefined })
    return records.readGetDataResponse(
      await this.#calls.read('get', OpCode.getData, configPath, put, options, true),
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
    return records.readGetDataResponse(await this.#calls.ask(OpCode.reconfig, '', put, options))
  }

  // Watches

  /**
   * All changes of a node, from now on; with `recursive` of all that is below it, but then without the events of
   * children that came or went, which tell of themselves. Leaving the loop takes the watch away. What happens while no
   * server is connected is not told: whoever must know reads again when the state is `connected` once more.
   */
  watch(path: string, { recursive = false, signal }: WatchOptions = {}): AsyncIterableIterator<WatchEvent> {
    const full = this.#calls.full(path)
    const kind = recursive ? 'recursive' : 'persistent'
    const mode = recursive ? AddWatchMode.PERSISTENT_RECURSIVE : AddWatchMode.PERSISTENT
    const stream = eventStream<WatchEvent>(() => {
      stop()
      signal?.removeEventListener('abort', abort)
      this.#calls.forget(watcher)
      added.then(() => this.#leave(kind, full, watcher)).catch(() => {})
    })
    const abort = (): void => stream.end(signal!.reason)
    const stop = this.onState(state => {
      if (isOver(state)) stream.end(state === 'closed' ? undefined : endOf(state))
    })
    const watcher = this.#calls.watcher(event => {
      stream.push(event)
      if (event.type === 'PersistentWatchRemoved') stream.end()
    })
    const put = (out: OutputArchive): void => records.writeAddWatchRequest(out, { path: full, mode })
    const added = this.#calls.ask(OpCode.addWatch, path, put, { watch: { by: kind, path: full, watcher } })
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort)
    added.catch(error => stream.end(error))
    return stream.events
  }

  /**
   * Takes this client's watches off a path: all of them, or those of its data, of its list of children. Those who have
   * set them are told by a last event. Fails with NOWATCHER where there is none. With `local` it waits for no server: where
   * there is none at the moment, the watches are taken away here, and the next server never hears of them.
   */
  async removeWatches(
    path: string,
    {
      of = 'any',
      local = false,
      ...options
    }: CallOptions & { of?: 'any' | 'data' | 'children'; local?: boolean } = {},
  ): Promise<void> {
    const { type, kinds } = removable[of]
    const unwatch = { kinds, path: this.#calls.full(path) }
    const put = (out: OutputArchive): void =>
      records.writeRemoveWatchesRequest(out, { path: unwatch.path, type })
    try {
      if (!local || this.state !== 'connecting') {
        await this.#calls.ask(OpCode.removeWatches, path, put, { ...options, unwatch })
        return
      }
    } catch (error) {
      if (!local || (error as KeeperError).code !== Code.CONNECTIONLOSS) throw error
    }
    if (!this.#calls.unwatch(unwatch)) throw new KeeperError('NOWATCHER', `removeWatches ${path}`)
  }

  /** One watcher goes; the server is told when it was the last of its path. */
  async #leave(kind: 'persistent' | 'recursive', path: string, watcher: number): Promise<void> {
    if (!this.#calls.leaves(kind, path, watcher)) return
    const type = kind === 'recursive' ? WatcherType.PersistentRecursive : WatcherType.Persistent
    const put = (out: OutputArchive): void => records.writeRemoveWatchesRequest(out, { path, type })
    await this.#calls.ask(OpCode.removeWatches, path, put, {})
  }
}

/** Where the ensemble's own description is, whatever the chroot. */
const configPath = '/zookeeper/config'

const removable: Record<'any' | 'data' | 'children', { type: number; kinds: readonly WatchKind[] }> = {
  any: { type: WatcherType.Any, kinds: ['data', 'exist', 'child', 'persistent', 'recursive'] },
  data: { type: WatcherType.Data, kinds: ['data', 'exist'] },
  children: { type: WatcherType.Children, kinds: ['child'] },
}
