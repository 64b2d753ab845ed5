import { describe, expect, test } from 'vitest'
import { childrenOf, newCache, step } from '#lab/recipes/cache.ts'
import type { CacheEffect, CacheInput } from '#lab/recipes/cache-messages.ts'
import { SmallWorld } from '../../../labs/13-living-with-failure/test/small-world.ts'

const chapter = '(chapter 13, "A copy that is right")'

/** What a cache of the world does about an input that the world has not sent. */
function doneAbout({ cache }: SmallWorld, input: CacheInput): CacheEffect[] {
  const out: CacheEffect[] = []
  step(cache, input, out)
  return out
}

describe('E. Begin, and begin again', () => {
  test('a cache of nothing is ready, and hears when there is something', () => {
    const world = new SmallWorld().connect().settle()
    world.expect(['watch', 'read /r', 'ready'], 'That there is no node has been read.')
    expect(childrenOf(world.cache, '/r'), 'the children of nothing').toEqual([])
    world.create('/r', 'one').settle()
    world.expect(['read /r', 'created /r one'], 'The watch stands though there was no node.')
  })

  test('a walk that was cut short begins anew, and it is ready once', () => {
    const world = new SmallWorld().create('/r').create('/r/a', 'one').create('/r/b').connect().answer(2)
    world.lose().connect().answer(1).lose()
    expect(world.ready, 'nothing was read to the end').toBe(0)
    world.happened()
    world.connect().settle()
    world.expect(
      ['watch', 'read /r', 'list /r', 'read /r/a', 'read /r/b', 'created /r/a one', 'created /r/b', 'ready'],
      `What was read on a former connection is read again; what was told is not told again. ${chapter}`,
    )
    world.lose().connect().settle()
    expect(world.ready, 'and not a second time').toBe(1)
  })

  test('what is held stays when a connection is lost, for as long as it takes', () => {
    const world = new SmallWorld().create('/r', 'one').create('/r/a', 'two').connect().settle()
    world.happened()
    world.lose().set('/r', 'three').delete('/r/a')
    world
      .expect([], 'Nobody has heard of anything.')
      .expectHeld('Old is better than nothing.', ['/r one', '/r/a two'])
  })

  test('a server that is behind and cannot catch up changes nothing; the next one is asked everything', () => {
    const world = new SmallWorld().create('/r', 'old').create('/r/a', 'old')
    const before = world.snapshot()
    world.set('/r', 'new').delete('/r/a').connect().settle().lose()
    world.happened()
    world.connect({ behind: before, isReadOnly: true }).settle()
    world.expect(['watch', 'read /r', 'sync'], `It only reads, and does not sync. ${chapter}`)
    world.expectHeld('No node becomes older, and none that is gone comes back.', ['/r new'])
    expect(world.cache.phase, 'It is as if there were no server.').toBe('away')
    world.lose().create('/r/b', 'more').connect().settle()
    world.expect(['watch', 'read /r', 'list /r', 'read /r/b', 'created /r/b more'], 'This one knows.')
  })

  test('a server that is behind does not know a node yet that is held', () => {
    const world = new SmallWorld()
    const before = world.snapshot()
    world.create('/r', 'one').connect().settle().lose()
    world.happened()
    world.connect({ behind: before }).answer()
    world.expect(['watch', 'read /r', 'sync'], 'Its "no node" is older than the node.')
    world.settle().expectHeld('And it comes to know.', ['/r one'])
  })
})

