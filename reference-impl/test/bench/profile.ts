/**
 * `npm run bench -- --profile`: where our server spends its time under each load, by module. Node's own profiler looks a thousand
 * times a second; a server that is looked at is a little slower, so this measures shares and not speeds.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../../../course/paths.ts'
import { type Kind, ours, startServer } from '../interop/servers.ts'

/** As V8 writes it. */
interface Profile {
  nodes: {
    id: number
    callFrame: { functionName: string; url: string; lineNumber: number; columnNumber: number }
  }[]
  samples: number[]
  timeDeltas: number[]
}

export type Shares = Map<string, number>

/** Runs `load` against a server of its own; answers which share of the time that it worked went into which module. */
export async function profiled(load: (port: number) => Promise<unknown>): Promise<Shares> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-profile-'))
  const looked: Kind = {
    ...ours,
    command: (config, options) => {
      const [node, ...rest] = ours.command(config, options)
      return [node, '--cpu-prof', '--cpu-prof-dir', folder, ...rest]
    },
  }
  try {
    const server = await startServer(looked)
    await load(server.port)
    await server.stop()
    const [file] = readdirSync(folder)
    return sharesIn(JSON.parse(readFileSync(path.join(folder, file!), 'utf8')) as Profile)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function sharesIn({ nodes, samples, timeDeltas }: Profile): Shares {
  const modules = new Map(nodes.map(({ id, callFrame }) => [id, moduleOf(callFrame)]))
  const times: Shares = new Map()
  let sum = 0
  for (const [i, sample] of samples.entries()) {
    const module = modules.get(sample)!
    if (module === '(idle)') continue
    times.set(module, (times.get(module) ?? 0) + timeDeltas[i]!)
    sum += timeDeltas[i]!
  }
  return new Map([...times].map(([module, time]) => [module, time / sum]))
}

const maps = new Map<string, SourceMap | null>()

/** `state/data-tree.ts`, or what Node calls its own parts. */
function moduleOf({
  functionName,
  url,
  lineNumber,
  columnNumber,
}: Profile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(node)'
  if (!url.startsWith('file:')) return '(node)'
  const file = fileURLToPath(url)
  if (!maps.has(file)) maps.set(file, mapOf(file))
  const origin = maps.get(file)?.findEntry(lineNumber, columnNumber)
  const source =
    origin !== undefined && 'originalSource' in origin
      ? path.resolve(path.dirname(file), origin.originalSource.replace(/^file:\/\//, ''))
      : file
  return path.relative(path.join(root, 'reference-impl'), source).replace(/^src\//, '')
}

function mapOf(file: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
  } catch {
    return null
  }
}
