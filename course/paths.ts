/** Where things are. One place knows the layout of the repository; all others ask it. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Lab, labFolder } from './manifest.ts'

/** The repository's root: found by walking up, because this module also runs from inside a bundle in the cache. */
export const root = findRoot(import.meta.dirname)

/** The tree that labs swap files of. In a handout it holds built JavaScript with types instead of TypeScript. */
export const referenceSource = path.join(root, 'reference-impl', 'src')

/** The student's tree of a lab: the same relative paths as in the reference. */
export const studentSource = (lab: Lab): string => path.join(root, 'labs', labFolder(lab), 'src')

/** Where generated things go: bundles, mutants, unpacked submissions. Never committed, always safe to delete. */
export const cacheFolder = path.join(root, 'node_modules', '.cache', 'course')

function findRoot(from: string): string {
  if (existsSync(path.join(from, 'reference-impl', 'package.json'))) return from
  const parent = path.dirname(from)
  if (parent === from) throw new Error(`${import.meta.dirname} is not inside the course's repository`)
  return findRoot(parent)
}
