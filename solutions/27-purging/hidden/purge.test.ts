import { describe, expect, test } from 'vitest'
import { prng } from '#lab/lib/prng.ts'
import { fileName, folder } from '#lab/storage/files.ts'
import {
  type FoundSnapshot,
  foundSnapshots,
  oldestKept,
  type Purged,
  purge,
  purgePlan,
  uselessLogs,
  uselessSnapshots,
} from '#lab/storage/purge.ts'
import type { Disk } from '#lab/world/world.ts'
import {
  because,
  dataFolder,
  half,
  log,
  namesOf,
  snapshot,
} from '../../../labs/27-purging/test/data-folder.ts'

/** Two numbers that are the same to a `number`. */
const near = 0x7000_0000_0000_0001n

describe('A. See which snapshots stay', () => {
  test('snapshots come the oldest first, by number and not by name', () => {
    const files = [snapshot(0x9), snapshot(0x10), snapshot(0xff), snapshot(0x1_0000_0001n), snapshot(near)]
    const { disk } = dataFolder(files, [])
    const rule = 'snapshot.10 is older than snapshot.ff and newer than snapshot.9.'
    expect(namesOf(foundSnapshots(disk)), because(files, rule, 'Why three')).toEqual(namesOf(files))
  })

  test('a look at a snapshot costs its end, however long it is', () => {
    const { disk } = dataFolder([snapshot(1), half(2)], [])
    let read = 0
    const long: Disk = {
      ...disk,
      size: () => 1 << 30,
      read(_path, offset = 0, length = (1 << 30) - offset) {
        read += length
        return new Uint8Array(Math.min(length, 64))
      },
    }
    foundSnapshots(long)
    expect(read, 'bytes read of two snapshots of a gigabyte each').toBeLessThan(1000)
  })

  test('a snapshot of a few bytes, or of none, is not complete', () => {
    const { disk } = dataFolder([], ['log.1'])
    const small: Disk = { ...disk, list: () => ['snapshot.1'], size: () => 2, read: () => new Uint8Array(2) }
    expect(foundSnapshots(small)).toEqual([{ name: 'snapshot.1', zxid: 1n, isComplete: false }])
    const gone: Disk = { ...disk, list: () => ['snapshot.1'], size: () => null, read: () => null }
    expect(foundSnapshots(gone)[0]?.isComplete, 'it went away between two looks').toBe(false)
  })

  test.each([0, 1, 2, -1])('who asks for %i snapshots to stay gets three', keep => {
    const files = [1, 2, 3, 4, 5].map(snapshot)
    expect(oldestKept(files, keep), because(files, 'Three stay at least.', 'Why three')).toBe(3n)
  })

  test('as many as are asked for stay', () => {
    const files = [1, 2, 3, 4, 5, 6].map(snapshot)
    const kept = [3, 4, 5, 6, 7].map(keep => oldestKept(files, keep))
    expect(kept, because(files, 'Of six, for 3, 4, 5, 6 and 7.', 'Why three')).toEqual([4n, 3n, 2n, 1n, null])
  })

  test('an unfinished snapshot that is older than those that stay goes with them', () => {
    const files = [half(1), snapshot(2), half(3), snapshot(4)]
    const rule = 'Older than 3 are 1 and 2.'
    expect(
      namesOf(uselessSnapshots(files, 3n)),
      because(files, rule, 'A file that only looks like a snapshot'),
    ).toEqual(['snapshot.1', 'snapshot.2'])
  })

  test('zxids are compared to their last bit', () => {
    const files = [snapshot(near - 1n), snapshot(near)]
    expect(
      namesOf(uselessSnapshots(files, near)),
      because(files, 'They differ by one.', 'Why three'),
    ).toEqual([files[0]!.name])
  })
})

describe('B. See which logs they need', () => {
  test('no log goes that holds a transaction after the snapshot, and no other stays', () => {
    const dice = prng('logs')
    for (let round = 0; round < 300; round++) {
      const starts = new Set(Array.from({ length: dice.below(8) }, () => 1 + dice.below(40)))
      const logs = [...starts].sort((a, b) => a - b).map(log)
      const oldest = BigInt(dice.below(45))
      const stays = logs.findLastIndex(({ zxid }) => zxid <= oldest)
      expect(
        namesOf(uselessLogs(logs, oldest)),
        because(logs, `The oldest snapshot that stays is ${oldest}.`, 'The log that starts before'),
      ).toEqual(namesOf(logs.slice(0, Math.max(0, stays))))
    }
  })

  test('a log of the epoch before may hold what follows', () => {
    const logs = [log(0x1_0000_0001n), log(0x1_0000_0100n), log(0x3_0000_0001n)]
    const rule = 'The snapshot is 0x1000001ff, and log.100000100 may go on behind it.'
    expect(
      namesOf(uselessLogs(logs, 0x1_0000_01ffn)),
      because(logs, rule, 'The log that starts before'),
    ).toEqual(['log.100000001'])
  })

  test('zxids of logs are compared to their last bit', () => {
    const logs = [log(1), log(near)]
    const rule = 'The second log begins one after the snapshot, so the first may hold what follows.'
    expect(uselessLogs(logs, near - 1n), because(logs, rule, 'The log that starts before')).toEqual([])
  })

  test('no logs are no reason to fail', () => {
    expect(uselessLogs([], 5n)).toEqual([])
  })
})

