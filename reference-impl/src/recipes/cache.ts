/**
 * A copy of a part of the tree that is right again after every loss. A watch tells that something has happened and never
 * what; so each event is answered by reading, and what was read is the only thing that is believed.
 *
 * A watch that covers all that is below stays when it fires, but hears nothing while there is no connection. So
 * whenever there is one again the whole tree is read, and what has gone meanwhile is found by its absence from its
 * parent's list. The watch comes first: what changes behind the reader's back is told by an event.
 *
 * A node alone, a node with its children, and a whole tree are one machine with three depths. It has no socket and no
 * clock, and `step` is all that ever happens to it.
 * Source: Apache Curator's CuratorCache, TreeCache, PathChildrenCache and NodeCache.
 */
import { childOf } from '../client/trees.ts'
import { nameOf, parentOf } from '../state/paths.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { CachedNode, CacheEffect, CacheInput, CacheState } from './cache-messages.ts'

type Event = Extract<CacheInput, { type: 'event' }>
type Answer = Extract<CacheInput, { type: 'read' }>
type List = Extract<CacheInput, { type: 'listed' }>

/** A cache of `root` and `depth` levels below it. */
export function newCache(root: string, depth: number): CacheState {
  return {
    root,
    depth,
    phase: 'away',
    isReady: false,
    round: 0,
    zxid: 0n,
    held: new Map(),
    reading: new Map(),
    toWalk: new Set(),
  }
}

export function step(cache: CacheState, input: CacheInput, out: CacheEffect[]): void {
  switch (input.type) {
    case 'connected':
      begin(cache, out)
      return
    case 'disconnected':
      leave(cache)
      return
    case 'event':
      hear(cache, input, out)
      return
    case 'read':
      take(cache, input, out)
      return
    case 'listed':
      takeList(cache, input, out)
      return
    case 'synced':
      // There is no newer state anywhere. If ours still looks newer, the ensemble was set back to an old one.
      cache.zxid = 0n
      begin(cache, out)
  }
}

/** The children that are held, sorted. */
export function childrenOf(cache: CacheState, path: string): string[] {
  return [...(cache.held.get(path)?.children ?? [])].sort()
}

// Connections

/** A walk begins: hear of all that changes from now on, then read everything, from the root down. */
function begin(cache: CacheState, out: CacheEffect[]): void {
  // #region lab 13: E. begin a walk
  cache.phase = 'walking'
  cache.round++
  cache.toWalk.add(cache.root)
  out.push({ type: 'watch' })
  ask(cache, cache.root, out)
  // #endregion
}

/** What is held stays, and is as old as it is. What was asked for will not be answered. */
function leave(cache: CacheState): void {
  // #region lab 13: E. expect nothing any more
  cache.phase = 'away'
  cache.reading.clear()
  cache.toWalk.clear()
  // #endregion
}

/**
 * Is this answer older than what is held? In one session no server lets that happen, but a new session may begin on a
 * server that is behind. What it says is not believed until it has caught up; if it cannot, another one will come.
 */
function isBehind(cache: CacheState, zxid: Zxid, out: CacheEffect[]): boolean {
  // #region lab 13: E. believe no answer that is older than what is held
  if (zxid >= cache.zxid) {
    cache.zxid = zxid
    return false
  }
  leave(cache)
  out.push({ type: 'sync' })
  return true
  // #endregion
}

// Events

/**
 * Something has happened to a node: it is to be read, unless what is held shows that already. While it is being read, the
 * answer may come from before; then it will be asked for once more.
 */
function hear(cache: CacheState, { event, path, zxid }: Event, out: CacheEffect[]): void {
  if (cache.phase === 'away' || event === 'NodeChildrenChanged' || !isCovered(cache, path)) return
  // #region lab 13: F. ask, or remember what was told while the node is being read
  if (cache.reading.has(path)) cache.reading.set(path, zxid)
  else if (!shows(cache.held.get(path)?.node ?? null, zxid)) ask(cache, path, out)
  // #endregion
}

/** Was the node read after this change of it? */
function shows(node: Pick<CachedNode, 'stat'> | null, zxid: Zxid): boolean {
  // #region lab 13: F. compare the change with what the node shows
  if (node === null || zxid === unknown) return false
  return node.stat.mzxid >= zxid
  // #endregion
}

/** Servers before 3.9 do not say which change an event is about. */
const unknown = -1n

/** No event has come since; see `hear`. */
function ask(cache: CacheState, path: string, out: CacheEffect[]): void {
  cache.reading.set(path, null)
  out.push({ type: 'read', path })
}

