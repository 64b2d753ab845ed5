/**
 * Who somebody is to this server: a scheme, which says how it was proved, and an id, whose form is the scheme's own.
 */
import { Perms } from '../wire/opcodes.ts'
import type { ACL, Id } from '../wire/records.ts'

/** Who somebody is, or who is meant. Unlike in a request, the id is never null. */
export interface Identity {
  scheme: string
  id: string
  /** The ids of its scheme that it is let in for besides its own. */
  passesFor?: readonly string[] | 'all'
}

/** Is somebody with this identity let in where another id is named? */
export function passesFor(identity: Identity, scheme: string, id: string | null): boolean {
  const others = identity.passesFor
  return others !== undefined && identity.scheme === scheme && (others === 'all' || others.includes(id ?? ''))
}

/** Everyone may do everything: what most nodes have. */
export const openAcl: ACL[] = [{ perms: Perms.ALL, id: { scheme: 'world', id: 'anyone' } }]

/** The schemes that every server knows; `world` and `auth`, which need no proof of their own, are not counted here. */
export const usualSchemes: ReadonlySet<string> = new Set(['digest', 'ip'])

export function isSame(one: Id, other: Id): boolean {
  return one.scheme === other.scheme && one.id === other.id
}

/** A name as Kerberos has them, `name/host@realm`, of which host and realm may be missing. */
export function isPrincipal(text: string): boolean {
  return !text.includes('@') || /^[^/@]*(\/[^/@]*)?@[^/@]*$/.test(text)
}
