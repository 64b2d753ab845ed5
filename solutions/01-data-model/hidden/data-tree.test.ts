import { describe, expect, test } from 'vitest'
import {
  aclOf,
  childCountOf,
  childrenOf,
  countCreate,
  createNode,
  dataOf,
  deleteNode,
  emptyTree,
  ephemeralOwners,
  ephemeralsOf,
  nextSequence,
  nextVersion,
  nodeAt,
  nodeCount,
  restoreNode,
  sequenceSuffix,
  setData,
  statOf,
} from '#lab/state/data-tree.ts'
import { containerOwner } from '#lab/state/znode.ts'
import {
  bytes,
  everyone,
  history,
  readers,
  thrownBy,
  timeOf,
} from '../../../labs/01-data-model/test/history.ts'
import { looksDuring } from './looks.inside.ts'

const newborn = (parentCVersion: number, ephemeralOwner = 0n) => ({
  data: null,
  acl: everyone,
  ephemeralOwner,
  parentCVersion,
})
const at = (zxid: bigint) => ({ zxid, time: timeOf(zxid) })

describe('A. Create a node', () => {
  test('creating a grandchild leaves the grandparent and the uncles alone', () => {
    const h = history().create('/a').create('/a/b').create('/a/c')
    const before = [h.stat('/a'), h.stat('/a/c'), h.stat('/')]
    h.create('/a/b/d')
    const rule = 'Only the direct parent learns of a create.'
    expect([h.stat('/a'), h.stat('/a/c'), h.stat('/')], h.because(rule, 'The Stat, field by field')).toEqual(
      before,
    )
  })

  test('null data and empty data stay different, and both have the length 0', () => {
    const h = history()
      .create('/null', { data: null })
      .create('/empty', { data: new Uint8Array(0) })
    expect(dataOf(h.tree, '/null'), h.because('null comes back as null.', 'The znode')).toBeNull()
    expect(dataOf(h.tree, '/empty'), h.because('Empty comes back as empty.', 'The znode')).toEqual(
      new Uint8Array(0),
    )
    expect([h.stat('/null').dataLength, h.stat('/empty').dataLength]).toEqual([0, 0])
  })

  test('a create that fails changes nothing', () => {
    const h = history()
      .create('/a', { data: bytes('first') })
      .create('/a/b')
      .create('/e', { data: null })
    const before = [h.stat('/'), h.stat('/a'), h.stat('/a/b'), nodeCount(h.tree)]
    thrownBy(() => createNode(h.tree, '/a', newborn(9), at(9n)))
    thrownBy(() => createNode(h.tree, '/a/b', newborn(9), at(10n)))
    thrownBy(() => createNode(h.tree, '/none/b', newborn(9), at(11n)))
    const rule = 'NODEEXISTS and NONODE leave the tree as it was, the parent included.'
    expect(
      [h.stat('/'), h.stat('/a'), h.stat('/a/b'), nodeCount(h.tree)],
      h.because(rule, 'Applied twice'),
    ).toEqual(before)
    expect(dataOf(h.tree, '/a'), h.because(rule, 'Applied twice')).toEqual(bytes('first'))
  })

  test('the same name under two parents names two nodes', () => {
    const h = history()
      .create('/a')
      .create('/b')
      .create('/a/x', { data: bytes('1') })
      .create('/b/x', { data: bytes('22') })
    expect([h.stat('/a/x').dataLength, h.stat('/b/x').dataLength]).toEqual([1, 2])
  })

  test('a path that begins like another one is not below it', () => {
    const h = history().create('/a').create('/ab').create('/ab/c')
    const rule = '/ab/c is a child of /ab, and /a has none.'
    expect(childrenOf(h.tree, '/a'), h.because(rule, 'The znode')).toEqual([])
    expect(h.stat('/a').numChildren, h.because(rule, 'The znode')).toBe(0)
  })

  test('the empty path is another name of the root', () => {
    const h = history().create('/a')
    const rule = 'Reads may call the root by the empty path.'
    expect(h.stat(''), h.because(rule, 'The znode')).toEqual(h.stat('/'))
    expect(h.stat('/'), h.because('A child of / is counted in /.', 'The znode')).toMatchObject({
      cversion: 0,
      numChildren: 2,
      pzxid: 1n,
    })
    expect(childCountOf(h.tree, '')).toBe(2)
    expect(nodeAt(h.tree, ''), h.because(rule, 'The znode')).toEqual(nodeAt(h.tree, '/'))
    expect(nodeAt(h.tree, '')?.pzxid, h.because(rule, 'The znode')).toBe(1n)
  })

  test('everybody may do everything with what is built in, but with config only read', () => {
    const h = history().create('/a')
    const rule = "As on Apache's server; only the ACL of config was ever set, from -1 on."
    const builtIn = ['/', '/zookeeper', '/zookeeper/quota', '/zookeeper/config']
    const found = builtIn.map(path => [path, aclOf(h.tree, path), h.stat(path).aversion])
    expect(found, h.because(rule, 'The znode')).toEqual([
      ['/', everyone, 0],
      ['/zookeeper', everyone, 0],
      ['/zookeeper/quota', everyone, 0],
      ['/zookeeper/config', readers, -1],
    ])
  })

  test('a node put back in place of a built-in one keeps what stands below it', () => {
    const h = history().create('/a', { acl: readers })
    const kept = nodeAt(h.tree, '/a')!
    const rule = 'A snapshot brings a node, and its children are nodes of their own.'
    for (const [path, names] of [
      ['/', ['a', 'zookeeper']],
      ['/zookeeper', ['config', 'quota']],
    ] as const) {
      restoreNode(h.tree, path, kept)
      expect(childrenOf(h.tree, path).sort(), h.because(rule, 'The znode')).toEqual(names)
      expect(aclOf(h.tree, path), h.because(rule, 'The znode')).toEqual(readers)
    }
    expect(thrownBy(() => restoreNode(h.tree, '/none/x', kept))).toBe('NONODE')
    expect(nodeAt(h.tree, '/none/x')).toBeUndefined()
  })

  test('the list of children is a copy that neither side can spoil', () => {
    const h = history().create('/a').create('/a/b')
    const list = childrenOf(h.tree, '/a')
    h.create('/a/c')
    expect(list, h.because('A list handed out must not grow later.', 'The znode')).toEqual(['b'])
    list.length = 0
    const rule = 'Who was given a list may empty it, and the tree must not care.'
    expect(childrenOf(h.tree, '/a').sort(), h.because(rule, 'The znode')).toEqual(['b', 'c'])
  })

  test('a Stat handed out does not change later', () => {
    const h = history().create('/a')
    const before = h.stat('/a')
    const copy = { ...before }
    h.create('/a/b')
    expect(before, h.because('A Stat is a picture, not a window.', 'The Stat, field by field')).toEqual(copy)
  })

  test('a create that was counted before does not take pzxid back', () => {
    const h = history().create('/a')
    countCreate(h.tree, '/a', 5, 10n)
    countCreate(h.tree, '/a', 5, 8n)
    const rule =
      'Create 5 of /a is in: counting it again must not touch pzxid, which a later delete may have moved.'
    expect(h.stat('/a').pzxid, h.because(rule, 'Applied twice')).toBe(10n)
  })

  test('counting a create below nothing is NONODE', () => {
    expect(thrownBy(() => countCreate(emptyTree(), '/none', 1, 1n))).toBe('NONODE')
  })

  test('the cversion shown is 32 bits wide, as Apache shows it', () => {
    const h = history().create('/a')
    countCreate(h.tree, '/a', 2147483646, 5n)
    const rule = '2 × 2147483646 does not fit into a signed 32-bit number; what is left of it is -4.'
    expect(h.stat('/a').cversion, h.because(rule, 'The secret of cversion')).toBe(-4)
  })

  test('the count after 2147483647 is -2147483648, and that is forward', () => {
    const h = history().create('/a')
    countCreate(h.tree, '/a', 2147483647, 5n)
    countCreate(h.tree, '/a', -2147483648, 6n)
    const rule =
      'The counter wraps; a parent that stops counting here can never have a sequential child again.'
    expect(nodeAt(h.tree, '/a')?.cversion, h.because(rule, 'Numbers that never come back')).toBe(-2147483648)
    expect(h.stat('/a').pzxid, h.because(rule, 'Numbers that never come back')).toBe(6n)
  })

  test('nothing that a create does grows with the number of siblings', () => {
    const few = manySiblings(10)
    const many = manySiblings(4000)
    const work = (tree: ReturnType<typeof emptyTree>) =>
      looksDuring(() => {
        createNode(tree, '/a/new', newborn(4001), at(9000n))
        createNode(tree, '/a/new/below', newborn(1), at(9001n))
        statOf(tree, '/a')
        statOf(tree, '/a/new')
      })
    const rule = 'Elements of maps, sets and arrays walked over, with 10 siblings and with 4000.'
    expect(work(many), rule).toBeLessThan(work(few) + 100)
  })

  test('a path a thousand levels deep works like any other', () => {
    const h = history()
    let path = ''
    for (let level = 0; level < 1000; level++) {
      path += `/${level}`
      h.create(path)
    }
    expect(nodeCount(h.tree)).toBe(1004)
    expect(h.stat(path)).toMatchObject({ czxid: 1000n, numChildren: 0, cversion: 0 })
    expect(h.stat(path.slice(0, -4))).toMatchObject({
      czxid: 999n,
      numChildren: 1,
      cversion: 1,
      pzxid: 1000n,
    })
  })
})

