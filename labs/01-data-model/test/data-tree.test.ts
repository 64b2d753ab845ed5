import { describe, expect, test } from 'vitest'
import {
  aclOf,
  childCountOf,
  childrenOf,
  countCreate,
  createNode,
  dataOf,
  ephemeralOwners,
  ephemeralsOf,
  nextSequence,
  nextVersion,
  nodeAt,
  nodeCount,
  sequenceSuffix,
  statOf,
} from '#lab/state/data-tree.ts'
import { bytes, everyone, history, readers, thrownBy, timeOf } from './history.ts'

describe('A. Create a node', () => {
  test('a new node starts with its own transaction in every field of its history', () => {
    const h = history().create('/a', { data: bytes('hello') })
    const rule = 'A node is born with czxid = mzxid = pzxid, ctime = mtime, and all counters at 0.'
    expect(h.stat('/a'), h.because(rule, 'The Stat, field by field')).toEqual({
      czxid: 1n,
      mzxid: 1n,
      ctime: timeOf(1n),
      mtime: timeOf(1n),
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0n,
      dataLength: 5,
      numChildren: 0,
      pzxid: 1n,
    })
  })

  test('a new node keeps its data and its ACL', () => {
    const h = history().create('/a', { data: bytes('hello'), acl: readers })
    expect(dataOf(h.tree, '/a'), h.because('Data comes back as it was given.', 'The znode')).toEqual(
      bytes('hello'),
    )
    expect(aclOf(h.tree, '/a'), h.because('The ACL comes back as it was given.', 'The znode')).toEqual(
      readers,
    )
  })

  test('the parent lists its new child by its bare name', () => {
    const h = history().create('/a').create('/a/b').create('/a/c').create('/a/b/d')
    const rule = 'A parent knows the names of its own children, not paths and not grandchildren.'
    expect(childrenOf(h.tree, '/a').sort(), h.because(rule, 'The znode')).toEqual(['b', 'c'])
    expect(childCountOf(h.tree, '/a'), h.because(rule, 'The znode')).toBe(2)
    expect(childrenOf(h.tree, '/').sort(), h.because(rule, 'The znode')).toEqual(['a', 'zookeeper'])
  })

  test('creating a child moves pzxid, cversion and numChildren of the parent, and nothing else', () => {
    const h = history().create('/a', { data: bytes('x') })
    const before = h.stat('/a')
    h.create('/a/b').create('/a/c')
    const rule = 'A create touches three fields of its parent: pzxid, cversion and numChildren.'
    expect(h.stat('/a'), h.because(rule, 'The Stat, field by field')).toEqual({
      ...before,
      pzxid: 3n,
      cversion: 2,
      numChildren: 2,
    })
  })

  test('an empty tree shows -1 as the cversion of its root: no create was counted, and one child is there', () => {
    const { tree } = history()
    const rule = 'Clients see 2 × stored − numChildren: 2 × 0 − 1.'
    expect(statOf(tree, '/').cversion, rule).toBe(-1)
    expect(nodeCount(tree), 'the four nodes that every server has').toBe(4)
  })

  test('a node below nothing is NONODE, one that is there already is NODEEXISTS', () => {
    const h = history().create('/a')
    expect(
      thrownBy(() => h.create('/none/b')),
      h.because('There is no parent /none.', 'The znode'),
    ).toBe('NONODE')
    expect(
      thrownBy(() => h.create('/a')),
      h.because('/a is there already.', 'Applied twice'),
    ).toBe('NODEEXISTS')
  })

  test("the parent's counters move to what the transaction says, and never back", () => {
    const h = history().create('/a')
    countCreate(h.tree, '/a', 5, 10n)
    expect(statOf(h.tree, '/a'), 'cversion 5 is ahead of 0').toMatchObject({ cversion: 10, pzxid: 10n })
    countCreate(h.tree, '/a', 4, 9n)
    const rule = 'A replay counted create 4 when create 5 was in: it must change nothing.'
    expect(statOf(h.tree, '/a'), h.because(rule, 'Applied twice')).toMatchObject({ cversion: 10, pzxid: 10n })
  })
})

describe('B. Delete a node', () => {
  test('a deleted node is gone from the tree and from its parent', () => {
    const h = history().create('/a').create('/a/b').create('/a/c').delete('/a/b')
    expect(nodeAt(h.tree, '/a/b'), h.because('/a/b was deleted.', 'What a delete leaves')).toBeUndefined()
    expect(childrenOf(h.tree, '/a'), h.because('/a has one child left.', 'What a delete leaves')).toEqual([
      'c',
    ])
    expect(nodeCount(h.tree)).toBe(6)
  })

  test('a delete moves the pzxid of the parent', () => {
    const h = history().create('/a').create('/a/b').delete('/a/b')
    const rule = 'pzxid is the last create *or delete* of a child.'
    expect(h.stat('/a').pzxid, h.because(rule, 'What a delete leaves')).toBe(3n)
  })

  test('clients see a cversion that counts creates and deletes', () => {
    const h = history().create('/a').create('/a/b').create('/a/c').delete('/a/b')
    const rule = 'Two creates and a delete: 2 × 2 − 1. The stored number counts creates only.'
    expect(h.stat('/a').cversion, h.because(rule, 'The secret of cversion')).toBe(3)
    expect(nodeAt(h.tree, '/a')?.cversion, h.because(rule, 'The secret of cversion')).toBe(2)
  })

  test('deleting what is not there is NONODE', () => {
    const h = history().create('/a')
    expect(
      thrownBy(() => h.delete('/a/b')),
      h.because('There never was a /a/b.', 'What a delete leaves'),
    ).toBe('NONODE')
  })

  test('a replayed delete takes along what a snapshot from the future has below the node', () => {
    const h = history().create('/a').create('/a/b').create('/a/b/c').delete('/a')
    const rule =
      'Only a replay deletes a node that has children; they go too, and the log creates them again.'
    expect(nodeAt(h.tree, '/a/b/c'), h.because(rule, 'Applied twice')).toBeUndefined()
    expect(nodeCount(h.tree), h.because(rule, 'Applied twice')).toBe(4)
  })
})

