/**
 * A tree that others change by chance, and a cache of it whose reader has a bad connection. When they have stopped, the
 * cache must be the tree, and what it has told must add up to the same.
 */

import { Listener } from '../../../labs/13-living-with-failure/test/listener.ts'
import { listTree } from '../../src/client/trees.ts'
import type { ZooKeeper } from '../../src/client/zookeeper.ts'
import { type Prng, prng } from '../../src/lib/prng.ts'
import { type CachedNode, TreeCache } from '../../src/recipes/tree-cache.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import type { Scene } from '../client/every-cut.ts'
import { pass } from '../server/in-simulation.ts'

/** For each node its path, its data, and the zxids that make it this one and no other. */
type Content = string[]

/** Ten minutes: a network may break so often that a walk seldom comes to its end. */
const patience = 600_000

/** Plays the story; `writes` by others, drawn from the seed. Throws when anything is not as it must be. */
export async function cachedStory(
  { simulation, client, other, within }: Pick<Scene, 'simulation' | 'client' | 'other' | 'within'>,
  seed: string,
  writes: number,
): Promise<{ told: number }> {
  const dice = prng(seed)
  await within(Promise.all(paths.map(path => other.create(path, 'first').catch(() => {}))))
  const cache = new TreeCache(client, '/root', Infinity)
  const listener = new Listener('/root')
  cache.onChange(change => listener.hear(change))
  await within(Promise.all([cache.ready(), writeAtRandom(other, dice, writes)]))
  const tree = await within(again(() => treeOf(other)))
  // Nobody writes any more: what is on its way arrives, and what is lost is found again.
  const end = simulation.now() + patience
  while (!(cache.isCurrent && show(contentOf(cache)) === show(tree)) && simulation.now() < end) {
    await pass(simulation, 100)
  }
  expectSame('the cache', contentOf(cache), tree)
  if (!cache.isCurrent) throw new Error('the cache is the tree and does not know it')
  if (listener.fault !== null) throw new Error(listener.fault)
  expectSame(
    'what was told',
    listener.lines((path, { data, czxid, mzxid }) => `${path} ${data} ${czxid} ${mzxid}`),
    tree,
  )
  await cache.close()
  return { told: listener.told }
}

// What there is

type Node = Pick<CachedNode, 'data' | 'stat'>

function lineOf(path: string, { data, stat }: Node): string {
  return `${path} ${new TextDecoder().decode(data ?? new Uint8Array())} ${stat.czxid} ${stat.mzxid}`
}

function contentOf(cache: TreeCache): Content {
  return [...cache].map(node => lineOf(node.path, node)).sort()
}

async function treeOf(zk: ZooKeeper): Promise<Content> {
  const found = await listTree(zk, '/root').catch((error: KeeperError) => {
    if (error.code !== Code.NONODE) throw error
    return []
  })
  return (await Promise.all(found.map(async path => lineOf(path, await zk.get(path))))).sort()
}

function expectSame(what: string, content: Content, tree: Content): void {
  if (show(content) !== show(tree)) throw new Error(`${what}: ${show(content)}; the tree: ${show(tree)}`)
}

function show(content: Content): string {
  return content.join(', ')
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

// What others do

const paths = ['/root', '/root/a', '/root/a/x', '/root/a/x/1', '/root/a/y', '/root/b', '/root/b/z']

/** Makes, sets, takes away and makes anew, alone or in a transaction, and now and then without waiting. */
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
