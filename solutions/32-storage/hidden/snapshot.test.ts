import { describe, expect, test } from 'vitest'
import { createNode, deleteNode, emptyTree, setACL, walk } from '#lab/state/data-tree.ts'
import { unknownAcl } from '#lab/storage/files.ts'
import { looksComplete, readSnapshot, type SnapshotSource, snapshotWriter } from '#lab/storage/snapshot.ts'
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

  test('a piece ends with the node that fills it, and not before', () => {
    const taken = (limits?: { nodes: number; bytes: number }) => {
      const source = aTree()
      let nodes = 0
      const counting = {
        ...source,
        nodes: () => {
          const all = source.nodes()
          return {
            next: () => {
              const next = all.next()
              if (!next.done) nodes++
              return next
            },
          }
        },
      }
      const writer = snapshotWriter(counting, limits)
      const pieces: { nodes: number; length: number }[] = []
      for (let piece = writer.next(); piece !== null; piece = writer.next()) {
        if (piece.length > 0) pieces.push({ nodes, length: piece.length })
        nodes = 0
        if (pieces.length > 50) throw new Error('the writer never comes to an end')
      }
      return pieces
    }
    const withNodes = (limits?: { nodes: number; bytes: number }) =>
      taken(limits).filter(({ nodes, length }) => nodes > 0 && length > 0)
    const counts = (limits?: { nodes: number; bytes: number }) => withNodes(limits).map(({ nodes }) => nodes)
    expect(counts({ nodes: 3, bytes: 1e6 }), 'eight nodes, three a piece').toEqual([3, 3, 2])
    const [one, two] = withNodes({ nodes: 1, bytes: 1e6 })
    const bytes = one!.length + two!.length
    expect(counts({ nodes: 99, bytes })[0], 'two nodes reach the limit').toBe(2)
    expect(counts({ nodes: 99, bytes: bytes + 1 })[0], 'two nodes are a byte below the limit').toBe(3)
    expect(counts(), 'nobody has set a limit, and the tree is small').toEqual([8])
  })

  test('of a large tree no piece looks at all the nodes', () => {
    const source = sourceOf(
      999n,
      Array.from({ length: 300 }, (_, i) => [`/n${i}`, BigInt(i + 1), '']),
    )
    let looked = 0
    const nodes = () => {
      const all = source.nodes()
      return {
        next: () => {
          looked++
          return all.next()
        },
      }
    }
    let most = 0
    snapshotOf({ ...source, nodes }, 2, () => {
      most = Math.max(most, looked)
      looked = 0
    })
    expect(most, 'of 304 nodes, with 2 nodes to be written in a piece').toBeLessThan(100)
  })

  test('each list stands once in the table, and the one that everybody has not at all', () => {
    const source = aTree()
    setACL(source.tree, '/a', secret, 1)
    setACL(source.tree, '/a/b', structuredClone(secret), 1)
    setACL(source.tree, '/a/b/c', structuredClone(open), 1)
    const bytes = snapshotOf(source)
    const [head, sessions, count] = [16, 4 + 12, 4]
    const view = new DataView(bytes.buffer, bytes.byteOffset + head + sessions, count)
    expect(view.getInt32(0), 'that of /zookeeper/config, and that of /a and /a/b').toBe(2)
    const nodes = new Map(contentOf(bytes).nodes)
    const lists = ['/', '/a', '/a/b', '/a/b/c'].map(path => nodes.get(path)?.acl)
    expect(lists).toEqual([open, secret, secret, open])
  })

  test('nodes that come while it is written are left out, wherever the writer is', () => {
    const source = aTree()
    const create = (path: string, zxid: bigint) => {
      const birth = { data: null, acl: open, ephemeralOwner: 0n, parentCVersion: 100 + Number(zxid) }
      createNode(source.tree, path, birth, { zxid, time: 1n })
    }
    // So many that they come while it looks at the ACLs, and while it writes the nodes.
    for (let i = 0; i < 30; i++) create(`/early${i}`, 9n)
    let zxid = 10n
    const bytes = snapshotOf(source, 1, () => {
      create(`/later${zxid}`, zxid)
      zxid++
      if (zxid === 14n) deleteNode(source.tree, '/é', { zxid, time: 1n })
      if (zxid > 80n) throw new Error('the writer never comes to an end')
    })
    const paths = contentOf(bytes).nodes.map(([path]) => path)
    expect(paths.filter(path => path.startsWith('/later'))).toEqual([])
    expect(paths).toContain('/a/b/c')
    expect(paths.filter(path => path.startsWith('/early')).length).toBe(30)
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

  test('what does not begin as a snapshot does is refused, its seals being right', () => {
    const changed = (at: number, byte: number) => {
      const body = bodyOf(aTree())
      body[at] = byte
      return refusalOf(() => contentOf(sealed(body)))
    }
    expect(contentOf(sealed(bodyOf(aTree()))).nodes.length, 'nothing changed').toBe(8)
    expect(changed(3, 0x47), 'ZKSG').toBe('refused')
    expect(changed(7, 3), 'version 3').toBe('refused')
  })

  test('a count below nothing is refused, its seal being right', () => {
    const counted = (count: number) => {
      const body = bodyOf({ ...aTree(), sessions: new Map() })
      new DataView(body.buffer, body.byteOffset).setInt32(16, count)
      return refusalOf(() => contentOf(sealed(body)))
    }
    expect(counted(0), 'no sessions, which is so').toBe('no refusal: [object Object]')
    expect(counted(-1), '-1 sessions').toBe('refused')
    expect(counted(0x7fff_ffff), 'more sessions than there are bytes').toBe('refused')
  })

  test('a node without a path is refused, its seal being right', () => {
    const body = bodyOf(aTree())
    const end = 5 // the path that ends the nodes
    const nameless = body.slice(0, -end)
    const parts = [nameless, [0xff, 0xff, 0xff, 0xff], new Uint8Array(4 + 8 + 60), body.subarray(-end)]
    expect(refusalOf(() => contentOf(sealed(Uint8Array.from(parts.flatMap(part => [...part])))))).toBe(
      'refused',
    )
  })

  test('who does not want the digest is not told of it', () => {
    const paths: string[] = []
    const reader = { session: () => {}, node: (path: string) => void paths.push(path) }
    readSnapshot(snapshotOfApache, reader)
    expect(paths.length, 'the four nodes of an empty tree').toBe(4)
  })

  test('what the reader throws is not taken for a fault of the file', () => {
    const bytes = snapshotOf(aTree())
    const trouble = new Error('there is no room for this node')
    const reader = {
      session: () => {},
      node: () => {
        throw trouble
      },
    }
    expect(refusalOf(() => readSnapshot(bytes, reader))).toBe('Error: there is no room for this node')
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
    const others = aTree()
    setACL(others.tree, '/a', secret, 1)
    setACL(others.tree, '/a/b', [...secret, ...open], 1)
    let isFirst = true
    const rest = snapshotOf(others, 1000, () => {
      if (isFirst) setACL(others.tree, '/é', [...open, ...secret], 1)
      isFirst = false
    })
    expect(new Map(contentOf(rest).nodes).get('/é')?.acl, 'nor taken from another node').toEqual(unknownAcl)
  })

  test('five bytes tell a complete snapshot', () => {
    expect(looksComplete(Uint8Array.from([7, 7, 0, 0, 0, 1, 0x2f])), 'with others in front').toBe(true)
    expect(looksComplete(Uint8Array.from([0, 0, 0, 1, 0x2f])), 'and nothing else').toBe(true)
    expect(looksComplete(Uint8Array.from([0, 0, 1, 0x2f])), 'only four').toBe(false)
    expect(looksComplete(Uint8Array.from([0, 0, 0, 0, 0x2f]))).toBe(false)
    expect(looksComplete(new Uint8Array(0))).toBe(false)
  })
})

/** What the first seal of a snapshot covers. */
function bodyOf(source: SnapshotSource): Uint8Array {
  const [seal, digest] = [13, 20]
  return snapshotOf(source).slice(0, -(seal + digest + seal))
}

/** A snapshot without a digest, as servers before 3.6 wrote it. */
function sealed(body: Uint8Array): Uint8Array {
  const seal = new Uint8Array(13)
  new DataView(seal.buffer).setUint32(4, adler(body))
  seal.set([0, 0, 0, 1, 0x2f], 8)
  return Uint8Array.from([...body, ...seal])
}

function adler(bytes: Uint8Array): number {
  let [a, b] = [1, 0]
  for (const byte of bytes) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return b * 65536 + a
}
