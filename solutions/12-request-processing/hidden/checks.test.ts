import { describe, expect, test } from 'vitest'
import type { Write } from '#lab/pipeline/request.ts'
import { ttlOwner } from '#lab/state/znode.ts'
import { Code, type CodeName } from '#lab/wire/errors.ts'
import { CreateMode, OpCode, Perms } from '#lab/wire/opcodes.ts'
import type { ACL } from '#lab/wire/records.ts'
import { history } from '../../../labs/12-request-processing/test/history.inside.ts'
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
  story,
} from '../../../labs/12-request-processing/test/steps.ts'

const forAll = (perms: number): ACL[] => [{ perms, id: { scheme: 'world', id: 'anyone' } }]
const nonsense: ACL[] = [{ perms: 31, id: { scheme: 'nobody knows', id: 'x' } }]
const bytes = Uint8Array.of(1, 2, 3)

const order1 = '(chapter 12, "The order of the checks")'
const ahead = '(chapter 12, "The tree as it will be")'

describe('A. Change what is there', () => {
  test('of several faults of a setData the first in order is the answer', () => {
    const seeds = [
      { path: '/closed', acl: forAll(Perms.READ), version: 3 },
      { path: '/a', version: 3 },
    ]
    expectHistory(
      seeds,
      [
        [set('/a/', 7), fails('BADARGUMENTS')],
        [set('/none', 7), fails('NONODE')],
        [set('/closed', 7), fails('NOAUTH')],
        [set('/a', 7), fails('BADVERSION')],
        [set('/a', 3), isSet('/a', 4)],
        [order(set('/closed'), { where: { skipAcl: true } }), isSet('/closed', 4)],
        [order(set('/a'), { where: { isAlive: false } }), fails('SESSIONEXPIRED')],
      ],
      order1,
    )
  })

  test('of several faults of a setACL the first in order is the answer', () => {
    const seeds = [
      { path: '/closed', acl: forAll(Perms.ALL & ~Perms.ADMIN) },
      { path: '/a', version: 3 },
    ]
    expectHistory(
      seeds,
      [
        [setAcl('/a/', nonsense, 7), fails('BADARGUMENTS')],
        [setAcl('/none', nonsense, 7), fails('INVALIDACL')],
        [setAcl('/none', undefined, 7), fails('NONODE')],
        [setAcl('/closed', undefined, 7), fails('NOAUTH')],
        [setAcl('/a', undefined, 3), fails('BADVERSION')],
        [setAcl('/a', undefined, 0), { record: { version: 1 } }],
        [setAcl('/a', null, 1), fails('INVALIDACL')],
      ],
      order1,
    )
  })

  test('-1 is any version; every other number, negative or not, is compared', () => {
    expectHistory(
      [
        { path: '/a', version: 0 },
        { path: '/b', version: -5 },
      ],
      [
        [set('/a', -2), fails('BADVERSION')],
        [set('/a', 0), isSet('/a', 1)],
        [set('/a', 0), fails('BADVERSION')],
        [set('/a', 2), fails('BADVERSION')],
        [set('/b', -5), isSet('/b', -4)],
        [set('/b', -1), isSet('/b', -3)],
      ],
      order1,
    )
  })

  test('a version wraps, and is never -1', () => {
    expectHistory(
      [
        { path: '/a', version: 2147483647 },
        { path: '/b', version: -2 },
      ],
      [
        [set('/a'), isSet('/a', -2147483648)],
        [set('/b'), isSet('/b', 0)],
      ],
      'What follows a version is nextVersion(version). (chapter 01)',
    )
  })

  test('the data travel as they are, null and empty included', () => {
    expectHistory(
      ['/a'],
      [
        [set('/a', -1, bytes), { record: { data: bytes } }],
        [set('/a', -1, null), { record: { data: null } }],
        [set('/a', -1, new Uint8Array(0)), { record: { data: new Uint8Array(0) } }],
      ],
      '(chapter 12, "From a wish to a fact")',
    )
  })

  test('new data change the version and nothing else, a new list the list and its version', () => {
    expectHistory(
      [{ path: '/a', owner: 7n, version: 4, creates: 9 }],
      [
        [set('/a'), isSet('/a', 5)],
        [look('/a'), { version: 5, cversion: 9, aversion: 0, ephemeralOwner: 7n, childCount: 0 }],
        [setAcl('/a', forAll(31)), anything],
        [look('/a'), { version: 5, cversion: 9, aversion: 1, ephemeralOwner: 7n, acl: forAll(31) }],
      ],
      ahead,
    )
  })

  test('`auth` in a list becomes those who ask', () => {
    const auth: ACL[] = [{ perms: Perms.ALL, id: { scheme: 'auth', id: '' } }]
    const me = { scheme: 'digest', id: 'me:hash' }
    expectHistory(
      ['/a'],
      [
        [setAcl('/a', auth), fails('INVALIDACL')],
        [order(setAcl('/a', auth), { as: [me] }), { record: { acl: [{ perms: Perms.ALL, id: me }] } }],
        [set('/a'), fails('NOAUTH')],
        [order(set('/a'), { as: [me] }), isSet('/a', 1)],
      ],
      order1,
    )
  })

  test('a failure is a transaction that holds its code and changes nothing', () => {
    expectHistory(
      ['/a'],
      [
        [set('/a', 7), fails('BADVERSION')],
        [{ do: 'count' }, 0],
        [look('/a'), { version: 0 }],
        [apply(1), [Code.BADVERSION]],
        [set('/a', 0), isSet('/a', 1)],
      ],
      '(chapter 12, "Failures are transactions")',
    )
  })

  test('a server that stands alone reconfigures nothing, and says why', () => {
    const reconfig: Write = {
      type: OpCode.reconfig,
      request: { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1n },
    }
    expectHistory(
      [],
      [
        [reconfig, fails('RECONFIGDISABLED')],
        [order(reconfig, { where: { reconfigEnabled: true } }), fails('UNIMPLEMENTED')],
      ],
      'The answer depends on the setting, and is a transaction too. (chapter 12, "Failures are transactions")',
    )
  })

  test("an error that is not the request's fault is not made into an answer", () => {
    const broken = {
      type: OpCode.setData,
      request: { path: null, data: null, version: -1 },
    } as unknown as Write
    expectHistory(
      ['/a'],
      [[broken, 'threw a TypeError']],
      'A fault of the server stops the server. (chapter 12, "Failures are transactions")',
    )
  })
})

