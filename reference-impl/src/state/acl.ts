/**
 * Who may do what with a node. An access control list names identities and what each may do; it holds for its node
 * alone, nothing is inherited. A list is judged twice: when it is given to a node (does it make sense, and who is meant
 * by `auth`?), and at each request (is one of those who ask among those who may?).
 *
 * A list only ever adds: no entry takes away what another gives, so the order of entries means nothing.
 * Source: Apache's PrepRequestProcessor.fixupACL, ZooKeeperServer.checkACL and the AuthenticationProviders.
 */
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
  // #region lab 03: A. look for an entry that has the permission and means one of them
  return (
    identities.some(({ scheme }) => scheme === 'super') ||
    acl.some(
      ({ perms: given, id }) =>
        (given & perms) !== 0 && (isAnyone(id) || identities.some(identity => isMeant(identity, id))),
    )
  )
  // #endregion
}

/** Throws NOAUTH when `isPermitted` does not hold. */
export function checkPermitted(acl: readonly ACL[], perms: number, identities: readonly Identity[]): void {
  if (!isPermitted(acl, perms, identities)) throw new KeeperError('NOAUTH')
}

/** Is this identity the one that the entry names, or one of those? Schemes never mix. */
function isMeant(identity: Identity, { scheme, id }: Id): boolean {
  if (passesFor(identity, scheme, id)) return true
  // #region lab 03: A. compare, by the way of the scheme
  if (identity.scheme !== scheme || id === null) return false
  return scheme === 'ip' ? isInRange(identity.id, id) : identity.id === id
  // #endregion
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
  // #region lab 03: B. drop what was said before, and put whom it means in the place of each entry
  const said = (asked ?? []).filter(({ perms, id }, at, all) => {
    return all.findIndex(other => other.perms === perms && isSame(other.id, id)) === at
  })
  if (said.length === 0) throw new KeeperError('INVALIDACL', 'the list is empty')
  const acl = said.flatMap(({ perms, id }) =>
    meantBy(id, identities, schemes).map(each => ({ perms, id: each })),
  )
  return isOpen(acl) ? openAcl : acl
  // #endregion
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
  // #region lab 03: B. everybody, whoever asks, or somebody of a scheme: or refuse
  const { scheme } = id
  const text = id.id ?? ''
  if (isAnyone(id)) return [{ scheme, id: text }]
  if (scheme === 'auth') {
    const proved = identities.filter(identity => provesWho(identity.scheme, schemes))
    if (proved.length === 0) throw new KeeperError('INVALIDACL', 'auth: nobody has logged in')
    return proved
  }
  if (!schemes.has(scheme) || !isId(scheme, text)) throw new KeeperError('INVALIDACL', `${scheme}:${text}`)
  return [{ scheme, id: text }]
  // #endregion
}

/** Does an identity of this scheme say who somebody is? An address says where somebody is. */
function provesWho(scheme: string, schemes: ReadonlySet<string>): boolean {
  return schemes.has(scheme) && scheme !== 'ip'
}

/** Is this text an id of the scheme? Who it names need not exist: there is no list of users. */
function isId(scheme: string, id: string): boolean {
  if (scheme === 'sasl') return isPrincipal(id)
  if (scheme === 'x509') return isDistinguishedName(id)
  // #region lab 03: B. judge the form of an id
  if (scheme === 'ip') return parseRange(id) !== null
  // `user:hash`, as Java splits it: colons at the end do not count.
  if (scheme === 'digest') return id.replace(/:+$/, '').split(':').length === 2
  return id !== ''
  // #endregion
}

/** Addresses whose first `bits` bits are those of `address`. */
interface Range {
  address: Uint8Array
  bits: number
}

/** `10.0.0.0/8`, `fe80::/10`, or one address alone; null when it is none of these. */
function parseRange(text: string): Range | null {
  // #region lab 03: C. take the range apart, and refuse more bits than the address has
  const [start, bits, ...rest] = text.split('/')
  const address = parseAddress(start!)
  if (address === null || rest.length > 0) return null
  const width = address.length * 8
  if (bits === undefined) return { address, bits: width }
  return /^\+?\d{1,3}$/.test(bits) && Number(bits) <= width ? { address, bits: Number(bits) } : null
  // #endregion
}

/** Is the address in the range? One that is of the other kind, or is none, is not. */
function isInRange(text: string, range: string): boolean {
  // #region lab 03: C. compare the first bits
  const address = parseAddress(text)
  const within = parseRange(range)
  if (address === null || within === null || address.length !== within.address.length) return false
  for (let bit = 0; bit < within.bits; bit++) {
    const mask = 0x80 >> (bit % 8)
    if (((address[bit >> 3]! ^ within.address[bit >> 3]!) & mask) !== 0) return false
  }
  return true
  // #endregion
}

/**
 * The digest identity that a login proves: `user:password` becomes `user:` and the hash of both. The password itself
 * may have colons. `hash` answers in base 64.
 */
export function digestId(userAndPassword: string, hash: (text: string) => string): string {
  // #region lab 03: D. keep the user readable, and hash all of it
  const user = userAndPassword.split(':', 1)[0]!
  return `${user}:${hash(userAndPassword)}`
  // #endregion
}

/** The list for those who may see it but not change it: the hashes of passwords are left out, the users stay. */
export function withoutSecrets(acl: readonly ACL[]): ACL[] {
  // #region lab 03: D. put an x in the place of each hash
  return acl.map(({ perms, id: { scheme, id } }) => ({
    perms,
    id: { scheme, id: scheme === 'digest' && id !== null ? id.replace(/:.*/s, ':x') : id },
  }))
  // #endregion
}
