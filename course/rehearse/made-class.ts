/**
 * A class that never was: submissions of every kind in every wrapping, and what each must get. What a kind earns is known
 * from the course's own rules (a solution everything, a stub nothing); for half-done and wrong ones the same tests are run
 * without the grader, in the test runner, and counted here.
 */
import { execFileSync } from 'node:child_process'
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { create } from 'tar'
import { ZipFile } from 'yazl'
import type { Prng } from '../../reference-impl/src/lib/prng.ts'
import { alternativeOf } from '../check/lab-rules.ts'
import { openPool, type Pool } from '../check/pool.ts'
import { type Reason, round } from '../grade/model.ts'
import { type Lab, labFolder } from '../manifest.ts'
import { mutantSubject, mutantsOf, referenceSubject } from '../mutate.ts'
import { cacheFolder, hiddenTests, visibleTests } from '../paths.ts'
import type { Result } from '../runner.ts'
import { stubOf } from '../stubs.ts'
import { referenceFile, type Subject } from '../swap.ts'
import { testFiles } from '../trial.ts'
import { hostilities } from './hostile.ts'

export interface Expected {
  points: number
  reasons: readonly Reason[]
}

export interface MadeSubmission {
  name: string
  wrapping: (typeof wrappings)[number]
  labs: Map<string, { kind: string; expected: Expected }>
}

export interface MadeClass {
  submissions: MadeSubmission[]
  /** For the grader's command line. */
  what: string[]
  /** How many programs the expectations were found by running. */
  runs: number
}

const wrappings = [
  'folder',
  'folder in folders',
  'zip',
  'tar',
  'tar.gz',
  'git',
  'nothing',
  'broken archive',
  'links',
] as const
const wrappingWeights = [40, 15, 15, 8, 10, 5, 3, 2, 2]

/** Of a hundred labs handed in. */
const kinds = {
  perfect: 24,
  alternative: 10,
  mutant: 24,
  partial: 20,
  stub: 7,
  syntax: 4,
  hostile: 9,
  lost: 2,
}

/** Files by swap, and what they earn. */
interface Work {
  kind: string
  sources: Map<string, string>
  expected: Expected
}

export async function madeClass(
  labs: readonly Lab[],
  count: number,
  dice: Prng,
  folder: string,
): Promise<MadeClass> {
  const pool = await openPool()
  const places = {
    submissions: path.join(folder, 'submissions'),
    repositories: path.join(folder, 'repositories'),
  }
  for (const place of Object.values(places)) mkdirSync(place, { recursive: true })
  const submissions: MadeSubmission[] = []
  try {
    const works = new Map(
      await Promise.all(
        labs.map(async lab => [lab.id, await worksOf(lab, dice.fork(lab.id), pool)] as const),
      ),
    )
    for (let number = 1; number <= count; number++) {
      const name = `student-${String(number).padStart(4, '0')}`
      const wrapping = weighted(wrappings, wrappingWeights, dice)
      const made: MadeSubmission = { name, wrapping, labs: new Map() }
      const files = new Map<string, string>([['README.md', `What ${name} hands in.\n`]])
      for (const lab of some(labs, weighted([1, 2, 3], [60, 25, 15], dice), dice)) {
        const work = chosen(works.get(lab.id)!, dice)
        for (const [index, [swap, text]] of [...work.sources].entries()) {
          const file = `${swap}.ts`
          const place =
            work.kind === 'lost'
              ? `my-work/${path.posix.basename(file)}`
              : `labs/${labFolder(lab)}/src/${file}`
          // Each a text of its own: none may live on what is known of another.
          const signature = index === 0 ? `\nexport const signature = '${name}'\n` : ''
          files.set(place, text + signature)
        }
        made.labs.set(lab.id, isLost(wrapping) ? { kind: work.kind, expected: missing } : work)
      }
      await wrap(made, files, places)
      submissions.push(made)
    }
    const repositories = submissions.filter(({ wrapping }) => wrapping === 'git')
    return {
      submissions,
      what: [
        places.submissions,
        ...repositories.map(({ name }) => pathToFileURL(path.join(places.repositories, name)).href),
      ],
      runs: [...works.values()].reduce((sum, { runs }) => sum + runs, 0),
    }
  } finally {
    await pool.close()
  }
}

