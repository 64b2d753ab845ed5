/** What a contract test stands on: one world, seen from here and from afar, and a way to let time pass in it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { nodeWorld } from '../../src/world/node/node-world.ts'
import { simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import type { World } from '../../src/world/world.ts'

export interface Ground {
  here: World
  /** Another machine on the same network, where there is more than one. */
  afar: World
  /** The name under which `afar` reaches `here`. */
  hostname: string
  /** Lets the world go on until the promise is settled. */
  until<T>(promise: Promise<T>): Promise<T>
  /** Cuts the power of `here` and starts it again, as far as this world can: it answers with the new life. */
  restart(): World
  dispose(): void
}

export const grounds: Record<string, () => Ground> = {
  'the node world': nodeGround,
  'the simulated world': () => simulatedGround(1),
}

function nodeGround(): Ground {
  const folder = mkdtempSync(path.join(tmpdir(), 'world-'))
  const world = nodeWorld({ folder })
  return {
    here: world,
    afar: world,
    hostname: '127.0.0.1',
    until: promise => promise,
    restart: () => nodeWorld({ folder }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function simulatedGround(seed: number): Ground {
  const simulation = simulatedWorld({ seed })
  return {
    here: simulation.host('here'),
    afar: simulation.host('afar'),
    hostname: 'here',
    async until(promise) {
      let settled = false
      const note = (): void => {
        settled = true
      }
      promise.then(note, note)
      for (;;) {
        // What waits for a promise goes first: virtual time must not run away from the test.
        await new Promise(setImmediate)
        if (settled) return promise
        if (!simulation.step()) throw new Error('nothing is left to happen, and the test still waits')
      }
    },
    restart() {
      simulation.crash('here')
      return simulation.host('here')
    },
    dispose() {},
  }
}
