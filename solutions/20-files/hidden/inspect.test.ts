import { describe, expect, test } from 'vitest'
import { readLog, readSnapshotContents, remarksOn, trimLog, weigh } from '#lab/storage/inspect.ts'
import { headLength, logHead } from '#lab/storage/txn-log.ts'
import { apacheLog } from '../../../labs/20-files/test/apache-log.ts'
import {
  because,
  changed,
  logOf,
  logOfZxids,
  maxEntry,
  places,
  refusal,
  setting,
  shortly,
  smallSnapshot,
} from '../../../labs/20-files/test/files.ts'
import { trimmedOfOverwritten } from './memory.inside.ts'

const epoch = 1n << 32n
const remarks = (name: string, log: Uint8Array) => remarksOn(name, readLog(log, maxEntry))

describe('A. Walk through a log', () => {
  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), '| end of file at 0'],
    ['zeros', new Uint8Array(500), '| padding at 0'],
    ['half a head', logHead().subarray(0, 9), '| cut short at 0'],
    ['a head without its last byte', logHead().subarray(0, 15), '| cut short at 0'],
    ['a head', logHead(), `| end of file at ${headLength}`],
    ['a head and one zero', new Uint8Array([...logHead(), 0]), `| padding at ${headLength}`],
  ])('a file may hold only %s', (_what, bytes, expected) => {
    expect(shortly(readLog(bytes, maxEntry))).toBe(expected)
  })

  test('a file that is no log is refused', () => {
    expect(refusal(() => readLog(smallSnapshot(), maxEntry))).toBe('StorageError')
  })

  test('wherever a log is cut, what is whole is there and the end is named', () => {
    const log = logOfZxids([1, 2, 3])
    const starts = places([1, 2, 3])
    for (let length = headLength; length <= log.length; length++) {
      const whole = starts.filter(start => start <= length).length - 1
      const at = starts[whole]!
      // The first four bytes of an entry are zeros, so a file that ends in them looks padded.
      const isZero = log.subarray(at, length).every(byte => byte === 0)
      const type = length === at ? 'end of file' : isZero ? 'padding' : 'cut short'
      const { items, end } = readLog(log.subarray(0, length), maxEntry)
      expect([items.length, end], `cut to ${length} bytes`).toEqual([whole, { at, type }])
    }
  })

  test('zeros with something behind them are a hole', () => {
    const [, second] = places([1])
    const log = logOfZxids([1, 2, 3])
    log.fill(0, second!, second! + 40)
    const rule = 'Recovery ends at the zeros and would never know of 3. A person should.'
    expect(
      shortly(readLog(log, maxEntry)),
      because('40 bytes of 2 are zeros', rule, 'Where a log ends'),
    ).toBe(`1 | hole at ${second}`)
  })

  test('twelve zeros are the whole front of an entry, eleven are a part of it', () => {
    const [, second] = places([1])
    const behind = (zeros: number) => Uint8Array.from([...logOfZxids([1]), ...new Uint8Array(zeros), 1])
    expect(shortly(readLog(behind(12), maxEntry))).toBe(`1 | hole at ${second}`)
    expect(shortly(readLog(behind(11), maxEntry))).toBe(`1 | cut short at ${second}`)
  })

  test('an entry without its end mark is torn, whatever stands behind it', () => {
    const [first, second, third] = places([1, 2])
    for (const [at, expected] of [
      [second! - 1, `| torn at ${first}`],
      [third! - 1, `1 | torn at ${second}`],
    ] as const) {
      const log = changed(logOfZxids([1, 2]), at, 0)
      const rule = 'Its end mark was never written, so nobody was promised it.'
      expect(
        shortly(readLog(log, maxEntry)),
        because('1 2, an end mark is 0', rule, 'Where a log ends'),
      ).toBe(expected)
    }
  })

  test('what is damaged has a place and a reason, and ends behind its end mark', () => {
    const [first, second, third] = places([1, 2])
    const strange = setting(2)
    new DataView(strange.buffer).setInt32(28, 99)
    const logs = [changed(logOfZxids([1, 2]), second! + 30), logOf([setting(1), strange])]
    for (const log of logs) {
      const [one, two] = readLog(log, maxEntry).items
      expect(one).toMatchObject({ type: 'txn', at: first, next: second })
      expect(two).toMatchObject({ type: 'damaged', at: second, next: log.length, what: expect.any(String) })
    }
    expect(logs[0]!.length).toBe(third)
  })

  test('a single byte at the end of the padding makes a hole of it', () => {
    const log = logOfZxids([1], 10_000)
    expect(shortly(readLog(changed(log, log.length - 1, 1), maxEntry))).toBe(`1 | hole at ${places([1])[1]}`)
  })

  test('damage in the first, in the last and in neighbours is passed', () => {
    const [first, second, third, end] = places([1, 2, 3])
    const log = logOfZxids([1, 2, 3])
    expect(shortly(readLog(changed(log, first! + 30), maxEntry))).toBe(
      `(damaged) 2 3 | end of file at ${end}`,
    )
    expect(shortly(readLog(changed(log, third! + 30), maxEntry))).toBe(
      `1 2 (damaged) | end of file at ${end}`,
    )
    const both = changed(changed(log, second! + 30), third! + 30)
    expect(shortly(readLog(both, maxEntry))).toBe(`1 (damaged) (damaged) | end of file at ${end}`)
  })

  test('a damaged checksum is damage like any other', () => {
    const [first] = places([1])
    const log = changed(logOfZxids([1, 2]), first! + 6)
    expect(shortly(readLog(log, maxEntry))).toBe(`(damaged) 2 | end of file at ${places([1, 2])[2]}`)
  })

  test.each([0xff, 0x80, 0x7f])('a length that begins with the byte %i is impossible', byte => {
    const [, second] = places([1])
    const log = changed(changed(logOfZxids([1, 2, 3]), second! + 8, byte), second! + 12, 0x42)
    expect(shortly(readLog(log, maxEntry)), 'and what follows it by chance looks like an end mark').toBe(
      `1 | lost at ${second}`,
    )
  })

  test('an entry that is whole and of no known kind is damaged, and no reason to stop', () => {
    const strange = setting(2)
    new DataView(strange.buffer).setInt32(28, 99)
    const log = logOf([setting(1), strange, setting(3)])
    expect(shortly(readLog(log, maxEntry))).toBe(`1 (damaged) 3 | end of file at ${log.length}`)
    const short = setting(2).slice(0, 40)
    const cut = logOf([setting(1), short, setting(3)])
    expect(shortly(readLog(cut, maxEntry))).toBe(`1 (damaged) 3 | end of file at ${cut.length}`)
  })

  test('the digest behind a transaction is read, and its absence too', () => {
    const digests = readLog(logOf([setting(1, 'x', 0x123456789an), setting(2)]), maxEntry).items.map(item =>
      item.type === 'txn' ? item.digest : item.what,
    )
    expect(digests).toEqual([0x123456789an, null])
    const apache = readLog(apacheLog, maxEntry).items.map(item => item.type === 'txn' && item.digest !== null)
    const rule = 'Apache writes one behind each transaction except errors.'
    expect(apache, because('a log of 3.8.0', rule, 'One entry')).toEqual([
      ...[true, true, true, true, false],
      ...[true, true, true, true, true],
    ])
  })

  test('reading changes nothing', () => {
    const log = logOfZxids([1, 2], 50)
    const before = log.slice()
    readLog(log, maxEntry)
    trimLog(log, maxEntry, null)
    expect(log).toEqual(before)
  })

  test('a log may lie in the middle of other bytes', () => {
    const memory = new Uint8Array(1000).fill(7)
    const log = logOfZxids([1, 2], 10)
    memory.set(log, 333)
    const view = memory.subarray(333, 333 + log.length)
    expect(readLog(view, maxEntry)).toEqual(readLog(log, maxEntry))
  })
})

