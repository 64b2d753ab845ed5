/**
 * `npm run bench`: our server beside Apache's, when that is installed, in the same run and on the same disk.
 * It reports; it judges nothing. Both are run as their users run them, one after the other, each load on a fresh folder.
 */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { zookeeperJar } from '../interop/packages.ts'
import { apache, type Kind, ours, startServer } from '../interop/servers.ts'
import { generate, type Load, type Measured } from './generator.ts'

type Shape = Omit<Load, 'port'>
const many = { sessions: 16, window: 32, valueBytes: 100, warmUpMs: 2000, measureMs: 5000 }
const one = { ...many, sessions: 1, window: 1, warmUpMs: 1000, measureMs: 2000 }

const loads: { name: string; figure: (measured: Measured) => string; shape: Shape }[] = [
  { name: 'reads/s', figure: perSecond, shape: { ...many, kind: 'read' } },
  { name: 'durable sets/s', figure: perSecond, shape: { ...many, kind: 'set' } },
  { name: 'durable creates/s', figure: perSecond, shape: { ...many, kind: 'create' } },
  { name: 'one read, p50 µs', figure: p50, shape: { ...one, kind: 'read' } },
  { name: 'one durable set, p50 µs', figure: p50, shape: { ...one, kind: 'set' } },
]

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
  console.log(JSON.stringify(await generate(JSON.parse(process.argv[3]!) as Load)))
} else {
  await main()
}

async function main(): Promise<void> {
  const kinds = existsSync(zookeeperJar) ? [apacheInEarnest, ours] : [ours]
  if (kinds.length === 1)
    console.log("Apache's server is not here (Debian's package zookeeper): ours is measured alone.")
  console.log(
    `Node ${process.versions.node}, ${cpus().length} cores. The generator shares them with the server.\n`,
  )
  const columns: Map<string, string>[] = []
  for (const kind of kinds) columns.push(await measure(kind))
  const rows = [...columns[0]!.keys()]
  const width = Math.max(...rows.map(row => row.length))
  console.log(
    ['', ...kinds.map(kind => kind.name)].map((cell, i) => cell.padStart(i === 0 ? width : 18)).join(''),
  )
  for (const row of rows) {
    console.log(row.padEnd(width) + columns.map(column => (column.get(row) ?? '').padStart(18)).join(''))
  }
}

async function measure(kind: Kind): Promise<Map<string, string>> {
  const figures = new Map<string, string>()
  const begun = performance.now()
  const server = await startServer(kind)
  figures.set('ready after, ms', String(Math.round(performance.now() - begun)))
  try {
    for (const { name, figure, shape } of loads) {
      const measured = await fromAnotherProcess({ ...shape, port: server.port })
      figures.set(name, measured.errors === 0 ? figure(measured) : `${measured.errors} errors`)
    }
    figures.set('peak memory, MB', peakMemory(server.pid))
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

/** The most that the process ever held, as Linux counts it; other systems do not tell. */
function peakMemory(pid: number): string {
  try {
    const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? '?' : String(Math.round(Number(kilobytes) / 1024))
  } catch {
    return '?'
  }
}

function perSecond(measured: Measured): string {
  return measured.perSecond.toLocaleString('en')
}

function p50(measured: Measured): string {
  return String(measured.p50Micros)
}
