/** What a handout is made of. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Lab, labs } from '../manifest.ts'
import { root } from '../paths.ts'
import { referenceFile } from '../swap.ts'

/** Paths with slashes, relative to the handout. */
export type Handout = Map<string, string | Uint8Array>

export interface HandoutFile {
  file: string
  contents: string | Uint8Array
}

export const handedOut: readonly Lab[] = labs.filter(lab => lab.status === 'made')

/** The labs that a student is to write: a solved one has no secrets. */
export const secretLabs: readonly Lab[] = labs.filter(lab => !lab.solved)

/** `wire/jute`, when some lab is about writing it: its lab, made or only begun. */
export function secretLabOf(module: string): Lab | undefined {
  return secretLabs.find(lab => lab.swaps.includes(module) && hasHoles(module))
}

function hasHoles(module: string): boolean {
  const file = referenceFile(module)
  return file !== null && readFileSync(file, 'utf8').includes('// #region lab ')
}

/** A file of the repository, as it is. */
export function handoutFile(file: string, as = file): HandoutFile[] {
  return [{ file: as, contents: readFileSync(path.join(root, file)) }]
}

/** A folder of the repository, as it is. */
export function handoutFolder(folder: string): HandoutFile[] {
  return filesIn(path.join(root, folder)).flatMap(name => handoutFile(`${folder}/${name}`))
}

/** All files below a folder, with slashes, sorted. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}