describe('C. Data and versions', () => {
  test('setData replaces the data and writes down when and how often', () => {
    const h = history().create('/a', { data: bytes('old') })
    const before = h.stat('/a')
    h.setData('/a', bytes('newer'))
    const rule = 'A setData touches mzxid, mtime, version and the data.'
    expect(h.stat('/a'), h.because(rule, 'The Stat, field by field')).toEqual({
      ...before,
      mzxid: 2n,
      mtime: timeOf(2n),
      version: 1,
      dataLength: 5,
    })
    expect(dataOf(h.tree, '/a')).toEqual(bytes('newer'))
  })

  test('setACL replaces the ACL and counts in aversion', () => {
    const h = history().create('/a', { acl: everyone }).setACL('/a', readers)
    expect(aclOf(h.tree, '/a'), h.because('The new list is in force.', 'Versions, not locks')).toEqual(
      readers,
    )
    expect(
      h.stat('/a').aversion,
      h.because('aversion counts changes of the ACL.', 'Versions, not locks'),
    ).toBe(1)
  })

  test('changing what is not there is NONODE', () => {
    const h = history()
    expect(
      thrownBy(() => h.setData('/a', null)),
      h.because('There is no /a.', 'Versions, not locks'),
    ).toBe('NONODE')
    expect(
      thrownBy(() => h.setACL('/a', readers)),
      h.because('There is no /a.', 'Versions, not locks'),
    ).toBe('NONODE')
  })

  test('versions count up by one', () => {
    expect([0, 1, 41].map(nextVersion), 'one more each').toEqual([1, 2, 42])
  })

  test('a version is 32 bits wide: after the greatest number comes the least', () => {
    const rule = 'Versions wrap as a signed 32-bit number does. (chapter 01, "Versions, not locks")'
    expect(nextVersion(2147483647), rule).toBe(-2147483648)
  })
})

describe('D. Ephemeral and sequential nodes', () => {
  test("a session's ephemeral nodes are found without a search", () => {
    const h = history()
      .create('/a')
      .create('/a/mine', { owner: 0x0100_0000_0000_0007n })
      .create('/a/yours', { owner: 0x0100_0000_0000_0008n })
      .create('/too', { owner: 0x0100_0000_0000_0007n })
    const rule = 'Each session has an index of the paths that die with it.'
    expect(
      ephemeralsOf(h.tree, 0x0100_0000_0000_0007n).sort(),
      h.because(rule, 'Nodes that die with their session'),
    ).toEqual(['/a/mine', '/too'])
    expect(ephemeralsOf(h.tree, 0x0100_0000_0000_0009n), 'a session without nodes').toEqual([])
  })

  test('a deleted ephemeral node leaves the index of its session', () => {
    const h = history().create('/a', { owner: 7n }).create('/b', { owner: 7n }).delete('/a')
    const rule = 'What is deleted must not be deleted again when the session ends.'
    expect(ephemeralsOf(h.tree, 7n), h.because(rule, 'Nodes that die with their session')).toEqual(['/b'])
    expect(ephemeralOwners(h.tree)).toEqual([7n])
  })

  test('the next sequential child is numbered by the children created so far', () => {
    const h = history().create('/a').create('/a/x').create('/a/y')
    const rule = 'Every create under the parent counts, sequential or not.'
    expect(nextSequence(h.tree, '/a'), h.because(rule, 'Numbers that never come back')).toBe(2)
    expect(
      thrownBy(() => nextSequence(h.tree, '/none')),
      'no parent, no number',
    ).toBe('NONODE')
  })

  test('a sequence number is written in ten digits', () => {
    expect(sequenceSuffix(0)).toBe('0000000000')
    expect(sequenceSuffix(42)).toBe('0000000042')
    expect(sequenceSuffix(2147483647)).toBe('2147483647')
  })

  test('a transaction may bring a session whose highest bit is set', () => {
    const owner = -0x7f00_0000_0000_0001n // of server 128: as a signed number it is negative
    const { tree } = history()
    const birth = { data: null, acl: everyone, ephemeralOwner: owner, parentCVersion: 1 }
    createNode(tree, '/a', birth, { zxid: 1n, time: 1n })
    expect(ephemeralsOf(tree, owner)).toEqual(['/a'])
    expect(statOf(tree, '/a').ephemeralOwner).toBe(owner)
  })
})
