import { crc32 } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { emptyTree, nodeAt } from '../../src/state/data-tree.ts'
import { containerOwner, isEphemeral, ttlOwner } from '../../src/state/znode.ts'

describe('the owner of a node', () => {
  test('every session makes an ephemeral node, whichever server opened it', () => {
    for (let serverId = 0n; serverId <= 254n; serverId++) {
      const session = BigInt.asIntN(64, (serverId << 56n) | 0x01_8c88_b000_0001n)
      expect(isEphemeral(session), `of server ${serverId}`).toBe(true)
    }
  })

  test('nobody, the mark of a container and a time to live are no sessions', () => {
    expect([0n, containerOwner, ttlOwner(1n), ttlOwner(2n ** 40n - 1n)].map(isEphemeral)).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})

test("an empty tree is Apache's: it has the digest that the first transaction of an Apache server carries", () => {
  const tree = emptyTree()
  // The root counts under the empty path; what lies below /zookeeper is left out.
  const digest = ['', '/zookeeper'].reduce((sum, path) => {
    const node = nodeAt(tree, path)!
    const { czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = node
    const fields = new DataView(new ArrayBuffer(60))
    for (const [index, long] of [czxid, mzxid, pzxid, ctime, mtime].entries())
      fields.setBigInt64(index * 8, long)
    for (const [index, int] of [version, cversion, aversion].entries()) fields.setInt32(40 + index * 4, int)
    fields.setBigInt64(52, ephemeralOwner)
    return sum + crc32(Buffer.concat([Buffer.from(path), node.data!, Buffer.from(fields.buffer)]))
  }, 0)
  expect(digest).toBe(0x51c6d660)
})
