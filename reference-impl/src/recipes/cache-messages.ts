/**
 * What passes between a cache and the world around it, and what a cache is made of. Plain data; `recipes/cache.ts` does
 * the work, `recipes/tree-cache.ts` asks the server and makes promises of it.
 */
import type { EventType } from '../wire/opcodes.ts'
import type { Stat } from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'

/**
 * A node as it was read. `stat` is as old as the data: no event tells that the number of children, cversion, pzxid or the
 * ACL have changed since.
 */
export interface CachedNode {
  readonly path: string
  readonly data: Uint8Array | null
  readonly stat: Stat
}

/** What listeners are told. Who begins with nothing and follows all of it holds what the cache holds. */
export type Change =
  /** The node above it, up to the root of the cache, is known. */
  | { type: 'created'; path: string; node: CachedNode }
  /** The data was set, perhaps to what it was, and perhaps more than once. */
  | { type: 'changed'; path: string; node: CachedNode; old: CachedNode }
  /** Nothing is left below it. */
  | { type: 'deleted'; path: string; old: CachedNode }

/**
 * What happens to a cache. Answers come in the order of the questions, events in the order of the changes; between an
 * answer and an event the order may be lost on the way. After `disconnected` nothing comes of what was before. The `zxid`
 * of an answer is the state of the tree that it comes from: that of the last change which the server knew.
 */
export type CacheInput =
  /** There is a server: the first, the same again, or another; the session may be a new one. */
  | { type: 'connected' }
  | { type: 'disconnected' }
  /** A watch has fired. `zxid` is the change that it tells of; -1 where the server does not say (before 3.9). */
  | { type: 'event'; event: keyof typeof EventType; path: string; zxid: Zxid }
  /** The answer to `read`; null where there is no node. */
  | { type: 'read'; path: string; zxid: Zxid; node: { data: Uint8Array | null; stat: Stat } | null }
  /** The answer to `list`; null where there is no node. */
  | { type: 'listed'; path: string; zxid: Zxid; names: readonly string[] | null }
  /** The answer to `sync`: nothing that was known anywhere before is unknown to this server. */
  | { type: 'synced' }

/** What a cache wants done, in this order. */
export type CacheEffect =
  /** Hear of all changes of the root, and, where the cache is deeper, of all below it. Harmless when that is so already. */
  | { type: 'watch' }
  /** Ask for a node's data. */
  | { type: 'read'; path: string }
  /** Ask for the names of a node's children. */
  | { type: 'list'; path: string }
  /** Let the server catch up with the others. One that only reads cannot; then nothing is to come of it. */
  | { type: 'sync' }
  | { type: 'tell'; change: Change }
  /** All that was there has been read. Once in the life of a cache. */
  | { type: 'ready' }

export interface CacheState {
  readonly root: string
  /** How many levels below the root are held: 0 for the root alone. */
  readonly depth: number
  /**
   * `away` while there is no server, or one that knows less than we do; `walking` while all is being read, from the root
   * down; `current` when that is done: then each change is on its way to us.
   */
  phase: 'away' | 'walking' | 'current'
  isReady: boolean
  /** Counts the walks. A node that was read in this one is right, or its event is on the way. */
  round: number
  /** The latest state that any answer was given from. What is held must not become older. */
  zxid: Zxid
  /** By path, parents before their children. */
  readonly held: Map<string, Held>
  /** Reads that have been asked for, and the last change that we have heard of since; null where there is none. */
  readonly reading: Map<string, Zxid | null>
  /** What this walk has still to hear of: nodes to be read, and nodes whose children are to be listed. */
  readonly toWalk: Set<string>
}

export interface Held {
  node: CachedNode
  /** The walk in which it was read last. */
  round: number
  /** The names of the children that are held. */
  readonly children: Set<string>
}
