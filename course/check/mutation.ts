/**
 * How strong are a lab's hidden tests? A mutation-testing library changes every operator, condition, literal and block
 * of the lab's files, one at a time; a hidden test must notice. What survives is shown with its place: it is a test that
 * is missing, or a change that makes no difference, and then the walk-through says why.
 *
 * All mutants of a lab are in one text, each behind a switch. Processes of their own (mutation-worker.ts) try one after the
 * other, with those tests only that come past it. A mutant counts as noticed when a test fails, or never ends.
 */
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import type { Logger } from '@stryker-mutator/api/logging'
import { commonTokens } from '@stryker-mutator/api/plugin'
import { createInstrumenter, type Instrumenter, type InstrumentResult } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'
import { bundle, inPlaceOf, ownPlace, type Sources } from '../grade/bundles.ts'
import { type Lab, labFolder } from '../manifest.ts'
import { cacheFolder, hiddenTests, root, shown, solutionRoot } from '../paths.ts'
import { esbuildPlugin, referenceFile } from '../swap.ts'
import { testFiles } from '../trial.ts'
import type { Finding } from './finding.ts'
import type { Answer, Order } from './mutation-worker.ts'

type Mutant = InstrumentResult['mutants'][number]
type Ignorer = Parameters<Instrumenter['instrument']>[1]['ignorers'][number]

/** Hidden tests below this let too much pass. */
const wantedPercent = 90

/** For a process to start, and for its tests to be loaded. */
const startMilliseconds = 60_000
/** A test that never ends is waited for so long, and ten times what it takes by itself. */
const leastMilliseconds = 5_000
/** Every mutant leaves its modules behind. */
const mutantsPerProcess = 60
const mostMegabytes = 900

export interface MutationScore {
  lab: Lab
  mutants: number
  killed: number
  seconds: number
}

export async function mutationFinding(lab: Lab): Promise<{ finding: Finding; score: MutationScore }> {
  const began = performance.now()
  const instrumented = await instrument(lab)
  const survivors = await survivorsOf(lab, instrumented)
  const mutants = instrumented.mutants.length
  const killed = mutants - survivors.length
  const score = { lab, mutants, killed, seconds: (performance.now() - began) / 1000 }
  const percent = percentOf(score)
  const broken = percent < wantedPercent ? [`${percent.toFixed(1)} %, where ${wantedPercent} are wanted`] : []
  return {
    score,
    finding: {
      rule: 'the hidden tests notice what a library mutates',
      note: `${killed} of ${mutants} noticed: ${percent.toFixed(1)} %, in ${score.seconds.toFixed(0)} s`,
      broken: [...broken, ...staleAccount(lab, score)],
      details: survivors.sort(byPlace).map(mutant => described(mutant)),
    },
  }
}

/** A line a lab. */
export function mutationTable(scores: readonly MutationScore[]): string {
  const rows = scores.map(score => [
    score.lab.id,
    String(score.mutants),
    String(score.killed),
    String(score.mutants - score.killed),
    `${percentOf(score).toFixed(1)} %`,
    score.seconds.toFixed(0),
  ])
  const all = [['lab', 'mutants', 'noticed', 'survive', 'score', 'seconds'], ...rows]
  return all.map(row => `  ${row.map(cell => cell.padStart(8)).join('')}`).join('\n')
}

function percentOf({ mutants, killed }: Pick<MutationScore, 'mutants' | 'killed'>): number {
  return mutants === 0 ? 100 : (100 * killed) / mutants
}

/** What survives is explained in the walk-through; that has to speak of the code and the tests as they are. */
function staleAccount(lab: Lab, { mutants, killed }: MutationScore): string[] {
  if (killed === mutants) return []
  const file = path.join(solutionRoot(lab), 'README.md')
  const said = existsSync(file) ? /noticed (\d+) of (\d+) changes/.exec(readFileSync(file, 'utf8')) : null
  const wanted = `noticed ${killed} of ${mutants} changes`
  if (said?.[0] === wanted) return []
  return [
    said === null
      ? `${shown(file)} does not explain what survives, after "\`npm run check -- ${lab.id} --mutation\` ${wanted}"`
      : `${shown(file)} says "${said[0]}", and it is "${wanted}": explain what survives now`,
  ]
}

