/** Bytes as people paste them: hexadecimal digits in any grouping, or a dump with offsets and characters beside it. */
export type Parsed = { bytes: Uint8Array } | { stray: string } | { odd: true }

export function parseHex(text: string): Parsed {
  const digits = text
    .split(/\r?\n/)
    .map(withoutMargins)
    .join('')
    .replace(/0x|[\s:,]/gi, '')
  const stray = /[^0-9a-f]/i.exec(digits)
  if (stray !== null) return { stray: stray[0] }
  if (digits.length % 2 === 1) return { odd: true }
  return { bytes: Uint8Array.from(digits.match(/../g) ?? [], byte => Number.parseInt(byte, 16)) }
}

/** A line of `xxd` or `hexdump -C` without its offset and its characters; any other line as it is. */
function withoutMargins(line: string): string {
  const xxd = /^\s*[0-9a-f]{8}: ((?:[0-9a-f]{2,} )+)(?: .*)?$/i.exec(`${line} `)
  if (xxd !== null) return xxd[1]!
  const hexdump = /^[0-9a-f]{8} {2}((?:[0-9a-f]{2} +)+)\|.*\|$/i.exec(line)
  return hexdump?.[1] ?? line
}

export function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

export function toHex(bytes: Uint8Array, separator = ''): string {
  return Array.from(bytes, hexByte).join(separator)
}

/** A byte as the character it may stand for; a dot when that has no shape. */
export function asciiOf(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0x20 ? '␣' : '·'
}
