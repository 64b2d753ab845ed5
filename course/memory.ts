/**
 * What the tool remembers of a student between runs: the last verdict on each lab, and on which text. A verdict
 * holds only for the text that it was given on.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from './manifest.ts'
import { memoryFolder, studentFiles } from './paths.ts'

export interface Verdict {
  /** Of the student's files, as they were. */
  hash: string
  passed: number
  failed: number
  /** Tests that came to an unfilled hole. */
  todo: number
  done: boolean
  /** ISO 8601. */
  time: string
}

const file = path.join(memoryFolder, 'progress.json')

/** The last verdict on the student's files as they are now; null when there is none, or they have changed since. */
export function verdictOn(lab: Lab): Verdict | null {
  const verdict = lastVerdict(lab)
  return verdict?.hash === hashOf(lab) ? verdict : null
}

export function lastVerdict(lab: Lab): Verdict | null {
  return remembered()[lab.id] ?? null
}

export function remember(lab: Lab, verdict: Omit<Verdict, 'hash' | 'time'>, hash: string): void {
  const all = { ...remembered(), [lab.id]: { hash, ...verdict, time: new Date().toISOString() } }
  mkdirSync(memoryFolder, { recursive: true })
  writeFileSync(`${file}.new`, JSON.stringify(all, null, 2))
  renameSync(`${file}.new`, file)
}

/** Changes when the student's files do. */
export function hashOf(lab: Lab): string {
  const hash = createHash('sha256')
  for (const file of studentFiles(lab)) {
    hash.update(existsSync(file) ? readFileSync(file) : '(missing)').update('\0')
  }
  return hash.digest('hex').slice(0, 16)
}

/** A memory that cannot be read is no reason to stop: the next run fills it again. */
function remembered(): Record<string, Verdict> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Verdict>
  } catch {
    return {}
  }
}
