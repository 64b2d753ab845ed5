/** What a server makes of a folder that was purged, whole or in part. */
import { describe, expect, test } from 'vitest'
import { emptyTree, walk } from '#lab/state/data-tree.ts'
import { fileName, folder } from '#lab/storage/files.ts'
import { purge } from '#lab/storage/purge.ts'
import { type Disks, recover } from '#lab/storage/recovery.ts'
import { snapshotWriter } from '#lab/storage/snapshot.ts'
import { entryLength, headLength, logHead, putEntry } from '#lab/storage/txn-log.ts'
import { juteWriter } from '#lab/wire/jute.ts'
import { errorTxn, writeTxn } from '#lab/wire/txn.ts'
import type { Zxid } from '#lab/wire/zxid.ts'
import { type Simulation, simulatedWorld } from '#lab/world/simulated/simulated-world.ts'
import type { Disk } from '#lab/world/world.ts'

/** Snapshots were begun while the log went on: none stands exactly between two files. */
const snapshots = [0n, 4n, 9n, 14n, 19n, 24n]
const logs: [first: Zxid, last: Zxid][] = [
  [1n, 5n],
  [6n, 9n],
  [10n, 16n],
  [17n, 20n],
  [21n, 26n],
]
const newest = 26n

describe('D. Carry it out', () => {
  test('wherever the power goes during a purge, every snapshot that is left has its log', () => {
    for (let steps = 0; steps < 200; steps++) {
      const { simulation, disk } = filled()
      let isDone = false
      purge({ snapshots: disk, logs: disk }, 3, () => {
        isDone = true
      })
      for (let step = 0; step < steps && simulation.step(); step++);
      simulation.crash('server')
      const survivor = simulation.host('server').disk
      for (let damaged = 0; ; damaged++) {
        const left = complete(survivor)
        const shown = `after ${steps} events; left are ${survivor.list(folder).join(', ')}; the newest ${damaged} snapshots turn out to be damaged`
        expect(left.length, shown).toBeGreaterThan(2)
        if (damaged === left.length) break
        const view = without(survivor, left.slice(left.length - damaged))
        expect(reached({ snapshots: view, logs: view }), shown).toBe(newest)
      }
      if (isDone) return
    }
    expect.unreachable('the purge should have ended')
  })
})

describe('C. Make a plan', () => {
  test('what is left after a purge is enough to start from, and three snapshots are among it', () => {
    const { simulation, disk } = filled()
    purge({ snapshots: disk, logs: disk }, 3, () => {})
    while (simulation.step());
    expect(disk.list(folder)).toEqual([
      'log.11',
      'log.15',
      'log.a',
      'snapshot.13',
      'snapshot.18',
      'snapshot.e',
    ])
    expect(reached({ snapshots: disk, logs: disk })).toBe(newest)
  })
})

function filled(): { simulation: Simulation; disk: Disk } {
  const simulation = simulatedWorld({ seed: 1 })
  const { disk } = simulation.host('server')
  const put = (name: string, bytes: Uint8Array): void => {
    disk.append(`${folder}/${name}`, bytes, () => {})
    disk.sync(`${folder}/${name}`, () => {})
  }
  for (const zxid of snapshots) put(fileName('snapshot', zxid), snapshotAt(zxid))
  for (const [first, last] of logs) put(fileName('log', first), logOf(first, last))
  while (simulation.step());
  return { simulation, disk }
}

function snapshotAt(zxid: Zxid): Uint8Array {
  const tree = emptyTree()
  const writer = snapshotWriter({ zxid, sessions: new Map(), nodes: () => walk(tree) })
  const bytes: number[] = []
  for (let piece = writer.next(); piece !== null; piece = writer.next()) bytes.push(...piece)
  return new Uint8Array(bytes)
}

/** Transactions that change nothing: a request was refused, and that was written down. */
function logOf(first: Zxid, last: Zxid): Uint8Array {
  const bytes = new Uint8Array(4096)
  bytes.set(logHead())
  let at = headLength
  for (let zxid = first; zxid <= last; zxid++) {
    const out = juteWriter()
    writeTxn(out, { clientId: 1n, cxid: 1, zxid, time: 0n, type: -1 }, errorTxn(-101))
    at = putEntry(bytes, at, out.bytes())
  }
  return bytes.subarray(0, at + entryLength(new Uint8Array(0)))
}

function complete(disk: Disk): string[] {
  return disk
    .list(folder)
    .filter(name => name.startsWith('snapshot.'))
    .sort((a, b) => Number.parseInt(a.slice(9), 16) - Number.parseInt(b.slice(9), 16))
}

/** The same disk, on which these files cannot be read to their end. */
function without(disk: Disk, names: readonly string[]): Disk {
  return {
    ...disk,
    read(path, offset, length) {
      const bytes = disk.read(path, offset, length)
      return bytes !== null && names.some(name => path.endsWith(`/${name}`)) ? bytes.fill(7) : bytes
    },
  }
}

/** How far a server comes that starts from these disks, or what it says when it does not start. */
function reached(disks: Disks): Zxid | string {
  try {
    return recover(disks, { trustEmpty: false, maxEntry: 1 << 20 }).lastZxid
  } catch (error) {
    return (error as Error).message
  }
}
