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
import { bytesOf, hexOf, logOf, payload, reading, refusalOf, session } from './files.ts'

const file = (name: string) => ({ name: `log.${name}`, zxid: BigInt(`0x${name}`) })

describe('A. Write a log', () => {
  test('a log file begins with ZKLG, version 2 and the number 0', () => {
    expect(hexOf(logHead()), 'magic, version, dbid. (chapter 32, "An entry")').toBe(
      '5a4b4c47000000020000000000000000',
    )
  })

  test('an entry is checksum, length, payload and the byte 0x42', () => {
    const into = new Uint8Array(entryLength(session))
    expect(putEntry(into, 0, session), 'putEntry answers where the entry ends').toBe(into.length)
    expect(
      hexOf(into),
      'the checksum is a long, and covers the payload alone. (chapter 32, "An entry")',
    ).toBe(`00000000d00f0b4e00000030${hexOf(session)}42`)
  })

  test('entries stand one behind the other', () => {
    const into = new Uint8Array(2 * entryLength(session))
    const next = putEntry(into, 0, session)
    putEntry(into, next, session)
    expect(hexOf(into.subarray(next)), 'the second entry').toBe(hexOf(into.subarray(0, next)))
  })

  test('a file grows by a block when less than 4096 bytes would be left', () => {
    const why = 'paddedLength(length, padded, block). (chapter 32, "Room ahead")'
    expect(paddedLength(16, 0, 65_536), why).toBe(65_536)
    expect(paddedLength(60_000, 65_536, 65_536), why).toBe(65_536)
    expect(paddedLength(62_000, 65_536, 65_536), why).toBe(131_072)
  })
})

describe('B. Read a log', () => {
  const [one, two] = [payload(1n), payload(2n, 'longer data')]

  test('what is no log at all is refused', () => {
    expect(checkLogHead(logOf([one]))).toBe(true)
    expect(
      refusalOf(() => checkLogHead(bytesOf('5a4b534e00000002ffffffffffffffff'))),
      'this is a snapshot',
    ).toBe('refused')
  })

  test('entries are read in order, up to the padding', () => {
    expect(reading(logOf([one, two], 50), 16)).toEqual([hexOf(one), hexOf(two), 'padding'])
  })

  test('a log that ends inside an entry ends before it', () => {
    const log = logOf([one, two])
    const why = 'the power went: nobody was promised this entry. (chapter 32, "How a log ends")'
    expect(reading(log.subarray(0, log.length - 10), 16), why).toEqual([hexOf(one), 'cut short'])
  })

  test('an entry without its end mark is torn', () => {
    const log = logOf([one, two], 20)
    log.fill(0, log.length - 30)
    expect(reading(log, 16), 'the room was there, the last bytes never came').toEqual([hexOf(one), 'torn'])
  })

  test('a whole entry that does not match its checksum is damaged', () => {
    const log = logOf([one, two])
    log[16 + 12 + 30]! ^= 1
    const why = 'its end mark is there, so it was written; now it is another. (chapter 32, "How a log ends")'
    expect(readEntry(log, 16, 1000).type, why).toBe('damaged')
  })

  test('a length that no entry has is damaged', () => {
    const log = logOf([one])
    log[16 + 8] = 0x7f
    expect(readEntry(log, 16, 1 << 20).type, 'a length of 2 GB').toBe('damaged')
  })
})

describe('C. Replay a log', () => {
  test('a transaction tells its zxid', () => {
    expect(zxidIn(session), 'behind the session and the xid').toBe(0x1_0000_0001n)
  })

  test('the file that begins before the snapshot may hold what comes after it', () => {
    const logs = [file('1'), file('5'), file('64')]
    expect(logsAfter(logs, 0x10n), 'a file does not say where it ends').toEqual([file('5'), file('64')])
    expect(logsAfter(logs, 0x64n)).toEqual([file('64')])
  })

  test('what is in already is skipped, what follows is applied', () => {
    expect(isNext(5n, 4n), 'isNext(5, 4)').toBe(false)
    expect(isNext(5n, 6n), 'isNext(5, 6)').toBe(true)
  })

  test('a hole is refused', () => {
    expect(
      refusalOf(() => isNext(5n, 7n)),
      'where is 6? (chapter 32, "The true tree, or none")',
    ).toBe('refused')
  })
})
