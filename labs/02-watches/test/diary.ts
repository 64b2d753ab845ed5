/**
 * Watches with a diary: each step is written down together with whom it told of what, so that a failure can show
 * the way that led there.
 */

import type { Deliver, FormerWatches, LookUp, WatchSelection, WatchTable } from '#lab/state/watcher.ts'
import {
  catchUp,
  fireChanged,
  fireCreated,
  fireDeleted,
  forgetWatcher,
  noWatches,
  unwatch,
  type Watches,
  watchAlways,
  watchOnce,
} from '#lab/state/watches.ts'
import { EventType } from '#lab/wire/opcodes.ts'

export interface Diary {
  watches: Watches
  once(table: WatchTable, path: string, watcher: number): Diary
  always(path: string, watcher: number): Diary
  recursive(path: string, watcher: number): Diary
  unwatch(path: string, watcher: number, selection: WatchSelection): Diary
  forget(watcher: number): Diary
  /** Whom the change tells of what: `1 NodeCreated /a`, watcher by watcher, and for each in the order of telling. */
  created(path: string): string[]
  deleted(path: string): string[]
  changed(path: string): string[]
  /** What watcher 1 is told when it comes back and has seen everything up to this zxid. */
  catchUp(seen: bigint, former: Partial<FormerWatches>, nodes: Nodes): string[]
  /** For the second argument of `expect`: the steps so far, the rule, and where the chapter tells it. */
  because(rule: string, section: string): string
}

/** The nodes that there are, each with its last change and the last change of its list of children. */
export type Nodes = Record<string, { mzxid: bigint; pzxid: bigint }>

export function diary(): Diary {
  const watches = noWatches()
  const lines: string[] = []

  const step = (line: string, take: () => void): Diary => {
    lines.push(line)
    take()
    return self
  }
  const telling = (line: string, take: (deliver: Deliver) => void): string[] => {
    const told: string[] = []
    lines.push(line)
    take((watcher, event, path) => told.push(`${watcher} ${nameOf(event)} ${path}`))
    lines[lines.length - 1] = `${line.padEnd(28)} → ${told.join(', ') || 'nobody is told'}`
    // Nobody promises an order among watchers. The sort keeps the order of each.
    return told.sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  }

  const self: Diary = {
    watches,
    once: (table, path, watcher) =>
      step(`${watcher} watches the ${table === 'data' ? 'node' : 'children of'} ${path}`, () =>
        watchOnce(watches, table, path, watcher),
      ),
    always: (path, watcher) =>
      step(`${watcher} watches ${path} persistently`, () => watchAlways(watches, path, watcher, false)),
    recursive: (path, watcher) =>
      step(`${watcher} watches ${path} recursively`, () => watchAlways(watches, path, watcher, true)),
    unwatch: (path, watcher, selection) =>
      step(`${watcher} gives up '${selection}' on ${path}`, () => unwatch(watches, path, watcher, selection)),
    forget: watcher => step(`the connection of ${watcher} ends`, () => forgetWatcher(watches, watcher)),
    created: path => telling(`${path} is created`, deliver => fireCreated(watches, path, deliver)),
    deleted: path => telling(`${path} is deleted`, deliver => fireDeleted(watches, path, deliver)),
    changed: path => telling(`${path} is set`, deliver => fireChanged(watches, path, deliver)),
    catchUp: (seen, former, nodes) => {
      const lookUp: LookUp = path => nodes[path]
      return telling(`1 comes back, has seen ${seen}`, deliver =>
        catchUp(watches, 1, { ...none, relativeZxid: seen, ...former }, lookUp, deliver),
      )
    },
    because: (rule, section) =>
      ['', ...lines.slice(-20).map(line => `    ${line}`), `  ${rule} (chapter 02, "${section}")`, ''].join(
        '\n',
      ),
  }
  return self
}

const none: Omit<FormerWatches, 'relativeZxid'> = {
  dataWatches: [],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
}

const names = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]))

export const nameOf = (event: number): string => names.get(event) ?? `event ${event}`
