import { describe, expect, test } from 'vitest'
import { countWatches, fireChanged, isWatching, watchOnce } from '#lab/state/watches.ts'
import { type Diary, diary } from './diary.ts'

describe('A. Tell those who watch', () => {
  test('who watches a node is told that its data was set', () => {
    const d = diary().once('data', '/a', 1)
    expect(d.changed('/b'), d.because('Nobody watches /b.', 'One shot')).toEqual([])
    expect(d.changed('/a'), d.because('1 watches /a.', 'One shot')).toEqual(['1 NodeDataChanged /a'])
  })

  test('an ordinary watch tells once', () => {
    const d = diary().once('data', '/a', 1)
    d.changed('/a')
    const rule = 'A watch that has fired is gone. Who wants to hear more reads again and watches again.'
    expect(d.changed('/a'), d.because(rule, 'One shot')).toEqual([])
    expect(countWatches(d.watches), d.because(rule, 'One shot')).toEqual({ watchers: 0, paths: 0, total: 0 })
  })

  test('to ask twice is to be told once', () => {
    const d = diary().once('data', '/a', 1).once('data', '/a', 1).once('data', '/a', 2)
    const rule = 'A watch is a fact about a connection and a path, not a ticket.'
    expect(d.changed('/a'), d.because(rule, 'One shot')).toEqual([
      '1 NodeDataChanged /a',
      '2 NodeDataChanged /a',
    ])
  })

  test('who watches a node that is missing is told when it comes', () => {
    const d = diary().once('data', '/a/b', 1)
    expect(d.created('/a/b'), d.because('exists leaves a watch, node or not.', 'Two tables')).toEqual([
      '1 NodeCreated /a/b',
    ])
  })

  test('who watches children is told that the list changed, by the path of the parent', () => {
    const d = diary().once('child', '/a', 1)
    const rule = 'The news is about the list of /a. Which child it was, one learns by listing.'
    expect(d.created('/a/b'), d.because(rule, 'Two tables')).toEqual(['1 NodeChildrenChanged /a'])
    d.once('child', '/a', 1)
    expect(d.deleted('/a/b'), d.because(rule, 'Two tables')).toEqual(['1 NodeChildrenChanged /a'])
    d.once('child', '/', 1)
    expect(d.created('/c'), d.because('The root has children too.', 'Two tables')).toEqual([
      '1 NodeChildrenChanged /',
    ])
  })

  test('who watches children is not told of data, nor of grandchildren', () => {
    const d = diary().once('child', '/a', 1)
    const rule = 'The list of /a holds the names of its children, and no name changed.'
    expect(d.changed('/a'), d.because(rule, 'Two tables')).toEqual([])
    expect(d.changed('/a/b'), d.because(rule, 'Two tables')).toEqual([])
    expect(d.created('/a/b/c'), d.because(rule, 'Two tables')).toEqual([])
  })

  test('who watches a node is not told of its children', () => {
    const d = diary().once('data', '/a', 1)
    const rule = 'The data table is about the node itself: created, deleted, set.'
    expect(d.created('/a/b'), d.because(rule, 'Two tables')).toEqual([])
  })

  test('a delete is told to those who watch the node and to those who watch its children', () => {
    const d = diary().once('data', '/a', 1).once('child', '/a', 2)
    const rule = 'Without the node there is no list to watch either.'
    expect(d.deleted('/a'), d.because(rule, 'Two tables')).toEqual(['1 NodeDeleted /a', '2 NodeDeleted /a'])
  })

  test('who watches a node through both tables is told once that it is gone', () => {
    const d = diary().once('data', '/a', 1).once('child', '/a', 1)
    expect(d.deleted('/a'), d.because('One change, one event.', 'Two tables')).toEqual(['1 NodeDeleted /a'])
  })

  test('the node comes first, the list of its parent second', () => {
    const d = diary().once('child', '/', 1).once('data', '/a', 1)
    const rule = 'A client that hears of the list should know of the node already.'
    expect(d.created('/a'), d.because(rule, 'In which order')).toEqual([
      '1 NodeCreated /a',
      '1 NodeChildrenChanged /',
    ])
  })

  test('who watches again while it is told hears of the next change', () => {
    const d = diary().once('data', '/a', 1)
    let told = 0
    const again = (): void => {
      told++
      if (told < 5) watchOnce(d.watches, 'data', '/a', 1)
    }
    const rule = 'The watch is gone before its watcher is told; the new one is about what comes after.'
    fireChanged(d.watches, '/a', again)
    expect(told, d.because(rule, 'One shot')).toBe(1)
    fireChanged(d.watches, '/a', again)
    expect(told, d.because(rule, 'One shot')).toBe(2)
  })
})

