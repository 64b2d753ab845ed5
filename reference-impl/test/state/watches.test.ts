import { describe, expect, test } from 'vitest'
import {
  countWatches,
  fireChanged,
  fireCreated,
  fireDeleted,
  forgetWatcher,
  isWatching,
  noWatches,
  unwatch,
  type Watches,
  watchAlways,
  watchOnce,
} from '../../src/state/watches.ts'
import { EventType } from '../../src/wire/opcodes.ts'

const names = new Map(Object.entries(EventType).map(([name, code]) => [code, name.replace('Node', '')]))

/** What is told, in order: `1 Created /a`. */
function told(fire: typeof fireCreated, watches: Watches, path: string): string[] {
  const lines: string[] = []
  fire(watches, path, (watcher, event, at) => lines.push(`${watcher} ${names.get(event)} ${at}`))
  return lines
}

describe('an ordinary watch', () => {
  test('tells once of the change it was set for', () => {
    const watches = noWatches()
    watchOnce(watches, 'data', '/a', 1)
    watchOnce(watches, 'data', '/a', 1)
    watchOnce(watches, 'data', '/a', 2)
    expect(told(fireChanged, watches, '/b')).toEqual([])
    expect(told(fireChanged, watches, '/a')).toEqual(['1 DataChanged /a', '2 DataChanged /a'])
    expect(told(fireChanged, watches, '/a')).toEqual([])
    expect(countWatches(watches)).toEqual({ watchers: 0, paths: 0, total: 0 })
  })

  test('of children tells of a child that comes or goes, and not of its data', () => {
    const watches = noWatches()
    watchOnce(watches, 'child', '/a', 1)
    expect(told(fireChanged, watches, '/a')).toEqual([])
    expect(told(fireChanged, watches, '/a/b')).toEqual([])
    expect(told(fireCreated, watches, '/a/b')).toEqual(['1 ChildrenChanged /a'])
    watchOnce(watches, 'child', '/a', 1)
    expect(told(fireDeleted, watches, '/a/b')).toEqual(['1 ChildrenChanged /a'])
  })

  test('of the root tells of its children', () => {
    const watches = noWatches()
    watchOnce(watches, 'child', '/', 1)
    expect(told(fireCreated, watches, '/a')).toEqual(['1 ChildrenChanged /'])
  })

  test('of data and one of children tell of a deleted node once between them, and before its parent', () => {
    const watches = noWatches()
    watchOnce(watches, 'child', '/', 1)
    watchOnce(watches, 'child', '/a', 1)
    watchOnce(watches, 'data', '/a', 1)
    watchOnce(watches, 'child', '/a', 2)
    expect(told(fireDeleted, watches, '/a')).toEqual(['1 Deleted /a', '2 Deleted /a', '1 ChildrenChanged /'])
    expect(countWatches(watches).total).toBe(0)
  })

  test('goes with its connection', () => {
    const watches = noWatches()
    watchOnce(watches, 'data', '/a', 1)
    watchOnce(watches, 'child', '/b', 1)
    watchOnce(watches, 'data', '/a', 2)
    forgetWatcher(watches, 1)
    forgetWatcher(watches, 7)
    expect(told(fireChanged, watches, '/a')).toEqual(['2 DataChanged /a'])
    expect(told(fireCreated, watches, '/b/c')).toEqual([])
  })
})

describe('a persistent watch', () => {
  test('tells of everything that happens to the node, again and again', () => {
    const watches = noWatches()
    watchAlways(watches, '/a', 1, false)
    for (let round = 0; round < 2; round++) {
      expect(told(fireCreated, watches, '/a')).toEqual(['1 Created /a'])
      expect(told(fireChanged, watches, '/a')).toEqual(['1 DataChanged /a'])
      expect(told(fireCreated, watches, '/a/b')).toEqual(['1 ChildrenChanged /a'])
      expect(told(fireChanged, watches, '/a/b')).toEqual([])
      expect(told(fireDeleted, watches, '/a')).toEqual(['1 Deleted /a'])
    }
  })

  test('and an ordinary one on the same path tell of one change once, and the first stays', () => {
    const watches = noWatches()
    watchAlways(watches, '/a', 1, false)
    watchOnce(watches, 'data', '/a', 1)
    expect(told(fireChanged, watches, '/a')).toEqual(['1 DataChanged /a'])
    expect(isWatching(watches, '/a', 1, 'data')).toBe(false)
    expect(told(fireChanged, watches, '/a')).toEqual(['1 DataChanged /a'])
  })
})

describe('a recursive watch', () => {
  test('tells of everything below by its real path, and never of children as such', () => {
    const watches = noWatches()
    watchAlways(watches, '/a', 1, true)
    expect(told(fireCreated, watches, '/a/b/c')).toEqual(['1 Created /a/b/c'])
    expect(told(fireChanged, watches, '/a')).toEqual(['1 DataChanged /a'])
    expect(told(fireDeleted, watches, '/a/b')).toEqual(['1 Deleted /a/b'])
    expect(told(fireChanged, watches, '/ab')).toEqual([])
  })

  test('on the root hears of all', () => {
    const watches = noWatches()
    watchAlways(watches, '/', 1, true)
    expect(told(fireCreated, watches, '/x/y')).toEqual(['1 Created /x/y'])
  })

  test('and a nearer one of the same watcher tell of one change once', () => {
    const watches = noWatches()
    watchAlways(watches, '/', 1, true)
    watchAlways(watches, '/a', 1, true)
    watchOnce(watches, 'child', '/a/b', 1)
    expect(told(fireDeleted, watches, '/a/b')).toEqual(['1 Deleted /a/b'])
  })

  test('that is removed no longer makes anybody look up ancestors', () => {
    const watches = noWatches()
    watchAlways(watches, '/a', 1, true)
    watchAlways(watches, '/a', 1, true)
    watchAlways(watches, '/b', 2, true)
    unwatch(watches, '/a', 1, 'recursive')
    forgetWatcher(watches, 2)
    expect(watches.recursive).toBe(0)
    expect(told(fireCreated, watches, '/a/b')).toEqual([])
  })
})

describe('removing watches', () => {
  const all = (): Watches => {
    const watches = noWatches()
    watchOnce(watches, 'data', '/a', 1)
    watchOnce(watches, 'child', '/a', 1)
    watchAlways(watches, '/a', 1, false)
    watchAlways(watches, '/a', 1, true)
    return watches
  }

  test.each([
    ['data', ['children', 'persistent', 'recursive', 'any']],
    ['children', ['data', 'persistent', 'recursive', 'any']],
    ['persistent', ['data', 'children', 'recursive', 'any']],
    ['recursive', ['data', 'children', 'persistent', 'any']],
    ['any', []],
  ] as const)('of the kind %s leaves the others', (removed, left) => {
    const watches = all()
    unwatch(watches, '/a', 1, removed)
    const kinds = ['data', 'children', 'persistent', 'recursive', 'any'] as const
    expect(kinds.filter(kind => isWatching(watches, '/a', 1, kind)).sort()).toEqual([...left].sort())
  })

  test('that are not there changes nothing', () => {
    const watches = all()
    unwatch(watches, '/b', 1, 'any')
    unwatch(watches, '/a', 2, 'any')
    expect(countWatches(watches)).toEqual({ watchers: 1, paths: 1, total: 2 })
  })
})
