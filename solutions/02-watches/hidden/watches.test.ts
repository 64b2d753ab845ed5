import { describe, expect, test } from 'vitest'
import type { WatchSelection } from '#lab/state/watcher.ts'
import {
  catchUp,
  countWatches,
  fireChanged,
  fireDeleted,
  isWatching,
  noWatches,
  watchOnce,
} from '#lab/state/watches.ts'
import { EventType } from '#lab/wire/opcodes.ts'
import { diary } from '../../../labs/02-watches/test/diary.ts'
import { looksOfChange, looksOfDelete, looksOfEnd } from './cost.inside.ts'

const nothing = { watchers: 0, paths: 0, total: 0 }

describe('A. Tell those who watch', () => {
  test('a delete that is told through one table spends the watches of both', () => {
    const d = diary().once('data', '/a', 1).once('child', '/a', 1)
    d.deleted('/a')
    const rule = 'Both watches of 1 have fired, though 1 was told once.'
    expect(d.deleted('/a'), d.because(rule, 'Two tables')).toEqual([])
    expect(countWatches(d.watches), d.because(rule, 'Two tables')).toEqual(nothing)
  })

  test('who watches a node, its list and the list of its parent is told of a delete twice, node first', () => {
    const d = diary().once('child', '/p', 1).once('child', '/p/a', 1).once('data', '/p/a', 1)
    const rule = 'One event about the node, one about the list that it was in.'
    expect(d.deleted('/p/a'), d.because(rule, 'In which order')).toEqual([
      '1 NodeDeleted /p/a',
      '1 NodeChildrenChanged /p',
    ])
  })

  test('who watches only the list of children is told of the node first, too', () => {
    const d = diary().once('child', '/p', 1).once('child', '/p/a', 1)
    expect(d.deleted('/p/a'), d.because('The node first, its parent second.', 'In which order')).toEqual([
      '1 NodeDeleted /p/a',
      '1 NodeChildrenChanged /p',
    ])
  })

  test('the root can be watched, and has no parent to tell', () => {
    const d = diary().once('data', '/', 1).once('child', '/', 2)
    const rule = 'The data of / was set. Its list was not touched.'
    expect(d.changed('/'), d.because(rule, 'Two tables')).toEqual(['1 NodeDataChanged /'])
  })

  test('/a and /ab are different nodes', () => {
    const d = diary().once('data', '/ab', 1).once('child', '/a', 2)
    expect(d.changed('/a'), d.because('Nobody watches the node /a.', 'One shot')).toEqual([])
    expect(d.created('/ab'), d.because('/ab is a child of the root.', 'Two tables')).toEqual([
      '1 NodeCreated /ab',
    ])
  })

  test('what has fired leaves nothing behind, and what has not stays', () => {
    const d = diary().once('data', '/a', 1).once('child', '/a', 1).once('data', '/b', 2)
    d.changed('/a')
    const rule = 'Left are the child watch of /a and the watch of /b.'
    expect(countWatches(d.watches), d.because(rule, 'One shot')).toEqual({ watchers: 2, paths: 2, total: 2 })
    d.forget(1)
    expect(d.created('/a/b'), d.because('1 is gone, with its child watch.', 'Whose is a watch?')).toEqual([])
    expect(countWatches(d.watches)).toEqual({ watchers: 1, paths: 1, total: 1 })
  })

  test('a watch of the list that has fired leaves the watch of the node, which goes with its connection', () => {
    const d = diary().once('data', '/a', 1).once('child', '/a', 1)
    d.created('/a/b')
    d.forget(1)
    expect(d.changed('/a'), d.because('1 is gone, with its watch of the node.', 'Whose is a watch?')).toEqual(
      [],
    )
    expect(countWatches(d.watches)).toEqual(nothing)
  })

  test('everybody is told, and while one is told the watches of the others are as they were', () => {
    const watches = noWatches()
    for (const watcher of [1, 2, 3]) watchOnce(watches, 'data', '/a', watcher)
    const told: number[] = []
    fireChanged(watches, '/a', watcher => {
      told.push(watcher)
      watchOnce(watches, 'data', '/a', watcher)
      watchOnce(watches, 'data', '/a', watcher + 10)
    })
    const rule = 'Three watched when it happened. Who came while they were told hears of the next change.'
    expect(told.sort(), rule).toEqual([1, 2, 3])
    expect(countWatches(watches), rule).toEqual({ watchers: 6, paths: 1, total: 6 })
  })

  test('a watch of the children that is set again while its node is reported gone is a watch', () => {
    const watches = noWatches()
    watchOnce(watches, 'data', '/a', 1)
    const told: number[] = []
    fireDeleted(watches, '/a', (_, event) => {
      told.push(event)
      if (told.length === 1) watchOnce(watches, 'data', '/a', 1)
    })
    expect(told, 'One watch, one event.').toEqual([EventType.NodeDeleted])
    expect(isWatching(watches, '/a', 1, 'data'), 'The new watch waits for the next change.').toBe(true)
  })

  test('a change costs as much as it has watchers, however many watch elsewhere', () => {
    const because =
      'Steps over maps, sets and arrays for one event, with 1,000 other watchers. (chapter 02, "What it costs")'
    expect(looksOfChange(1000, false), because).toBeLessThan(100)
    expect(looksOfDelete(1000), because).toBeLessThan(100)
  })
})

