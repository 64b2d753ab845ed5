import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JUTE_MAX_BUFFER } from '#lab/wire/archive.ts'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'
import * as records from '#lab/wire/records.ts'
import {
  bytesOf,
  expectRead,
  expectRefused,
  hexOf,
  type Step,
  telling,
} from '../../../labs/04-serialization/test/steps.ts'
import { apacheMessages } from '../../../reference-impl/test/wire/messages.ts'
import { anySteps, fixedSteps, holds, model } from './archives.ts'
import {
  bufferSharesMemory,
  buffersOfOverwritten,
  memoryForReading,
  secondOfOverwrittenFirst,
} from './memory.inside.ts'

/** The bytes of some steps, somewhere inside a larger array. */
const inside = (steps: fc.Arbitrary<Step[]>) => fc.tuple(steps, fc.nat(20), fc.nat(20))

function readsBackInside([steps, before, after]: [Step[], number, number]): void {
  const bytes = model(steps)
  const larger = new Uint8Array(before + bytes.length + after).fill(0xee)
  larger.set(bytes, before)
  const because = `These bytes are ${bytes.length} of an array of ${larger.length}, from its byte ${before} on.`
  expectRead(larger.subarray(before, before + bytes.length), steps, because)
}

describe('C. Read the fixed-size types', () => {
  test('the ends of an int’s and a long’s range are read as they are', () => {
    const because = 'The highest bit is the sign. (chapter 04, "Fixed sizes")'
    expectRead('7fffffff', [['int', 2 ** 31 - 1]], because)
    expectRead('80000000', [['int', -(2 ** 31)]], because)
    expectRead('7fffffffffffffff', [['long', 2n ** 63n - 1n]], because)
    expectRead('8000000000000000', [['long', -(2n ** 63n)]], because)
    expectRead('ff000000000003e8', [['long', -0x00fffffffffffc18n]], because)
    expectRead('00000000ffffffff', [['long', 0xffffffffn]], because)
    expectRead(
      '80 ff',
      [
        ['byte', -128],
        ['bool', true],
      ],
      because,
    )
  })

  test('bytes that lie inside a larger array are read from their own start to their own end', () => {
    const larger = bytesOf('eeeeee 00000007 00000000000000ff ffffffff')
    const input = juteReader(larger.subarray(3, 15))
    const because = 'a subarray of three bytes further in: its buffer begins before it does'
    expect(input.int(), because).toBe(7)
    expect(input.long(), because).toBe(255n)
    expect(input.remaining(), because).toBe(0)
    expectRefused(() => input.byte(), 'one byte more', 'What lies behind the subarray is not ours.')
  })

  test('any sequence of fixed-size values is read back, from any place in a larger array', () => {
    holds(inside(fixedSteps), readsBackInside)
  })

  test('two readers of the same bytes do not know of each other, and change nothing', () => {
    const bytes = bytesOf('00000001 00000002')
    const [first, second] = [juteReader(bytes), juteReader(bytes)]
    expect([first.int(), first.int(), second.int(), first.remaining(), second.remaining()]).toEqual([
      1, 2, 1, 0, 4,
    ])
    expect(hexOf(bytes)).toBe('0000000100000002')
  })

  test('each type is refused when one byte is missing, and read when none is', () => {
    for (const [type, size] of [
      ['byte', 1],
      ['bool', 1],
      ['int', 4],
      ['long', 8],
      ['float', 4],
      ['double', 8],
    ] as const) {
      for (let length = 0; length < size; length++) {
        expectRefused(
          () => juteReader(new Uint8Array(length))[type](),
          `${type}() of ${length} bytes`,
          `It takes ${size}. (chapter 04, "Trust nobody")`,
        )
      }
      const input = juteReader(new Uint8Array(size))
      input[type]()
      expect(input.remaining(), `${type}() of ${size} bytes`).toBe(0)
    }
  })
})

