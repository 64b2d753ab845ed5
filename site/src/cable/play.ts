/**
 * A client and a server of the reference on one cable, in simulated time: a program makes three jobs, and the cable is
 * cut at one frame. Nothing is told that has not happened: the frames are those that passed, and the jobs are those that
 * the server has in the end.
 */
import { steadyClient } from '../../../reference-impl/src/client/steady.ts'
import { zooKeeper } from '../../../reference-impl/src/client/zookeeper.ts'
import { Code, keeperCode } from '../../../reference-impl/src/wire/errors.ts'
import { simulatedWorld } from '../../../reference-impl/src/world/simulated/simulated-world.ts'
import type { Millis, Network } from '../../../reference-impl/src/world/world.ts'
import { cutting, type Way } from '../../../reference-impl/test/client/cut.ts'
import { inTime, macrotasks, startServer } from '../simulation.ts'
import type { Choice } from './choice.ts'
import { type Message, messageReader } from './messages.ts'

export type Row =
  | { type: 'frame'; at: Millis; nth: number; way: Way; message: Message; isCut: boolean }
  | { type: 'dial'; at: Millis }

export interface Job {
  name: string
  /** The path of the job that the program knows to be there; null when it knows nothing. */
  told: string | null
  /** Where the job really is. */
  found: string[]
}

export interface Story {
  rows: Row[]
  jobs: Job[]
}

const parent = '/jobs'
const names = ['A', 'B', 'C']

export async function play({ frame, where, habit }: Choice): Promise<Story> {
  const simulation = simulatedWorld({ seed: 'a cable' })
  const letGo = macrotasks()
  try {
    startServer(simulation, 'server')
    const watcher = zooKeeper(simulation.host('watcher'), 'server')
    await inTime(simulation, watcher.create(parent), letGo)

    const world = simulation.host('program')
    const rows: Row[] = []
    const begin = simulation.now()
    const at = (): Millis => simulation.now() - begin
    const read = messageReader()
    const cable = cutting(world.network, { nth: frame, where }, ({ way, payload, isCut }) => {
      const nth = rows.filter(({ type }) => type === 'frame').length + 1
      rows.push({ type: 'frame', at: at(), nth, way, message: read(way, payload), isCut })
    })
    const connect: Network['connect'] = (address, handler) => {
      read.restart()
      rows.push({ type: 'dial', at: at() })
      return cable.network.connect(address, handler)
    }
    const program = steadyClient({ ...world, network: { ...cable.network, connect } }, 'server')

    async function make(name: string): Promise<string | null> {
      if (habit === 'look') {
        return (await program.create(`${parent}/job-`, name, { sequential: true, protect: true })).path
      }
      for (;;) {
        try {
          return (await program.zk.create(`${parent}/job-`, name, { sequential: true })).path
        } catch (error) {
          if (keeperCode(error) !== Code.CONNECTIONLOSS) throw error
          if (habit === 'once') return null
        }
      }
    }

    const told = await inTime(simulation, Promise.all(names.map(make)), letGo)
    // What arrived last has been carried out before anybody looks.
    simulation.run(simulation.now() + 1000)
    const there = [...rows]
    const jobs = await inTime(simulation, found(), letGo)
    await inTime(simulation, Promise.all([program.close(), watcher.close()]), letGo)
    return { rows: there, jobs: names.map((name, i) => ({ name, told: told[i]!, found: jobs[name] ?? [] })) }

    async function found(): Promise<Record<string, string[]>> {
      const byName: Record<string, string[]> = {}
      for (const child of (await watcher.children(parent)).children) {
        const path = `${parent}/${child}`
        const name = new TextDecoder().decode((await watcher.get(path)).data!)
        byName[name] = [...(byName[name] ?? []), path]
      }
      return byName
    }
  } finally {
    letGo.end()
  }
}

/** How many frames there are to cut: those of the story in which nothing is cut. */
export async function framesOf(): Promise<number> {
  const { rows } = await play({ frame: 0, where: 'before', habit: 'once' })
  return rows.filter(({ type }) => type === 'frame').length
}