describe('B. Say what is odd', () => {
  const types = (name: string, log: Uint8Array) => remarks(name, log).map(({ type }) => type)

  test('a new epoch counts from one, and that is no gap', () => {
    expect(types('log.1', logOfZxids([1, 2, epoch + 1n, epoch + 2n, 3n * epoch + 1n]))).toEqual([])
    expect(types('log.1', logOfZxids([1, 2, epoch + 2n]))).toEqual(['gap'])
  })

  test('a zxid that is not above the one before goes backwards', () => {
    expect(types('log.1', logOfZxids([1, 2, 2, 3]))).toEqual(['backwards'])
    expect(types('log.5', logOfZxids([5, 6, 1, 2]))).toEqual(['backwards'])
  })

  test('each gap is told of, where it is', () => {
    const zxids = [1, 3, 4, 9, 10]
    const starts = places(zxids)
    expect(remarks('log.1', logOfZxids(zxids))).toEqual([
      { at: starts[1], type: 'gap' },
      { at: starts[3], type: 'gap' },
    ])
  })

  test('behind a damaged entry no gap is claimed', () => {
    const [, second] = places([1])
    const log = changed(logOfZxids([1, 2, 3, 4, 6]), second! + 20)
    const rule = 'Nobody knows what the damaged one was. Between 4 and 6 one does know.'
    expect(types('log.1', log), because('2 of 1 2 3 4 6 is damaged', rule, 'Nothing may be missing')).toEqual(
      ['damaged', 'gap'],
    )
  })

  test('a log whose first entry is damaged is not called misnamed', () => {
    const log = changed(logOfZxids([1, 2]), headLength + 20)
    expect(types('log.1', log)).toEqual(['damaged'])
  })

  test.each<[string, string[]]>([
    ['log.100000001', []],
    ['log.1', ['misnamed']],
    ['log.0x100000001', []],
    ['log.1.bak', []],
    ['snapshot.1', []],
  ])('a log that begins with zxid 0x100000001 may be called %s', (name, expected) => {
    const log = logOfZxids([epoch + 1n])
    expect(types(name, log)).toEqual(expected)
  })

  test.each(['torn', 'cut short', 'hole', 'lost'] as const)('the end %s is remarked upon', type => {
    expect(remarksOn('log.1', { items: [], end: { at: 99, type } })).toEqual([{ at: 99, type }])
  })

  test.each(['end of file', 'padding'] as const)('the end %s is not', type => {
    expect(remarksOn('log.1', { items: [], end: { at: 99, type } })).toEqual([])
  })
})

