/**
 * Snapshots on a disk, written in the background: a few pieces, then everybody else's turn, then the next.
 * A snapshot that cannot be written is no danger, because the log has everything; so it is told of and given up.
 * Source: Apache's FileTxnSnapLog.save.
 */
import type { Clock, Disk } from '../world/world.ts'
import { fileName, folder } from './files.ts'
import { type SnapshotSource, snapshotWriter } from './snapshot.ts'

/** After so many bytes they are synced: at the end the disk should have little left to do at once. */
const syncEvery = 4 << 20

/**
 * A piece takes a fraction of a millisecond, and a turn of a busy server several of them. What is ordered until the snapshot is
 * whole must be replayed by who goes on from the one before.
 */
const piecesATurn = 4

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
    let isWhole = false
    let waiting = 1
    let failure: Error | undefined
    const written = (error?: Error): void => {
      failure ??= error
      if (--waiting > 0) return
      if (failure !== undefined) step(failure)
      else if (isWhole) disk.sync(file, error => (error === undefined ? done({ file, bytes }) : step(error)))
      else if (unsynced < syncEvery) clock.soon(step)
      else {
        unsynced = 0
        disk.sync(file, step)
      }
    }
    for (let count = 0; count < piecesATurn && !isWhole; count++) {
      const piece = writer.next()
      if (piece === null) isWhole = true
      else if (piece.length > 0) {
        bytes += piece.length
        unsynced += piece.length
        waiting++
        disk.append(file, piece, written)
      }
    }
    written()
  }

  // What a crash left unfinished under this name would stand in front.
  disk.remove(file, step)
}
