/**
 * Tries mutants, one after the other, in a process of its own: mutation.ts sends the number of a mutant and learns
 * whether a test noticed it. Each mutant gets the tests and the mutated files as fresh modules, so that what one leaves
 * behind in a module cannot reach the next; only tests that come past the mutated place run, the quick files first, and
 * the first that fails ends it.
 */
import { pathToFileURL } from 'node:url'
import { type File, type Suite, startTests, type Task, type Test, type VitestRunner } from '@vitest/runner'
import { configureGlobal } from 'fast-check'
import { bareConfig, beginExpecting, endExpecting, withExpect } from '../grade/bare-runner.ts'

/** `null` is the file as it is: every test has to pass, and says which places it comes past. */
export interface Order {
  mutant: string | null
  /** How often the mutated place may run: a changed condition may loop for ever. */
  hitLimit: number
  /** The tests to run, by id. */
  tests: readonly string[] | null
  /** In this order. */
  files: readonly string[]
  /** What a test may take that does not say how long it may. */
  testMilliseconds: number
}

export type Answer =
  | { type: 'test'; id: string }
  | {
      type: 'done'
      /** The first thing that went wrong; null when nothing did. */
      complaint: string | null
      /** Nobody caught it: it may come from a mutant that was tried before in this process. */
      loose: boolean
      /** Milliseconds by test. */
      times: Record<string, number>
      /** Test → mutant → how often it was come past. Files are there too, for what their preparation does. */
      coverage: Record<string, Record<string, number>>
      /** Mutants of which code ran while modules were loaded. */
      loaded: Record<string, number>
      /** A process that has grown so much should be the last's. */
      megabytes: number
    }

/** What the library's instrumented files look at and write to. */
interface Instruments {
  activeMutant: string | undefined
  hitCount: number | undefined
  hitLimit: number
  currentTestId: string | undefined
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> }
}

declare global {
  var __stryker__: Instruments
}

/** The same input for every mutant: two runs of the same files find the same. */
const seed = 20_080_413

const bundle = pathToFileURL(process.argv[2]!).href
let complaint: string | null = null
let loose = false
let count = 0

process.on('message', (order: Order) => void obey(order))
process.on('uncaughtException', uncaught)
process.on('unhandledRejection', uncaught)

async function obey(order: Order): Promise<void> {
  complaint = null
  loose = false
  globalThis.__stryker__ = {
    activeMutant: order.mutant ?? undefined,
    hitCount: order.mutant === null ? undefined : 0,
    hitLimit: order.hitLimit,
    currentTestId: undefined,
    mutantCoverage: { static: {}, perTest: {} },
  }
  const instruments = globalThis.__stryker__
  const times: Record<string, number> = {}
  configureGlobal({ seed })
  try {
    const { files } = (await import(`${bundle}?${++count}`)) as {
      files: Record<string, () => Promise<unknown>>
    }
    await startTests([...order.files], runnerOf(files, order, instruments, times))
  } catch (error) {
    complain(error)
  }
  await new Promise(resolve => setImmediate(resolve))
  const { static: loaded, perTest: coverage } = instruments.mutantCoverage
  const megabytes = process.memoryUsage().rss / 2 ** 20
  tell({ type: 'done', complaint, loose, times, coverage, loaded, megabytes })
}

function runnerOf(
  files: Record<string, () => Promise<unknown>>,
  order: Order,
  instruments: Instruments,
  times: Record<string, number>,
): VitestRunner {
  /** What runs outside of a test belongs to its file; what runs while modules are loaded, to all. */
  const between = (file: string | undefined) => {
    instruments.currentTestId = file
  }
  return {
    config: bareConfig({
      seed,
      testTimeout: order.testMilliseconds,
      hookTimeout: 2 * order.testMilliseconds,
    }),
    importFile(file) {
      between(undefined)
      return files[file]!()
    },
    onCollected(found) {
      for (const file of found) {
        complainOf(file) // it may not even load
        choose(file, order.tests)
      }
    },
    onBeforeRunSuite(suite) {
      between(suite.file.filepath)
    },
    onBeforeRunTask(test) {
      if (order.mutant !== null && complaint !== null) test.mode = 'skip'
      if (test.mode === 'skip') return
      tell({ type: 'test', id: idOf(test) })
      between(idOf(test))
    },
    onBeforeTryTask: beginExpecting,
    onAfterTryTask: endExpecting,
    onAfterRunTask(test) {
      between(test.file.filepath)
      complainOf(test)
      if (test.mode === 'run') times[idOf(test)] = test.result?.duration ?? 0
    },
    onAfterRunSuite(suite) {
      complainOf(suite)
    },
    extendTaskContext: withExpect,
  }
}

/** Leaves only these tests to be run, and of a group without any not even the preparation. */
function choose(suite: Suite | File, tests: readonly string[] | null): void {
  for (const task of suite.tasks) {
    if (task.type === 'suite') choose(task, tests)
    else if (tests !== null && !tests.includes(idOf(task))) task.mode = 'skip'
  }
  if (suite.tasks.length > 0 && suite.tasks.every(({ mode }) => mode === 'skip')) suite.mode = 'skip'
}

function idOf(test: Test): string {
  const groups: string[] = []
  for (let suite = test.suite; suite; suite = suite.suite) groups.unshift(suite.name)
  return [test.file.filepath, ...groups, test.name].join(' > ')
}

function complainOf(task: Task): void {
  if (task.result?.state === 'fail') {
    const said = task.result.errors?.[0]?.message ?? 'it failed'
    complaint ??= `${task.name}: ${said}`
  }
}

function uncaught(error: unknown): void {
  loose ||= complaint === null
  complain(error)
}

function complain(error: unknown): void {
  complaint ??= error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function tell(answer: Answer): void {
  process.send!(answer)
}