describe('B. Create a node', () => {
  test('of several faults the first in order is the answer', () => {
    const seeds = [
      { path: '/closed', acl: forAll(Perms.ALL & ~Perms.CREATE) },
      { path: '/closed/e', owner: 7n },
      { path: '/e', owner: 7n },
      '/a',
    ]
    expectHistory(
      seeds,
      [
        [create('a', 0, nonsense), fails('BADARGUMENTS')],
        [create('', 0, nonsense), fails('BADARGUMENTS')],
        [create('/none/\0', 0, nonsense), fails('BADARGUMENTS')],
        [create('/none/b', 0, nonsense), fails('INVALIDACL')],
        [create('/none/..', 0), fails('NONODE')],
        [create('/closed/..', 0), fails('NOAUTH')],
        [create('/closed/e', 0), fails('NOAUTH')],
        [create('/e/..', 0), fails('BADARGUMENTS')],
        [create('/a/', 0), fails('BADARGUMENTS')],
        [create('/', 0), fails('NODEEXISTS')],
        [create('/a', 0), fails('NODEEXISTS')],
        [create('/e/b', 0), fails('NOCHILDRENFOREPHEMERALS')],
        [order(create('/b'), { where: { isAlive: false } }), fails('SESSIONEXPIRED')],
        [order(create('/closed/b'), { where: { skipAcl: true } }), isCreated('/closed/b', 2)],
      ],
      order1,
    )
  })

  test('the number is added before the path is checked and looked for', () => {
    const s = CreateMode.PERSISTENT_SEQUENTIAL
    expectHistory(
      ['/a', '/a/x0000000002'],
      [
        [create('/a/', s), isCreated('/a/0000000001', 2)],
        [create('/a/x', s), fails('NODEEXISTS')],
        [create('/a/x', s), fails('NODEEXISTS')],
        [create('/a//', s), fails('NONODE')],
        [create('/a/\u0001', s), fails('BADARGUMENTS')],
      ],
      `A create that fails counts nothing. ${order1}`,
    )
  })

  test('a mode that is none is told first, even to a session that is gone', () => {
    const gone = { where: { isAlive: false } }
    expectHistory(
      [],
      [
        [order(create('/a', -1), gone), fails('BADARGUMENTS')],
        [order(create('/a', 7), gone), fails('BADARGUMENTS')],
        [order(create('/a', 4), gone), fails('SESSIONEXPIRED')],
        [{ do: 'count' }, 0],
      ],
      order1,
    )
  })

  const longest = 2n ** 40n - 1n
  test.each<[flags: number, ttl: bigint | null, fault: CodeName | null]>([
    [CreateMode.PERSISTENT, 500n, 'BADARGUMENTS'],
    [CreateMode.EPHEMERAL_SEQUENTIAL, 500n, 'BADARGUMENTS'],
    [CreateMode.CONTAINER, 500n, 'BADARGUMENTS'],
    [CreateMode.PERSISTENT_WITH_TTL, null, 'BADARGUMENTS'],
    [CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, null, 'BADARGUMENTS'],
    [CreateMode.PERSISTENT_WITH_TTL, -1n, 'BADARGUMENTS'],
    [CreateMode.PERSISTENT_WITH_TTL, 0n, 'BADARGUMENTS'],
    [CreateMode.PERSISTENT_WITH_TTL, 1n, null],
    [CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, longest, null],
    [CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, longest + 1n, 'BADARGUMENTS'],
  ])(
    'a create of mode %i with a time to live of %s comes to the answer that the rule gives',
    (flags, ttl, fault) => {
      const request = { path: '/a/n', data: null, acl: forAll(31), flags }
      const write: Write =
        ttl === null
          ? { type: OpCode.create, request }
          : { type: OpCode.createTTL, request: { ...request, ttl } }
      const isNumbered = flags === CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
      const path = isNumbered ? '/a/n0000000000' : '/a/n'
      const isExtended = flags >= CreateMode.PERSISTENT_WITH_TTL
      const where = { extendedTypes: true }
      expectHistory(
        ['/a'],
        [
          [write, fails(isExtended ? 'UNIMPLEMENTED' : 'BADARGUMENTS')],
          [order(write, { where: { ...where, isAlive: false } }), fails(fault ?? 'SESSIONEXPIRED')],
          [
            order(write, { where }),
            fault === null ? { record: { path, ttl, parentCVersion: 1 } } : fails(fault),
          ],
          [look(path), fault === null ? { ephemeralOwner: ttlOwner(ttl!) } : null],
        ],
        `A time to live is there exactly when the mode wants it, from 1 to 2⁴⁰ - 1 ms, on a server that allows it. ${order1}`,
      )
    },
  )

  test('deletes do not give a number back', () => {
    const s = create('/a/s-', CreateMode.EPHEMERAL_SEQUENTIAL)
    expectHistory(
      ['/a'],
      [
        [s, { record: { path: '/a/s-0000000000', ephemeral: true } }],
        [remove('/a/s-0000000000'), anything],
        [s, { record: { path: '/a/s-0000000001', parentCVersion: 2 } }],
        [apply(3), [0, 0, 0]],
        [s, { record: { path: '/a/s-0000000002', parentCVersion: 3 } }],
        [look('/a'), { cversion: 3, childCount: 2 }],
      ],
      ahead,
    )
  })

  test('the count of creates is an int, and goes on below zero', () => {
    const s = create('/a/s-', CreateMode.PERSISTENT_SEQUENTIAL)
    expectHistory(
      [{ path: '/a', creates: 2147483647 }],
      [
        [s, isCreated('/a/s-2147483647', -2147483648)],
        [s, isCreated('/a/s--2147483648', -2147483647)],
      ],
      'Numbers do end. (chapter 01, "In production")',
    )
  })

  test('each kind of create becomes a transaction of its kind, with the data and the list', () => {
    const request = { path: '/a/n', data: bytes, acl: forAll(31), flags: 0 }
    const record = { data: bytes, acl: forAll(31) }
    const ttl = { ...request, path: '/a/t', flags: CreateMode.PERSISTENT_WITH_TTL, ttl: 500n }
    expectHistory(
      ['/a'],
      [
        [
          { type: OpCode.create2, request },
          { type: OpCode.create2, record: { ...record, ephemeral: false, parentCVersion: 1 } },
        ],
        [
          {
            type: OpCode.createContainer,
            request: { ...request, path: '/a/c', flags: CreateMode.CONTAINER },
          },
          { type: OpCode.createContainer, record: { ...record, path: '/a/c', parentCVersion: 2 } },
        ],
        [
          order({ type: OpCode.createTTL, request: ttl }, { where: { extendedTypes: true } }),
          { type: OpCode.createTTL, record: { ...record, path: '/a/t', ttl: 500n, parentCVersion: 3 } },
        ],
        [look('/a/c'), { ephemeralOwner: -(2n ** 63n) }],
        [look('/a/n'), { ephemeralOwner: 0n }],
        [create('/a/c/child'), isCreated('/a/c/child', 1)],
        [create('/a/t/child'), isCreated('/a/t/child', 1)],
        [apply(5), [0, 0, 0, 0, 0]],
        [create('/a/c/other'), isCreated('/a/c/other', 2)],
      ],
      `What is no session's may have children. ${ahead}`,
    )
  })

  test("of ephemeral nodes and times to live a container's transaction says nothing", () => {
    const request = { path: '/c', data: null, acl: forAll(31), flags: CreateMode.CONTAINER }
    const steps = [order({ type: OpCode.createContainer, request })]
    const txn = {
      type: OpCode.createContainer,
      record: { path: '/c', data: null, acl: forAll(31), parentCVersion: 1 },
    }
    expect(history([], steps), story([], steps, ahead)).toEqual([txn])
  })

  test('a new node begins anew, also where one has just been deleted', () => {
    expectHistory(
      [{ path: '/a', version: 7, owner: 7n }],
      [
        [remove('/a'), isDeleted('/a')],
        [create('/a'), isCreated('/a', 2)],
        [look('/a'), { version: 0, cversion: 0, aversion: 0, ephemeralOwner: 0n, childCount: 0 }],
        [create('/a/b'), isCreated('/a/b', 1)],
      ],
      ahead,
    )
  })

  test('`auth` in a list becomes those who ask, for later requests too', () => {
    const auth: ACL[] = [{ perms: Perms.ALL, id: { scheme: 'auth', id: '' } }]
    const me = { scheme: 'digest', id: 'me:hash' }
    expectHistory(
      [],
      [
        [order(create('/a', 0, auth), { as: [me] }), { record: { acl: [{ perms: Perms.ALL, id: me }] } }],
        [set('/a'), fails('NOAUTH')],
        [order(create('/a/b'), { as: [me] }), isCreated('/a/b', 1)],
      ],
      order1,
    )
  })
})

