/** Processes for test files, started before they are wanted: half of a warm run's time is a process starting. */
import type { PoolOptions, PoolRunnerInitializer, PoolWorker } from 'vitest/node'

export interface SpareWorkers {
  pool: PoolRunnerInitializer
  /** Starts processes until so many wait for work. The first run must have been: it says what they are started with. */
  refill(count: number): void
  close(): Promise<void>
}

export async function spareWorkers(): Promise<SpareWorkers> {
  const { ForksPoolWorker } = await import('vitest/node')

  class Spare extends ForksPoolWorker {
    #started: Promise<void> | undefined

    override start(): Promise<void> {
      this.#started ??= super.start()
      return this.#started
    }
  }

  const spares: PoolWorker[] = []
  let options: PoolOptions | undefined
  return {
    pool: {
      name: 'spare-forks',
      createPoolWorker(wanted) {
        options = wanted
        return spares.shift() ?? new Spare(wanted)
      },
    },
    refill(count) {
      while (options && spares.length < count) {
        const spare = new Spare(options)
        spares.push(spare)
        void spare.start()
      }
    },
    async close() {
      await Promise.all(spares.map(spare => spare.stop()))
    },
  }
}
