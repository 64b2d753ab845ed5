/**
 * The two programs of a grading, as single files: the judge (a lab's tests with the bridge in place of the swapped
 * modules) and the subject (a student's files inside the reference). Both by the one swap rule.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import * as esbuild from 'esbuild'
import { type Lab, labFolder } from '../manifest.ts'
import { hiddenTests, root, visibleTests } from '../paths.ts'
import { esbuildPlugin, referenceFile } from '../swap.ts'

/** A lab's files by swap: `wire/jute` → TypeScript. */
export type Sources = ReadonlyMap<string, string>

export type Export = readonly [module: string, name: string]

export interface Judge {
  code: string
  /** Of everything that goes into a verdict. */
  hash: string
  /** What the judge calls in the subject. */
  exports: readonly Export[]
  /** The files of the tests that go into the subject, and their names there. */
  insiders: ReadonlyMap<string, string>
}

/**
 * Some things can be seen only from beside a student's code: that two arrays share memory, what was allocated. A
 * test puts such a look into a file named `*.inside.ts`, which goes into the subject. So does a whole server, whose
 * clients stay with the test. What either answers is a claim like any other of the subject's.
 */
const insiders = /\.inside\.ts$/

/** Where generated modules pretend to be, so that the swap rule finds them. */
const bridged = path.join(root, 'bridged')
const submitted = path.join(root, 'submitted')

/** Stands in the judge until it is known which files its tests import. */
const exportsToCome = 'the exports of the subject'

export async function judgeOf(lab: Lab): Promise<Judge> {
  const exports = new Map(
    await Promise.all(
      lab.swaps.map(async (swap): Promise<[string, string[]]> => [swap, await namesIn(referenceFile(swap)!)]),
    ),
  )
  const inside = new Map<string, string>()
  const tests = [...testFiles('visible', visibleTests(lab)), ...testFiles('hidden', hiddenTests(lab))]
  const entry = `
    import { judge } from './course/grade/judge.ts'
    await judge({${tests.map(([name, file]) => `${quote(name)}: () => import(${quote(file)})`)}}, ${quote(exportsToCome)})`
  const judge = path.join(root, 'course', 'grade', 'judge.ts')
  const bridge = (module: string): esbuild.OnLoadResult => ({
    contents: `import { exported } from ${quote(judge)}\n${exports
      .get(module)!
      .map(
        (name, index) =>
          `const e${index} = exported(${quote(module)}, ${quote(name)})\nexport { e${index} as ${name} }\n`,
      )
      .join('')}`,
    loader: 'ts',
    resolveDir: root,
  })
  const bundled = await bundle(entry, {
    packages: 'external',
    plugins: [
      esbuildPlugin([{ folder: bridged, swaps: lab.swaps }]),
      {
        name: 'bridged',
        setup(build) {
          build.onLoad({ filter: within(bridged) }, ({ path: file }) => bridge(moduleOf(bridged, file)))
          build.onLoad({ filter: insiders }, async ({ path: file }) => {
            const name = insiderName(lab, file)
            exports.set(name, await namesIn(file))
            inside.set(file, name)
            return bridge(name)
          })
        },
      },
      ownPlace,
    ],
  })
  // In which order they were found depends on how busy the machine was; the judge must not.
  const sorted = [...exports].sort(([one], [other]) => (one < other ? -1 : 1))
  const found = sorted.flatMap(([module, names]) => names.map((name): Export => [module, name]))
  const code = bundled.replace(quote(exportsToCome), () => quote(found))
  return { code, hash: hashOf(code), exports: found, insiders: inside }
}

export const watchdogCode = (): Promise<string> =>
  bundle(`import './course/grade/watchdog.ts'`, { packages: 'external' })

/** Why a submission cannot be made into a program. */
export class Unbuildable extends Error {
  override readonly name = 'Unbuildable'
  readonly reason: 'syntax error' | 'forbidden'

  constructor(reason: 'syntax error' | 'forbidden', message: string) {
    super(message)
    this.reason = reason
  }
}

export async function subjectOf(
  lab: Lab,
  { exports, insiders }: Pick<Judge, 'exports' | 'insiders'>,
  sources: Sources,
): Promise<string> {
  const modules = [
    ...lab.swaps.map(swap => [swap, `#lab/${swap}.ts`] as const),
    ...[...insiders].map(([file, name]) => [name, file] as const),
  ]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([module, from]) => `${quote(module)}: () => import(${quote(from)})`)
  const entry = `
    import { serve } from './course/grade/subject.ts'
    await serve({${modules}}, ${quote(exports)})`
  try {
    return await bundle(entry, {
      plugins: [
        fence(lab),
        esbuildPlugin([{ folder: submitted, swaps: lab.swaps }]),
        inPlaceOf(submitted, sources),
      ],
    })
  } catch (error) {
    throw unbuildable(lab, error)
  }
}

