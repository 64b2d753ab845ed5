/**
 * Runs test files against a subject and says what came out, as plain data. It keeps a warm test runner between runs,
 * and it always comes back: a process that is stuck in a loop is ended, one that dies is noticed, and both are told
 * with the name of the test that was running.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { EnvironmentModuleGraph } from 'vite'
import type { TestError } from 'vitest'
import type { TestCase, TestModule } from 'vitest/node'
import { type Hole, holesIn } from './holes.ts'
import { type Journal, type Open, openIn, readJournals } from './journal.ts'
import { cacheFolder, root } from './paths.ts'
import { spareWorkers } from './spare-workers.ts'
import { referenceFile, type Subject, vitePlugin } from './swap.ts'

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

export interface Result {
  tests: readonly TestOutcome[]
  /** What went wrong outside of any test: a file that cannot be loaded, an error that nobody caught. */
  troubles: readonly Trouble[]
  /** It was told to stop: what it did not come to says nothing about the subject. */
  stopped: boolean
  milliseconds: number
}

export interface Trouble {
  /** `load`: a test file cannot be loaded. `uncaught`: an error that no test caught. */
  kind: 'load' | 'uncaught'
  /** The test file that it concerns, when that is known. */
  file: string | null
  failure: Failure
}

export interface RunnerOptions {
  /** How many test files run at once; as many as the machine likes when it is not said. */
  workers?: number
  /** Keep processes ready between runs: somebody will wait for the next one. */
  quickAgain?: boolean
  /** One process for all files of a run: quicker, for code that we trust to leave nothing behind. */
  shared?: boolean
}

export interface Runner {
  /**
   * Runs these test files with `#lab/…` naming these subjects. When one failure is enough, the tests in the same folder
   * that come after it are skipped.
   */
  run(files: readonly string[], subjects: readonly Subject[], oneFailureIsEnough?: boolean): Promise<Result>
  /** The next run reads these files anew. */
  changed(files: readonly string[]): void
  /** Ends the run that is under way at once; it answers with what it knows. */
  stop(): void
  close(): Promise<void>
}

/** Past its own timeout a test that still waits is failed by the test runner; one that is still busy, by us. */
const graceMs = 1_000
const loadTimeoutMs = 5_000

export async function openRunner(options: RunnerOptions = {}): Promise<Runner> {
  const { createVitest } = await import('vitest/node')
  const spares = options.quickAgain ? await spareWorkers() : null
  const subjects: Subject[] = []
  const journals = mkdtempSync(path.join(tmpdir(), 'course-journal-'))
  const printed = new Map<string, string[]>()
  let lastWords = ''
  let stopped = false
  const stderr = new Writable({
    write(chunk, _encoding, callback) {
      lastWords += String(chunk)
      callback()
    },
  })

  const vitest = await createVitest(
    'test',
    {
      config: false,
      root,
      watch: false,
      include: [],
      setupFiles: [path.join(root, 'course', 'in-worker.ts')],
      pool: spares?.pool ?? 'forks',
      isolate: !options.shared,
      ...(options.workers === undefined ? {} : { maxWorkers: options.workers }),
      testTimeout: 5_000,
      execArgv: ['--max-old-space-size=1024'],
      env: { COURSE_JOURNAL: journals, NO_COLOR: '1' },
      reporters: [
        {
          onUserConsoleLog({ content, taskId = '' }) {
            printed.set(taskId, [...(printed.get(taskId) ?? []), content])
          },
        },
      ],
    },
    {
      plugins: [vitePlugin(subjects)],
      cacheDir: path.join(cacheFolder, 'vite'),
      logLevel: 'silent',
    },
    { stdout: throughTo(process.stdout), stderr },
  )
  const project = vitest.getRootProject()

  return {
    async run(files, next, oneFailureIsEnough = false) {
      if (!sameSubjects(subjects, next)) {
        const moved = [...subjects, ...next].flatMap(subject => [...filesOf(subject), ...replacedBy(subject)])
        for (const { moduleGraph } of Object.values(project.vite.environments))
          forgetImportsOf(moved, moduleGraph)
        subjects.splice(0, subjects.length, ...next)
      }
      vitest.provide('oneFailureIsEnough', oneFailureIsEnough)
      printed.clear()
      lastWords = ''
      stopped = false
      rmSync(journals, { recursive: true, force: true })
      mkdirSync(journals, { recursive: true })
      const began = performance.now()
      const watchdog = watchOver(journals)
      const specifications = files.map(file => project.createSpecification(file))
      // Else a file that does not come to run would answer with its last results.
      vitest.state.filesMap.clear()
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications)
      const stuck = watchdog.stop()
      spares?.refill(Math.min(files.length, availableParallelism()))
      return {
        ...outcome({
          modules: testModules,
          unhandled: unhandledErrors as TestError[],
          journals: readJournals(journals),
          stuck,
          printed,
          lastWords,
          holes: subjects.flatMap(filesOf).flatMap(holesIn),
        }),
        stopped,
        milliseconds: performance.now() - began,
      }
    },
    changed(files) {
      for (const file of files) vitest.invalidateFile(withSlashes(file))
    },
    stop() {
      stopped = true
      for (const { pid } of readJournals(journals)) end(pid)
    },
    async close() {
      await Promise.all([vitest.close(), spares?.close()])
      rmSync(journals, { recursive: true, force: true })
    },
  }
}

