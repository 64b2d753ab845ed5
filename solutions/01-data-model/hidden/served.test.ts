import { describe, expect, test } from 'vitest'
import { serve } from '../../served.ts'

describe('D. Ephemeral and sequential nodes', () => {
  test("behind a client, every Stat is the one that Apache's server shows", () => {
    const client = serve().connect()
    // What Apache's 3.8.0 answered to the same requests. The session took zxid 1; ctime and mtime are the clock's.
    const steps: [step: string, take: () => unknown, changes: object][] = [
      ['create /a', () => client.create('/a', 0, 'x'), { czxid: 2n, mzxid: 2n, pzxid: 2n, dataLength: 1 }],
      [
        'create /a/x, /a/y and /a/z',
        () => ['x', 'y', 'z'].map(name => client.create(`/a/${name}`)),
        { pzxid: 5n, cversion: 3, numChildren: 3 },
      ],
      ['delete /a/y', () => client.delete('/a/y'), { pzxid: 6n, cversion: 4, numChildren: 2 }],
      ['set /a', () => client.set('/a', 'hello'), { mzxid: 7n, version: 1, dataLength: 5 }],
      ['setACL /a', () => client.setACL('/a'), { aversion: 1 }],
    ]
    let expected: object = { version: 0, cversion: 0, aversion: 0, ephemeralOwner: 0n, numChildren: 0 }
    for (const [step, take, changes] of steps) {
      take()
      expected = { ...expected, ...changes }
      expect(client.stat('/a'), `after: ${step} (chapter 01, "A live session")`).toMatchObject(expected)
    }
    expect(client.stat('/'), 'the root').toMatchObject({ cversion: 0, numChildren: 2, pzxid: 2n })
    expect(client.stat('/zookeeper'), 'a node whose two children are built in').toMatchObject({
      cversion: -2,
    })
  })

  test('behind a client, sequence numbers go on after deletes and after plain creates', () => {
    const client = serve().connect()
    client.create('/a')
    const because =
      'create s-, create plain, create s-, delete both s-, create s- (chapter 01, "Numbers that never come back")'
    expect(client.create('/a/s-', 2), because).toBe('/a/s-0000000000')
    client.create('/a/plain')
    expect(client.create('/a/s-', 2), because).toBe('/a/s-0000000002')
    client.delete('/a/s-0000000000')
    client.delete('/a/s-0000000002')
    expect(client.create('/a/s-', 2), because).toBe('/a/s-0000000003')
  })

  test('behind a client, ephemeral nodes go with their session and their numbers do not come back', () => {
    const server = serve()
    const worker = server.connect()
    const observer = server.connect()
    observer.create('/workers')
    worker.create('/workers/w-', 3)
    worker.create('/workers/w-', 3)
    observer.create('/workers/w-', 3)
    const because = 'Two nodes of one session, one of another, then the first session ends.'
    expect((observer.children('/workers') as string[]).sort(), because).toEqual([
      'w-0000000000',
      'w-0000000001',
      'w-0000000002',
    ])
    worker.close()
    expect(observer.children('/workers'), because).toEqual(['w-0000000002'])
    expect(observer.create('/workers/w-', 3), because).toBe('/workers/w-0000000003')
    expect(observer.stat('/workers'), because).toMatchObject({ cversion: 6, numChildren: 2 })
  })

  test('behind a client, errors come back as codes and change nothing', () => {
    const client = serve().connect()
    client.create('/a')
    client.create('/a/b')
    const before = client.stat('/a')
    expect(
      [
        client.create('/a'),
        client.create('/none/x'),
        client.delete('/a'),
        client.delete('/none'),
        client.set('/none', 'x'),
        client.stat('/none'),
        client.children('/none'),
      ],
      'NODEEXISTS, NONODE, NOTEMPTY, NONODE four times',
    ).toEqual([-110, -101, -111, -101, -101, -101, -101])
    expect(client.stat('/a'), 'none of them touched /a').toEqual(before)
  })
})
