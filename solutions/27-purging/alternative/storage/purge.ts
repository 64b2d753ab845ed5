/** The same rules, found by walking back from the newest file. */
import type { Zxid } from '../wire/zxid.ts'
import type { Disk } from '../world/world.ts'
import { folder, type StoredFile, zxidOf } from './files.ts'
import type { Disks } from './recovery.ts'
import { looksComplete } from './snapshot.ts'

export const fewestKept = 3

export interface FoundSnapshot extends StoredFile {
  isComplete: boolean
}

export interface Purged {
  removed: string[]
  error?: Error
}

export function foundSnapshots(disk: Disk): FoundSnapshot[] {
  const found: FoundSnapshot[] = []
  for (const { name, zxid } of sorted(disk, 'snapshot')) {
    const path = `${folder}/${name}`
    const size = disk.size(path)
    const isComplete =
      size !== null && size >= 5 && looksComplete(disk.read(path, size - 5, 5) ?? new Uint8Array(0))
    found.push({ name, zxid, isComplete })
  }
  return found
}

export function oldestKept(snapshots: readonly FoundSnapshot[], keep: number): Zxid | null {
  let left = keep < fewestKept ? fewestKept : keep
  for (let at = snapshots.length - 1; at >= 0; at--) {
    const { isComplete, zxid } = snapshots[at]!
    if (isComplete) left--
    if (left === 0) return zxid
  }
  return null
}

export function uselessSnapshots(snapshots: readonly StoredFile[], oldest: Zxid): StoredFile[] {
  const first = snapshots.findIndex(({ zxid }) => zxid >= oldest)
  return snapshots.slice(0, first === -1 ? snapshots.length : first)
}

export function uselessLogs(logs: readonly StoredFile[], oldest: Zxid): StoredFile[] {
  return logs.slice(
    0,
    Math.max(
      0,
      logs.findLastIndex(({ zxid }) => zxid <= oldest),
    ),
  )
}

export function purgePlan(
  snapshots: readonly FoundSnapshot[],
  logs: readonly StoredFile[],
  keep: number,
): { snapshots: StoredFile[]; logs: StoredFile[] } {
  const oldest = oldestKept(snapshots, keep)
  const plan = { snapshots: [] as StoredFile[], logs: [] as StoredFile[] }
  if (oldest !== null) {
    plan.snapshots = uselessSnapshots(snapshots, oldest)
    plan.logs = uselessLogs(logs, oldest)
  }
  return plan
}

export function purge(disks: Disks, keep: number, done: (result: Purged) => void): void {
  const plan = purgePlan(foundSnapshots(disks.snapshots), sorted(disks.logs, 'log'), keep)
  const removed: string[] = []
  removeAll(disks.snapshots, [...plan.snapshots], removed, error => {
    if (error !== undefined) done({ removed, error })
    else {
      removeAll(disks.logs, [...plan.logs], removed, error => {
        done(error === undefined ? { removed } : { removed, error })
      })
    }
  })
}

function removeAll(
  disk: Disk,
  files: StoredFile[],
  removed: string[],
  done: (error: Error | undefined) => void,
): void {
  const file = files.shift()
  if (file === undefined) return void done(undefined)
  const path = `${folder}/${file.name}`
  disk.remove(path, error => {
    if (error !== undefined) return void done(error)
    removed.push(path)
    removeAll(disk, files, removed, done)
  })
}

function sorted(disk: Disk, kind: 'log' | 'snapshot'): StoredFile[] {
  const files: StoredFile[] = []
  for (const name of disk.list(folder)) {
    const zxid = zxidOf(kind, name)
    if (zxid !== null) files.push({ name, zxid })
  }
  return files.sort((a, b) => (a.zxid < b.zxid ? -1 : 1))
}
