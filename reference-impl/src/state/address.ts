/**
 * Internet addresses as bytes: four of them for IPv4, sixteen for IPv6. An IPv4 address that is written as an IPv6 one
 * (`::ffff:10.1.2.3`, as sockets that listen for both show it) is the IPv4 address.
 */

/** `10.1.2.3` or `fe80::1`; null when it is neither. */
export function parseAddress(text: string): Uint8Array | null {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text)
}

function parseIpv4(text: string): Uint8Array | null {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every(part => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return null
  return Uint8Array.from(parts, Number)
}

/** Eight groups of two bytes; `::` stands for as many zeros as are missing, and the last two may be written as IPv4. */
function parseIpv6(text: string): Uint8Array | null {
  const lastColon = text.lastIndexOf(':')
  const dotted = text.includes('.') ? parseIpv4(text.slice(lastColon + 1)) : undefined
  if (dotted === null) return null
  const written = dotted === undefined ? text : `${text.slice(0, lastColon + 1)}${groupsOf(dotted).join(':')}`
  const halves = written.split('::')
  if (halves.length > 2) return null
  const [start, end] = halves.map(half => (half === '' ? [] : half.split(':')))
  const given = [...start!, ...(end ?? [])]
  if (!given.every(group => /^[0-9a-fA-F]{1,4}$/.test(group))) return null
  const missing = 8 - given.length
  if (end === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...start!, ...Array<string>(end === undefined ? 0 : missing).fill('0'), ...(end ?? [])]
  const bytes = Uint8Array.from(groups.flatMap(bytesOf))
  return isMapped(bytes) ? bytes.slice(12) : bytes
}

function groupsOf(bytes: Uint8Array): string[] {
  const [a, b, c, d] = [...bytes] as [number, number, number, number]
  return [(a << 8) | b, (c << 8) | d].map(group => group.toString(16))
}

function bytesOf(group: string): [number, number] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}

function isMapped(bytes: Uint8Array): boolean {
  return bytes.every((byte, at) => at >= 12 || byte === (at < 10 ? 0 : 0xff))
}
