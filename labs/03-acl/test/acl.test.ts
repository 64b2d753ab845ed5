import { describe, expect, test } from 'vitest'
import { checkPermitted, digestId, withoutSecrets } from '#lab/state/acl.ts'
import {
  ADMIN,
  ALL,
  ann,
  bob,
  CREATE,
  entry,
  expectPermitted,
  expectResolved,
  home,
  READ,
  superuser,
  WRITE,
} from './people.ts'

describe('A. May they?', () => {
  test('an entry for the world is for everybody', () => {
    const list = [entry(READ, 'world:anyone')]
    expectPermitted(list, READ, [], true, 'world:anyone is also who has not logged in.')
    expectPermitted(list, READ, [ann], true, 'world:anyone is also ann.')
    expectPermitted(list, WRITE, [ann], false, 'The list gives r, and w is asked.')
  })

  test('an entry for somebody is for nobody else', () => {
    const list = [entry(WRITE, 'digest:ann:A')]
    expectPermitted(list, WRITE, [ann], true, 'ann is named.')
    expectPermitted(list, WRITE, [bob], false, 'bob is not named.')
    expectPermitted(list, WRITE, [home], false, 'An address is not named.')
    expectPermitted(list, WRITE, [], false, 'Nobody is not named.')
  })

  test('permissions of an entry are bits', () => {
    const list = [entry(READ | CREATE, 'digest:ann:A')]
    expectPermitted(list, CREATE, [ann], true, 'rc has c.')
    expectPermitted(list, WRITE, [ann], false, 'rc has no w, whatever the numbers.')
    expectPermitted(list, READ | ADMIN, [ann], true, 'One of the two is enough.')
  })

  test('any entry will do, and any of the identities that one has', () => {
    const list = [entry(READ, 'world:anyone'), entry(WRITE, 'digest:bob:B')]
    expectPermitted(list, WRITE, [home, ann, bob], true, 'Logins add up: one of them is bob.')
    expectPermitted(list, WRITE, [home, ann], false, 'The entry that ann matches gives r only.')
  })

  test('super may do everything', () => {
    expectPermitted([entry(READ, 'digest:ann:A')], ADMIN, [home, superuser], true, 'super asks no list.')
    expectPermitted([entry(0, 'world:anyone')], READ, [superuser], true, 'super asks no list.')
  })

  test('who may not is told NOAUTH', () => {
    expect(() => checkPermitted([entry(READ, 'world:anyone')], WRITE, [ann])).toThrow('NOAUTH')
  })
})

describe('B. The list as it is stored', () => {
  test('what is asked for twice is there once', () => {
    const twice = [entry(READ, 'world:anyone'), entry(ALL, 'digest:ann:A'), entry(READ, 'world:anyone')]
    expectResolved(twice, [], twice.slice(0, 2), 'The third entry says what the first says.')
  })

  test('auth gives way to whoever has logged in', () => {
    const rule = 'auth means the identities that were proved, in their order. An address proves nothing.'
    const expected = [entry(ALL, 'digest:ann:A'), entry(ALL, 'digest:bob:B')]
    expectResolved([entry(ALL, 'auth:')], [home, ann, bob], expected, rule)
  })

  test('auth of nobody is refused', () => {
    const rule = 'A list that means nobody would lock the node for ever.'
    expectResolved([entry(ALL, 'auth:')], [home], 'INVALIDACL', rule)
    expectResolved([entry(ALL, 'auth:')], [], 'INVALIDACL', rule)
  })

  test('no list is refused', () => {
    expectResolved(null, [ann], 'INVALIDACL', 'Null is no list.')
    expectResolved([], [ann], 'INVALIDACL', 'Without an entry nobody could ever do anything.')
  })

  test('a scheme that the server does not know is refused', () => {
    expectResolved([entry(ALL, 'kerberos:ann')], [ann], 'INVALIDACL', 'Nobody here can prove that.')
    expectResolved([entry(ALL, 'world:ann')], [ann], 'INVALIDACL', 'There is one world, and it is anyone.')
  })

  test('a digest id is a user and a hash', () => {
    const rule = 'user:hash has one colon, and text on its right.'
    expectResolved([entry(ALL, 'digest:ann:A')], [], [entry(ALL, 'digest:ann:A')], rule)
    expectResolved([entry(ALL, 'digest:ann')], [], 'INVALIDACL', rule)
    expectResolved([entry(ALL, 'digest:ann:A:A')], [], 'INVALIDACL', rule)
  })
})

describe('C. Addresses', () => {
  const section = 'Addresses'

  test('an address is itself', () => {
    const list = [entry(READ, 'ip:10.1.2.3')]
    expectResolved(list, [], list, '10.1.2.3 is an address.', section)
    expectPermitted(list, READ, [{ scheme: 'ip', id: '10.1.2.3' }], true, 'It is the same.', section)
    expectPermitted(list, READ, [{ scheme: 'ip', id: '10.1.2.4' }], false, 'It is another.', section)
  })

  test('a range is everybody whose address begins alike', () => {
    const list = [entry(READ, 'ip:10.1.0.0/16')]
    expectPermitted(list, READ, [{ scheme: 'ip', id: '10.1.200.7' }], true, '16 bits: 10.1.', section)
    expectPermitted(list, READ, [{ scheme: 'ip', id: '10.2.0.0' }], false, '16 bits: 10.1.', section)
  })

  test('a range may end inside a byte', () => {
    const list = [entry(READ, 'ip:10.1.2.0/30')]
    expectPermitted(list, READ, [{ scheme: 'ip', id: '10.1.2.3' }], true, '30 bits leave 0 to 3.', section)
    expectPermitted(list, READ, [{ scheme: 'ip', id: '10.1.2.4' }], false, '30 bits leave 0 to 3.', section)
  })

  test('what is no range is refused', () => {
    for (const id of ['10.0.0', '10.0.0.256', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'localhost']) {
      expectResolved([entry(READ, `ip:${id}`)], [], 'INVALIDACL', `${id} is no range.`, section)
    }
  })

  test('IPv6 has 128 bits', () => {
    const list = [entry(READ, 'ip:fe80::/10')]
    expectResolved(list, [], list, 'fe80::/10 is a range.', section)
    expectPermitted(list, READ, [{ scheme: 'ip', id: 'febf::1' }], true, '10 bits: fe8 to feb.', section)
    expectPermitted(list, READ, [{ scheme: 'ip', id: 'fec0::1' }], false, '10 bits: fe8 to feb.', section)
  })
})

describe('D. Secrets', () => {
  test('a login becomes the user and the hash of all of it', () => {
    const rule = 'The user stays readable; user, colon and password are hashed. (chapter 03, "Passwords")'
    expect(
      digestId('ann:secret', text => `<${text}>`),
      rule,
    ).toBe('ann:<ann:secret>')
  })

  test('a list that is shown has no hashes', () => {
    const list = [entry(ALL, 'digest:ann:A'), entry(READ, 'world:anyone'), entry(READ, 'ip:10.0.0.0/8')]
    const rule = 'Digest ids lose their hash and keep their user; others stay. (chapter 03, "Passwords")'
    expect(withoutSecrets(list), rule).toEqual([
      entry(ALL, 'digest:ann:x'),
      entry(READ, 'world:anyone'),
      entry(READ, 'ip:10.0.0.0/8'),
    ])
  })
})
