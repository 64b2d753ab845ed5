/** Tries a student's files: are they there, can they be read, do the tests pass, do the types agree? */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type Lab, labFolder } from './manifest.ts'
import { hashOf, remember } from './memory.ts'
import { labRoot, shown, studentFiles, studentSource, visibleTests } from './paths.ts'
import type { Result, Runner } from './runner.ts'
import type { Subject } from './swap.ts'
import { type TypeProblem, typeProblems } from './types.ts'

export type Trial = Tried | Refused

export interface Tried extends Result {
  lab: Lab
  types: readonly TypeProblem[]
  done: boolean
}

/** Nothing could be run; `complaint` says why and what to do. */
export interface Refused {
  lab: Lab
  complaint: string
  done: false
}

export async function tryLab(lab: Lab, runner: Runner): Promise<Trial> {
  const hash = hashOf(lab)
  const complaint = await complaintAbout(lab)
  if (complaint !== null) return { lab, complaint, done: false }
  const [result, types] = await Promise.all([
    runner.run(testFiles(visibleTests(lab)), [studentOf(lab)]),
    typeProblems(lab),
  ])
  const count = (...states: string[]) => result.tests.filter(({ state }) => states.includes(state)).length
  const passed = count('passed')
  const done = result.troubles.length === 0 && passed > 0 && passed + count('skipped') === result.tests.length
  const todo = count('todo')
  const failed = result.tests.length - passed - todo - count('skipped')
  if (!result.stopped) remember(lab, { passed, todo, failed, done }, hash)
  return { ...result, lab, types, done }
}

/** Why nothing can run with a student's files, and what to do; null when something can. */
export async function complaintAbout(lab: Lab): Promise<string | null> {
  return missingFile(lab) ?? (await unreadable(lab))
}

/** A student's files as a subject of tests and programs. */
export function studentOf(lab: Lab): Subject {
  return { folder: studentSource(lab), swaps: lab.swaps }
}

export function testFiles(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.test.ts'))
    .sort()
    .map(name => path.join(folder, name))
}

function missingFile(lab: Lab): string | null {
  for (const file of studentFiles(lab)) {
    if (existsSync(file)) continue
    const name = path.basename(file)
    const stray = readdirSync(labRoot(lab), { recursive: true, encoding: 'utf8' })
      .map(found => path.join(labRoot(lab), found))
      .find(found => path.basename(found) === name)
    return stray === undefined
      ? `${shown(file)} is missing. \`npm run reset ${lab.id}\` puts it back as it was handed out.`
      : `${shown(file)} is missing, but there is ${shown(stray)}: move it to where it belongs.`
  }
  return null
}

/** The first place where a file is no TypeScript: what comes after it is seldom worth reading. */
async function unreadable(lab: Lab): Promise<string | null> {
  const { transform } = await import('esbuild')
  for (const file of studentFiles(lab)) {
    try {
      await transform(readFileSync(file, 'utf8'), { loader: 'ts', logLevel: 'silent' })
    } catch (error) {
      const [first] = (error as import('esbuild').TransformFailure).errors
      if (!first?.location) throw error
      const { line, column, lineText } = first.location
      return (
        `${shown(file)}:${line}:${column + 1} cannot be read as TypeScript: ${first.text}\n\n` +
        `  ${lineText}\n  ${' '.repeat(column)}^\n\n` +
        `Nothing of lab ${labFolder(lab)} can run until this is mended.`
      )
    }
  }
  return null
}
