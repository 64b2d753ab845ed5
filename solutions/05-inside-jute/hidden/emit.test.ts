import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RecordType } from '#lab/wire/schema.ts'
import { bytesOf, record, story } from '../../../labs/05-inside-jute/test/records.ts'
import { read, written } from '../../../labs/05-inside-jute/test/run.inside.ts'
import { anyValueOf, bytesByTable, schema } from './schemas.ts'

const told = (records: readonly RecordType[], what: string, because: string): string =>
  story(
    [...records.map(({ name, fields }) => `${name}: ${JSON.stringify(fields)}`), what].join('\n'),
    because,
  )

/** A record of each simple type, its value and its bytes. */
const simple: [type: string, value: unknown, hex: string][] = [
  ['byte', -2, 'fe'],
  ['boolean', false, '00'],
  ['boolean', true, '01'],
  ['int', -3, 'fffffffd'],
  ['long', -4n, 'fffffffffffffffc'],
  ['float', 1.5, '3fc00000'],
  ['double', -2.5, 'c004000000000000'],
  ['buffer', bytesOf('0102'), '00000002 0102'],
  ['buffer', bytesOf(''), '00000000'],
  ['ustring', 'ä', '00000002 c3a4'],
  ['ustring', '', '00000000'],
]

/** Records, a value of the last of them, and its bytes. */
const composed: [records: RecordType[], value: object, hex: string][] = [
  [
    [record('R', 'int z', 'int a', 'int m')],
    { a: 2, m: 3, z: 1 },
    '00000001 00000002 00000003', // in the order of the file
  ],
  [
    [
      record(
        'R',
        'int class',
        'int delete',
        'int out',
        'int record',
        'int input',
        'int items',
        'int item',
        'int i',
        'int count',
      ),
    ],
    { class: 1, delete: 2, out: 3, record: 4, input: 5, items: 6, item: 7, i: 8, count: 9 },
    '00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008 00000009',
  ],
  [
    [record('R', 'vector<vector<int>>? a', 'vector<ustring> b', 'vector<buffer>? c')],
    { a: [[1], [], [2, 3]], b: ['', 'x'], c: null },
    '00000003 00000001 00000001 00000000 00000002 00000002 00000003 00000002 00000000 00000001 78 ffffffff',
  ],
  [
    [record('I', 'boolean a'), record('J', 'I i', 'vector<I> many'), record('R', 'vector<J> a', 'J b')],
    { a: [{ i: { a: true }, many: [] }], b: { i: { a: false }, many: [{ a: true }, { a: false }] } },
    '00000001 01 00000000 00 00000002 01 00',
  ],
]

/** The same for fields that may be missing. */
const endings: [fields: string[], value: object, hex: string][] = [
  [['trailing boolean a', 'trailing int b'], { a: false, b: 0 }, '00 00000000'],
  [['trailing boolean a', 'trailing int b'], { a: false, b: undefined }, '00'],
  [['trailing boolean a', 'trailing int b'], { a: undefined, b: undefined }, ''],
  [['trailing ustring a'], { a: '' }, '00000000'],
  [['trailing ustring? a'], { a: null }, 'ffffffff'],
  [['trailing ustring? a'], { a: undefined }, ''],
  [['trailing vector<int>? a'], { a: null }, 'ffffffff'],
  [['trailing vector<int> a'], { a: [] }, '00000000'],
  [['trailing long a'], { a: 0n }, '0000000000000000'],
]

