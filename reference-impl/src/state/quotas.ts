/**
 * Quotas: how many nodes and bytes there may be at a path and below it, and how many there are. Both stand in the tree, in
 * `/zookeeper/quota<path>/zookeeper_limits` and `…/zookeeper_stats`. A client makes the two; from then on the server keeps
 * the second, without a transaction: every server counts for itself what it applies.
 *
 * A change counts for the nearest quota above it and for no other. Zookeeper's own clients set none above another.
 * Source: Apache's DataTree (updateQuotaStat), PathTrie and StatsTrack. Cost: without quotas a comparison for each change;
 * else a look-up for each name in its path, and a short text to write. A new quota counts what it is over, once.
 */
import { childrenOf, type DataTree, dataOf, nodeAt, restoreNode } from './data-tree.ts'
import { nameOf, parentOf } from './paths.ts'
import { copyOf } from './znode.ts'

export interface Quotas {
  readonly tree: DataTree
  /** The paths that have limits. */
  readonly paths: Set<string>
}

/** What a change would make too much of. */
export interface Excess {
  /** Where the limit is. */
  path: string
  what: 'count' | 'bytes'
  value: number
  limit: number
  /** Else the limit only asks for a warning. */
  isHard: boolean
}

const root = '/zookeeper/quota'
const limitsName = 'zookeeper_limits'
const statsName = 'zookeeper_stats'

/** The quotas in a tree that comes from files. What a replay has counted is not trusted: all is counted anew. */
export function quotasOf(tree: DataTree): Quotas {
  const quotas: Quotas = { tree, paths: new Set() }
  const below = nodeAt(tree, root) === undefined ? [] : [root]
  for (const each of below) {
    for (const name of childrenOf(tree, each)) {
      if (name === limitsName) limit(quotas, each)
      else below.push(`${each}/${name}`)
    }
  }
  for (const path of quotas.paths) countAnew(quotas, path)
  return quotas
}

/** A node has been created, with so many bytes of data. */
export function countCreated(quotas: Quotas, path: string, bytes: number): void {
  if (path.startsWith(`${root}/`)) {
    if (nameOf(path) === limitsName) limit(quotas, parentOf(path))
    if (nameOf(path) === statsName) countAnew(quotas, parentOf(path).slice(root.length))
  }
  if (quotas.paths.size > 0) count(quotas, path, 1, bytes)
}

/** A node that had so many bytes of data has been deleted. */
export function countDeleted(quotas: Quotas, path: string, bytes: number): void {
  if (quotas.paths.size === 0) return
  if (path.startsWith(`${root}/`) && nameOf(path) === limitsName)
    quotas.paths.delete(parentOf(path).slice(root.length))
  count(quotas, path, -1, -bytes)
}

/** The data of a node has grown by so many bytes. */
export function countChanged(quotas: Quotas, path: string, bytes: number): void {
  if (quotas.paths.size > 0) count(quotas, path, 0, bytes)
}

/** What a change of so much at `path` would exceed, by what is applied now; the number of nodes before the bytes. */
export function excesses(quotas: Quotas, path: string, nodes: number, bytes: number): Excess[] {
  const at = nearest(quotas, path)
  if (at === null) return []
  const [limits, stats] = [figuresIn(quotas.tree, at, limitsName), figuresIn(quotas.tree, at, statsName)]
  if (limits === null || stats === null) return []
  const found: Excess[] = []
  const weigh = (what: Excess['what'], change: number, hardName: string): void => {
    const hard = figure(limits, hardName)
    const isHard = hard > -1
    const most = limitIn(limits, what, hardName)
    const value = figure(stats, what) + change
    if (change !== 0 && most > -1 && value > most) found.push({ path: at, what, value, limit: most, isHard })
  }
  weigh('count', nodes, 'countHardLimit')
  weigh('bytes', bytes, 'byteHardLimit')
  return found
}

/** All quotas at and below a node under the root, together; a limit that there is not is -1. */
export interface NamespaceQuota {
  namespace: string
  countLimit: number
  bytesLimit: number
  count: number
  bytes: number
}

