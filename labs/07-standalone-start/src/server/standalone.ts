/**
 * How a server that stands alone starts. The rule: each step stands on the one before. Nobody is let in before the tree
 * is whole and the disk fit to go on from, and nothing is thrown away before the server serves.
 *
 * Apache's server binds its port first and refuses to serve while it reads its files, and it begins to purge even before
 * that.
 * Source: Apache's ZooKeeperServerMain.runFromConfig, ZooKeeperServer.startdata and startup.
 */
import { Todo } from '../lib/todo.ts'
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
    throw new Todo('07 D: run the machine, and when all ports are bound say so and begin to purge')
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
    throw new Todo('07 E: end what has begun, and tell why, once')
  }

  function stop(done?: () => void): void {
    throw new Todo('07 E: end what has begun, whatever that is')
  }

  throw new Todo('07 D: make the folder fit to go on from, and only then listen')
  return { stop }
}

/** What the disks hold, and a machine that goes on where it ends: with its tree, its sessions, and the zxid after its last. */
function load(world: World, options: StartOptions): { files: Storage; machine: StandaloneMachine } {
  throw new Todo('07 D: recover, say what came of it, and build the machine on that')
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
