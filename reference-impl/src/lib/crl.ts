/**
 * Lists of certificates that their authority has taken back, and where a certificate says that such a list is to be found.
 * Only the outline is read here; whether the list is the authority's own, its signature tells.
 * Source: RFC 5280, sections 4.2.1.13 and 5.
 */
import { type Element, elementsIn } from './der.ts'

export interface RevocationList {
  /** The name of the authority, in DER. */
  issuer: Uint8Array
  /** Milliseconds since 1970: since when it holds, and until when at most; null: it does not say. */
  since: number
  until: number | null
  /** Serial numbers, in capital hexadecimal digits without zeros in front. */
  revoked: ReadonlySet<string>
  /** What has been signed, how, and the signature. */
  signed: Uint8Array
  hash: string | null
  signature: Uint8Array
}

const sequence = 0x30
const integer = 0x02
const octets = 0x04
const bits = 0x03
const boolean = 0x01
const utcTime = 0x17
const generalizedTime = 0x18
/** `[0]` and `[3]`, with elements inside; `[6]` is a text. */
const first = 0xa0
const fourth = 0xa3
const uri = 0x86

/** null when it is no such list, or says that it must not be read by whoever does not understand it wholly. */
export function readRevocationList(der: Uint8Array): RevocationList | null {
  const [tbs, algorithm, proof] = whole(der) ?? []
  const fields = inside(der, tbs)
  if (tbs === undefined || fields === null || proof?.tag !== bits) return null
  if (fields[0]?.tag === integer) fields.shift()
  const [, issuer, since, ...rest] = fields
  const until = isTime(rest[0]) ? rest.shift() : undefined
  const listed = rest[0]?.tag === sequence ? inside(der, rest.shift()) : []
  if (issuer === undefined || !isTime(since) || listed === null) return null
  if (rest[0]?.tag === first && hasCritical(der, rest[0])) return null
  const revoked = new Set<string>()
  for (const each of listed) {
    const [serial] = inside(der, each) ?? []
    if (serial?.tag !== integer) return null
    revoked.add(serialText(der.subarray(serial.start, serial.end)))
  }
  const [oid] = inside(der, algorithm) ?? []
  return {
    issuer: der.subarray(issuer.at, issuer.end),
    since: timeOf(der, since!),
    until: until === undefined ? null : timeOf(der, until),
    revoked,
    signed: der.subarray(tbs.at, tbs.end),
    hash: oid === undefined ? null : (hashes.get(hex(der.subarray(oid.start, oid.end))) ?? null),
    // The first byte says how many bits of the last one do not count: none.
    signature: der.subarray(proof.start + 1, proof.end),
  }
}

/** The addresses of the lists that a certificate would stand in. */
export function listsFor(certificate: Uint8Array): string[] {
  const [tbs] = whole(certificate) ?? []
  const extensions = inside(
    certificate,
    inside(certificate, tbs)?.find(({ tag }) => tag === fourth),
  )?.[0]
  for (const extension of inside(certificate, extensions) ?? []) {
    const [oid, ...values] = inside(certificate, extension) ?? []
    if (oid === undefined || hex(certificate.subarray(oid.start, oid.end)) !== distributionPoints) continue
    const value = values.find(({ tag }) => tag === octets)
    return value === undefined ? [] : addressesIn(certificate, value.start, value.end)
  }
  return []
}

/** The issuer of a certificate, in DER. */
export function issuerOf(certificate: Uint8Array): Uint8Array {
  const [tbs] = whole(certificate) ?? []
  const fields = inside(certificate, tbs) ?? []
  const issuer = fields[fields[0]?.tag === first ? 3 : 2]
  return issuer === undefined ? new Uint8Array(0) : certificate.subarray(issuer.at, issuer.end)
}

/** A serial number as OpenSSL shows it, and Node with it. */
function serialText(bytes: Uint8Array): string {
  return hex(bytes)
    .toUpperCase()
    .replace(/^0+(?=.)/, '')
}

/** Every address in there, however deep. */
function addressesIn(bytes: Uint8Array, from: number, to: number): string[] {
  return (elementsIn(bytes, from, to) ?? []).flatMap(({ tag, start, end }) => {
    if (tag === uri) return [new TextDecoder('latin1').decode(bytes.subarray(start, end))]
    return tag === sequence || tag === first ? addressesIn(bytes, start, end) : []
  })
}

/** What must be understood is marked as critical: then the list may be a part of one, or name changes only. */
function hasCritical(bytes: Uint8Array, extensions: Element): boolean {
  return (inside(bytes, inside(bytes, extensions)?.[0]) ?? []).some(each => {
    const isCritical = inside(bytes, each)?.find(({ tag }) => tag === boolean)
    return isCritical !== undefined && bytes[isCritical.start] !== 0
  })
}

/** The elements inside the one that is all of these bytes. */
function whole(bytes: Uint8Array): Element[] | null {
  return inside(bytes, elementsIn(bytes, 0, bytes.length)?.[0])
}

function inside(bytes: Uint8Array, element: Element | undefined): Element[] | null {
  return element === undefined ? null : elementsIn(bytes, element.start, element.end)
}

function isTime(element: Element | undefined): element is Element {
  return element?.tag === utcTime || element?.tag === generalizedTime
}

/** `491231235959Z` and `20501231235959Z`; two digits stand for the years 1950 to 2049. */
function timeOf(bytes: Uint8Array, { tag, start, end }: Element): number {
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, end))
  const century = tag === generalizedTime ? '' : Number(text.slice(0, 2)) < 50 ? '20' : '19'
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(century + text) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

const distributionPoints = '551d1f'

/** Which hash a signature is of, by the identifier of its algorithm; '' where the algorithm has its own. */
const hashes = new Map([
  ['2a864886f70d010105', 'sha1'],
  ['2a864886f70d01010b', 'sha256'],
  ['2a864886f70d01010c', 'sha384'],
  ['2a864886f70d01010d', 'sha512'],
  ['2a8648ce3d0401', 'sha1'],
  ['2a8648ce3d040302', 'sha256'],
  ['2a8648ce3d040303', 'sha384'],
  ['2a8648ce3d040304', 'sha512'],
  ['2b6570', ''],
  ['2b6571', ''],
])
