/**
 * How a server that stands alone starts. The rule: each step stands on the one before. Nobody is let in before the tree
 * is whole and the disk fit to go on from, and nothing is thrown away before the server serves.
 *
 * Apache's server binds its port first and answers "not currently serving requests" while it reads its files; it begins
 * to purge even before that.
 * Source: Apache's ZooKeeperServerMain.runFromConfig, ZooKeeperServer.startdata and startup.
 */
import { autopurge } from '../storage/autopurge.ts'
import { type Storage, storage } from '../storage/storage.ts'
import { type Driver, drive, type Log } from '../world/driver.ts'
import type { Clock, World } from '../world/world.ts'
import { note, type Summary } from './metrics.ts'
import { portsOf } from './ports.ts'
import { storageOptions } from './settings.ts'
import { standaloneMachine } from './standalone-machine.ts'
import type { Failure, StartEvent, Started, StartOptions } from './start.ts'

/** Throws a StorageError, and has changed nothing, when the files cannot be the whole truth. */
export function startStandalone(world: World, options: StartOptions): Started {
  const { settings, disks, metrics } = options
  const files = load(world, options)
  const machine = standaloneMachine({ ...options, recovered: files.recovered })
  let driver: Driver | null = null
  let purging: { stop(): void } | null = null
  let isOver = false

  function listen(): void {
    driver = drive(world, {
      machine,
      // Sessions expire by whole ticks, so half a tick is as late as one may notice.
      tickEvery: Math.ceil(settings.tickTime / 2),
      listen: portsOf(settings, options.keys ?? null),
      log: timed(files.log, world.clock, metrics.summaries.fsynctime),
      report: counted,
      failed: error => fail({ during: 'serving', error }),
      ready(result) {
        if (isOver) return
        if ('error' in result) return fail({ during: 'listening', ...result })
        files.serving()
        const { purgeInterval: every, snapRetainCount: keep } = settings
        purging = autopurge(world.clock, disks, { every, keep }, purged =>
          options.report({ type: 'purged', ...purged }),
        )
        options.ready({ addresses: result.addresses, recovered: files.recovered, machine })
      },
    })
  }

  function counted(event: StartEvent): void {
    if (event.type === 'refused') metrics.counters.connection_rejected++
    options.report(event)
  }

  function fail(failure: Failure): void {
    if (isOver) return
    end()
    options.failed(failure)
  }

  function end(done?: () => void): void {
    isOver = true
    purging?.stop()
    if (driver !== null) driver.stop(done)
    else if (done !== undefined) world.clock.soon(done)
  }

  files.open(
    () => machine.snapshotSource(),
    error => {
      if (isOver) return
      if (error === undefined) listen()
      else fail({ during: 'opening', error })
    },
  )
  return { stop: end }
}

/** Reads what the disks hold, and notes how long that took. */
function load({ clock, random }: World, { disks, settings, metrics, report }: StartOptions): Storage {
  const started = clock.now()
  const files = storage({ clock, random }, disks, storageOptions(settings), event => {
    if (event.type === 'snapshot taken') note(metrics.summaries.snapshottime, Math.round(event.took))
    report(event)
  })
  note(metrics.summaries.dbinittime, Math.round(clock.now() - started))
  note(metrics.summaries.startup_txns_loaded, files.recovered.replayed)
  for (const what of files.recovered.passedOver) report({ type: 'passed over', what })
  return files
}

/** The same log; notes how long each sync takes. */
function timed(log: Log, clock: Clock, times: Summary): Log {
  return {
    append: record => log.append(record),
    sync(done) {
      const started = clock.now()
      log.sync(error => {
        note(times, Math.round(clock.now() - started))
        done(error)
      })
    },
  }
}
