/**
 * The caches in a simulated world: others write while the reader's connection is cut at every frame, or its network is
 * rough. (That its session is lost at every frame is in the hidden tests of lab 13.)
 */
import { describe, expect, test } from 'vitest'
import { type ZooKeeper, zooKeeper } from '../../src/client/zookeeper.ts'
import { type Change, nodeCache, pathCache, TreeCache, treeCache } from '../../src/recipes/tree-cache.ts'
import { KeeperError } from '../../src/wire/errors.ts'
import { Perms } from '../../src/wire/opcodes.ts'
import { type Scene, scene, withEveryCut } from '../client/every-cut.ts'
import { pass } from '../server/in-simulation.ts'
import { cachedStory } from './cached-story.ts'

describe('a cached tree is the tree', { timeout: 30_000 }, () => {
  test('whichever frame the connection is cut at', async () => {
    const { cuts } = await withEveryCut(async at => {
      await cachedStory(at, 'cache 9', 10)
    })
    expect(cuts).toBeGreaterThan(100)
  })

  test('over a network that delays, stalls and breaks as it likes', async () => {
    const network = {
      stall: 0.02,
      stallMillis: [100, 4000] as [number, number],
      break: 0.03,
      halfOpen: 0.3,
      refuse: 0.1,
    }
    let [losses, told] = [0, 0]
    for (let i = 0; i < 40; i++) {
      const rough = `rough ${i}`
      const at = scene({ nth: 0, where: 'before' }, 0, { seed: rough, faults: { network } })
      try {
        told += (await cachedStory(at, rough, 40)).told
      } catch (error) {
        throw new Error(`seed ${i}: ${(error as Error).message}`, { cause: error })
      }
      losses += at.states.filter(state => state === 'SUSPENDED').length
      await at.within(Promise.all([at.client.close(), at.other.close()]))
    }
    expect(losses).toBeGreaterThan(40)
    expect(told).toBeGreaterThan(400)
  })
})

