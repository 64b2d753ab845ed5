/** Starts a server where the code under test runs: what it counts, it counts in memory that it shares with nobody. */
import { answerWord } from '#lab/admin/four-letter.ts'
import { noMetrics } from '#lab/server/metrics.ts'
import { type Settings, table } from '#lab/server/settings.ts'
import { startStandalone } from '#lab/server/standalone.ts'
import type { Failure, StartEvent } from '#lab/server/start.ts'
import type { Disks } from '#lab/storage/recovery.ts'
import type { World } from '#lab/world/world.ts'

export interface Tell {
  report(event: StartEvent): void
  ready(port: number, lastZxid: bigint): void
  failed(during: Failure['during'], message: string): void
}

export interface Beside {
  stop(done?: () => void): void
  /** How often a summary was noted, and the least, the greatest and the sum of what was noted. */
  summary(name: string): { count: number; sum: number; max: number }
  rejected(): number
}

export function startBeside(world: World, disks: Disks, changes: Partial<Settings>, tell: Tell): Beside {
  const metrics = noMetrics()
  const started = startStandalone(world, {
    settings: settingsOf(changes),
    disks,
    metrics,
    answerWord,
    report: event => tell.report(event),
    ready: ({ addresses, recovered }) => tell.ready(addresses.client?.port ?? 0, recovered.lastZxid),
    failed: ({ during, error }) => tell.failed(during, error.message),
  })
  return {
    stop: done => started.stop(done),
    summary(name) {
      const { count, sum, max } = metrics.summaries[name as keyof typeof metrics.summaries]
      return { count, sum, max }
    },
    rejected: () => metrics.counters.connection_rejected,
  }
}

/** Settings as nobody gave them, but for these. */
function settingsOf(changes: Partial<Settings>): Settings {
  const settings: Record<string, unknown> = { dataDir: '/data', clientPort: 2181 }
  for (const row of table) {
    const { sets, usual } = row
    settings[sets] ??=
      typeof usual === 'function' ? usual(settings as unknown as Settings, () => false) : usual
  }
  // A second, so that what takes a tick is soon seen.
  const quick = { tickTime: 1000, minSessionTimeout: 2000, maxSessionTimeout: 40_000, preAllocSize: 4 }
  return { ...(settings as unknown as Settings), ...quick, ...changes }
}
