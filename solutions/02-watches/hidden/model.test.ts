/** Long random histories beside a model that keeps a plain list of watches and searches all of it for every change. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WatchSelection } from '#lab/state/watcher.ts'
import { countWatches, isWatching, listWatches } from '#lab/state/watches.ts'
import { type Diary, diary } from '../../../labs/02-watches/test/diary.ts'

const paths = ['/', '/a', '/ab', '/a/b', '/a/b/c']
const watchers = [1, 2, 3]
const kinds = ['data', 'children', 'persistent', 'recursive'] as const
type Kind = (typeof kinds)[number]

interface Watch {
  kind: Kind
  path: string
  watcher: number
}

type Step =
  | { do: 'watch'; kind: Kind; path: string; watcher: number }
  | { do: 'unwatch'; kind: WatchSelection; path: string; watcher: number }
  | { do: 'forget'; watcher: number }
  | { do: 'created' | 'deleted' | 'changed'; path: string }

const path = fc.constantFrom(...paths)
const watcher = fc.constantFrom(...watchers)

const steps = (...some: Kind[]): fc.Arbitrary<Step[]> => {
  const kind = fc.constantFrom(...some)
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('watch' as const), kind, path, watcher }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constantFrom('created', 'deleted', 'changed'), path }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('unwatch' as const),
        kind: fc.constantFrom<WatchSelection>(...some, 'any'),
        path,
        watcher,
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), watcher }) },
  )
  // Left alone, the library makes ten steps at most.
  return fc.array(step, { maxLength: 40, size: 'max' })
}

/** The same verdict for everybody: one seed. */
const fixed = { seed: 20_260_202, numRuns: 400 }

describe('B. Give watches up', () => {
  test('after any history of ordinary watches everybody is told what the list says', () => {
    fc.assert(fc.property(steps('data', 'children'), agree), fixed)
  })
})

describe('C. Watches that stay', () => {
  test('after any history of all kinds of watches everybody is told what the list says', () => {
    fc.assert(fc.property(steps(...kinds), agree), fixed)
  })
})

function agree(history: readonly Step[]): void {
  const d = diary()
  let list: Watch[] = []
  for (const step of history) {
    switch (step.do) {
      case 'watch':
        watch(d, step)
        if (!list.some(other => isSame(other, step))) list.push(step)
        break
      case 'unwatch':
        d.unwatch(step.path, step.watcher, step.kind)
        list = list.filter(
          other => !(isSame({ ...step, kind: other.kind }, other) && ['any', other.kind].includes(step.kind)),
        )
        break
      case 'forget':
        d.forget(step.watcher)
        list = list.filter(other => other.watcher !== step.watcher)
        break
      default: {
        // The root is neither created nor deleted.
        const change = step.path === '/' ? 'changed' : step.do
        const told = d[change](step.path)
        const expected = watchers.flatMap(watcher => eventsFor(list, change, step.path, watcher))
        expect(told, d.because('As a search through all watches finds it.', 'Side by side')).toEqual(expected)
        list = list.filter(other => !isSpent(other, change, step.path))
      }
    }
  }
  const found = paths.flatMap(path =>
    watchers.flatMap(watcher =>
      kinds
        .filter(kind => isWatching(d.watches, path, watcher, kind))
        .map(kind => `${watcher} ${kind} ${path}`),
    ),
  )
  const expected = list.map(({ kind, path, watcher }) => `${watcher} ${kind} ${path}`)
  expect(found.sort(), d.because('What is left at the end.', 'Giving up')).toEqual(expected.sort())
  expect(countWatches(d.watches).paths, d.because('And nothing else is left.', 'Giving up')).toBe(
    new Set(list.map(({ path }) => path)).size,
  )
  const inTable = { data: ['data', 'persistent', 'recursive'], child: ['children', 'persistent'] } as const
  for (const table of ['data', 'child'] as const) {
    const shown = listWatches(d.watches, table).flatMap(([path, watchers]) =>
      watchers.map(watcher => `${watcher} ${path}`),
    )
    const entered = list.filter(({ kind }) => inTable[table].some(other => other === kind))
    const pairs = new Set(entered.map(({ path, watcher }) => `${watcher} ${path}`))
    expect(shown.sort(), d.because(`What operators are shown of table '${table}'.`, 'Giving up')).toEqual(
      [...pairs].sort(),
    )
  }
}

function watch(d: Diary, { kind, path, watcher }: Watch): void {
  if (kind === 'persistent') d.always(path, watcher)
  else if (kind === 'recursive') d.recursive(path, watcher)
  else d.once(kind === 'data' ? 'data' : 'child', path, watcher)
}

const isSame = (one: Watch, other: Watch): boolean =>
  one.kind === other.kind && one.path === other.path && one.watcher === other.watcher

const above = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

const isBelow = (path: string, top: string): boolean => top === '/' || `${path}/`.startsWith(`${top}/`)

const eventOf = { created: 'NodeCreated', deleted: 'NodeDeleted', changed: 'NodeDataChanged' }

function eventsFor(
  list: readonly Watch[],
  change: keyof typeof eventOf,
  at: string,
  watcher: number,
): string[] {
  const own = list.filter(watch => watch.watcher === watcher)
  const ofNode = own.some(
    ({ kind, path }) =>
      (kind === 'recursive' && isBelow(at, path)) ||
      (path === at && (kind === 'data' || kind === 'persistent')) ||
      (path === at && kind === 'children' && change === 'deleted'),
  )
  const ofList =
    change !== 'changed' &&
    own.some(({ kind, path }) => path === above(at) && (kind === 'children' || kind === 'persistent'))
  return [
    ...(ofNode ? [`${watcher} ${eventOf[change]} ${at}`] : []),
    ...(ofList ? [`${watcher} NodeChildrenChanged ${above(at)}`] : []),
  ]
}

function isSpent({ kind, path }: Watch, change: keyof typeof eventOf, at: string): boolean {
  if (kind === 'data') return path === at
  if (kind !== 'children' || change === 'changed') return false
  return path === above(at) || (path === at && change === 'deleted')
}
