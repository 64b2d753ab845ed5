/**
 * All that a server keeps on disk: what it recovers when it starts, the log that its promises wait for, and a snapshot
 * now and then, so that the next start is short.
 * Source: Apache's ZooKeeperServer.loadData and SyncRequestProcessor.
 */
import type { Log } from '../world/driver.ts'
import type { Disk, Done, Millis, World } from '../world/world.ts'
import { LogFiles } from './log-files.ts'
import { type Disks, marker, type Recovered, type RecoveryRules, recover } from './recovery.ts'
import type { SnapshotSource } from './snapshot.ts'
import { type SnapshotDone, writeSnapshot } from './snapshot-files.ts'

export interface StorageOptions extends RecoveryRules {
  /** A snapshot is taken after this many transactions, or a little more than half of them: servers of an ensemble should not all do it at once. */
  snapCount: number
  /** The same for the bytes of the log; 0: whatever they are. */
  snapSizeLimit: number
  preAllocSize: number
  txnLogSizeLimit: number
  forceSync: boolean
  slowSync: Millis
}

export type StorageEvent =
  | { type: 'snapshot taken'; file: string; bytes: number; took: Millis }
  | { type: 'snapshot failed'; file: string; error: Error }
  | { type: 'slow sync'; file: string; took: Millis }
  /** Once, at the start: the tree is not what the files say that it was. */
  | { type: 'digest mismatch'; what: string; count: number }

export interface Storage {
  recovered: Recovered
  /** For the driver of the server. */
  log: Log
  /**
   * Makes the folder fit to go on from: what was replayed is made durable, and a log needs a snapshot to stand on. `source` says what a snapshot is taken of, now
   * and later. Nothing may be appended before `ready`.
   */
  open(source: () => SnapshotSource, ready: Done): void
  /** The server serves: what the log held is put into a snapshot, so that the next start need not replay it again. */
  serving(): void
}

/** Recovers. Throws a StorageError when there is something that cannot be the whole truth. */
export function storage(
  world: Pick<World, 'clock' | 'random'>,
  disks: Disks,
  options: StorageOptions,
  report: (event: StorageEvent) => void,
): Storage {
  const { clock, random } = world
  const recovered = recover(disks, { ...options, secret: random.bytes(8) })
  const { mismatch, mismatches: count } = recovered
  if (mismatch !== null) report({ type: 'digest mismatch', what: mismatch, count })
  const log = new LogFiles(disks.logs, clock, {
    preAllocSize: options.preAllocSize,
    forceSync: options.forceSync,
    sizeLimit: options.txnLogSizeLimit,
    slowSync: options.slowSync,
    tellSlow: (file, took) => report({ type: 'slow sync', file, took }),
  })
  let source: () => SnapshotSource
  let isTaking = false
  let recordsLeft = halfAndSome(options.snapCount)
  let bytesLeft = halfAndSome(options.snapSizeLimit)

  function halfAndSome(limit: number): number {
    const half = Math.floor(limit / 2)
    return half + (half > 0 ? random.below(half) : 0)
  }

  function take(done: SnapshotDone): void {
    isTaking = true
    const started = clock.now()
    writeSnapshot(disks.snapshots, clock, source(), result => {
      isTaking = false
      if ('error' in result) report({ type: 'snapshot failed', ...result })
      else report({ type: 'snapshot taken', ...result, took: clock.now() - started })
      done(result)
    })
  }

  function isDue(): boolean {
    if (log.records > recordsLeft) return true
    return options.snapSizeLimit > 0 && log.bytes > bytesLeft
  }

  return {
    recovered,
    log: {
      append: record => log.append(record),
      sync(done) {
        if (isDue()) {
          log.roll()
          recordsLeft = halfAndSome(options.snapCount)
          bytesLeft = halfAndSome(options.snapSizeLimit)
          if (!isTaking) take(() => {})
        }
        log.sync(done)
      },
    },
    open(from, ready) {
      source = from
      settle(disks.logs, recovered.logs, error => {
        if (error !== undefined) ready(error)
        else if (recovered.snapshotZxid !== null) clock.soon(ready)
        else take(result => ('error' in result ? ready(result.error) : disks.snapshots.remove(marker, ready)))
      })
    },
    serving() {
      if (recovered.replayed > 0 && recovered.snapshotZxid !== null && !isTaking) take(() => {})
    },
  }
}

/**
 * Makes what was replayed durable. A server that was killed may have written what it never synced. We have read it, so
 * it is history now, and what we write will stand on it: a loss of power must not take it from under that.
 */
function settle(disk: Disk, logs: readonly string[], done: Done): void {
  const next = (at: number): void => {
    if (at === logs.length) done()
    else disk.sync(logs[at]!, error => (error === undefined ? next(at + 1) : done(error)))
  }
  next(0)
}