describe('B. Delete a node', () => {
  test('a delete counts in no stored counter', () => {
    const h = history().create('/a').create('/a/b').create('/a/c').delete('/a/b').delete('/a/c')
    const rule = 'Two creates are two creates, whatever was deleted since.'
    expect(nodeAt(h.tree, '/a')?.cversion, h.because(rule, 'The secret of cversion')).toBe(2)
    expect(h.stat('/a').cversion, h.because('2 × 2 − 0', 'The secret of cversion')).toBe(4)
  })

  test('a delete leaves everything else of the parent as it was', () => {
    const h = history()
      .create('/a', { data: bytes('x') })
      .create('/a/b')
    const before = h.stat('/a')
    h.delete('/a/b')
    expect(
      h.stat('/a'),
      h.because('Only pzxid, cversion, numChildren move.', 'What a delete leaves'),
    ).toEqual({
      ...before,
      pzxid: 3n,
      cversion: 2,
      numChildren: 0,
    })
  })

  test('the same name under another parent stays', () => {
    const h = history().create('/a').create('/b').create('/a/x').create('/b/x').delete('/a/x')
    expect(childrenOf(h.tree, '/b'), h.because('/b/x is another node than /a/x.', 'The znode')).toEqual(['x'])
  })

  test('deleting a node leaves alone what only begins like it', () => {
    const h = history().create('/a').create('/ab').create('/ab/c').delete('/a')
    expect(h.stat('/ab').numChildren, h.because('/ab is a sibling of /a.', 'What a delete leaves')).toBe(1)
    expect(nodeAt(h.tree, '/ab/c')).toBeDefined()
  })

  test('a replayed delete of a missing child moves pzxid all the same', () => {
    const h = history().create('/a')
    expect(thrownBy(() => deleteNode(h.tree, '/a/b', at(8n)))).toBe('NONODE')
    const rule = 'The snapshot may hold the parent from before the delete and no child from after it.'
    expect(h.stat('/a').pzxid, h.because(rule, 'Applied twice')).toBe(8n)
  })

  test('a replayed delete never takes pzxid back', () => {
    const h = history().create('/a').create('/a/b').create('/a/c')
    deleteNode(h.tree, '/a/b', at(2n))
    thrownBy(() => deleteNode(h.tree, '/a/x', at(1n)))
    const rule = 'pzxid was 3; a delete with an older zxid is in the past of the snapshot.'
    expect(h.stat('/a').pzxid, h.because(rule, 'Applied twice')).toBe(3n)
  })

  test('deleting below nothing is NONODE', () => {
    expect(thrownBy(() => deleteNode(emptyTree(), '/none/b', at(1n)))).toBe('NONODE')
  })

  test('a replayed delete leaves no grandchild behind to collide with', () => {
    const h = history()
      .create('/a')
      .create('/a/b')
      .create('/a/b/c')
      .create('/a/b/c/d')
      .create('/a/e')
      .delete('/a')
    const rule = 'All five are gone, and the log creates them again.'
    expect(nodeCount(h.tree), h.because(rule, 'Applied twice')).toBe(4)
    h.create('/a')
    expect(childrenOf(h.tree, '/a'), h.because(rule, 'Applied twice')).toEqual([])
    expect(thrownBy(() => createNode(h.tree, '/a/b', newborn(1), at(20n)))).toBe('nothing')
  })

  test('nothing that a delete does grows with the number of siblings', () => {
    const work = (tree: ReturnType<typeof emptyTree>) =>
      looksDuring(() => deleteNode(tree, '/a/5', at(9000n)))
    const rule = 'Elements of maps, sets and arrays walked over, with 10 siblings and with 4000.'
    expect(work(manySiblings(4000)), rule).toBeLessThan(work(manySiblings(10)) + 100)
  })
})

