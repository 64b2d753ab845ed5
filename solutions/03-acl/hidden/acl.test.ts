import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestId, isPermitted, withoutSecrets } from '#lab/state/acl.ts'
import type { Identity } from '#lab/state/identity.ts'
import type { ACL } from '#lab/wire/records.ts'
import {
  ADMIN,
  ALL,
  ann,
  bob,
  CREATE,
  DELETE,
  entry,
  expectPermitted,
  expectResolved,
  home,
  READ,
  resolved,
  superuser,
  WRITE,
} from '../../../labs/03-acl/test/people.ts'

describe('A. May they?', () => {
  test('each permission stands for itself', () => {
    const all = [READ, WRITE, CREATE, DELETE, ADMIN]
    for (const given of all) {
      for (const asked of all) {
        const rule = 'None of the five includes another: not even a, or w.'
        expectPermitted([entry(given, 'digest:ann:A')], asked, [ann], given === asked, rule)
      }
    }
  })

  test('two entries of one person give what either gives', () => {
    const list = [entry(READ, 'digest:ann:A'), entry(WRITE, 'digest:ann:A')]
    expectPermitted(list, READ, [ann], true, 'The first entry gives it.')
    expectPermitted(list, WRITE, [ann], true, 'The second entry gives it.')
  })

  test('an entry that gives nothing takes nothing away', () => {
    const list = [entry(0, 'digest:ann:A'), entry(READ, 'world:anyone')]
    expectPermitted(list, READ, [ann], true, 'Lists only add. There is no way to forbid.')
    expectPermitted(list.toReversed(), READ, [ann], true, 'Lists only add, in any order.')
  })

  test('the same id of another scheme is somebody else', () => {
    const list = [entry(READ, 'digest:ann:A')]
    expectPermitted(list, READ, [{ scheme: 'sasl', id: 'ann:A' }], false, 'Another scheme proved it.')
    expectPermitted(list, READ, [{ scheme: 'ip', id: 'ann:A' }], false, 'Another scheme proved it.')
  })

  test('the same user with another hash is somebody else', () => {
    const list = [entry(READ, 'digest:ann:A')]
    expectPermitted(list, READ, [{ scheme: 'digest', id: 'ann:B' }], false, 'Another password.')
    expectPermitted(list, READ, [{ scheme: 'digest', id: 'ann:a' }], false, 'Hashes mind the case.')
    expectPermitted(list, READ, [{ scheme: 'digest', id: 'ann:AA' }], false, 'The beginning is not enough.')
    expectPermitted(list, READ, [{ scheme: 'digest', id: 'ann:x' }], false, 'x is what others are shown.')
  })

  test('only anyone is the world', () => {
    expectPermitted([entry(ALL, 'world:ann')], READ, [ann], false, 'world:ann is nobody.')
    expectPermitted([entry(ALL, 'digest:anyone')], READ, [], false, 'anyone is a word of the scheme world.')
  })

  test('super is proved, not named', () => {
    expectPermitted([entry(ALL, 'super:')], READ, [ann], false, 'A list cannot make anybody super.')
    const pretender = { scheme: 'digest', id: 'super:A' }
    expectPermitted([entry(ALL, 'digest:ann:A')], READ, [pretender], false, 'A user who is called super.')
  })

  test('an entry without an id means nobody', () => {
    const list: ACL[] = [{ perms: ALL, id: { scheme: 'digest', id: null } }]
    expectPermitted(list, READ, [ann], false, 'Null is no id.')
    const nowhere: ACL[] = [{ perms: ALL, id: { scheme: 'ip', id: null } }]
    expectPermitted(nowhere, READ, [home], false, 'Null is no range of addresses either.')
    expectPermitted([], READ, [ann], false, 'Nor is there anybody in an empty list.')
    expectPermitted([], READ, [superuser], true, 'But super asks no list.')
  })

  test('other schemes are compared letter by letter', () => {
    const list = [entry(READ, 'x509:CN=ann'), entry(READ, 'sasl:bob')]
    expectPermitted(list, READ, [{ scheme: 'x509', id: 'CN=ann' }], true, 'The subject of the certificate.')
    expectPermitted(list, READ, [{ scheme: 'sasl', id: 'bob' }], true, 'The name that SASL proved.')
    expectPermitted(list, READ, [{ scheme: 'sasl', id: 'CN=ann' }], false, 'Schemes do not mix.')
  })

  test('whatever the list and whoever asks, the answer is the one of a search through all pairs', () => {
    const person = fc.constantFrom(ann, bob, { scheme: 'sasl', id: 'ann:A' }, superuser)
    const who = fc.constantFrom('world:anyone', 'digest:ann:A', 'digest:bob:B', 'sasl:ann:A', 'world:x')
    const list = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 31 }), who).map(([perms, who]) => entry(perms, who)),
      { maxLength: 5 },
    )
    const property = fc.property(
      list,
      fc.integer({ min: 1, max: 31 }),
      fc.array(person),
      (acl, perms, asking) => {
        const before = structuredClone(acl)
        const expected =
          asking.some(({ scheme }) => scheme === 'super') || pairs(acl, asking).some(p => p & perms)
        expectPermitted(
          acl,
          perms,
          asking,
          expected,
          'Some entry and some identity must fit, or one is super.',
        )
        expect(acl, 'the list stays as it was').toEqual(before)
      },
    )
    fc.assert(property, { seed: 20_260_303, numRuns: 500 })
  })
})