describe('C. Delete a node', () => {
  test('of several faults the first in order is the answer', () => {
    const seeds = [
      { path: '/closed', acl: forAll(Perms.ALL & ~Perms.DELETE) },
      { path: '/closed/a', version: 3 },
      { path: '/a', version: 3, acl: forAll(Perms.READ) },
      '/a/b',
    ]
    expectHistory(
      seeds,
      [
        [remove('/'), fails('BADARGUMENTS')],
        [remove('/zookeeper'), fails('BADARGUMENTS')],
        [remove('/zookeeper/quota'), fails('BADARGUMENTS')],
        [remove('/zookeeper/config'), fails('BADARGUMENTS')],
        [remove('a'), fails('BADARGUMENTS')],
        [remove('/none/a', 7), fails('NONODE')],
        [remove('/closed/none', 7), fails('NOAUTH')],
        [remove('/closed/a', 7), fails('NOAUTH')],
        [remove('/none', 7), fails('NONODE')],
        [remove('/a/', 7), fails('NOAUTH')],
        [remove('/a', 7), fails('BADVERSION')],
        [remove('/a', 3), fails('NOTEMPTY')],
        [order(remove('/a/b'), { where: { isAlive: false } }), fails('SESSIONEXPIRED')],
        [order(remove('/a/b'), { where: { skipAcl: true } }), isDeleted('/a/b')],
        [remove('/a', 3), isDeleted('/a')],
      ],
      `The permission to delete a node is its parent's to give. ${order1}`,
    )
  })

  test('a delete takes a child from its parent and counts no create', () => {
    expectHistory(
      ['/a', '/a/x', '/a/y'],
      [
        [remove('/a/x'), isDeleted('/a/x')],
        [look('/a'), { childCount: 1, cversion: 2 }],
        [remove('/a/x'), fails('NONODE')],
        [remove('/a'), fails('NOTEMPTY')],
        [remove('/a/y'), isDeleted('/a/y')],
        [remove('/a'), isDeleted('/a')],
        [apply(6), [0, Code.NONODE, Code.NOTEMPTY, 0, 0]],
      ],
      ahead,
    )
  })
})