describe('D. Read what has a length, and distrust it', () => {
  test.each([
    ['four bytes a letter', '00000006 61f09f988062', 'a😀b'],
    ['NUL', '00000003 610062', 'a\u0000b'],
    ['a byte order mark is a character', '00000004 efbbbf61', '\ufeffa'],
  ])('a string is read as UTF-8: %s', (_, hex, value) => {
    expectRead(hex, [['ustring', value]], 'UTF-8, and nothing taken away. (chapter 04, "What has a length")')
  })

  test('what is not UTF-8 reads with replacement characters, and the next field is read right', () => {
    for (const bad of ['ff', 'c3', '61c3', 'eda0bdedb880']) {
      const input = juteReader(bytesOf(`${(bad.length / 2).toString(16).padStart(8, '0')} ${bad} 00000007`))
      expect(input.ustring(), `a string of the bytes ${bad}`).toMatch(/^a?\ufffd+$/)
      expect(input.int(), `the int after a string of the bytes ${bad}`).toBe(7)
    }
  })

  test('null and empty are read apart, and the next field is read right', () => {
    expectRead(
      'ffffffff 00000000 ffffffff 00000000 ffffffff 00000000 00000007',
      [
        ['ustring', null],
        ['ustring', ''],
        ['buffer', null],
        ['buffer', new Uint8Array(0)],
        ['vector', null],
        ['vector', 0],
        ['int', 7],
      ],
      'A null is four bytes, and so is an empty value.',
    )
  })

  test('a buffer that was read has its own bytes', () => {
    const bytes = bytesOf('00000002 0102 00000002 0304')
    expect(
      buffersOfOverwritten(bytes.slice()).map(buffer => hexOf(buffer!)),
      'two buffers were read, then the frame was overwritten',
    ).toEqual(['0102', '0304'])
    const second = secondOfOverwrittenFirst(bytes)
    expect(hexOf(second!), 'two buffers were read, then the first was overwritten').toBe('0304')
    expect(bufferSharesMemory(bytes), 'a kept value must not keep its whole frame').toBe(false)
  })

  test('strings and buffers inside a larger array are read where they lie', () => {
    const larger = bytesOf('eeee 00000001 61 00000001 62 eeee')
    const input = juteReader(larger.subarray(2, 12))
    expect(input.ustring()).toBe('a')
    expect(hexOf(input.buffer()!)).toBe('62')
    expectRefused(() => input.buffer(), 'a third value', 'What lies behind the subarray is not ours.')
  })

  test.each(['buffer', 'ustring', 'vector'] as const)(
    'a %s is refused with any length that cannot be true',
    type => {
      for (const length of [-2, -100, -(2 ** 31), 5, 6, 255, 2 ** 24, 2 ** 31 - 1]) {
        const hex = `${hexOf(model([['int', length]]))} 00000000`
        expectRefused(
          () => juteReader(bytesOf(hex))[type](),
          `juteReader(${hex}).${type}()`,
          `It announces ${length}, and 4 bytes follow. (chapter 04, "Trust nobody")`,
        )
      }
    },
  )

  test('a length that uses up the last byte is believed', () => {
    expectRead('00000004 61626364', [['ustring', 'abcd']], 'Four announced, four there.')
    expectRead('00000004 01020304', [['buffer', bytesOf('01020304')]], 'Four announced, four there.')
    const input = juteReader(bytesOf('00000004 01020304'))
    expect(input.vector(), 'four elements of one byte each may be there').toBe(4)
  })

  test('a buffer or a string longer than maxBuffer is refused, though all its bytes are there', () => {
    const because = 'The limit holds whatever follows. (chapter 04, "Trust nobody")'
    for (const type of ['buffer', 'ustring'] as const) {
      const ten = bytesOf(`0000000a ${'61'.repeat(10)}`)
      expect(juteReader(ten, 10)[type](), `${type} of 10 bytes, maxBuffer 10`).toHaveLength(10)
      expectRefused(() => juteReader(ten, 9)[type](), `${type} of 10 bytes, maxBuffer 9`, because)
    }
    const most = new Uint8Array(4 + 2 * JUTE_MAX_BUFFER + 1)
    new DataView(most.buffer).setInt32(0, 2 * JUTE_MAX_BUFFER)
    expect(juteReader(most).buffer(), 'the longest that is believed by default').toHaveLength(
      2 * JUTE_MAX_BUFFER,
    )
    new DataView(most.buffer).setInt32(0, 2 * JUTE_MAX_BUFFER + 1)
    expectRefused(() => juteReader(most).buffer(), 'one byte more than is believed by default', because)
  })

  test('a length that lies costs no memory', () => {
    const lie = bytesOf('001ffffe 00000000')
    for (const type of ['buffer', 'ustring'] as const) {
      expectRefused(() => juteReader(lie)[type](), `juteReader(001ffffe 00000000).${type}()`)
    }
    const spent = memoryForReading(lie, 20)
    expect(spent, 'bytes of typed arrays made for forty lies of two megabytes each').toBeLessThan(200_000)
  })

  test('any sequence of values is read back, from any place in a larger array', () => {
    holds(inside(anySteps), readsBackInside)
  })

  test('any bytes at all are read or refused, and no other error comes out', () => {
    const calls = fc.array(fc.constantFrom('int', 'long', 'bool', 'buffer', 'ustring', 'vector'), {
      maxLength: 12,
    })
    const lengths = fc.constantFrom(
      'ffffffff',
      'fffffffe',
      '80000000',
      '7fffffff',
      '00000000',
      '00000003',
      '00100000',
    )
    const input = fc.tuple(fc.uint8Array({ maxLength: 12 }), lengths, fc.uint8Array({ maxLength: 40 }))
    holds(
      fc.tuple(input, calls),
      ([[start, length, rest], types]) => {
        const bytes = Uint8Array.from([...start, ...bytesOf(length), ...rest])
        const done = [`input = juteReader(${hexOf(bytes)})`]
        telling(done, 'A value or KeeperError MARSHALLINGERROR, and always forward.', () => {
          const archive = juteReader(bytes)
          let left = bytes.length
          for (const type of types) {
            done.push(`input.${type}()`)
            if (!readsOrRefuses(() => archive[type]())) return
            expect(archive.remaining()).toBeLessThan(left)
            left = archive.remaining()
            expect(left).toBeGreaterThanOrEqual(0)
          }
        })
      },
      2000,
    )
  })

  test('what Apache’s server and clients said is read to the last byte and written again as it was', () => {
    const codecs = records as unknown as Record<string, (archive: unknown, record?: unknown) => unknown>
    for (const message of apacheMessages()) {
      const input = juteReader(bytesOf(message.hex))
      const out = juteWriter()
      for (const record of message.records) codecs[`write${record}`]!(out, codecs[`read${record}`]!(input))
      const what = `${message.records.join(', ')} of ${message.section}`
      expect(input.remaining(), `bytes left after ${what}: ${message.hex}`).toBe(0)
      // Java sends a letter outside the BMP in six bytes that are not UTF-8; they cannot come back the same.
      if (!message.hex.includes('eda0bdedb880')) expect(hexOf(out.bytes()), what).toBe(message.hex)
    }
  })
})

function readsOrRefuses(read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    if ((error as Error).name === 'Todo') throw error
    expect(error).toMatchObject({ name: 'KeeperError', code: -5 })
    return false
  }
}
