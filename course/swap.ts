/**
 * The one rule that puts a student's file into the real system:
 * a student's file resolves as if it stood at its reference path, and an import of a swapped reference path
 * resolves to the student's file. `#lab/…` names the reference with the swaps applied.
 *
 * Tests (a Vite plugin), programs and browser bundles (an esbuild plugin) all use this rule; TypeScript agrees
 * through `rootDirs` and `paths` in the lab's tsconfig.json.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import type * as esbuild from 'esbuild'
import type { Plugin } from 'vite'
import { referenceSource, shown } from './paths.ts'

const referencePrograms = path.join(path.dirname(referenceSource), 'bin')

/** A tree of files that stand in for files of the reference: a student's, a mutant's, a submission's. */
export interface Subject {
  /** The folder that mirrors `reference-impl/src`. */
  folder: string
  /** The swapped modules, relative and without extension: `wire/jute`. Only these are taken from the folder. */
  swaps: readonly string[]
}

/**
 * The file that an import means, or null when the rule does not speak of it (a package, a file elsewhere).
 * Throws when a student's file imports a neighbour that neither the reference nor the lab has.
 */
export function resolveSwap(
  subjects: readonly Subject[],
  specifier: string,
  importer: string | undefined,
): string | null {
  const module = moduleNamed(subjects, specifier, importer)
  if (module === null) return null
  for (const subject of subjects) {
    if (subject.swaps.includes(module)) return path.join(subject.folder, `${module}.ts`)
  }
  const reference = referenceFile(module)
  if (reference !== null) return reference
  const subject = importer === undefined ? undefined : subjectOf(subjects, importer)
  if (subject === undefined) return null
  throw new Error(
    `${shown(importer!)} imports '${specifier}', which is neither in the reference nor one of this lab's files ` +
      `(${subject.swaps.map(swap => `${swap}.ts`).join(', ')}). Keep your helpers inside the lab's own file.`,
  )
}

/** The reference's file for a module: TypeScript in the repository, built JavaScript in a handout. */
export function referenceFile(module: string): string | null {
  for (const extension of ['.ts', '.js']) {
    const file = path.join(referenceSource, module + extension)
    if (existsSync(file)) return file
  }
  return null
}

export function vitePlugin(subjects: readonly Subject[]): Plugin {
  return {
    name: 'swap',
    enforce: 'pre',
    resolveId: (specifier, importer) => resolveSwap(subjects, specifier, importer),
  }
}

export function esbuildPlugin(subjects: readonly Subject[]): esbuild.Plugin {
  return {
    name: 'swap',
    setup(build) {
      build.onResolve({ filter: /^(\.|#lab\/)/ }, ({ path: specifier, importer }) => {
        const file = resolveSwap(subjects, specifier, importer)
        return file === null ? undefined : { path: file }
      })
    },
  }
}

/** `wire/jute` for any way to say it: `#lab/wire/jute.ts`, or a relative import from inside one of the trees. */
function moduleNamed(
  subjects: readonly Subject[],
  specifier: string,
  importer: string | undefined,
): string | null {
  if (specifier.startsWith('#lab/')) return withoutExtension(specifier.slice('#lab/'.length))
  if (!specifier.startsWith('.') || importer === undefined) return null
  const tree = subjectOf(subjects, importer)?.folder ?? (isOurs(importer) ? referenceSource : null)
  if (tree === null) return null
  const target = path.relative(tree, path.resolve(path.dirname(importer), specifier))
  // From one drive of Windows to another there is no relative path.
  return target.startsWith('..') || path.isAbsolute(target)
    ? null
    : withoutExtension(target.split(path.sep).join('/'))
}

/** A file of the reference, or one of its programs: what they import by themselves is swapped as well. */
function isOurs(file: string): boolean {
  return isInside(referenceSource, file) || isInside(referencePrograms, file)
}

function subjectOf(subjects: readonly Subject[], file: string): Subject | undefined {
  return subjects.find(subject => isInside(subject.folder, file))
}

function isInside(folder: string, file: string): boolean {
  return path.normalize(file).startsWith(folder + path.sep)
}

function withoutExtension(module: string): string {
  return module.replace(/\.[jt]s$/, '')
}
