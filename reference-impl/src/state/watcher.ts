/**
 * The words in which watches are spoken of: who watches, what, and how it is told.
 */
import type { EventType } from '../wire/opcodes.ts'
import type { SetWatches2, Stat } from '../wire/records.ts'

/** A connection, by any number that is never used twice. */
export type Watcher = number

/** The two things to watch about a path: the node itself (exists, getData), and the list of its children (getChildren). */
export type WatchTable = 'data' | 'child'

/** Told of each event that a change causes, in the order in which a client should hear of them. */
export type Deliver = (watcher: Watcher, event: EventType, path: string) => void

/**
 * Which watches of one path a client checks for or gives up. `children` and `data` are the ordinary ones of the two
 * tables, `persistent` and `recursive` those that stay, `any` is all of them.
 */
export type WatchSelection = 'children' | 'data' | 'any' | 'persistent' | 'recursive'

/** What a client that comes back says it had: paths, by kind of watch, and the last zxid that it saw. */
export type FormerWatches = Readonly<SetWatches2>

/** What there is to know about the node at a path, for a client that comes back; undefined when there is no node. */
export type LookUp = (path: string) => Pick<Stat, 'mzxid' | 'pzxid'> | undefined
