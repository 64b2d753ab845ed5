/**
 * Files of a server, cut at every byte and with every byte changed: recovery finds a state that once was, or says which
 * file it cannot trust. It never makes up a tree.
 */
import { describe, expect, test } from 'vitest'
import { headLength } from '../../src/storage/txn-log.ts'
import { emptySnapshot, type Files, lived, logFile, recovered, snapshotFile, stateOf } from './history.ts'

/** The digest of the tree and its seal. */
const digestLength = 8 + 4 + 8 + 8 + 5

const { log, source } = lived()
/** The state after the first so many transactions. Their zxids are 1, 2, 3 … */
const states = log.map((_, i) => stateOf(recovered(new Map([emptySnapshot(), logFile(log.slice(0, i + 1))]))))
states.unshift(stateOf(recovered(new Map([emptySnapshot()]))))

/** What recovery makes of the files: how many transactions it found, or -1 for a refusal that says where. */
function outcome(files: Files, blamed: string): number {
  try {
    const found = recovered(files)
    const count = Number(found.lastZxid)
    if (stateOf(found) !== states[count]) throw new Error(`this is not the state after ${count} transactions`)
    return count
  } catch (error) {
    const { name, message } = error as Error
    if (name !== 'StorageError') throw error
    expect(message).toContain(blamed)
    return -1
  }
}

function withByte(bytes: Uint8Array, at: number, change: number): Uint8Array {
  const copy = bytes.slice()
  copy[at]! ^= change
  return copy
}

/** Says at which byte it went wrong. */
function each(bytes: Uint8Array, look: (at: number) => void): void {
  for (let at = 0; at < bytes.length; at++) {
    try {
      look(at)
    } catch (error) {
      throw new Error(`byte ${at} of ${bytes.length}: ${(error as Error).message}`, { cause: error })
    }
  }
}

test('the history has one of everything, and ends as its server ended', () => {
  expect(log.length).toBe(17)
  const sessions = new Map(source.sessions)
  const found = recovered(new Map([emptySnapshot(), logFile(log)]))
  expect(found.sessions).toEqual(sessions)
  const [path, bytes] = snapshotFile(source)
  expect(stateOf(recovered(new Map([[path, bytes]])))).toBe(stateOf(found))
})

describe('a log', () => {
  const [path, bytes] = logFile(log)

  test('that is cut at any byte gives the transactions that are whole', () => {
    let before = 0
    each(bytes, at => {
      const count = outcome(new Map([emptySnapshot(), [path, bytes.slice(0, at)]]), path)
      expect(count).toBeGreaterThanOrEqual(before)
      before = count
    })
    expect(before).toBe(log.length)
  })

  test('whose tail is zeros from any byte on gives the transactions that are whole', () => {
    let before = 0
    each(bytes.subarray(headLength), place => {
      const at = headLength + place
      const torn = bytes.slice().fill(0, at)
      const count = outcome(new Map([emptySnapshot(), [path, torn]]), path)
      expect(count).toBeGreaterThanOrEqual(before)
      before = count
    })
  })

  test.each([0x01, 0x80, 0xff])(
    'with any byte changed by %i gives a state that was, or is refused',
    change => {
      let refused = 0
      each(bytes.subarray(0, bytes.length - 100), at => {
        if (outcome(new Map([emptySnapshot(), [path, withByte(bytes, at, change)]]), path) === -1) refused++
      })
      expect(refused, 'payloads and checksums make up most of a log').toBeGreaterThan(bytes.length / 2)
    },
  )

  test('of which a file in the middle is damaged anywhere is refused, because what follows shows that something is missing', () => {
    const [first, second] = [log.slice(0, 10), log.slice(10)]
    const [at, older] = logFile(first)
    each(older.subarray(0, older.length - 100), byte => {
      // The number of the database means nothing, and has always been 0.
      if (byte >= 8 && byte < headLength) return
      const files = new Map([emptySnapshot(), [at, withByte(older, byte, 0x10)], logFile(second)])
      expect(outcome(files, 'version-2/log.')).toBe(-1)
    })
  })

  test('goes on in the next file when it was torn and the server began again', () => {
    const torn = logFile(log.slice(0, 8))
    torn[1] = torn[1].slice(0, torn[1].length - 103)
    expect(outcome(new Map([emptySnapshot(), torn, logFile(log.slice(7))]), '')).toBe(log.length)
  })

  test('that lacks a sector in the middle of its last entry is torn, not damaged', () => {
    const long = log.findIndex(payload => payload.length > 1500)
    const [file, whole] = logFile(log.slice(0, long + 1), 0)
    const sector = Math.floor((whole.length - 600) / 512) * 512
    whole.fill(0, sector, sector + 512)
    expect(outcome(new Map([emptySnapshot(), [file, whole]]), '')).toBe(long)
  })

  test('without a snapshot is refused, whatever it holds', () => {
    expect(outcome(new Map([logFile(log)]), 'version-2/log.1 is there')).toBe(-1)
  })
})

describe('a snapshot', () => {
  const [path, bytes] = snapshotFile(source)

  test('that is cut at any byte is passed over for an older one', () => {
    each(bytes, at => {
      const files = new Map([emptySnapshot(), logFile(log), [path, bytes.slice(0, at)]])
      expect(outcome(files, '')).toBe(log.length)
      // Servers before 3.6 wrote no digest: cut right in front of it, the snapshot is as whole as theirs.
      expect(recovered(files).passedOver.length).toBe(at === bytes.length - digestLength ? 0 : 1)
    })
  })

  test('with any byte changed is passed over for an older one', () => {
    each(bytes, at => {
      const files = new Map([emptySnapshot(), logFile(log), [path, withByte(bytes, at, 0x20)]])
      expect(outcome(files, '')).toBe(log.length)
      expect(recovered(files).passedOver.length).toBe(1)
    })
  })

  test('that is the only one and is damaged is refused by name', () => {
    each(bytes, at => {
      expect(outcome(new Map([[path, withByte(bytes, at, 0x04)]]), path)).toBe(-1)
    })
  })

  test('without the log that leads on from it is refused when a later log is there', () => {
    const files = new Map([emptySnapshot(), logFile(log.slice(5))])
    expect(() => recovered(files)).toThrow(
      /^version-2\/log\.6, byte 16: 0x6 stands where 0x1 should: transactions are missing\./,
    )
  })
})
