/**
 * A steady client in a simulated world, whose connection is cut at every one of its frames: before it has passed, in its
 * middle, and just behind it; and, where a story asks for that, for so long that the session is lost.
 */
import { type ConnectionState, retryForever } from '../../src/client/failure.ts'
import { type SteadyClient, steadyClient } from '../../src/client/steady.ts'
import { type ZooKeeper, zooKeeper } from '../../src/client/zookeeper.ts'
import {
  type Simulation,
  type SimulationOptions,
  simulatedWorld,
} from '../../src/world/simulated/simulated-world.ts'
import { inTime, serveStandalone } from '../server/in-simulation.ts'
import { type Cut, cutting } from './cut.ts'

/** The smallest that a server with ticks of a second grants is 2 s, and twice that the client gets. */
export const timeout = 4000

export interface Scene {
  simulation: Simulation
  /** Its connection is cut. */
  client: SteadyClient
  /** Nobody disturbs this one. */
  other: ZooKeeper
  states: ConnectionState[]
  frames(): number
  within<T>(promise: Promise<T>): Promise<T>
}

/** `gone`: for so long nothing reaches the client once it is cut off. */
export function scene(cut: Cut, gone = 0, options: Partial<SimulationOptions> = {}): Scene {
  const simulation = simulatedWorld({ seed: 'steady', ...options })
  serveStandalone(simulation.host('server'))
  const other = zooKeeper(simulation.host('other'), 'server')
  const world = simulation.host('client')
  const happened = (): void => {
    if (gone === 0) return
    simulation.partition(['server', 'other'], ['client'])
    simulation.host('watch').clock.after(gone, () => simulation.heal())
  }
  const { network, frames } = cutting(world.network, { ...cut, happened })
  const client = steadyClient({ ...world, network }, 'server', { timeout, retry: retryForever(100) })
  const states: ConnectionState[] = []
  client.onState(state => states.push(state))
  return { simulation, client, other, states, frames, within: promise => inTime(simulation, promise) }
}

/** Plays a story without a cut, and then with each frame of it cut in each place. `cuts` is how often that was noticed. */
export async function withEveryCut(
  play: (scene: Scene, cut: string) => Promise<void>,
  gone = 0,
): Promise<{ cuts: number }> {
  let cuts = 0
  const run = async (cut: Cut): Promise<number> => {
    const at = scene(cut, gone)
    const name = `cut ${cut.where} frame ${cut.nth}`
    try {
      await play(at, name)
      const frames = at.frames()
      await at.within(Promise.all([at.client.close(), at.other.close()]))
      if (at.states.includes('SUSPENDED')) cuts++
      return frames
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`, { cause: error })
    }
  }
  const frames = await run({ nth: 0, where: 'before' })
  for (const where of ['before', 'within', 'behind'] as const) {
    for (let nth = 1; nth <= frames; nth++) await run({ nth, where })
  }
  return { cuts }
}