describe('C. Trim a log', () => {
  test('wherever a log is cut, the trimmed one is its whole entries', () => {
    const log = logOfZxids([1, 2, 3])
    const starts = places([1, 2, 3])
    for (let length = headLength; length <= log.length; length++) {
      const end = starts.findLast(start => start <= length)!
      const trimmed = trimLog(log.subarray(0, length), maxEntry, null)
      expect(trimmed, `cut to ${length} bytes`).toEqual(log.slice(0, end))
      expect(remarks('log.1', trimmed), 'nothing is odd about what comes out').toEqual([])
    }
  })

  test('of a file that holds nothing a log that holds nothing is left', () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(100), logHead().subarray(0, 7), logHead()]) {
      expect(trimLog(bytes, maxEntry, null)).toEqual(logHead())
    }
  })

  test.each<[bigint, number]>([
    [0n, 0],
    [4n, 0],
    [5n, 1],
    [7n, 3],
    [8n, 3],
    [99n, 3],
  ])('until %i', (until, count) => {
    const log = logOfZxids([5, 6, 7], 20)
    expect(trimLog(log, maxEntry, until)).toEqual(log.slice(0, places([5, 6, 7])[count]))
  })

  test('damage behind the last that is wanted does not matter', () => {
    const starts = places([1, 2, 3])
    const log = changed(logOfZxids([1, 2, 3]), starts[2]! + 20)
    const rule = 'Only what would stay has to be whole.'
    expect(trimLog(log, maxEntry, 2n), because('3 is damaged, until 2', rule, 'Trimming')).toEqual(
      log.slice(0, starts[2]),
    )
    expect(refusal(() => trimLog(log, maxEntry, 3n))).toBe('StorageError')
  })

  test('an impossible length is damage, too', () => {
    const starts = places([1, 2])
    const log = changed(logOfZxids([1, 2]), starts[1]! + 8, 0x7f)
    expect(refusal(() => trimLog(log, maxEntry, null))).toBe('StorageError')
    expect(trimLog(log, maxEntry, 1n)).toEqual(log.slice(0, starts[1]))
  })

  test('what comes out is a copy', () => {
    const trimmed = trimmedOfOverwritten(logOfZxids([1]), maxEntry)
    expect(shortly(readLog(trimmed, maxEntry))).toContain('1 |')
  })
})

describe('D. Look into a snapshot', () => {
  test('wherever a snapshot is cut, it is read as far as it goes and never thrown at the reader', () => {
    const bytes = smallSnapshot()
    let most = 0
    for (let length = 0; length < bytes.length; length++) {
      const { nodes, fault } = readSnapshotContents(bytes.subarray(0, length))
      expect(nodes.length, `cut to ${length} bytes`).toBeGreaterThanOrEqual(most)
      most = nodes.length
      // A snapshot that ends at its first seal is one of a server before 3.6.
      if (fault === null) expect(nodes).toHaveLength(8)
    }
    expect(readSnapshotContents(bytes)).toMatchObject({ fault: null, sessions: new Map([[0x77n, 4000]]) })
  })

  test('a changed byte anywhere is found out', () => {
    const bytes = smallSnapshot()
    for (let at = 0; at < bytes.length; at++) {
      expect(readSnapshotContents(changed(bytes, at)).fault, `byte ${at} is another`).not.toBe(null)
    }
  })

  test('a log is no snapshot', () => {
    expect(readSnapshotContents(logHead()).fault).not.toBe(null)
  })

  test('depth bounds what is named, not what is counted', () => {
    const { nodes } = readSnapshotContents(smallSnapshot())
    expect(Object.fromEntries(weigh(nodes, 0))).toEqual({ '/': { nodes: 8, bytes: 15 } })
    const deep = weigh(nodes, 99)
    expect([...deep.keys()].sort()).toEqual(nodes.map(([path]) => path).sort())
    expect(deep.get('/app/db')).toEqual({ nodes: 2, bytes: 11 })
  })

  test('a node without data weighs nothing and counts', () => {
    const { nodes } = readSnapshotContents(smallSnapshot())
    const [path, node] = nodes.at(-1)!
    expect(weigh([[path, { ...node, data: null }]], 0)).toEqual(new Map([['/', { nodes: 1, bytes: 0 }]]))
  })

  test('an empty list has no weight', () => {
    expect(weigh([], 3)).toEqual(new Map())
  })
})
