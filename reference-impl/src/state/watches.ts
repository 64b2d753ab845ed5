/**
 * Who wants to hear of what. A watch belongs to a connection, here a number that the server chose; it says that a
 * change happened and never what the new state is, so whoever hears it reads again.
 *
 * There are two tables, because there are two things to watch about a path: the node itself (`data`: exists, getData)
 * and the list of its children (`child`: getChildren). An ordinary watch is gone as soon as it has fired. A persistent
 * one stands in both tables and stays; a recursive one stands in the data table, stays, and hears of everything below.
 * Source: Apache's WatchManager. Cost: firing is O(watchers of the path); with recursive watches also O(depth).
 */
import { EventType } from '../wire/opcodes.ts'
import { parentOf } from './paths.ts'

/** A connection, by any number that is never used twice. */
export type Watcher = number

export type WatchTable = 'data' | 'child'

/** How long a watch lives and what it covers. One watcher may hold all three on one path, each its own. */
export const WatchMode = { once: 1, persistent: 2, recursive: 4 } as const
export type WatchMode = (typeof WatchMode)[keyof typeof WatchMode]

export interface Watches {
  /** By path: who watches it, and in which modes (a sum of `WatchMode`). */
  readonly data: Map<string, Map<Watcher, number>>
  readonly child: Map<string, Map<Watcher, number>>
  /** The paths that each watcher has in either table, so that a broken connection is cheap to forget. */
  readonly paths: Map<Watcher, Set<string>>
  /** How many recursive watches there are. While there are none, nobody looks up ancestors. */
  recursive: number
}

/** Told of each event that a change causes, in order: data watchers first. */
export type Deliver = (watcher: Watcher, event: EventType, path: string) => void

export function noWatches(): Watches {
  return { data: new Map(), child: new Map(), paths: new Map(), recursive: 0 }
}

/** An ordinary watch, as a read leaves it behind. To ask twice is to be told once. */
export function watchOnce(watches: Watches, table: WatchTable, path: string, watcher: Watcher): void {
  enter(watches, table, path, watcher, WatchMode.once)
}

/** A watch that stays until it is removed; `recursive` covers everything below the path too. */
export function watchAlways(watches: Watches, path: string, watcher: Watcher, recursive: boolean): void {
  if (recursive) {
    if ((modesOf(watches.data, path, watcher) & WatchMode.recursive) === 0) watches.recursive++
    enter(watches, 'data', path, watcher, WatchMode.recursive)
  } else {
    enter(watches, 'data', path, watcher, WatchMode.persistent)
    enter(watches, 'child', path, watcher, WatchMode.persistent)
  }
}

/** The node at `path` was created. */
export function fireCreated(watches: Watches, path: string, deliver: Deliver): void {
  fire(watches, 'data', path, EventType.NodeCreated, deliver)
  fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)
}

/** The node at `path` is gone. Who watched it through both tables hears of it once. */
export function fireDeleted(watches: Watches, path: string, deliver: Deliver): void {
  const told = fire(watches, 'data', path, EventType.NodeDeleted, deliver)
  fire(watches, 'child', path, EventType.NodeDeleted, deliver, told)
  fire(watches, 'child', parentOf(path), EventType.NodeChildrenChanged, deliver)
}

/** The data of the node at `path` was set, be it to what it was. */
export function fireChanged(watches: Watches, path: string, deliver: Deliver): void {
  fire(watches, 'data', path, EventType.NodeDataChanged, deliver)
}

/** Which watches of one path a client checks for or gives up: `children` and `data` are the ordinary ones. */
export type WatchSelection = 'children' | 'data' | 'any' | 'persistent' | 'recursive'

/** Is there a watch that the selection names? */
export function isWatching(
  watches: Watches,
  path: string,
  watcher: Watcher,
  selection: WatchSelection,
): boolean {
  const data = modesOf(watches.data, path, watcher)
  const child = modesOf(watches.child, path, watcher)
  switch (selection) {
    case 'children':
      return (child & WatchMode.once) !== 0
    case 'data':
      return (data & WatchMode.once) !== 0
    case 'any':
      return (data | child) !== 0
    case 'persistent':
      return (data & WatchMode.persistent) !== 0
    case 'recursive':
      return (data & WatchMode.recursive) !== 0
  }
}

