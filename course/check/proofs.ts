/** The rules of a lab that one sees by running: a stub must fail, solutions must pass, mutants must die. */
import { existsSync } from 'node:fs'
import type { Lab } from '../manifest.ts'
import type { Mutant } from '../mutants.ts'
import { mutantSubject, mutantsOf, referenceSubject } from '../mutate.ts'
import type { TestOutcome } from '../outcome.ts'
import { hiddenTests, shown, visibleTests } from '../paths.ts'
import type { Result } from '../runner.ts'
import { studentOf, testFiles } from '../trial.ts'
import type { Finding } from './finding.ts'
import { alternativeOf } from './lab-rules.ts'
import type { Pool } from './pool.ts'

export async function* proofs(lab: Lab, pool: Pool): AsyncGenerator<Finding> {
  const visible = testFiles(visibleTests(lab))
  const hidden = testFiles(hiddenTests(lab))
  const all = [...visible, ...hidden]
  const [reference, labFile, alternative] = await Promise.all([
    pool.run(all, referenceSubject(lab)),
    pool.run(all, studentOf(lab)),
    existsSync(alternativeOf(lab)) ? pool.run(all, { folder: alternativeOf(lab), swaps: lab.swaps }) : null,
  ])
  yield {
    rule: 'the reference passes',
    note: `${reference.tests.length} tests: ${testsIn(reference, visible)} visible, ${testsIn(reference, hidden)} hidden`,
    broken: unlike('passed', reference),
  }
  yield testPartsFinding(lab, reference, visible, hidden)
  yield lab.solved
    ? { rule: 'the solved file passes', note: '', broken: unlike('passed', labFile) }
    : { rule: 'the stub comes to a Todo in every test', note: '', broken: unlike('todo', labFile) }
  if (alternative) yield { rule: 'the alternative passes', note: '', broken: unlike('passed', alternative) }

  const tests = { visible, hidden, hiddenCount: testsIn(reference, hidden) }
  const mutants = await mutantsOf(lab)
  if (lab.solved && mutants.length === 0) return
  const lives = await Promise.allSettled(mutants.map(mutant => lifeOf(lab, mutant, pool, tests)))
  const unfit = lives.flatMap((life, index) =>
    life.status === 'rejected' ? [`mutant '${mutants[index]!.name}': ${life.reason.message}`] : [],
  )
  yield mutantsFinding(
    lab,
    lives.flatMap(life => (life.status === 'fulfilled' ? [life.value] : [])),
    unfit,
  )
}

interface Life {
  mutant: Mutant
  /** The visible and the hidden test that told it from a solution; null when none did. */
  visibleKiller: string | null
  killer: string | null
}

function mutantsFinding(lab: Lab, lives: readonly Life[], unfit: readonly string[]): Finding {
  const alive = lives.filter(({ killer }) => killer === null)
  const subtle = lives.filter(({ visibleKiller }) => visibleKiller === null)
  const broken = [...unfit]
  if (!lab.solved && lives.length < 10) broken.push(`${lives.length} mutants, where ten are wanted`)
  if (!lab.solved && subtle.length < 2) {
    broken.push(
      `${subtle.length} mutants survive the visible tests, where two are wanted: hidden tests must be of use`,
    )
  }
  for (const { mutant } of alive) {
    broken.push(`mutant '${mutant.name}' survives the hidden tests (${mutant.misconception})`)
  }
  return {
    rule: 'the hidden tests kill every mutant',
    note: `${lives.length - alive.length} of ${lives.length}; ${subtle.length} survive the visible tests`,
    broken,
    details: lives.flatMap(({ mutant, visibleKiller, killer }) => [
      mutant.name,
      `    hidden:  ${killer ?? 'survives'}`,
      `    visible: ${visibleKiller ?? 'survives'}`,
    ]),
  }
}

async function lifeOf(lab: Lab, mutant: Mutant, pool: Pool, tests: Tests): Promise<Life> {
  const subject = mutantSubject(lab, mutant)
  const result = await pool.run([...tests.visible, ...tests.hidden], subject, true)
  let unseen = onlyOf(result, tests.hidden)
  // A mutant that never ends takes the files behind it along: the hidden ones then run alone.
  if (killerIn(unseen) === null && unseen.tests.length < tests.hiddenCount) {
    unseen = await pool.run(tests.hidden, subject, true)
  }
  return { mutant, visibleKiller: killerIn(onlyOf(result, tests.visible)), killer: killerIn(unseen) }
}

interface Tests {
  visible: readonly string[]
  hidden: readonly string[]
  hiddenCount: number
}

/** The outermost group of every test is a part of the manifest, and every part is tested, in sight and out of it. */
function testPartsFinding(
  lab: Lab,
  result: Result,
  visible: readonly string[],
  hidden: readonly string[],
): Finding {
  const titles = new Set(lab.parts.map(({ id, title }) => `${id}. ${title}`))
  const strays = new Set(
    result.tests
      .filter(({ groups }) => !titles.has(groups[0] ?? ''))
      .map(({ file, groups, name }) =>
        groups[0] === undefined
          ? `${shown(file)}: '${name}' is in no part`
          : `${shown(file)}: describe('${groups[0]}')`,
      ),
  )
  const broken = [...strays].map(stray => `${stray}; the manifest has ${[...titles].join(', ')}`)
  for (const [where, files] of [
    ['visible', visible],
    ['hidden', hidden],
  ] as const) {
    if (files.length === 0) continue
    for (const { id, title, points } of lab.parts) {
      if (where === 'hidden' && points === 0) continue
      const part = `${id}. ${title}`
      const tested = result.tests.some(({ file, groups }) => files.includes(file) && groups[0] === part)
      if (!tested) broken.push(`part ${part} has no ${where} test`)
    }
  }
  return { rule: 'tests and manifest agree', note: [...titles].join(' · '), broken }
}

/** Every test that is not in this state, and all that went wrong beside the tests. */
function unlike(state: TestOutcome['state'], { tests, troubles }: Result): string[] {
  return [
    ...troubles.map(
      ({ file, failure }) => `${file ? shown(file) : 'somewhere'}: ${firstLine(failure.message)}`,
    ),
    ...tests
      .filter(test => test.state !== state)
      .map(
        test =>
          `${shown(test.file)}: '${test.name}' ${test.state}: ${test.todo ?? firstLine(test.failure?.message)}`,
      ),
  ]
}

function firstLine(text = ''): string {
  return text.split('\n')[0]!
}

/** The first thing in a run that tells a mutant from a solution; null when nothing does. */
function killerIn({ tests, troubles }: Result): string | null {
  return (
    tests.find(({ state }) => state === 'failed' || state === 'stuck' || state === 'todo')?.name ??
    troubles[0]?.failure.message ??
    null
  )
}

function onlyOf(result: Result, files: readonly string[]): Result {
  const isOf = ({ file }: { file: string | null }) => file !== null && files.includes(file)
  return { ...result, tests: result.tests.filter(isOf), troubles: result.troubles.filter(isOf) }
}

function testsIn({ tests }: Result, files: readonly string[]): number {
  return tests.filter(({ file }) => files.includes(file)).length
}
