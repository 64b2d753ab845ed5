import { describe, test } from 'vitest'
import { Code } from '#lab/wire/errors.ts'
import { CreateMode } from '#lab/wire/opcodes.ts'
import {
  anything,
  apply,
  check,
  close,
  create,
  expectHistory,
  fails,
  isClosed,
  isCreated,
  isDeleted,
  isMulti,
  isSet,
  look,
  multi,
  order,
  remove,
  set,
  setAcl,
} from './steps.ts'

describe('A. Change what is there', () => {
  test('new data become a transaction that says which version will be', () => {
    expectHistory(
      ['/a'],
      [
        [set('/a'), isSet('/a', 1)],
        [set('/a', 1), isSet('/a', 2)],
      ],
      'What will be, not what to do: so it may be applied twice. (chapter 12, "From a wish to a fact")',
    )
  })

  test('of two writers that saw the same version, the second is too late, applied or not', () => {
    const because =
      'The first is on its way to the disk; the tree does not know it yet. (chapter 12, "The tree as it will be")'
    expectHistory(
      ['/a'],
      [
        [set('/a', 0), isSet('/a', 1)],
        [set('/a', 0), fails('BADVERSION')],
      ],
      because,
    )
    expectHistory(
      ['/a'],
      [
        [set('/a', 0), isSet('/a', 1)],
        [apply(), anything],
        [set('/a', 0), fails('BADVERSION')],
      ],
      because,
    )
  })

  test('what is not there cannot be changed, and a path that is none is told first', () => {
    expectHistory(
      [],
      [
        [set('/a'), fails('NONODE')],
        [set('a'), fails('BADARGUMENTS')],
        [setAcl('/a'), fails('NONODE')],
      ],
      'The first check that fails is the answer. (chapter 12, "The order of the checks")',
    )
  })

  test('a new list has a version of its own, and holds for whoever comes next', () => {
    const readOnly = [{ perms: 1 | 16, id: { scheme: 'world', id: 'anyone' } }]
    expectHistory(
      ['/a'],
      [
        [set('/a'), anything],
        [setAcl('/a', readOnly, 0), { record: { path: '/a', acl: readOnly, version: 1 } }],
        [set('/a'), fails('NOAUTH')],
        [setAcl('/a', readOnly, 0), fails('BADVERSION')],
      ],
      'aversion counts lists, version counts data. (chapter 12, "The order of the checks")',
    )
  })
})

describe('B. Create a node', () => {
  const section = '(chapter 12, "The tree as it will be")'

  test('a node that is on its way is there for those who come next', () => {
    expectHistory(
      [],
      [
        [create('/a'), isCreated('/a', 1)],
        [create('/a'), fails('NODEEXISTS')],
        [create('/a/b'), isCreated('/a/b', 1)],
        [look('/a'), { version: 0, cversion: 1, childCount: 1, ephemeralOwner: 0n }],
      ],
      `The tree holds none of them yet. ${section}`,
    )
  })

  test('a sequence number becomes part of the path, and none is given twice', () => {
    const sequential = create('/a/s-', CreateMode.PERSISTENT_SEQUENTIAL)
    expectHistory(
      ['/a'],
      [
        [sequential, isCreated('/a/s-0000000000', 1)],
        [create('/a/plain'), isCreated('/a/plain', 2)],
        [sequential, isCreated('/a/s-0000000002', 3)],
        [apply(3), [0, 0, 0]],
        [sequential, isCreated('/a/s-0000000003', 4)],
      ],
      `The number is the parent's count of creates, as it will be. ${section}`,
    )
  })

  test('a parent must be there and must not be ephemeral', () => {
    expectHistory(
      [{ path: '/e', owner: 7n }],
      [
        [create('/a/b'), fails('NONODE')],
        [create('/e/b'), fails('NOCHILDRENFOREPHEMERALS')],
      ],
      'The first check that fails is the answer. (chapter 12, "The order of the checks")',
    )
  })

  test('an ephemeral node belongs to the session that asks', () => {
    expectHistory(
      [],
      [
        [order(create('/e', CreateMode.EPHEMERAL), { by: 7n }), { record: { path: '/e', ephemeral: true } }],
        [look('/e'), { ephemeralOwner: 7n }],
        [create('/p'), { record: { path: '/p', ephemeral: false } }],
      ],
      section,
    )
  })
})