describe('B. Give watches up', () => {
  test('a connection that ends takes its watches along', () => {
    const d = diary().once('data', '/a', 1).once('child', '/b', 1).once('data', '/a', 2).forget(1)
    const rule = 'Watches belong to a connection. The client sets them again on its next one.'
    expect(d.changed('/a'), d.because(rule, 'Whose is a watch?')).toEqual(['2 NodeDataChanged /a'])
    expect(d.created('/b/c'), d.because(rule, 'Whose is a watch?')).toEqual([])
    expect(countWatches(d.watches), d.because(rule, 'Whose is a watch?')).toEqual({
      watchers: 0,
      paths: 0,
      total: 0,
    })
  })

  test('giving up the watch of the data leaves the watch of the children', () => {
    const d = diary().once('data', '/a', 1).once('child', '/a', 1).unwatch('/a', 1, 'data')
    const rule = "'data' and 'children' name the ordinary watch of one table."
    expect(d.changed('/a'), d.because(rule, 'Giving up')).toEqual([])
    expect(d.created('/a/b'), d.because(rule, 'Giving up')).toEqual(['1 NodeChildrenChanged /a'])
  })

  test('one can ask for a watch before giving it up', () => {
    const d = diary().once('child', '/a', 1)
    const asked = (['data', 'children', 'any'] as const).filter(kind => isWatching(d.watches, '/a', 1, kind))
    const rule = "1 watches the children of /a and nothing else. 'any' is any."
    expect(asked, d.because(rule, 'Giving up')).toEqual(['children', 'any'])
    expect(isWatching(d.watches, '/a', 2, 'any'), d.because('2 watches nothing.', 'Giving up')).toBe(false)
    expect(isWatching(d.watches, '/b', 1, 'any'), d.because('Nobody watches /b.', 'Giving up')).toBe(false)
  })
})

