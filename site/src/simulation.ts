/** How a page lets simulated time go by. */
import type { Simulation } from '../../reference-impl/src/world/simulated/simulated-world.ts'

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

/** Lets the world go on until the promise is settled: promises first, then time. */
export async function inTime<T>(simulation: Simulation, promise: Promise<T>, letGo: LetGo): Promise<T> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  promise.then(settle, settle)
  await letGo()
  while (!isSettled && simulation.step()) await letGo()
  return promise
}
