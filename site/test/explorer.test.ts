import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from '../../reference-impl/src/wire/compiler.ts'
import { fromHash, toHash } from '../src/explorer/address.ts'
import { parseHex, toHex } from '../src/explorer/hex.ts'
import { decode, encode, type Schema, type Shape, type Values } from '../src/explorer/message.ts'
import { recognise } from '../src/explorer/recognise.ts'
import { sampleValues, usualAround } from '../src/explorer/samples.ts'

const idl = path.join(import.meta.dirname, '../../reference-impl/src/wire/zookeeper.jute')
const schema: Schema = new Map(parse(readFileSync(idl, 'utf8')).map(record => [record.name, record]))

/** As Apache's client sent them: the first message of a session, and a create of /a with the data x. */
const connect = bytesOf(
  `0000002d 00000000 0000000000000000 00002710 0000000000000000 00000010${'00'.repeat(17)}`,
)
const create = bytesOf(
  '00000032 00000001 00000001 00000002 2f61 00000001 78 00000001 0000001f 00000005 776f726c64 00000006 616e796f6e65 00000000',
)
const createShape: Shape = { record: 'CreateRequest', around: 'request' }

describe('Reading a message', () => {
  test('every byte of a captured create belongs to the field it carries', () => {
    const { spans, problem, unread } = decode(schema, createShape, create)
    expect(problem).toBeNull()
    expect(unread).toBe(create.length)
    expect(spans.map(({ path, start, end }) => `${start}-${end} ${path}`)).toEqual([
      '0-4 frame.length',
      '4-8 RequestHeader.xid',
      '8-12 RequestHeader.type',
      '12-18 CreateRequest.path',
      '18-23 CreateRequest.data',
      '23-27 CreateRequest.acl',
      '27-31 CreateRequest.acl[0].perms',
      '31-40 CreateRequest.acl[0].id.scheme',
      '40-50 CreateRequest.acl[0].id.id',
      '50-54 CreateRequest.flags',
    ])
  })

  test.each([...schema.keys()])('a sample %s reads back as it was written, in every wrapping', record => {
    for (const around of ['none', 'frame', 'request', 'reply'] as const) {
      const shape: Shape = { record, around }
      const values = sampleValues(schema, shape)
      const bytes = encode(shape, values)
      const reading = decode(schema, shape, bytes)
      expect(reading).toMatchObject({ problem: null, missing: 0, unread: bytes.length })
      expect(reading.values).toEqual(values)
      expect(coverage(reading.spans)).toEqual(Array.from({ length: bytes.length }, () => 1))
    }
  })

  test('a message that is cut short anywhere shows what was read and where the reader stopped', () => {
    const whole = create.subarray(4)
    const shape: Shape = { ...createShape, around: 'none' }
    const record = whole.subarray(8)
    for (let length = 0; length < record.length; length++) {
      const { problem, spans, values } = decode(schema, shape, record.subarray(0, length))
      expect(problem?.message).toMatch(/^MARSHALLINGERROR: the record is cut short/)
      expect(problem?.end).toBe(length)
      expect(problem?.path).toBe(spans.at(-1)?.path)
      expect(Object.keys(values.CreateRequest ?? {})).toEqual(['path', 'data', 'acl', 'flags'])
    }
  })

  test('null where no null may be is refused in the words of the reference, at the bytes of that field', () => {
    const values = sampleValues(schema, createShape)
    const bytes = encode(createShape, { ...values, CreateRequest: { ...values.CreateRequest!, path: null } })
    const { problem } = decode(schema, createShape, bytes)
    expect(problem).toEqual({
      message: 'MARSHALLINGERROR: CreateRequest.path is null',
      path: 'CreateRequest.path',
      start: 12,
      end: 16,
    })
  })

  test('null and empty are different bytes', () => {
    const values = sampleValues(schema, createShape)
    const withData = (data: Uint8Array | null): Values => ({
      ...values,
      CreateRequest: { ...values.CreateRequest!, data },
    })
    expect(toHex(encode(createShape, withData(null)))).toContain('ffffffff')
    expect(toHex(encode(createShape, withData(new Uint8Array(0))))).not.toContain('ffffffff')
  })

  test('a frame of impossible length is refused at its length', () => {
    const { problem } = decode(schema, createShape, bytesOf('ffffffff 00000001'))
    expect(problem).toMatchObject({ path: 'frame.length', start: 0, end: 4 })
    expect(problem?.message).toMatch(/^MARSHALLINGERROR: a frame of -1 bytes/)
  })

  test('half a frame is waited for, not refused', () => {
    const { problem, missing } = decode(schema, createShape, create.subarray(0, 20))
    expect(problem).toBeNull()
    expect(missing).toBe(create.length - 20)
  })

  test('an old client leaves the last byte of its ConnectRequest away, and the field is absent', () => {
    const { values, problem } = decode(
      schema,
      { record: 'ConnectRequest', around: 'none' },
      connect.subarray(4, -1),
    )
    expect(problem).toBeNull()
    expect(values.ConnectRequest?.readOnly).toBeUndefined()
  })
})

describe('Pasting', () => {
  test('bytes may come in any grouping, or as a dump', () => {
    const expected = bytesOf('0000002d2f61')
    for (const text of [
      '00 00 00 2d 2f 61',
      '0000:002d:2f61',
      '0x00, 0x00, 0x00, 0x2D, 0x2f, 0x61',
      '00000000: 0000 002d 2f61                           ...-/a',
      '00000000  00 00 00 2d 2f 61                                 |...-/a|',
      '0000\n002d 2f61',
    ]) {
      expect(parseHex(text), text).toEqual({ bytes: expected })
    }
    expect(parseHex('00 0g')).toEqual({ stray: 'g' })
    expect(parseHex('00 0')).toEqual({ odd: true })
  })

  test('a whole message is known for what it is', () => {
    const elsewhere: Shape = { record: 'Stat', around: 'none' }
    expect(recognise(schema, connect, elsewhere)).toEqual({ record: 'ConnectRequest', around: 'frame' })
    expect(recognise(schema, create, elsewhere)).toEqual(createShape)
    expect(recognise(schema, bytesOf('0102'), elsewhere)).toBeNull()
  })
})

describe('The address', () => {
  test('holds the whole state', () => {
    expect(fromHash(schema, toHash(createShape, create))).toEqual({ shape: createShape, bytes: create })
  })

  test('may name a record and nothing else', () => {
    expect(fromHash(schema, '#record=CreateRequest')).toEqual({ shape: createShape, bytes: null })
    expect(fromHash(schema, '#record=Nonsense')).toBeNull()
    expect(fromHash(schema, '#record=Stat&bytes=0g')).toBeNull()
    expect(usualAround(schema, 'ConnectRequest')).toBe('frame')
  })
})

function bytesOf(hex: string): Uint8Array {
  const parsed = parseHex(hex)
  if (!('bytes' in parsed)) throw new Error(`not hexadecimal: ${hex}`)
  return parsed.bytes
}

/** How many spans each byte belongs to. */
function coverage(spans: readonly { start: number; end: number }[]): number[] {
  const count: number[] = []
  for (const { start, end } of spans) for (let i = start; i < end; i++) count[i] = (count[i] ?? 0) + 1
  return count
}
