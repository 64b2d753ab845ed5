/**
 * Runs a lab's tests, visible and hidden, and tells the grader about each. What a student wrote runs in another process
 * (subject-process.ts), so nothing in here can be patched, read or ended by it. One judge serves one submission.
 * The grader bundles this program with the tests of a lab, and `#lab/…` in them with functions that call the subject.
 */
import { readFileSync, writeSync } from 'node:fs'
import { startTests, type Task, type Test, type VitestRunner } from '@vitest/runner'
import { configureGlobal } from 'fast-check'
import { bareConfig, beginExpecting, endExpecting, withExpect } from './bare-runner.ts'
import { ForesawWrongly } from './judge-end.ts'
import { firstLine, type KnownTest, type Reason, type TestGrade } from './model.ts'
import { SubjectGone, type SubjectOptions, SubjectProcess } from './subject-process.ts'
import { patience } from './watchdog.ts'

export interface JudgeOptions extends SubjectOptions {
  testMilliseconds: number
  /** For tests that make their input: the same submission, the same input; another, another. */
  seed: number
}

/** What the judge tells, a line each. */
export type Report =
  | { type: 'tests'; tests: KnownTest[] }
  | { type: 'test'; id: string; reason: Reason; message: string; milliseconds: number }
  /** The code under test cannot even be loaded. */
  | { type: 'broken'; reason: Reason; message: string }
  | { type: 'done'; calls: number; milliseconds: number }

export type TestFiles = Record<string, () => Promise<unknown>>

/** Where the grader listens. */
const reportDescriptor = 3

/** How Node says that there is no memory for a buffer. */
const outOfRoom = /^Array buffer allocation failed$/

const options: JudgeOptions = JSON.parse(readFileSync(process.argv[2]!, 'utf8'))
/** To load what a student wrote may take as long as a test, and so may what comes before the tests. */
const loadMilliseconds = options.testMilliseconds
let limit = options.testMilliseconds
/** What loops in one test often loops in all: after each that ran out of time, the next gets less, but never below this. */
const leastMilliseconds = Math.min(1_000, options.testMilliseconds / 4)
let exportKinds: unknown[] = []
let exportNames: readonly (readonly [string, string])[] = []
let calls = 0
/** What the bridge saw during the test that runs. */
let seen: { todo: string | null; forbidden: string | null; memory: string | null } = nothingSeen()

const subject = new SubjectProcess(options, {
  called() {
    calls++
    if (subject.started && !subject.gone && subject.end.thenables) schedulePump()
  },
  threw(error) {
    if (!(error instanceof Error)) return
    if (error.name === 'Todo') seen.todo ??= error.message
    if (error.name === 'Forbidden') seen.forbidden ??= error.message
    if (/Array buffer allocation failed|Invalid array length/.test(error.message))
      seen.memory ??= error.message
  },
})

function nothingSeen() {
  return { todo: null, forbidden: null, memory: null }
}

/** What the tests import in place of something that is in the subject. */
export function exported(module: string, name: string): unknown {
  const index = exportNames.findIndex(([from, each]) => from === module && each === name)
  const kind = exportKinds[index]
  if (Array.isArray(kind) && kind[0] === 'value') {
    if (kind[1] !== undefined) return kind[1]
    return () => {
      throw new TypeError(`${module}.ts does not export '${name}'`)
    }
  }
  return (...args: unknown[]) => kept(subject.end.invoke(index, args))
}

/** How to break the promises of the subject that this test waits for. */
let breaking: ((error: SubjectGone) => void)[] = []

/** When the subject is gone nobody keeps its promises any more: whoever waits for one must be told, or he waits for ever. */
function kept(value: unknown): unknown {
  if (typeof (value as PromiseLike<unknown> | null | undefined)?.then !== 'function') return value
  return new Promise((resolve, reject) => {
    breaking.push(reject)
    ;(value as PromiseLike<unknown>).then(resolve, reject)
  })
}

export async function judge(files: TestFiles, names: readonly (readonly [string, string])[]): Promise<void> {
  process.on('uncaughtException', unexpected)
  process.on('unhandledRejection', unexpected)
  configureGlobal({ seed: options.seed })
  exportNames = names
  try {
    subject.allow(loadMilliseconds)
    const kinds = subject.end.hello()
    if (!Array.isArray(kinds)) throw new SubjectGone('crashed', 'it did not say what it exports')
    exportKinds = kinds
  } catch (error) {
    tell({ type: 'broken', ...whyBroken(error) })
    return finish()
  }
  await startTests(Object.keys(files), runner(files))
  tell({ type: 'done', calls, milliseconds: Math.round(performance.now()) })
  finish()
}

function whyBroken(error: unknown): { reason: Reason; message: string } {
  if (error instanceof SubjectGone)
    return { reason: error.reason, message: `while it is loaded, ${error.said}` }
  const { name, message } = error instanceof Error ? error : { name: 'thrown', message: String(error) }
  if (name === 'Todo') return { reason: 'not attempted', message }
  if (name === 'Forbidden') return { reason: 'forbidden', message }
  if (outOfRoom.test(message)) return { reason: 'out of memory', message }
  return { reason: 'crashed', message: `it throws while it is loaded: ${name}: ${message}` }
}

function finish(): void {
  subject.stop()
  process.exit(0)
}