export function quotasByNamespace({ tree, paths }: Quotas): NamespaceQuota[] {
  const all = new Map<string, NamespaceQuota>()
  for (const path of paths) {
    const [limits, stats] = [figuresIn(tree, path, limitsName), figuresIn(tree, path, statsName)]
    if (limits === null || stats === null) continue
    const namespace = path.split('/', 2)[1]!
    const none = { namespace, countLimit: 0, bytesLimit: 0, count: 0, bytes: 0 }
    const sum = all.get(namespace) ?? none
    sum.countLimit += limitIn(limits, 'count', 'countHardLimit')
    sum.bytesLimit += limitIn(limits, 'bytes', 'byteHardLimit')
    sum.count += figure(stats, 'count')
    sum.bytes += figure(stats, 'bytes')
    all.set(namespace, sum)
  }
  return [...all.values()]
}

/** The hard one counts more than the other. */
function limitIn(limits: ReadonlyMap<string, number>, name: string, hardName: string): number {
  const hard = figure(limits, hardName)
  return hard > -1 ? hard : figure(limits, name)
}

/** `quotaPath` is that of the folder with the limits in it. The root of the tree can have none. */
function limit(quotas: Quotas, quotaPath: string): void {
  if (quotaPath !== root) quotas.paths.add(quotaPath.slice(root.length))
}

/** The deepest path with limits that is `path` or above it. */
function nearest({ paths }: Quotas, path: string): string | null {
  for (let at = path; at !== '/' && at !== ''; at = parentOf(at)) if (paths.has(at)) return at
  return null
}

function count(quotas: Quotas, path: string, nodes: number, bytes: number): void {
  const at = nearest(quotas, path)
  if (at === null) return
  const stats = figuresIn(quotas.tree, at, statsName)
  if (stats === null) return
  stats.set('count', figure(stats, 'count') + nodes)
  stats.set('bytes', figure(stats, 'bytes') + bytes)
  write(quotas.tree, at, stats)
}

function countAnew({ tree }: Quotas, path: string): void {
  if (path === '') return
  let nodes = 0
  let bytes = 0
  const below = nodeAt(tree, path) === undefined ? [] : [path]
  for (const each of below) {
    nodes++
    bytes += dataOf(tree, each)?.length ?? 0
    for (const name of childrenOf(tree, each)) below.push(`${each}/${name}`)
  }
  write(
    tree,
    path,
    new Map([
      ['count', nodes],
      ['bytes', bytes],
    ]),
  )
}

/** A client may have put anything there; what is no number stands for "none". */
function figuresIn(tree: DataTree, path: string, name: string): Map<string, number> | null {
  const node = nodeAt(tree, `${root}${path}/${name}`)
  if (node === undefined) return null
  return figuresOf(decoder.decode(node.data ?? undefined))
}

/** `count=4,bytes=10=;byteHardLimit=100`: a comma or a semicolon between two, and the second has one sign too many. */
export function figuresOf(text: string): Map<string, number> {
  const figures = new Map<string, number>()
  for (const pair of text.split(/[,;]+/)) {
    const [name = '', value = ''] = pair.split('=')
    if (name !== '') figures.set(name, /^-?\d{1,15}$/.test(value) ? Number(value) : -1)
  }
  return figures
}

function figure(figures: ReadonlyMap<string, number>, name: string): number {
  return figures.get(name) ?? -1
}

/** The count first, then the bytes; what else there is follows a sign that clients before 3.7 stop at. */
export function figuresText(figures: ReadonlyMap<string, number>): string {
  const others = [...figures.keys()].filter(name => name !== 'count' && name !== 'bytes').sort()
  const both = `count=${figure(figures, 'count')},bytes=${figure(figures, 'bytes')}`
  if (others.length === 0) return both
  return `${both}=${others.map(name => `;${name}=${figure(figures, name)}`).join('')}`
}

/** Of the node only the data change: no transaction has touched it. */
function write(tree: DataTree, path: string, stats: ReadonlyMap<string, number>): void {
  const at = `${root}${path}/${statsName}`
  const node = nodeAt(tree, at)
  if (node !== undefined) restoreNode(tree, at, { ...copyOf(node), data: encoder.encode(figuresText(stats)) })
}

const decoder = new TextDecoder()
const encoder = new TextEncoder()
