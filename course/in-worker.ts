/**
 * Runs in the process that runs the tests, before each test file: writes down, before anything can go wrong, what is
 * about to run. When a loop never ends or the process dies, this journal is all that is left to say where.
 */
import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeEach, expect, inject } from 'vitest'
import type { JournalLine } from './journal.ts'

declare module 'vitest' {
  interface ProvidedContext {
    oneFailureIsEnough: boolean
  }
}

const journal = path.join(process.env.COURSE_JOURNAL!, `${process.pid}.jsonl`)
const file = expect.getState().testPath ?? ''

function write(line: JournalLine): void {
  appendFileSync(journal, `${JSON.stringify(line)}\n`)
}

/** The folders with a failed test in them; for all the test files that this process runs. */
declare global {
  var courseFailures: Set<string> | undefined
}
globalThis.courseFailures ??= new Set()
const failures = globalThis.courseFailures

write({ type: 'load', file, time: Date.now() })

beforeEach(({ task, skip, onTestFinished }) => {
  skip(inject('oneFailureIsEnough') && failures.has(path.dirname(file)))
  write({ type: 'start', file, test: task.id, timeout: task.timeout, time: Date.now() })
  onTestFinished(({ task }) => {
    const error = task.result?.errors?.[0]
    if (error) failures.add(path.dirname(file))
    write({
      type: 'end',
      file,
      test: task.id,
      failure: error ? `${error.name}: ${error.message}` : null,
      time: Date.now(),
    })
  })
})

afterAll(() => write({ type: 'done', file }))