describe('C. Watches that stay', () => {
  test('a persistent watch tells of the node and of its list, again and again', () => {
    const d = diary().always('/a', 1)
    const rule = 'A persistent watch stands in both tables, and firing does not remove it.'
    for (let round = 0; round < 2; round++) {
      expect(d.created('/a'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeCreated /a'])
      expect(d.changed('/a'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeDataChanged /a'])
      expect(d.created('/a/b'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeChildrenChanged /a'])
      expect(d.deleted('/a'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeDeleted /a'])
    }
  })

  test('a recursive watch tells of everything below, by the path where it happened', () => {
    const d = diary().recursive('/a', 1)
    const rule = 'A change at a path concerns the recursive watches of all its ancestors.'
    expect(d.created('/a/b/c'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeCreated /a/b/c'])
    expect(d.changed('/a/b/c'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeDataChanged /a/b/c'])
    expect(d.changed('/a'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeDataChanged /a'])
    expect(d.deleted('/a/b/c'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeDeleted /a/b/c'])
  })

  test('a recursive watch never tells of a list of children', () => {
    const d = diary().recursive('/a', 1)
    const rule = 'It hears of the child itself, so the list would be the same news twice.'
    expect(d.created('/a/b'), d.because(rule, 'Watches that stay')).toEqual(['1 NodeCreated /a/b'])
  })

  test('one change is told once to a watcher, whatever its watches', () => {
    const d = diary().recursive('/', 1).recursive('/a', 1).always('/a', 1).once('data', '/a', 1)
    const rule = 'One delivery for each watcher and change.'
    expect(d.changed('/a'), d.because(rule, 'Side by side')).toEqual(['1 NodeDataChanged /a'])
  })

  test('an ordinary watch beside one that stays goes alone', () => {
    const d = diary().always('/a', 1).once('data', '/a', 1)
    d.changed('/a')
    const rule = 'The ordinary watch has fired and is gone; the persistent one stays.'
    expect(isWatching(d.watches, '/a', 1, 'data'), d.because(rule, 'Side by side')).toBe(false)
    expect(isWatching(d.watches, '/a', 1, 'persistent'), d.because(rule, 'Side by side')).toBe(true)
  })

  test('a recursive watch can be given up', () => {
    const d = diary().recursive('/a', 1).unwatch('/a', 1, 'recursive')
    const rule = '1 wants to hear no more.'
    expect(d.changed('/a/b'), d.because(rule, 'Side by side')).toEqual([])
  })
})

describe('D. Come back', () => {
  const nodes = { '/old': { mzxid: 5n, pzxid: 5n }, '/new': { mzxid: 20n, pzxid: 20n } }
  const section = 'What happened while I was away?'

  function comeBack(
    kind: 'dataWatches' | 'existWatches' | 'childWatches',
    ...paths: string[]
  ): { d: Diary; told: string[] } {
    const d = diary()
    return { d, told: d.catchUp(10n, { [kind]: paths }, nodes) }
  }

  test('what was set while a client was away it is told when it comes back', () => {
    const { d, told } = comeBack('dataWatches', '/old', '/new', '/gone')
    const rule = '/old was last set at 5, /new at 20, /gone is gone. The client has seen everything up to 10.'
    expect(told, d.because(rule, section)).toEqual(['1 NodeDataChanged /new', '1 NodeDeleted /gone'])
  })

  test('a node that came while its watcher was away is told when it comes back', () => {
    const { d, told } = comeBack('existWatches', '/gone', '/new')
    const rule = 'The client waits for nodes that were missing. One is there now.'
    expect(told, d.because(rule, section)).toEqual(['1 NodeCreated /new'])
  })

  test('children that came or went meanwhile are told when the client comes back', () => {
    const { d, told } = comeBack('childWatches', '/old', '/new', '/gone')
    const rule = 'pzxid is the last change of the list: 5 for /old, 20 for /new.'
    expect(told, d.because(rule, section)).toEqual(['1 NodeChildrenChanged /new', '1 NodeDeleted /gone'])
  })

  test('where nothing happened the watch is set again', () => {
    const { d } = comeBack('dataWatches', '/old', '/new')
    d.catchUp(10n, { childWatches: ['/old'], existWatches: ['/gone'] }, nodes)
    const rule = 'Nothing was missed at /old and /gone, so the watches go on.'
    expect(d.changed('/old'), d.because(rule, section)).toEqual(['1 NodeDataChanged /old'])
    expect(d.created('/old/b'), d.because(rule, section)).toEqual(['1 NodeChildrenChanged /old'])
    expect(d.created('/gone'), d.because(rule, section)).toEqual(['1 NodeCreated /gone'])
    expect(d.changed('/new'), d.because('What was told is spent.', section)).toEqual([])
  })

  test('watches that stay are set again', () => {
    const d = diary()
    d.catchUp(10n, { persistentWatches: ['/old'], persistentRecursiveWatches: ['/a'] }, nodes)
    const rule = 'Both kinds are on the new connection as they were on the old one.'
    expect(d.created('/old/b'), d.because(rule, section)).toEqual(['1 NodeChildrenChanged /old'])
    expect(d.created('/a/b'), d.because(rule, section)).toEqual(['1 NodeCreated /a/b'])
  })
})
