/** Where things are. One place knows the layout of the repository; all others ask it. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Lab, labFolder } from './manifest.ts'

/** The repository's root: found by walking up, because this module also runs from inside a bundle in the cache. */
export const root = findRoot(import.meta.dirname)

/** The tree that labs swap files of. In a handout it holds built JavaScript with types instead of TypeScript. */
export const referenceSource = path.join(root, 'reference-impl', 'src')

export const labRoot = (lab: Lab): string => path.join(root, 'labs', labFolder(lab))
export const visibleTests = (lab: Lab): string => path.join(labRoot(lab), 'test')
export const chapterFile = (lab: Lab): string => path.join(root, 'chapters', `${labFolder(lab)}.md`)

/** What instructors have and a handout has not. */
export const solutionRoot = (lab: Lab): string => path.join(root, 'solutions', labFolder(lab))
export const hiddenTests = (lab: Lab): string => path.join(solutionRoot(lab), 'hidden')

/** A handout holds the labs, and of the reference only built JavaScript. */
export const isHandout = !existsSync(path.join(root, 'solutions'))

/** In a handout: the stubs as they were handed out, for `npm run reset`. Elsewhere they are cut from the reference. */
export const pristineStubs = (lab: Lab): string => path.join(root, 'course', 'stubs', labFolder(lab))

/** What the tool remembers of this student: progress and backups. Never committed. */
export const memoryFolder = path.join(root, '.course')

/** As a person would type it: relative to the repository, with slashes. */
export const shown = (file: string): string => path.relative(root, file).split(path.sep).join('/')

/** The student's tree of a lab: the same relative paths as in the reference. */
export const studentSource = (lab: Lab): string => path.join(labRoot(lab), 'src')

/** The files that a student of this lab writes. */
export const studentFiles = (lab: Lab): string[] =>
  lab.swaps.map(swap => path.join(studentSource(lab), `${swap}.ts`))

/** Where generated things go: bundles, mutants, unpacked submissions. Never committed, always safe to delete. */
export const cacheFolder = path.join(root, 'node_modules', '.cache', 'course')

function findRoot(from: string): string {
  if (existsSync(path.join(from, 'course', 'cli.mjs'))) return from
  const parent = path.dirname(from)
  if (parent === from) throw new Error(`${import.meta.dirname} is not inside the course's repository`)
  return findRoot(parent)
}
