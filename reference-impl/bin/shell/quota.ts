/**
 * Limits on a branch of the tree, kept in nodes below /zookeeper/quota. The limits are this side's to write; the server
 * counts what there is. Source: Apache's SetQuotaCommand, ListQuotaCommand and DelQuotaCommand.
 */
import { childOf, listTree, makePath } from '../../src/client/trees.ts'
import type { ZooKeeper } from '../../src/client/zookeeper.ts'
import { parentOf } from '../../src/state/paths.ts'
import { figuresOf, figuresText } from '../../src/state/quotas.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'

const root = '/zookeeper/quota'
const limitsName = 'zookeeper_limits'
const statsName = 'zookeeper_stats'

/** `n` and `b` warn when there are more nodes or bytes; `N` and `B` refuse what would make more, where quotas are enforced. */
export const limitNames = { n: 'count', b: 'bytes', N: 'countHardLimit', B: 'byteHardLimit' } as const
export type LimitFlag = keyof typeof limitNames

export interface Quota {
  path: string
  limits: ReadonlyMap<string, number>
  stats: ReadonlyMap<string, number>
}

/** Sets one limit, beside those that there are. Returns why not, or null. */
export async function setQuota(
  zk: ZooKeeper,
  path: string,
  flag: LimitFlag,
  limit: number,
): Promise<string | null> {
  if ((await zk.exists(path)) === null) return `there is no node ${path}`
  const conflict = await conflicting(zk, path)
  if (conflict !== null) return `${conflict} has a quota already, and one quota may not stand inside another`
  const node = root + path
  const known = await textOf(zk, `${node}/${limitsName}`)
  const limits = figuresOf(known ?? 'count=-1,bytes=-1')
  limits.set(limitNames[flag], limit)
  if (known !== null) {
    await zk.set(`${node}/${limitsName}`, figuresText(limits))
    return null
  }
  await makePath(zk, node)
  await zk.create(`${node}/${limitsName}`, figuresText(limits))
  const all = await listTree(zk, path)
  const stats = await Promise.all(all.map(each => zk.exists(each)))
  const bytes = stats.reduce((sum, stat) => sum + (stat?.dataLength ?? 0), 0)
  const counted = new Map([
    ['count', all.length],
    ['bytes', bytes],
  ])
  await zk.create(`${node}/${statsName}`, figuresText(counted))
  return null
}

export async function quotaOf(zk: ZooKeeper, path: string): Promise<Quota | null> {
  const limits = await textOf(zk, `${root + path}/${limitsName}`)
  if (limits === null) return null
  const stats = await textOf(zk, `${root + path}/${statsName}`)
  return { path, limits: figuresOf(limits), stats: figuresOf(stats ?? '') }
}

/** Takes these limits away, all where none is named; with the last one goes the quota. False: there was none. */
export async function deleteQuota(
  zk: ZooKeeper,
  path: string,
  flags: readonly LimitFlag[],
): Promise<boolean> {
  const quota = await quotaOf(zk, path)
  if (quota === null) return false
  const limits = new Map(quota.limits)
  for (const flag of flags) limits.set(limitNames[flag], -1)
  if (flags.length > 0 && [...limits.values()].some(limit => limit !== -1)) {
    await zk.set(`${root + path}/${limitsName}`, figuresText(limits))
    return true
  }
  await zk
    .transaction()
    .delete(`${root + path}/${limitsName}`)
    .delete(`${root + path}/${statsName}`)
    .commit()
  for (let node = root + path; node !== root; node = parentOf(node)) {
    try {
      await zk.delete(node)
    } catch (error) {
      if ((error as KeeperError).code === Code.NOTEMPTY) break
      throw error
    }
  }
  return true
}

/** The path of another quota that is above or below this one. */
async function conflicting(zk: ZooKeeper, path: string): Promise<string | null> {
  let at = path
  while (at !== '/') {
    at = parentOf(at)
    if ((await zk.exists(childOf(root + (at === '/' ? '' : at), limitsName))) !== null) return at
  }
  if ((await zk.exists(root + path)) === null) return null
  const below = (await listTree(zk, root + path)).find(
    each => each.endsWith(`/${limitsName}`) && each !== `${root + path}/${limitsName}`,
  )
  return below === undefined ? null : parentOf(below).slice(root.length)
}

async function textOf(zk: ZooKeeper, path: string): Promise<string | null> {
  try {
    return new TextDecoder().decode((await zk.get(path)).data ?? undefined)
  } catch (error) {
    if ((error as KeeperError).code === Code.NONODE) return null
    throw error
  }
}
