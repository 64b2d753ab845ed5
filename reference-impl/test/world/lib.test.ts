/** The small things that the worlds stand on. */
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { adler32 } from '../../src/lib/adler32.ts'
import { issuerOf, listsFor, readRevocationList } from '../../src/lib/crl.ts'
import { Hash } from '../../src/lib/hash.ts'
import { Heap } from '../../src/lib/heap.ts'
import { prng } from '../../src/lib/prng.ts'
import { hashKey, sipHash } from '../../src/lib/sip-hash.ts'

test('dice fall the same way for the same seed, and another way for another', () => {
  const draw = (seed: number | string): number[] => {
    const dice = prng(seed)
    return Array.from({ length: 20 }, () => dice.below(1000))
  }
  expect(draw(1)).toEqual(draw(1))
  expect(draw('1')).toEqual(draw(1))
  expect(draw(1)).not.toEqual(draw(2))
  expect(draw('a').join()).not.toBe(draw('b').join())
})

test('every face of the dice is as likely as any other', () => {
  const dice = prng('fair')
  const faces = new Array(6).fill(0)
  for (let i = 0; i < 60_000; i++) faces[dice.below(6)]++
  for (const count of faces) expect(Math.abs(count - 10_000)).toBeLessThan(400)
  const large = Array.from({ length: 1000 }, () => dice.below(2 ** 53))
  expect(large.filter(drawn => drawn >= 2 ** 52).length).toBeGreaterThan(430)
  expect(large.every(Number.isSafeInteger)).toBe(true)
})

test('a range holds both its ends, a chance of 0 never comes and one of 1 always does', () => {
  const dice = prng(1)
  expect(new Set(Array.from({ length: 200 }, () => dice.between(3, 5)))).toEqual(new Set([3, 4, 5]))
  const millis = Array.from({ length: 500 }, () => dice.millis([0.1, 0.103]))
  expect(new Set(millis)).toEqual(new Set([0.1, 0.101, 0.102, 0.103]))
  expect(Array.from({ length: 200 }, () => dice.chance(0))).not.toContain(true)
  expect(Array.from({ length: 200 }, () => dice.chance(1))).not.toContain(false)
})

test('forked dice depend on the seed and the name, not on what was drawn before', () => {
  const fresh = prng(1).fork('disk').bytes(8)
  const used = prng(1)
  used.bytes(100)
  expect(used.fork('disk').bytes(8)).toEqual(fresh)
  expect(prng(1).fork('network').bytes(8)).not.toEqual(fresh)
})

test('a heap gives back in order what came in any order', () => {
  const dice = prng(5)
  const heap = new Heap<number>((a, b) => a < b)
  const numbers = Array.from({ length: 300 }, () => dice.below(100))
  for (const number of numbers) heap.push(number)
  expect(heap.peek()).toBe(Math.min(...numbers))
  const popped = []
  while (heap.size > 0) popped.push(heap.pop())
  expect(popped).toEqual(numbers.sort((a, b) => a - b))
  expect(heap.pop()).toBeUndefined()
})

test('texts and bytes that differ hash differently, in both lanes', () => {
  const hashes = Array.from({ length: 1000 }, (_, i) => new Hash().text(`line ${i}`).hex())
  expect(hashes.every(hash => /^[0-9a-f]{16}$/.test(hash))).toBe(true)
  for (const lane of [0, 8]) expect(new Set(hashes.map(hash => hash.slice(lane, lane + 8))).size).toBe(1000)
  expect(new Hash().bytes(Uint8Array.of(1, 2)).hex()).not.toBe(new Hash().bytes(Uint8Array.of(2, 1)).hex())
})

test('Adler-32 is the checksum at the end of what zlib compresses, taken at once or in two parts', () => {
  const dice = prng('adler')
  for (const length of [0, 1, 7, 8, 9, 100, 3799, 3800, 3801, 20_000]) {
    const bytes = length % 2 === 0 ? new Uint8Array(length).fill(255) : dice.bytes(length)
    const expected = deflateSync(bytes).readUInt32BE(deflateSync(bytes).length - 4)
    expect(adler32(bytes), `of ${length} bytes`).toBe(expected)
    const cut = dice.below(length + 1)
    expect(adler32(bytes.subarray(cut), adler32(bytes.subarray(0, cut)))).toBe(expected)
  }
})

test('a hash with a key is the one that others work out, of texts of every length', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i)
  const key = hashKey(bytes.subarray(0, 8))
  const hashes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(length => sipHash(key, bytes, 0, length) >>> 0)
  // As Linux tests its own: the bytes 0, 1, 2 … by the key 0, 1, … 7.
  expect(hashes.map(hash => hash.toString(16)).join(' ')).toBe(
    '5814c896 e7e864ca bc4b0e30 1539939 7e059ea6 88e3d89b a0080b65 9d38d9d6 577999b1 c839caed',
  )
  const inside = Uint8Array.from({ length: 12 }, (_, i) => i - 3)
  expect(sipHash(key, inside, 3, 12) >>> 0).toBe(hashes[9])
})

test('a list of revoked certificates that is none is told apart from one, whatever its bytes', () => {
  // Tags and lengths that go together, so that some of it has an inside.
  const element = fc.tuple(
    fc.constantFrom(2, 3, 4, 6, 0x17, 0x30, 0x86, 0xa0, 0xa3),
    fc.uint8Array({ maxLength: 9 }),
  )
  const nested = fc.array(element, { maxLength: 9 }).map(all => {
    let bytes: number[] = []
    for (const [tag, content] of all) bytes = [tag, bytes.length + content.length, ...content, ...bytes]
    return Uint8Array.from(bytes)
  })
  fc.assert(
    fc.property(fc.oneof(nested, fc.uint8Array()), bytes => {
      expect(readRevocationList(bytes)).toBe(null)
      expect(listsFor(bytes)).toEqual([])
      expect(issuerOf(bytes).length).toBeLessThanOrEqual(bytes.length)
    }),
    { seed: 1, numRuns: 500 },
  )
})