/** The permissions of every entry that fits one of those who ask. */
function pairs(acl: readonly ACL[], asking: readonly Identity[]): number[] {
  return acl
    .filter(
      ({ id }) =>
        (id.scheme === 'world' && id.id === 'anyone') ||
        asking.some(({ scheme, id: own }) => scheme === id.scheme && own === id.id),
    )
    .map(({ perms }) => perms)
}

describe('B. The list as it is stored', () => {
  test('entries that differ in what they give are different', () => {
    const list = [entry(READ, 'digest:ann:A'), entry(WRITE, 'digest:ann:A')]
    expectResolved(list, [], list, 'r and w are not the same.')
  })

  test('what is said again is dropped, wherever it stands', () => {
    const [r, a, w] = [entry(READ, 'world:anyone'), entry(ALL, 'digest:ann:A'), entry(WRITE, 'world:anyone')]
    const again = [r, a, r, w, a, r].map(each => structuredClone(each))
    expectResolved(again, [], [r, a, w], 'Entries are the same when they say the same.')
  })

  test('what stands beside everybody is stored too', () => {
    const everybody = entry(ALL, 'world:anyone')
    for (const other of [entry(ALL, 'digest:ann:A'), entry(READ, 'world:anyone')]) {
      const rule = 'A list is not shortened because everybody may do everything anyway.'
      expectResolved([everybody, other], [], [everybody, other], rule)
      expectResolved([other, everybody], [], [other, everybody], rule)
    }
  })

  test('no list is no permission to leave the node open', () => {
    expectResolved(null, [ann], 'INVALIDACL', 'Who asks for nothing gets nothing.')
    expectResolved([], [ann], 'INVALIDACL', 'Who asks for nothing gets nothing.')
  })

  test('an id of any other scheme is any text, and there must be one', () => {
    const schemes = new Set(['badge'])
    const list = (id: string | null): ACL[] => [{ perms: ALL, id: { scheme: 'badge', id } }]
    const because =
      'Of a scheme without rules every text is an id but the empty one. (chapter 03, "What an id looks like")'
    expect(resolved(list('4711'), [], schemes), because).toEqual(list('4711'))
    expect(resolved(list(' '), [], schemes), because).toEqual(list(' '))
    expect(resolved(list(''), [], schemes), because).toBe('INVALIDACL')
    expect(resolved(list(null), [], schemes), because).toBe('INVALIDACL')
  })

  test('auth is every login, in their order', () => {
    const carl = { scheme: 'digest', id: 'carl:C' }
    const expected = ['digest:bob:B', 'digest:ann:A', 'digest:carl:C'].map(who => entry(READ, who))
    expectResolved([entry(READ, 'auth:')], [bob, home, ann, carl], expected, 'Logins add up.')
  })

  test('permissions are stored as they are given', () => {
    for (const perms of [0, 32, 63, -1]) {
      const list = [entry(perms, 'world:anyone')]
      expectResolved(list, [], list, 'Apache stores any number. Bits that mean nothing give nothing.')
    }
  })

  test('each auth gives way with its own permissions, where it stands', () => {
    const asked = [entry(READ, 'world:anyone'), entry(ADMIN, 'auth:'), entry(WRITE, 'digest:bob:B')]
    const expected = [entry(READ, 'world:anyone'), entry(ADMIN, 'digest:ann:A'), entry(WRITE, 'digest:bob:B')]
    expectResolved(asked, [home, ann], expected, 'auth is ann, with the permissions of its own entry.')
  })

  test('what stands beside auth does not matter', () => {
    const asked: ACL[] = [{ perms: ALL, id: { scheme: 'auth', id: null } }]
    expectResolved(asked, [ann], [entry(ALL, 'digest:ann:A')], 'The id of auth is not looked at: null.')
    expectResolved(
      [entry(ALL, 'auth:bob')],
      [ann],
      [entry(ALL, 'digest:ann:A')],
      'Not even when it is a name.',
    )
  })

  test('what auth makes twice is stored twice, as Apache does it', () => {
    const asked = [entry(ALL, 'auth:'), entry(ALL, 'digest:ann:A')]
    const rule = 'Duplicates are dropped from what is asked for, before auth gives way.'
    expectResolved(asked, [ann], [entry(ALL, 'digest:ann:A'), entry(ALL, 'digest:ann:A')], rule)
  })

  test('super is not stored for auth, nor is an address', () => {
    const digest = { scheme: 'digest', id: 'super:S' }
    const rule = 'A super login is a digest login too, and that is stored.'
    expectResolved([entry(ALL, 'auth:')], [home, superuser, digest], [entry(ALL, 'digest:super:S')], rule)
    expectResolved([entry(ALL, 'auth:')], [home, superuser], 'INVALIDACL', 'super and ip prove no name.')
  })

  test('one entry that makes no sense spoils the list', () => {
    const good = entry(READ, 'world:anyone')
    expectResolved(
      [good, entry(ALL, 'kerberos:ann')],
      [ann],
      'INVALIDACL',
      'Half a list is not what was meant.',
    )
    expectResolved([good, entry(ALL, 'auth:')], [home], 'INVALIDACL', 'auth means nobody here.')
    expectResolved([good, { perms: ALL, id: { scheme: 'digest', id: null } }], [ann], 'INVALIDACL', 'No id.')
  })

  test.each([
    'super:',
    'auth',
    'constructor:x',
    '__proto__:x',
    'toString:x',
    ':x',
    'WORLD:anyone',
    'Digest:ann:A',
  ])('nobody knows the scheme of %s', who => {
    const asked = who === 'auth' ? [entry(ALL, 'Auth:')] : [entry(ALL, who)]
    expectResolved(asked, [ann], 'INVALIDACL', 'Schemes are what the server was given, to the letter.')
  })

  test('which schemes there are is the caller’s to say', () => {
    const onlyIp = new Set(['ip'])
    expect(resolved([entry(ALL, 'digest:ann:A')], [ann], onlyIp), 'digest is switched off').toBe('INVALIDACL')
    expect(resolved([entry(ALL, 'auth:')], [ann], onlyIp), 'and proves nobody').toBe('INVALIDACL')
    const alsoSasl = new Set(['digest', 'ip', 'sasl'])
    const carl = { scheme: 'sasl', id: 'carl' }
    expect(resolved([entry(ALL, 'sasl:carl')], [], alsoSasl), 'sasl is known').toEqual([
      entry(ALL, 'sasl:carl'),
    ])
    expect(resolved([entry(ALL, 'auth:')], [home, carl], alsoSasl), 'and proves who somebody is').toEqual([
      entry(ALL, 'sasl:carl'),
    ])
    expect(resolved([entry(READ, 'world:anyone')], [], new Set()), 'world needs no scheme').toEqual([
      entry(READ, 'world:anyone'),
    ])
  })

  test.each(['ann:A:', ':A', 'ann:A::'])('%s is a digest id, for Java splits it so', id => {
    const list = [entry(ALL, `digest:${id}`)]
    expectResolved(list, [], list, 'Colons at the end do not count.', 'What an id looks like')
  })

  test.each(['', ':', 'ann:', 'ann', 'a:b:c', '::A'])("'%s' is no digest id", id => {
    const rule = 'Two parts are wanted; colons at the end do not count.'
    expectResolved([entry(ALL, `digest:${id}`)], [], 'INVALIDACL', rule, 'What an id looks like')
  })

  test('what was asked for stays as it was', () => {
    const asked = [entry(READ, 'auth:'), entry(READ, 'auth:'), entry(ALL, 'world:anyone')]
    const before = structuredClone(asked)
    resolved(asked, [ann])
    expect(asked, 'A list of the request is read, not changed.').toEqual(before)
  })
})

