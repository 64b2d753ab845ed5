/**
 * A whole grading: every submission of every lab, as many at once as the machine has cores. What is finished is kept
 * under the hash of all that it depends on, so a grading that was interrupted goes on where it stopped, and one that is
 * repeated grades only what has changed.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { Complaint } from '../complaint.ts'
import type { Lab } from '../manifest.ts'
import { cacheFolder, root } from '../paths.ts'
import { referenceFile } from '../swap.ts'
import { atOnce } from './at-once.ts'
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
import { scratchFolder } from './scratch.ts'
import type { Submission } from './submissions.ts'

export interface GradingOptions {
  sandbox: Sandbox
  limits: Limits
  testMilliseconds: number
  labMilliseconds: number
  /** Where finished results are kept. */
  kept: string
  jobs?: number
  onProgress?: (step: Step) => void
}

/** One lab of one submission is done, or one lab is found ready. */
export interface Step {
  phase: 'preparing' | 'grading'
  done: number
  total: number
  /** What is done, for people. */
  line: string
  /** False when it was known from an earlier grading. */
  fresh: boolean
  /** How much work is done and left, measured by how long the reference takes; what was known is neither. */
  worked: number
  ahead: number
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
  /** How long that took. */
  milliseconds: number
  /** It was not known from an earlier grading. */
  fresh: boolean
}

interface Graded {
  grade: LabGrade
  fresh: boolean
}

