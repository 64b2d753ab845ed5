/** Those who ask, those who are meant, and a way to say why an answer is wrong. */
import { expect } from 'vitest'
import { isPermitted, resolveAcl } from '#lab/state/acl.ts'
import type { Identity } from '#lab/state/identity.ts'
import { Perms } from '#lab/wire/opcodes.ts'
import type { ACL } from '#lab/wire/records.ts'

export const { READ, WRITE, CREATE, DELETE, ADMIN, ALL } = Perms

/** Passwords are letters here, and so are their hashes. */
export const ann: Identity = { scheme: 'digest', id: 'ann:A' }
export const bob: Identity = { scheme: 'digest', id: 'bob:B' }
export const home: Identity = { scheme: 'ip', id: '127.0.0.1' }
export const superuser: Identity = { scheme: 'super', id: '' }

/** `entry(READ, 'digest:ann:A')`: the scheme ends at the first colon. */
export function entry(perms: number, who: string): ACL {
  const colon = who.indexOf(':')
  return { perms, id: { scheme: who.slice(0, colon), id: who.slice(colon + 1) } }
}

/** `cdrwa`, as zkCli.sh writes permissions: create, delete, read, write, admin. */
export function letters(perms: number): string {
  return [...'rwcda'].filter((_, bit) => (perms & (1 << bit)) !== 0).join('') || 'nothing'
}

export const shown = (acl: readonly ACL[]): string =>
  acl.map(({ perms, id }) => `${id.scheme}:${id.id}:${letters(perms)}`).join(', ') || 'an empty list'

const named = (who: readonly Identity[]): string =>
  who.map(({ scheme, id }) => `${scheme}:${id}`).join(' and ') || 'nobody'

/** Expects that those who ask may, or may not, do one of `perms` where `acl` is in force. */
export function expectPermitted(
  acl: readonly ACL[],
  perms: number,
  who: readonly Identity[],
  expected: boolean,
  rule: string,
  section = 'May they?',
): void {
  const because = `
    list          ${shown(acl)}
    who asks      ${named(who)}
    wants one of  ${letters(perms)}
  ${rule} (chapter 03, "${section}")
`
  expect(isPermitted(acl, perms, who), because).toBe(expected)
}

/** The list as it is stored, or the name of the error. */
export function resolved(
  asked: readonly ACL[] | null,
  who: readonly Identity[] = [],
  schemes?: ReadonlySet<string>,
): ACL[] | string {
  try {
    return resolveAcl(asked, who, schemes)
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'Todo') throw error
    return name === 'KeeperError' ? message.replace(/:.*/s, '') : `${name}: ${message}`
  }
}

export function expectResolved(
  asked: readonly ACL[] | null,
  who: readonly Identity[],
  expected: readonly ACL[] | 'INVALIDACL',
  rule: string,
  section = 'The list as it is stored',
): void {
  const because = `
    asked for     ${asked === null ? 'null' : shown(asked)}
    by            ${named(who)}
  ${rule} (chapter 03, "${section}")
`
  expect(resolved(asked, who), because).toEqual(expected)
}