describe('D. Emit the code that writes', () => {
  const section = '(chapter 05, "Code that writes")'

  function expectWritten(records: RecordType[], value: unknown, hex: string): void {
    expect(written(records, value), told(records, 'written', section)).toBe(hex.replaceAll(' ', ''))
  }

  test('each of the eight simple types is written by its own method', () => {
    for (const [type, value, hex] of simple) expectWritten([record('R', `${type} a`)], { a: value }, hex)
    for (const type of ['buffer', 'ustring'])
      expectWritten([record('R', `${type}? a`)], { a: null }, 'ffffffff')
  })

  test('records and vectors may be made of each other, and names may be any word', () => {
    for (const [records, value, hex] of composed) expectWritten(records, value, hex)
  })

  test('a trailing field that is there is written, be it false, 0, empty or null', () => {
    for (const [fields, value, hex] of endings) expectWritten([record('R', ...fields)], value, hex)
  })

  test('what goes before trailing fields is written whatever it is', () => {
    expectWritten([record('R', 'int a', 'trailing int b')], { a: 0 }, '00000000')
  })

  test('whatever chance makes is written as a walk over the table of its fields would', () => {
    fc.assert(
      fc.property(
        schema(2).chain(records => fc.tuple(fc.constant(records), anyValueOf(records, records.at(-1)!))),
        ([records, value]) => expectWritten(records, value, bytesByTable(records, records.at(-1)!, value)),
      ),
      { numRuns: 60 },
    )
  })
})

describe('E. Emit the code that reads', () => {
  const section = '(chapter 05, "Code that reads")'

  function expectRead(records: RecordType[], hex: string, value: unknown, because = section): void {
    expect(read(records, bytesOf(hex)), told(records, `read from ${hex}`, because)).toEqual(value)
  }
  const refused = (what: string) => expect.stringMatching(`^KeeperError: MARSHALLINGERROR.*${what}`)

  test('each of the eight simple types is read by its own method', () => {
    for (const [type, value, hex] of simple) expectRead([record('R', `${type} a`)], hex, { a: value })
    for (const type of ['buffer', 'ustring']) expectRead([record('R', `${type}? a`)], 'ffffffff', { a: null })
  })

  test('records and vectors may be made of each other, and names may be any word', () => {
    for (const [records, value, hex] of composed) expectRead(records, hex, value)
  })

  test('a trailing field that has come is what it is, and one that has not is undefined', () => {
    for (const [fields, value, hex] of endings) expectRead([record('R', ...fields)], hex, value)
  })

  test('a trailing field that has come in part is refused', () => {
    expectRead([record('R', 'int a', 'trailing int b')], '00000001 000000', refused(''))
    expectRead([record('R', 'trailing ustring a')], 'ffffffff', refused('R\\.a'))
  })

  test('a field that is not trailing must be there', () => {
    expectRead([record('R', 'int a', 'int b')], '00000001', refused(''))
    expectRead([record('R', 'int a', 'ustring? b')], '00000001', refused(''))
  })

  test('null is refused in every field that may not have it, and the refusal names the field', () => {
    const because = `The first of two is null, the second may be. ${section}`
    for (const type of ['ustring', 'buffer', 'vector<int>', 'vector<vector<int>>']) {
      expectRead(
        [record('Call', `${type} first`, `${type}? second`)],
        'ffffffff ffffffff',
        refused('Call\\.first'),
        because,
      )
    }
    expectRead([record('I', 'buffer data'), record('R', 'I one')], 'ffffffff', refused('I\\.data'), because)
  })

  test('no element of a vector may be null, also where the vector itself may', () => {
    for (const type of ['vector<ustring>', 'vector<ustring>?', 'vector<buffer>', 'vector<vector<int>>']) {
      expectRead([record('R', `${type} a`)], '00000002 00000000 ffffffff', refused(''))
    }
    expectRead([record('R', 'vector<ustring>? a')], 'ffffffff', { a: null })
  })

  test('a count that lies ends in a refusal', () => {
    expectRead([record('R', 'vector<int> a')], '00000002 00000001', refused(''))
    expectRead([record('R', 'vector<int> a')], '7fffffff 00000001', refused(''))
  })

  test('whatever chance makes is read as it was written', () => {
    fc.assert(
      fc.property(
        schema(2).chain(records => fc.tuple(fc.constant(records), anyValueOf(records, records.at(-1)!))),
        ([records, value]) => expectRead(records, bytesByTable(records, records.at(-1)!, value), value),
      ),
      { numRuns: 60 },
    )
  })
})