function unbuildable(lab: Lab, error: unknown): unknown {
  const [first] = (error as esbuild.BuildFailure).errors ?? []
  if (!first) return error
  const file = first.location?.file ?? ''
  const where = first.location
    ? `${path.posix.join('labs', labFolder(lab), 'src', moduleOf(submitted, path.resolve(root, file)))}.ts:${first.location.line}: `
    : ''
  // A plugin's error is one of the fence's or of the swap rule's; any other is the language's.
  return first.pluginName
    ? new Unbuildable('forbidden', first.text)
    : new Unbuildable('syntax error', where + first.text)
}

/** Of Node a lab may use what only computes. The rest can be imported (editors do that by themselves), not used. */
const harmless = new Set(['assert', 'buffer', 'crypto', 'events', 'util'])

/** What a submission may import: the reference and its own files, by the swap rule, and a few modules of Node. */
function fence(lab: Lab): esbuild.Plugin {
  return {
    name: 'fence',
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path: specifier, importer }) => {
        if (!within(submitted).test(importer)) return undefined
        const builtin = specifier.replace(/^node:/, '')
        if (builtinModules.includes(builtin)) {
          return harmless.has(builtin)
            ? { path: `node:${builtin}`, external: true }
            : { path: builtin, namespace: 'forbidden' }
        }
        const inside =
          specifier.startsWith('#lab/') || (specifier.startsWith('.') && staysInside(importer, specifier))
        if (inside) return undefined // the swap rule's
        const files = lab.swaps.map(swap => `${swap}.ts`).join(', ')
        return {
          errors: [
            { text: `${files} imports '${specifier}': a lab's file may import the reference's modules only` },
          ],
        }
      })
      build.onLoad({ filter: /.*/, namespace: 'forbidden' }, async ({ path: builtin }) => {
        const names = Object.keys(await import(/* @vite-ignore */ `node:${builtin}`)).filter(name =>
          /^[A-Za-z_]\w*$/.test(name),
        )
        const throwing = `() => { throw Object.assign(new Error(${quote(`a lab may not use node:${builtin}`)}), { name: 'Forbidden' }) }`
        const lines = names.map(name =>
          name === 'default'
            ? `export default new Proxy({}, { get: forbidden })`
            : `export { forbidden as ${name} }`,
        )
        return { contents: `const forbidden = ${throwing}\n${lines.join('\n')}`, loader: 'js' }
      })
    },
  }
}

function staysInside(importer: string, specifier: string): boolean {
  return within(submitted).test(path.resolve(path.dirname(importer), specifier))
}

/** Files that are nowhere: what is read from this folder are these sources. */
export function inPlaceOf(folder: string, sources: Sources): esbuild.Plugin {
  return {
    name: 'in-place-of',
    setup(build) {
      build.onLoad({ filter: within(folder) }, ({ path: file }) => ({
        contents: sources.get(moduleOf(folder, file)) ?? '',
        loader: 'ts',
      }))
    },
  }
}

/** A bundle has one place; tests that read files beside them mean their own. */
export const ownPlace: esbuild.Plugin = {
  name: 'own-place',
  setup(build) {
    build.onLoad({ filter: /[\\/](labs|solutions|reference-impl)[\\/].*\.ts$/ }, ({ path: file }) => {
      const contents = readFileSync(file, 'utf8')
      if (!contents.includes('import.meta.')) return undefined
      const places = { dirname: path.dirname(file), filename: file, url: `file://${file}` }
      return {
        contents: contents.replace(
          /\bimport\.meta\.(dirname|filename|url)\b/g,
          (_, name: keyof typeof places) => quote(places[name]),
        ),
        loader: 'ts',
      }
    })
  },
}

async function namesIn(file: string): Promise<string[]> {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [file],
    outdir: 'nowhere',
    format: 'esm',
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  return Object.values(metafile.outputs).flatMap(output => output.exports.sort())
}

/** Says nothing of where the tests lie. */
function insiderName(lab: Lab, file: string): string {
  for (const [kind, folder] of [
    ['hidden', hiddenTests(lab)],
    ['visible', visibleTests(lab)],
  ] as const) {
    if (within(folder).test(file)) return `${kind}/${moduleOf(folder, file)}`
  }
  return `shared/${path.basename(file, '.ts')}`
}

export async function bundle(entry: string, options: esbuild.BuildOptions): Promise<string> {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: root,
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'silent',
    ...options,
  })
  return outputFiles![0]!.text
}

function testFiles(kind: string, folder: string): [name: string, file: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .sort()
    .map(name => [`${kind}/${name.split(path.sep).join('/')}`, path.join(folder, name)])
}

function moduleOf(folder: string, file: string): string {
  return path.relative(folder, file).split(path.sep).join('/').replace(/\.ts$/, '')
}

function within(folder: string): RegExp {
  return new RegExp(`^${folder.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}[\\\\/]`)
}

export function hashOf(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${part.length}:${part}`)
  return hash.digest('hex').slice(0, 32)
}

const quote = (value: unknown): string => JSON.stringify(value)
