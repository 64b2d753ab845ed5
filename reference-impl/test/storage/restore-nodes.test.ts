/** Nodes that come back from the bytes of a snapshot, and the same nodes read one by one: it makes no difference. */
import { expect, test } from 'vitest'
import { longestInArena } from '../../src/lib/arena.ts'
import { prng } from '../../src/lib/prng.ts'
import {
  childrenOf,
  createNode,
  type DataTree,
  emptyTree,
  restoreNode,
  walk,
} from '../../src/state/data-tree.ts'
import { openAcl } from '../../src/state/identity.ts'
import { containerOwner, type SessionId, ttlOwner } from '../../src/state/znode.ts'
import { restoreNodes } from '../../src/storage/restore-nodes.ts'
import { readSnapshot } from '../../src/storage/snapshot.ts'
import { snapshotFile, stateOf } from './history.ts'

const closed = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }]
const names = ['a', 'c', 'd', 'e', 'b-0000000001', 'ä', '子', 'ab', 'a b', '\u{1f600}', 'x'.repeat(300)]
const datas = [null, 0, 1, 100, longestInArena, longestInArena + 1].map(length =>
  length === null ? null : new Uint8Array(length).fill(length),
)
const owners = [0n, 0n, 0n, 0n, 77n, containerOwner, ttlOwner(500n)]

/** A tree of nodes of every kind, in any order. */
function grown(seed: number): { tree: DataTree; sessions: Map<SessionId, number> } {
  const dice = prng(seed)
  const tree = emptyTree()
  const one = <T>(of: readonly T[]): T => of[dice.below(of.length)]!
  const parents = ['', '/zookeeper']
  for (let zxid = 1n; zxid <= 300n; zxid++) {
    const path = `${one(parents)}/${one(names)}`
    const birth = { data: one(datas), acl: one([openAcl, closed]), ephemeralOwner: one(owners) }
    try {
      createNode(tree, path, { ...birth, parentCVersion: Number(zxid) }, { zxid, time: zxid << 33n })
      parents.push(path)
    } catch {
      // It is there already.
    }
  }
  return { tree, sessions: new Map([[77n, 4000]]) }
}

test.each([1, 2, 3])(
  'a tree of nodes of every kind comes back from the bytes as it does node by node, seed %i',
  seed => {
    const { tree, sessions } = grown(seed)
    const [, bytes] = snapshotFile({ zxid: 300n, sessions, nodes: () => walk(tree) })
    const [fromBytes, oneByOne] = [emptyTree(), emptyTree()]
    let skimmed = 0
    readSnapshot(bytes, {
      session() {},
      node: (path, node) => restoreNode(fromBytes, path, node),
      skim(left, acls) {
        const start = bytes.length - left
        const end = restoreNodes(fromBytes.nodes, bytes, start, acls)
        if (end > start) skimmed++
        return end - start
      },
    })
    readSnapshot(bytes, { session() {}, node: (path, node) => restoreNode(oneByOne, path, node) })
    expect(stateOf({ tree: fromBytes, sessions })).toBe(stateOf({ tree: oneByOne, sessions }))
    expect(stateOf({ tree: fromBytes, sessions })).toBe(stateOf({ tree, sessions }))
    expect(skimmed, 'they are mixed').toBeGreaterThan(10)
  },
)

test('a tree that came back from bytes has none of them in common with the file', () => {
  const { tree, sessions } = grown(4)
  const [, bytes] = snapshotFile({ zxid: 300n, sessions, nodes: () => walk(tree) })
  const back = emptyTree()
  readSnapshot(bytes, {
    session() {},
    node: (path, node) => restoreNode(back, path, node),
    skim: (left, acls) => restoreNodes(back.nodes, bytes, bytes.length - left, acls) - (bytes.length - left),
  })
  const before = stateOf({ tree: back, sessions })
  bytes.fill(0)
  expect(stateOf({ tree: back, sessions })).toBe(before)
  expect(childrenOf(back, '/zookeeper')).toContain('quota')
})
