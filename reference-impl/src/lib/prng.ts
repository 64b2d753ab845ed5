/**
 * Dice that fall the same way for the same seed: xoshiro128** (Blackman and Vigna), seeded by splitmix32.
 * For simulations and tests, never for secrets.
 */
import { Hash } from './hash.ts'

export interface Prng {
  /** A whole number from 0 to `below` - 1, each as likely; `below` is at most 2^53. */
  below(below: number): number
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number
  /** From `least` to `most`, in thousandths. */
  millis(range: readonly [least: number, most: number]): number
  /** True this often: never for 0, always for 1. */
  chance(probability: number): boolean
  bytes(count: number): Uint8Array
  /** Other dice, settled by this seed and the name alone: what one user of chance does must not disturb another. */
  fork(name: string): Prng
}

export function prng(seed: number | string): Prng {
  return dice(new Hash().text(String(seed)).number())
}

function dice(seed: number): Prng {
  let mixed = seed
  const splitmix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0
    let z = mixed
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return z ^ (z >>> 15)
  }
  let a = splitmix()
  let b = splitmix()
  let c = splitmix()
  let d = splitmix()

  /** The next 32 bits. */
  function next(): number {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0
    const t = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= t
    d = rotated(d, 11)
    return result
  }

  /** The next 53 bits. */
  function next53(): number {
    return (next() >>> 5) * 2 ** 26 + (next() >>> 6)
  }

  function below(limit: number): number {
    const [range, draw] = limit <= 2 ** 32 ? [2 ** 32, next] : [2 ** 53, next53]
    // What is left over above the last whole multiple would make small numbers likelier: draw again.
    const fair = range - (range % limit)
    let drawn = draw()
    while (drawn >= fair) drawn = draw()
    return drawn % limit
  }

  function between(least: number, most: number): number {
    return least + below(most - least + 1)
  }

  return {
    below,
    between,
    millis: ([least, most]) => between(Math.round(least * 1000), Math.round(most * 1000)) / 1000,
    chance: probability => next53() < probability * 2 ** 53,
    bytes: count => Uint8Array.from({ length: count }, () => next() & 0xff),
    fork: name => dice(new Hash().text(`${seed} ${name}`).number()),
  }
}

function rotated(bits: number, by: number): number {
  return (bits << by) | (bits >>> (32 - by))
}
