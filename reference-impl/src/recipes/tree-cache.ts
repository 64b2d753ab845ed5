/**
 * A copy of a part of the tree, kept up to date, for a program that reads often and must not ask each time. To read it
 * costs nothing and never waits. It shows what was true a moment ago; while `isCurrent` is false, what was true when the
 * connection was lost, or something between then and now. No node in it ever becomes older.
 *
 * It takes one watch of the server's, reads everything once, and again after each reconnect. The watch is that of
 * `addWatch`, so a server must be 3.6 or later. Up to 3.8 an ordinary watch that the same client sets on the root takes
 * its place (ZOOKEEPER-4466): there, give the cache a client of its own.
 * Source: Apache Curator's CuratorCache, TreeCache, PathChildrenCache and NodeCache.
 */
import { checkPath, endOf, isOver } from '../client/calls.ts'
import { eventStream } from '../client/event-stream.ts'
import type { CallOptions, ZooKeeper } from '../client/zookeeper.ts'
import { dequeue, emptyQueue, enqueue, type Queue } from '../lib/queue.ts'
import { Code, KeeperError } from '../wire/errors.ts'
import type { Zxid } from '../wire/zxid.ts'
import { childrenOf, newCache, step } from './cache.ts'
import type { CachedNode, CacheEffect, CacheInput, CacheState, Change } from './cache-messages.ts'

export type { CachedNode, Change }

/** A client, whose end is the cache's end; or a steady client, which has another one as `zk` when a session was lost. */
export type CacheClient = ZooKeeper | { readonly zk: ZooKeeper; onState(listener: () => void): () => void }

export interface CacheOptions extends CallOptions {
  /** How many levels below the path are held: all of them, if it is not said. */
  depth?: number
}

export interface FollowOptions {
  /** Leave out what is there already. It is told as `created` otherwise, so that what is told adds up to the cache. */
  skipPresent?: boolean
}

/** A path and all below it. Resolves when all was read; until then `signal` may give it up. */
export async function treeCache(
  client: CacheClient,
  path: string,
  { depth = Infinity, signal }: CacheOptions = {},
): Promise<TreeCache> {
  signal?.throwIfAborted()
  checkPath(path)
  const cache = new TreeCache(client, path, depth)
  try {
    await cache.ready({ ...(signal && { signal }) })
    return cache
  } catch (error) {
    await cache.close()
    throw error
  }
}

/** A node and its children, with their data. */
export function pathCache(client: CacheClient, path: string, options: CallOptions = {}): Promise<TreeCache> {
  return treeCache(client, path, { ...options, depth: 1 })
}

/** One node, whether it is there or not. */
export function nodeCache(client: CacheClient, path: string, options: CallOptions = {}): Promise<TreeCache> {
  return treeCache(client, path, { ...options, depth: 0 })
}

/** How many questions are under way at most, so that what the program itself asks need not wait behind a whole tree. */
const atOnce = 256

type Question = Extract<CacheEffect, { type: 'read' | 'list' }>

export class TreeCache implements AsyncDisposable, Iterable<CachedNode> {
  readonly #client: CacheClient
  readonly #cache: CacheState
  readonly #listeners = new Set<(change: Change) => void>()
  /** Who waits for the cache to be ready, or to end. */
  readonly #waiting = new Set<() => void>()
  readonly #unreadable = new Set<string>()
  readonly #unhookClient: () => void
  /** The client of the moment, its state when we last looked, and how not to hear of it any more. */
  #zk: ZooKeeper | null = null
  #seen: ZooKeeper['state'] = 'connecting'
  #unhook = (): void => {}
  /** Aborts the watch that stands, or is being set. */
  #watch: AbortController | null = null
  #questions: Queue<Question> = emptyQueue()
  #underWay = 0
  /** Answers count only on the connection on which they were asked for. */
  #connection = 0
  #isOver = false
  #failure: Error | null = null

  /** Begins to read at once; `treeCache` and the others wait until that is done. */
  constructor(client: CacheClient, path: string, depth: number) {
    this.#client = client
    this.#cache = newCache(path, depth)
    this.#unhookClient = 'zk' in client ? client.onState(() => this.#look()) : () => {}
    this.#look()
  }

  // What is in it

  /** null where there is no node, or none that this client may read. */
  get(path: string): CachedNode | null {
    return this.#cache.held.get(path)?.node ?? null
  }