export const missing: Expected = { points: 0, reasons: ['missing file'] }

const isLost = (wrapping: MadeSubmission['wrapping']): boolean =>
  wrapping === 'nothing' || wrapping === 'broken archive' || wrapping === 'links'

interface Works {
  reference: Map<string, string>
  stub: Map<string, string>
  alternative: Map<string, string> | null
  partial: Work[]
  mutants: Work[]
  runs: number
}

const all: Expected = { points: 100, reasons: ['ok'] }

/** Half-done and wrong ones: few, since each is run; the classes' members differ by their signatures. */
const mutantsOfALab = 3
const partialsOfALab = 2
const mutantRuns = 4

async function worksOf(lab: Lab, dice: Prng, pool: Pool): Promise<Works> {
  const from = (read: (swap: string) => string) => new Map(lab.swaps.map(swap => [swap, read(swap)]))
  const reference = from(swap => readFileSync(referenceFile(swap)!, 'utf8'))
  const tests = [...testFiles(visibleTests(lab)), ...testFiles(hiddenTests(lab))]
  const whole = await pool.run(tests, referenceSubject(lab))
  const found: Works = {
    reference,
    stub: from(swap => stubOf(lab, swap)),
    alternative: existsSync(alternativeOf(lab))
      ? from(swap => readFileSync(path.join(alternativeOf(lab), `${swap}.ts`), 'utf8'))
      : null,
    partial: [],
    mutants: [],
    runs: 1,
  }
  const add = async (to: Work[], kind: string, subject: Subject, reasons: readonly Reason[], times = 1) => {
    const points = pointsOf(lab, whole, await pool.run(tests, subject))
    found.runs++
    if (points === null) return
    for (let run = 1; run < times; run++) {
      found.runs++
      if (pointsOf(lab, whole, await pool.run(tests, subject)) !== points) return
    }
    const sources = from(swap => readFileSync(path.join(subject.folder, `${swap}.ts`), 'utf8'))
    to.push({ kind, sources, expected: { points, reasons } })
  }
  for (const part of some(lab.parts.slice(1), partialsOfALab, dice)) {
    const folder = path.join(cacheFolder, 'rehearse', `${labFolder(lab)}-${part.id}`)
    for (const [swap, text] of reference) {
      mkdirSync(path.dirname(path.join(folder, swap)), { recursive: true })
      writeFileSync(path.join(folder, `${swap}.ts`), upTo(lab, part.id, text))
    }
    await add(found.partial, 'partial', { folder, swaps: lab.swaps }, ['not attempted', 'wrong'])
  }
  const mutants = some(await mutantsOf(lab), 3 * mutantsOfALab, dice)
  for (const mutant of mutants) {
    if (found.mutants.length === mutantsOfALab) break
    // Generated inputs are other ones in each run. A mistake that they find only now and then has no certain grade.
    await add(found.mutants, 'mutant', mutantSubject(lab, mutant), ['wrong', 'out of memory'], mutantRuns)
  }
  return found
}

/** The reference with the holes from this part on. */
function upTo(lab: Lab, part: string, source: string): string {
  const region = /^([ \t]*)\/\/ #region lab (\d\d): ([A-Z])\. (.*)\n[\s\S]*?\/\/ #endregion/gm
  return source.replace(region, (whole, indent: string, id: string, letter: string, task: string) => {
    if (id !== lab.id || letter < part) return whole
    const message = JSON.stringify(`Lab ${id} ${letter}: ${task}`)
    return `${indent}throw Object.assign(new Error(${message}), { name: 'Todo' })`
  })
}

/** By the rules of the manifest, from what the test runner says; null when it did not come to the end of them. */
function pointsOf(lab: Lab, whole: Result, result: Result): number | null {
  const unsure = result.tests.some(
    ({ state }) => state === 'stuck' || state === 'missed' || state === 'skipped',
  )
  if (unsure || result.troubles.length > 0 || result.tests.length !== whole.tests.length) return null
  const parts = lab.parts.map(({ id, title, points }) => {
    const mine = result.tests.filter(({ groups }) => groups[0] === `${id}. ${title}`)
    return round((points * mine.filter(({ state }) => state === 'passed').length) / mine.length)
  })
  return round(parts.reduce((sum, points) => sum + points, 0))
}

