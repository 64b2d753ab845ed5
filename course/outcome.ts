/**
 * Makes plain data of what a run left behind: the results that came back, and the journals of processes that did not.
 */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestError } from 'vitest'
import type { TestCase, TestModule } from 'vitest/node'
import type { Hole } from './holes.ts'
import { type Journal, limitOf, type Open, openIn } from './journal.ts'
import { root } from './paths.ts'

export interface TestOutcome {
  file: string
  /** The names of the groups round it, the outermost first: `['A. Write the primitives']`. */
  groups: readonly string[]
  name: string
  /** `todo`: it came to a hole that nobody has filled. `stuck`: it had to be ended. `missed`: it never ran. */
  state: 'passed' | 'failed' | 'todo' | 'stuck' | 'missed' | 'skipped'
  /** For `todo`: the lab, the part and the task, as in `04 A: write an int`. */
  todo: string | null
  failure: Failure | null
  /** What the code under test printed. */
  printed: readonly string[]
}

export interface Failure {
  /** `AssertionError`, `KeeperError`, …; `Thrown` for what is no Error; `Stuck`, `Died`. */
  name: string
  message: string
  /** Lines that begin with `-` are expected, with `+` came out. */
  diff: string | null
  /** Where it happened, the innermost first; only files of the course. */
  places: readonly Place[]
}

export interface Place {
  file: string
  line: number
  column: number
}

export interface Trouble {
  /** `load`: a test file cannot be loaded. `uncaught`: an error that no test caught. */
  kind: 'load' | 'uncaught'
  /** The test file that it concerns, when that is known. */
  file: string | null
  failure: Failure
}

/** All that is known when a run is over. */
export interface Findings {
  modules: readonly TestModule[]
  unhandled: readonly TestError[]
  journals: readonly Journal[]
  stuck: readonly Open[]
  printed: ReadonlyMap<string, readonly string[]>
  /** What the processes wrote to their error stream: of one that died, Node's own account. */
  lastWords: string
  holes: readonly Hole[]
}

export function outcome(findings: Findings): { tests: TestOutcome[]; troubles: Trouble[] } {
  const { modules, unhandled, journals, stuck, printed, holes } = findings
  const diedIn = deathNotice(findings.lastWords)
  const cut = journals.flatMap(journal => openIn(journal) ?? [])
  const wereStuck = (open: Open) => stuck.some(({ file, time }) => file === open.file && time === open.time)
  const tests = modules.flatMap(module =>
    [...module.children.allTests()].map((test): TestOutcome => {
      const known = {
        file: path.normalize(module.moduleId),
        groups: groupsOf(test),
        name: test.name,
        todo: null,
        failure: null,
        printed: printed.get(test.id) ?? [],
      }
      const { state, errors = brokenBefore(test) } = test.result()
      if (errors.length > 0) {
        const todo = holeIn(holes, errors.map(wholeText).join('\n'))
        return todo === null
          ? { ...known, state: 'failed', failure: failureOf(errors[0]!) }
          : { ...known, state: 'todo', todo }
      }
      if (state === 'passed' || state === 'skipped') return { ...known, state }
      const open = cut.find(line => line.type === 'start' && line.test === test.id)
      if (open) return { ...known, ...(wereStuck(open) ? stuckIn(open) : diedIn) }
      return { ...known, ...(ended(journals, test.id, holes) ?? { state: 'missed' }) }
    }),
  )
  const broken = new Set(modules.filter(module => module.errors().length > 0).map(({ moduleId }) => moduleId))
  const died = unhandled.some(isDeath)
  // A file that cannot be loaded ends its process in good order, and says so itself.
  const outsideTests = cut.filter(
    open => open.type !== 'start' && !broken.has(open.file) && (died || wereStuck(open)),
  )
  const troubles: Trouble[] = [
    ...outsideTests.map(open => ({
      kind: 'load' as const,
      file: path.normalize(open.file),
      failure: wereStuck(open) ? stuckIn(open).failure : diedIn.failure,
    })),
    ...modules.flatMap(module =>
      module.errors().map(error => ({
        kind: 'load' as const,
        file: path.normalize(module.moduleId),
        failure: failureOf(error as TestError),
      })),
    ),
    ...modules
      .flatMap(module => [...module.children.allSuites()])
      .filter(suite => ![...suite.children.allTests()].some(test => test.result().state === 'skipped'))
      .flatMap(suite => suite.errors())
      .map(error => ({ kind: 'uncaught' as const, file: null, failure: failureOf(error as TestError) })),
    // That a process died is told above, by the test that it died in.
    ...unhandled
      .filter(error => !isDeath(error))
      .map(error => ({ kind: 'uncaught' as const, file: testFileOf(error), failure: failureOf(error) })),
  ]
  return { tests, troubles: distinct(troubles) }
}

