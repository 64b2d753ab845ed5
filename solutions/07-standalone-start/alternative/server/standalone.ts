/** Another way: a life with stages, each of which knows what ends it. */
import { autopurge } from '../storage/autopurge.ts'
import { type Storage, storage } from '../storage/storage.ts'
import { drive, type Log } from '../world/driver.ts'
import type { World } from '../world/world.ts'
import { note } from './metrics.ts'
import { portsOf } from './ports.ts'
import { storageOptions } from './settings.ts'
import { type StandaloneMachine, standaloneMachine } from './standalone-machine.ts'
import type { Failure, Started, StartOptions } from './start.ts'

export function startStandalone(world: World, options: StartOptions): Started {
  const life = new Life(world, options)
  life.open()
  return { stop: done => life.end(done) }
}

class Life {
  readonly #world: World
  readonly #options: StartOptions
  readonly #files: Storage
  readonly #machine: StandaloneMachine
  /** What ends what has begun; the last one calls back when it is over. */
  readonly #ends: ((done: () => void) => void)[] = []
  #isOver = false

  constructor(world: World, options: StartOptions) {
    this.#world = world
    this.#options = options
    const { disks, settings, metrics } = options
    const begun = world.clock.now()
    this.#files = storage(world, disks, storageOptions(settings), event => {
      options.report(event)
      if (event.type === 'snapshot taken') note(metrics.summaries.snapshottime, Math.round(event.took))
    })
    const { recovered } = this.#files
    note(metrics.summaries.startup_txns_loaded, recovered.replayed)
    note(metrics.summaries.dbinittime, Math.round(world.clock.now() - begun))
    recovered.passedOver.map(what => options.report({ type: 'passed over', what }))
    this.#machine = standaloneMachine({ ...options, recovered })
  }

  open(): void {
    this.#files.open(
      () => this.#machine.snapshotSource(),
      error => {
        if (error !== undefined) this.#fail({ during: 'opening', error })
        else if (!this.#isOver) this.#listen()
      },
    )
  }

  #listen(): void {
    const { settings, metrics, report } = this.#options
    const driver = drive(this.#world, {
      machine: this.#machine,
      tickEvery: Math.max(1, Math.floor(settings.tickTime / 2)),
      listen: portsOf(settings, this.#options.keys ?? null),
      log: this.#measured(),
      report: event => {
        if (event.type === 'refused') metrics.counters.connection_rejected++
        report(event)
      },
      failed: error => this.#fail({ during: 'serving', error }),
      ready: result => {
        if ('addresses' in result) this.#serve(result.addresses)
        else this.#fail({ during: 'listening', error: result.error, port: result.port })
      },
    })
    this.#ends.push(done => driver.stop(done))
  }

  #serve(addresses: Record<string, { host: string; port: number }>): void {
    if (this.#isOver) return
    const { settings, disks, report, ready } = this.#options
    const rule = { every: settings.purgeInterval, keep: settings.snapRetainCount }
    const purging = autopurge(this.#world.clock, disks, rule, purged => report({ type: 'purged', ...purged }))
    this.#ends.push(done => {
      purging.stop()
      done()
    })
    this.#files.serving()
    ready({ addresses, recovered: this.#files.recovered, machine: this.#machine })
  }

  #fail(failure: Failure): void {
    if (this.#isOver) return
    this.end()
    this.#options.failed(failure)
  }

  end(done: () => void = () => {}): void {
    this.#isOver = true
    const ends = this.#ends.splice(0)
    const next = (): void => {
      const one = ends.pop()
      if (one === undefined) this.#world.clock.soon(done)
      else one(next)
    }
    next()
  }

  #measured(): Log {
    const { log } = this.#files
    const { clock } = this.#world
    const { fsynctime } = this.#options.metrics.summaries
    return {
      append: record => log.append(record),
      sync: done => {
        const begun = clock.now()
        log.sync(error => {
          note(fsynctime, Math.round(clock.now() - begun))
          done(error)
        })
      },
    }
  }
}