describe('B. Give watches up', () => {
  test('a connection that ends does not disturb the others', () => {
    const d = diary()
      .once('data', '/a', 1)
      .once('child', '/a', 1)
      .once('data', '/a', 2)
      .once('child', '/a', 3)
    d.forget(1)
    const rule = '2 and 3 are still there.'
    expect(d.deleted('/a'), d.because(rule, 'Whose is a watch?')).toEqual([
      '2 NodeDeleted /a',
      '3 NodeDeleted /a',
    ])
    expect(countWatches(d.watches), d.because(rule, 'Whose is a watch?')).toEqual(nothing)
  })

  test('a connection without watches may end, and an ended one may end again', () => {
    const d = diary().once('data', '/a', 1).forget(7).forget(1).forget(1)
    expect(countWatches(d.watches), d.because('Nothing is left.', 'Whose is a watch?')).toEqual(nothing)
  })

  test('the end of a connection costs as much as it has watches', () => {
    const because =
      'Steps over maps, sets and arrays for one connection with two watches, among 1,000 others. (chapter 02, "What it costs")'
    expect(looksOfEnd(1000), because).toBeLessThan(100)
  })

  test.each<[WatchSelection, string[]]>([
    ['data', ['1 NodeChildrenChanged /a']],
    ['children', ['1 NodeDataChanged /a']],
    ['any', []],
    ['persistent', ['1 NodeDataChanged /a', '1 NodeChildrenChanged /a']],
    ['recursive', ['1 NodeDataChanged /a', '1 NodeChildrenChanged /a']],
  ])("giving up '%s' leaves what it does not name", (selection, left) => {
    const d = diary().once('data', '/a', 1).once('child', '/a', 1).unwatch('/a', 1, selection)
    const rule = 'There were two ordinary watches.'
    expect([...d.changed('/a'), ...d.created('/a/b')], d.because(rule, 'Giving up')).toEqual(left)
    expect(countWatches(d.watches), d.because(rule, 'Giving up')).toEqual(nothing)
  })

  test('what is not there can be given up, and nobody else notices', () => {
    const d = diary().once('data', '/a', 1)
    d.unwatch('/a', 2, 'any').unwatch('/b', 1, 'any').unwatch('/a', 1, 'children')
    expect(d.changed('/a'), d.because('1 watches /a as before.', 'Giving up')).toEqual([
      '1 NodeDataChanged /a',
    ])
  })
})