describe('C. Data and versions', () => {
  test('setACL does not touch mzxid, mtime nor version', () => {
    const h = history()
      .create('/a', { data: bytes('x') })
      .setData('/a', bytes('y'))
    const before = h.stat('/a')
    h.setACL('/a', readers)
    const rule = 'The ACL has a version of its own, and nothing else of the node was modified.'
    expect(h.stat('/a'), h.because(rule, 'Versions, not locks')).toEqual({ ...before, aversion: 1 })
  })

  test('setData does not touch the parent, the children nor the ACL', () => {
    const h = history().create('/a', { acl: readers }).create('/a/b').create('/a/b/c')
    const before = [h.stat('/a'), h.stat('/a/b/c')]
    h.setData('/a/b', bytes('new'))
    const rule = 'Data is a matter of the node alone: no pzxid moves, above or below.'
    expect([h.stat('/a'), h.stat('/a/b/c')], h.because(rule, 'The Stat, field by field')).toEqual(before)
    expect(h.stat('/a/b').pzxid, h.because(rule, 'The Stat, field by field')).toBe(3n)
  })

  test('data may become null and come back', () => {
    const h = history()
      .create('/a', { data: bytes('x') })
      .setData('/a', null)
    expect(dataOf(h.tree, '/a')).toBeNull()
    expect(h.stat('/a')).toMatchObject({ dataLength: 0, version: 1 })
    expect(dataOf(h.setData('/a', bytes('back')).tree, '/a')).toEqual(bytes('back'))
  })

  test('the version is what the transaction says, so that it can come twice', () => {
    const h = history().create('/a')
    setData(h.tree, '/a', bytes('x'), 7, at(2n))
    setData(h.tree, '/a', bytes('x'), 7, at(2n))
    const rule = 'The transaction said 7 both times. The tree does not count: it is told.'
    expect(h.stat('/a'), h.because(rule, 'Applied twice')).toMatchObject({
      version: 7,
      mzxid: 2n,
      mtime: timeOf(2n),
    })
  })

  test('a version wraps at both ends of 31 bits', () => {
    const rule = 'One more than the greatest 32-bit number is the least. (chapter 01, "Versions, not locks")'
    expect([2147483646, 2147483647].map(nextVersion), rule).toEqual([2147483647, -2147483648])
  })

  test('on its way up again a version leaves out -1', () => {
    const rule =
      '-1 in a request means "any version": no node may have it by counting. (chapter 01, "Versions, not locks")'
    expect([-2147483648, -3, -2, 0].map(nextVersion), rule).toEqual([-2147483647, -2, 0, 1])
  })

  test('a node created again under its old name starts from nothing', () => {
    const h = history()
      .create('/a', { data: bytes('old') })
      .create('/a/b')
      .setData('/a', bytes('older'))
    h.setACL('/a', readers).delete('/a/b').delete('/a').create('/a', { data: null })
    const rule = 'The second /a shares nothing with the first but its name.'
    expect(h.stat('/a'), h.because(rule, 'What a delete leaves')).toEqual({
      ...{ czxid: 7n, mzxid: 7n, pzxid: 7n, ctime: timeOf(7n), mtime: timeOf(7n) },
      ...{ version: 0, cversion: 0, aversion: 0, ephemeralOwner: 0n, dataLength: 0, numChildren: 0 },
    })
    expect(childrenOf(h.tree, '/a')).toEqual([])
    expect(aclOf(h.tree, '/a')).toEqual(everyone)
  })

  test('changing what is not there makes nothing appear', () => {
    const h = history()
    thrownBy(() => h.setData('/a', bytes('x')))
    thrownBy(() => h.setACL('/a', readers))
    expect([nodeCount(h.tree), nodeAt(h.tree, '/a')]).toEqual([4, undefined])
  })

  test('nothing that a setData does grows with the size of the tree', () => {
    const work = (tree: ReturnType<typeof emptyTree>) =>
      looksDuring(() => setData(tree, '/a', null, 1, at(9000n)))
    expect(work(manySiblings(4000)), 'with 10 children and with 4000').toBeLessThan(
      work(manySiblings(10)) + 100,
    )
  })
})

