/** The course tool in a handout: the verbs that students use, with all that these are made of and nothing else. */
import path from 'node:path'
import { build } from 'esbuild'
import { root } from '../paths.ts'
import { type HandoutFile, handoutFile } from './handout.ts'

/** `cli.mjs` leads to `cli.ts` by way of the launcher, and that to each verb: a bundler follows neither. */
const entries = [
  'cli.ts',
  'start.ts',
  'run.ts',
  'watch.ts',
  'hint.ts',
  'reset.ts',
  'progress.ts',
  'mine.ts',
  'in-worker.ts',
]
const scripts = ['cli.mjs', 'launch.mjs', 'node-version.mjs']

export async function courseTool(): Promise<HandoutFile[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries.map(name => path.join('course', name)),
    outdir: 'nowhere',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'silent',
  })
  const files = Object.keys(metafile.inputs).filter(file => file.startsWith('course/'))
  return [...new Set([...files, ...scripts.map(name => `course/${name}`)])]
    .sort()
    .flatMap(file => handoutFile(file))
}