describe('C. Addresses', () => {
  const section = 'Addresses'
  const from = (id: string): Identity[] => [{ scheme: 'ip', id }]

  test.each([
    ['10.1.2.3', '0.0.0.0/0', true],
    ['255.255.255.255', '0.0.0.0/0', true],
    ['10.1.2.3', '10.1.2.3/32', true],
    ['10.1.2.2', '10.1.2.3/32', false],
    ['10.9.9.9', '10.1.2.3/8', true],
    ['11.1.2.3', '10.1.2.3/8', false],
    ['10.127.0.1', '10.0.0.0/9', true],
    ['10.128.0.1', '10.0.0.0/9', false],
    ['10.1.2.2', '10.1.2.3/31', true],
    ['10.1.2.1', '10.1.2.3/31', false],
    ['128.0.0.1', '0.0.0.0/1', false],
    ['192.168.0.1', '128.0.0.0/1', true],
    ['::1', '::1', true],
    ['::2', '::1', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['2001:db8:ffff::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['2001:db8::1', '2001:db8::1/128', true],
    ['2001:db8::3', '2001:db8::2/127', true],
    ['2001:db8::4', '2001:db8::2/127', false],
    ['10.1.2.3', '::/0', false],
    ['::1', '0.0.0.0/0', false],
    ['::ffff:10.1.2.3', '10.0.0.0/8', true],
    ['10.1.2.3', '::ffff:10.1.2.3', true],
    ['client', '0.0.0.0/0', false],
    ['', '0.0.0.0/0', false],
  ])('%s in %s: %s', (address, range, expected) => {
    const list = [entry(READ, `ip:${range}`)]
    expectResolved(list, [], list, `${range} is a range.`, section)
    expectPermitted(list, READ, from(address), expected, 'The first bits decide.', section)
  })

  test.each([
    ...['', '/8', '10.0.0.0/-1', '10.0.0.0/8x', '10.0.0.0/ 8', '10.0.0.0/1e1', '10.0.0.0/8/', '10.0.0.0/0x8'],
    ...['::1/129', 'fe80::/-1', 'fe80:::1', '::ffff:10.1.2.3/33', '10.0.0.0/999'],
  ])("'%s' is no range", range => {
    expectResolved([entry(READ, `ip:${range}`)], [], 'INVALIDACL', `${range} is no range.`, section)
  })

  test('a range that is stored though it is none means nobody', () => {
    // Data from an older server: it is in the tree, and nobody asks again whether it makes sense.
    expectPermitted([entry(READ, 'ip:10.0.0.0/40')], READ, from('10.0.0.0'), false, '40 bits of 32.', section)
    expectPermitted(
      [entry(READ, 'ip:home')],
      READ,
      from('home'),
      false,
      'Not even for the same text.',
      section,
    )
  })

  test('an address proves where somebody is, not who', () => {
    const both = [home, ann]
    expectPermitted([entry(READ, 'ip:127.0.0.0/8')], READ, both, true, 'ann is at home.', section)
    expectPermitted([entry(READ, 'digest:127.0.0.1')], READ, both, false, 'Schemes do not mix.', section)
  })
})

describe('D. Secrets', () => {
  const sha1 = (text: string): string => createHash('sha1').update(text).digest('base64')

  test.each([
    ['u:p', 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ='],
    ['super:test', 'super:D/InIHSb7yEEbrWz8b9l71RjZJU='],
    ['v:q', 'v:Mfy8apI9YguGKmh+AxUmAFSwkII='],
  ])('%s is the id that Apache makes of it', (login, id) => {
    expect(digestId(login, sha1), 'seen on a server of Apache’s (chapter 03, "Passwords")').toBe(id)
  })

  test('a user ends at the first colon, and all of the login is hashed', () => {
    const rule = 'A password may have colons, or be missing. (chapter 03, "Passwords")'
    const hash = (text: string): string => `<${text}>`
    expect(digestId('ann:a:b', hash), rule).toBe('ann:<ann:a:b>')
    expect(digestId('ann', hash), rule).toBe('ann:<ann>')
    expect(digestId('ann:', hash), rule).toBe('ann:<ann:>')
    expect(digestId('', hash), rule).toBe(':<>')
    expect(digestId('jörg:ß', hash), rule).toBe('jörg:<jörg:ß>')
  })

  test('what is shown is a copy', () => {
    const list = [entry(ALL, 'digest:ann:A'), entry(READ, 'world:anyone')]
    const before = structuredClone(list)
    withoutSecrets(list)
    expect(list, 'The node keeps its hashes: only the reader does not see them.').toEqual(before)
    const stillAnn = isPermitted(list, ADMIN, [ann])
    expect(stillAnn, 'and ann is let in as before').toBe(true)
  })

  test('where there is no id there is nothing to hide', () => {
    const list: ACL[] = [{ perms: ALL, id: { scheme: 'digest', id: null } }, entry(READ, 'digest:ann')]
    expect(
      withoutSecrets(list),
      'Null and a user without a hash stay as they are. (chapter 03, "Passwords")',
    ).toEqual(list)
  })

  test('everything after the user is hidden, and nothing of another scheme', () => {
    const list = [
      entry(READ, 'digest:ann:A:B'),
      entry(WRITE, 'digest::A'),
      entry(ALL, 'sasl:a:b'),
      entry(READ, 'ip:::1'),
    ]
    const expected = [
      entry(READ, 'digest:ann:x'),
      entry(WRITE, 'digest::x'),
      entry(ALL, 'sasl:a:b'),
      entry(READ, 'ip:::1'),
    ]
    expect(
      withoutSecrets(list),
      'A hash is whatever follows the first colon. (chapter 03, "Passwords")',
    ).toEqual(expected)
  })
})
