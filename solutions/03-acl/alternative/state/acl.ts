/**
 * Another way to judge lists: each scheme is an object that knows its own ids, an identity is asked for a test, and
 * ranges are numbers.
 */
import { KeeperError } from '../wire/errors.ts'
import type { ACL, Id } from '../wire/records.ts'
import { parseAddress } from './address.ts'
import { type Identity, openAcl, usualSchemes } from './identity.ts'

interface Scheme {
  accepts(id: string): boolean
  /** Whether an id in a list means this identity. */
  means(id: string, identity: string): boolean
  provesWho: boolean
}

const exact: Scheme = {
  accepts: id => id.length > 0,
  means: (id, identity) => id === identity,
  provesWho: true,
}

const digest: Scheme = {
  ...exact,
  accepts: id => {
    const parts = id.split(':')
    while (parts.at(-1) === '') parts.pop()
    return parts.length === 2
  },
}

const ip: Scheme = {
  accepts: id => rangeOf(id) !== undefined,
  means(id, identity) {
    const range = rangeOf(id)
    const address = numberOf(identity)
    if (range === undefined || address === undefined || address.width !== range.width) return false
    return address.value >> range.shift === range.value >> range.shift
  },
  provesWho: false,
}

function schemeNamed(name: string): Scheme {
  if (name === 'ip') return ip
  return name === 'digest' ? digest : exact
}

function numberOf(text: string): { value: bigint; width: number } | undefined {
  const bytes = parseAddress(text)
  if (bytes === null) return undefined
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return { value, width: bytes.length * 8 }
}

function rangeOf(text: string): { value: bigint; width: number; shift: bigint } | undefined {
  const match = /^([^/]*)(?:\/\+?(\d{1,3}))?$/.exec(text)
  const start = match === null ? undefined : numberOf(match[1]!)
  if (start === undefined) return undefined
  const bits = Number(match![2] ?? start.width)
  return bits > start.width ? undefined : { ...start, shift: BigInt(start.width - bits) }
}

const isWorld = ({ scheme, id }: Id): boolean => scheme === 'world' && id === 'anyone'

export function isPermitted(acl: readonly ACL[], perms: number, identities: readonly Identity[]): boolean {
  let given = 0
  for (const { scheme } of identities) if (scheme === 'super') return true
  for (const entry of acl) {
    const { scheme, id } = entry.id
    const fits =
      isWorld(entry.id) ||
      (id !== null &&
        identities.some(identity => identity.scheme === scheme && schemeNamed(scheme).means(id, identity.id)))
    if (fits) given |= entry.perms
  }
  return (given & perms) !== 0
}

export function checkPermitted(acl: readonly ACL[], perms: number, identities: readonly Identity[]): void {
  if (!isPermitted(acl, perms, identities)) throw new KeeperError('NOAUTH')
}

export function resolveAcl(
  asked: readonly ACL[] | null,
  identities: readonly Identity[],
  schemes: ReadonlySet<string> = usualSchemes,
): ACL[] {
  const seen = new Set<string>()
  const acl: ACL[] = []
  for (const { perms, id } of asked ?? []) {
    const key = JSON.stringify([perms, id.scheme, id.id])
    if (seen.has(key)) continue
    seen.add(key)
    const before = acl.length
    if (isWorld(id)) acl.push({ perms, id: { ...id } })
    else if (id.scheme === 'auth') {
      for (const identity of identities) {
        if (schemes.has(identity.scheme) && schemeNamed(identity.scheme).provesWho)
          acl.push({ perms, id: { ...identity } })
      }
    } else if (schemes.has(id.scheme) && schemeNamed(id.scheme).accepts(id.id ?? '')) {
      acl.push({ perms, id: { ...id } })
    }
    if (acl.length === before) throw new KeeperError('INVALIDACL', `${id.scheme}:${id.id}`)
  }
  if (acl.length === 0) throw new KeeperError('INVALIDACL', 'no entries')
  const [only] = acl
  return acl.length === 1 && only!.perms === 31 && isWorld(only!.id) ? openAcl : acl
}

export function digestId(userAndPassword: string, hash: (text: string) => string): string {
  const colon = userAndPassword.indexOf(':')
  const user = colon < 0 ? userAndPassword : userAndPassword.slice(0, colon)
  return [user, hash(userAndPassword)].join(':')
}

export function withoutSecrets(acl: readonly ACL[]): ACL[] {
  return acl.map(entry => {
    const { scheme, id } = entry.id
    if (scheme !== 'digest' || id === null || !id.includes(':')) return entry
    return { ...entry, id: { scheme, id: `${id.slice(0, id.indexOf(':'))}:x` } }
  })
}
