/** Starts a judge for one submission of one lab, and takes down what it says. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { JudgeOptions, Report } from './judge.ts'
import type { KnownTest, Reason, TestGrade } from './model.ts'
import { openTo } from './sandbox.ts'

export interface Verdicts {
  tests: KnownTest[]
  results: Map<string, Pick<TestGrade, 'reason' | 'message' | 'milliseconds'>>
  /** Why no test could run. */
  broken: { reason: Reason; message: string } | null
  /** The judge came to its end; otherwise it had to be ended, or died. */
  done: boolean
  calls: number
  /** What the judge itself complained of: a fault of the course, not of the submission. */
  complaints: string
}

export interface JudgeRun extends Omit<JudgeOptions, 'program' | 'scratch' | 'watchdog'> {
  judge: string
  watchdog: string
  subject: string
  /** A private folder for this run. */
  folder: string
  milliseconds: number
  /** Where the packages are that the judge imports. */
  root: string
}

const running = new Set<ChildProcess>()

/** Judges are groups of their own: whoever interrupts the grading interrupts only the grader. */
process.on('exit', () => {
  for (const { pid } of running) {
    try {
      process.kill(-pid!, 'SIGKILL')
    } catch {}
  }
})

export function runJudge(run: JudgeRun): Promise<Verdicts> {
  const { judge, watchdog, subject, folder, milliseconds, root, ...options } = run
  const program = path.join(folder, 'subject')
  const scratch = path.join(folder, 'scratch')
  mkdirSync(program, { recursive: true })
  mkdirSync(scratch)
  for (const open of [folder, program]) openTo(open)
  writeFileSync(path.join(program, 'subject.mjs'), subject)
  const settings: JudgeOptions = { ...options, program, scratch, watchdog }
  const file = path.join(folder, 'judge.json')
  writeFileSync(file, JSON.stringify(settings))

  const child = spawn(process.execPath, ['--no-warnings', judge, file], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH ?? '', NO_COLOR: '1', NODE_ENV: 'test', VITEST: 'true' },
    detached: true,
  })
  running.add(child)
  const verdicts: Verdicts = {
    tests: [],
    results: new Map(),
    broken: null,
    done: false,
    calls: 0,
    complaints: '',
  }
  const timer = setTimeout(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {}
  }, milliseconds)
  const reports = child.stdio[3] as NodeJS.ReadableStream
  let rest = ''
  reports.setEncoding('utf8')
  reports.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) takeDown(JSON.parse(line), verdicts)
  })
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      if (verdicts.complaints.length < 20_000) verdicts.complaints += chunk
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => {
      clearTimeout(timer)
      running.delete(child)
      endSubject(scratch)
      resolve(verdicts)
    })
  })
}

/** A judge that was killed could not take its subject with it. Bubblewrap does; without a sandbox it is ours to do. */
function endSubject(scratch: string): void {
  try {
    process.kill(-Number(readFileSync(path.join(scratch, 'pid'), 'utf8')), 'SIGKILL')
  } catch {}
}

function takeDown(report: Report, verdicts: Verdicts): void {
  switch (report.type) {
    case 'tests':
      verdicts.tests = report.tests
      break
    case 'test':
      verdicts.results.set(report.id, report)
      break
    case 'broken':
      verdicts.broken = report
      break
    case 'done':
      verdicts.done = true
      verdicts.calls = report.calls
  }
}
