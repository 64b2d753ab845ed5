/**
 * `npm run rehearse`: grades a class that is made up, kills the whole grading twice on the way as a power cut would,
 * goes on, and holds every grade against what it must be. It takes minutes; it tells how fast, and with how much memory.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { prng } from '../reference-impl/src/lib/prng.ts'
import { Complaint } from './complaint.ts'
import type { Grading } from './grade/model.ts'
import { time } from './grade/progress.ts'
import { labNamed, madeLabs } from './labs.ts'
import type { Lab } from './manifest.ts'
import { root } from './paths.ts'
import { type MadeClass, type MadeSubmission, madeClass, missing } from './rehearse/made-class.ts'
import { killTree, treeOf } from './rehearse/process-tree.ts'

export interface RehearseOptions {
  labs?: string
  seed: string
  out?: string
}

/** How much of the work is done when the grading is killed. */
const killings = [
  { from: 15, to: 40 },
  { from: 50, to: 80 },
]
const sampling = 250

export async function rehearse(count: string, options: RehearseOptions): Promise<number> {
  const size = Number(count)
  if (!Number.isInteger(size) || size < 1) throw new Complaint(`How many submissions? Not '${count}'.`)
  if (process.platform !== 'linux') throw new Complaint('A rehearsal looks into /proc: it needs Linux.')
  const labs =
    options.labs === undefined
      ? madeLabs.filter(lab => !lab.solved)
      : options.labs.split(',').map(name => labNamed(name.trim()))
  const dice = prng(options.seed)
  const folder =
    options.out === undefined ? mkdtempSync(path.join(tmpdir(), 'rehearsal-')) : path.resolve(options.out)
  if (existsSync(folder) && readdirSync(folder).length > 0) throw new Complaint(`${folder} is not empty.`)
  mkdirSync(folder, { recursive: true })
  console.log(`Making ${size} submissions of ${labs.length} labs (seed ${options.seed}) in ${folder}`)
  const made = await madeClass(labs, size, dice, folder)
  console.log(described(made))

  const out = path.join(folder, 'grades')
  const works = made.submissions
    .flatMap(({ labs }) => [...labs.values()])
    .filter(({ expected }) => runs(expected))
  const all: Run[] = []
  const ready = await gradeUntil(['--prepare'], labs, out, folder, null)
  if (ready.code !== 0) {
    console.log(readFileSync(path.join(folder, 'grading.log'), 'utf8'))
    return 1
  }
  const prepared = keptIn(out)
  for (const { from, to } of killings) {
    const enough = Math.floor((works.length * dice.between(from, to)) / 100)
    const run = await gradeUntil(
      made.what,
      labs,
      out,
      folder,
      () => keptIn(out) - prepared >= enough,
      dice.below(2000),
    )
    all.push(run)
    console.log(
      run.killed === null
        ? 'It was over before it could be killed.'
        : `Killed ${run.killed} processes, after ${time(run.milliseconds)}: ${keptIn(out) - prepared} of about ${works.length} results are kept.`,
    )
  }
  const last = await gradeUntil(made.what, labs, out, folder, null)
  all.push(last)
  if (last.code !== 0)
    console.log(`The grader ended with ${last.code}; ${path.join(folder, 'grading.log')} says why.`)
  const grades = path.join(out, 'grades.json')
  const wrong = existsSync(grades) ? compared(made, labs, grades) : ['There are no grades at all.']
  const right = wrong.length === 0 && last.code === 0
  tell(all, made, keptIn(out) - prepared)
  for (const line of wrong.slice(0, 40)) console.log(line)
  console.log(
    right
      ? `Every grade is right: ${size} submissions, ${labs.length} labs each.`
      : `${wrong.length} grades are not what they must be. Everything is left in ${folder}.`,
  )
  if (right && options.out === undefined) rmSync(folder, { recursive: true })
  return right ? 0 : 1
}

/** What never becomes a process leaves nothing to be kept. */
const runs = ({ reasons }: { reasons: readonly string[] }): boolean =>
  !reasons.some(reason => ['missing file', 'syntax error', 'forbidden'].includes(reason))

function keptIn(out: string): number {
  const folder = path.join(out, 'kept')
  return existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.json')).length : 0
}

interface Sample {
  grader: number
  sum: number
  largest: number
}

interface Run {
  code: number | null
  /** How many processes there were when it was killed. */
  killed: number | null
  milliseconds: number
  cpuSeconds: number
  samples: Sample[]
}

