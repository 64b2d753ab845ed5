/** The second solution of lab 13: every function is a generator of effects, and recursion over branches is a list. */
import type { CachedNode, CacheEffect, CacheInput, CacheState } from './cache-messages.ts'

type Effects = Generator<CacheEffect, void, undefined>

export function newCache(root: string, depth: number): CacheState {
  const nothing = { held: new Map(), reading: new Map(), toWalk: new Set<string>() }
  return { root, depth, phase: 'away', isReady: false, round: 0, zxid: 0n, ...nothing }
}

export function step(cache: CacheState, input: CacheInput, out: CacheEffect[]): void {
  out.push(...effects(cache, input))
}

export function childrenOf(cache: CacheState, path: string): string[] {
  return Array.from(cache.held.get(path)?.children ?? []).sort()
}

function* effects(cache: CacheState, input: CacheInput): Effects {
  switch (input.type) {
    case 'disconnected':
      rest(cache)
      break
    case 'synced':
      cache.zxid = 0n
      yield* walk(cache)
      break
    case 'connected':
      yield* walk(cache)
      break
    case 'event':
      if (input.event !== 'NodeChildrenChanged' && cache.phase !== 'away') yield* heard(cache, input)
      break
    case 'read':
    case 'listed':
      if (!(input.type === 'read' ? cache.reading : cache.toWalk).has(input.path)) break
      if (input.zxid < cache.zxid) {
        rest(cache)
        yield { type: 'sync' }
        break
      }
      cache.zxid = input.zxid
      yield* input.type === 'read' ? wasRead(cache, input) : wasListed(cache, input)
      if (cache.toWalk.size > 0) break
      cache.phase = 'current'
      if (cache.isReady) break
      cache.isReady = true
      yield { type: 'ready' }
  }
}

function rest(cache: CacheState): void {
  for (const todo of [cache.reading, cache.toWalk]) todo.clear()
  cache.phase = 'away'
}

function* walk(cache: CacheState): Effects {
  rest(cache)
  Object.assign(cache, { phase: 'walking', round: cache.round + 1 })
  yield { type: 'watch' }
  yield* toBeWalked(cache, cache.root)
}

function* toBeWalked(cache: CacheState, path: string): Effects {
  cache.toWalk.add(path)
  if (!cache.reading.has(path)) yield* question(cache, path)
}

function* question(cache: CacheState, path: string): Effects {
  cache.reading.set(path, null)
  yield { type: 'read', path }
}

function* heard(cache: CacheState, { path, zxid }: CacheInput & { type: 'event' }): Effects {
  const names = namesBelow(cache.root, path)
  if (names === null || names.length > cache.depth) return
  if (cache.reading.has(path)) cache.reading.set(path, zxid)
  else if (isNews(zxid, cache.held.get(path)?.node)) yield* question(cache, path)
}

/** A zxid that is not known is always news. */
function isNews(zxid: bigint, node: Pick<CachedNode, 'stat'> | null | undefined): boolean {
  return zxid < 0n || zxid > (node?.stat.mzxid ?? -1n)
}

function* wasRead(cache: CacheState, { path, node }: CacheInput & { type: 'read' }): Effects {
  const told = cache.reading.get(path)!
  cache.reading.delete(path)
  if (told !== null && isNews(told, node)) yield* question(cache, path)
  const parent = path === cache.root ? null : cache.held.get(above(path))
  const before = cache.held.get(path)
  const isSame = node !== null && before?.node.stat.czxid === node.stat.czxid
  if (before !== undefined && !isSame) yield* gone(cache, path)
  if (node === null || parent === undefined) {
    cache.toWalk.delete(path)
    return
  }
  const now: CachedNode = { path, ...node }
  const children = isSame ? before!.children : new Set<string>()
  const wasReadBefore = isSame && before!.round === cache.round
  cache.held.set(path, { node: now, round: cache.round, children })
  parent?.children.add(nameIn(path))
  if (!isSame) yield { type: 'tell', change: { type: 'created', path, node: now } }
  else if (before!.node.stat.mzxid < node.stat.mzxid)
    yield { type: 'tell', change: { type: 'changed', path, node: now, old: before!.node } }
  const { numChildren } = node.stat
  if (numChildren === 0) for (const name of children) yield* gone(cache, join(path, name))
  if (wasReadBefore) return
  if (numChildren === 0 || namesBelow(cache.root, path)!.length === cache.depth) {
    cache.toWalk.delete(path)
    return
  }
  cache.toWalk.add(path)
  yield { type: 'list', path }
}

function* wasListed(cache: CacheState, { path, names }: CacheInput & { type: 'listed' }): Effects {
  cache.toWalk.delete(path)
  const children = cache.held.get(path)?.children
  if (children === undefined || names === null) return
  for (const name of [...children].filter(each => !names.includes(each))) yield* gone(cache, join(path, name))
  for (const child of names.map(name => join(path, name))) {
    if (cache.held.get(child)?.round !== cache.round) yield* toBeWalked(cache, child)
  }
}

/** A branch, from the leaves up: the reverse of the order in which one finds it. */
function* gone(cache: CacheState, path: string): Effects {
  const branch = [path]
  for (const at of branch) branch.push(...[...cache.held.get(at)!.children].map(name => join(at, name)))
  for (const at of branch.reverse()) {
    const { node: old } = cache.held.get(at)!
    cache.held.delete(at)
    if (at !== cache.root) cache.held.get(above(at))?.children.delete(nameIn(at))
    yield { type: 'tell', change: { type: 'deleted', path: at, old } }
  }
}

/** The names that lead from a path to another one below it; null where it is not below. */
function namesBelow(path: string, below: string): string[] | null {
  const [start, end] = [path, below].map(each => each.split('/').filter(name => name !== ''))
  return start!.every((name, at) => end![at] === name) ? end!.slice(start!.length) : null
}

function above(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')))
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function join(path: string, name: string): string {
  return `${path === '/' ? '' : path}/${name}`
}
