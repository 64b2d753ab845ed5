/**
 * Snapshots on a disk, written in the background: one piece, then everybody else's turn, then the next.
 * A snapshot that cannot be written is no danger, because the log has everything; so it is told of and given up.
 * Source: Apache's FileTxnSnapLog.save.
 */
import type { Clock, Disk } from '../world/world.ts'
import { fileName, folder } from './files.ts'
import { type SnapshotSource, snapshotWriter } from './snapshot.ts'

/** After so many bytes they are synced: at the end the disk should have little left to do at once. */
const syncEvery = 4 << 20

/** `error`: why there is no snapshot. */
export type SnapshotDone = (result: { file: string; bytes: number } | { file: string; error: Error }) => void

export function writeSnapshot(disk: Disk, clock: Clock, source: SnapshotSource, done: SnapshotDone): void {
  const file = `${folder}/${fileName('snapshot', source.zxid)}`
  const writer = snapshotWriter(source)
  let bytes = 0
  let unsynced = 0

  const step = (error?: Error): void => {
    if (error !== undefined) {
      // Half a snapshot is worth nothing, and its room may be what is missing.
      disk.remove(file, () => done({ file, error }))
      return
    }
    const piece = writer.next()
    if (piece === null) {
      disk.sync(file, failure => {
        if (failure === undefined) done({ file, bytes })
        else step(failure)
      })
    } else if (piece.length === 0) {
      clock.soon(step)
    } else {
      bytes += piece.length
      unsynced += piece.length
      disk.append(file, piece, failure => {
        if (failure !== undefined || unsynced < syncEvery) return void clock.soon(() => step(failure))
        unsynced = 0
        disk.sync(file, step)
      })
    }
  }

  // What a crash left unfinished under this name would stand in front.
  disk.remove(file, step)
}
