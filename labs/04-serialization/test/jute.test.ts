import { describe, expect, test } from 'vitest'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'
import { readCreateRequest, writeCreateRequest } from '#lab/wire/records.ts'
import { bytesOf, expectRead, expectRefused, expectWritten, hexOf, type Step } from './steps.ts'

/** What Apache's clients send to create `/a` with the data `x`, open to the world, behind the request's header. */
const createRequest =
  '000000022f61 0000000178 00000001 0000001f 00000005776f726c64 00000006616e796f6e65 00000000'
const create = {
  path: '/a',
  data: new Uint8Array([0x78]),
  acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
  flags: 0,
}

describe('A. Write the fixed-size types', () => {
  test('an int is four bytes, the highest first', () => {
    expectWritten([['int', 1]], '00000001', 'Big-endian: as one writes a number. (chapter 04, "Fixed sizes")')
    expectWritten([['int', 0x01020304]], '01020304', 'Big-endian. (chapter 04, "Fixed sizes")')
  })

  test('a negative int is in two’s complement', () => {
    expectWritten([['int', -1]], 'ffffffff', '-1 is all ones. (chapter 04, "Fixed sizes")')
    expectWritten([['int', -101]], 'ffffff9b', 'NONODE, as a reply carries it. (chapter 04, "Fixed sizes")')
  })

  test('a long is eight bytes, the highest first', () => {
    expectWritten([['long', 1n]], '0000000000000001', 'Big-endian. (chapter 04, "Fixed sizes")')
    expectWritten([['long', -1n]], 'ffffffffffffffff', '-1 is all ones. (chapter 04, "Fixed sizes")')
    expectWritten(
      [['long', 0x0100001ef55b0000n]],
      '0100001ef55b0000',
      'A session id: far beyond what a number holds exactly. (chapter 04, "Fixed sizes")',
    )
  })

  test('values follow each other with nothing in between', () => {
    expectWritten(
      [
        ['byte', 0x42],
        ['int', 1],
        ['bool', true],
        ['long', 2n],
      ],
      '42 00000001 01 0000000000000002',
      'No tag, no padding, no alignment. (chapter 04, "A record is its fields")',
    )
  })

  test('an int that needs more than four bytes is refused', () => {
    for (const value of [2 ** 31, -(2 ** 31) - 1]) {
      expectRefused(
        () => juteWriter().int(value),
        `out.int(${value})`,
        'Left alone it would wrap round and be read as another number. (chapter 04, "Fixed sizes")',
      )
    }
  })

  test('an archive grows as it is written', () => {
    const ints = Array.from({ length: 1000 }, (_, i): Step => ['int', i])
    const hex = ints.map(([, value]) => Number(value).toString(16).padStart(8, '0')).join('')
    expectWritten(ints, hex, 'A thousand ints, one after the other. (chapter 04, "Room to grow")')
  })
})

describe('B. Write what has a length', () => {
  test('a buffer is its length and its bytes', () => {
    expectWritten(
      [['buffer', bytesOf('cafe')]],
      '00000002 cafe',
      'An int length, then the bytes as they are. (chapter 04, "What has a length")',
    )
  })

  test('a string is the number of its bytes in UTF-8, and those bytes', () => {
    expectWritten([['ustring', '/a']], '00000002 2f61', '(chapter 04, "What has a length")')
    expectWritten(
      [['ustring', 'é中']],
      '00000005 c3a9 e4b8ad',
      'The length counts bytes, not characters. (chapter 04, "What has a length")',
    )
  })

  test('null is the length -1, and empty is the length 0', () => {
    const because = 'Null and empty are different values. (chapter 04, "Nothing, in two ways")'
    expectWritten([['buffer', null]], 'ffffffff', because)
    expectWritten([['buffer', new Uint8Array(0)]], '00000000', because)
    expectWritten([['ustring', null]], 'ffffffff', because)
    expectWritten([['ustring', '']], '00000000', because)
  })

  test('a vector opens with its count', () => {
    const because = 'The elements follow, written by the caller. (chapter 04, "What has a length")'
    expectWritten([['vector', 3]], '00000003', because)
    expectWritten([['vector', 0]], '00000000', because)
    expectWritten([['vector', null]], 'ffffffff', because)
  })

  test('a create request is what Apache’s clients send', () => {
    const out = juteWriter()
    writeCreateRequest(out, create)
    expect(hexOf(out.bytes()), 'the request of chapter 04, "A message, byte by byte"').toBe(
      createRequest.replaceAll(' ', ''),
    )
  })
})