describe('C. Make a plan', () => {
  test('an unfinished snapshot that is newer than the oldest that stays is left alone', () => {
    const files = [snapshot(1), snapshot(2), half(3), snapshot(4), half(5)]
    const plan = purgePlan([...files, snapshot(6)], [], 3)
    const rule = 'The server may be writing it at this moment.'
    expect(namesOf(plan.snapshots), because(files, rule, 'A file that only looks like a snapshot')).toEqual([
      'snapshot.1',
    ])
  })

  test('an unfinished snapshot does not make room for the loss of a complete one', () => {
    const files = [snapshot(10), snapshot(20), snapshot(30), half(40), half(50)]
    const logs = [1, 11, 21, 31].map(log)
    const rule = 'Complete are three, and three stay.'
    expect(
      purgePlan(files, logs, 3),
      because([...files, ...logs], rule, 'A file that only looks like a snapshot'),
    ).toEqual({ snapshots: [], logs: [] })
  })

  test('with exactly as many snapshots as stay, logs may still go', () => {
    const files = [30, 40, 50].map(snapshot)
    const logs = [1, 11, 21, 31].map(log)
    expect(
      namesOf(purgePlan(files, logs, 3).logs),
      because([...files, ...logs], 'For 30, log.15 is needed.', 'The log that starts before'),
    ).toEqual(['log.1', 'log.b'])
  })

  test('a plan changes nothing that it is given', () => {
    const files: FoundSnapshot[] = [1, 2, 3, 4].map(snapshot)
    const logs = [1, 2, 3, 4].map(log)
    purgePlan(Object.freeze(files) as FoundSnapshot[], Object.freeze(logs) as typeof logs, 3)
    expect(namesOf(files)).toEqual(namesOf([1, 2, 3, 4].map(snapshot)))
  })
})

describe('D. Carry it out', () => {
  const snapshots = [10, 20, 30, 40, 50].map(snapshot)
  const logs = [1, 11, 21, 31].map(log)

  /** A disk that answers when it is told to, and fails for what it is told to fail for. */
  function slowDisk(names: readonly string[], stubborn: string | null = null) {
    const { disk } = dataFolder(snapshots, namesOf(logs))
    const asked: string[] = []
    const waiting: (() => void)[] = []
    const slow: Disk = {
      ...disk,
      list: () => [...names],
      remove(path, done) {
        asked.push(path.slice(folder.length + 1))
        const error = path.endsWith(`/${stubborn}`) ? new Error('EPERM') : undefined
        waiting.push(() => (error === undefined ? done() : done(error)))
      },
    }
    return { disk: slow, asked, answer: () => waiting.shift()?.(), waiting }
  }

  test('one file is removed after the other, each when the one before is gone for good', () => {
    const { disk, asked, answer, waiting } = slowDisk([...namesOf(snapshots), ...namesOf(logs)])
    const results: Purged[] = []
    purge({ snapshots: disk, logs: disk }, 3, result => results.push(result))
    const order = ['snapshot.a', 'snapshot.14', 'log.1', 'log.b']
    for (let gone = 0; gone < order.length; gone++) {
      expect(asked, `the disk has removed ${gone} files`).toEqual(order.slice(0, gone + 1))
      expect([results.length, waiting.length], 'nothing is told yet').toEqual([0, 1])
      answer()
    }
    expect(results).toEqual([{ removed: order.map(name => `${folder}/${name}`) }])
  })

  test.each(['snapshot.a', 'snapshot.14', 'log.1', 'log.b'])(
    '%s cannot be removed, and that is the end',
    name => {
      const { disk, asked, answer, waiting } = slowDisk([...namesOf(snapshots), ...namesOf(logs)], name)
      const results: Purged[] = []
      purge({ snapshots: disk, logs: disk }, 3, result => results.push(result))
      while (waiting.length > 0) answer()
      const order = ['snapshot.a', 'snapshot.14', 'log.1', 'log.b']
      const before = order.slice(0, order.indexOf(name))
      expect(asked, 'what stands behind it in the plan waits for the next purge').toEqual([...before, name])
      expect(results).toEqual([
        { removed: before.map(gone => `${folder}/${gone}`), error: new Error('EPERM') },
      ])
    },
  )

  test('snapshots go from the one disk, logs from the other', () => {
    const snapshotDisk = slowDisk(namesOf(snapshots))
    const logDisk = slowDisk(namesOf(logs))
    purge({ snapshots: snapshotDisk.disk, logs: logDisk.disk }, 3, () => {})
    for (let at = 0; at < 4; at++) (snapshotDisk.waiting.length > 0 ? snapshotDisk : logDisk).answer()
    expect({ snapshots: snapshotDisk.asked, logs: logDisk.asked }).toEqual({
      snapshots: ['snapshot.a', 'snapshot.14'],
      logs: ['log.1', 'log.b'],
    })
  })

  test('an empty folder is soon purged', () => {
    const data = dataFolder([], [])
    expect(data.purge(3)).toEqual({ removed: [] })
  })

  test('a folder of thousands of files is purged without growing the stack', () => {
    const many = Array.from({ length: 3000 }, (_, at) => snapshot(at + 1))
    const data = dataFolder(many, [fileName('log', 1n)])
    expect(data.purge(3).removed).toHaveLength(2997)
  })
})
