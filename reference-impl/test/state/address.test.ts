import { expect, test } from 'vitest'
import { parseAddress } from '../../src/state/address.ts'

const hex = (text: string) => {
  const bytes = parseAddress(text)
  return bytes === null ? null : Buffer.from(bytes).toString('hex')
}

test.each([
  ['10.1.2.3', '0a010203'],
  ['0.0.0.0', '00000000'],
  ['::', '00'.repeat(16)],
  ['::1', `${'00'.repeat(15)}01`],
  ['fe80::1', `fe80${'00'.repeat(13)}01`],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['2001:db8::ABCD:0', '20010db8000000000000000' + '0abcd0000'],
  ['64:ff9b::10.1.2.3', '0064ff9b00000000000000000a010203'],
  ['::ffff:10.1.2.3', '0a010203'],
  ['::ffff:a01:203', '0a010203'],
])('%s is an address', (text, bytes) => {
  expect(hex(text)).toBe(bytes)
})

test.each([
  ...['', '10.1.2', '10.1.2.3.4', '10.1.2.256', '10.1.2.-3', 'a.b.c.d', '10.1.2.3 ', 'localhost'],
  ...[
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    '12345::',
    'g::',
    '::10.1.2',
  ],
])("'%s' is none", text => {
  expect(hex(text)).toBe(null)
})