describe('F. Hear, and take what was read', () => {
  test('an event that comes after the answer that shows it asks nothing', () => {
    const world = new SmallWorld().create('/r', 'one').connect().settle()
    world.set('/r', 'two').deliver()
    world.set('/r', 'three').serve()
    world.happened()
    world.deliverNext('answer')
    world.expect(['changed /r three'], 'It was read when both changes had happened.')
    world.settle().expect([], 'The mzxid that is held is that of the event.')
  })

  test('a node that was set just after it was made is read once', () => {
    const world = new SmallWorld().create('/r').connect().settle()
    world.happened()
    world.create('/r/a', 'one').deliver()
    world.set('/r/a', 'two').settle()
    world.expect(['read /r/a', 'created /r/a two'], 'The answer shows both changes.')
  })

  test('a change of a node that is held is no reason to ask for its children', () => {
    const world = new SmallWorld().create('/r').create('/r/a').connect().settle()
    world.happened()
    world.set('/r', 'new').settle()
    world.expect(['read /r', 'changed /r new'], 'They tell of themselves.')
  })

  test('an event that is none of its business asks nothing', () => {
    const world = new SmallWorld({ depth: 2 }).create('/r').connect().settle()
    const zxid = 0x99n
    for (const path of ['/', '/x', '/rx', '/rx/r', '/r/a/b/c']) {
      expect(doneAbout(world, { type: 'event', event: 'NodeCreated', path, zxid }), path).toEqual([])
    }
    const list = { type: 'event', event: 'NodeChildrenChanged', path: '/r', zxid } as const
    expect(doneAbout(world, list), 'The child tells of itself.').toEqual([])
    world.lose()
    const late = { type: 'event', event: 'NodeDataChanged', path: '/r', zxid } as const
    expect(doneAbout(world, late), 'Nobody can be asked.').toEqual([])
  })

  test('an answer that nobody waits for is none', () => {
    const world = new SmallWorld().create('/r', 'one').connect().settle()
    expect(doneAbout(world, { type: 'read', path: '/r', zxid: 0x99n, node: null })).toEqual([])
    expect(doneAbout(world, { type: 'listed', path: '/r', zxid: 0x99n, names: ['a'] })).toEqual([])
    world.expectHeld('It was not asked for.', ['/r one'])
  })

  test('a cache of the root of all hears of everything', () => {
    const cache = newCache('/', 1)
    const out: CacheEffect[] = []
    step(cache, { type: 'connected' }, out)
    step(cache, { type: 'event', event: 'NodeCreated', path: '/a', zxid: 0x99n }, out)
    step(cache, { type: 'event', event: 'NodeCreated', path: '/a/b', zxid: 0x9an }, out)
    expect(out).toEqual([{ type: 'watch' }, { type: 'read', path: '/' }, { type: 'read', path: '/a' }])
  })

  test('of several events while a node is being read the last one counts', () => {
    const world = new SmallWorld().create('/r', 'one').connect().settle()
    world.set('/r', 'two').deliver()
    world.set('/r', 'three').deliver()
    world.serve()
    world.set('/r', 'four').deliverNext('event')
    world.happened()
    world.settle()
    expect(world.happened().filter(line => line === 'read /r').length, 'once more, not twice').toBe(1)
    world.expectHeld('The last change is known.', ['/r four'])
  })

  test('without zxids a node is read once more, however many events there were', () => {
    const world = new SmallWorld({ saysZxid: false }).create('/r', 'one').connect().settle()
    world.happened()
    for (const data of ['two', 'three', 'four']) world.set('/r', data).deliver()
    world.settle()
    expect(
      world.happened().filter(line => line === 'read /r').length,
      'one for the first, one for the rest',
    ).toBe(2)
    world.expectHeld('The last change is known.', ['/r four'])
  })

  test('a node that went while it was being read is asked for once more', () => {
    const world = new SmallWorld().create('/r').create('/r/a', 'one').connect().settle()
    world.set('/r/a', 'two').deliver()
    world.serve()
    world.delete('/r/a').deliverNext('event')
    world.settle().expectHeld('The answer was from before.', ['/r'])
  })

  test('a branch that was deleted and made again is told of as another, from the leaves up and from the root down', () => {
    const world = new SmallWorld().create('/r').create('/r/a', 'a').create('/r/a/x', 'x').connect().settle()
    world.lose()
    world.together(() => world.delete('/r/a/x').delete('/r/a').create('/r/a', 'a').create('/r/a/x', 'x'))
    world.happened()
    world.connect().settle()
    expect(
      world.happened().filter(line => !/^(watch|read|list)/.test(line)),
      'Data and version are the same; the czxid is not.',
    ).toEqual(['deleted /r/a/x', 'deleted /r/a', 'created /r/a a', 'created /r/a/x x'])
  })

  test('a node that has lost all its children is not asked for them', () => {
    const world = new SmallWorld().create('/r').create('/r/a').create('/r/a/x').connect().settle()
    world.lose().delete('/r/a/x').delete('/r/a')
    world.happened()
    world.connect().settle()
    world.expect(
      ['watch', 'read /r', 'deleted /r/a/x', 'deleted /r/a'],
      'That it has none is in its Stat: what is held below it has gone.',
    )
  })

  test('an answer that comes before its parent was read is left for the walk', () => {
    const world = new SmallWorld().create('/r').create('/r/a').create('/r/a/b', 'one').connect().answer()
    world.happened()
    world.set('/r/a/b', 'two').deliver()
    world.expect(['read /r/a/b'], 'An event of a node of which nothing is known yet.')
    world.settle()
    const told = world.happened().filter(line => /^(created|changed|deleted)/.test(line))
    expect(told, `Parents first. ${chapter}`).toEqual(['created /r/a', 'created /r/a/b two'])
  })

  test('what is not new is not told', () => {
    const world = new SmallWorld().create('/r').create('/r/a', 'one').connect().settle()
    world.lose().create('/r/b').delete('/r/b')
    world.happened()
    world.connect().settle()
    world.expect(
      ['watch', 'read /r', 'list /r', 'read /r/a'],
      'A child came and went: the data of its parent is what it was.',
    )
  })

  test('the last level of a cache is held, and not what is below', () => {
    for (const depth of [0, 1, 2]) {
      const world = new SmallWorld({ depth }).create('/r').create('/r/a').create('/r/a/x').create('/r/a/x/1')
      world.connect().settle()
      const lists = world.happened().filter(line => line.startsWith('list'))
      expect(world.held(), `depth ${depth}`).toEqual(['/r', '/r/a', '/r/a/x'].slice(0, depth + 1))
      expect(lists, `depth ${depth}: nobody asks for what is not held`).toEqual(
        ['list /r', 'list /r/a'].slice(0, depth),
      )
      world.set('/r/a/x', 'new').delete('/r/a/x/1').settle().expectHeld(`depth ${depth}`)
    }
  })
})

