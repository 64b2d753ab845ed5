/** A server in a page: how it is started, and how simulated time goes by. */
import { answerWord } from '../../reference-impl/src/admin/four-letter.ts'
import { parseConfig } from '../../reference-impl/src/server/config.ts'
import { noMetrics } from '../../reference-impl/src/server/metrics.ts'
import { startStandalone } from '../../reference-impl/src/server/standalone.ts'
import type { Simulation } from '../../reference-impl/src/world/simulated/simulated-world.ts'
import type { Millis, World } from '../../reference-impl/src/world/world.ts'

/** A server that serves: the time that it takes to start has passed when this returns. */
export function startServer(simulation: Simulation, name: string): { world: World; stop(): void } {
  const world = simulation.host(name)
  const config = parseConfig('dataDir=/data\nclientPort=2181\ntickTime=1000\npreAllocSize=64')
  if ('errors' in config) throw new Error(config.errors.map(({ text }) => text).join('\n'))
  const started = startStandalone(world, {
    settings: config.settings,
    disks: { snapshots: world.disk, logs: world.disk },
    metrics: noMetrics(),
    answerWord,
    report: () => {},
    ready: () => {},
    failed: ({ error }) => {
      throw error
    },
  })
  simulation.run(simulation.now() + 1000)
  return { world, stop: () => started.stop() }
}

/** What is not over by then has been forgotten by somebody. */
const longest: Millis = 600_000

/** Resolves when every promise that can be settled is. */
export type LetGo = (() => Promise<void>) & { end(): void }

/** A timer would do, but browsers make timers wait. */
export function macrotasks(): LetGo {
  const { port1, port2 } = new MessageChannel()
  const next = () =>
    new Promise<void>(resolve => {
      port1.onmessage = () => resolve()
      port2.postMessage(null)
    })
  return Object.assign(next, { end: () => port1.close() })
}

/** Lets the world go on until the promise is settled: promises first, then time. Throws when that takes for ever. */
export async function inTime<T>(simulation: Simulation, promise: Promise<T>, letGo: LetGo): Promise<T> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  promise.then(settle, settle)
  await letGo()
  while (!isSettled && simulation.now() < longest && simulation.step()) await letGo()
  if (!isSettled) throw new Error('Something was left hanging for ten minutes.')
  return promise
}
