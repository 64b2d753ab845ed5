/**
 * How a server that stands alone starts. The rule: each step stands on the one before. Nobody is let in before the tree
 * is whole and the disk fit to go on from, and nothing is thrown away before the server serves.
 *
 * Apache's server binds its port first and refuses to serve while it reads its files, and it begins to purge even before
 * that.
 * Source: Apache's ZooKeeperServerMain.runFromConfig, ZooKeeperServer.startdata and startup.
 */
import { autopurge } from '../storage/autopurge.ts'
import { type Storage, storage } from '../storage/storage.ts'
import { type Driver, drive, type Log } from '../world/driver.ts'
import type { Clock, World } from '../world/world.ts'
import { note, type Summary } from './metrics.ts'
import { portsOf } from './ports.ts'
import { storageOptions } from './settings.ts'
import { type StandaloneMachine, standaloneMachine } from './standalone-machine.ts'
import type { Failure, StartEvent, Started, StartOptions } from './start.ts'

/** Throws a StorageError, and has changed nothing, when the files cannot be the whole truth. */
export function startStandalone(world: World, options: StartOptions): Started {
  const { settings, disks, metrics } = options
  const { files, machine } = load(world, { ...options, report: counted })
  let driver: Driver | null = null
  let purging: { stop(): void } | null = null
  let isOver = false

  /** From here on clients may come. */
  function listen(): void {
    // #region lab 07: D. run the machine, and when all ports are bound say so and begin to purge
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
    // #endregion
  }

  function counted(event: StartEvent): void {
    const { counters } = metrics
    if (event.type === 'slow sync') metrics.slowSyncs++
    if (event.type === 'refused') {
      if (event.because === 'handshake') counters.unsuccessful_handshake++
      else if (event.because === 'crowd') counters.tls_handshake_exceeded++
      else counters.connection_rejected++
    }
    options.report(event)
  }

  function fail(failure: Failure): void {
    // #region lab 07: E. end what has begun, and tell why, once
    if (isOver) return
    stop()
    options.failed(failure)
    // #endregion
  }

  function stop(done?: () => void): void {
    // #region lab 07: E. end what has begun, whatever that is
    isOver = true
    purging?.stop()
    if (driver !== null) driver.stop(done)
    else if (done !== undefined) world.clock.soon(done)
    // #endregion
  }

  // #region lab 07: D. make the folder fit to go on from, and only then listen
  files.open(
    () => machine.snapshotSource(),
    error => {
      if (isOver) return
      if (error === undefined) listen()
      else fail({ during: 'opening', error })
    },
  )
  // #endregion
  return { stop }
}

/** What the disks hold, and a machine that goes on where it ends: with its tree, its sessions, and the zxid after its last. */
function load(world: World, options: StartOptions): { files: Storage; machine: StandaloneMachine } {
  // #region lab 07: D. recover, say what came of it, and build the machine on that
  const { settings, disks, metrics, report } = options
  const started = world.clock.now()
  const files = storage(world, disks, storageOptions(settings), event => {
    if (event.type === 'snapshot taken') note(metrics.summaries.snapshottime, Math.round(event.took))
    report(event)
  })
  const { recovered } = files
  note(metrics.summaries.dbinittime, Math.round(world.clock.now() - started))
  note(metrics.summaries.startup_txns_loaded, recovered.replayed)
  for (const what of recovered.passedOver) report({ type: 'passed over', what })
  return { files, machine: standaloneMachine({ ...options, recovered }) }
  // #endregion
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
