import { describe, expect, test } from 'vitest'
import { isPermitted, logIn, openAcl, resolveAcl, withoutSecrets } from '../../src/state/acl.ts'
import { Perms } from '../../src/wire/opcodes.ts'
import type { ACL } from '../../src/wire/records.ts'

const acl = (perms: number, scheme: string, id: string | null): ACL => ({ perms, id: { scheme, id } })
const here = { scheme: 'ip', id: '127.0.0.1' }
const u = { scheme: 'digest', id: 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=' }
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('a list that is asked for', () => {
  test('loses its duplicates', () => {
    expect(resolveAcl([acl(1, 'world', 'anyone'), acl(1, 'world', 'anyone')], [])).toEqual([
      acl(1, 'world', 'anyone'),
    ])
  })

  test('gets the identities that were proved in the place of auth', () => {
    const v = { scheme: 'digest', id: 'v:x' }
    expect(resolveAcl([acl(31, 'auth', '')], [here, u, v])).toEqual([
      { perms: 31, id: u },
      { perms: 31, id: v },
    ])
    expect(resolveAcl([acl(31, 'auth', null)], [u])).toEqual([{ perms: 31, id: u }])
  })

  test.each<[string, ACL[] | null]>([
    ['is null', null],
    ['is empty', []],
    ['says auth and nobody has logged in', [acl(31, 'auth', '')]],
    ['names a scheme that nobody knows', [acl(31, 'foo', 'bar')]],
    ['names a scheme that objects have by nature', [acl(31, 'constructor', 'bar')]],
    ['means another world', [acl(31, 'world', 'me')]],
    ['has a digest without a colon', [acl(31, 'digest', 'nocolon')]],
    ['has an address that is none', [acl(31, 'ip', '10.0.0.256')]],
    ['has a mask that is too long', [acl(31, 'ip', '10.0.0.0/33')]],
  ])('is refused when it %s', (_, asked) => {
    expect(() => resolveAcl(asked, [here])).toThrow('INVALIDACL')
  })
})

describe('access', () => {
  test('is open to all where the list is open', () => {
    expect(isPermitted(openAcl, Perms.ALL, [])).toBe(true)
  })

  test('needs an entry for the permission and for the identity', () => {
    const list = [acl(Perms.READ, 'world', 'anyone'), { perms: Perms.WRITE, id: u }]
    expect(isPermitted(list, Perms.READ, [])).toBe(true)
    expect(isPermitted(list, Perms.WRITE, [here])).toBe(false)
    expect(isPermitted(list, Perms.WRITE, [here, u])).toBe(true)
    expect(isPermitted(list, Perms.ADMIN, [here, u])).toBe(false)
  })

  test('is never refused to super', () => {
    expect(isPermitted([acl(0, 'world', 'anyone')], Perms.ADMIN, [{ scheme: 'super', id: '' }])).toBe(true)
  })

  test.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.0/30', true],
    ['10.1.2.4', '10.1.2.0/30', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['fe80::1', 'fe80::/10', true],
    ['fe80::1', '::1', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['10.1.2.3', '::/0', false],
  ])('from %s is what an entry for %s gives: %s', (from, entry, given) => {
    expect(isPermitted(resolveAcl([acl(1, 'ip', entry)], []), Perms.READ, [{ scheme: 'ip', id: from }])).toBe(
      given,
    )
  })
})

describe('a login', () => {
  const from = { address: '127.0.0.1', superDigest: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' }

  test('with the digest scheme gives the id that Apache gives', () => {
    expect(logIn('digest', encoded('u:p'), from)).toEqual([u])
  })

  test('with the super password gives super as well', () => {
    expect(logIn('digest', encoded('super:test'), from)).toEqual([
      { scheme: 'super', id: '' },
      { scheme: 'digest', id: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' },
    ])
  })

  test.each(['world', 'super', 'kerberos'])('with the scheme %s does not exist', scheme => {
    expect(logIn(scheme, encoded('x'), from)).toBe(null)
  })
})

test('who may not change a list does not see its hashes', () => {
  expect(withoutSecrets([{ perms: 31, id: u }, acl(1, 'world', 'anyone')])).toEqual([
    acl(31, 'digest', 'u:x'),
    acl(1, 'world', 'anyone'),
  ])
})
