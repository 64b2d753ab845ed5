/**
 * `npm run check`: the course's own rules. A stub must fail, a solution must pass, a plausible wrong solution must be
 * caught, a text must not promise what is not there. What is proved here need not be believed.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import pc from 'picocolors'
import { Complaint } from './complaint.ts'
import { hintsOf } from './hint.ts'
import { madeLabs } from './labs.ts'
import { findLab, type Lab, labFolder, labs } from './manifest.ts'
import { mutantSubject, mutantsOf, referenceSubject } from './mutate.ts'
import {
  chapterFile,
  hiddenTests,
  labRoot,
  shown,
  solutionRoot,
  studentSource,
  visibleTests,
} from './paths.ts'
import { missingSections, readProse } from './prose.ts'
import { openRunner, type Result, type Runner } from './runner.ts'
import { regionsOf, stubOf } from './stubs.ts'
import { referenceFile, type Subject } from './swap.ts'
import { studentOf, testFiles } from './trial.ts'

export interface CheckOptions {
  /** List the mutants: which test kills each, and what survives the visible tests. */
  mutants?: boolean
}

/** What a rule found out. */
interface Finding {
  /** In a few words, what holds when all is well. */
  rule: string
  /** Figures worth knowing. */
  note: string
  /** Empty when the rule holds. */
  broken: readonly string[]
}

