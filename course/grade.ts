/** `npm run grade -- WHAT…`: grades submissions, each in a sandbox, and writes what came out. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Complaint } from './complaint.ts'
import { adjusted } from './grade/adjust.ts'
import { differences } from './grade/differences.ts'
import { type GradingOptions, gradeAll } from './grade/grading.ts'
import { labsToLookAt, mutantsKept, signatures, withResemblances } from './grade/misconceptions.ts'
import type { Grading } from './grade/model.ts'
import { mutantSubmissions } from './grade/mutants.ts'
import { type Policy, readPolicy } from './grade/policy.ts'
import { progress, time } from './grade/progress.ts'
import { findSandbox, type Sandbox, sandboxOrComplaint, usualLimits } from './grade/sandbox.ts'
import { merged, shardOf } from './grade/shards.ts'
import { type Likeness, likenesses } from './grade/similarity.ts'
import { listed, submissionsIn } from './grade/submissions.ts'
import { writeAll, writeForPeople } from './grade/writers/all.ts'
import { gradescope } from './grade/writers/gradescope.ts'
import { sheet, summary, table } from './grade/writers/plain.ts'
import { strayMentionsIn } from './grade/writers/reread.ts'
import { labNamed, madeLabs } from './labs.ts'
import type { Lab } from './manifest.ts'

export interface GradeOptions {
  out: string
  labs?: string
  /** Commander's name for `--no-sandbox`. */
  sandbox: boolean
  container?: boolean
  /** Where Gradescope looks for the results of the one submission that is named. */
  gradescope?: string
  jobs?: string
  time: string
  mutants?: boolean
  shard?: string
  merge?: boolean
  diff?: string
  policy?: string
  prepare?: boolean
  /** Commander's name for `--no-misconceptions`. */
  misconceptions: boolean
}

export async function grade(what: readonly string[], options: GradeOptions): Promise<number> {
  const policy = options.policy === undefined ? null : readPolicy(options.policy)
  if (options.merge) {
    const grading = merged(what, policy !== null)
    if (policy) {
      const names = grading.submissions.map(({ submission }) => submission)
      tellDoubts(
        policy,
        names,
        grading.labs.map(({ lab }) => lab),
      )
    }
    const counted = policy ? adjusted(grading, policy) : grading
    const code = tell(counted, options.out)
    if (options.misconceptions) await tellMisconceptions(counted, options)
    return code
  }
  if (options.diff !== undefined) return tellDifferences(merged([options.diff]), merged(what))
  const began = performance.now()
  const labs =
    options.labs === undefined ? gradedLabs() : options.labs.split(',').map(name => labNamed(name.trim()))
  const sandbox = sandboxOrComplaint(!options.sandbox, options.container)
  if (options.prepare) return prepare(labs, sandbox, options)
  const all = options.mutants
    ? await mutantSubmissions(labs)
    : await submissionsIn(what, labs, { ...options, onFetched: tellFetched })
  if (policy) {
    const names = all.map(({ name }) => name)
    tellDoubts(
      policy,
      names,
      labs.map(({ id }) => id),
    )
  }
  const submissions = options.shard === undefined ? all : shardOf(all, options.shard)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.error('\nInterrupted. What is finished is kept: the same command goes on from here.')
      process.exit(1)
    })
  }
  if (!options.mutants && options.gradescope === undefined)
    console.log(`${submissions.length} submissions, labs ${labs.map(({ id }) => id).join(', ')}`)
  const bar = progress()
  const grading = await gradeAll(submissions, labs, {
    ...settings(sandbox, options),
    onProgress: bar.step,
    ...(options.mutants ? { kept: mutantsKept } : {}),
  })
  bar.end()
  if (options.mutants) return survivors(grading)
  const counted = policy ? adjusted(grading, policy) : grading
  if (options.gradescope !== undefined) return tellGradescope(counted, options.gradescope)
  const code = tell(counted, options.out)
  tellLikenesses(likenesses(submissions, labs), options.out)
  console.log(
    `${time(performance.now() - began)} for ${bar.fresh} results; ${bar.known} were known or took no running. ` +
      `Sandbox: ${grading.sandbox}`,
  )
  // A shard waits for the others: whoever merges them looks once.
  if (options.misconceptions && options.shard === undefined && submissions.length > 1)
    await tellMisconceptions(counted, options)
  return code
}

function settings(sandbox: Sandbox, options: GradeOptions): GradingOptions {
  return {
    ...jobsOf(options.jobs),
    sandbox,
    limits: usualLimits,
    testMilliseconds: 1000 * positive('--time', options.time),
    labMilliseconds: 300_000,
    kept: path.join(options.out, 'kept'),
  }
}

/** `--prepare`: what a machine must do once before it grades, done before anybody waits for it. */
async function prepare(labs: readonly Lab[], sandbox: Sandbox, options: GradeOptions): Promise<number> {
  const bar = progress()
  const grading = await gradeAll([], labs, { ...settings(sandbox, options), onProgress: bar.step })
  bar.end()
  console.log(
    `Ready to grade labs ${grading.labs.map(({ lab }) => lab).join(', ')}. Sandbox: ${grading.sandbox}`,
  )
  return 0
}

/** Only where there are many: cloning takes a second or so each, and says nothing. */
function tellFetched(done: number, total: number): void {
  if (done % 10 === 0 || (done === total && total > 10))
    console.error(`${done} of ${total} repositories fetched`)
}

