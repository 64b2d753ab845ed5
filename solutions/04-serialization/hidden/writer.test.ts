import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { juteWriter } from '#lab/wire/jute.ts'
import {
  writeConnectResponse,
  writeCreateRequest,
  writeGetDataResponse,
  writeReplyHeader,
  writeRequestHeader,
  writeSetDataRequest,
} from '#lab/wire/records.ts'
import {
  bytesOf,
  expectBytes,
  expectRefused,
  expectWritten,
  hexOf,
  type Step,
  telling,
  write,
} from '../../../labs/04-serialization/test/steps.ts'
import { anySteps, everyPlaceFor, fixedSteps, holds, model } from './archives.ts'
import {
  archiveOfOverwritten,
  archivesAfterLaterWrites,
  archivesOfOneWriter,
  memoryForLongs,
} from './memory.inside.ts'

describe('A. Write the fixed-size types', () => {
  test('the ends of an int’s and a long’s range are written as they are', () => {
    const because = 'The smallest and the largest still fit. (chapter 04, "Fixed sizes")'
    expectWritten([['int', 2 ** 31 - 1]], '7fffffff', because)
    expectWritten([['int', -(2 ** 31)]], '80000000', because)
    expectWritten([['long', 2n ** 63n - 1n]], '7fffffffffffffff', because)
    expectWritten([['long', -(2n ** 63n)]], '8000000000000000', because)
    expectWritten([['long', -0x00fffffffffffc18n]], 'ff000000000003e8', because)
  })

  test('a number that is no int, and a bigint that is no long, are refused', () => {
    const because = 'A value that does not fit must not become another one. (chapter 04, "Fixed sizes")'
    for (const value of [
      2 ** 31,
      -(2 ** 31) - 1,
      2 ** 32,
      2 ** 53,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ]) {
      expectRefused(() => juteWriter().int(value), `out.int(${value})`, because)
    }
    for (const value of [2n ** 63n, -(2n ** 63n) - 1n, 2n ** 64n, 0xff000000000003e8n]) {
      expectRefused(() => juteWriter().long(value), `out.long(${value}n)`, because)
    }
  })

  test('a refused value leaves nothing behind in the archive', () => {
    const out = juteWriter()
    out.int(7)
    expectRefused(() => out.int(2 ** 31), 'out.int(2 ** 31)')
    expectRefused(() => out.long(2n ** 63n), 'out.long(2n ** 63n)')
    out.int(8)
    expect(hexOf(out.bytes()), 'int 7, two refused values, int 8').toBe('0000000700000008')
  })

  test('each type is written right wherever the archive happens to grow', () => {
    const last: Step[] = [
      ['byte', -1],
      ['int', 0x01020304],
      ['long', 0x0102030405060708n],
      ['float', 1.5],
      ['double', -2.5],
    ]
    for (const step of last) {
      for (const steps of everyPlaceFor(step, 1500)) {
        expectWritten(
          steps,
          hexOf(model(steps)),
          'Did the view move with the bytes? (chapter 04, "Room to grow")',
        )
      }
    }
  })

  test('any sequence of fixed-size values is written as the format says', () => {
    holds(fixedSteps, steps => expectWritten(steps, hexOf(model(steps)), 'As the format says.'))
  })

  test('what bytes() gave away is not changed by what is written later', () => {
    const [first, second] = archivesAfterLaterWrites()
    expect(hexOf(first!), 'int 1, bytes(), then int 2, a reset and 500 longs').toBe('00000001')
    expect(hexOf(second!), 'int 1, int 2, bytes(), then a reset and 500 longs').toBe('0000000100000002')
  })

  test('after a reset the archive is empty, however much either has grown', () => {
    for (const [before, after] of [
      [1, 1],
      [1, 300],
      [300, 1],
      [300, 300],
      [20_000, 20_000],
    ] as const) {
      const out = juteWriter()
      for (let i = 0; i < before; i++) out.int(7)
      out.bytes()
      out.reset()
      for (let i = 0; i < after; i++) out.int(9)
      expect(hexOf(out.bytes()), `${before} ints, reset(), ${after} ints: only those may be there`).toBe(
        '00000009'.repeat(after),
      )
    }
  })

  test('many archives from one writer each hold their own bytes', () => {
    const archives = archivesOfOneWriter(5000)
    archives.forEach((bytes, i) => {
      expect(hexOf(bytes), `archive ${i} of 5000 from one writer`).toBe(
        hexOf(
          model([
            ['int', i],
            ['long', BigInt(i)],
          ]),
        ),
      )
    })
  })

  test('two writers do not know of each other', () => {
    const [left, right] = [juteWriter(), juteWriter()]
    for (let i = 0; i < 300; i++) {
      left.int(1)
      right.int(2)
    }
    expect(hexOf(left.bytes())).toBe('00000001'.repeat(300))
    expect(hexOf(right.bytes())).toBe('00000002'.repeat(300))
  })

  test('what it costs to write a byte does not grow with the archive', () => {
    const told = 'bytes of typed arrays made for an archive of 80,000: double the room when it is full'
    expect(memoryForLongs(10_000), told).toBeLessThan(1_000_000)
  })
})

