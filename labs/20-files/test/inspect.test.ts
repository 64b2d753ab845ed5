import { describe, expect, test } from 'vitest'
import { readLog, readSnapshotContents, remarksOn, trimLog, weigh } from '#lab/storage/inspect.ts'
import { headLength } from '#lab/storage/txn-log.ts'
import { opName } from '#lab/wire/opcodes.ts'
import { apacheLog } from './apache-log.ts'
import { because, changed, logOfZxids, maxEntry, places, refusal, shortly, smallSnapshot } from './files.ts'

describe('A. Walk through a log', () => {
  test('a log is its transactions, each with its place', () => {
    const { items, end } = readLog(logOfZxids([1, 2]), maxEntry)
    const [first, second, stop] = places([1, 2])
    expect(
      items.map(item => [item.type, item.at, item.next]),
      because('a log of two entries', 'The first begins behind the head, at byte 16.', 'One entry'),
    ).toEqual([
      ['txn', first, second],
      ['txn', second, stop],
    ])
    expect(items[0]).toMatchObject({ header: { zxid: 1n, clientId: 0x77n }, txn: { record: { path: '/a' } } })
    expect(end).toEqual({ at: stop, type: 'end of file' })
  })

  test('zeros behind the last entry are padding', () => {
    const log = logOfZxids([1, 2], 5000)
    const rule = 'The server claimed room ahead and has not used it yet.'
    expect(shortly(readLog(log, maxEntry)), because('a log, then 5000 zeros', rule, 'Where a log ends')).toBe(
      `1 2 | padding at ${places([1, 2])[2]}`,
    )
  })

  test('an entry without its end mark is torn', () => {
    const [, , end] = places([1, 2])
    const log = changed(logOfZxids([1, 2], 100), end! - 1, 0)
    const rule = 'The byte behind the payload is 0x42 only if all of it was written.'
    expect(
      shortly(readLog(log, maxEntry)),
      because('the end mark of 2 is gone', rule, 'Where a log ends'),
    ).toBe(`1 | torn at ${places([1])[1]}`)
  })

  test('a file may end inside an entry', () => {
    const log = logOfZxids([1, 2])
    const rule = 'The bytes of 2 are not all there.'
    expect(
      shortly(readLog(log.subarray(0, log.length - 7), maxEntry)),
      because('the last 7 bytes are gone', rule, 'Where a log ends'),
    ).toBe(`1 | cut short at ${places([1])[1]}`)
  })

  test('behind a damaged entry it goes on', () => {
    const [, second] = places([1])
    const log = changed(logOfZxids([1, 2, 3]), second! + 20)
    const rule =
      'Checksum wrong, end mark right: it was written, and then changed. Its length still says where 3 begins.'
    expect(shortly(readLog(log, maxEntry)), because('a byte of 2 is another', rule, 'Damage is no end')).toBe(
      `1 (damaged) 3 | end of file at ${places([1, 2, 3])[3]}`,
    )
  })

  test('an impossible length is the end of knowledge', () => {
    const [, second] = places([1])
    const log = changed(logOfZxids([1, 2, 3]), second! + 8, 0x7f)
    const rule = 'Nobody knows where the entry behind it begins.'
    expect(
      shortly(readLog(log, maxEntry)),
      because('the length of 2 is above all limits', rule, 'Damage is no end'),
    ).toBe(`1 | lost at ${second}`)
  })

  test('what Apache wrote is read like what we wrote', () => {
    const { items, end } = readLog(apacheLog, maxEntry)
    const ops = items.map(item => (item.type === 'txn' ? opName(item.txn.type) : item.what))
    expect(ops).toEqual(
      'createSession create create setData error create multi multi delete closeSession'.split(' '),
    )
    expect(end).toEqual({ at: apacheLog.length, type: 'end of file' })
  })
})

