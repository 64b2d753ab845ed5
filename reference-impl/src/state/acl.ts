/**
 * Who may do what with a node. An access control list names identities and what each may do; it holds for its node
 * alone, nothing is inherited. An identity is a scheme and an id: who somebody is depends on how they proved it.
 * Source: Apache's PrepRequestProcessor.fixupACL and ZooKeeperServer.checkACL.
 */
import { KeeperError } from '../wire/errors.ts'
import { Perms } from '../wire/opcodes.ts'
import type { ACL, Id } from '../wire/records.ts'
import { digestOf } from './digest.ts'

/** Who somebody is, or who is meant. Unlike in a request, the id is never null. */
export interface Identity {
  scheme: string
  id: string
}

/** Everyone may do everything: what most nodes have. */
export const openAcl: ACL[] = [{ perms: Perms.ALL, id: { scheme: 'world', id: 'anyone' } }]

/**
 * The list as it is stored: without duplicates, and with `auth` ("whoever I am") replaced by the identities that the
 * connection has proved. Throws INVALIDACL when the list is null or empty, or an entry can never match anybody.
 */
export function resolveAcl(asked: readonly ACL[] | null, identities: readonly Identity[]): ACL[] {
  if (isOpen(asked)) return openAcl
  const acl: ACL[] = []
  for (const { perms, id } of asked ?? []) {
    for (const identity of resolveId(id, identities)) {
      if (!acl.some(entry => entry.perms === perms && isSame(entry.id, identity)))
        acl.push({ perms, id: identity })
    }
  }
  if (acl.length === 0) throw new KeeperError('INVALIDACL', 'the list is empty')
  return acl
}

/** Does the list give somebody with these identities any of the permissions in `perms`? */
export function isPermitted(acl: readonly ACL[], perms: number, identities: readonly Identity[]): boolean {
  if (acl === openAcl) return true
  return (
    acl.some(entry => (entry.perms & perms) !== 0 && isAnyone(entry.id)) ||
    identities.some(
      identity =>
        identity.scheme === 'super' ||
        acl.some(entry => (entry.perms & perms) !== 0 && matches(identity, entry.id)),
    )
  )
}

/** Throws NOAUTH when `isPermitted` does not hold. */
export function checkPermitted(acl: readonly ACL[], perms: number, identities: readonly Identity[]): void {
  if (!isPermitted(acl, perms, identities)) throw new KeeperError('NOAUTH')
}

/** The list for those who may read but not change it: the hashes of passwords are left out. */
export function withoutSecrets(acl: readonly ACL[]): ACL[] {
  return acl.map(({ perms, id: { scheme, id } }) => ({
    perms,
    id: { scheme, id: scheme === 'digest' ? `${id?.split(':')[0]}:x` : id },
  }))
}

/**
 * The identities that a client gains by logging in; null when there is no such login. `superDigest` is the digest id
 * that may do everything, if there is one.
 */
export function logIn(
  scheme: string,
  proof: Uint8Array | null,
  { address, superDigest }: { address: string; superDigest: string | null },
): Identity[] | null {
  switch (scheme) {
    case 'ip':
      return [{ scheme, id: address }]
    case 'digest': {
      const id = digestOf(new TextDecoder().decode(proof ?? new Uint8Array(0)))
      const identity = { scheme, id }
      return id === superDigest ? [{ scheme: 'super', id: '' }, identity] : [identity]
    }
    default:
      return null
  }
}

/** How ids of a scheme look, and whom they mean. A scheme that is not here can be in no list. */
const schemes: Record<string, Scheme> = {
  world: { isValid: id => id === 'anyone', provesWho: false },
  digest: { isValid: id => id.split(':').length === 2, provesWho: true },
  ip: { isValid: id => parseIpRange(id) !== null, provesWho: false },
}

interface Scheme {
  isValid(id: string): boolean
  /** Does it say who somebody is, so that it counts as "whoever I am"? An address does not. */
  provesWho: boolean
}

function schemeOf(name: string): Scheme | undefined {
  return Object.hasOwn(schemes, name) ? schemes[name] : undefined
}

function resolveId(id: Id, identities: readonly Identity[]): readonly Identity[] {
  const { scheme } = id
  const text = id.id ?? ''
  if (scheme === 'auth') {
    const proved = identities.filter(identity => schemeOf(identity.scheme)?.provesWho)
    if (proved.length === 0) throw new KeeperError('INVALIDACL', 'auth: without an identity that was proved')
    return proved
  }
  if (!schemeOf(scheme)?.isValid(text)) throw new KeeperError('INVALIDACL', `${scheme}:${text}`)
  return [{ scheme, id: text }]
}

function isOpen(acl: readonly ACL[] | null): boolean {
  const only = acl?.length === 1 ? acl[0]! : null
  return only !== null && only.perms === Perms.ALL && isAnyone(only.id)
}

function isAnyone(id: Id): boolean {
  return id.scheme === 'world' && id.id === 'anyone'
}

export function isSame(one: Id, other: Id): boolean {
  return one.scheme === other.scheme && one.id === other.id
}

function matches(identity: Identity, entry: Id): boolean {
  if (identity.scheme !== entry.scheme || entry.id === null) return false
  if (identity.scheme === 'ip') return isInRange(identity.id, entry.id)
  return identity.id === entry.id
}

interface IpRange {
  bytes: number[]
  bits: number
}

/** `10.0.0.0/8` or `fe80::1`; null when it is neither. */
function parseIpRange(text: string): IpRange | null {
  const [address, bits, ...rest] = text.split('/')
  const bytes = parseIp(address!)
  if (bytes === null || rest.length > 0) return null
  const width = bytes.length * 8
  if (bits === undefined) return { bytes, bits: width }
  return /^\d{1,3}$/.test(bits) && Number(bits) <= width ? { bytes, bits: Number(bits) } : null
}

function isInRange(address: string, range: string): boolean {
  const bytes = parseIp(address)
  const within = parseIpRange(range)
  if (bytes === null || within === null || bytes.length !== within.bytes.length) return false
  for (let bit = 0; bit < within.bits; bit++) {
    const mask = 0x80 >> (bit % 8)
    if (((bytes[bit >> 3]! ^ within.bytes[bit >> 3]!) & mask) !== 0) return false
  }
  return true
}

function parseIp(text: string): number[] | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null
  return parts.map(Number)
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [start, end] = halves.map(half => (half === '' ? [] : half.split(':')))
  const given = [...start!, ...(end ?? [])]
  if (!given.every(group => /^[0-9a-fA-F]{1,4}$/.test(group))) return null
  const missing = 8 - given.length
  if (end === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...start!, ...Array<string>(end === undefined ? 0 : missing).fill('0'), ...(end ?? [])]
  return groups.flatMap(group => {
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}