describe('B. Write what has a length', () => {
  test.each([
    ['two bytes a letter', 'héé', '00000005 68c3a9c3a9'],
    ['three bytes a letter', '中文', '00000006 e4b8ade69687'],
    ['outside the BMP: four bytes, not Java’s six', '😀', '00000004 f09f9880'],
    ['outside the BMP, between others', 'a😀b', '00000006 61f09f988062'],
    ['half a surrogate pair: the replacement character', 'a\ud83d', '00000004 61efbfbd'],
    ['NUL: one byte, not Java’s two', '\u0000', '00000001 00'],
    ['a byte order mark', '\ufeffa', '00000004 efbbbf61'],
  ])('a string is written as UTF-8: %s', (_, value, hex) => {
    expectWritten(
      [['ustring', value]],
      hex,
      'The length counts bytes of UTF-8. (chapter 04, "What has a length")',
    )
  })

  test('a string is written right wherever the archive happens to grow', () => {
    for (const value of ['/a', 'é中😀', '中'.repeat(20)]) {
      for (const steps of everyPlaceFor(['ustring', value], 1500)) {
        expectWritten(
          steps,
          hexOf(model(steps)),
          'Was there room for all of it? (chapter 04, "Room to grow")',
        )
      }
    }
  })

  test('a value after a string follows at once', () => {
    expectWritten(
      [
        ['ustring', 'é'],
        ['int', 1],
        ['ustring', ''],
        ['ustring', null],
        ['buffer', new Uint8Array(0)],
        ['buffer', null],
        ['int', 2],
      ],
      '00000002 c3a9 00000001 00000000 ffffffff 00000000 ffffffff 00000002',
      'Room that a string did not need must not stay behind as bytes.',
    )
  })

  test('a buffer is copied: changing it later changes no archive', () => {
    const archive = archiveOfOverwritten(bytesOf('0102'))
    expect(hexOf(archive), 'out.buffer(data), then data.fill(0xff)').toBe('000000020102')
  })

  test('a buffer that lies inside a larger array is written alone', () => {
    const data = bytesOf('00 0102 00').subarray(1, 3)
    expectWritten([['buffer', data]], '00000002 0102', 'A subarray is a buffer like any other.')
  })

  test('a string and a buffer of a megabyte are written whole', () => {
    const text = '中'.repeat(350_000)
    const data = new Uint8Array(1_000_000).fill(7)
    const steps: Step[] = [
      ['ustring', text],
      ['buffer', data],
    ]
    expectWritten(steps, hexOf(model(steps)), 'An archive has no longest length.')
  })

  test('any sequence of values is written as the format says', () => {
    holds(anySteps, steps => expectWritten(steps, hexOf(model(steps)), 'As the format says.'))
  })

  test('a writer that is reset for each message writes what a new one writes', () => {
    holds(fc.array(anySteps, { maxLength: 8 }), messages => {
      const out = juteWriter()
      const archives = messages.map(steps => {
        out.reset()
        for (const step of steps) write(out, step)
        return out.bytes()
      })
      messages.forEach((steps, i) => {
        telling([`message ${i} of ${messages.length} from one writer`], 'It has its own bytes only.', () =>
          expectBytes(archives[i]!, hexOf(model(steps))),
        )
      })
    })
  })

  test('requests are written as Apache’s and kazoo’s clients send them', () => {
    const out = juteWriter()
    writeRequestHeader(out, { xid: 1, type: 1 })
    writeCreateRequest(out, {
      path: '/jute',
      data: Uint8Array.from(Buffer.from('héllo 中')),
      acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }],
      flags: 0,
    })
    expect(hexOf(out.bytes()), 'zkCli.sh: create /jute "héllo 中"').toBe(
      '0000000100000001000000052f6a7574650000000a68c3a96c6c6f20e4b8ad000000010000001f00000005776f726c6400000006616e796f6e6500000000',
    )
    out.reset()
    writeRequestHeader(out, { xid: 6, type: 1 })
    writeCreateRequest(out, {
      path: '/kacl',
      data: Uint8Array.from([0x76]),
      acl: [{ perms: 31, id: { scheme: 'auth', id: null } }],
      flags: 0,
    })
    expect(hexOf(out.bytes()), 'kazoo: create /kacl for its creator only').toBe(
      '0000000600000001000000052f6b61636c0000000176000000010000001f0000000461757468ffffffff00000000',
    )
    out.reset()
    writeRequestHeader(out, { xid: 7, type: 5 })
    writeSetDataRequest(out, { path: '/jute', data: Uint8Array.from(Buffer.from('😀')), version: -1 })
    expect(hexOf(out.bytes()), 'zkCli.sh: set /jute 😀').toBe(
      '0000000700000005000000052f6a75746500000004f09f9880ffffffff',
    )
  })

  test('replies are written as Apache’s server sends them', () => {
    const out = juteWriter()
    writeConnectResponse(out, {
      protocolVersion: 0,
      timeOut: 30_000,
      sessionId: 0x0100001ef55b0000n,
      passwd: bytesOf('072f6d748881c6e3bd22465511e1f0d3'),
      readOnly: false,
    })
    expect(hexOf(out.bytes()), 'the answer to zkCli.sh as it connects').toBe(
      '00000000000075300100001ef55b000000000010072f6d748881c6e3bd22465511e1f0d300',
    )
    out.reset()
    writeReplyHeader(out, { xid: 4, zxid: 4n, err: 0 })
    writeGetDataResponse(out, {
      data: Uint8Array.from(Buffer.from('héllo 中')),
      stat: {
        czxid: 2n,
        mzxid: 2n,
        ctime: 0x1a1fbdc21a3n,
        mtime: 0x1a1fbdc21a3n,
        version: 0,
        cversion: 0,
        aversion: 0,
        ephemeralOwner: 0n,
        dataLength: 10,
        numChildren: 0,
        pzxid: 2n,
      },
    })
    expect(hexOf(out.bytes()), 'the answer to zkCli.sh: get -s -w /jute').toBe(
      '000000040000000000000004000000000000000a68c3a96c6c6f20e4b8ad00000000000000020000000000000002000001a1fbdc21a3000001a1fbdc21a300000000000000000000000000000000000000000000000a000000000000000000000002',
    )
  })
})
