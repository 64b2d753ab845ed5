import { describe, expect, test } from 'vitest'
import {
  checkLogHead,
  entryLength,
  isNext,
  logHead,
  logsAfter,
  paddedLength,
  putEntry,
  readEntry,
  zxidIn,
} from '#lab/storage/txn-log.ts'
import {
  bytesOf,
  hexOf,
  logOf,
  payload,
  reading,
  refusalOf,
  session,
} from '../../../labs/32-storage/test/files.ts'

const file = (name: string) => ({ name: `log.${name}`, zxid: BigInt(`0x${name}`) })

describe('A. Write a log', () => {
  test('the head is new each time', () => {
    logHead().fill(7)
    expect(hexOf(logHead())).toBe('5a4b4c47000000020000000000000000')
  })

  test('an entry overwrites what was in its place, and nothing else', () => {
    const into = new Uint8Array(entryLength(session) + 20).fill(0xee)
    expect(putEntry(into, 10, session), 'the end of an entry at 10').toBe(into.length - 10)
    expect(hexOf(into), 'memory that was used before').toBe(
      `${'ee'.repeat(10)}00000000d00f0b4e00000030${hexOf(session)}42${'ee'.repeat(10)}`,
    )
  })

  test('an entry of an empty payload is thirteen bytes', () => {
    const into = new Uint8Array(13)
    expect(putEntry(into, 0, new Uint8Array(0))).toBe(13)
    expect(hexOf(into), 'the checksum of nothing is 1').toBe('00000000000000010000000042')
  })

  test('a payload may be a part of a greater array', () => {
    const part = Uint8Array.from([9, 9, ...session, 9]).subarray(2, 2 + session.length)
    const into = new Uint8Array(entryLength(session))
    putEntry(into, 0, part)
    expect(hexOf(into)).toBe(`00000000d00f0b4e00000030${hexOf(session)}42`)
  })

  test.each([
    [61_440, 65_536, 65_536, 65_536],
    [61_441, 65_536, 65_536, 131_072],
    [65_536, 65_536, 65_536, 131_072],
    [300_000, 65_536, 65_536, 327_680],
    [1_000, 0, 4096, 8192],
    [1_000, 196_608, 65_536, 196_608],
    [100, 0, 0, 0],
    [5000, 8192, 0, 8192],
  ])('room for %i bytes in a file of %i that grows by %i: %i', (length, padded, block, expected) => {
    expect(
      paddedLength(length, padded, block),
      'at least 4096 bytes more, in whole blocks; a block of 0 claims nothing',
    ).toBe(expected)
  })
})

