/**
 * HalfSipHash-1-3: 32 bits that nobody can foresee who does not know the key. A table that clients fill needs that: whoever
 * can choose names whose hashes collide makes every look-up a search through all of them.
 * Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF"; this is its form for words of 32 bits.
 */
export interface HashKey {
  readonly low: number
  readonly high: number
}

/** `secret` has eight bytes. */
export function hashKey(secret: Uint8Array): HashKey {
  return { low: wordAt(secret, 0), high: wordAt(secret, 4) }
}

/** Of the bytes from `from` to `to`; with a sign. */
export function sipHash({ low, high }: HashKey, bytes: Uint8Array, from: number, to: number): number {
  let a = low
  let b = high
  let c = low ^ 0x6c796765
  let d = high ^ 0x74656462
  const words = (to - from) >>> 2
  for (let round = 0; round < words + 4; round++) {
    // A round for each four bytes, one for what is left of them and how many there were, three in which nothing comes.
    let word = 0
    if (round < words) word = wordAt(bytes, from + 4 * round)
    else if (round === words) word = restOf(bytes, from, to)
    else if (round === words + 1) c ^= 0xff
    d ^= word
    a = (a + b) | 0
    b = a ^ ((b << 5) | (b >>> 27))
    a = (a << 16) | (a >>> 16)
    c = (c + d) | 0
    d = c ^ ((d << 8) | (d >>> 24))
    a = (a + d) | 0
    d = a ^ ((d << 7) | (d >>> 25))
    c = (c + b) | 0
    b = c ^ ((b << 13) | (b >>> 19))
    c = (c << 16) | (c >>> 16)
    a ^= word
  }
  return b ^ d
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function restOf(bytes: Uint8Array, from: number, to: number): number {
  let word = (to - from) << 24
  for (let at = to - 1; (at - from) % 4 !== 3 && at >= from; at--)
    word |= bytes[at]! << (8 * ((at - from) % 4))
  return word
}
