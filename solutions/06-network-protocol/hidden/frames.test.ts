import { describe, expect, test } from 'vitest'
import { frame, frameLength } from '#lab/wire/frames.ts'
import { bytesOf, hexOf, usualLimit } from '../../../labs/06-network-protocol/test/bytes.ts'
import { given, story } from '../../../labs/06-network-protocol/test/streams.ts'
import { frameOfOverwritten, frameOfPart, lengthInPart } from './memory.inside.ts'

describe('A. Put a payload into a frame', () => {
  test('all four bytes of the length count', () => {
    for (const length of [255, 256, 65_535, 65_536, 1_048_575, 0x1020304]) {
      const framed = frame(new Uint8Array(length))
      const head = length.toString(16).padStart(8, '0')
      expect(framed.length, `frame of ${length} bytes`).toBe(length + 4)
      expect(hexOf(framed.subarray(0, 4)), `the length in a frame of ${length} bytes`).toBe(head)
    }
  })

  test('a frame has its own memory: what becomes of the payload later does not change it', () => {
    const because = 'frame returns a new array. (chapter 06, "Who owns the bytes?")'
    expect(
      frameOfOverwritten('cafe'),
      story('frame', ['cafe, and then overwrite the payload'], because),
    ).toBe('00000002cafe')
  })

  test('a payload may be a part of a greater array', () => {
    const because = 'A view has its own start and length, which its buffer does not know.'
    const told = story('frame', ['cafe, the middle of ffffcafeffff'], because)
    expect(frameOfPart('ffffcafeffff', 2, 4), told).toBe('00000002cafe')
  })
})

describe('B. Read a length, and refuse the impossible ones', () => {
  const read = (hex: string, limit: number, at = 0): unknown =>
    given(() => frameLength(bytesOf(hex), at, limit))

  test('0 and the limit itself are allowed, one more is not', () => {
    const because = 'The limit is the longest length that is allowed. (chapter 06, "Trust nobody")'
    expect(read('00000000', 10), story('frameLength, limit 10,', ['00000000'], because)).toBe(0)
    expect(read('0000000a', 10), story('frameLength, limit 10,', ['0000000a'], because)).toBe(10)
    expect(read('0000000b', 10), story('frameLength, limit 10,', ['0000000b'], because)).toBe('refused')
    expect(read('000fffff', usualLimit), story('frameLength', ['000fffff'], because)).toBe(0xfffff)
    expect(read('00100000', usualLimit), story('frameLength', ['00100000'], because)).toBe('refused')
    expect(read('00000000', 0), story('frameLength, limit 0,', ['00000000'], because)).toBe(0)
  })

  test('every negative length is refused, however large the limit', () => {
    const because = 'The highest bit is the sign. (chapter 06, "Trust nobody")'
    for (const hex of ['80000000', 'ffffffff', 'fffffff0', '80000001', 'ff000000']) {
      expect(read(hex, 0x7fffffff), story('frameLength, limit 2147483647,', [hex], because)).toBe('refused')
    }
    expect(read('7fffffff', 0x7fffffff), story('frameLength, limit 2147483647,', ['7fffffff'], because)).toBe(
      0x7fffffff,
    )
  })

  test('each of the four bytes has its weight', () => {
    for (const [hex, length] of [
      ['01000000', 0x1000000],
      ['00800000', 0x800000],
      ['00008000', 0x8000],
      ['000000ff', 0xff],
      ['7f00ff01', 0x7f00ff01],
    ] as const) {
      expect(read(hex, 0x7fffffff), story('frameLength', [hex], 'Big-endian.')).toBe(length)
    }
  })

  test('the place is counted from the start of the array that was given, though it be part of a greater one', () => {
    const because = 'A view has its own start, which its buffer does not know.'
    const part = '00000002 00000003, the end of 00000001 00000002 00000003'
    const lengths = [0, 4].map(at => lengthInPart('000000010000000200000003', 4, at))
    expect(lengths, story('frameLength at 0 and at 4 of', [part], because)).toEqual([2, 3])
  })

  test('reading a length changes nothing', () => {
    const bytes = bytesOf('0000002d')
    frameLength(bytes, 0, usualLimit)
    expect(hexOf(bytes)).toBe('0000002d')
  })
})
