/**
 * How strong are a lab's hidden tests? A mutation-testing library changes every operator, condition, literal and block
 * of the lab's files, one at a time; a hidden test must notice. What survives is shown with its place: it is a test that
 * is missing, or a change that makes no difference, and then the walk-through says why.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Logger } from '@stryker-mutator/api/logging'
import { commonTokens } from '@stryker-mutator/api/plugin'
import { createInstrumenter, type Instrumenter, type InstrumentResult } from '@stryker-mutator/instrumenter'
import { createInjector } from 'typed-inject'
import { type Lab, labFolder } from '../manifest.ts'
import { cacheFolder, hiddenTests, shown } from '../paths.ts'
import type { Result } from '../runner.ts'
import { referenceFile } from '../swap.ts'
import { testFiles } from '../trial.ts'
import type { Finding } from './finding.ts'
import type { Pool } from './pool.ts'

type Mutant = InstrumentResult['mutants'][number]
type Ignorer = Parameters<Instrumenter['instrument']>[1]['ignorers'][number]

/** Hidden tests below this let too much pass. */
const wantedPercent = 90

/** A changed condition may loop for ever. So many runs of one mutated place are more than any test makes. */
const hitLimit = 1_000_000

export async function mutationFinding(lab: Lab, pool: Pool): Promise<Finding> {
  const hidden = testFiles(hiddenTests(lab))
  const instrumented = await instrument(lab)
  const survivors: Mutant[] = []
  await Promise.all(
    instrumented.mutants.map(async mutant => {
      const result = await pool.run(hidden, activated(lab, instrumented, mutant), true)
      if (!noticed(result)) survivors.push(mutant)
    }),
  )
  const total = instrumented.mutants.length
  const killed = total - survivors.length
  const percent = total === 0 ? 100 : (100 * killed) / total
  return {
    rule: 'the hidden tests notice what a library mutates',
    note: `${killed} of ${total} noticed: ${percent.toFixed(1)} %`,
    broken: percent < wantedPercent ? [`${percent.toFixed(1)} %, where ${wantedPercent} are wanted`] : [],
    details: survivors.sort(byPlace).map(mutant => described(mutant)),
  }
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

/** A subject in which one mutant is switched on. */
function activated(
  lab: Lab,
  { files }: InstrumentResult,
  mutant: Mutant,
): { folder: string; swaps: readonly string[] } {
  const folder = path.join(cacheFolder, 'mutation', labFolder(lab), mutant.id)
  const active = `globalThis.__stryker__ = { activeMutant: '${mutant.id}', hitCount: 0, hitLimit: ${hitLimit} }\n`
  for (const swap of lab.swaps) {
    const { content } = files.find(({ name }) => name === referenceFile(swap))!
    const file = path.join(folder, `${swap}.ts`)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, active + content)
  }
  return { folder, swaps: lab.swaps }
}

function noticed({ tests, troubles }: Result): boolean {
  return troubles.length > 0 || tests.some(({ state }) => state !== 'passed' && state !== 'skipped')
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
