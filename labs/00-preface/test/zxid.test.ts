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

/** Chapter 00 reads the file line by line under this heading. */
const chapter = '(chapter 00, "A file, line by line")'

describe('A. Two halves', () => {
  test('the epoch stands in the high 32 bits and the counter in the low 32', () => {
    expect(zxid(1, 2), `Epoch 1 and counter 2 make 0x1_0000_0002. ${chapter}`).toBe(0x1_0000_0002n)
    expect(zxid(0, 7), `Without an epoch a zxid is its counter. ${chapter}`).toBe(7n)
  })

  test('a zxid comes apart into what it was made of', () => {
    const made = zxid(5, 77)
    const rule = `zxid(5, 77) is ${made}: its high 32 bits are the epoch, its low 32 the counter. ${chapter}`
    expect({ epoch: epochOf(made), counter: counterOf(made) }, rule).toEqual({ epoch: 5, counter: 77 })
  })

  test('the first transaction of an epoch outnumbers the last one of the epoch before', () => {
    const rule = `That is why the epoch comes first: a plain comparison orders the whole history. ${chapter}`
    expect(zxid(2, 0) > zxid(1, 0xffff_ffff), rule).toBe(true)
  })
})

describe('B. One after the other', () => {
  test('the next zxid counts one further in the same epoch', () => {
    const next = nextZxid(zxid(3, 41))
    const rule = `After counter 41 of epoch 3 comes counter 42 of epoch 3. ${chapter}`
    expect({ epoch: epochOf(next), counter: counterOf(next) }, rule).toEqual({ epoch: 3, counter: 42 })
  })

  test('a new leader starts before the first transaction of its epoch', () => {
    expect(startOfEpoch(4), `Counter 0 is the start, counter 1 the first transaction. ${chapter}`).toBe(
      zxid(4, 0),
    )
    expect(nextZxid(startOfEpoch(4)), `The first transaction of epoch 4. ${chapter}`).toBe(zxid(4, 1))
  })

  test('an epoch ends when the counter has no number left', () => {
    expect(endsEpoch(zxid(1, 0xffff_ffff)), `32 ones: the next number would be in epoch 2. ${chapter}`).toBe(
      true,
    )
    expect(endsEpoch(zxid(1, 42)), `42 has many numbers after it. ${chapter}`).toBe(false)
  })
})

describe('C. In writing', () => {
  test('a zxid is written in hexadecimal, as logs and tools print it', () => {
    expect(formatZxid(zxid(1, 10)), `Ten is a, and the counter fills eight digits. ${chapter}`).toBe(
      '0x10000000a',
    )
  })

  test('what was written can be read again', () => {
    expect(parseZxid('0x10000000a'), `As tools print it. ${chapter}`).toBe(zxid(1, 10))
    expect(parseZxid('10000000a'), `As the name of a log file ends. ${chapter}`).toBe(zxid(1, 10))
  })

  test('what is no zxid reads as null', () => {
    expect(parseZxid('snapshot'), `No number at all. ${chapter}`).toBeNull()
  })
})
