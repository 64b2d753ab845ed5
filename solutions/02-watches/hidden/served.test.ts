/** The watches inside a whole server: what clients are told, and when. */
import { describe, expect, test } from 'vitest'
import type { Stat } from '#lab/wire/records.ts'
import { serve } from '../../served.ts'

describe('A. Tell those who watch', () => {
  test('behind a client, the event comes before the reply of the write that caused it', () => {
    const client = serve().connect()
    client.create('/a')
    client.get('/a', true)
    client.heard()
    client.set('/a', 'new')
    const rule =
      'A client that sees its own write done has heard what it caused. (chapter 02, "In which order")'
    expect(client.heard(), rule).toEqual(['NodeDataChanged /a', 'reply to setData'])
  })

  test('behind a client, the event comes before any reply that shows the change', () => {
    const server = serve()
    const writer = server.connect()
    const reader = server.connect()
    writer.create('/a', 0, 'old')
    reader.get('/a', true)
    writer.set('/a', 'new')
    expect(reader.get('/a'), 'the reader reads after the write').toBe('new')
    const rule = 'Who reads "new" knows already that something changed. (chapter 02, "In which order")'
    expect(reader.heard(), rule).toEqual(['reply to getData', 'NodeDataChanged /a', 'reply to getData'])
  })

  test('behind a client, the events of a multi come in the order of its parts', () => {
    const server = serve()
    const writer = server.connect()
    const watcher = server.connect()
    for (const path of ['/a', '/b', '/c']) {
      writer.create(path)
      watcher.get(path, true)
    }
    watcher.children('/', true)
    watcher.heard()
    writer.multi({ do: 'set', path: '/c' }, { do: 'delete', path: '/a' }, { do: 'set', path: '/b' })
    expect(watcher.heard(), 'set /c, delete /a, set /b in one multi').toEqual([
      'NodeDataChanged /c',
      'NodeDeleted /a',
      'NodeChildrenChanged /',
      'NodeDataChanged /b',
    ])
  })

  test('behind a client, a refused write tells nobody', () => {
    const client = serve().connect()
    client.create('/a')
    client.get('/a', true)
    client.get('/none', true)
    client.heard()
    client.create('/a')
    client.delete('/none')
    client.multi({ do: 'set', path: '/a' }, { do: 'delete', path: '/none' })
    expect(client.events(), 'create what exists, delete what does not, half a multi').toEqual([])
    client.create('/none')
    expect(client.events(), 'getData of a missing node left no watch; only exists does').toEqual([])
  })
})

describe('B. Give watches up', () => {
  test('behind a client, the end of a session is told to those who watch its nodes', () => {
    const server = serve()
    const worker = server.connect()
    const boss = server.connect()
    boss.create('/workers')
    worker.create('/workers/w', 1)
    boss.children('/workers', true)
    boss.stat('/workers/w', true)
    boss.heard()
    worker.close()
    expect(boss.events(), 'an ephemeral node goes with its session').toEqual([
      'NodeDeleted /workers/w',
      'NodeChildrenChanged /workers',
    ])
  })

  test('behind a client, a connection that broke is told nothing and harms nobody', () => {
    const server = serve()
    const gone = server.connect()
    const here = server.connect()
    here.create('/a')
    for (const client of [gone, here]) {
      client.get('/a', true)
      client.children('/a', true)
    }
    gone.hangUp()
    here.heard()
    here.set('/a', 'x')
    here.create('/a/b')
    expect(here.events(), 'the other one is told as always').toEqual([
      'NodeDataChanged /a',
      'NodeChildrenChanged /a',
    ])
  })

  test('behind a client, removing what is not there is NOWATCHER', () => {
    const client = serve().connect()
    client.create('/a')
    client.get('/a', true)
    expect(client.removeWatches('/a', 1), 'no watch of the children').toBe(-121)
    expect(client.removeWatches('/a', 2), 'a watch of the data').toBe(0)
    expect(client.removeWatches('/a', 2), 'it is gone').toBe(-121)
  })
})

describe('C. Watches that stay', () => {
  test('behind a client, a recursive watch follows a whole life below it', () => {
    const server = serve()
    const writer = server.connect()
    const watcher = server.connect()
    watcher.addWatch('/app', true)
    watcher.heard()
    writer.create('/app')
    writer.create('/app/x')
    writer.set('/app/x', '1')
    writer.setACL('/app/x')
    writer.delete('/app/x')
    writer.create('/apple')
    expect(watcher.events(), 'setACL is told to nobody; /apple is another tree').toEqual([
      'NodeCreated /app',
      'NodeCreated /app/x',
      'NodeDataChanged /app/x',
      'NodeDeleted /app/x',
    ])
  })

  test('behind a client, watches of all modes are removed one by one', () => {
    const client = serve().connect()
    client.create('/a')
    client.addWatch('/a', false)
    client.addWatch('/a', true)
    client.get('/a', true)
    expect(
      [2, 4, 5].map(type => client.removeWatches('/a', type)),
      'data, persistent, recursive',
    ).toEqual([0, 0, 0])
    client.set('/a', 'x')
    expect(client.events(), 'all are gone').toEqual([])
  })
})

describe('D. Come back', () => {
  test('behind a client, a new connection is told what it missed before setWatches is answered', () => {
    const server = serve()
    const writer = server.connect()
    for (const path of ['/set', '/same', '/gone', '/grown', '/quiet']) writer.create(path)
    const { mzxid: seen } = writer.stat('/quiet') as Stat
    writer.set('/set', 'x')
    writer.delete('/gone')
    writer.create('/grown/x')
    writer.create('/come')
    const client = server.connect()
    client.setWatches(seen, {
      dataWatches: ['/set', '/same', '/gone'],
      existWatches: ['/come', '/never'],
      childWatches: ['/grown', '/quiet', '/gone'],
      persistentRecursiveWatches: ['/grown'],
    })
    expect(client.heard(), 'three lists, and nothing for the watch that stays').toEqual([
      'NodeDataChanged /set',
      'NodeDeleted /gone',
      'NodeCreated /come',
      'NodeChildrenChanged /grown',
      'NodeDeleted /gone',
      'reply to setWatches2',
    ])
    writer.set('/same', 'x')
    writer.create('/never')
    writer.create('/quiet/x')
    writer.delete('/grown/x')
    expect(client.events(), 'what was not missed is watched').toEqual([
      'NodeDataChanged /same',
      'NodeCreated /never',
      'NodeChildrenChanged /quiet',
      'NodeDeleted /grown/x',
    ])
  })
})
