/**
 * Where a lab's module is not part of the server but makes a part of it: with the student's record compiler among the
 * labs, the server's records are what that compiler makes of zookeeper.jute.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Plugin } from 'esbuild'
import { Complaint } from './complaint.ts'
import { bundled } from './launch.mjs'
import type { Lab } from './manifest.ts'
import { referenceSource, shown } from './paths.ts'
import { esbuildPlugin } from './swap.ts'
import { studentOf } from './trial.ts'

/** The plugin that puts the records in; none when no compiler is among the labs. */
export async function madeRecords(labs: readonly Lab[]): Promise<Plugin[]> {
  const lab = labs.find(({ swaps }) => swaps.includes('wire/compiler'))
  if (lab === undefined) return []
  const student = studentOf(lab)
  const file = shown(path.join(student.folder, 'wire', 'compiler.ts'))
  const compiler = await bundled(file, `compiler-of-${lab.id}`, [esbuildPlugin([student])])
  const { compile } = (await import(pathToFileURL(compiler).href)) as { compile(idl: string): string }
  const contents = made(file, () =>
    compile(readFileSync(path.join(referenceSource, 'wire', 'zookeeper.jute'), 'utf8')),
  )
  return [
    {
      name: 'made-records',
      setup(build) {
        build.onLoad({ filter: /[\\/]reference-impl[\\/]src[\\/]wire[\\/]records\.[jt]s$/ }, () => ({
          // The import makes the compiler a source of the bundle: when it changes, the bundle is made again.
          contents: `import './compiler.ts'\n${contents}`,
          loader: 'ts',
          resolveDir: path.join(referenceSource, 'wire'),
        }))
      },
    },
  ]
}

function made(file: string, make: () => string): string {
  try {
    return make()
  } catch (error) {
    throw new Complaint(`${file} cannot compile zookeeper.jute: ${(error as Error).message}`)
  }
}
