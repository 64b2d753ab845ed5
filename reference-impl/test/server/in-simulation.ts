/** A standalone server in a simulated world, and a way to wait there for promises. */
import { answerWord } from '../../src/admin/four-letter.ts'
import { parseConfig } from '../../src/server/config.ts'
import { clientCodec } from '../../src/server/connection.ts'
import type { Settings } from '../../src/server/settings.ts'
import { standaloneMachine } from '../../src/server/standalone-machine.ts'
import { emptyTree } from '../../src/state/data-tree.ts'
import { drive } from '../../src/world/driver.ts'
import type { Simulation } from '../../src/world/simulated/simulated-world.ts'
import type { World } from '../../src/world/world.ts'

export const port = 2181

/**
 * Ticks are a second; `lines` are more of its settings. `expired` is called with each session that it gives up. `users`
 * may log in by SASL, with these passwords.
 */
export function serveStandalone(
  world: World,
  lines: readonly string[] = [],
  expired?: () => void,
  users?: Record<string, string>,
): void {
  const settings = settingsOf(lines)
  const machine = standaloneMachine({
    settings,
    answerWord,
    recovered: { tree: emptyTree(), sessions: new Map(), lastZxid: 0n },
    ...(users === undefined
      ? {}
      : {
          sasl: {
            passwords: new Map(Object.entries(users)),
            random: (count: number) => world.random.bytes(count),
          },
        }),
    report: ({ type }) => {
      if (type === 'expired') expired?.()
    },
  })
  const listen = {
    client: { address: { host: '0.0.0.0', port }, codec: () => clientCodec(settings.maxBuffer) },
  }
  drive(world, { machine, tickEvery: 500, listen })
}

/** As of a `zoo.cfg` with these lines. */
export function settingsOf(lines: readonly string[]): Settings {
  const config = parseConfig(['dataDir=/data', `clientPort=${port}`, 'tickTime=1000', ...lines].join('\n'))
  if ('errors' in config) throw new Error(config.errors.map(({ text }) => text).join('\n'))
  return config.settings
}

/** Lets promises come true, as far as they can without anything new from the world: one hop after the other. */
async function promises(): Promise<void> {
  for (let hop = 0; hop < longestChain; hop++) await undefined
}

/** More than any chain of promises here has; one that were longer would go on with the next event. */
const longestChain = 64

/** Lets the world go on until the promise is settled: promises first, then time. */
export async function inTime<T>(simulation: Simulation, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  promise.then(settle, settle)
  await promises()
  const end = simulation.now() + 300_000
  let steps = 0
  while (!isSettled && simulation.now() < end && steps++ < mostSteps && simulation.step()) await promises()
  if (!isSettled && steps > mostSteps)
    throw new Error(`${mostSteps} things have happened, and it goes on and on`)
  if (!isSettled) throw new Error('something was left hanging for five minutes')
  return promise
}

/** Far more than happens in five minutes in which clients wait; who asks in a ring comes here in a moment. */
const mostSteps = 50_000

/** Lets so many milliseconds pass, and promises come true meanwhile. */
export async function pass(simulation: Simulation, millis: number): Promise<void> {
  const end = simulation.now() + millis
  while (simulation.now() < end) {
    simulation.run(Math.min(end, simulation.now() + 10))
    await promises()
  }
}