function stuckIn(open: Open): Pick<TestOutcome, 'state'> & { failure: Failure } {
  const doing = {
    load: 'loading this file',
    start: 'this test',
    end: 'what comes between and after the tests',
  }[open.type]
  return {
    state: 'stuck',
    failure: failure(
      'Stuck',
      `${doing} was still busy after ${(limitOf(open) / 1000).toFixed(1)} s, and was ended. ` +
        'Look for a loop that never gets nearer to its end.',
    ),
  }
}

function deathNotice(lastWords: string): Pick<TestOutcome, 'state'> & { failure: Failure } {
  const message = /heap out of memory/i.test(lastWords)
    ? 'the process that runs the tests ran out of memory here. Look for something that grows in a loop.'
    : 'the process that runs the tests ended here, without an error to show. process.abort and process.kill do that.'
  return { state: 'failed', failure: failure('Died', message) }
}

function failure(name: string, message: string): Failure {
  return { name, message, diff: null, places: [] }
}

/** What the journal knows of a test whose result was lost with its process. */
function ended(
  journals: readonly Journal[],
  test: string,
  holes: readonly Hole[],
): Pick<TestOutcome, 'state' | 'failure' | 'todo'> | null {
  for (const line of journals.flatMap(({ lines }) => lines)) {
    if (line.type !== 'end' || line.test !== test) continue
    if (line.failure === null) return { state: 'passed', failure: null, todo: null }
    const todo = holeIn(holes, line.failure)
    if (todo !== null) return { state: 'todo', failure: null, todo }
    return { state: 'failed', failure: failure('', line.failure), todo: null }
  }
  return null
}

/** A test whose group could not be made ready is skipped, and its group has the error. */
function brokenBefore(test: TestCase): readonly TestError[] {
  if (test.result().state !== 'skipped') return []
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent) {
    if (parent.errors().length > 0) return parent.errors() as readonly TestError[]
  }
  return []
}

function groupsOf(test: TestCase): string[] {
  const groups: string[] = []
  for (let parent = test.parent; parent.type === 'suite'; parent = parent.parent) groups.unshift(parent.name)
  return groups
}

/**
 * The hole that a failing test came to. It need not be the error itself: a test that expects an error and gets a Todo
 * fails with an error about that, and so does a property.
 */
function holeIn(holes: readonly Hole[], text: string): string | null {
  const come = holes.filter(({ task }) => text.includes(`Lab ${task}`)).map(({ task }) => task)
  // One task may begin like another.
  return come.sort((a, b) => b.length - a.length)[0] ?? null
}

function wholeText(error: TestError): string {
  const { name, message, diff = '', cause } = error
  return `${name}: ${message}\n${diff}\n${cause ? wholeText(cause) : ''}`
}

function failureOf(error: TestError): Failure {
  return {
    name: error.name ?? 'Thrown',
    message: messageOf(error),
    diff: error.diff ?? error.cause?.diff ?? null,
    places: (error.stacks ?? placesIn(error.stack ?? ''))
      .map(({ file, line, column }) => ({ file: path.normalize(file), line, column }))
      .filter(({ file }) => sourceFolders.some(folder => file.startsWith(folder))),
  }
}

/** With what caused it, and without what the libraries say to their own users. */
function messageOf({ message, cause }: TestError): string {
  const own = message
    .replace(/ \/\/ (Object\.is|deep) equality$/, '')
    .replace(/\n+Hint: Enable verbose mode.*$/s, '')
  return cause?.message ? `${own}\n${messageOf(cause)}` : own
}

/** Lines like `at count (file:///…/counter.ts:6:38)`; the test runner leaves these unread for what no test caught. */
function placesIn(stack: string): Place[] {
  return [...stack.matchAll(/^ +at (?:.*\()?(.+?):(\d+):(\d+)\)?$/gm)].map(([, file, line, column]) => ({
    file: file!.startsWith('file:') ? fileURLToPath(file!) : file!,
    line: Number(line),
    column: Number(column),
  }))
}

const sourceFolders = ['labs', 'solutions', 'reference-impl'].map(
  folder => path.join(root, folder) + path.sep,
)

function testFileOf(error: TestError): string | null {
  const { VITEST_TEST_PATH: file } = error as { VITEST_TEST_PATH?: string }
  return file === undefined ? null : path.normalize(file)
}

function isDeath(error: TestError): boolean {
  return error.message.startsWith('[vitest-pool]')
}

function distinct(troubles: readonly Trouble[]): Trouble[] {
  const seen = new Set<string>()
  return troubles.filter(({ failure: { message } }) => !seen.has(message) && seen.add(message))
}
