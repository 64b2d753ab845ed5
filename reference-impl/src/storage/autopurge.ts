/**
 * A purge when the server starts, and one whenever so much time has passed.
 * Source: Apache's DatadirCleanupManager.
 */
import type { Clock, Millis, Timer } from '../world/world.ts'
import { type Purged, purge } from './purge.ts'
import type { Disks } from './recovery.ts'

/** `every`: 0 for never. One that takes longer than that delays the next. */
export interface AutopurgeOptions {
  every: Millis
  keep: number
}

export function autopurge(
  clock: Clock,
  disks: Disks,
  { every, keep }: AutopurgeOptions,
  report: (result: Purged) => void,
): { stop(): void } {
  if (every === 0) return { stop() {} }
  let isStopped = false
  let timer: Timer | null = null
  const turn = (): void => {
    const started = clock.now()
    purge(disks, keep, result => {
      report(result)
      waitUntil(started + every)
    })
  }
  // No timer of a system reaches a month ahead.
  const waitUntil = (due: Millis): void => {
    if (isStopped) return
    const left = due - clock.now()
    if (left <= longestWait) timer = clock.after(Math.max(0, left), turn)
    else timer = clock.after(longestWait, () => waitUntil(due))
  }
  waitUntil(clock.now())
  return {
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}

const longestWait = 24 * 3_600_000
