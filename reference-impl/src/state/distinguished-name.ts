/**
 * Names as certificates have them: `CN=ann,O=Acme,C=DE`, the nearest part first. An ACL compares them letter by letter, so
 * we must print a subject as Apache's server does, which leaves it to Java: only nine attributes are known by a keyword,
 * the others are numbers with a value in hexadecimal.
 * Source: RFC 2253, Java's X500Principal.getName() and its constructor; X.690 for the bytes.
 */
import { type Element, elementsIn } from '../lib/der.ts'

const sequence = 0x30
const version = 0xa0

/** The name of the one whom the certificate (DER) is about; null when that cannot be read. */
export function subjectOf(certificate: Uint8Array): string | null {
  const whole = elementsIn(certificate, 0, certificate.length)?.[0]
  const signed = whole && elementsIn(certificate, whole.start, whole.end)?.[0]
  const fields = signed && elementsIn(certificate, signed.start, signed.end)
  if (fields == null) return null
  // Serial number, algorithm, issuer, validity, subject; only new certificates begin with a version.
  const name = fields[fields[0]?.tag === version ? 5 : 4]
  if (name?.tag !== sequence) return null
  const parts = elementsIn(certificate, name.start, name.end)?.map(part => printedPart(certificate, part))
  return parts === undefined || parts.includes(null) ? null : parts.reverse().join(',')
}

/** One part of a name; it may have several attributes. */
function printedPart(bytes: Uint8Array, { start, end }: Element): string | null {
  const attributes = elementsIn(bytes, start, end)?.map(({ start, end }) => {
    const [type, value] = elementsIn(bytes, start, end) ?? []
    return type === undefined || value === undefined ? null : printedAttribute(bytes, type, value)
  })
  return attributes === undefined || attributes.includes(null) ? null : attributes.join('+')
}

function printedAttribute(bytes: Uint8Array, type: Element, value: Element): string {
  const number = numbersOf(bytes.subarray(type.start, type.end)).join('.')
  const keyword = keywords.get(number)
  const text = keyword === undefined ? null : textOf(bytes, value)
  if (text === null) return `${keyword ?? number}=#${hex(bytes.subarray(value.at, value.end))}`
  return `${keyword}=${escaped(text)}`
}

const keywords = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'STREET'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
])

/** The text that the value is, by the alphabet that its tag names; null when it is no text. */
function textOf(bytes: Uint8Array, { tag, start, end }: Element): string | null {
  const alphabet = alphabets.get(tag)
  return alphabet === undefined ? null : new TextDecoder(alphabet).decode(bytes.subarray(start, end))
}

const alphabets = new Map([
  [0x0c, 'utf-8'],
  [0x13, 'latin1'],
  [0x14, 'latin1'],
  [0x16, 'latin1'],
  [0x1b, 'latin1'],
  [0x1e, 'utf-16be'],
])

function escaped(text: string): string {
  return text
    .replace(/[,=+<>#;"\\]/g, '\\$&')
    .replaceAll('\0', '\\00')
    .replace(/^ +| +$/g, spaces => spaces.replaceAll(' ', '\\ '))
}

/** An object identifier: seven bits a byte, and the first number stands for two. */
function numbersOf(bytes: Uint8Array): bigint[] {
  const numbers: bigint[] = []
  let number = 0n
  for (const byte of bytes) {
    number = (number << 7n) | BigInt(byte & 0x7f)
    if (byte >= 0x80) continue
    if (numbers.length === 0) {
      const first = number < 80n ? number / 40n : 2n
      numbers.push(first, number - 40n * first)
    } else numbers.push(number)
    number = 0n
  }
  return numbers
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

/** Is the text such a name? Keywords may be written as one likes, and there are more of them than are printed. */
export function isDistinguishedName(text: string): boolean {
  if (text.trim() === '') return true
  if (text.length > longest) return false
  attribute.lastIndex = 0
  for (;;) {
    const [, keyword, value, sign] = attribute.exec(text) ?? []
    if (keyword === undefined || !isKeyword(keyword.trim()) || !isValue(value!.trim())) return false
    if (sign === '') return true
  }
}

/** No certificate has a longer one. */
const longest = 4096

/** A keyword, a value, in which signs may be quoted, and the sign after which the next attribute begins, if any. */
const attribute = /([^=,;+"\\]+)=((?:\\.|"(?:\\.|[^"\\])*"|[^,;+"\\])*)([,;+]|$)/suy

function isValue(text: string): boolean {
  if (text.startsWith('#')) return /^#([0-9a-f]{2})+$/i.test(text) && isElement(text.slice(1))
  if (text.startsWith('"')) return /^"(?:\\.|[^"\\])*"$/su.test(text)
  return !/["<>]/.test(text.replace(/\\./gsu, ''))
}

const moreKeywords =
  /^(?:S|T|IP|DNQ|DNQUALIFIER|SURNAME|GIVENNAME|INITIALS|GENERATION|EMAIL|EMAILADDRESS|SERIALNUMBER)$/

function isKeyword(word: string): boolean {
  const name = word.toUpperCase()
  return (
    /^(?:OID\.)?[012](?:\.\d+)+$/.test(name) ||
    moreKeywords.test(name) ||
    [...keywords.values()].includes(name)
  )
}

/** Are these the digits of one element, whole? */
function isElement(digits: string): boolean {
  const bytes = Uint8Array.from(digits.match(/../g)!, pair => Number.parseInt(pair, 16))
  return elementsIn(bytes, 0, bytes.length)?.length === 1
}
