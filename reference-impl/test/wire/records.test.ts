import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { readConnectRequest } from '../../src/wire/records.ts'
import type { Field, FieldType, RecordType } from '../../src/wire/schema.ts'
import { bytesOf, codec, schema } from './codecs.ts'

/** Any value that a field of this type may have. */
function anyOf(type: FieldType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'record':
      return recordOf(schema.find(record => record.name === type.name)!)
    case 'vector':
      return fc.array(anyOf(type.element), { maxLength: 4 })
    case 'primitive':
      return primitives[type.name]
  }
}

const primitives = {
  byte: fc.integer({ min: -128, max: 127 }),
  boolean: fc.boolean(),
  int: fc.integer(),
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.float(),
  double: fc.double(),
  buffer: fc.uint8Array(),
  ustring: fc.string({ unit: 'grapheme' }),
}

function fieldOf(field: Field): fc.Arbitrary<unknown> {
  return field.nullable ? fc.option(anyOf(field.type)) : anyOf(field.type)
}

function recordOf(record: RecordType): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(record.fields.map(field => [field.name, fieldOf(field)])))
}

function encode(record: RecordType, value: unknown): Uint8Array {
  const out = juteWriter()
  codec(record.name).write(out, value)
  return out.bytes()
}

/** What a reader makes of any bytes: a value, or the one error that it may throw. */
function decode(record: RecordType, bytes: Uint8Array): unknown {
  try {
    return codec(record.name).read(juteReader(bytes))
  } catch (error) {
    expect(error).toMatchObject({ name: 'KeeperError', code: -5 })
    return 'refused'
  }
}

describe.each(schema.map(record => [record.name, record] as const))('%s', (_, record) => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(recordOf(record), value => {
        const bytes = encode(record, value)
        const input = juteReader(bytes)
        expect(codec(record.name).read(input)).toEqual(value)
        expect(input.remaining()).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  test('cut short anywhere, it is refused', () => {
    fc.assert(
      fc.property(recordOf(record), value => {
        const bytes = encode(record, value)
        const whole = trailingStarts(record, value)
        for (let end = 0; end < bytes.length; end++) {
          if (!whole.has(end)) expect(decode(record, bytes.subarray(0, end))).toBe('refused')
        }
      }),
      { numRuns: 10 },
    )
  })

  test('with any byte changed it is read or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(recordOf(record), fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = encode(record, value).slice()
        bytes[at % bytes.length] = byte
        decode(record, bytes)
      }),
      { numRuns: 50 },
    )
  })

  test('any bytes at all are read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        decode(record, bytes)
      }),
      { numRuns: 50 },
    )
  })
})

/** Where a record may end before its end: at the start of each trailing field. */
function trailingStarts(record: RecordType, value: Record<string, unknown>): Set<number> {
  const shorter = record.fields
    .filter(field => field.trailing)
    .map((_, i, { length }) => {
      const without = record.fields
        .slice(record.fields.length - length + i)
        .map(field => [field.name, undefined])
      return encode(record, { ...value, ...Object.fromEntries(without) }).length
    })
  return new Set(shorter)
}

test('a trailing field that is missing reads as undefined', () => {
  const bytes = bytesOf(
    '00000000 0000000000000000 00002710 0000000000000000 00000010 00000000000000000000000000000000',
  )
  expect(readConnectRequest(juteReader(bytes)).readOnly).toBe(undefined)
})

test('a vector that claims two billion elements is refused before anything is made for them', () => {
  const bytes = bytesOf('0000000000000000 7fffffff 00000000 00000000')
  expect(() => codec('SetWatches').read(juteReader(bytes))).toThrow('MARSHALLINGERROR')
})