export async function check(names: readonly string[], options: CheckOptions = {}): Promise<number> {
  const began = performance.now()
  const chosen = names.length > 0 ? names.map(anyLab) : madeLabs
  const pool = await openPool()
  let broken = 0
  try {
    for (const lab of chosen) {
      console.log(pc.bold(`Lab ${lab.id} · ${lab.title}`))
      for await (const finding of findings(lab, pool, options)) {
        broken += finding.broken.length
        console.log(findingText(finding))
      }
      console.log()
    }
    if (names.length === 0) {
      console.log(pc.bold('The course'))
      for (const finding of courseFindings()) {
        broken += finding.broken.length
        console.log(findingText(finding))
      }
    }
  } finally {
    await pool.close()
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const verdict = broken === 0 ? pc.green('every rule holds') : pc.red(`${broken} to mend`)
  console.log(`\n${chosen.length} labs checked in ${seconds} s: ${verdict}`)
  return broken === 0 ? 0 : 1
}

async function* findings(lab: Lab, pool: Pool, options: CheckOptions): AsyncGenerator<Finding> {
  const missing = missingFiles(lab)
  yield { rule: 'all its files stand', note: '', broken: missing }
  if (lab.swaps.some(swap => !referenceFile(swap))) return
  yield pointsFinding(lab)
  yield partsFinding(lab)
  yield stubFinding(lab)
  yield proseFinding(lab)

  const visible = testFiles(visibleTests(lab))
  const hidden = testFiles(hiddenTests(lab))
  const all = [...visible, ...hidden]
  const [reference, stub, student, alternative] = await Promise.all([
    pool.run(all, referenceSubject(lab)),
    lab.solved ? null : pool.run(all, studentOf(lab)),
    lab.solved ? pool.run(all, studentOf(lab)) : null,
    existsSync(alternativeOf(lab)) ? pool.run(all, { folder: alternativeOf(lab), swaps: lab.swaps }) : null,
  ])
  yield {
    rule: 'the reference passes',
    note: `${reference.tests.length} tests: ${testsIn(reference, visible)} visible, ${testsIn(reference, hidden)} hidden`,
    broken: notPassed(reference),
  }
  yield testPartsFinding(lab, reference, visible, hidden)
  if (student) yield { rule: 'the solved file passes', note: '', broken: notPassed(student) }
  if (stub) yield { rule: 'the stub comes to a Todo in every test', note: '', broken: notTodo(stub) }
  if (alternative) yield { rule: 'the alternative passes', note: '', broken: notPassed(alternative) }
  yield* mutantFindings(lab, pool, { visible, hidden, hiddenCount: testsIn(reference, hidden) }, options)
}

async function* mutantFindings(
  lab: Lab,
  pool: Pool,
  {
    visible,
    hidden,
    hiddenCount,
  }: { visible: readonly string[]; hidden: readonly string[]; hiddenCount: number },
  options: CheckOptions,
): AsyncGenerator<Finding> {
  const broken: string[] = []
  const lives = await Promise.all(
    (await mutantsOf(lab)).map(async mutant => {
      try {
        const subject = mutantSubject(lab, mutant)
        const result = await pool.run([...visible, ...hidden], subject)
        const seen = onlyOf(result, visible)
        let unseen = onlyOf(result, hidden)
        // A mutant that never ends takes the files behind it along: the hidden ones then run alone.
        if (killerIn(unseen) === null && unseen.tests.length < hiddenCount)
          unseen = await pool.run(hidden, subject, 1)
        return { mutant, visibleKiller: killerIn(seen), killer: killerIn(unseen) }
      } catch (error) {
        broken.push(`mutant '${mutant.name}': ${(error as Error).message}`)
        return null
      }
    }),
  )
  const mutants = lives.filter(life => life !== null)
  const alive = mutants.filter(({ killer }) => killer === null)
  const subtle = mutants.filter(({ visibleKiller }) => visibleKiller === null)
  if (!lab.solved && mutants.length < 10) broken.push(`${mutants.length} mutants, where ten are wanted`)
  if (!lab.solved && subtle.length < 2) {
    broken.push(
      `${subtle.length} mutants survive the visible tests, where two are wanted: hidden tests must be of use`,
    )
  }
  for (const { mutant } of alive)
    broken.push(`mutant '${mutant.name}' survives the hidden tests (${mutant.misconception})`)
  if (lab.solved && mutants.length === 0) return
  yield {
    rule: 'the hidden tests kill every mutant',
    note: `${mutants.length - alive.length} of ${mutants.length}; ${subtle.length} survive the visible tests`,
    broken,
  }
  if (!options.mutants) return
  for (const { mutant, visibleKiller, killer } of mutants) {
    console.log(`      ${visibleKiller === null ? pc.yellow('subtle') : '      '} ${mutant.name}`)
    console.log(pc.dim(`             hidden:  ${killer ?? 'survives'}`))
    if (visibleKiller) console.log(pc.dim(`             visible: ${visibleKiller}`))
  }
}

function missingFiles(lab: Lab): string[] {
  const wanted = [
    chapterFile(lab),
    path.join(labRoot(lab), 'README.md'),
    path.join(labRoot(lab), 'hints.md'),
    path.join(labRoot(lab), 'tsconfig.json'),
    ...lab.swaps.map(swap => path.join(studentSource(lab), `${swap}.ts`)),
    path.join(solutionRoot(lab), 'README.md'),
    ...(lab.solved ? [] : lab.swaps.map(swap => path.join(alternativeOf(lab), `${swap}.ts`))),
    ...(lab.solved ? [] : [path.join(solutionRoot(lab), 'mutants.ts')]),
  ]
  const missing = wanted.filter(file => !existsSync(file)).map(file => `${shown(file)} is missing`)
  if (testFiles(visibleTests(lab)).length === 0) missing.push(`${shown(visibleTests(lab))} has no tests`)
  if (!lab.solved && testFiles(hiddenTests(lab)).length === 0)
    missing.push(`${shown(hiddenTests(lab))} has no tests`)
  for (const swap of lab.swaps) {
    if (!referenceFile(swap)) missing.push(`reference-impl/src/${swap}.ts is missing`)
  }
  if (existsSync(path.join(labRoot(lab), 'hints.md')) && hintsOf(lab).length !== 3) {
    missing.push(
      `${shown(path.join(labRoot(lab), 'hints.md'))} has ${hintsOf(lab).length} hints, where three are wanted`,
    )
  }
  return missing
}

function pointsFinding(lab: Lab): Finding {
  const sum = lab.parts.reduce((total, { points }) => total + points, 0)
  const broken = sum === 100 ? [] : [`the points add up to ${sum}`]
  if (lab.minutes <= 0) broken.push('the manifest does not say how many minutes it takes')
  if (lab.status !== 'made') broken.push(`the manifest calls it '${lab.status}'`)
  for (const id of lab.needs)
    if (!findLab(id)) broken.push(`it needs lab ${id}, which is not in the manifest`)
  return {
    rule: 'the points add up to 100',
    note: lab.parts.map(({ id, points }) => `${id} ${points}`).join(' · '),
    broken,
  }
}

/** Regions and manifest speak of the same parts; a hole is one decision to make. */
function partsFinding(lab: Lab): Finding {
  const regions = lab.swaps.flatMap(swap => regionsOf(lab, readFileSync(referenceFile(swap)!, 'utf8')))
  const parts = new Set(lab.parts.map(({ id }) => id))
  const broken = regions
    .filter(({ part }) => !parts.has(part))
    .map(({ part, task }) => `the region '${part}. ${task}' is of a part that is not in the manifest`)
  for (const { part, task, lines } of regions) {
    if (lines.length > 40)
      broken.push(`the region '${part}. ${task}' has ${lines.length} lines, where 40 are the most`)
  }
  for (const part of lab.solved ? [] : parts) {
    if (!regions.some(region => region.part === part))
      broken.push(`part ${part} has no region in the reference`)
  }
  const lines = regions.reduce((sum, region) => sum + region.lines.length, 0)
  return { rule: 'regions and manifest agree', note: `${regions.length} holes, ${lines} lines`, broken }
}

function stubFinding(lab: Lab): Finding {
  const stale = lab.swaps.filter(swap => {
    const file = path.join(studentSource(lab), `${swap}.ts`)
    return existsSync(file) && readFileSync(file, 'utf8') !== stubOf(lab, swap)
  })
  return {
    rule: 'the stub is fresh',
    note: '',
    broken: stale.map(
      swap => `${labFolder(lab)}/src/${swap}.ts is not what the reference gives: npm run stubs ${lab.id}`,
    ),
  }
}

function proseFinding(lab: Lab): Finding {
  const texts = [
    chapterFile(lab),
    path.join(labRoot(lab), 'README.md'),
    path.join(labRoot(lab), 'hints.md'),
    path.join(solutionRoot(lab), 'README.md'),
  ].filter(file => existsSync(file))
  const proses = texts.map(readProse)
  const sum = (of: (prose: (typeof proses)[number]) => number) =>
    proses.reduce((total, prose) => total + of(prose), 0)
  const tests = [...testFiles(visibleTests(lab)), ...testFiles(hiddenTests(lab))]
  const chapterWords = existsSync(chapterFile(lab)) ? proses[0]!.words : 0
  return {
    rule: 'its texts keep their promises',
    note: `chapter ${chapterWords} words · ${sum(({ links }) => links)} links · ${sum(({ quotes }) => quotes)} quotes`,
    broken: [...proses.flatMap(({ broken }) => broken), ...new Set(tests.flatMap(missingSections))],
  }
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

function courseFindings(): Finding[] {
  const ids = labs.map(({ id }) => id)
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  return [
    {
      rule: 'every lab has a number of its own',
      note: `${labs.length} labs`,
      broken: twice.map(id => `${id} is there twice`),
    },
  ]
}

function notPassed({ tests, troubles }: Result): string[] {
  return [
    ...troubles.map(
      ({ file, failure }) => `${file ? shown(file) : 'outside of any test'}: ${firstLine(failure.message)}`,
    ),
    ...tests
      .filter(({ state }) => state !== 'passed')
      .map(
        ({ file, name, state, todo, failure }) =>
          `${shown(file)}: '${name}' ${state}: ${todo ?? firstLine(failure?.message)}`,
      ),
  ]
}

function notTodo({ tests, troubles }: Result): string[] {
  return [
    ...troubles.map(
      ({ file, failure }) => `${file ? shown(file) : 'outside of any test'}: ${firstLine(failure.message)}`,
    ),
    ...tests
      .filter(({ state }) => state !== 'todo')
      .map(
        ({ file, name, state, failure }) =>
          `${shown(file)}: '${name}' ${state}: ${firstLine(failure?.message)}`,
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

function alternativeOf(lab: Lab): string {
  return path.join(solutionRoot(lab), 'alternative')
}

/** Labs under construction are checked too, when they are asked for. */
function anyLab(name: string): Lab {
  const lab = findLab(name)
  if (!lab) throw new Complaint(`There is no lab '${name}'.`)
  return lab
}

function findingText({ rule, note, broken }: Finding): string {
  const mark = broken.length === 0 ? pc.green('✓') : pc.red('✗')
  return [`  ${mark} ${rule.padEnd(40)} ${pc.dim(note)}`, ...broken.map(line => `      ${line}`)].join('\n')
}

/** Several warm runners, each with one subject at a time. */
interface Pool {
  run(files: readonly string[], subject: Subject, stopAfter?: number): Promise<Result>
  close(): Promise<void>
}

async function openPool(): Promise<Pool> {
  const { availableParallelism } = await import('node:os')
  const runners = await Promise.all(
    Array.from({ length: availableParallelism() }, () => openRunner({ shared: true, workers: 1 })),
  )
  const idle = [...runners]
  const waiting: ((runner: Runner) => void)[] = []
  return {
    async run(files, subject, stopAfter) {
      const runner = idle.pop() ?? (await new Promise<Runner>(resolve => waiting.push(resolve)))
      try {
        return await runner.run(files, [subject], stopAfter)
      } finally {
        const next = waiting.shift()
        if (next) next(runner)
        else idle.push(runner)
      }
    },
    async close() {
      await Promise.all(runners.map(runner => runner.close()))
    },
  }
}
