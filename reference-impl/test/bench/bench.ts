/**
 * `npm run bench`: our server beside Apache's, when that is installed, in the same run and on the same disk, and beside both
 * what we aim at. It reports; it judges nothing. Both are run as their users run them, one after the other, each load on a
 * fresh folder.
 *
 *   npm run bench -- --million   a million znodes instead: memory, recovery, pauses
 *   npm run bench -- --million --folders 1   the same in one folder and not in fifty, or in 500000 with one child each
 *   npm run bench -- --sessions  a hundred thousand sessions instead: memory, an idle second, the moment when all expire
 *   npm run bench -- --ours      without Apache's server
 *   npm run bench -- --profile   where ours spends its time instead, by module
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { zookeeperJar } from '../interop/packages.ts'
import { apache, type Kind, ours, startServer } from '../interop/servers.ts'
import { fill, generate, type Load, type Measured } from './generator.ts'
import { million } from './million.ts'
import { watched } from './probes.ts'
import { profiled, type Shares } from './profile.ts'
import { sessions } from './sessions.ts'
import { type Aims, aim, type Figures, memoryOf, printed } from './table.ts'

type Shape = Omit<Load, 'port'>
const many = { sessions: 16, window: 32, valueBytes: 100, warmUpMs: 2000, measureMs: 5000 }
const one = { ...many, sessions: 1, window: 1, warmUpMs: 1000, measureMs: 2000 }

const loads: { name: string; figure: (measured: Measured) => number; shape: Shape }[] = [
  { name: 'reads/s', figure: perSecond, shape: { ...many, kind: 'read' } },
  { name: 'durable sets/s', figure: perSecond, shape: { ...many, kind: 'set' } },
  { name: 'durable creates/s', figure: perSecond, shape: { ...many, kind: 'create' } },
  { name: 'one read, p50 µs', figure: p50, shape: { ...one, kind: 'read' } },
  { name: 'one durable set, p50 µs', figure: p50, shape: { ...one, kind: 'set' } },
]

/** What ours should be, as a multiple of Apache's. */
const aims = {
  'ready after, ms': aim('at most', 1),
  'reads/s': aim('at least', 3),
  'durable sets/s': aim('at least', 1.5),
  'durable creates/s': aim('at least', 1.5),
  'one read, p50 µs': aim('at most', 0.6),
  'one durable set, p50 µs': aim('at most', 0.8),
  'peak memory, MB': aim('at most', 0.5),
}

/** With the flags of Apache's own script, not those that make a JVM start fast and run slowly. */
const apacheInEarnest: Kind = {
  ...apache,
  command: config => [
    'java',
    '-Xmx1000m',
    '-cp',
    zookeeperJar,
    'org.apache.zookeeper.server.ZooKeeperServerMain',
    config,
  ],
}

if (process.argv[2] === 'generate') {
  const load = JSON.parse(process.argv[3]!) as Load
  console.log(JSON.stringify(await (load.fill === undefined ? generate(load) : fill(load, load.fill))))
} else {
  await main(process.argv.slice(2))
}

async function main(asked: readonly string[]): Promise<void> {
  if (asked.includes('--profile')) return profile()
  const isHere = existsSync(zookeeperJar)
  if (!isHere)
    console.log("Apache's server is not here (Debian's package zookeeper): ours is measured alone.")
  const isAlone = !isHere || asked.includes('--ours')
  const load = loadavg()[0]!.toFixed(1)
  console.log(
    `Node ${process.versions.node}, ${cpus().length} cores, load ${load} before it begins. The generator shares the cores with the server.\n`,
  )
  const { run, goals } = benchOf(asked)
  const theirs = isAlone ? null : await run(apacheInEarnest, false)
  console.log(printed(theirs, await run(ours, true), goals))
}

/** What is measured of a server. */
interface Bench {
  run(kind: Kind, isOurs: boolean): Promise<Figures>
  goals: Aims
}

function benchOf(asked: readonly string[]): Bench {
  if (asked.includes('--million')) {
    const folders = asked.includes('--folders') ? Number(asked[asked.indexOf('--folders') + 1]) : 50
    const load = (each: Load): Promise<Measured> => fromAnotherProcess({ ...each, folders })
    const run: Bench['run'] = (kind, isOurs) =>
      million(isOurs ? watched(kind, 'stall-probe') : kind, load, isOurs)
    return { run, goals: million.aims }
  }
  if (asked.includes('--sessions')) {
    return { run: sessions, goals: sessions.aims }
  }
  return { run: measure, goals: aims }
}

async function profile(): Promise<void> {
  for (const { name, shape } of loads.slice(0, 3)) {
    const shares = await profiled(port => fromAnotherProcess({ ...shape, port }))
    console.log(`${name}: where the time goes, in percent`)
    for (const [module, share] of topOf(shares))
      console.log(`${(100 * share).toFixed(1).padStart(6)}  ${module}`)
  }
}

/** What takes at least one in a hundred. */
function topOf(shares: Shares): [module: string, share: number][] {
  return [...shares].filter(([, share]) => share >= 0.01).sort(([, a], [, b]) => b - a)
}

async function measure(kind: Kind): Promise<Figures> {
  const figures: Figures = new Map()
  const begun = performance.now()
  const server = await startServer(kind)
  figures.set('ready after, ms', Math.round(performance.now() - begun))
  try {
    for (const { name, figure, shape } of loads) {
      const measured = await fromAnotherProcess({ ...shape, port: server.port })
      figures.set(name, measured.errors === 0 ? figure(measured) : `${measured.errors} errors`)
    }
    figures.set('peak memory, MB', memoryOf(server).peak)
  } finally {
    await server.stop()
  }
  return figures
}

/** The generator gets a process of its own, so that it measures neither itself nor the other server's leftovers. */
async function fromAnotherProcess(load: Load): Promise<Measured> {
  const program = fileURLToPath(import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, [program, 'generate', JSON.stringify(load)])
  return JSON.parse(stdout) as Measured
}

function perSecond(measured: Measured): number {
  return measured.perSecond
}

function p50(measured: Measured): number {
  return measured.p50Micros
}
