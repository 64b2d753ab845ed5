/**
 * A world made from a seed: hosts with clocks, dice and disks of their own on one network, in virtual time. What can
 * go wrong is data, and the same seed goes wrong the same way: two runs are the same when their traces hash alike.
 *
 * Nothing here waits. `step` lets the next thing happen and `run` a stretch of time; between two things no time passes.
 */
import { prng } from '../../lib/prng.ts'
import type { Millis, World } from '../world.ts'
import { type DiskFaults, SimulatedDisk } from './simulated-disk.ts'
import type { NetworkFaults } from './simulated-link.ts'
import { SimulatedNetwork } from './simulated-network.ts'
import { type Power, Timeline } from './timeline.ts'

export interface SimulationOptions {
  seed: number | string
  /** What may go wrong besides delay and odd chunks, which are no faults but the way of the world. */
  faults?: { network?: Partial<NetworkFaults>; disk?: Partial<DiskFaults> }
  /** Keeps the trace line by line, to be read. */
  keepTrace?: boolean
}

export interface Simulation {
  /** A machine on the network, with its own clock, dice and disk; the network knows it by its name. Started at once. */
  host(name: string): World
  now(): Millis
  /** Lets the next event happen; false when nothing is left that could. */
  step(): boolean
  /** Lets everything happen that is due until then, and puts the clock there. */
  run(until: Millis): void
  /**
   * The power goes: none of the host's callbacks is called any more, its peers may or may not notice, and on its disk
   * what was not synced is lost, or torn. `host` starts it again, over what the disk still has.
   */
  crash(name: string): void
  /** Nothing passes between hosts of different groups until `heal`; a host in no group stands alone. */
  partition(...groups: string[][]): void
  heal(): void
  trace: { hash(): string; lines: readonly string[] | null }
}

/** Any moment would do; a round one is easy to recognise in a dump. */
const wallStart = Date.UTC(2024, 0, 1)

export function simulatedWorld({ seed, faults, keepTrace = false }: SimulationOptions): Simulation {
  const timeline = new Timeline({ keepLines: keepTrace })
  const dice = prng(seed)
  const network = new SimulatedNetwork(timeline, dice.fork('network'), faults?.network ?? {})
  const hosts = new Map<string, Host>()

  function host(name: string): World {
    let found = hosts.get(name)
    if (found === undefined) {
      const disk = new SimulatedDisk(timeline, dice.fork(`disk of ${name}`), name, faults?.disk ?? {})
      found = { disk, world: null, power: { on: false }, starts: 0 }
      hosts.set(name, found)
    }
    found.world ??= start(name, found)
    return found.world
  }

  function start(name: string, host: Host): World {
    host.starts++
    timeline.tell(`${name} starts`)
    // Each start has its own switch: a callback of an earlier life must not wake in a later one.
    const power: Power = { on: true }
    host.power = power
    const whileOn = (fire: () => void) => () => {
      if (power.on) fire()
    }
    const own = dice.fork(`${name}, start ${host.starts}`)
    return {
      clock: {
        now: () => timeline.now,
        wall: () => wallStart + timeline.now,
        after: (delay, fire) => timeline.after(delay, whileOn(fire)),
        soon: fire => timeline.soon(whileOn(fire)),
      },
      random: { below: own.below, bytes: own.bytes },
      network: network.host(name, power),
      disk: host.disk.start(power),
    }
  }

  return {
    host,
    now: () => timeline.now,
    step: () => timeline.step(),
    run(until) {
      while (timeline.step(until));
      timeline.now = Math.max(timeline.now, until)
    },
    crash(name) {
      const host = hosts.get(name)
      if (host === undefined || host.world === null) return
      timeline.tell(`${name} crashes`)
      host.power.on = false
      host.world = null
      network.crash(name)
      host.disk.crash()
    },
    partition(...groups) {
      timeline.tell(`partition ${groups.map(group => group.join(' ')).join(' | ')}`)
      network.partition(groups)
    },
    heal() {
      timeline.tell('heal')
      network.partition(null)
    },
    trace: { hash: () => timeline.hash(), lines: timeline.lines },
  }
}

interface Host {
  disk: SimulatedDisk
  /** Null while the power is off. */
  world: World | null
  power: Power
  starts: number
}
