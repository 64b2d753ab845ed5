/**
 * A whole grading: every submission of every lab, as many at once as the machine has cores. What is finished is kept
 * under the hash of all that it depends on, so a grading that was interrupted goes on where it stopped, and one that is
 * repeated grades only what has changed.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { Complaint } from '../complaint.ts'
import type { Lab } from '../manifest.ts'
import { cacheFolder, root } from '../paths.ts'
import { referenceFile } from '../swap.ts'
import { hashOf, type Judge, judgeOf, type Sources, subjectOf, Unbuildable, watchdogCode } from './bundles.ts'
import {
  type Grading,
  gradeLab,
  gradeSubmission,
  type KnownTest,
  type LabGrade,
  type LabRules,
  type TestGrade,
} from './model.ts'
import { runJudge, type Verdicts } from './run-judge.ts'
import { type Limits, openTo, type Sandbox } from './sandbox.ts'
import type { Submission } from './submissions.ts'

export interface GradingOptions {
  sandbox: Sandbox
  limits: Limits
  testMilliseconds: number
  labMilliseconds: number
  /** Where finished results are kept. */
  kept: string
  jobs?: number
  onProgress?: (done: number, total: number, line: string) => void
}

/** A lab, ready to be graded. */
interface Prepared {
  lab: Lab
  rules: LabRules
  judge: Judge
  program: string
  watchdog: string
  /** What the reference's run found: what every submission is held to. */
  tests: readonly KnownTest[]
}