describe('G. Walk, and find what has gone', () => {
  test('children that are held are read again in each walk', () => {
    const world = new SmallWorld().create('/r').create('/r/a', 'one').create('/r/b', 'one').connect().settle()
    world.lose().set('/r/b', 'two')
    world.happened()
    world.connect().settle()
    world.expect(
      ['watch', 'read /r', 'list /r', 'read /r/a', 'read /r/b', 'changed /r/b two'],
      `A list has names, and says nothing of data. ${chapter}`,
    )
  })

  test('a node that goes between its read and its list does not hold the walk up', () => {
    const world = new SmallWorld().create('/r').create('/r/a').create('/r/a/x').connect().answer(3)
    world.happened()
    world.delete('/r/a/x').delete('/r/a').settle()
    world.expectHeld('The cache is the tree.', ['/r'])
    expect(world.ready, 'The walk came to its end.').toBe(1)
  })

  test('it is not ready before the last leaf was read', () => {
    const world = new SmallWorld().create('/r').create('/r/a').create('/r/a/x').create('/r/b').connect()
    for (let questions = 1; questions <= 6; questions++) {
      world.answer()
      expect(world.ready, `after ${questions} of 6 answers`).toBe(questions < 6 ? 0 : 1)
      expect(world.cache.phase, `after ${questions} of 6 answers`).toBe(questions < 6 ? 'walking' : 'current')
    }
    world.settle().expectHeld('The cache is the tree.')
  })

  test('a branch goes from the leaves up', () => {
    const world = new SmallWorld()
      .create('/r')
      .create('/r/a')
      .create('/r/a/b')
      .create('/r/a/b/c')
      .create('/r/z')
    world.connect().settle().lose()
    world.delete('/r/a/b/c').delete('/r/a/b').delete('/r/a')
    world.happened()
    world.connect().settle()
    world.expect(
      ['watch', 'read /r', 'list /r', 'deleted /r/a/b/c', 'deleted /r/a/b', 'deleted /r/a', 'read /r/z'],
      'Nobody is told of a parent that is gone while its children are there.',
    )
    world.create('/r/a', 'new').settle().expectHeld('What comes again is held again.')
  })
})