/** Removes what the selection names. Nobody hears of it: the client that asked tells its own callbacks. */
export function unwatch(watches: Watches, path: string, watcher: Watcher, selection: WatchSelection): void {
  const { once, persistent, recursive } = WatchMode
  switch (selection) {
    case 'children':
      leave(watches, 'child', path, watcher, once)
      break
    case 'data':
      leave(watches, 'data', path, watcher, once)
      break
    case 'any':
      leave(watches, 'child', path, watcher, once | persistent)
      leave(watches, 'data', path, watcher, once | persistent | recursive)
      break
    case 'persistent':
      leave(watches, 'child', path, watcher, persistent)
      leave(watches, 'data', path, watcher, persistent)
      break
    case 'recursive':
      leave(watches, 'data', path, watcher, recursive)
      break
  }
}

/** The connection is closed: all its watches go. */
export function forgetWatcher(watches: Watches, watcher: Watcher): void {
  for (const path of watches.paths.get(watcher) ?? []) {
    for (const table of tables) {
      const watchers = watches[table].get(path)
      if (watchers === undefined) continue
      if (((watchers.get(watcher) ?? 0) & WatchMode.recursive) !== 0) watches.recursive--
      watchers.delete(watcher)
      if (watchers.size === 0) watches[table].delete(path)
    }
  }
  watches.paths.delete(watcher)
}

/** What operators are shown. A watcher that watches one path through both tables counts as two watches. */
export function countWatches(watches: Watches): { watchers: number; paths: number; total: number } {
  const paths = new Set([...watches.data.keys(), ...watches.child.keys()])
  let total = 0
  for (const table of tables) for (const watchers of watches[table].values()) total += watchers.size
  return { watchers: watches.paths.size, paths: paths.size, total }
}

const tables = ['data', 'child'] as const
const nobody: ReadonlySet<Watcher> = new Set()

/** Tells everyone whom the event concerns once, except those already told; removes what was ordinary. */
function fire(
  watches: Watches,
  table: WatchTable,
  path: string,
  event: EventType,
  deliver: Deliver,
  alreadyTold: ReadonlySet<Watcher> = nobody,
): ReadonlySet<Watcher> {
  const watchers = watches[table].get(path)
  if (watchers === undefined && watches.recursive === 0) return nobody
  const toTell = new Set<Watcher>()
  for (const watcher of watchers?.keys() ?? []) {
    toTell.add(watcher)
    leave(watches, table, path, watcher, WatchMode.once)
  }
  if (watches.recursive > 0 && table === 'data') addRecursive(watches, path, toTell)
  for (const watcher of toTell) if (!alreadyTold.has(watcher)) deliver(watcher, event, path)
  return toTell
}

/** Adds those who watch everything below one of the ancestors of `path`. */
function addRecursive(watches: Watches, path: string, toTell: Set<Watcher>): void {
  for (let at = path; at !== '/'; ) {
    at = parentOf(at)
    for (const [watcher, modes] of watches.data.get(at) ?? []) {
      if ((modes & WatchMode.recursive) !== 0) toTell.add(watcher)
    }
  }
}

function modesOf(table: Map<string, Map<Watcher, number>>, path: string, watcher: Watcher): number {
  return table.get(path)?.get(watcher) ?? 0
}

function enter(watches: Watches, table: WatchTable, path: string, watcher: Watcher, mode: WatchMode): void {
  let watchers = watches[table].get(path)
  if (watchers === undefined) {
    watchers = new Map()
    watches[table].set(path, watchers)
  }
  watchers.set(watcher, (watchers.get(watcher) ?? 0) | mode)
  const paths = watches.paths.get(watcher)
  if (paths === undefined) watches.paths.set(watcher, new Set([path]))
  else paths.add(path)
}

function leave(watches: Watches, table: WatchTable, path: string, watcher: Watcher, modes: number): void {
  const watchers = watches[table].get(path)
  const had = watchers?.get(watcher)
  if (watchers === undefined || had === undefined) return
  if ((had & modes & WatchMode.recursive) !== 0) watches.recursive--
  const left = had & ~modes
  if (left !== 0) {
    watchers.set(watcher, left)
    return
  }
  watchers.delete(watcher)
  if (watchers.size === 0) watches[table].delete(path)
  const other = table === 'data' ? watches.child : watches.data
  if (other.get(path)?.has(watcher)) return
  const paths = watches.paths.get(watcher)
  paths?.delete(path)
  if (paths?.size === 0) watches.paths.delete(watcher)
}