export async function gradeAll(
  submissions: readonly Submission[],
  labs: readonly Lab[],
  options: GradingOptions,
): Promise<Grading> {
  const scratch = scratchFolder()
  openTo(scratch)
  const grader = new Grader(options, scratch)
  const jobsAtOnce = options.jobs ?? availableParallelism()
  try {
    let ready = 0
    const prepared = await atOnce(labs, jobsAtOnce, async lab => {
      const found = await grader.prepare(lab)
      ready++
      options.onProgress?.({
        phase: 'preparing',
        done: ready,
        total: labs.length,
        line: `the reference  ${lab.id}  ok`,
        fresh: found.fresh,
        worked: ready,
        ahead: labs.length - ready,
      })
      return found
    })
    // The longest first: a core that has nothing left to do waits for the other one's last lab.
    const longestFirst = [...prepared].sort((a, b) => b.milliseconds - a.milliseconds)
    const jobs = submissions.flatMap(submission =>
      longestFirst
        .filter(({ lab }) => submission.labs?.includes(lab.id) ?? true)
        .map(lab => ({ submission, lab })),
    )
    let done = 0
    let worked = 0
    let ahead = jobs.reduce((sum, { lab }) => sum + lab.milliseconds, 0)
    const grades = new Map(submissions.map(submission => [submission, new Map<Prepared, LabGrade>()]))
    await atOnce(jobs, jobsAtOnce, async ({ submission, lab }) => {
      const { grade, fresh } = await grader.grade(lab, submission).catch(error => failed(lab, error))
      grades.get(submission)!.set(lab, grade)
      ahead -= lab.milliseconds
      if (fresh) worked += lab.milliseconds
      const line = `${submission.name}  ${lab.lab.id}  ${grade.points}/${grade.of}  ${grade.reason}`
      options.onProgress?.({ phase: 'grading', done: ++done, total: jobs.length, line, fresh, worked, ahead })
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
          prepared.flatMap(lab => grades.get(submission)!.get(lab) ?? []),
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
  readonly #kept: Kept
  readonly #references = new Kept(path.join(cacheFolder, 'grade', 'references'))
  #runs = 0

  constructor(options: GradingOptions, scratch: string) {
    this.#options = options
    this.#scratch = scratch
    this.#kept = new Kept(options.kept)
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
      milliseconds: 0,
      fresh: true,
    }
    const reference = new Map(lab.swaps.map(swap => [swap, readFileSync(referenceFile(swap)!, 'utf8')]))
    const { grade, fresh } = await this.#gradeReference(prepared, reference)
    const failed = grade.tests.filter(({ reason }) => reason !== 'ok')
    if (grade.tests.length === 0 || failed.length > 0) {
      const told = failed.slice(0, 5).map(({ id, reason, message }) => `  ${id}\n    ${reason}: ${message}`)
      throw new Complaint(
        `Lab ${lab.id} cannot be graded here: the reference itself ${grade.tests.length === 0 ? `has no tests (${grade.detail})` : `fails ${failed.length} of its ${grade.tests.length} tests`}.\n${told.join('\n')}\n` +
          'The course is at fault, or this machine. Until that is mended, name the other labs: --labs 01,02',
      )
    }
    const tests = grade.tests.map(
      ({ id, file, visible, part, name }): KnownTest => ({ id, file, visible, part, name }),
    )
    return { ...prepared, tests, milliseconds: grade.milliseconds, fresh }
  }

  async grade(prepared: Prepared, submission: Submission): Promise<Graded> {
    const taken = submission.take(prepared.lab)
    if ('missing' in taken)
      return { grade: refused(prepared, 'missing file', taken.missing, ''), fresh: false }
    const { grade, fresh } = await this.#gradeSources(prepared, taken.sources, submission.name)
    return { grade: { ...grade, written: taken.written ?? null }, fresh }
  }

  /** Once for each state of the course, on this Node, in this sandbox. One that failed tries again the next time. */
  async #gradeReference(prepared: Prepared, sources: Sources): Promise<Graded> {
    const subject = await subjectOf(prepared.lab, prepared.judge, sources)
    const own = this.#keyOf(prepared, subject)
    const key = hashOf(own, process.version, process.arch, described(this.#options.sandbox))
    const known = this.#references.get(key)
    const grade = known ?? (await this.#run(prepared, subject, key, 'the reference'))
    if (grade.reason === 'ok') {
      if (!known) this.#references.put(grade)
      this.#kept.put({ ...grade, key: own }) // for whoever hands in just that
    }
    return { grade, fresh: known === null }
  }

  async #gradeSources(prepared: Prepared, sources: Sources, name: string): Promise<Graded> {
    let subject: string
    try {
      subject = await subjectOf(prepared.lab, prepared.judge, sources)
    } catch (error) {
      if (error instanceof Unbuildable)
        return { grade: refused(prepared, error.reason, error.message, ''), fresh: false }
      throw error
    }
    const key = this.#keyOf(prepared, subject)
    const known = this.#kept.get(key)
    if (known) return { grade: sharing(known, prepared.tests), fresh: false }
    const grade = await this.#run(prepared, subject, key, name)
    this.#kept.put(grade)
    return { grade, fresh: true }
  }

  #keyOf({ judge, rules }: Prepared, subject: string): string {
    const { limits, testMilliseconds, labMilliseconds } = this.#options
    return hashOf(
      judge.hash,
      subject,
      JSON.stringify([shape, limits, testMilliseconds, labMilliseconds, rules]),
    )
  }

  async #run(prepared: Prepared, subject: string, key: string, name: string): Promise<LabGrade> {
    const { lab, rules } = prepared
    const { limits, testMilliseconds, labMilliseconds, sandbox } = this.#options
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
      // The same program, the same input: its key stands for its grade.
      seed: Number.parseInt(hashOf(subject).slice(0, 7), 16),
    })
    rmSync(folder, { recursive: true, force: true })
    const milliseconds = Math.round(performance.now() - began)
    const { broken } = verdicts
    if (broken) return refused(prepared, broken.reason, broken.message, key, milliseconds)
    // The reference is the first to be graded: what it reports is what there is to report.
    const tests = (prepared.tests.length > 0 ? prepared.tests : verdicts.tests).map(test =>
      graded(test, verdicts),
    )
    if (verdicts.complaints !== '' && (tests.length === 0 || !verdicts.done)) {
      throw new Error(`The judge of lab ${lab.id} failed on ${name}:\n${verdicts.complaints}`)
    }
    return gradeLab(rules, tests, { key, milliseconds })
  }
}

/** A class has the same few tests a million times: once in memory is enough for what they are called. */
function sharing(grade: LabGrade, tests: readonly KnownTest[]): LabGrade {
  grade.tests.forEach((test, index) => {
    if (test.id === tests[index]?.id) Object.assign(test, tests[index])
  })
  return grade
}

/** Results by their keys, a file each. */
class Kept {
  readonly #folder: string

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    this.#folder = folder
  }

  get(key: string): LabGrade | null {
    try {
      return JSON.parse(readFileSync(this.#file(key), 'utf8'))
    } catch {
      return null // not there, or not whole: a disk that was full, a machine that lost its power
    }
  }

  put(grade: LabGrade): void {
    replace(this.#file(grade.key), JSON.stringify(grade))
  }

  #file(key: string): string {
    return path.join(this.#folder, `${key}.json`)
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
function failed(prepared: Prepared, error: unknown): Graded {
  console.error(error)
  const message = `the grader failed: ${(error as Error).message}`
  return { grade: refused(prepared, 'nothing reported', message, ''), fresh: false }
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
