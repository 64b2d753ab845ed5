/**
 * The caches in a simulated world: others write, and the reader's connection is cut at every frame, its session lost, its
 * network rough. When it is quiet again, the cache is the tree; and what it has told adds up to the same.
 */
import { describe, expect, test } from 'vitest'
import { steadyClient } from '../../src/client/steady.ts'
import { listTree } from '../../src/client/trees.ts'
import { type ZooKeeper, zooKeeper } from '../../src/client/zookeeper.ts'
import { type Prng, prng } from '../../src/lib/prng.ts'
import { type Change, TreeCache } from '../../src/recipes/tree-cache.ts'
import { parentOf } from '../../src/state/paths.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import { type SimulationOptions, simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import { type Cut, cutting } from '../client/cut.ts'
import { inTime, pass, serveStandalone } from '../server/in-simulation.ts'

const text = (data: Uint8Array | null): string => new TextDecoder().decode(data ?? new Uint8Array())

/** What a listener knows who has begun with nothing. It looks closely at each change. */
class Listener {
  readonly nodes = new Map<string, { data: string; czxid: bigint; mzxid: bigint }>()
  /** The newest life of each path that it has been told of. */
  readonly #last = new Map<string, bigint>()
  readonly root: string
  told = 0

  constructor(root: string) {
    this.root = root
  }

  hear(change: Change): void {
    this.told++
    const { type, path } = change
    const held = this.nodes.get(path)
    if (type === 'deleted') {
      expect(held?.czxid, `deleted ${path}: it was there`).toBe(change.old.stat.czxid)
      expect(this.#below(path), `deleted ${path}: nothing is below it`).toEqual([])
      this.nodes.delete(path)
      return
    }
    const { czxid, mzxid } = change.node.stat
    if (type === 'created') {
      expect(held, `created ${path}: it was not there`).toBe(undefined)
      if (path !== this.root)
        expect(this.nodes.has(parentOf(path)), `created ${path}: its parent is there`).toBe(true)
    } else {
      expect(held?.czxid, `changed ${path}: it is the same node`).toBe(czxid)
      expect(held?.mzxid, `changed ${path}: from what was told`).toBe(change.old.stat.mzxid)
      expect(mzxid > held!.mzxid, `changed ${path}: to something newer`).toBe(true)
    }
    expect(mzxid >= (this.#last.get(path) ?? 0n), `${type} ${path}: time does not go back`).toBe(true)
    this.#last.set(path, mzxid)
    this.nodes.set(path, { data: text(change.node.data), czxid, mzxid })
  }

  content(): Record<string, string> {
    return Object.fromEntries(
      [...this.nodes].map(([path, { data, czxid, mzxid }]) => [path, `${data} ${czxid} ${mzxid}`]).sort(),
    )
  }

  #below(path: string): string[] {
    return [...this.nodes.keys()].filter(each => each.startsWith(`${path}/`))
  }
}

function contentOf(cache: TreeCache): Record<string, string> {
  return Object.fromEntries(
    [...cache].map(({ path, data, stat }) => [path, `${text(data)} ${stat.czxid} ${stat.mzxid}`]).sort(),
  )
}

async function treeOf(zk: ZooKeeper, root: string): Promise<Record<string, string>> {
  const paths = await listTree(zk, root).catch((error: KeeperError) => {
    if (error.code !== Code.NONODE) throw error
    return []
  })
  const lines: [string, string][] = []
  for (const path of paths.sort()) {
    const { data, stat } = await zk.get(path)
    lines.push([path, `${text(data)} ${stat.czxid} ${stat.mzxid}`])
  }
  return Object.fromEntries(lines)
}

interface Story {
  frames: number
  told: number
  losses: number
  sessions: number
}

const timeout = 4000
const patience = 60_000

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

/** `gone`: for so long nothing reaches the reader once it is cut off; longer than the timeout, and its session is lost. */
async function story(
  cut: Cut,
  { gone = 0, writes = 12, ...options }: Partial<SimulationOptions> & { gone?: number; writes?: number } = {},
): Promise<Story> {
  const simulation = simulatedWorld({ seed: 'cache 9', ...options })
  serveStandalone(simulation.host('server'))
  const within = <T>(promise: Promise<T>): Promise<T> => inTime(simulation, promise)
  const writer = zooKeeper(simulation.host('writer'), 'server')
  const dice = prng(options.seed ?? 'cache 9').fork('writes')

  const world = simulation.host('reader')
  const happened = (): void => {
    if (gone === 0) return
    simulation.partition(['server', 'writer'], ['reader'])
    simulation.host('watch').clock.after(gone, () => simulation.heal())
  }
  const { network, frames } = cutting(world.network, { ...cut, happened })
  const client = steadyClient({ ...world, network }, 'server', { timeout })
  let losses = 0
  const sessions = new Set<bigint>()
  client.onState(state => {
    if (state === 'SUSPENDED') losses++
    if (state === 'CONNECTED' || state === 'RECONNECTED') sessions.add(client.zk.session.sessionId)
  })

  await within(Promise.all(paths.map(path => writer.create(path, 'first').catch(() => {}))))
  const listener = new Listener('/root')
  const cache = new TreeCache(client, '/root', Infinity)
  cache.onChange(change => listener.hear(change))
  const writing = writeAtRandom(writer, dice, writes)
  await within(cache.ready())
  await within(writing)
  const tree = await within(again(() => treeOf(writer, '/root')))
  // Nobody writes any more: what is on its way arrives, and what is lost is found again.
  const end = simulation.now() + patience
  while (!(cache.isCurrent && isSame(contentOf(cache), tree)) && simulation.now() < end) {
    await pass(simulation, 100)
  }
  expect(contentOf(cache), 'the cache is the tree').toEqual(tree)
  expect(listener.content(), 'what was told is the tree').toEqual(tree)
  expect(cache.isCurrent, 'the cache knows it').toBe(true)
  await cache.close()
  await within(Promise.all([client.close(), writer.close()]))
  return { frames: frames(), told: listener.told, losses, sessions: sessions.size }
}

async function again<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if ((error as KeeperError).code !== Code.CONNECTIONLOSS) throw error
    }
  }
}