/** What code under test writes past the console still comes out; that this is a terminal is not for others to know. */
function throughTo(stream: NodeJS.WriteStream): Writable {
  return new Writable({ write: (chunk, _encoding, callback) => void stream.write(chunk, () => callback()) })
}

function filesOf({ folder, swaps }: Subject): string[] {
  return swaps.map(swap => path.join(folder, `${swap}.ts`))
}

/** As Vite names files, on Windows too. */
function withSlashes(file: string): string {
  return file.split(path.sep).join('/')
}

/** The reference's files that a subject stands in for. */
function replacedBy({ swaps }: Subject): string[] {
  return swaps.flatMap(swap => referenceFile(swap) ?? [])
}

/** What a file imports is looked up once and kept with it. Those that import one of these files look again. */
function forgetImportsOf(files: readonly string[], graph: EnvironmentModuleGraph): void {
  for (const file of files) {
    for (const { importers } of graph.getModulesByFile(withSlashes(file)) ?? []) {
      for (const importer of importers) graph.invalidateModule(importer)
    }
  }
}

function sameSubjects(some: readonly Subject[], others: readonly Subject[]): boolean {
  return JSON.stringify(some) === JSON.stringify(others)
}

/** Ends every process whose test, or whose loading of a file, has been going on for too long. */
function watchOver(journals: string): { stop(): readonly Open[] } {
  const stuck: Open[] = []
  const timer = setInterval(() => {
    for (const journal of readJournals(journals)) {
      const open = openIn(journal)
      if (open === null || Date.now() < open.time + limitOf(open) || !end(journal.pid)) continue
      stuck.push(open)
    }
  }, 100)
  return {
    stop() {
      clearInterval(timer)
      return stuck
    },
  }
}

function limitOf(open: Open): number {
  return (open.type === 'load' ? loadTimeoutMs : open.timeout) + graceMs
}

/** False when it is gone already. */
function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** All that is known when a run is over. */
interface Findings {
  modules: readonly TestModule[]
  unhandled: readonly TestError[]
  journals: readonly Journal[]
  stuck: readonly Open[]
  printed: ReadonlyMap<string, readonly string[]>
  /** What the processes wrote to their error stream: of one that died, Node's own account. */
  lastWords: string
  holes: readonly Hole[]
}

function outcome(findings: Findings): Pick<Result, 'tests' | 'troubles'> {
  const { modules, unhandled, journals, stuck, printed, holes } = findings
  const diedIn = deathNotice(findings.lastWords)
  const cut = journals.flatMap(journal => openIn(journal) ?? [])
  const wereStuck = (open: Open) => stuck.some(({ file, test }) => file === open.file && test === open.test)
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
      const { state, errors } = test.result()
      if (state === 'failed') {
        const todo = holeIn(holes, errors.map(wholeText).join('\n'))
        return todo === null
          ? { ...known, state: 'failed', failure: failureOf(errors[0]!) }
          : { ...known, state: 'todo', todo }
      }
      if (state !== 'pending') return { ...known, state }
      const open = cut.find(({ test: id }) => id === test.id)
      if (open) return { ...known, ...(wereStuck(open) ? stuckIn(open) : diedIn) }
      return { ...known, ...(ended(journals, test.id, holes) ?? { state: 'missed' }) }
    }),
  )
  const broken = new Set(modules.filter(module => module.errors().length > 0).map(({ moduleId }) => moduleId))
  // A file that cannot be loaded ends its process in good order, and says so itself.
  const whileLoading = cut.filter(open => open.type === 'load' && !broken.has(open.file))
  const troubles: Trouble[] = [
    ...whileLoading.map(open => ({
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
    // That a process died is told above, by the test that it died in.
    ...unhandled
      .filter(error => !isDeath(error))
      .map(error => ({ kind: 'uncaught' as const, file: testFileOf(error), failure: failureOf(error) })),
  ]
  return { tests, troubles: distinct(troubles) }
}

function stuckIn(open: Open): Pick<TestOutcome, 'state'> & { failure: Failure } {
  const doing = open.type === 'load' ? 'loading this file' : 'this test'
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
