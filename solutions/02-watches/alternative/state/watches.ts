/**
 * Another way to keep watches: one entry for each watch, in two indexes. By what can happen (`data /a`), and by whose
 * it is. No bits, no counters: a watch is a string, and strings are in sets.
 */
import { EventType } from '../wire/opcodes.ts'
import { parentOf } from './paths.ts'
import type { Deliver, FormerWatches, LookUp, Watcher, WatchSelection, WatchTable } from './watcher.ts'

type Kind = 'data' | 'child' | 'always' | 'below'

export class Watches {
  readonly #byPlace = new Map<string, Set<Watcher>>()
  readonly #byWatcher = new Map<Watcher, Set<string>>()
  readonly #spots = new Map<string, number>()

  add(kind: Kind, path: string, watcher: Watcher): void {
    const place = `${kind} ${path}`
    if (this.has(kind, path, watcher)) return
    this.#byPlace.set(place, (this.#byPlace.get(place) ?? new Set()).add(watcher))
    this.#byWatcher.set(watcher, (this.#byWatcher.get(watcher) ?? new Set()).add(place))
    this.#spots.set(path, (this.#spots.get(path) ?? 0) + 1)
  }

  has(kind: Kind, path: string, watcher: Watcher): boolean {
    return this.#byPlace.get(`${kind} ${path}`)?.has(watcher) === true
  }

  remove(kind: Kind, path: string, watcher: Watcher): void {
    const place = `${kind} ${path}`
    if (!this.#byPlace.get(place)?.delete(watcher)) return
    if (this.#byPlace.get(place)!.size === 0) this.#byPlace.delete(place)
    const own = this.#byWatcher.get(watcher)!
    own.delete(place)
    if (own.size === 0) this.#byWatcher.delete(watcher)
    const spots = this.#spots.get(path)! - 1
    if (spots === 0) this.#spots.delete(path)
    else this.#spots.set(path, spots)
  }

  at(kind: Kind, path: string): Watcher[] {
    return [...(this.#byPlace.get(`${kind} ${path}`) ?? [])]
  }

  placesOf(watcher: Watcher): [Kind, string][] {
    return [...(this.#byWatcher.get(watcher) ?? [])].map(place => {
      const blank = place.indexOf(' ')
      return [place.slice(0, blank) as Kind, place.slice(blank + 1)]
    })
  }

  count(): { watchers: number; paths: number; total: number } {
    let total = 0
    for (const watcher of this.#byWatcher.keys()) {
      const places = new Set<string>()
      for (const [kind, path] of this.placesOf(watcher)) {
        if (kind !== 'child') places.add(`data ${path}`)
        if (kind === 'child' || kind === 'always') places.add(`child ${path}`)
      }
      total += places.size
    }
    return { watchers: this.#byWatcher.size, paths: this.#spots.size, total }
  }

  list(table: WatchTable): [string, Watcher[]][] {
    const kinds: Kind[] = table === 'data' ? ['data', 'always', 'below'] : ['child', 'always']
    return [...this.#spots.keys()]
      .map((path): [string, Watcher[]] => [path, [...new Set(kinds.flatMap(kind => this.at(kind, path)))]])
      .filter(([, watchers]) => watchers.length > 0)
  }
}

export function noWatches(): Watches {
  return new Watches()
}

export function watchOnce(watches: Watches, table: WatchTable, path: string, watcher: Watcher): void {
  watches.add(table, path, watcher)
}

export function watchAlways(watches: Watches, path: string, watcher: Watcher, isRecursive: boolean): void {
  watches.add(isRecursive ? 'below' : 'always', path, watcher)
}

export function fireCreated(watches: Watches, path: string, deliver: Deliver): void {
  tell(takeNode(watches, path), EventType.NodeCreated, path, deliver)
  tell(takeList(watches, parentOf(path)), EventType.NodeChildrenChanged, parentOf(path), deliver)
}

export function fireDeleted(watches: Watches, path: string, deliver: Deliver): void {
  const concerned = [...takeNode(watches, path), ...takeList(watches, path)]
  tell(concerned, EventType.NodeDeleted, path, deliver)
  tell(takeList(watches, parentOf(path)), EventType.NodeChildrenChanged, parentOf(path), deliver)
}

export function fireChanged(watches: Watches, path: string, deliver: Deliver): void {
  tell(takeNode(watches, path), EventType.NodeDataChanged, path, deliver)
}

function takeNode(watches: Watches, path: string): Watcher[] {
  const once = watches.at('data', path)
  for (const watcher of once) watches.remove('data', path, watcher)
  const above: Watcher[] = []
  for (let at = path; ; at = parentOf(at)) {
    above.push(...watches.at('below', at))
    if (at === '/') break
  }
  return [...once, ...watches.at('always', path), ...above]
}

function takeList(watches: Watches, path: string): Watcher[] {
  const once = watches.at('child', path)
  for (const watcher of once) watches.remove('child', path, watcher)
  return [...once, ...watches.at('always', path)]
}

function tell(concerned: Watcher[], event: EventType, path: string, deliver: Deliver): void {
  for (const watcher of new Set(concerned)) deliver(watcher, event, path)
}

const kindsOf: Record<WatchSelection, Kind[]> = {
  data: ['data'],
  children: ['child'],
  persistent: ['always'],
  recursive: ['below'],
  any: ['data', 'child', 'always', 'below'],
}

export function isWatching(
  watches: Watches,
  path: string,
  watcher: Watcher,
  selection: WatchSelection,
): boolean {
  return kindsOf[selection].some(kind => watches.has(kind, path, watcher))
}

export function unwatch(watches: Watches, path: string, watcher: Watcher, selection: WatchSelection): void {
  for (const kind of kindsOf[selection]) watches.remove(kind, path, watcher)
}

export function forgetWatcher(watches: Watches, watcher: Watcher): void {
  for (const [kind, path] of watches.placesOf(watcher)) watches.remove(kind, path, watcher)
}

export function catchUp(
  watches: Watches,
  watcher: Watcher,
  former: FormerWatches,
  lookUp: LookUp,
  deliver: Deliver,
): void {
  const missed = (path: string, kind: 'data' | 'exist' | 'child'): EventType | null => {
    const node = lookUp(path)
    if (kind === 'exist') return node === undefined ? null : EventType.NodeCreated
    if (node === undefined) return EventType.NodeDeleted
    const [zxid, event] =
      kind === 'data' ? [node.mzxid, EventType.NodeDataChanged] : [node.pzxid, EventType.NodeChildrenChanged]
    return zxid > former.relativeZxid ? event : null
  }
  const lists = [
    ['data', former.dataWatches],
    ['exist', former.existWatches],
    ['child', former.childWatches],
  ] as const
  for (const [kind, paths] of lists) {
    for (const path of paths) {
      const event = missed(path, kind)
      if (event === null) watches.add(kind === 'child' ? 'child' : 'data', path, watcher)
      else deliver(watcher, event, path)
    }
  }
  for (const path of former.persistentWatches) watches.add('always', path, watcher)
  for (const path of former.persistentRecursiveWatches) watches.add('below', path, watcher)
}

export function countWatches(watches: Watches): { watchers: number; paths: number; total: number } {
  return watches.count()
}

export function listWatches(watches: Watches, table: WatchTable): [path: string, watchers: Watcher[]][] {
  return watches.list(table)
}