describe('C. Delete a node', () => {
  const section = '(chapter 12, "The tree as it will be")'

  test('a node that is on its way out is gone for those who come next', () => {
    expectHistory(
      ['/a'],
      [
        [remove('/a'), isDeleted('/a')],
        [set('/a'), fails('NONODE')],
        [create('/a/b'), fails('NONODE')],
        [create('/a'), isCreated('/a', 2)],
      ],
      `The tree still has it. ${section}`,
    )
  })

  test('a node with children stays, also when they are on their way', () => {
    expectHistory(
      ['/a'],
      [
        [create('/a/b'), isCreated('/a/b', 1)],
        [remove('/a'), fails('NOTEMPTY')],
        [remove('/a/b'), isDeleted('/a/b')],
        [remove('/a'), isDeleted('/a')],
      ],
      section,
    )
  })

  test('the version must be the one that was named', () => {
    expectHistory(
      [{ path: '/a', version: 3 }],
      [
        [remove('/a', 2), fails('BADVERSION')],
        [remove('/a', 3), isDeleted('/a')],
      ],
      section,
    )
  })
})

describe('D. All or nothing', () => {
  const section = '(chapter 12, "All or nothing")'

  test('the later writes of a multi see the earlier ones', () => {
    expectHistory(
      [],
      [
        [
          multi(create('/a'), create('/a/b'), set('/a', 0), check('/a', 1)),
          isMulti(isCreated('/a', 1), isCreated('/a/b', 1), isSet('/a', 1), { record: { path: '/a' } }),
        ],
      ],
      section,
    )
  })

  test('after the first failure nothing is tried, and nothing that was tried has happened', () => {
    expectHistory(
      ['/a'],
      [
        [
          multi(set('/a'), remove('/none'), create('/b')),
          isMulti(isSet('/a', 1), fails('NONODE'), fails('RUNTIMEINCONSISTENCY')),
        ],
        [look('/a'), { version: 0 }],
        [look('/b'), null],
        [set('/a', 0), isSet('/a', 1)],
      ],
      section,
    )
  })

  test('what was on its way before a multi that fails is still on its way', () => {
    expectHistory(
      ['/a'],
      [
        [set('/a'), isSet('/a', 1)],
        [multi(set('/a'), check('/a', 9)), isMulti(isSet('/a', 2), fails('BADVERSION'))],
        [look('/a'), { version: 1 }],
        [apply(2), [Code.OK, Code.OK]],
        [set('/a', 1), isSet('/a', 2)],
      ],
      section,
    )
  })
})

describe('E. End a session', () => {
  const section = '(chapter 12, "The end of a session")'

  test("the session's nodes are listed, those included that are on their way", () => {
    expectHistory(
      ['/p', { path: '/p/applied', owner: 7n }, { path: '/p/other', owner: 8n }],
      [
        [order(create('/p/waiting', CreateMode.EPHEMERAL), { by: 7n }), anything],
        [order(close, { by: 7n }), isClosed('/p/applied', '/p/waiting')],
        [look('/p/applied'), null],
        [look('/p'), { childCount: 1 }],
        [order(close, { by: 9n }), isClosed()],
      ],
      section,
    )
  })

  test('a parent that has lost its last child may be deleted', () => {
    expectHistory(
      ['/p', { path: '/p/one', owner: 7n }, { path: '/p/two', owner: 7n }],
      [
        [order(close, { by: 7n }), anything],
        [remove('/p'), isDeleted('/p')],
        [apply(2), [Code.OK, Code.OK]],
      ],
      section,
    )
  })
})