describe('C. Read the fixed-size types', () => {
  test('an int is read back with its sign', () => {
    expectRead('00000102', [['int', 258]], 'Big-endian. (chapter 04, "Fixed sizes")')
    expectRead('ffffff9b', [['int', -101]], 'Two’s complement. (chapter 04, "Fixed sizes")')
  })

  test('a long is read back with its sign', () => {
    expectRead('0100001ef55b0000', [['long', 0x0100001ef55b0000n]], '(chapter 04, "Fixed sizes")')
    expectRead('fffffffffffffffe', [['long', -2n]], 'Two’s complement. (chapter 04, "Fixed sizes")')
  })

  test('each read goes on where the last one ended', () => {
    expectRead(
      '42 00000001 01 0000000000000002',
      [
        ['byte', 0x42],
        ['int', 1],
        ['bool', true],
        ['long', 2n],
      ],
      'Nothing stands between two fields. (chapter 04, "A record is its fields")',
    )
  })

  test('remaining() counts the bytes that have not been read', () => {
    const input = juteReader(bytesOf('00000001 0000000000000002 07'))
    input.int()
    expect(input.remaining(), 'of 13 bytes an int has been read').toBe(9)
    input.long()
    expect(input.remaining(), 'of 13 bytes an int and a long have been read').toBe(1)
  })

  test('bytes that end too early are refused', () => {
    const because = 'A record cut short is broken input, not a broken program. (chapter 04, "Trust nobody")'
    expectRefused(() => juteReader(bytesOf('000000')).int(), 'juteReader(000000).int()', because)
    expectRefused(
      () => juteReader(bytesOf('00000000000000')).long(),
      'juteReader(00000000000000).long()',
      because,
    )
    expectRefused(() => juteReader(bytesOf('')).byte(), 'juteReader().byte()', because)
  })
})

describe('D. Read what has a length, and distrust it', () => {
  test('a buffer is read back, null and empty apart', () => {
    const because = 'An int length, then as many bytes; -1 is null. (chapter 04, "What has a length")'
    expectRead('00000002 cafe', [['buffer', bytesOf('cafe')]], because)
    expectRead('00000000', [['buffer', new Uint8Array(0)]], because)
    expectRead('ffffffff', [['buffer', null]], because)
  })

  test('a string is read back, null and empty apart', () => {
    const because = 'An int byte length, then UTF-8; -1 is null. (chapter 04, "What has a length")'
    expectRead('00000005 c3a9e4b8ad', [['ustring', 'é中']], because)
    expectRead('00000000', [['ustring', '']], because)
    expectRead('ffffffff', [['ustring', null]], because)
  })

  test('a vector is read as its count, null and empty apart', () => {
    const because = 'The elements are the caller’s to read; -1 is null. (chapter 04, "What has a length")'
    expectRead(
      '00000002 00000007 00000008',
      [
        ['vector', 2],
        ['int', 7],
        ['int', 8],
      ],
      because,
    )
    expectRead('00000000', [['vector', 0]], because)
    expectRead('ffffffff', [['vector', null]], because)
  })

  test('a length below -1 is refused', () => {
    const because = 'Only -1 means null. (chapter 04, "Trust nobody")'
    expectRefused(
      () => juteReader(bytesOf('fffffffe 00')).buffer(),
      'juteReader(fffffffe 00).buffer()',
      because,
    )
    expectRefused(
      () => juteReader(bytesOf('fffffffe 00')).ustring(),
      'juteReader(fffffffe 00).ustring()',
      because,
    )
  })

  test('a length greater than what is left is refused', () => {
    const because = 'Three bytes are announced and two are there. (chapter 04, "Trust nobody")'
    expectRefused(
      () => juteReader(bytesOf('00000003 cafe')).buffer(),
      'juteReader(00000003 cafe).buffer()',
      because,
    )
    expectRefused(
      () => juteReader(bytesOf('00000003 6162')).ustring(),
      'juteReader(00000003 6162).ustring()',
      because,
    )
  })

  test('a create request from Apache’s clients is understood', () => {
    expect(
      readCreateRequest(juteReader(bytesOf(createRequest))),
      'the request of chapter 04, "A message, byte by byte"',
    ).toStrictEqual(create)
  })
})
