import { describe, expect, test } from 'vitest'
import { emptyTree, setACL, walk } from '#lab/state/data-tree.ts'
import { unknownAcl } from '#lab/storage/files.ts'
import { looksComplete } from '#lab/storage/snapshot.ts'
import { snapshotOfApache } from './apache.ts'
import { contentOf, hexOf, refusalOf, snapshotOf, sourceOf } from './files.ts'

describe('D. Write a snapshot', () => {
  test('the snapshot of an empty tree is the one that Apache writes, byte for byte', () => {
    const tree = emptyTree()
    const bytes = snapshotOf({ zxid: 0n, sessions: new Map(), nodes: () => walk(tree) })
    expect(hexOf(bytes), 'chapter 32, "What a snapshot looks like"').toBe(hexOf(snapshotOfApache))
  })

  test('sessions stand in front, nodes behind, and the root has no name', () => {
    const bytes = snapshotOf(sourceOf(9n, [['/app', 3n, 'data']]))
    expect(hexOf(bytes.subarray(16, 32)), 'one session: its id and its timeout').toBe(
      '00000001000000000000000700000fa0',
    )
    expect(Buffer.from(bytes).includes('/app'), 'the path of a node').toBe(true)
  })

  test('what was created after the start is left to the log', () => {
    const bytes = snapshotOf(
      sourceOf(5n, [
        ['/old', 5n, ''],
        ['/new', 6n, ''],
      ]),
    )
    const found = [Buffer.from(bytes).includes('/old'), Buffer.from(bytes).includes('/new')]
    expect(found, 'a snapshot at 5, a node created by 5 and one by 6. (chapter 32, "Fuzzy")').toEqual([
      true,
      false,
    ])
  })

  test('the digest is that of the moment in which the last node is written', () => {
    let zxid = 9n
    const source = { ...sourceOf(9n, [['/a', 1n, 'x']]), digest: () => ({ zxid, digest: -2n }) }
    const bytes = snapshotOf(source, 1, () => zxid++)
    const found = hexOf(bytes.subarray(-33, -13))
    expect(found, 'zxid, version 2, digest. (chapter 32, "What a snapshot looks like")').toMatch(
      /^00000000000000(?!09)[01][0-9a-f]00000002fffffffffffffffe$/,
    )
  })

  test('the pieces of a snapshot make the same file, however small they are', () => {
    const source = sourceOf(9n, [
      ['/a', 1n, 'x'],
      ['/a/b', 2n, 'y'],
      ['/c', 3n, 'z'],
    ])
    expect(hexOf(snapshotOf(source, 1)), 'one node a piece').toBe(hexOf(snapshotOf(source)))
  })
})

describe('E. Read a snapshot', () => {
  test('what Apache wrote is read', () => {
    const { sessions, nodes } = contentOf(snapshotOfApache)
    expect(sessions).toEqual([])
    expect(nodes.map(([path]) => path)).toEqual(['/', '/zookeeper', '/zookeeper/config', '/zookeeper/quota'])
    expect(nodes[2]![1].acl, 'the ACL of /zookeeper/config').toEqual([
      { perms: 1, id: { scheme: 'world', id: 'anyone' } },
    ])
  })

  test('the digest of the tree is told', () => {
    const source = { ...sourceOf(9n, []), digest: () => ({ zxid: 12n, digest: 77n }) }
    expect(contentOf(snapshotOf(source)).digest).toEqual({ zxid: 12n, digestVersion: 2, digest: 77n })
  })

  test('a changed byte is noticed', () => {
    const bytes = snapshotOfApache.slice()
    bytes[100]! ^= 1
    expect(
      refusalOf(() => contentOf(bytes)),
      'the seal is the checksum of all before it',
    ).toBe('refused')
  })

  test('a snapshot that is cut short is refused', () => {
    expect(refusalOf(() => contentOf(snapshotOfApache.subarray(0, 200)))).toBe('refused')
  })

  test('a complete snapshot is known by its end', () => {
    expect(looksComplete(snapshotOfApache.subarray(-5))).toBe(true)
    expect(looksComplete(new Uint8Array(5))).toBe(false)
  })

  test('a node whose ACL is not in the file lets nobody in', () => {
    const source = sourceOf(9n, [['/app', 1n, '']])
    let pieces = 0
    const secret = [{ perms: 31, id: { scheme: 'digest', id: 'u:hash' } }]
    const bytes = snapshotOf(source, 1000, () => {
      // The ACLs are collected by now, and /app gets another one.
      if (pieces++ === 0) setACL(source.tree, '/app', secret, 1)
    })
    const app = contentOf(bytes).nodes.find(([path]) => path === '/app')
    expect(app?.[1].acl, 'until the log has set it. (chapter 32, "Fuzzy")').toEqual(unknownAcl)
  })
})
