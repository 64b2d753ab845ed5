/**
 * `zk-server --mine zoo.cfg`: the reference's server, or another of its programs, with the student's finished labs in it.
 * `--mine=04,06` names the labs instead, finished or not. What is swapped in, and what is left out and why, is said in
 * one line at the start.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { Complaint } from './complaint.ts'
import { holesIn } from './holes.ts'
import { labNamed, madeLabs } from './labs.ts'
import { bundled } from './launch.mjs'
import { madeRecords } from './made-records.ts'
import type { Lab } from './manifest.ts'
import { lastVerdict, verdictOn } from './memory.ts'
import { root, shown, studentFiles } from './paths.ts'
import { esbuildPlugin } from './swap.ts'
import { complaintAbout, studentOf } from './trial.ts'

const bin = path.join(root, 'reference-impl', 'bin')
/** As it was called: the bins that know `--mine` come here. */
const program = path.basename(process.argv[1] ?? '', '.mjs')

try {
  await serve(namedIn(process.argv))
} catch (error) {
  if (!(error instanceof Complaint)) throw error
  console.error(`${program}: ${error.message}`)
  process.exitCode = 2
}

async function serve(named: readonly Lab[] | null): Promise<void> {
  const labs = named ?? madeLabs.filter(lab => whyNot(lab) === null)
  for (const lab of labs) {
    const complaint = await complaintAbout(lab)
    if (complaint !== null) throw new Complaint(complaint)
  }
  console.error(announcement(labs, named !== null))
  process.on('uncaughtException', error => {
    console.error(obituary(error, labs))
    process.exit(1)
  })
  const source = [`${program}.ts`, `${program}.js`].find(name => existsSync(path.join(bin, name)))!
  const name = [program, 'mine', ...labs.map(({ id }) => id)].join('-')
  const bundle = await bundled(shown(path.join(bin, source)), name, [
    ...(await madeRecords(labs)),
    esbuildPlugin(labs.map(studentOf)),
  ])
  await import(pathToFileURL(bundle).href)
}

/** The labs of `--mine=04,06`; null when they are not named. */
function namedIn(argv: readonly string[]): Lab[] | null {
  const [, names] = argv.find(argument => argument.startsWith('--mine='))?.split('=') ?? []
  if (names === undefined) return null
  return names
    .split(',')
    .filter(name => name !== '')
    .map(labNamed)
}

/** Why a lab is not finished; null when it is. */
function whyNot(lab: Lab): string | null {
  const missing = studentFiles(lab).find(file => !existsSync(file))
  if (missing !== undefined) return `${shown(missing)} is missing`
  const holes = studentFiles(lab).flatMap(holesIn).length
  if (holes > 0) return holes === 1 ? '1 hole left' : `${holes} holes left`
  if (verdictOn(lab)?.done) return null
  if (verdictOn(lab)) return `tests fail, see npm test ${lab.id}`
  return lastVerdict(lab)
    ? `changed since its tests, run npm test ${lab.id}`
    : `not tested, run npm test ${lab.id}`
}

function announcement(labs: readonly Lab[], named: boolean): string {
  const listed = (some: readonly Lab[], note: (lab: Lab) => string | null) =>
    some
      .map(lab => [lab.id, note(lab)] as const)
      .map(([id, why]) => (why === null ? id : `${id} (${why})`))
      .join(', ')
  if (named) return `${program} runs your labs ${listed(labs, lab => whyNot(lab) ?? lab.swaps.join(', '))}.`
  const others = madeLabs.filter(lab => !labs.includes(lab))
  const left = others.length === 0 ? '' : ` Left out: ${listed(others, whyNot)}.`
  if (labs.length === 0) return `${program} runs the reference: none of your labs is finished.${left}`
  return `${program} runs your labs ${listed(labs, lab => lab.swaps.join(', '))}.${left}`
}

/** A server that went wrong in the middle of a step stops: what it would say from here on could be false. */
function obituary(error: unknown, labs: readonly Lab[]): string {
  const { name, message, stack = '' } = error instanceof Error ? error : noError(error)
  const place = labs
    .flatMap(studentFiles)
    .map(shown)
    .flatMap(file => {
      const at = stack.replaceAll('\\', '/').indexOf(`${file}:`)
      return at < 0 ? [] : [{ at, where: stack.slice(at).match(/^[^:]*:\d+/)![0] }]
    })
    .sort((a, b) => a.at - b.at)[0]?.where
  const at = place ? `, at ${place}` : ''
  if (name === 'Todo') return `${program} stops: it came to a hole that is not filled yet: ${message}${at}`
  const ids = labs.map(({ id }) => id).join(' ')
  const advice = ids === '' ? '' : `\nIt ran your labs ${ids}: npm test ${ids} may show why.`
  return `${program} stops: ${name}: ${message}${at}${advice}\n\n${stack}`
}

function noError(thrown: unknown): Pick<Error, 'name' | 'message' | 'stack'> {
  return {
    name: 'Thrown',
    message: `${String(thrown)}, which is no Error, so that nobody can see where it came from`,
  }
}