function chosen(works: Works, dice: Prng): Work {
  const names = Object.keys(kinds) as (keyof typeof kinds)[]
  const kind = weighted(names, Object.values(kinds), dice)
  const perfect: Work = { kind: 'perfect', sources: works.reference, expected: all }
  const changed = (sources: Map<string, string>, change: (text: string) => string) =>
    new Map([...sources].map(([swap, text], index) => [swap, index === 0 ? change(text) : text]))
  switch (kind) {
    case 'alternative':
      return works.alternative ? { kind, sources: works.alternative, expected: all } : perfect
    case 'mutant':
      return works.mutants.length > 0 ? one(works.mutants, dice) : perfect
    case 'partial':
      return works.partial.length > 0 ? one(works.partial, dice) : perfect
    case 'stub':
      return { kind, sources: works.stub, expected: { points: 0, reasons: ['not attempted'] } }
    case 'syntax': {
      const sources = changed(works.reference, text => `${text}\nconst const\n`)
      return { kind, sources, expected: { points: 0, reasons: ['syntax error'] } }
    }
    case 'lost':
      return { kind, sources: works.reference, expected: missing }
    case 'hostile': {
      const { name, code, to, earns, reason } = one(hostilities, dice)
      const sources = changed(to === 'stub' ? works.stub : works.reference, text => `${text}\n${code}\n`)
      const points = earns === 'all' ? 100 : 0
      return { kind: `hostile: ${name}`, sources, expected: { points, reasons: [reason] } }
    }
    default:
      return perfect
  }
}

async function wrap(
  { name, wrapping }: MadeSubmission,
  files: Map<string, string>,
  places: { submissions: string; repositories: string },
): Promise<void> {
  const base = path.join(wrapping === 'git' ? places.repositories : places.submissions, name)
  const into = (folder: string) => {
    for (const [file, text] of files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
      writeFileSync(path.join(folder, file), text)
    }
  }
  switch (wrapping) {
    case 'folder':
      return into(base)
    case 'folder in folders':
      return into(path.join(base, 'home', 'handout-1'))
    case 'nothing':
      mkdirSync(base)
      return
    case 'broken archive':
      return writeFileSync(`${base}.zip`, 'PK\u0003\u0004 and then the network was gone')
    case 'links':
      into(path.join(base, 'real'))
      mkdirSync(path.join(base, 'seen'))
      symlinkSync(path.join(base, 'real', 'labs'), path.join(base, 'seen', 'labs'))
      rmSync(path.join(base, 'real'), { recursive: true })
      return
    case 'zip': {
      const zip = new ZipFile()
      for (const [file, text] of files) zip.addBuffer(Buffer.from(text), file)
      zip.end()
      return pipeline(zip.outputStream, createWriteStream(`${base}.zip`))
    }
    case 'tar':
    case 'tar.gz':
      into(`${base}.d`)
      await create({ cwd: `${base}.d`, file: `${base}.${wrapping}`, gzip: wrapping === 'tar.gz' }, ['.'])
      return rmSync(`${base}.d`, { recursive: true })
    case 'git': {
      into(base)
      const git = (...argv: string[]) => execFileSync('git', ['-C', base, ...argv], { stdio: 'ignore' })
      git('init', '--quiet')
      git('add', '.')
      git(
        '-c',
        'user.name=student',
        '-c',
        'user.email=s@example.org',
        'commit',
        '--quiet',
        '--message',
        'done',
      )
    }
  }
}

function one<Item>(items: readonly Item[], dice: Prng): Item {
  return items[dice.below(items.length)]!
}

/** So many different ones, in their order. */
function some<Item>(items: readonly Item[], count: number, dice: Prng): Item[] {
  const left = [...items]
  while (left.length > count) left.splice(dice.below(left.length), 1)
  return left
}

function weighted<Item>(items: readonly Item[], weights: readonly number[], dice: Prng): Item {
  const ends = weights.map((_, index) => weights.slice(0, index + 1).reduce((sum, weight) => sum + weight, 0))
  const thrown = dice.below(ends.at(-1)!)
  return items[ends.findIndex(end => thrown < end)]!
}