/** Grades until it is over, or until `enough` says so: a moment after that it is killed, with all its processes. */
async function gradeUntil(
  what: readonly string[],
  labs: readonly Lab[],
  out: string,
  folder: string,
  enough: (() => boolean) | null,
  moment = 0,
): Promise<Run> {
  const log = openSync(path.join(folder, 'grading.log'), 'a')
  const numbers = labs.map(({ id }) => id).join(',')
  const began = performance.now()
  const grader = spawn(
    process.execPath,
    ['course/cli.mjs', 'grade', ...what, '--labs', numbers, '--out', out, '--no-misconceptions'],
    { cwd: root, stdio: ['ignore', log, log] },
  )
  const samples: Sample[] = []
  const cpu = new Map<string, number>()
  let over = false
  const ended = new Promise<number | null>(resolve =>
    grader.once('exit', code => {
      over = true
      resolve(code)
    }),
  )
  let killed: number | null = null
  while (!over) {
    await Promise.race([ended, new Promise(resolve => setTimeout(resolve, sampling))])
    const tree = treeOf(grader.pid!)
    if (tree.length > 0) samples.push(sampleOf(tree.map(({ megabytes }) => megabytes)))
    for (const { pid, started, cpuSeconds } of tree) cpu.set(`${pid} ${started}`, cpuSeconds)
    if (!over && enough?.()) {
      await new Promise(resolve => setTimeout(resolve, moment))
      if (!over) killed = await killTree(grader.pid!)
      break
    }
  }
  const code = await ended
  const cpuSeconds = [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0)
  return { code, killed, milliseconds: performance.now() - began, cpuSeconds, samples }
}

function sampleOf(megabytes: readonly number[]): Sample {
  const sum = megabytes.reduce((sum, each) => sum + each, 0)
  return { grader: megabytes[0]!, sum, largest: Math.max(...megabytes) }
}

/** Every lab of every submission: what it got, where that is not what it must get. */
function compared({ submissions }: MadeClass, labs: readonly Lab[], file: string): string[] {
  const { submissions: graded } = JSON.parse(readFileSync(file, 'utf8')) as Grading
  const wrong = submissions.flatMap((made: MadeSubmission) => {
    const grade = graded.find(({ submission }) => submission === made.name)
    if (!grade) return [`${made.name}: no grade`]
    return labs.flatMap(({ id }) => {
      const { kind, expected } = made.labs.get(id) ?? { kind: 'not handed in', expected: missing }
      const found = grade.labs.find(({ lab }) => lab === id)
      if (found && found.points === expected.points && expected.reasons.includes(found.reason)) return []
      const got = found ? `${found.points} (${found.reason}: ${found.detail})` : 'nothing'
      return [
        `${made.name} ${id} ${kind}: ${got} instead of ${expected.points} (${expected.reasons.join(' or ')})`,
      ]
    })
  })
  if (graded.length !== submissions.length)
    wrong.push(`${graded.length} grades for ${submissions.length} submissions`)
  return wrong
}

function described({ submissions, runs }: MadeClass): string {
  const handed = submissions.flatMap(({ labs }) => [...labs.values()])
  const counts = (names: readonly string[]) => {
    const counted = new Map<string, number>()
    for (const name of names) counted.set(name, (counted.get(name) ?? 0) + 1)
    return [...counted]
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')
  }
  return (
    `${handed.length} labs handed in: ${counts(handed.map(({ kind }) => kind.replace(/:.*/, '')))}\n` +
    `as: ${counts(submissions.map(({ wrapping }) => wrapping))}\n` +
    `What they must get is known by rule, or from ${runs} runs of the tests without the grader.`
  )
}

function tell(runs: readonly Run[], { submissions }: MadeClass, results: number): void {
  const milliseconds = runs.reduce((sum, run) => sum + run.milliseconds, 0)
  const cpu = runs.reduce((sum, run) => sum + run.cpuSeconds, 0)
  const samples = runs.flatMap(run => run.samples)
  const most = (of: keyof Sample) => Math.round(Math.max(...samples.map(sample => sample[of])))
  const minutes = milliseconds / 60_000
  console.log(
    `${time(milliseconds)} in all, of which the processors worked at least ${time(1000 * cpu)}: ` +
      `${(submissions.length / minutes).toFixed(1)} submissions (${(results / minutes).toFixed(1)} labs that ran) a minute.`,
  )
  console.log(
    `Memory at most: ${most('largest')} MB in one process, ${most('sum')} MB in all, ${most('grader')} MB in the grader.`,
  )
  const longest = runs.reduce((a, b) => (a.samples.length > b.samples.length ? a : b)).samples
  const tenths = Array.from({ length: 10 }, (_, tenth) =>
    longest.slice(Math.floor((tenth * longest.length) / 10), Math.floor(((tenth + 1) * longest.length) / 10)),
  ).filter(part => part.length > 0)
  const middle = (part: readonly Sample[], of: keyof Sample) =>
    Math.round(part.map(sample => sample[of]).sort((a, b) => a - b)[Math.floor(part.length / 2)]!)
  console.log(
    `Over the longest run, tenth by tenth, the grader: ${tenths.map(part => middle(part, 'grader')).join(' ')} MB`,
  )
  console.log(
    `                                    all together: ${tenths.map(part => middle(part, 'sum')).join(' ')} MB`,
  )
}
