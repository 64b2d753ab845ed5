/**
 * Nodes that end by themselves: containers whose last child is gone, and nodes whose time to live is over. Nobody asks
 * for it, so now and then the server that orders writes goes through its tree, a piece at a time, and orders their end.
 * Source: Apache's ContainerManager. Cost: a piece takes about a millisecond; between two rounds there is none.
 */
import { walk } from '../state/data-tree.ts'
import { parentOf } from '../state/paths.ts'
import { containerOwner, ttlOf, type Znode } from '../state/znode.ts'
import { OpCode } from '../wire/opcodes.ts'
import type { Txn } from '../wire/txn.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Millis } from '../world/world.ts'
import { change, factsOf, type Outstanding } from './outstanding.ts'

export interface ReapRules {
  /** How long after the beginning of a round the next one begins; 0: there are none. */
  every: Millis
  perMinute: number
  /** A container that never had a child ends when it is so old; 0: it stays. */
  neverUsed: Millis
}

export interface Reaper {
  /** The paths to end now. Those that get no answer because of the limit come up again in the next round. */
  due(now: Millis, wall: Millis): string[]
}

const piece = 10_000
const between: Millis = 100

export function reaper(outstanding: Outstanding, { every, perMinute, neverUsed }: ReapRules): Reaper {
  let round: Iterator<[string, Readonly<Znode>]> | null = null
  let nextRound = Number.NaN
  let nextPiece: Millis = 0
  let left = 0

  function isDue(path: string, node: Readonly<Znode>, wall: Millis): boolean {
    const ttl = ttlOf(node.ephemeralOwner)
    if (ttl === null && node.ephemeralOwner !== containerOwner) return false
    // What becomes of it is being decided: it may be renewed, or get a child.
    if (outstanding.latest.has(path)) return false
    const { childCount, cversion } = factsOf(outstanding, path)!
    if (childCount > 0) return false
    const age = wall - Number(node.mtime)
    if (ttl !== null) return age > ttl
    return cversion > 0 || (neverUsed > 0 && age > neverUsed)
  }

  return {
    due(now, wall) {
      if (every === 0 || now < nextPiece) return []
      if (round === null) {
        // The first round is not at the start: a server that has just come back lets its clients come back first.
        if (Number.isNaN(nextRound)) nextRound = now + every
        if (now < nextRound) return []
        nextRound = now + every
        left = Math.max(1, Math.floor((perMinute * every) / 60_000))
        round = walk(outstanding.tree)
      }
      nextPiece = now + between
      const paths: string[] = []
      for (let looked = 0; looked < piece && left > 0; looked++) {
        const next = round.next()
        if (next.done === true) left = 0
        else if (isDue(...next.value, wall)) {
          paths.push(next.value[0])
          left--
        }
      }
      if (left === 0) round = null
      return paths
    },
  }
}

/** The transaction that ends a node, and what it will make of the tree. */
export function reap(outstanding: Outstanding, zxid: Zxid, path: string): Txn {
  const parentPath = parentOf(path)
  const parent = factsOf(outstanding, parentPath)!
  change(outstanding, zxid, parentPath, { ...parent, childCount: parent.childCount - 1 })
  change(outstanding, zxid, path, null)
  return { type: OpCode.deleteContainer, record: { path } }
}
