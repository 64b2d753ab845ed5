/**
 * The watchers of one client, in the lists in which the server holds its watches, so that they can be told apart when
 * one fires, and handed to the next server when the connection is lost.
 * Source: Apache's ZKWatchManager.
 */
import { parentOf } from '../state/paths.ts'
import { Code } from '../wire/errors.ts'
import { EventType } from '../wire/opcodes.ts'
import type { Unwatch, Watch, WatchEvent, Watches, WatchKind } from './messages.ts'

export function noWatches(): Watches {
  return {
    data: new Map(),
    exist: new Map(),
    child: new Map(),
    persistent: new Map(),
    recursive: new Map(),
  }
}

export function isAnyWatched(watches: Watches): boolean {
  return Object.values(watches).some(paths => paths.size > 0)
}

/**
 * Where a watch stands, after the server's answer; null for nowhere. A watch is set only where there was something to
 * see: the one exception is `exists`, which waits for a node that is not there yet.
 */
export function kindOf(by: Watch['by'], err: Code): WatchKind | null {
  if (by === 'exists' && err === Code.NONODE) return 'exist'
  if (err !== Code.OK) return null
  switch (by) {
    case 'get':
    case 'exists':
      return 'data'
    case 'children':
      return 'child'
    case 'persistent':
    case 'recursive':
      return by
  }
}

export function watch(watches: Watches, kind: WatchKind, path: string, watcher: number): void {
  const watchers = watches[kind].get(path)
  if (watchers === undefined) watches[kind].set(path, new Set([watcher]))
  else watchers.add(watcher)
}

/** Takes the watchers of a path out of some lists. Returns by which events they are told that nothing more will come. */
export function takeAway(
  watches: Watches,
  { kinds, path }: Unwatch,
): { event: WatchEvent; watchers: readonly number[] }[] {
  return kinds.flatMap(kind => {
    const gone = new Set<number>()
    take(watches, kind, path, gone)
    return gone.size === 0
      ? []
      : [{ event: { type: removedType[kind], path, zxid: -1n }, watchers: [...gone] }]
  })
}

const removedType: Record<WatchKind, number> = {
  data: EventType.DataWatchRemoved,
  exist: EventType.DataWatchRemoved,
  child: EventType.ChildWatchRemoved,
  persistent: EventType.PersistentWatchRemoved,
  recursive: EventType.PersistentWatchRemoved,
}

/** Takes one watcher away. Returns whether it was there and the last of its path. */
export function leave(watches: Watches, kind: WatchKind, path: string, watcher: number): boolean {
  const watchers = watches[kind].get(path)
  if (!watchers?.delete(watcher) || watchers.size > 0) return false
  watches[kind].delete(path)
  return true
}

/**
 * Who is to hear of an event, each once, however many of its watches match. Those that fire once are gone then.
 * `type` is an `EventType`.
 */
export function fire(watches: Watches, type: number, path: string): number[] {
  const hearers = new Set<number>()
  switch (type) {
    case EventType.NodeCreated:
    case EventType.NodeDataChanged:
      take(watches, 'data', path, hearers)
      take(watches, 'exist', path, hearers)
      break
    case EventType.NodeChildrenChanged:
      take(watches, 'child', path, hearers)
      break
    case EventType.NodeDeleted:
      take(watches, 'data', path, hearers)
      take(watches, 'exist', path, hearers)
      take(watches, 'child', path, hearers)
  }
  look(watches, 'persistent', path, hearers)
  // That a child came or went is told to those who watch the whole tree by the child's own event.
  if (type !== EventType.NodeChildrenChanged) {
    for (let at = path; ; at = parentOf(at)) {
      look(watches, 'recursive', at, hearers)
      if (at === '/') break
    }
  }
  return [...hearers]
}

function take(watches: Watches, kind: WatchKind, path: string, into: Set<number>): void {
  look(watches, kind, path, into)
  watches[kind].delete(path)
}

function look(watches: Watches, kind: WatchKind, path: string, into: Set<number>): void {
  for (const watcher of watches[kind].get(path) ?? []) into.add(watcher)
}