describe('a cache in the hand of a program', () => {
  const text = (data: Uint8Array | null | undefined): string => new TextDecoder().decode(data ?? undefined)
  const line = ({ type, path }: Change): string => `${type} ${path}`

  /** A quiet world, in which `/r`, `/r/a` and `/r/a/b` are there. */
  async function quiet(play: (at: Scene) => Promise<void>): Promise<void> {
    const at = scene({ nth: 0, where: 'before' })
    await at.within(
      Promise.all(['/r', '/r/a', '/r/a/b'].map(path => at.other.create(path, `data of ${path}`))),
    )
    await play(at)
    await at.within(Promise.all([at.client.close(), at.other.close()]))
  }

  test('shows what is there, as deep as was asked', async () => {
    await quiet(async ({ client, within }) => {
      const [tree, list, node] = await within(
        Promise.all([treeCache(client, '/r'), pathCache(client, '/r'), nodeCache(client, '/r')]),
      )
      expect([...tree].map(({ path }) => path)).toEqual(['/r', '/r/a', '/r/a/b'])
      expect([...list].map(({ path }) => path)).toEqual(['/r', '/r/a'])
      expect([...node].map(({ path }) => path)).toEqual(['/r'])
      expect(tree.size).toBe(3)
      expect(tree.children('/r/a')).toEqual(['b'])
      expect(tree.children('/r/a/b')).toEqual([])
      expect(text(tree.get('/r/a/b')?.data)).toBe('data of /r/a/b')
      expect(tree.get('/r/none')).toBe(null)
    })
  })

  test('holds the root of all, and a node that is not there yet', async () => {
    await quiet(async ({ client, other, simulation, within }) => {
      const [top, later] = await within(Promise.all([pathCache(client, '/'), nodeCache(client, '/later')]))
      expect(top.children('/')).toEqual(['r', 'zookeeper'])
      expect(later.size).toBe(0)
      await within(other.create('/later', 'now'))
      await pass(simulation, 1000)
      expect(text(later.get('/later')?.data)).toBe('now')
      expect(top.children('/')).toEqual(['later', 'r', 'zookeeper'])
    })
  })

  test('tells a listener what is there and then what changes, or only the latter, until it wants no more', async () => {
    await quiet(async ({ client, other, simulation, within }) => {
      const cache = await within(treeCache(client, '/r'))
      const [all, some]: string[][] = [[], []]
      const stop = cache.onChange(change => all!.push(line(change)))
      cache.onChange(change => some!.push(line(change)), { skipPresent: true })
      await within(other.set('/r', 'new'))
      await pass(simulation, 1000)
      stop()
      await within(other.delete('/r/a/b'))
      await pass(simulation, 1000)
      expect(all).toEqual(['created /r', 'created /r/a', 'created /r/a/b', 'changed /r'])
      expect(some).toEqual(['changed /r', 'deleted /r/a/b'])
    })
  })

  test('a listener that comes while something is told is not told it twice', async () => {
    await quiet(async ({ client, other, simulation, within }) => {
      const cache = await within(treeCache(client, '/r'))
      const late: string[] = []
      const stop = cache.onChange(
        () => {
          stop()
          cache.onChange(change => late.push(line(change)))
        },
        { skipPresent: true },
      )
      await within(other.transaction().delete('/r/a/b').create('/r/a/b', 'again').commit())
      await pass(simulation, 1000)
      expect(late).toEqual(['created /r', 'created /r/a', 'created /r/a/b'])
    })
  })

  test('a loop over its changes ends when the cache is closed', async () => {
    await quiet(async ({ client, other, simulation, within }) => {
      const cache = await within(treeCache(client, '/r/a'))
      const told: string[] = []
      const loop = (async () => {
        for await (const change of cache.changes()) told.push(line(change))
        told.push('end')
      })()
      await within(other.set('/r/a', 'new'))
      await pass(simulation, 1000)
      await cache.close()
      await within(loop)
      expect(told).toEqual(['created /r/a', 'created /r/a/b', 'changed /r/a', 'end'])
      await within(other.set('/r/a', 'newer'))
      await pass(simulation, 1000)
      expect(text(cache.get('/r/a')?.data), 'what it holds stays as it is').toBe('new')
    })
  })

  test('a loop that is given up ends with the reason', async () => {
    await quiet(async ({ client, within }) => {
      const cache = await within(treeCache(client, '/r'))
      const giveUp = new AbortController()
      const loop = (async () => {
        for await (const change of cache.changes({ signal: giveUp.signal, skipPresent: true })) line(change)
      })()
      giveUp.abort(new Error('enough'))
      await expect(within(loop)).rejects.toThrow('enough')
    })
  })

  test('ends with the session of a client that begins no other', async () => {
    await quiet(async ({ simulation, within }) => {
      const world = simulation.host('plain')
      const zk = zooKeeper(world, 'server', { timeout: 4000 })
      const cache = await within(treeCache(zk, '/r'))
      const loop = (async () => {
        for await (const change of cache.changes({ skipPresent: true })) line(change)
      })()
      const ended = expect(loop).rejects.toMatchObject({ name: 'KeeperError', code: -112 })
      simulation.partition(['server', 'other', 'client'], ['plain'])
      await pass(simulation, 20_000)
      simulation.heal()
      await pass(simulation, 5000)
      await ended
      expect([cache.isCurrent, cache.size]).toEqual([false, 3])
      await within(zk.close())
    })
  })

  test('waiting for it can be given up, and ends with the client', async () => {
    await quiet(async ({ simulation, within }) => {
      simulation.partition(['server', 'other', 'client'], ['alone'])
      const zk = zooKeeper(simulation.host('alone'), 'server')
      const giveUp = new AbortController()
      const first = treeCache(zk, '/r', { signal: giveUp.signal })
      giveUp.abort(new Error('enough'))
      await expect(within(first)).rejects.toThrow('enough')
      const second = expect(treeCache(zk, '/r')).rejects.toMatchObject({ code: -112 })
      await within(zk.close())
      await within(second)
      await expect(treeCache(zk, 'r')).rejects.toThrow('does not start with /')
      simulation.heal()
    })
  })

  test('leaves out what may not be read, and says so', async () => {
    await quiet(async ({ client, other, simulation, within }) => {
      const nobody = [{ perms: Perms.ALL & ~Perms.READ, id: { scheme: 'world', id: 'anyone' } }]
      await within(other.setAcl('/r/a', nobody))
      const cache = await within(treeCache(client, '/r'))
      expect([...cache].map(({ path }) => path)).toEqual(['/r'])
      expect([...cache.unreadable]).toEqual(['/r/a'])
      await within(other.setAcl('/r/a', [{ ...nobody[0]!, perms: Perms.ALL }]))
      await within(other.set('/r/a', 'for all'))
      await pass(simulation, 1000)
      expect([...cache].map(({ path }) => path)).toEqual(['/r', '/r/a', '/r/a/b'])
      expect([...cache.unreadable]).toEqual([])
    })
  })

  test('sets its watch again when somebody takes it away', async () => {
    await quiet(async ({ client, other, simulation, within }) => {
      const cache = await within(treeCache(client, '/r'))
      await within(client.zk.removeWatches('/r'))
      await within(other.set('/r/a', 'new'))
      await pass(simulation, 1000)
      expect(text(cache.get('/r/a')?.data)).toBe('new')
    })
  })

  test('leaves nothing behind on the server when it is closed, and the other caches of its client go on', async () => {
    await quiet(async ({ client, other, simulation, within }) => {
      const [one, two] = await within(Promise.all([treeCache(client, '/r'), treeCache(client, '/r')]))
      await one.close()
      await within(other.set('/r', 'new'))
      await pass(simulation, 1000)
      expect(text(two.get('/r')?.data)).toBe('new')
      await two.close()
      await pass(simulation, 1000)
      await expect(within(client.zk.removeWatches('/r'))).rejects.toMatchObject({ code: -121 })
    })
  })

  test('says what is wrong with a server that is too old', async () => {
    await quiet(async ({ client, within }) => {
      await within(client.connected())
      const { zk } = client
      const old = Object.create(zk, {
        state: { get: () => zk.state },
        onState: { value: zk.onState.bind(zk) },
        get: { value: zk.get.bind(zk) },
        watch: {
          value: () => ({
            next: () => Promise.reject(new KeeperError('UNIMPLEMENTED', 'addWatch /r')),
            [Symbol.asyncIterator]() {
              return this
            },
          }),
        },
      }) as ZooKeeper
      await expect(within(treeCache(old, '/r'))).rejects.toThrow(
        'the server knows no addWatch; a cache needs ZooKeeper 3.6 or later',
      )
    })
  })

  test('asks few things at a time, so that the program has its answers in between', async () => {
    await quiet(async ({ client, other, within }) => {
      const names = Array.from({ length: 600 }, (_, i) => `/r/a/b/${i}`)
      await within(Promise.all(names.map(path => other.create(path))))
      const cache = new TreeCache(client, '/r', Infinity)
      const size = new Promise<number>(resolve => {
        const stop = cache.onChange(({ path }) => {
          if (path !== names[0]) return
          stop()
          void client.zk.get('/r').then(() => resolve(cache.size))
        })
      })
      expect(await within(size), 'how much is held when the program has its answer').toBeLessThan(400)
      await within(cache.ready())
      expect(cache.size).toBe(603)
    })
  })
})
