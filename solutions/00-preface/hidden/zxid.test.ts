import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  counterOf,
  endsEpoch,
  epochOf,
  formatZxid,
  nextZxid,
  parseZxid,
  startOfEpoch,
  zxid,
} from '#lab/wire/zxid.ts'

const chapter = '(chapter 00, "A file, line by line")'
const lastCounter = 0xffff_ffff
const lastEpoch = 0x7fff_ffff

/** Bounds come up often here, because that is where arithmetic goes wrong. One seed: the same verdict for everybody. */
const epoch = fc.nat({ max: lastEpoch })
const counter = fc.oneof(
  fc.nat({ max: lastCounter }),
  fc.constantFrom(0, 1, 0x7fff_ffff, 0x8000_0000, lastCounter),
)
const fixed = { seed: 20_260_100, numRuns: 300, includeErrorInReport: true }

describe('A. Two halves', () => {
  test('every epoch and every counter come back, however large', () => {
    fc.assert(
      fc.property(epoch, counter, (epoch, counter) => {
        const made = zxid(epoch, counter)
        const rule = `zxid(${epoch}, ${counter}) = ${made} must come apart into the same two. ${chapter}`
        expect(epochOf(made), rule).toBe(epoch)
        expect(counterOf(made), rule).toBe(counter)
      }),
      fixed,
    )
  })

  test('the greatest zxid fills 63 bits to the last one', () => {
    expect(zxid(lastEpoch, lastCounter), `Exact where a number would round. ${chapter}`).toBe(2n ** 63n - 1n)
  })

  test('a counter beyond 31 bits is not negative', () => {
    expect(counterOf(0x1_8000_0000n), `The low half is unsigned. ${chapter}`).toBe(0x8000_0000)
    expect(epochOf(0x1_8000_0000n), `The counter does not reach into the epoch. ${chapter}`).toBe(1)
  })

  test('zxids are ordered by epoch first and by counter second', () => {
    fc.assert(
      fc.property(epoch, counter, epoch, counter, (e1, c1, e2, c2) => {
        const isBefore = e1 < e2 || (e1 === e2 && c1 < c2)
        expect(zxid(e1, c1) < zxid(e2, c2), `(${e1}, ${c1}) against (${e2}, ${c2}) ${chapter}`).toBe(isBefore)
      }),
      fixed,
    )
  })
})

describe('B. One after the other', () => {
  test('the next zxid is greater by one, up to the end of the epoch', () => {
    for (const epoch of [0, 6, lastEpoch]) {
      for (const counter of [0, 1, 0xffff, 0x7fff_ffff, 0x8000_0000, lastCounter - 1]) {
        const rule = `after counter ${counter} of epoch ${epoch} ${chapter}`
        expect(nextZxid(zxid(epoch, counter)), rule).toBe(zxid(epoch, counter + 1))
      }
    }
  })

  test('an epoch ends at 32 ones, not at 31, and whatever the epoch is', () => {
    expect(endsEpoch(zxid(1, 0x7fff_ffff)), `Half of the numbers are left. ${chapter}`).toBe(false)
    expect(endsEpoch(zxid(1, lastCounter - 1)), `One number is left. ${chapter}`).toBe(false)
    expect(endsEpoch(zxid(0, lastCounter)), `None is left. ${chapter}`).toBe(true)
    expect(endsEpoch(zxid(lastEpoch, lastCounter)), `None is left. ${chapter}`).toBe(true)
    expect(endsEpoch(startOfEpoch(2)), `All are left. ${chapter}`).toBe(false)
  })

  test('an epoch starts above everything of the one before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: lastEpoch }), counter, (epoch, counter) => {
        expect(startOfEpoch(epoch) > zxid(epoch - 1, counter), `epoch ${epoch} ${chapter}`).toBe(true)
        expect(counterOf(startOfEpoch(epoch)), `nothing happened yet in epoch ${epoch} ${chapter}`).toBe(0)
      }),
      fixed,
    )
  })
})

describe('C. In writing', () => {
  test('the 64 bits are written unsigned, in small letters, without zeros in front', () => {
    const rule = `As Apache's logs and file names write them. ${chapter}`
    expect([0n, 0xabcn, zxid(0xdead, 0xbeef)].map(formatZxid), rule).toEqual([
      '0x0',
      '0xabc',
      '0xdead0000beef',
    ])
    expect(formatZxid(-1n), `-1, which means "none", has all 64 bits set. ${chapter}`).toBe(
      '0xffffffffffffffff',
    )
  })

  test('everything that is written reads back, with 0x and without, in small and in capital letters', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), value => {
        const text = formatZxid(value)
        const rule = `${value} was written as ${text} ${chapter}`
        expect(parseZxid(text), rule).toBe(value)
        expect(parseZxid(text.slice(2)), rule).toBe(value)
        expect(parseZxid(text.slice(2).toUpperCase()), rule).toBe(value)
      }),
      fixed,
    )
  })

  test('digits without 0x are hexadecimal too', () => {
    expect(parseZxid('10'), `log.10 is the log that starts with the sixteenth transaction. ${chapter}`).toBe(
      16n,
    )
  })

  test('what is more or less than a zxid reads as null', () => {
    for (const text of ['', '0x', 'log.1', '1 ', ' 1', '-1', '0x1g', '1.gz', '1\n', '12345678901234567']) {
      expect(
        parseZxid(text),
        `${JSON.stringify(text)} is no zxid: null, and nothing thrown ${chapter}`,
      ).toBeNull()
    }
  })
})