describe('C. Watches that stay', () => {
  const all = (): ReturnType<typeof diary> =>
    diary().once('data', '/a', 1).once('child', '/a', 1).always('/a', 1).recursive('/a', 1)
  const kinds = ['data', 'children', 'persistent', 'recursive'] as const

  test.each(kinds)("of four watches on one path '%s' can be given up alone", given => {
    const d = all().unwatch('/a', 1, given)
    const left = kinds.filter(kind => isWatching(d.watches, '/a', 1, kind))
    const rule = 'Four watches on one path are four watches.'
    expect(left, d.because(rule, 'Side by side')).toEqual(kinds.filter(kind => kind !== given))
  })

  test("'any' gives up all four", () => {
    const d = all().unwatch('/a', 1, 'any')
    const rule = "'any' is whatever the watcher has on the path."
    expect(
      kinds.filter(kind => isWatching(d.watches, '/a', 1, kind)),
      d.because(rule, 'Side by side'),
    ).toEqual([])
    expect(d.changed('/a/b'), d.because(rule, 'Side by side')).toEqual([])
    expect(countWatches(d.watches), d.because(rule, 'Side by side')).toEqual(nothing)
  })

  test('a persistent watch tells of its own list and not of what is deeper', () => {
    const d = diary().always('/a', 1)
    const rule = 'Persistent is not recursive.'
    expect(d.changed('/a/b'), d.because(rule, 'Watches that stay')).toEqual([])
    expect(d.created('/a/b/c'), d.because(rule, 'Watches that stay')).toEqual([])
    expect(d.deleted('/a/b'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeChildrenChanged /a'])
  })

  test('persistent and recursive on one path tell of a child by its path and of the list', () => {
    const d = diary().always('/a', 1).recursive('/a', 1)
    const rule =
      'Two events: the child was created, the list changed. Each kind hears the one that it is for.'
    expect(d.created('/a/b'), d.because(rule, 'Side by side')).toEqual([
      '1 NodeCreated /a/b',
      '1 NodeChildrenChanged /a',
    ])
  })

  test('a recursive watch of the root hears of every path, and of each change once', () => {
    const d = diary().recursive('/', 1)
    const rule = 'Every path is below the root, and the root is watched too.'
    expect(d.created('/x/y/z'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeCreated /x/y/z'])
    expect(d.created('/x'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeCreated /x'])
    expect(d.changed('/'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeDataChanged /'])
  })

  test('a recursive watch ends at names, not at letters', () => {
    const d = diary().recursive('/a', 1)
    expect(d.changed('/ab'), d.because('/ab is not below /a.', 'Watches that stay')).toEqual([])
    expect(d.changed('/'), d.because('Nor is the root.', 'Watches that stay')).toEqual([])
  })

  test('recursive watches of different watchers at every height all hear', () => {
    const d = diary().recursive('/', 1).recursive('/a', 2).recursive('/a/b', 3).recursive('/a/b/c', 4)
    expect(d.changed('/a/b'), d.because('/a/b/c lies below the change.', 'Watches that stay')).toEqual([
      '1 NodeDataChanged /a/b',
      '2 NodeDataChanged /a/b',
      '3 NodeDataChanged /a/b',
    ])
  })

  test('a delete is told once to who watches from above and through both tables', () => {
    const d = diary().recursive('/', 1).always('/a', 1).once('child', '/a', 1).once('data', '/a', 1)
    const rule = 'Four watches are about this delete; one event.'
    expect(d.deleted('/a'), d.because(rule, 'Side by side')).toEqual(['1 NodeDeleted /a'])
    const kept = kinds.filter(kind => isWatching(d.watches, '/a', 1, kind))
    expect(kept, d.because('The ordinary ones are spent.', 'Side by side')).toEqual(['persistent'])
  })

  test('what is asked for twice can be given up at once', () => {
    const d = diary().recursive('/a', 1).recursive('/a', 1).always('/b', 1).always('/b', 1)
    d.unwatch('/a', 1, 'recursive').unwatch('/b', 1, 'persistent')
    const rule = 'Watches are a set.'
    expect([...d.created('/a/x'), ...d.created('/b/x')], d.because(rule, 'Side by side')).toEqual([])
    expect(countWatches(d.watches), d.because(rule, 'Side by side')).toEqual(nothing)
  })

  test('that one recursive watch goes does not deafen another', () => {
    const d = diary().recursive('/a', 1).recursive('/b', 2).once('data', '/c', 3).always('/c', 3)
    d.unwatch('/a', 1, 'recursive').unwatch('/a', 1, 'recursive').unwatch('/c', 3, 'any').forget(1).forget(3)
    const rule = '2 has watched /b all the time.'
    expect(d.created('/b/x'), d.because(rule, 'Side by side')).toEqual(['2 NodeCreated /b/x'])
    d.changed('/b')
    expect(d.changed('/b/x'), d.because(rule, 'Side by side')).toEqual(['2 NodeDataChanged /b/x'])
  })

  test('a connection that ends takes its watches that stay along', () => {
    const d = diary().recursive('/a', 1).always('/a', 1).recursive('/a', 2).forget(1)
    expect(d.changed('/a/b'), d.because('1 is gone.', 'Whose is a watch?')).toEqual([
      '2 NodeDataChanged /a/b',
    ])
    expect(d.created('/a/b'), d.because('1 is gone.', 'Whose is a watch?')).toEqual(['2 NodeCreated /a/b'])
    d.forget(2)
    expect(countWatches(d.watches)).toEqual(nothing)
  })

  test('what watches from above elsewhere costs the way up, not the crowd', () => {
    const because =
      'Steps for one event with 1,000 other watchers, one of them recursive. (chapter 02, "What it costs")'
    expect(looksOfChange(1000, true), because).toBeLessThan(100)
  })
})

describe('D. Come back', () => {
  const section = 'What happened while I was away?'

  test('what was seen is not told again, to the zxid', () => {
    const nodes = { '/at': { mzxid: 10n, pzxid: 10n }, '/after': { mzxid: 11n, pzxid: 11n } }
    const d = diary()
    const rule = 'The client has seen zxid 10, so it knows of the change at 10.'
    expect(
      d.catchUp(10n, { dataWatches: ['/at', '/after'], childWatches: ['/at', '/after'] }, nodes),
      d.because(rule, section),
    ).toEqual(['1 NodeDataChanged /after', '1 NodeChildrenChanged /after'])
    expect([...d.changed('/at'), ...d.created('/at/b')], d.because('These two go on.', section)).toEqual([
      '1 NodeDataChanged /at',
      '1 NodeChildrenChanged /at',
    ])
  })

  test('each list asks its own question of a node', () => {
    const nodes = { '/set': { mzxid: 20n, pzxid: 5n }, '/grown': { mzxid: 5n, pzxid: 20n } }
    const both = ['/set', '/grown']
    const d = diary()
    const rule = '/set had its data set, /grown its list changed, after 10.'
    expect(
      d.catchUp(10n, { dataWatches: both, childWatches: both }, nodes),
      d.because(rule, section),
    ).toEqual(['1 NodeDataChanged /set', '1 NodeChildrenChanged /grown'])
    expect(countWatches(d.watches), d.because('The other two are watches again.', section)).toEqual({
      watchers: 1,
      paths: 2,
      total: 2,
    })
  })

  test('a node that was waited for is news, however old it is', () => {
    const d = diary()
    const rule = 'The client waits for a node that it believes to be missing. It is there.'
    const nodes = { '/a': { mzxid: 3n, pzxid: 3n } }
    expect(d.catchUp(10n, { existWatches: ['/a'] }, nodes), d.because(rule, section)).toEqual([
      '1 NodeCreated /a',
    ])
    expect(countWatches(d.watches), d.because('What was told is spent.', section)).toEqual(nothing)
  })

  test('what is told is spent, and what is not is set once', () => {
    const d = diary()
    const nodes = { '/a': { mzxid: 20n, pzxid: 20n }, '/b': { mzxid: 1n, pzxid: 1n } }
    d.catchUp(10n, { dataWatches: ['/a', '/gone', '/b', '/b'], childWatches: ['/a', '/gone'] }, nodes)
    const rule = 'Only /b is watched now.'
    expect(countWatches(d.watches), d.because(rule, section)).toEqual({ watchers: 1, paths: 1, total: 1 })
    d.changed('/b')
    expect(d.changed('/b'), d.because('And only once: it is an ordinary watch.', section)).toEqual([])
  })

  test('lists are gone through one after the other, each in its order', () => {
    const watches = noWatches()
    const told: string[] = []
    const former = {
      relativeZxid: 10n,
      dataWatches: ['/b', '/a'],
      existWatches: ['/c'],
      childWatches: ['/a'],
      persistentWatches: [],
      persistentRecursiveWatches: [],
    }
    const lookUp = () => ({ mzxid: 20n, pzxid: 20n })
    catchUp(watches, 7, former, lookUp, (watcher, event, path) => told.push(`${watcher} ${event} ${path}`))
    const rule = 'Data, then exists, then children. (chapter 02, "What happened while I was away?")'
    expect(told, rule).toEqual(['7 3 /b', '7 3 /a', '7 1 /c', '7 4 /a'])
  })

  test('watches that stay catch up on nothing', () => {
    const d = diary()
    const nodes = { '/a': { mzxid: 20n, pzxid: 20n } }
    const former = { persistentWatches: ['/a', '/gone'], persistentRecursiveWatches: ['/a', '/gone'] }
    const rule = 'What happened while they were away is lost to them. They hear of what comes.'
    expect(d.catchUp(10n, former, nodes), d.because(rule, section)).toEqual([])
    expect(d.created('/gone'), d.because(rule, section)).toEqual(['1 NodeCreated /gone'])
    expect(d.changed('/gone/x'), d.because(rule, section)).toEqual(['1 NodeDataChanged /gone/x'])
  })

  test('who comes back with both kinds of watches that stay has each as it was', () => {
    const d = diary()
    const former = { persistentWatches: ['/p'], persistentRecursiveWatches: ['/r'] }
    d.catchUp(10n, former, { '/p': { mzxid: 1n, pzxid: 1n }, '/r': { mzxid: 1n, pzxid: 1n } })
    const rule = 'The watch of /p hears of its list, the watch of /r of everything below it.'
    expect([...d.created('/p/x'), ...d.created('/r/x')], d.because(rule, section)).toEqual([
      '1 NodeChildrenChanged /p',
      '1 NodeCreated /r/x',
    ])
    d.unwatch('/p', 1, 'persistent').unwatch('/r', 1, 'recursive')
    expect(countWatches(d.watches), d.because('Each was of its kind.', section)).toEqual(nothing)
  })

  test('catching up concerns the one who comes back', () => {
    const d = diary().once('data', '/a', 2)
    const nodes = { '/a': { mzxid: 20n, pzxid: 20n } }
    expect(d.catchUp(10n, { dataWatches: ['/a'] }, nodes), d.because('2 was never away.', section)).toEqual([
      '1 NodeDataChanged /a',
    ])
    expect(d.changed('/a'), d.because('2 still watches.', section)).toEqual(['2 NodeDataChanged /a'])
  })
})
