import { describe, expect, test } from 'vitest'
import { folder } from '#lab/storage/files.ts'
import { foundSnapshots, oldestKept, purgePlan, uselessLogs, uselessSnapshots } from '#lab/storage/purge.ts'
import { because, dataFolder, half, log, namesOf, snapshot } from './data-folder.ts'

const fiveSnapshots = [10, 20, 30, 40, 50].map(snapshot)

describe('A. See which snapshots stay', () => {
  test('a snapshot is complete when it ends as complete ones do', () => {
    const files = [snapshot(0x10), half(0x20), snapshot(0x30)]
    const { disk } = dataFolder(files, [])
    const rule = 'snapshot.20 lacks its last two bytes: the server died while it wrote it.'
    expect(foundSnapshots(disk), because(files, rule, 'A file that only looks like a snapshot')).toEqual(
      files,
    )
  })

  test('of five snapshots the newest three stay', () => {
    const rule = 'Three are to be kept: 30, 40 and 50. The oldest of them is 30.'
    expect(oldestKept(fiveSnapshots, 3), because(fiveSnapshots, rule, 'Why three')).toBe(30n)
    expect(
      namesOf(uselessSnapshots(fiveSnapshots, 30n)),
      because(fiveSnapshots, 'What is older than 30 goes; 30 itself stays.', 'Why three'),
    ).toEqual(['snapshot.a', 'snapshot.14'])
  })

  test('a snapshot that was not written to its end does not count', () => {
    const files = [snapshot(10), snapshot(20), half(30), snapshot(40), half(50)]
    const rule = 'Complete are 10, 20 and 40. A server that starts can use no other.'
    const section = 'A file that only looks like a snapshot'
    expect(oldestKept(files, 3), because(files, rule, section)).toBe(10n)
  })

  test('where there are fewer complete snapshots than must stay, nothing may go', () => {
    const files = [half(5), snapshot(10), snapshot(20)]
    expect(oldestKept(files, 3), because(files, 'Two are fewer than three.', 'Why three')).toBe(null)
    expect(oldestKept([], 3), because([], 'None are fewer than three.', 'Why three')).toBe(null)
  })
})

describe('B. See which logs they need', () => {
  const section = 'The log that starts before'

  test('the log that starts before the snapshot stays', () => {
    const logs = [1, 11, 21, 31].map(log)
    const rule =
      'The oldest snapshot that stays is 25. log.15 begins at 21 and may hold 26; log.b ends before 21 and holds nothing that is needed.'
    expect(namesOf(uselessLogs(logs, 25n)), because(logs, rule, section)).toEqual(['log.1', 'log.b'])
  })

  test('a log that begins with the very transaction of the snapshot is enough', () => {
    const logs = [1, 11, 21].map(log)
    const rule = 'The snapshot is 21. log.15 begins there, so the one before it ends there.'
    expect(namesOf(uselessLogs(logs, 21n)), because(logs, rule, section)).toEqual(['log.1', 'log.b'])
  })

  test('the last log stays, however old it is', () => {
    const logs = [log(1)]
    const rule = 'Nobody knows where the last log ends. The server may be writing to it.'
    expect(uselessLogs(logs, 1000n), because(logs, rule, section)).toEqual([])
  })
})

describe('C. Make a plan', () => {
  test('snapshots go, and the logs that only they needed', () => {
    const logs = [1, 11, 21, 31, 41, 51].map(log)
    const plan = purgePlan(fiveSnapshots, logs, 3)
    const rule = 'Snapshots 30, 40 and 50 stay, and for 30 the log that begins at 21.'
    expect(
      { snapshots: namesOf(plan.snapshots), logs: namesOf(plan.logs) },
      because([...fiveSnapshots, ...logs], rule, 'In which order'),
    ).toEqual({ snapshots: ['snapshot.a', 'snapshot.14'], logs: ['log.1', 'log.b'] })
  })

  test('with too few snapshots the plan is empty', () => {
    const files = [snapshot(10), snapshot(20)]
    const logs = [1, 11, 21].map(log)
    const rule = 'Two complete snapshots are fewer than must stay.'
    expect(purgePlan(files, logs, 3), because([...files, ...logs], rule, 'Why three')).toEqual({
      snapshots: [],
      logs: [],
    })
  })
})

describe('D. Carry it out', () => {
  test('a purge removes what was planned, tells of it and leaves the rest', () => {
    const logs = [1, 11, 21, 31, 41, 51].map(log)
    const data = dataFolder(fiveSnapshots, namesOf(logs))
    const result = data.purge(3)
    const files = [...fiveSnapshots, ...logs]
    expect(result, because(files, 'Snapshots first, then logs; the oldest first.', 'In which order')).toEqual(
      {
        removed: [`${folder}/snapshot.a`, `${folder}/snapshot.14`, `${folder}/log.1`, `${folder}/log.b`],
      },
    )
    expect(data.names(), because(files, 'Everything else is still there.', 'In which order')).toEqual(
      ['log.15', 'log.1f', 'log.29', 'log.33', 'snapshot.1e', 'snapshot.28', 'snapshot.32'].sort(),
    )
  })

  test('a second purge finds nothing to do', () => {
    const data = dataFolder(fiveSnapshots, ['log.1', 'log.b', 'log.33'])
    data.purge(3)
    const rule = 'Nothing was added since the first.'
    expect(data.purge(3), because([], rule, 'In which order')).toEqual({ removed: [] })
  })

  test('files of another kind are left alone', () => {
    const others = ['acceptedEpoch', 'currentEpoch', 'log.1.bak', 'snapshot.1.gz', 'snapshot.old', 'log.51']
    const data = dataFolder(fiveSnapshots, others)
    data.purge(3)
    const rule = 'Only log.<zxid> and snapshot.<zxid> are ours.'
    expect(
      data.names().filter(name => others.includes(name)),
      because([], rule, 'A file that only looks like a snapshot'),
    ).toEqual([...others].sort())
  })
})