describe('D. Ephemeral and sequential nodes', () => {
  test('a session whose last node went is no longer in the index', () => {
    const h = history().create('/a', { owner: 7n }).create('/b', { owner: 8n }).delete('/a')
    const rule = 'A server sees millions of sessions pass; each must leave nothing behind.'
    expect(ephemeralOwners(h.tree), h.because(rule, 'Nodes that die with their session')).toEqual([8n])
    expect(ephemeralsOf(h.tree, 7n), h.because(rule, 'Nodes that die with their session')).toEqual([])
  })

  test('a session can be closed by deleting what the index lists', () => {
    const h = history().create('/a')
    for (const name of ['x', 'y', 'z']) h.create(`/a/${name}`, { owner: 7n })
    for (const path of ephemeralsOf(h.tree, 7n)) h.delete(path)
    const rule = 'The list must not shift while the caller walks over it.'
    expect(childrenOf(h.tree, '/a'), h.because(rule, 'Nodes that die with their session')).toEqual([])
    expect(ephemeralOwners(h.tree)).toEqual([])
  })

  test('a name that passes to another session passes in the index too', () => {
    const h = history().create('/lock', { owner: 7n }).create('/other', { owner: 7n })
    h.delete('/lock').create('/lock', { owner: 8n })
    const rule = '/lock died with 7 and was born again with 8.'
    expect(ephemeralsOf(h.tree, 7n), h.because(rule, 'Nodes that die with their session')).toEqual(['/other'])
    expect(ephemeralsOf(h.tree, 8n), h.because(rule, 'Nodes that die with their session')).toEqual(['/lock'])
    expect(h.stat('/lock').ephemeralOwner).toBe(8n)
  })

  test('a replayed delete takes ephemeral nodes below it out of the index', () => {
    const h = history().create('/a').create('/a/b').create('/a/b/e', { owner: 7n }).delete('/a')
    const rule = 'What went with its parent must not be deleted again when the session ends.'
    expect(ephemeralOwners(h.tree), h.because(rule, 'Applied twice')).toEqual([])
  })

  test('a persistent node that goes leaves the index of a session alone', () => {
    const h = history().create('/e', { owner: 7n }).create('/p').delete('/p')
    expect(ephemeralsOf(h.tree, 7n)).toEqual(['/e'])
  })

  test('an owner that is no session makes no ephemeral node', () => {
    const ttl = -0x0100_0000_0000_0000n + 30_000n // top byte 0xff: lives for 30 seconds
    const h = history().create('/container', { owner: containerOwner }).create('/ttl', { owner: ttl })
    const rule =
      'Containers and nodes with a time to live carry a mark where the owner stands. Clients see 0.'
    const section = 'Containers, TTLs and a full field'
    expect(h.stat('/container').ephemeralOwner, h.because(rule, section)).toBe(0n)
    expect(h.stat('/ttl').ephemeralOwner, h.because(rule, section)).toBe(0n)
    expect(ephemeralOwners(h.tree), h.because(rule, section)).toEqual([])
    expect(nodeAt(h.tree, '/ttl')?.ephemeralOwner, h.because('The server still knows.', section)).toBe(ttl)
    h.delete('/container').delete('/ttl')
    expect(ephemeralOwners(h.tree), h.because(rule, section)).toEqual([])
  })

  test('deletes never give a number back', () => {
    const h = history().create('/a').create('/a/n0').create('/a/n1').delete('/a/n1').delete('/a/n0')
    const rule = 'Whoever saw n1 must never meet another n1.'
    expect(nextSequence(h.tree, '/a'), h.because(rule, 'Numbers that never come back')).toBe(2)
    h.create('/a/n2')
    expect(nextSequence(h.tree, '/a'), h.because(rule, 'Numbers that never come back')).toBe(3)
  })

  test('a new parent counts from zero', () => {
    const h = history().create('/a').create('/a/n0').delete('/a/n0').delete('/a').create('/a')
    const rule = 'The number belongs to the parent, and this is another one.'
    expect(nextSequence(h.tree, '/a'), h.because(rule, 'Numbers that never come back')).toBe(0)
  })

  test('changing the parent itself takes no number', () => {
    const h = history().create('/a').create('/a/n0').setData('/a', bytes('x')).setACL('/a', readers)
    expect(nextSequence(h.tree, '/a'), h.because('Only creates count.', 'Numbers that never come back')).toBe(
      1,
    )
    expect(nextSequence(h.tree, '/'), 'the built-in child of the root was never created').toBe(1)
  })

  test('negative sequence numbers keep ten characters, the sign included', () => {
    const rule = 'As printf writes %010d. (chapter 01, "Numbers that never come back")'
    expect([-2147483648, -2147483647, -42, -1].map(sequenceSuffix), rule).toEqual([
      '-2147483648',
      '-2147483647',
      '-000000042',
      '-000000001',
    ])
  })

  test('finding the nodes of one session does not look at those of the others', () => {
    const work = (sessions: number) => {
      const tree = emptyTree()
      for (let n = 1; n <= sessions; n++) createNode(tree, `/e${n}`, newborn(n, BigInt(n)), at(BigInt(n)))
      return looksDuring(() => {
        ephemeralsOf(tree, 5n)
        deleteNode(tree, '/e5', at(9000n))
        createNode(tree, '/e5', newborn(5000, 5n), at(9001n))
        nextSequence(tree, '/')
      })
    }
    const rule = 'Elements of maps, sets and arrays walked over, with 10 sessions and with 4000.'
    expect(work(4000), rule).toBeLessThan(work(10) + 100)
  })
})

function manySiblings(count: number): ReturnType<typeof emptyTree> {
  const tree = emptyTree()
  createNode(tree, '/a', newborn(1), at(1n))
  for (let n = 1; n <= count; n++) createNode(tree, `/a/${n}`, newborn(n), at(BigInt(n + 1)))
  return tree
}
