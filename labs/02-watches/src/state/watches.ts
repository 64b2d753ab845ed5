/**
 * Who wants to hear of what. A watch belongs to a connection, here a number that the server chose; it says that a
 * change happened and never what the new state is, so whoever hears it reads again.
 *
 * There are two tables, because there are two things to watch about a path: the node itself (`data`: exists, getData)
 * and the list of its children (`child`: getChildren). An ordinary watch is gone as soon as it has fired. A persistent
 * one stands in both tables and stays; a recursive one stands in the data table, stays, and hears of everything below.
 * Source: Apache's WatchManager and PathParentIterator. Cost: firing is O(watchers of the path); with recursive watches
 * also O(depth). A connection that ends is O(its own watches).
 */
import { Todo } from '../lib/todo.ts'
import { EventType } from '../wire/opcodes.ts'
import { parentOf } from './paths.ts'
import type { Deliver, FormerWatches, LookUp, Watcher, WatchSelection, WatchTable } from './watcher.ts'

export interface Watches {
  readonly data: Table
  readonly child: Table
  /** The paths that each watcher has in either table, so that a broken connection is cheap to forget. */
  readonly paths: Map<Watcher, Set<string>>
  /** How many recursive watches there are. While there are none, nobody looks up ancestors. */
  recursive: number
}

/** By path: who watches it, and in which modes (a sum of `once`, `persistent`, `recursive`). */
type Table = Map<string, Map<Watcher, number>>

/** How long a watch lives and what it covers. One watcher may hold all three on one path, each by itself. */
const once = 1
const persistent = 2
const recursive = 4
const everyMode = once | persistent | recursive

export function noWatches(): Watches {
  return { data: new Map(), child: new Map(), paths: new Map(), recursive: 0 }
}

/** An ordinary watch, as a read leaves it behind. To ask twice is to be told once. */
export function watchOnce(watches: Watches, table: WatchTable, path: string, watcher: Watcher): void {
  enter(watches, table, path, watcher, once)
}

/** The node at `path` was created. */
export function fireCreated(watches: Watches, path: string, deliver: Deliver): void {
  throw new Todo("02 A: tell who waits for the node, then who watches its parent's list")
}

/** The node at `path` is gone. Who watched it through both tables hears of it once. */
export function fireDeleted(watches: Watches, path: string, deliver: Deliver): void {
  throw new Todo("02 A: tell who watches the node in either table, then who watches its parent's list")
}

/** The data of the node at `path` was set, be it to what it was. */
export function fireChanged(watches: Watches, path: string, deliver: Deliver): void {
  throw new Todo('02 A: tell who watches the node')
}

/** Is there a watch that the selection names? */
export function isWatching(
  watches: Watches,
  path: string,
  watcher: Watcher,
  selection: WatchSelection,
): boolean {
  throw new Todo('02 B: look for the modes that the selection names')
}

/** Removes what the selection names. Nobody hears of it: the client that asked tells its own callbacks. */
export function unwatch(watches: Watches, path: string, watcher: Watcher, selection: WatchSelection): void {
  throw new Todo('02 B: take the modes that the selection names out of both tables')
}

/** What each selection means, table by table. */
const modesIn: Record<WatchSelection, Record<WatchTable, number>> = {
  data: { data: once, child: 0 },
  children: { data: 0, child: once },
  persistent: { data: persistent, child: persistent },
  recursive: { data: recursive, child: 0 },
  any: { data: everyMode, child: everyMode },
}

/** The connection is closed: all its watches go. */
export function forgetWatcher(watches: Watches, watcher: Watcher): void {
  throw new Todo('02 B: take the watcher off each path that it has, and off the books')
}

/** A watch that stays until it is removed; a recursive one covers everything below the path too. */
export function watchAlways(watches: Watches, path: string, watcher: Watcher, isRecursive: boolean): void {
  throw new Todo('02 C: put the watch where it hears what it should, and keep count of the recursive ones')
}

/**
 * A client has come back on a new connection and says which watches it had. What changed while it was away it is told
 * now; for what did not, its watch is set again.
 */
export function catchUp(
  watches: Watches,
  watcher: Watcher,
  former: FormerWatches,
  lookUp: LookUp,
  deliver: Deliver,
): void {
  const { relativeZxid, dataWatches, existWatches, childWatches } = former
  throw new Todo('02 D: for each path of each list: an event that makes up for what was missed, or a watch')
}

/** What operators are shown. A watcher that watches one path through both tables counts as two watches. */
export function countWatches(watches: Watches): { watchers: number; paths: number; total: number } {
  const paths = new Set([...watches.data.keys(), ...watches.child.keys()])
  let total = 0
  for (const table of [watches.data, watches.child])
    for (const watchers of table.values()) total += watchers.size
  return { watchers: watches.paths.size, paths: paths.size, total }
}

/** Who watches which path in one table, path by path: what operators are shown when they ask for more than a count. */
export function listWatches(watches: Watches, table: WatchTable): [path: string, watchers: Watcher[]][] {
  return [...watches[table]].map(([path, watchers]) => [path, [...watchers.keys()]])
}

const nobody: ReadonlySet<Watcher> = new Set()

/**
 * Tells everyone whom the event concerns once, except those already told; answers with all whom it concerns. Ordinary
 * watches are gone before anybody is told: who sets a new one while being told hears of the next change, not of this.
 */
function fire(
  watches: Watches,
  table: WatchTable,
  path: string,
  event: EventType,
  deliver: Deliver,
  alreadyTold: ReadonlySet<Watcher> = nobody,
): ReadonlySet<Watcher> {
  const mayBeAbove = table === 'data' && watches.recursive > 0
  if (!mayBeAbove && !watches[table].has(path)) return nobody
  const concerned = new Set<Watcher>()
  throw new Todo('02 A: note who watches the path, and take out what was ordinary')
  if (mayBeAbove) addFromAbove(watches, path, concerned)
  for (const watcher of concerned) if (!alreadyTold.has(watcher)) deliver(watcher, event, path)
  return concerned
}

/** Adds those who watch everything below one of the ancestors of `path`, the root included. */
function addFromAbove(watches: Watches, path: string, concerned: Set<Watcher>): void {
  throw new Todo('02 C: walk up to the root, and note the recursive watches on the way')
}

/** Adds a mode to what the watcher has on this path. */
function enter(watches: Watches, table: WatchTable, path: string, watcher: Watcher, mode: number): void {
  throw new Todo('02 A: write the watch down, in its table and among the paths of its watcher')
}

/** Takes modes away from what the watcher has on this path, if it has them. What is empty then does not stay. */
function leave(watches: Watches, table: WatchTable, path: string, watcher: Watcher, modes: number): void {
  throw new Todo('02 A: cross the modes out, and leave nothing behind that is empty')
}
