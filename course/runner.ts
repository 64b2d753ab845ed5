/**
 * Runs test files against a subject and says what came out, as plain data. It keeps a warm test runner between runs,
 * and it always comes back: a process that is stuck in a loop is ended, one that dies is noticed, and both are told
 * with the name of the test that was running.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { Writable } from 'node:stream'
import type { EnvironmentModuleGraph } from 'vite'
import type { TestError } from 'vitest'
import { holesIn } from './holes.ts'
import { limitOf, type Open, openIn, readJournals } from './journal.ts'
import { outcome, type TestOutcome, type Trouble } from './outcome.ts'
import { cacheFolder, root } from './paths.ts'
import { spareWorkers } from './spare-workers.ts'
import { referenceFile, type Subject, vitePlugin } from './swap.ts'

export interface Result {
  tests: readonly TestOutcome[]
  /** What went wrong outside of any test: a file that cannot be loaded, an error that nobody caught. */
  troubles: readonly Trouble[]
  /** It was told to stop: what it did not come to says nothing about the subject. */
  stopped: boolean
  milliseconds: number
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
      const journal = readJournals(journals)
      if (!journal.some(openIn)) process.stderr.write(lastWords)
      spares?.refill(Math.min(files.length, availableParallelism()))
      return {
        ...outcome({
          modules: testModules,
          unhandled: unhandledErrors as TestError[],
          journals: journal,
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

/** False when it is gone already. */
function end(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}