async function survivorsOf(lab: Lab, { mutants, files }: InstrumentResult): Promise<Mutant[]> {
  const bundle = await bundled(lab, files)
  const whole: Order = {
    ...{ mutant: null, hitLimit: 0, tests: null, files: bundle.tests },
    testMilliseconds: startMilliseconds,
  }
  const baseline = await fresh(bundle.program, trial => trial.run(whole, startMilliseconds))
  if (baseline.type !== 'done') throw new Error(`the mutated files of lab ${lab.id} never come to an end`)
  if (baseline.complaint !== null)
    throw new Error(`the hidden tests do not pass with the mutants asleep: ${baseline.complaint}`)

  const queue = mutants.map(mutant => ({ mutant, alone: false }))
  const survivors: Mutant[] = []
  const order = ({ id }: Mutant): Order => orderOf(id, baseline, bundle.tests)

  /** Takes mutants from the queue, many in one process. One that could be blamed for another's doing is tried again alone. */
  const work = async () => {
    while (queue.length > 0) {
      const killed: Mutant[] = []
      await fresh(bundle.program, async trial => {
        for (let tried = 0; queue.length > 0 && tried < mutantsPerProcess; tried++) {
          if (queue[0]!.alone && tried > 0) break
          const { mutant, alone } = queue.shift()!
          const next = order(mutant)
          if (next.tests!.length === 0) {
            survivors.push(mutant)
            continue
          }
          const answer = await trial.run(next, 2 * next.testMilliseconds)
          if (answer.type === 'stuck') return
          if (answer.complaint === null) survivors.push(mutant)
          else if (answer.loose && tried > 0) queue.push({ mutant, alone: true })
          else if (!alone) killed.push(mutant)
          if (alone || answer.loose || answer.megabytes > mostMegabytes) break
        }
        if (killed.length === 0) return
        // What one mutant left behind must not have failed the tests of another.
        const again = await trial.run(whole, startMilliseconds)
        if (again.type === 'stuck' || again.complaint !== null)
          queue.push(...killed.map(mutant => ({ mutant, alone: true })))
      })
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return survivors
}

type Done = Extract<Answer, { type: 'done' }>

/** Which tests come past a mutated place; the files with the least to do first. */
function orderOf(id: string, { coverage, loaded, times }: Done, files: readonly string[]): Order {
  const all = Object.keys(times)
  const passes = (place: string) => coverage[place]?.[id] ?? 0
  const fileOf = (test: string) => files.find(file => test.startsWith(`${file} > `))!
  const tests = id in loaded ? all : all.filter(test => passes(test) > 0 || passes(fileOf(test)) > 0)
  const most = Math.max(loaded[id] ?? 0, ...Object.keys(coverage).map(passes))
  const effort = (file: string) =>
    tests.filter(test => fileOf(test) === file).reduce((sum, test) => sum + times[test]!, 0)
  return {
    mutant: id,
    hitLimit: 100 * most + 1_000,
    tests,
    testMilliseconds: leastMilliseconds + 10 * Math.max(0, ...tests.map(test => times[test]!)),
    files: files
      .filter(file => tests.some(test => fileOf(test) === file))
      .sort((a, b) => effort(a) - effort(b)),
  }
}

interface Trial {
  /** `stuck`: it did not say anything for so long, or died. */
  run(order: Order, milliseconds: number): Promise<Done | { type: 'stuck' }>
}

/** Does something with a new process, which ends with it. */
async function fresh<T>(program: Program, use: (trial: Trial) => Promise<T>): Promise<T> {
  const child = fork(program.worker, [program.tests], {
    cwd: root,
    execArgv: ['--no-warnings', '--max-old-space-size=2048'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, NO_COLOR: '1', NODE_ENV: 'test', VITEST: 'true' },
  })
  const gone = new Promise<void>(resolve => child.once('close', () => resolve()))
  try {
    return await use({
      run: (order, milliseconds) =>
        new Promise(resolve => {
          const stuck = () => settle({ type: 'stuck' })
          let timer = setTimeout(stuck, startMilliseconds)
          const hear = (answer: Answer) => {
            clearTimeout(timer)
            if (answer.type === 'done') settle(answer)
            else timer = setTimeout(stuck, milliseconds)
          }
          const settle = (answer: Done | { type: 'stuck' }) => {
            clearTimeout(timer)
            child.off('message', hear)
            child.off('close', stuck)
            resolve(answer)
          }
          child.on('message', hear)
          child.on('close', stuck)
          if (child.connected) child.send(order, () => {})
          else stuck()
        }),
    })
  } finally {
    child.kill('SIGKILL')
    await gone
  }
}

interface Program {
  worker: string
  /** The hidden tests with everything that they import, in one file. */
  tests: string
}

async function bundled(
  lab: Lab,
  files: InstrumentResult['files'],
): Promise<{ program: Program; tests: readonly string[] }> {
  const folder = path.join(cacheFolder, 'mutation', labFolder(lab))
  const program = { worker: path.join(folder, 'worker.mjs'), tests: path.join(folder, 'tests.mjs') }
  const mutated = path.join(root, 'mutated')
  const hidden = testFiles(hiddenTests(lab))
  const entry = hidden.map(file => `${JSON.stringify(shown(file))}: () => import(${JSON.stringify(file)})`)
  const sources: Sources = new Map(
    lab.swaps.map(swap => [swap, files.find(({ name }) => name === referenceFile(swap))!.content]),
  )
  const [tests, worker] = await Promise.all([
    bundle(`export const files = {${entry}}`, {
      packages: 'external',
      plugins: [
        esbuildPlugin([{ folder: mutated, swaps: lab.swaps }]),
        inPlaceOf(mutated, sources),
        ownPlace,
      ],
    }),
    bundle(`import './course/check/mutation-worker.ts'`, { packages: 'external' }),
  ])
  mkdirSync(folder, { recursive: true })
  writeFileSync(program.tests, tests)
  writeFileSync(program.worker, worker)
  return { program, tests: hidden.map(shown) }
}

/** All mutants of a lab in one text per file, each behind a switch. */
async function instrument(lab: Lab): Promise<InstrumentResult> {
  const instrumenter = createInjector()
    .provideValue(commonTokens.logger, silent)
    .injectFunction(createInstrumenter)
  const files = lab.swaps.map(swap => {
    const name = referenceFile(swap)!
    return { name, content: readFileSync(name, 'utf8'), mutate: true }
  })
  const { mutants, files: texts } = await instrumenter.instrument(files, {
    plugins: null,
    excludedMutations: [],
    ignorers: [wordsForPeople],
  })
  return { files: texts, mutants: mutants.filter(({ status }) => status !== 'Ignored') }
}

/** Detail that an error or an assertion tells a person: no test should care how it is worded. */
const wordsForPeople: Ignorer = {
  shouldIgnore(path) {
    const { key, listKey, parent } = path as unknown as Place
    if (key !== 1 || listKey !== 'arguments') return undefined
    if (parent?.type !== 'NewExpression' && parent?.type !== 'CallExpression') return undefined
    const named = parent.callee.type === 'Identifier' ? parent.callee.name : ''
    return ['KeeperError', 'assert'].includes(named) ? 'it is a message for people' : undefined
  },
}

/** Where a node of the syntax tree stands: as the library's parser says it, whose types do not come along. */
interface Place {
  key: number | string
  listKey?: string
  parent?: { type: string; callee: { type: string; name: string } }
}

function byPlace(a: Mutant, b: Mutant): number {
  return a.fileName.localeCompare(b.fileName) || a.location.start.line - b.location.start.line
}

function described({ fileName, location, mutatorName, replacement }: Mutant): string {
  const { start, end } = location
  const lines = readFileSync(fileName, 'utf8').split('\n')
  const original =
    start.line === end.line ? lines[start.line]!.slice(start.column, end.column) : lines[start.line]!.trim()
  const change = `${oneLine(original)}  →  ${oneLine(replacement)}`
  return `survives: ${shown(fileName)}:${start.line + 1} ${mutatorName}: ${change}`
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}

const nothing = (): void => {}
const never = (): boolean => false
const silent: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  isTraceEnabled: never,
  isDebugEnabled: never,
  isInfoEnabled: never,
  isWarnEnabled: never,
  isErrorEnabled: never,
  isFatalEnabled: never,
}