describe('B. Read a log', () => {
  const [one, two] = [payload(1n), payload(2n, 'longer data')]
  const written = () => logOf([one, two])
  const second = 16 + entryLength(one)

  test('a head that was never written whole holds nothing; anything else is no log', () => {
    const log = written()
    for (let length = 0; length < 16; length++) {
      expect(checkLogHead(log.subarray(0, length)), `the first ${length} bytes of a log`).toBe(false)
    }
    expect(checkLogHead(logHead()), 'a head and nothing else').toBe(true)
    expect(checkLogHead(new Uint8Array(512)), 'zeros').toBe(false)
    expect(checkLogHead(bytesOf(`5a4b${'00'.repeat(510)}`)), 'a head that is torn after two bytes').toBe(
      false,
    )
    const damaged = log.slice()
    damaged[2] = 0
    expect(
      refusalOf(() => checkLogHead(damaged)),
      'ZK, a zero, and entries behind it',
    ).toBe('refused')
    const version = log.slice()
    version[7] = 3
    expect(
      refusalOf(() => checkLogHead(version)),
      'version 3',
    ).toBe('refused')
    expect(checkLogHead(Uint8Array.from([9, ...log]).subarray(1)), 'a part of a greater array').toBe(true)
  })

  test('a log cut at any byte gives what is whole, and says that it is cut short', () => {
    const log = written()
    for (let end = 16; end < log.length; end++) {
      const whole = end < second ? [] : [hexOf(one)]
      expect(reading(log.subarray(0, end), 16), `cut at ${end}`).toEqual([...whole, 'cut short'])
    }
    expect(reading(log, 16)).toEqual([hexOf(one), hexOf(two), 'cut short'])
  })

  test('bytes that lie in a greater array are read from where they begin', () => {
    const log = written()
    const inside = Uint8Array.from([1, 2, 3, ...log]).subarray(3)
    expect(reading(inside, 16)).toEqual([hexOf(one), hexOf(two), 'cut short'])
  })

  test('every changed bit of a payload and of its checksum is noticed', () => {
    const log = written()
    for (let at = 16; at < second - 1; at++) {
      if (at >= 24 && at < 28) continue // the length
      const changed = log.slice()
      changed[at]! ^= 0x10
      expect(readEntry(changed, 16, 1000).type, `byte ${at} changed`).toBe('damaged')
    }
  })

  test('lengths on both sides of every limit', () => {
    const log = written()
    const withLength = (length: number) => {
      const changed = log.slice()
      new DataView(changed.buffer).setInt32(24, length)
      return readEntry(changed, 16, one.length).type
    }
    expect(withLength(0), 'zero: room ahead').toBe('padding')
    expect(readEntry(new Uint8Array(12), 0, 1000).type, 'zeros that end with the length').toBe('padding')
    expect(readEntry(new Uint8Array(11), 0, 1000).type, 'zeros that end in the length').toBe('cut short')
    expect(withLength(-1)).toBe('damaged')
    expect(withLength(-0x8000_0000)).toBe('damaged')
    expect(withLength(one.length), 'the longest allowed').toBe('entry')
    expect(withLength(one.length + 1), 'one more than allowed').toBe('damaged')
    expect(withLength(one.length - 1), 'another byte stands at its end').toBe('torn')
  })

  test('where the next entry begins is told', () => {
    const log = written()
    expect(readEntry(log, 16, 1000)).toMatchObject({ type: 'entry', next: second })
  })
})

describe('C. Replay a log', () => {
  test('the zxid is read as a long, wherever the payload lies', () => {
    const inside = Uint8Array.from([1, 2, 3, ...payload(0x7_0000_0009n)]).subarray(3)
    expect(zxidIn(inside)).toBe(0x7_0000_0009n)
  })

  test('the files to read', () => {
    const logs = [file('1'), file('5'), file('64'), file('100000001')]
    expect(logsAfter(logs, 0n), 'a new database').toEqual(logs)
    expect(logsAfter(logs, 5n), 'a file that begins with the last one of the snapshot').toEqual(logs.slice(1))
    expect(logsAfter(logs, 4n), 'the next transaction is the first of a file').toEqual(logs)
    expect(logsAfter(logs, 0x1_0000_0001n)).toEqual(logs.slice(3))
    expect(logsAfter([], 7n)).toEqual([])
  })

  test('a transaction is applied once', () => {
    expect(isNext(5n, 5n), 'isNext(5, 5)').toBe(false)
    expect(isNext(0n, 1n), 'the first of all').toBe(true)
    expect(isNext(5n, 6n), 'isNext(5, 6)').toBe(true)
    expect(isNext(0x3_0000_0009n, 0x3_0000_000an), 'one more within epoch 3').toBe(true)
    expect(isNext(0x2_0000_0003n, 0x1_0000_0009n), 'an older epoch is in').toBe(false)
  })

  test('a new epoch begins a new count', () => {
    expect(isNext(0x1_0000_0007n, 0x2_0000_0001n), 'from epoch 1 to epoch 2').toBe(true)
    expect(
      isNext(0x1_0000_0007n, 0x5_0000_0001n),
      'epochs may be left out: elections that led to nothing',
    ).toBe(true)
    expect(
      refusalOf(() => isNext(0x1_0000_0007n, 0x2_0000_0002n)),
      'where is the first of epoch 2?',
    ).toBe('refused')
    expect(
      refusalOf(() => isNext(0x1_0000_0007n, 0x1_0000_0009n)),
      'where is 0x100000008?',
    ).toBe('refused')
    expect(
      refusalOf(() => isNext(0n, 2n)),
      'where is 1?',
    ).toBe('refused')
    expect(isNext(0x1_0000_0007n, 0x2_0000_0000n), 'the first of an epoch may have the counter 0').toBe(true)
  })
})
