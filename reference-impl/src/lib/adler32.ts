/**
 * Adler-32: the checksum of every log entry and every snapshot. Two sums modulo 65521; the second adds up the first, so
 * that the order of the bytes counts. It finds torn writes and flipped bits; it keeps out nobody who wants to cheat.
 */

/** The checksum of nothing, from which every other one starts. */
export const adlerOfNothing = 1

/** Of `bytes`, or of all that `before` is the checksum of and `bytes` behind it. 32 bits, never negative. */
export function adler32(bytes: Uint8Array, before: number = adlerOfNothing): number {
  let a = before & 0xffff
  let b = before >>> 16
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + unreduced)
    // Eight at a time: half the work of the loop below is its counting.
    for (; at + 8 <= end; at += 8) {
      a += bytes[at]!
      b += a
      a += bytes[at + 1]!
      b += a
      a += bytes[at + 2]!
      b += a
      a += bytes[at + 3]!
      b += a
      a += bytes[at + 4]!
      b += a
      a += bytes[at + 5]!
      b += a
      a += bytes[at + 6]!
      b += a
      a += bytes[at + 7]!
      b += a
    }
    while (at < end) {
      a += bytes[at++]!
      b += a
    }
    a %= modulus
    b %= modulus
  }
  return ((b << 16) | a) >>> 0
}

/** The largest prime below 2^16. */
const modulus = 65521

/** So many bytes can be added up before the second sum may leave the 31 bits in which engines count fastest. */
const unreduced = 3800