// Answers

/**
 * A node as it is, or that there is none. Where another life of it is held, that one has ended, with all that was below.
 */
function take(cache: CacheState, { path, zxid, node }: Answer, out: CacheEffect[]): void {
  const change = cache.reading.get(path)
  if (change === undefined || isBehind(cache, zxid, out)) return
  // #region lab 13: F. hold the node as it was read
  cache.reading.delete(path)
  if (change !== null && !shows(node, change)) ask(cache, path, out)
  // Without its parent a node is not told of: that one is about to be read, and its children with it.
  const isReachable = path === cache.root || cache.held.has(parentOf(path))
  if (node === null || !isReachable) {
    remove(cache, path, out)
    arrive(cache, path, out)
    return
  }
  const former = cache.held.get(path)?.node
  if (former !== undefined && former.stat.czxid !== node.stat.czxid) remove(cache, path, out)
  const isFirst = cache.held.get(path)?.round !== cache.round
  put(cache, { path, ...node }, out)
  if (node.stat.numChildren === 0) sweep(cache, path, [], out)
  if (!isFirst) return
  if (node.stat.numChildren > 0 && levelOf(cache, path) < cache.depth) {
    cache.toWalk.add(path)
    out.push({ type: 'list', path })
  } else {
    arrive(cache, path, out)
  }
  // #endregion
}

/** The names of a node's children: who is held and not among them is gone, who is and was not read in this walk will be. */
function takeList(cache: CacheState, { path, zxid, names }: List, out: CacheEffect[]): void {
  if (!cache.toWalk.has(path) || isBehind(cache, zxid, out)) return
  // #region lab 13: G. find what has gone, and walk on
  if (names !== null && cache.held.has(path)) {
    sweep(cache, path, names, out)
    for (const name of names) {
      const child = childOf(path, name)
      if (cache.held.get(child)?.round === cache.round) continue
      cache.toWalk.add(child)
      if (!cache.reading.has(child)) ask(cache, child, out)
    }
  }
  arrive(cache, path, out)
  // #endregion
}

/** The walk is done with this path. When it was the last one, the cache is current. */
function arrive(cache: CacheState, path: string, out: CacheEffect[]): void {
  cache.toWalk.delete(path)
  if (cache.toWalk.size > 0) return
  cache.phase = 'current'
  if (cache.isReady) return
  cache.isReady = true
  out.push({ type: 'ready' })
}

// What is held

/** Holds a node as it was read. It is told as created where none was held, and as changed where its data was set since. */
function put(cache: CacheState, node: CachedNode, out: CacheEffect[]): void {
  const { path } = node
  const held = cache.held.get(path)
  if (held === undefined) {
    cache.held.set(path, { node, round: cache.round, children: new Set() })
    if (path !== cache.root) cache.held.get(parentOf(path))!.children.add(nameOf(path))
    out.push({ type: 'tell', change: { type: 'created', path, node } })
    return
  }
  const old = held.node
  held.node = node
  held.round = cache.round
  if (old.stat.mzxid === node.stat.mzxid) return
  out.push({ type: 'tell', change: { type: 'changed', path, node, old } })
}

/** Takes out the children that are not among `names`. */
function sweep(cache: CacheState, path: string, names: readonly string[], out: CacheEffect[]): void {
  const there = new Set(names)
  for (const name of cache.held.get(path)!.children) {
    if (!there.has(name)) remove(cache, childOf(path, name), out)
  }
}

/** Takes out a node and all below it, from the leaves up. */
function remove(cache: CacheState, path: string, out: CacheEffect[]): void {
  // #region lab 13: G. take out a branch, from the leaves up
  const held = cache.held.get(path)
  if (held === undefined) return
  for (const name of held.children) remove(cache, childOf(path, name), out)
  cache.held.delete(path)
  cache.held.get(parentOf(path))?.children.delete(nameOf(path))
  out.push({ type: 'tell', change: { type: 'deleted', path, old: held.node } })
  // #endregion
}

// Paths

function isCovered(cache: CacheState, path: string): boolean {
  const { root, depth } = cache
  const isBelow = path === root || path.startsWith(root === '/' ? '/' : `${root}/`)
  return isBelow && levelOf(cache, path) <= depth
}

/** How far below the root: 0 for itself. The path must be one that is covered. */
function levelOf({ root }: CacheState, path: string): number {
  let level = 0
  for (let at = path; at !== root; at = parentOf(at)) level++
  return level
}