describe('D. All or nothing', () => {
  const section = '(chapter 12, "All or nothing")'

  test('a multi of nothing succeeds', () => {
    expectHistory([], [[multi(), { type: OpCode.multi, txns: [] }]], section)
  })

  test('one that fails at its first or its last write fails as a whole', () => {
    expectHistory(
      ['/a'],
      [
        [multi(remove('/none'), create('/b')), isMulti(fails('NONODE'), fails('RUNTIMEINCONSISTENCY'))],
        [
          multi(create('/b'), set('/b'), remove('/none')),
          isMulti(isCreated('/b', 2), isSet('/b', 1), fails('NONODE')),
        ],
        [{ do: 'count' }, 0],
        [apply(2), [0, 0]],
        [look('/b'), null],
        [create('/b'), isCreated('/b', 2)],
      ],
      section,
    )
  })

  test('after a failure no further write is judged, not even to find out that it would fail, too', () => {
    expectHistory(
      [],
      [
        [
          multi(remove('/none'), remove('/none'), create('x'), create('/b')),
          isMulti(fails('NONODE'), ...['', '', ''].map(() => fails('RUNTIMEINCONSISTENCY'))),
        ],
      ],
      section,
    )
  })

  test('what several writes of a failed multi did to one path is all taken back', () => {
    expectHistory(
      ['/a', '/a/x'],
      [
        [set('/a'), isSet('/a', 1)],
        [create('/a/y'), isCreated('/a/y', 2)],
        [
          multi(
            set('/a'),
            remove('/a/y'),
            remove('/a/x'),
            remove('/a'),
            create('/a'),
            set('/a'),
            check('/a', 9),
          ),
          anything,
        ],
        [look('/a'), { version: 1, cversion: 2, childCount: 2 }],
        [look('/a/x'), { version: 0 }],
        [look('/a/y'), { version: 0 }],
        [apply(3), [0, 0, 0]],
        [set('/a', 1), isSet('/a', 2)],
      ],
      section,
    )
  })

  test('a failed multi uses up no sequence number', () => {
    const s = create('/a/s-', CreateMode.PERSISTENT_SEQUENTIAL)
    expectHistory(
      ['/a'],
      [
        [
          multi(s, s, remove('/none')),
          isMulti(isCreated('/a/s-0000000000', 1), isCreated('/a/s-0000000001', 2), {}),
        ],
        [multi(s, s), isMulti(isCreated('/a/s-0000000000', 1), isCreated('/a/s-0000000001', 2))],
      ],
      section,
    )
  })

  test('the ephemeral nodes of a failed multi belong to nobody', () => {
    expectHistory(
      [],
      [
        [multi(create('/e', CreateMode.EPHEMERAL), remove('/none')), anything],
        [close, isClosed()],
      ],
      section,
    )
  })

  test('a check guards: it changes nothing and stops everything', () => {
    expectHistory(
      [{ path: '/a', version: 3 }],
      [
        [multi(check('/a', 2), set('/a')), isMulti(fails('BADVERSION'), fails('RUNTIMEINCONSISTENCY'))],
        [multi(check('/a', 3), set('/a', 3)), isMulti({}, isSet('/a', 4))],
      ],
      section,
    )
  })

  test("of an error that is nobody's fault nothing is made", () => {
    const broken = {
      type: OpCode.setData,
      request: { path: null, data: null, version: -1 },
    } as unknown as Write
    expectHistory([], [[multi(broken), 'threw a TypeError']], '(chapter 12, "Failures are transactions")')
  })
})