function runner(files: TestFiles): VitestRunner {
  return {
    config: bareConfig({
      seed: options.seed,
      testTimeout: patience * options.testMilliseconds,
      hookTimeout: patience * options.testMilliseconds,
    }),
    importFile(file) {
      subject.allow(loadMilliseconds)
      return files[file]!()
    },
    onCollected(found) {
      tell({ type: 'tests', tests: found.flatMap(file => testsIn(file.tasks)).map(knownTest) })
    },
    onBeforeRunSuite() {
      subject.next()
      subject.allow(loadMilliseconds)
    },
    onBeforeRunTask(test) {
      foreseen = true
      test.retry = { count: 1, condition: () => !foreseen }
    },
    onBeforeTryTask(test, { retry }) {
      seen = nothingSeen()
      breaking = []
      foreseen = true
      if (test.result) test.result.errors = []
      subject.next()
      subject.allow(limit)
      if (subject.started) subject.end.begin(retry === 0)
      beginExpecting(test)
    },
    onAfterTryTask() {
      settle()
      if (!foreseen) throw new ForesawWrongly()
      endExpecting()
    },
    onTaskFinished() {
      settle()
    },
    onAfterRunTask(test) {
      if (test.mode !== 'run' && test.mode !== 'queued') return
      if (test.result?.state === 'skip') return
      tellTest(test, verdict(test))
      if (subject.gone?.reason === 'timed out') limit = Math.max(leastMilliseconds, limit / 2)
    },
    onAfterRunSuite(suite) {
      // Its own preparation failed: no test inside has run.
      const error = suite.result?.errors?.[0]
      if (!error) return
      const reason = subject.gone?.reason ?? (seen.todo === null ? 'wrong' : 'not attempted')
      for (const test of testsIn(suite.tasks)) {
        if (!told.has(test)) tellTest(test, { reason, message: error.message, milliseconds: 0 })
      }
    },
    extendTaskContext: withExpect,
  }
}

/** A test that passed although its subject died, or came to a hole, has looked away: it has not passed. */
function verdict(test: Test): Pick<TestGrade, 'reason' | 'message' | 'milliseconds'> {
  const milliseconds = Math.round(test.result?.duration ?? 0)
  const grade = (reason: Reason, message: string) => ({ reason, message, milliseconds })
  if (subject.gone) return grade(subject.gone.reason, subject.gone.said)
  if (seen.todo !== null) return grade('not attempted', seen.todo)
  if (seen.forbidden !== null) return grade('forbidden', seen.forbidden)
  if (test.result?.state === 'pass') return grade('ok', '')
  if (seen.memory !== null) return grade('out of memory', seen.memory)
  const error = test.result?.errors?.[0]
  const message = error?.message ?? 'it did not pass'
  if (/^(Test|Hook) timed out in/.test(message)) return grade('timed out', firstLine(message))
  const diff = error?.diff ? `\n\n${error.diff}` : ''
  const name =
    error?.name && error.name !== 'AssertionError' && error.name !== 'Error' ? `${error.name}: ` : ''
  return grade('wrong', (name + message + diff).slice(0, 20_000))
}

function testsIn(tasks: readonly Task[]): Test[] {
  return tasks.flatMap(task =>
    task.type === 'suite' ? testsIn(task.tasks) : task.mode === 'run' ? [task] : [],
  )
}

const ids = new Map<Test, KnownTest>()
const taken = new Set<string>()

function knownTest(test: Test): KnownTest {
  const known = ids.get(test)
  if (known) return known
  const groups: string[] = []
  for (let suite = test.suite; suite; suite = suite.suite) groups.unshift(suite.name)
  const file = test.file.filepath
  const plain = [file, ...groups, test.name].join(' > ')
  let id = plain
  for (let count = 2; taken.has(id); count++) id = `${plain} (${count})`
  taken.add(id)
  const part = /^([A-Z])\./.exec(groups[0] ?? '')?.[1] ?? null
  const found = {
    id,
    file,
    visible: file.startsWith('visible/'),
    part,
    name: [...groups.slice(1), test.name].join(': '),
  }
  ids.set(test, found)
  return found
}

/** False when the run of a test means nothing, because the bridge foresaw wrongly in it: see judge-end.ts. */
let foreseen = true

function settle(): void {
  if (!subject.started || subject.gone) return
  try {
    foreseen = subject.end.settle()
  } catch (error) {
    if (error instanceof ForesawWrongly) foreseen = false
    else unexpected(error)
  }
}

const told = new Set<Test>()

function tellTest(test: Test, verdict: Pick<TestGrade, 'reason' | 'message' | 'milliseconds'>): void {
  told.add(test)
  tell({ type: 'test', id: knownTest(test).id, ...verdict })
}

let pumping = false

/** Promises of the subject go on only when it gets a turn. */
function schedulePump(delay = 0): void {
  if (pumping) return
  pumping = true
  const turn = () => {
    pumping = false
    if (!subject.started || subject.gone) return
    try {
      if (subject.end.pump()) schedulePump(2)
    } catch (error) {
      unexpected(error)
      if (error instanceof SubjectGone) for (const breakOne of breaking) breakOne(error)
    }
  }
  if (delay === 0) setImmediate(turn)
  else setTimeout(turn, delay)
}

/** The subject's end is told with the test; anything else is a fault of the tests, and the grader shall see it. */
function unexpected(error: unknown): void {
  if (error instanceof SubjectGone) return
  // The grader is gone: to complain of that into the same pipe would go on for ever.
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(1)
  console.error(error)
}

function tell(report: Report): void {
  const line = Buffer.from(`${JSON.stringify(report)}\n`)
  for (let at = 0; at < line.length; ) {
    try {
      at += writeSync(reportDescriptor, line, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
