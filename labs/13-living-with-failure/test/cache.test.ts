import { describe, expect, test } from 'vitest'
import { SmallWorld } from './small-world.ts'

const chapter = '(chapter 13, "A copy that is right")'

describe('E. Begin, and begin again', () => {
  test('the watch comes before the first read', () => {
    const world = new SmallWorld().create('/r', 'one').connect()
    world.expect(['watch', 'read /r'], `What changes after the read must be told. ${chapter}`)
    world.answer().expect(['created /r one', 'ready'], 'There is nothing below it.')
  })

  test('on the next connection all is asked for again, and what is held stays meanwhile', () => {
    const world = new SmallWorld().create('/r', 'one').create('/r/a', 'two').connect().settle()
    world.lose().set('/r/a', 'three')
    world.happened()
    world.connect().expect(['watch', 'read /r'], `A watch hears nothing while it is away. ${chapter}`)
    world.expectHeld('Nobody has said anything else yet.', ['/r one', '/r/a two'])
    world.settle()
    world.expect(
      ['list /r', 'read /r/a', 'changed /r/a three'],
      'What has changed is told, what has not is not; and it is ready only once.',
    )
  })

  test('what was asked for on a lost connection is forgotten', () => {
    const world = new SmallWorld().create('/r', 'one').connect().lose()
    expect(world.cache.reading.size, 'reads under way while there is no server').toBe(0)
    expect(world.cache.phase).toBe('away')
    world.connect().settle()
    expect(world.cache.phase).toBe('current')
    world.expectHeld(`Nothing of a former connection is waited for. ${chapter}`)
  })

  test('a server that is behind is asked to catch up, and not believed before', () => {
    const world = new SmallWorld().create('/r', 'old')
    const before = world.snapshot()
    world.set('/r', 'new').connect().settle().lose()
    world.happened()
    world.connect({ behind: before }).answer()
    world.expect(['watch', 'read /r', 'sync'], `Its answer is older than what is held. ${chapter}`)
    world.expectHeld('No node becomes older.', ['/r new'])
    world.answer().expect(['watch', 'read /r'], 'It has caught up; now it is asked.')
    world.settle().expect([], 'And it says what is known.')
    expect(world.cache.phase).toBe('current')
  })
})

describe('F. Hear, and take what was read', () => {
  test('an event is answered by a read, and the answer is told', () => {
    const world = new SmallWorld().create('/r').create('/r/a', 'one').connect().settle()
    world.happened()
    world.set('/r/a', 'two').deliver()
    world.expect(['read /r/a'], `An event says that something has happened, not what. ${chapter}`)
    world.answer().expect(['changed /r/a two'], 'The answer says what.')
    world.delete('/r/a').settle()
    world.expect(['read /r/a', 'deleted /r/a'], 'That there is no node is an answer, too.')
  })

  test('an event while the node is being read means that it is read once more', () => {
    const world = new SmallWorld().create('/r', 'one').connect().settle()
    world.happened()
    world.set('/r', 'two').deliver()
    world.serve()
    world.set('/r', 'three').deliverNext('event')
    world.expect(['read /r'], 'One question is enough at a time.')
    world.deliver()
    expect(world.happened().sort(), `The answer may be from before the event. ${chapter}`).toEqual([
      'changed /r two',
      'read /r',
    ])
    world.settle().expect(['changed /r three'], 'Now it is current.')
  })

  test('an answer that shows the change is enough', () => {
    const world = new SmallWorld().create('/r', 'one').connect().settle()
    world.happened()
    world.set('/r', 'two').deliver()
    world.set('/r', 'three').answer()
    world.expect(['read /r', 'changed /r three'], 'Its mzxid is that of the event: it was read after it.')
  })

  test('a server that does not say which change it was is believed to mean a new one', () => {
    const world = new SmallWorld({ saysZxid: false }).create('/r', 'one').connect().settle()
    world.happened()
    world.set('/r', 'two').settle()
    world.expect(['read /r', 'changed /r two'], 'A zxid of -1 is none: it is not older than anything.')
  })

  test('a node that was deleted and made again is another node', () => {
    const world = new SmallWorld().create('/r').create('/r/a', 'one').connect().settle()
    world.happened()
    world.together(() => world.delete('/r/a').create('/r/a', 'one')).settle()
    world.expect(
      ['read /r/a', 'deleted /r/a', 'created /r/a one'],
      'The czxid tells: it is the zxid of its birth.',
    )
  })

  test('children come after their parents, however the events come', () => {
    const world = new SmallWorld().create('/r').connect().settle()
    world.happened()
    world.create('/r/a').create('/r/a/b', 'deep').settle()
    const told = world.happened().filter(line => !/^(read|list)/.test(line))
    expect(told, 'Who builds a tree of what is told needs the parent first.').toEqual([
      'created /r/a',
      'created /r/a/b deep',
    ])
  })
})

describe('G. Walk, and find what has gone', () => {
  test('the tree is read from the root down, and it is ready when all of it was read', () => {
    const world = new SmallWorld().create('/r').create('/r/b').create('/r/a').create('/r/a/x', 'deep')
    world.connect().settle()
    world.expect(
      [
        ...['watch', 'read /r', 'created /r', 'list /r'],
        ...['read /r/a', 'read /r/b', 'created /r/a', 'list /r/a', 'created /r/b'],
        ...['read /r/a/x', 'created /r/a/x deep', 'ready'],
      ],
      'A node, its children, and theirs; a node without children is not asked for them.',
    )
  })

  test('what has gone while nobody was told is missing in its parent’s list', () => {
    const world = new SmallWorld()
      .create('/r')
      .create('/r/a')
      .create('/r/a/x')
      .create('/r/b')
      .connect()
      .settle()
    world.lose().delete('/r/a/x').delete('/r/a')
    world.happened()
    world.connect().settle()
    world.expect(
      ['watch', 'read /r', 'list /r', 'deleted /r/a/x', 'deleted /r/a', 'read /r/b'],
      `No event tells of it. The leaves go first. ${chapter}`,
    )
    world.expectHeld('The cache is the tree.')
  })

  test('a node that was read in this walk already is not read again', () => {
    const world = new SmallWorld().create('/r').create('/r/a').create('/r/b').connect().answer()
    world.happened()
    world.create('/r/c', 'new').deliver()
    world.expect(['read /r/c'], 'Its own event has told of it.')
    world.settle()
    const reads = world.happened().filter(line => line === 'read /r/c')
    expect(reads, 'It stands in the list of /r, too, and has been asked for.').toEqual([])
    world.expectHeld('The cache is the tree.')
  })

  test('a shallow cache holds no more levels than it is deep', () => {
    const world = new SmallWorld({ depth: 1 }).create('/r').create('/r/a', 'one').create('/r/a/x').connect()
    world.settle()
    world.expect(
      ['watch', 'read /r', 'created /r', 'list /r', 'read /r/a', 'created /r/a one', 'ready'],
      'The children of /r/a are a level too deep.',
    )
    world.set('/r/a/x', 'two').settle().expect([], 'Nor are their events of interest.')
  })
})