describe('B. Say what is odd', () => {
  const remarks = (name: string, log: Uint8Array) => remarksOn(name, readLog(log, maxEntry))

  test('a whole log gives no cause for remarks', () => {
    expect(remarks('log.1', apacheLog)).toEqual([])
    expect(remarks('log.1', logOfZxids([1, 2, 3], 100))).toEqual([])
  })

  test('a missing transaction is a gap', () => {
    const [, , third] = places([1, 2])
    const rule = 'Within an epoch zxids count up by one. 3 is missing.'
    expect(
      remarks('log.1', logOfZxids([1, 2, 4])),
      because('zxids 1, 2, 4', rule, 'Nothing may be missing'),
    ).toEqual([{ at: third, type: 'gap' }])
  })

  test('a file that is called otherwise is remarked upon', () => {
    const rule = 'A log is named after its first transaction, in hex.'
    expect(
      remarks('log.b', logOfZxids([10])),
      because('zxid 10 in log.b', rule, 'Nothing may be missing'),
    ).toEqual([{ at: headLength, type: 'misnamed' }])
    expect(remarks('copy', logOfZxids([10])), 'a name that is no log name says nothing').toEqual([])
  })

  test('damage and odd ends are remarked upon, where they are', () => {
    const [, second, third] = places([1, 2])
    const log = logOfZxids([1, 2, 3])
    const rule = 'Padding and the end of the file are as they should be; other ends are not.'
    expect(
      remarks('log.1', changed(log, second! + 20).subarray(0, log.length - 3)),
      because('2 is damaged, 3 lacks three bytes', rule, 'Damage is no end'),
    ).toEqual([
      { at: second, type: 'damaged' },
      { at: third, type: 'cut short' },
    ])
  })
})

describe('C. Trim a log', () => {
  test('a torn tail goes, and all that is whole stays as it is', () => {
    const log = logOfZxids([1, 2, 3], 100)
    const [, , third, end] = places([1, 2, 3])
    const torn = changed(log, end! - 1, 0)
    const rule = 'The new file holds the head and entries 1 and 2, and not a byte more.'
    expect(trimLog(torn, maxEntry, null), because('3 is torn', rule, 'Trimming')).toEqual(log.slice(0, third))
  })

  test('a log can be trimmed to a transaction', () => {
    const log = logOfZxids([1, 2, 3], 100)
    expect(trimLog(log, maxEntry, 2n), because('until 2', '1 and 2 stay.', 'Trimming')).toEqual(
      log.slice(0, places([1, 2])[2]),
    )
  })

  test('damage is neither copied nor left out', () => {
    const [, second] = places([1])
    const log = changed(logOfZxids([1, 2, 3]), second! + 20)
    const rule = 'A client may have been told that 2 is done. No tool may decide that it never was.'
    expect(
      refusal(() => trimLog(log, maxEntry, null)),
      because('2 is damaged', rule, 'Trimming'),
    ).toBe('StorageError')
  })
})

describe('D. Look into a snapshot', () => {
  test('a snapshot is its sessions and its nodes', () => {
    const { sessions, nodes, fault } = readSnapshotContents(smallSnapshot())
    expect({ sessions: [...sessions], fault }).toEqual({ sessions: [[0x77n, 4000]], fault: null })
    expect(nodes.map(([path]) => path).sort()).toEqual([
      '/',
      '/app',
      '/app/db',
      '/app/db/url',
      '/apple',
      '/zookeeper',
      '/zookeeper/config',
      '/zookeeper/quota',
    ])
  })

  test('of a damaged snapshot one sees what could be read, and why a server would not use it', () => {
    const bytes = smallSnapshot()
    const { nodes, fault } = readSnapshotContents(bytes.subarray(0, bytes.length - 30))
    const rule = 'The nodes are in front of the place where the file ends.'
    expect(nodes.length, because('the last 30 bytes are gone', rule, 'A snapshot')).toBeGreaterThan(3)
    expect(fault, because('the last 30 bytes are gone', 'A server does not use it.', 'A snapshot')).not.toBe(
      null,
    )
  })

  test('a branch weighs what is in it', () => {
    const { nodes } = readSnapshotContents(smallSnapshot())
    const rule = '/app holds itself, db and url: 3 + 4 + 7 bytes. /apple is another branch.'
    expect(
      Object.fromEntries(weigh(nodes, 1)),
      because('/app abc, /app/db abcd, /app/db/url abcdefg, /apple a', rule, 'Where the weight is'),
    ).toEqual({
      '/': { nodes: 8, bytes: 15 },
      '/app': { nodes: 3, bytes: 14 },
      '/apple': { nodes: 1, bytes: 1 },
      '/zookeeper': { nodes: 3, bytes: 0 },
    })
  })
})
