import { describe, expect, test } from 'vitest'
import { createNode, deleteNode, emptyTree, setACL, walk } from '#lab/state/data-tree.ts'
import { unknownAcl } from '#lab/storage/files.ts'
import { looksComplete, snapshotWriter } from '#lab/storage/snapshot.ts'
import { snapshotOfApache } from '../../../labs/32-storage/test/apache.ts'
import {
  contentOf,
  hexOf,
  open,
  refusalOf,
  snapshotOf,
  sourceOf,
} from '../../../labs/32-storage/test/files.ts'

const secret = [{ perms: 3, id: { scheme: 'digest', id: 'u:hash' } }]

function aTree() {
  return sourceOf(9n, [
    ['/a', 1n, 'x'],
    ['/a/b', 2n, ''],
    ['/a/b/c', 3n, 'deep'],
    ['/é', 9n, 'not ASCII'],
  ])
}

describe('D. Write a snapshot', () => {
  test('what is written is read back, node by node', () => {
    const source = aTree()
    setACL(source.tree, '/a', secret, 4)
    const { sessions, nodes } = contentOf(snapshotOf(source))
    expect(sessions).toEqual([[7n, 4000]])
    expect(nodes.map(([path]) => path)).toEqual([
      '/',
      '/zookeeper',
      '/zookeeper/config',
      '/zookeeper/quota',
      '/a',
      '/a/b',
      '/a/b/c',
      '/é',
    ])
    const a = new Map(nodes).get('/a')
    expect(a?.acl).toEqual(secret)
    expect(a).toMatchObject({ czxid: 1n, aversion: 4, pzxid: 2n, cversion: 2, ephemeralOwner: 0n })
  })

  test('null and empty data are kept apart', () => {
    const source = sourceOf(9n, [['/empty', 1n, '']])
    const birth = { data: null, acl: open, ephemeralOwner: 0n, parentCVersion: 9 }
    createNode(source.tree, '/null', birth, { zxid: 2n, time: 1n })
    const nodes = new Map(contentOf(snapshotOf(source)).nodes)
    expect(nodes.get('/empty')?.data, '/empty').toEqual(new Uint8Array(0))
    expect(nodes.get('/null')?.data, '/null').toBe(null)
  })

  test('pieces of any size make the same file, seals and all', () => {
    const whole = hexOf(snapshotOf(aTree()))
    for (const nodes of [1, 2, 3, 5, 7, 8, 9]) {
      expect(hexOf(snapshotOf(aTree(), nodes)), `${nodes} nodes a piece`).toBe(whole)
    }
  })

  test('no piece is larger than it may be, and a large tree has many', () => {
    const source = sourceOf(
      9999n,
      Array.from({ length: 300 }, (_, i) => [`/n${i}`, BigInt(i + 1), 'x'.repeat(100)]),
    )
    const writer = snapshotWriter(source, { nodes: 1000, bytes: 2000 })
    let pieces = 0
    for (let piece = writer.next(); piece !== null; piece = writer.next()) {
      pieces++
      expect(piece.length, 'a limit of 2000 bytes, and at most one node of 200 more').toBeLessThan(2300)
    }
    expect(pieces, '300 nodes of 180 bytes').toBeGreaterThan(25)
    expect(writer.next(), 'after the end').toBe(null)
  })

  test('nodes that come while it is written are left out, wherever the writer is', () => {
    const source = aTree()
    let zxid = 10n
    const bytes = snapshotOf(source, 1, () => {
      const birth = { data: null, acl: open, ephemeralOwner: 0n, parentCVersion: 100 + Number(zxid) }
      createNode(source.tree, `/later${zxid}`, birth, { zxid, time: 1n })
      zxid++
      if (zxid === 14n) deleteNode(source.tree, '/é', { zxid, time: 1n })
      if (zxid > 40n) throw new Error('the writer never comes to an end')
    })
    const paths = contentOf(bytes).nodes.map(([path]) => path)
    expect(paths.filter(path => path.startsWith('/later'))).toEqual([])
    expect(paths).toContain('/a/b/c')
  })
})

describe('E. Read a snapshot', () => {
  test('every changed byte is noticed', () => {
    const bytes = snapshotOf(aTree())
    for (let at = 0; at < bytes.length; at++) {
      if (at >= 8 && at < 16) continue // the number of the database is in the checksum all the same
      const changed = bytes.slice()
      changed[at]! ^= 0x08
      expect(
        refusalOf(() => contentOf(changed)),
        `byte ${at} of ${bytes.length} changed`,
      ).toBe('refused')
    }
  })

  test('every cut is noticed, but for the one that an old server would have made', () => {
    const digest = 20 + 13
    for (let end = 0; end < snapshotOfApache.length; end++) {
      if (end === snapshotOfApache.length - digest) continue
      expect(
        refusalOf(() => contentOf(snapshotOfApache.subarray(0, end))),
        `cut at ${end}`,
      ).toBe('refused')
    }
    const old = snapshotOfApache.subarray(0, snapshotOfApache.length - digest)
    expect(contentOf(old).nodes.length, 'servers before 3.6 write no digest').toBe(4)
  })

  test('what stands behind the end is refused', () => {
    const longer = Uint8Array.from([...snapshotOfApache, 0])
    expect(
      refusalOf(() => contentOf(longer)),
      'one byte more',
    ).toBe('refused')
  })

  test('the zxid that servers since 3.9 write at the end is read over', () => {
    const tree = emptyTree()
    const bytes = snapshotOf({ zxid: 0n, sessions: new Map(), nodes: () => walk(tree) })
    const body = Uint8Array.from([...bytes, 0, 0, 0, 0, 0, 0, 0, 5])
    const sum = new Uint8Array(13)
    new DataView(sum.buffer).setUint32(4, adler(body))
    sum.set([0, 0, 0, 1, 0x2f], 8)
    expect(contentOf(Uint8Array.from([...body, ...sum])).nodes.length).toBe(4)
    expect(
      refusalOf(() => contentOf(Uint8Array.from([...body, ...sum, 0]))),
      'and a byte more',
    ).toBe('refused')
    sum[7]! ^= 1
    expect(
      refusalOf(() => contentOf(Uint8Array.from([...body, ...sum]))),
      'with a wrong seal',
    ).toBe('refused')
  })

  test('an ACL that was set since the table was written is not made up', () => {
    const source = aTree()
    let pieces = 0
    const bytes = snapshotOf(source, 1000, () => {
      if (pieces++ === 0) setACL(source.tree, '/a/b', secret, 1)
    })
    const nodes = new Map(contentOf(bytes).nodes)
    expect(nodes.get('/a/b')?.acl, 'the log will set it').toEqual(unknownAcl)
    expect(nodes.get('/a')?.acl).toEqual(open)
  })

  test('five bytes tell a complete snapshot', () => {
    expect(looksComplete(Uint8Array.from([7, 7, 0, 0, 0, 1, 0x2f])), 'with others in front').toBe(true)
    expect(looksComplete(Uint8Array.from([0, 0, 1, 0x2f])), 'only four').toBe(false)
    expect(looksComplete(Uint8Array.from([0, 0, 0, 0, 0x2f]))).toBe(false)
    expect(looksComplete(new Uint8Array(0))).toBe(false)
  })
})

function adler(bytes: Uint8Array): number {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return b * 65536 + a
}