export async function gradeAll(
  submissions: readonly Submission[],
  labs: readonly Lab[],
  options: GradingOptions,
): Promise<Grading> {
  mkdirSync(options.kept, { recursive: true })
  const scratch = mkdtempSync(path.join(tmpdir(), 'grading-'))
  openTo(scratch)
  const grader = new Grader(options, scratch)
  try {
    const prepared = await pool(labs, options.jobs, lab => grader.prepare(lab))
    const jobs = submissions.flatMap(submission =>
      prepared
        .filter(({ lab }) => submission.labs?.includes(lab.id) ?? true)
        .map(lab => ({ submission, lab })),
    )
    let done = 0
    const grades = await pool(jobs, options.jobs, async ({ submission, lab }) => {
      const grade = await grader.grade(lab, submission).catch(error => failed(lab, error))
      options.onProgress?.(
        ++done,
        jobs.length,
        `${submission.name}  ${lab.lab.id}  ${grade.points}/${grade.of}  ${grade.reason}`,
      )
      return grade
    })
    return {
      course: JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).name,
      sandbox: described(options.sandbox),
      policy: null,
      labs: prepared.map(({ rules }) => ({
        lab: rules.lab,
        title: rules.title,
        of: rules.parts.reduce((sum, { points }) => sum + points, 0),
      })),
      submissions: submissions.map(submission =>
        gradeSubmission(
          submission.name,
          grades.filter((_, index) => jobs[index]!.submission === submission),
        ),
      ),
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** To be raised with every change of what is kept: a grade of another shape is none. */
const shape = 2

class Grader {
  readonly #options: GradingOptions
  readonly #scratch: string
  #runs = 0

  constructor(options: GradingOptions, scratch: string) {
    this.#options = options
    this.#scratch = scratch
  }

  /** Bundles a lab's tests, and sees that the reference passes them here, in the sandbox, over the bridge. */
  async prepare(lab: Lab): Promise<Prepared> {
    const judge = await judgeOf(lab)
    const prepared: Prepared = {
      lab,
      rules: { lab: lab.id, title: lab.title, parts: lab.parts },
      judge,
      program: keepProgram(`judge-${lab.id}`, judge.code),
      watchdog: keepProgram('watchdog', await watchdogCode()),
      tests: [],
    }
    const reference = new Map(lab.swaps.map(swap => [swap, readFileSync(referenceFile(swap)!, 'utf8')]))
    const grade = await this.#gradeSources(prepared, reference, 'the reference')
    const failed = grade.tests.filter(({ reason }) => reason !== 'ok')
    if (grade.tests.length === 0 || failed.length > 0) {
      const told = failed.slice(0, 5).map(({ id, reason, message }) => `  ${id}\n    ${reason}: ${message}`)
      throw new Complaint(
        `Lab ${lab.id} cannot be graded here: the reference itself ${grade.tests.length === 0 ? `has no tests (${grade.detail})` : `fails ${failed.length} of its ${grade.tests.length} tests`}.\n${told.join('\n')}`,
      )
    }
    return { ...prepared, tests: grade.tests }
  }

  async grade(prepared: Prepared, submission: Submission): Promise<LabGrade> {
    const taken = submission.take(prepared.lab)
    if ('missing' in taken) return refused(prepared, 'missing file', taken.missing, '')
    const grade = await this.#gradeSources(prepared, taken.sources, submission.name)
    return { ...grade, written: taken.written ?? null }
  }

  async #gradeSources(prepared: Prepared, sources: Sources, name: string): Promise<LabGrade> {
    const { lab, judge, rules } = prepared
    let subject: string
    try {
      subject = await subjectOf(lab, judge, sources)
    } catch (error) {
      if (error instanceof Unbuildable) return refused(prepared, error.reason, error.message, '')
      throw error
    }
    const { limits, testMilliseconds, labMilliseconds, sandbox } = this.#options
    const key = hashOf(
      judge.hash,
      subject,
      JSON.stringify([shape, limits, testMilliseconds, labMilliseconds, rules]),
    )
    const known = this.#kept(key)
    if (known) return known

    const folder = path.join(this.#scratch, `run-${++this.#runs}`)
    const began = performance.now()
    const verdicts = await runJudge({
      judge: prepared.program,
      watchdog: prepared.watchdog,
      subject,
      folder,
      root,
      sandbox,
      limits,
      testMilliseconds,
      milliseconds: labMilliseconds,
      seed: Number.parseInt(hashOf(...sources.values()).slice(0, 7), 16),
    })
    rmSync(folder, { recursive: true, force: true })
    const milliseconds = Math.round(performance.now() - began)
    const { broken } = verdicts
    if (broken) return this.#keep(refused(prepared, broken.reason, broken.message, key, milliseconds))
    // The reference is the first to be graded: what it reports is what there is to report.
    const tests = (prepared.tests.length > 0 ? prepared.tests : verdicts.tests).map(test =>
      graded(test, verdicts),
    )
    if (verdicts.complaints !== '' && (tests.length === 0 || !verdicts.done)) {
      throw new Error(`The judge of lab ${lab.id} failed on ${name}:\n${verdicts.complaints}`)
    }
    return this.#keep(gradeLab(rules, tests, { key, milliseconds }))
  }

  #file(key: string): string {
    return path.join(this.#options.kept, `${key}.json`)
  }

  #kept(key: string): LabGrade | null {
    return existsSync(this.#file(key)) ? JSON.parse(readFileSync(this.#file(key), 'utf8')) : null
  }

  #keep(grade: LabGrade): LabGrade {
    replace(this.#file(grade.key), JSON.stringify(grade))
    return grade
  }
}

function graded(test: KnownTest, { results, done }: Verdicts): TestGrade {
  const result = results.get(test.id)
  if (result)
    return { ...test, reason: result.reason, message: result.message, milliseconds: result.milliseconds }
  const message = done ? 'this test did not report' : 'the time for this lab was up before this test'
  return { ...test, reason: done ? 'nothing reported' : 'timed out', message, milliseconds: 0 }
}

/** A fault of ours must not cost anybody else's grade, and must be seen; it is not kept, so the next grading tries again. */
function failed(prepared: Prepared, error: unknown): LabGrade {
  console.error(error)
  return refused(prepared, 'nothing reported', `the grader failed: ${(error as Error).message}`, '')
}

/** Nothing could run: every test gets the one reason. */
function refused(
  { rules, tests }: Prepared,
  reason: TestGrade['reason'],
  message: string,
  key: string,
  milliseconds = 0,
): LabGrade {
  const all = tests.map(test => ({ ...test, reason, message, milliseconds: 0 }))
  return gradeLab(rules, all, { key, milliseconds, reason, detail: message })
}

function described({ kind, user, filtered, limited }: Sandbox): string {
  if (kind === 'none')
    return `none: Node's permissions${user === null ? '' : ` and user ${user}`} are all that held the submissions back`
  if (kind === 'user') {
    return `user ${user} and Node's permissions, for a container that is thrown away: the network stayed open${limited ? ', resource limits' : ''}`
  }
  const parts = ['bubblewrap', ...(user === null ? [] : [`user ${user}`])]
  if (filtered) parts.push('no new processes')
  if (limited) parts.push('resource limits')
  return parts.join(', ')
}

/** Programs lie where Node finds the packages that they import. */
function keepProgram(name: string, code: string): string {
  const folder = path.join(cacheFolder, 'grade')
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${name}-${hashOf(code)}.mjs`)
  if (!existsSync(file)) replace(file, code)
  return file
}

function replace(file: string, text: string): void {
  const aside = `${file}.${process.pid}`
  writeFileSync(aside, text)
  renameSync(aside, file)
}

async function pool<Item, Result>(
  items: readonly Item[],
  size = availableParallelism(),
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = new Array(items.length)
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await run(items[index]!)
    }
  }
  await Promise.all(Array.from({ length: Math.min(size, items.length) }, worker))
  return results
}
