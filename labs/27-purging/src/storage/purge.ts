/**
 * What a disk may forget. Snapshots and logs pile up, one beside the other, for as long as nobody takes them away.
 *
 * The rule: at every moment, each whole snapshot that is still there has all the log behind it. So what is left in the
 * middle of a purge, when the power goes, is as good to start from as what it began with. What is not surely useless
 * stays: a file too many costs room, a file too few costs the database.
 * Source: Apache's PurgeTxnLog.
 */
import { Todo } from '../lib/todo.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Disk } from '../world/world.ts'
import { filesOf, folder, type StoredFile } from './files.ts'
import type { Disks } from './recovery.ts'
import { looksComplete } from './snapshot.ts'

/** One snapshot may turn out to be damaged, and so may the next: nobody keeps fewer. */
export const fewestKept = 3

export interface FoundSnapshot extends StoredFile {
  /** Was it written to its end? Of a server that is running, the newest may be half written. */
  isComplete: boolean
}

/** What happened: the paths that are gone, in their order, and what prevented the rest. */
export interface Purged {
  removed: string[]
  error?: Error
}

/** Reads off a disk which snapshots there are, and of each whether it is complete: a look at its end will do. */
export function foundSnapshots(disk: Disk): FoundSnapshot[] {
  throw new Todo('27 A: look at the end of each snapshot')
}

/**
 * The zxid of the oldest snapshot that must stay, so that `keep` complete ones do, and never fewer than `fewestKept`.
 * Null when there are not so many: then nothing may go. Snapshots come the oldest first.
 */
export function oldestKept(snapshots: readonly FoundSnapshot[], keep: number): Zxid | null {
  throw new Todo('27 A: find the oldest snapshot that stays')
}

/** The snapshots that are older than `oldest`, complete or not. */
export function uselessSnapshots(snapshots: readonly StoredFile[], oldest: Zxid): StoredFile[] {
  throw new Todo('27 A: choose the snapshots that go')
}

/**
 * The logs that hold nothing after `oldest`. A log is named after its first transaction and does not say which is its
 * last: all that is known is that it ends before the next one begins. Logs come the oldest first.
 */
export function uselessLogs(logs: readonly StoredFile[], oldest: Zxid): StoredFile[] {
  throw new Todo('27 B: choose the logs that go')
}

/**
 * What goes, in the order in which it must go: no snapshot that is still there may lack a log that it goes on from. So
 * snapshots go before logs, and of each kind the oldest first: what is left has no gap.
 */
export function purgePlan(
  snapshots: readonly FoundSnapshot[],
  logs: readonly StoredFile[],
  keep: number,
): { snapshots: StoredFile[]; logs: StoredFile[] } {
  throw new Todo('27 C: plan a purge')
}

/**
 * Carries a purge out, one file after the other. The first that cannot be removed ends it: those behind it in the plan
 * may go only when it is gone. `done` is called once, and never from inside this call when there was something to do.
 */
export function purge(disks: Disks, keep: number, done: (result: Purged) => void): void {
  throw new Todo('27 D: carry a purge out')
}
