/**
 * A tree that others change by chance, and a cache of it whose reader has a bad connection. When they have stopped, the
 * cache must be the tree, and what it has told must add up to the same.
 */
import { listTree } from '../../src/client/trees.ts'
import type { ZooKeeper } from '../../src/client/zookeeper.ts'
import { type Prng, prng } from '../../src/lib/prng.ts'
import { type Change, TreeCache } from '../../src/recipes/tree-cache.ts'
import { parentOf } from '../../src/state/paths.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import type { Scene } from '../client/every-cut.ts'
import { pass } from '../server/in-simulation.ts'

/** By path: the data, and the zxids that make it this one and no other. */
type Content = Record<string, string>

/** Sixty seconds: much more than a lost session needs. */
const patience = 60_000

/** Plays the story; `writes` by others, drawn from the seed. Throws when anything is not as it must be. */
export async function cachedStory(
  { simulation, client, other, within }: Pick<Scene, 'simulation' | 'client' | 'other' | 'within'>,
  seed: string,
  writes: number,
): Promise<{ told: number }> {
  const dice = prng(seed)
  await within(Promise.all(paths.map(path => other.create(path, 'first').catch(() => {}))))
  const cache = new TreeCache(client, '/root', Infinity)
  const listener = new Listener()
  cache.onChange(change => listener.hear(change))
  await within(Promise.all([cache.ready(), writeAtRandom(other, dice, writes)]))
  const tree = await within(again(() => treeOf(other)))
  // Nobody writes any more: what is on its way arrives, and what is lost is found again.
  const end = simulation.now() + patience
  while (!(cache.isCurrent && isSame(contentOf(cache), tree)) && simulation.now() < end) {
    await pass(simulation, 100)
  }
  if (!isSame(contentOf(cache), tree))
    throw new Error(`the cache: ${show(contentOf(cache))}; the tree: ${show(tree)}`)
  if (!cache.isCurrent) throw new Error('the cache is the tree and does not know it')
  if (listener.fault !== null) throw new Error(listener.fault)
  if (!isSame(listener.content(), tree))
    throw new Error(`told: ${show(listener.content())}; the tree: ${show(tree)}`)
  await cache.close()
  return { told: listener.told }
}

/** What a listener knows who has begun with nothing. It looks closely at each change. */
class Listener {
  readonly #nodes = new Map<string, { line: string; czxid: bigint; mzxid: bigint }>()
  /** The newest state of each path that it was ever told of. */
  readonly #newest = new Map<string, bigint>()
  told = 0
  fault: string | null = null

  hear(change: Change): void {
    this.told++
    this.fault ??= this.#look(change)
  }

  #look(change: Change): string | null {
    const { type, path } = change
    const before = this.#nodes.get(path)
    if (type === 'deleted') {
      if (before?.mzxid !== change.old.stat.mzxid) return `${path} was told as deleted and was not there`
      if ([...this.#nodes.keys()].some(each => each.startsWith(`${path}/`)))
        return `${path} went before its children`
      this.#nodes.delete(path)
      return null
    }
    const { czxid, mzxid } = change.node.stat
    if (type === 'created') {
      if (before !== undefined) return `${path} was told as created twice`
      if (path !== '/root' && !this.#nodes.has(parentOf(path))) return `${path} came before its parent`
    } else {
      if (before?.czxid !== czxid) return `${path} was told as changed and is another node`
      if (before.mzxid !== change.old.stat.mzxid) return `${path}: the old node is not what was told before`
      if (before.mzxid >= mzxid) return `${path} was told as changed and is no newer`
    }
    if (mzxid < (this.#newest.get(path) ?? 0n)) return `${path} became older`
    this.#newest.set(path, mzxid)
    this.#nodes.set(path, { line: lineOf(change.node), czxid, mzxid })
    return null
  }

  content(): Content {
    return sorted([...this.#nodes].map(([path, { line }]) => [path, line]))
  }
}

// What there is

function lineOf({ data, stat }: Pick<Awaited<ReturnType<ZooKeeper['get']>>, 'data' | 'stat'>): string {
  return `${decoder.decode(data ?? new Uint8Array())} ${stat.czxid} ${stat.mzxid}`
}

const decoder = new TextDecoder()

function contentOf(cache: TreeCache): Content {
  return sorted([...cache].map(node => [node.path, lineOf(node)]))
}

async function treeOf(zk: ZooKeeper): Promise<Content> {
  const found = await listTree(zk, '/root').catch((error: KeeperError) => {
    if (error.code !== Code.NONODE) throw error
    return []
  })
  return sorted(await Promise.all(found.map(async path => [path, lineOf(await zk.get(path))] as const)))
}

function sorted(entries: readonly (readonly [string, string])[]): Content {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function isSame(one: Content, other: Content): boolean {
  return show(one) === show(other)
}

function show(content: Content): string {
  return JSON.stringify(content)
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