/** What may be a slip of the pen: it would otherwise be somebody's late penalty. */
function tellDoubts(policy: Policy, names: readonly string[], labs: readonly string[]): void {
  for (const [student, place] of policy.students) {
    if (!names.includes(student))
      console.error(`${place}: nobody among these submissions is called '${student}'.`)
  }
  const others = [...policy.deadlines.labs.keys()].filter(lab => !labs.includes(lab))
  if (policy.lateDays > 0 && others.length > 0)
    console.error(
      `${policy.file}: late days are counted over the labs of this grading alone, without ${others.join(', ')}.`,
    )
}

/** More than this nobody reads on a terminal. */
const tableUpTo = 40

function tell(grading: Grading, out: string): number {
  writeAll(grading, out)
  console.log(grading.submissions.length > tableUpTo ? summary(grading) : table(grading))
  for (const line of handedIn(grading)) console.log(line)
  const empty = grading.submissions.filter(({ labs }) =>
    labs.every(({ reason }) => reason === 'missing file'),
  )
  if (empty.length > 0)
    console.log(`No lab's file was found in: ${listed(empty.map(({ submission }) => submission))}`)
  console.log(`Written to ${out}: grades.json, grades.csv, junit.xml, pages/, gradescope/, classroom/`)
  return tellUngraded(grading)
}

/** What cannot be graded gets no results: Gradescope then says that the autograder failed, which is what happened. */
function tellGradescope(grading: Grading, file: string): number {
  console.log(`${table(grading)}\nSandbox: ${grading.sandbox}`)
  const code = tellUngraded(grading)
  if (code === 0) writeFileSync(file, `${JSON.stringify(gradescope(grading.submissions[0]!))}\n`)
  return code
}

function tellUngraded(grading: Grading): number {
  const ungraded = grading.submissions.filter(({ labs }) =>
    labs.some(({ reason }) => reason === 'nothing reported'),
  )
  if (ungraded.length === 0) return 0
  const names = ungraded.map(({ submission }) => submission)
  console.log(
    `Not graded: ${listed(names)}. The fault is not theirs: mend it and give the same command again.`,
  )
  return 1
}

/** Whose word the lateness of this class rests on. */
function handedIn({ submissions }: Grading): string[] {
  const counts = new Map<string, number>()
  for (const { labs } of submissions) {
    for (const { deadline, reason } of labs) {
      if (!deadline || reason === 'missing file') continue
      const by = deadline.handedIn?.by.replace(/:\d+$/, '').replace(/^commit .*/, "its commit's time")
      const said = by ?? 'nobody knows, and it is taken to be in time'
      counts.set(said, (counts.get(said) ?? 0) + 1)
    }
  }
  return [...counts].map(([by, count]) => `When a lab was handed in: ${by} (${count} of them)`)
}

/** Writes the pages again, with the mistakes that the submissions look like. The grades stand without it. */
async function tellMisconceptions(grading: Grading, { out, jobs }: GradeOptions): Promise<void> {
  const toLookAt = labsToLookAt(grading)
  if (toLookAt.length === 0) return
  console.log(
    `Looking which known mistakes of labs ${toLookAt.map(({ id }) => id).join(', ')} these resemble …`,
  )
  const bar = progress()
  try {
    const known = await signatures(toLookAt, {
      ...jobsOf(jobs),
      // Mutants are the course's own.
      sandbox: findSandbox(),
      onProgress: step => bar.step({ ...step, line: `known mistakes: ${step.line}` }),
    })
    writeForPeople(withResemblances(grading, known), out)
  } catch (error) {
    console.error(`Which known mistakes these resemble cannot be said here: ${(error as Error).message}`)
  } finally {
    bar.end()
  }
}

function tellDifferences(before: Grading, after: Grading): number {
  const lines = differences(before, after)
  console.log(lines.length === 0 ? 'No grade has changed.' : lines.join('\n'))
  return 0
}

function tellLikenesses(found: readonly Likeness[], out: string): void {
  const rows = [
    ['lab', 'one', 'other', 'alike'],
    ...found.map(({ lab, one, other, share }) => [lab, one, other, `${Math.floor(100 * share)}%`]),
  ]
  writeFileSync(path.join(out, 'alike.csv'), sheet(rows))
  if (found.length > 0) console.log(`${found.length} pairs of submissions are much alike: alike.csv`)
}

/**
 * `--mutants`: a mutant with all points shows what the grader, or a hidden test, does not see. And in their failures stand the
 * sections that tests send their readers to, however a test puts their names together.
 */
function survivors({ submissions }: Grading): number {
  const alive = submissions.filter(({ labs }) => labs.every(({ reason }) => reason === 'ok'))
  const messages = submissions.flatMap(({ labs }) => labs.flatMap(({ tests }) => tests))
  const stray = new Set(
    messages.flatMap(({ id, message }) => strayMentionsIn(message).map(each => `${id}: ${each}`)),
  )
  for (const { submission } of alive) console.log(`survives: ${submission}`)
  for (const mention of stray) console.log(`sends the reader to what is not there: ${mention}`)
  console.log(`${submissions.length - alive.length} of ${submissions.length} mutants lose points`)
  return alive.length + stray.size === 0 ? 0 : 1
}

/** A lab that comes solved has nothing to grade. */
function gradedLabs() {
  return madeLabs.filter(lab => !lab.solved)
}

function jobsOf(jobs: string | undefined): { jobs?: number } {
  return jobs === undefined ? {} : { jobs: positive('--jobs', jobs) }
}

function positive(option: string, text: string): number {
  const number = Number(text)
  if (number > 0 && Number.isFinite(number)) return number
  throw new Complaint(`${option} wants a number above 0, not '${text}'.`)
}
