/**
 * Who may do what with a node. An access control list names identities and what each may do; it holds for its node
 * alone, nothing is inherited. A list is judged twice: when it is given to a node (does it make sense, and who is meant
 * by `auth`?), and at each request (is one of those who ask among those who may?).
 *
 * A list only ever adds: no entry takes away what another gives, so the order of entries means nothing.
 * Source: Apache's PrepRequestProcessor.fixupACL, ZooKeeperServer.checkACL and the AuthenticationProviders.
 */
import { Todo } from '../lib/todo.ts'
import { KeeperError } from '../wire/errors.ts'
import type { ACL, Id } from '../wire/records.ts'
import { parseAddress } from './address.ts'
import { isDistinguishedName } from './distinguished-name.ts'
import { type Identity, isPrincipal, isSame, openAcl, passesFor, usualSchemes } from './identity.ts'

/**
 * Does the list give somebody with these identities one of the permissions in `perms`? Who is `super` may do
 * everything. Entries for `world:anyone` are for everybody, logged in or not.
 */
export function isPermitted(acl: readonly ACL[], perms: number, identities: readonly Identity[]): boolean {
  if (acl === openAcl) return true
  throw new Todo('03 A: look for an entry that has the permission and means one of them')
}

/** Throws NOAUTH when `isPermitted` does not hold. */
export function checkPermitted(acl: readonly ACL[], perms: number, identities: readonly Identity[]): void {
  if (!isPermitted(acl, perms, identities)) throw new KeeperError('NOAUTH')
}

/** Is this identity the one that the entry names, or one of those? Schemes never mix. */
function isMeant(identity: Identity, { scheme, id }: Id): boolean {
  if (passesFor(identity, scheme, id)) return true
  throw new Todo('03 A: compare, by the way of the scheme')
}

/**
 * The list as it is stored. What is asked for twice is there once, and `auth` ("whoever I am") gives way to the
 * identities that the connection has proved. Throws INVALIDACL when the list is null or empty, when `auth` means nobody,
 * or when an entry has a scheme that the server does not know or an id that is none of its scheme.
 */
export function resolveAcl(
  asked: readonly ACL[] | null,
  identities: readonly Identity[],
  schemes: ReadonlySet<string> = usualSchemes,
): ACL[] {
  throw new Todo('03 B: drop what was said before, and put whom it means in the place of each entry')
}

/** Everyone may do everything, and nothing else is said: all such lists can be one. */
function isOpen(acl: readonly ACL[]): boolean {
  return acl.length === 1 && acl[0]!.perms === openAcl[0]!.perms && isAnyone(acl[0]!.id)
}

function isAnyone(id: Id): boolean {
  return id.scheme === 'world' && id.id === 'anyone'
}

/** Whom an entry of a list that was asked for means. */
function meantBy(id: Id, identities: readonly Identity[], schemes: ReadonlySet<string>): readonly Identity[] {
  throw new Todo('03 B: everybody, whoever asks, or somebody of a scheme: or refuse')
}

/** Does an identity of this scheme say who somebody is? An address says where somebody is. */
function provesWho(scheme: string, schemes: ReadonlySet<string>): boolean {
  return schemes.has(scheme) && scheme !== 'ip'
}

/** Is this text an id of the scheme? Who it names need not exist: there is no list of users. */
function isId(scheme: string, id: string): boolean {
  if (scheme === 'sasl') return isPrincipal(id)
  if (scheme === 'x509') return isDistinguishedName(id)
  throw new Todo('03 B: judge the form of an id')
}

/** Addresses whose first `bits` bits are those of `address`. */
interface Range {
  address: Uint8Array
  bits: number
}

/** `10.0.0.0/8`, `fe80::/10`, or one address alone; null when it is none of these. */
function parseRange(text: string): Range | null {
  throw new Todo('03 C: take the range apart, and refuse more bits than the address has')
}

/** Is the address in the range? One that is of the other kind, or is none, is not. */
function isInRange(text: string, range: string): boolean {
  throw new Todo('03 C: compare the first bits')
}

/**
 * The digest identity that a login proves: `user:password` becomes `user:` and the hash of both. The password itself
 * may have colons. `hash` answers in base 64.
 */
export function digestId(userAndPassword: string, hash: (text: string) => string): string {
  throw new Todo('03 D: keep the user readable, and hash all of it')
}

/** The list for those who may see it but not change it: the hashes of passwords are left out, the users stay. */
export function withoutSecrets(acl: readonly ACL[]): ACL[] {
  throw new Todo('03 D: put an x in the place of each hash')
}