  /** The names of the children, sorted. */
  children(path: string): string[] {
    return childrenOf(this.#cache, path)
  }

  get size(): number {
    return this.#cache.held.size
  }

  /** All nodes, parents before their children. */
  *[Symbol.iterator](): IterableIterator<CachedNode> {
    for (const { node } of this.#cache.held.values()) yield node
  }

  /** Is there a server, and has all been read since it is there? Then each change is on its way here. */
  get isCurrent(): boolean {
    return this.#cache.phase === 'current'
  }

  /** Paths that are there and not in the cache, because their ACL forbids this client to read them. */
  get unreadable(): ReadonlySet<string> {
    return this.#unreadable
  }

  /** Resolves once all has been read for the first time. Rejects when that will never be. */
  async ready({ signal }: CallOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    while (!this.#cache.isReady && !this.#isOver) {
      await new Promise<void>(resolve => {
        const wake = (): void => {
          this.#waiting.delete(wake)
          signal?.removeEventListener('abort', wake)
          resolve()
        }
        this.#waiting.add(wake)
        signal?.addEventListener('abort', wake)
      })
      signal?.throwIfAborted()
    }
    if (!this.#cache.isReady) throw this.#failure ?? endOf('closed')
  }

  // What happens to it

  /** Calls `listener` for what is there and then for each change, until the function that it returns is called. */
  onChange(listener: (change: Change) => void, { skipPresent = false }: FollowOptions = {}): () => void {
    const own = (change: Change): void => listener(change)
    if (!skipPresent) for (const node of this) tell(own, { type: 'created', path: node.path, node })
    if (!this.#isOver) this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /**
   * What is there and then each change, for as long as the loop goes on. It ends when the cache or its client is closed,
   * and fails when the session is lost for good.
   */
  changes({ signal, skipPresent = false }: CallOptions & FollowOptions = {}): AsyncIterableIterator<Change> {
    const stream = eventStream<Change>(() => {
      stop()
      this.#waiting.delete(end)
      signal?.removeEventListener('abort', abort)
    })
    const abort = (): void => stream.end(signal!.reason)
    const end = (): void => {
      if (this.#isOver) stream.end(this.#failure ?? undefined)
    }
    const stop = this.onChange(change => stream.push(change), { skipPresent })
    this.#waiting.add(end)
    signal?.addEventListener('abort', abort)
    if (signal?.aborted) abort()
    end()
    return stream.events
  }

  /** Lets go of the watch. What is held can still be read, and changes no more. */
  async close(): Promise<void> {
    this.#end(null)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #end(failure: Error | null): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#failure = failure
    this.#unhook()
    this.#unhookClient()
    this.#leave()
    this.#watch?.abort()
    for (const wake of [...this.#waiting]) wake()
    this.#listeners.clear()
  }

  // The connection

  /** Looks at the client: is it another one, is there a server? */
  #look(): void {
    if (this.#isOver) return
    const zk = 'zk' in this.#client ? this.#client.zk : this.#client
    if (zk !== this.#zk) {
      this.#leave()
      this.#unhook()
      this.#watch?.abort()
      this.#watch = null
      this.#zk = zk
      this.#seen = 'connecting'
      this.#unhook = zk.onState(() => this.#look())
    }
    if (zk.state === this.#seen) return
    this.#seen = zk.state
    this.#leave()
    if (zk.state === 'connected' || zk.state === 'read-only') this.#step({ type: 'connected' })
    else if (zk.state === 'closed') this.#end(null)
    // A steady client begins another session; nobody logs in for it.
    else if (isOver(zk.state) && !(zk.state === 'expired' && 'zk' in this.#client)) this.#end(endOf(zk.state))
  }

  #leave(): void {
    this.#connection++
    this.#questions = emptyQueue()
    this.#underWay = 0
    this.#unreadable.clear()
    this.#step({ type: 'disconnected' })
  }

  // The machine

  #step(input: CacheInput): void {
    const out: CacheEffect[] = []
    step(this.#cache, input, out)
    // Who comes while this is told finds it in what is present.
    const listeners = [...this.#listeners]
    for (const effect of out) {
      switch (effect.type) {
        case 'watch':
          if (this.#watch === null) void this.#follow()
          break
        case 'read':
        case 'list':
          enqueue(this.#questions, effect)
          break
        case 'sync':
          void this.#sync()
          break
        case 'tell':
          for (const each of listeners) if (this.#listeners.has(each)) tell(each, effect.change)
          break
        case 'ready':
          for (const wake of [...this.#waiting]) wake()
      }
    }
    this.#askOn()
  }

  #askOn(): void {
    while (this.#underWay < atOnce && !this.#isOver) {
      const question = dequeue(this.#questions)
      if (question === undefined) return
      this.#underWay++
      void this.#ask(question)
    }
  }

  async #ask(question: Question): Promise<void> {
    const connection = this.#connection
    const input = await this.#answer(question).catch((error: Error) => error)
    if (connection !== this.#connection) return
    this.#underWay--
    if ('message' in input) this.#failed(question, input as KeeperError)
    else this.#step(input)
  }

  /** What a node is like, be it that it is not there, or not for us. `zxid` is known when the answer is there. */
  async #answer({ type, path }: Question): Promise<CacheInput> {
    const zk = this.#zk!
    let zxid: Zxid = 0n
    const asOf = (at: Zxid): void => {
      zxid = at
    }
    try {
      const answer: CacheInput =
        type === 'read'
          ? { type, path, node: await zk.get(path, { asOf }), zxid }
          : { type: 'listed', path, names: (await zk.children(path, { asOf })).children, zxid }
      this.#unreadable.delete(path)
      return answer
    } catch (error) {
      const { code } = error as KeeperError
      if (code === Code.NOAUTH) this.#unreadable.add(path)
      else if (code === Code.NONODE) this.#unreadable.delete(path)
      else throw error
      if (type === 'read') return { type, path, zxid, node: null }
      return { type: 'listed', path, zxid, names: code === Code.NONODE ? null : [] }
    }
  }

  /** Neither an answer nor a no. Of a loss the client's state tells as well; a server with too much to do is asked again. */
  #failed(question: Question, error: KeeperError): void {
    if (isLoss(error)) return
    if (error.code !== Code.THROTTLEDOP) {
      this.#end(error)
      return
    }
    enqueue(this.#questions, question)
    this.#askOn()
  }

  /** A server that only reads refuses. When there are others again, it hangs up, and one of them will come. */
  async #sync(): Promise<void> {
    this.#questions = emptyQueue()
    const connection = this.#connection
    const zk = this.#zk!
    try {
      await zk.sync(this.#cache.root)
    } catch (error) {
      if ((error as KeeperError).code !== Code.THROTTLEDOP) return
      if (connection === this.#connection) void this.#sync()
      return
    }
    if (connection === this.#connection) this.#step({ type: 'synced' })
  }

  /** Sets the watch, before anything else is asked, and hands on what it tells for as long as it stands. */
  async #follow(): Promise<void> {
    const watch = new AbortController()
    this.#watch = watch
    const { root, depth } = this.#cache
    const options = { recursive: depth > 0, signal: watch.signal }
    try {
      for await (const { type, path, zxid } of this.#zk!.watch(root, options)) {
        if (watch.signal.aborted) return
        this.#step({ type: 'event', event: type, path, zxid })
      }
    } catch (error) {
      if (watch.signal.aborted) return
      const { code } = error as KeeperError
      if (!isLoss(error as KeeperError) && code !== Code.THROTTLEDOP) {
        this.#end(code === Code.UNIMPLEMENTED ? tooOld() : (error as Error))
        return
      }
    }
    // It was lost before it stood, or somebody has taken it away.
    this.#watch = null
    if (this.#cache.phase === 'away') return
    this.#leave()
    this.#step({ type: 'connected' })
  }
}

function tell(listener: (change: Change) => void, change: Change): void {
  try {
    listener(change)
  } catch (error) {
    // It is an error of the program, but none of the cache or of the other listeners.
    queueMicrotask(() => {
      throw error
    })
  }
}

function isLoss({ code }: KeeperError): boolean {
  return code === Code.CONNECTIONLOSS || code === Code.SESSIONEXPIRED || code === Code.AUTHFAILED
}

function tooOld(): KeeperError {
  return new KeeperError(
    'UNIMPLEMENTED',
    'the server knows no addWatch; a cache needs ZooKeeper 3.6 or later',
  )
}
