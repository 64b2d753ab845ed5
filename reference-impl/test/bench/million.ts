/**
 * `npm run bench -- --million`: a server with a million znodes of 100 bytes. How much memory each one needs, how long it takes to
 * be back after a crash, and how long a client waits at worst while snapshots of them are written under load.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Kind, type Server, startServer } from '../interop/servers.ts'
import type { Load, Measured } from './generator.ts'
import { probed, type Stalls } from './probes.ts'
import { type Aims, aim, atMost, type Figures, memoryOf } from './table.ts'

const znodes = 1_000_000
/** Long enough for several snapshots of a million znodes. */
const underLoadMs = 20_000

const aims: Aims = {
  'memory for each znode, bytes': aim('at most', 1),
  'serves again after a kill, s': aim('at most', 1),
  'serves again, from a snapshot alone, s': aim('at most', 1),
  'longest stall while snapshots are written, ms': atMost(20),
}
million.aims = aims

/** `isWatched`: the server has the stall probe in it. */
export async function million(
  kind: Kind,
  run: (load: Load) => Promise<Measured>,
  isWatched: boolean,
): Promise<Figures> {
  const figures: Figures = new Map()
  const dataDir = mkdtempSync(path.join(tmpdir(), 'bench-million-'))
  process.env.PROBED = path.join(dataDir, 'stalls.json')
  const start = (): Promise<Server> => startServer(kind, { dataDir, within: 120_000 })
  const shape = { sessions: 16, window: 32, valueBytes: 100, warmUpMs: 0, measureMs: underLoadMs }
  const stalls = async (server: Server, when: string): Promise<void> => {
    if (!isWatched) return
    const noted = await probed<Stalls>(server)
    figures.set(`longest stall while ${when}, ms`, tenths(noted.wall))
    figures.set(`most that it ran at a stretch while ${when}, ms`, tenths(noted.ran))
    figures.set(`longest collection while ${when}, ms`, tenths(noted.collection))
  }
  try {
    let server = await start()
    const empty = memoryOf(server).now
    await pause(100)
    if (isWatched) await probed<Stalls>(server)
    const filling = performance.now()
    const { errors } = await run({ ...shape, port: server.port, kind: 'create', fill: znodes })
    if (errors > 0) throw new Error(`${errors} of a million creates failed`)
    figures.set('a million creates, s', since(filling))
    figures.set('memory with a million, MB', memoryOf(server).now)
    figures.set('peak memory until then, MB', memoryOf(server).peak)
    await stalls(server, 'they are created')

    const before = snapshotsIn(dataDir)
    const [sets, reads] = await Promise.all([
      run({ ...shape, port: server.port, kind: 'set' }),
      run({ ...shape, sessions: 1, window: 1, port: server.port, kind: 'read' }),
    ])
    figures.set('sets/s while snapshots are written', sets.perSecond)
    figures.set('snapshots begun meanwhile', snapshotsIn(dataDir) - before)
    figures.set('one read meanwhile, p99 ms', tenths(reads.p99Micros / 1000))
    figures.set('one read meanwhile, worst ms', tenths(reads.worstMicros / 1000))
    await stalls(server, 'snapshots are written')
    await server.kill()

    let begun = performance.now()
    const restarted = Date.now()
    server = await start()
    figures.set('serves again after a kill, s', since(begun))
    await untilQuiet(dataDir, restarted)
    await server.kill()

    // Its snapshot is whole now, and nothing came after it.
    begun = performance.now()
    server = await start()
    figures.set('serves again, from a snapshot alone, s', since(begun))
    await pause(3000)
    const { now, peak } = memoryOf(server)
    figures.set('memory then, MB', now)
    figures.set('peak memory then, MB', peak)
    figures.set('memory for each znode, bytes', Math.round(((now - empty) * 1024 * 1024) / znodes))
    await server.stop()
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
  return figures
}

function since(begun: number): number {
  return Math.round((performance.now() - begun) / 10) / 100
}

function tenths(figure: number): number {
  return Math.round(figure * 10) / 10
}

function snapshotsIn(dataDir: string): number {
  return readdirSync(path.join(dataDir, 'version-2')).filter(name => name.startsWith('snapshot.')).length
}

/** Waits until a file has changed after `moment`, as each start changes one, and none has for two seconds. */
async function untilQuiet(dataDir: string, moment: number): Promise<void> {
  const folder = path.join(dataDir, 'version-2')
  const newest = (): number =>
    Math.max(...readdirSync(folder).map(name => statSync(path.join(folder, name)).mtimeMs))
  while (newest() < moment || Date.now() - newest() < 2000) await pause(200)
}