describe('E. End a session', () => {
  const section = '(chapter 12, "The end of a session")'

  test("what is on its way out is not listed again, and what is somebody else's is not listed", () => {
    expectHistory(
      ['/p', { path: '/p/out', owner: 7n }, { path: '/p/stays', owner: 8n }, { path: '/p/own', owner: 7n }],
      [
        [remove('/p/out'), isDeleted('/p/out')],
        [order(create('/p/late', CreateMode.EPHEMERAL), { by: 8n }), anything],
        [order(close, { by: 7n }), isClosed('/p/own')],
        [look('/p'), { childCount: 2, cversion: 4 }],
        [order(close, { by: 7n }), isClosed()],
        [apply(4), [0, 0, 0, 0]],
        [look('/p'), { childCount: 2 }],
      ],
      section,
    )
  })

  test("a node that has changed hands on the way is its new owner's", () => {
    const mine = create('/e', CreateMode.EPHEMERAL)
    expectHistory(
      [{ path: '/e', owner: 7n }],
      [
        [remove('/e'), anything],
        [order(mine, { by: 8n }), anything],
        [order(close, { by: 7n }), isClosed()],
        [order(close, { by: 8n }), isClosed('/e')],
        [create('/e'), isCreated('/e', 3)],
      ],
      section,
    )
  })

  test('nodes of many parents leave each of them', () => {
    expectHistory(
      ['/p', '/q', { path: '/p/a', owner: 7n }, { path: '/p/b', owner: 7n }, { path: '/q/c', owner: 7n }],
      [
        [order(close, { by: 7n }), isClosed('/p/a', '/p/b', '/q/c')],
        [look('/p'), { childCount: 0 }],
        [look('/q'), { childCount: 0 }],
        [remove('/p'), isDeleted('/p')],
        [set('/q/c'), fails('NONODE')],
        [create('/q/c'), isCreated('/q/c', 2)],
      ],
      section,
    )
  })

  test('a session that is about to end may end', () => {
    expectHistory(
      [{ path: '/e', owner: 7n }],
      [[order(close, { by: 7n, where: { isAlive: false } }), isClosed('/e')]],
      section,
    )
  })
})