const paths = ['/root', '/root/a', '/root/a/x', '/root/a/x/1', '/root/a/y', '/root/b', '/root/b/z']

/** Makes, sets, takes away and makes anew by chance, alone or in a transaction, and now and then without waiting. */
async function writeAtRandom(zk: ZooKeeper, dice: Prng, writes: number): Promise<void> {
  const done: Promise<unknown>[] = []
  for (let i = 0; i < writes; i++) {
    const path = paths[dice.below(paths.length)]!
    const branch = paths.filter(each => each === path || each.startsWith(`${path}/`))
    const ask = (): Promise<unknown> => {
      const transaction = zk.transaction()
      switch (dice.below(8)) {
        case 0:
          return zk.delete(path)
        case 1:
        case 2:
          return zk.set(path, String(i))
        case 3:
          for (const each of branch.toReversed()) transaction.delete(each)
          return transaction.commit()
        case 4:
          for (const each of branch.toReversed()) transaction.delete(each)
          for (const each of branch) transaction.create(each, `again ${i}`)
          return transaction.commit()
        default:
          return Promise.all(branch.map(each => zk.create(each, String(i)).catch(() => {})))
      }
    }
    done.push(ask().catch(() => {}))
    if (dice.below(3) > 0) await Promise.all(done)
  }
  await Promise.all(done)
}

/** Tells the story with each of its frames cut, in each place. */
async function withEveryCut(gone = 0): Promise<{ frames: number; stories: Story[] }> {
  const { frames } = await story({ nth: 0, where: 'before' })
  const stories: Story[] = []
  for (const where of ['before', 'within', 'behind'] as const) {
    for (let nth = 1; nth <= frames; nth++) {
      try {
        stories.push(await story({ nth, where }, { gone }))
      } catch (error) {
        throw new Error(`cut ${where} frame ${nth}: ${(error as Error).message}`, { cause: error })
      }
    }
  }
  return { frames, stories }
}

describe('a cached tree is the tree', { timeout: 30_000 }, () => {
  test('whichever frame the connection is cut at', async () => {
    const { frames, stories } = await withEveryCut()
    // All but those of the first handshake and of the goodbye.
    expect(stories.filter(({ losses }) => losses > 0).length).toBeGreaterThan(3 * (frames - 5))
  })

  test('whichever frame the session is lost at', async () => {
    const { frames, stories } = await withEveryCut(9000)
    expect(stories.filter(({ sessions }) => sessions > 1).length).toBeGreaterThan(3 * (frames - 5))
  })

  test('over a network that delays, stalls and breaks as it likes', async () => {
    const network = {
      stall: 0.02,
      stallMillis: [100, 4000] as [number, number],
      break: 0.03,
      halfOpen: 0.3,
      refuse: 0.1,
    }
    let losses = 0
    for (let seed = 0; seed < 40; seed++) {
      const options = { seed: `rough ${seed}`, writes: 40, faults: { network } }
      const told = await story({ nth: 0, where: 'before' }, options).catch(error => {
        throw new Error(`seed ${seed}: ${error.message}`, { cause: error })
      })
      losses += told.losses
    }
    expect(losses).toBeGreaterThan(40)
  })
})
