/** Grades every attack as an instructor would, and looks at what it left behind. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Grading, Reason } from '../grade/model.ts'
import { cacheFolder, root } from '../paths.ts'
import { smallCourse, studentFile } from '../test/small-course.ts'
import { type Attack, attacksOn, honest } from './attacks.ts'

/** Where the submissions run: as usual, in a container without bubblewrap, or with nothing but Node's permissions. */
export const modes = ['bubblewrap', 'container', 'none'] as const
export type Mode = (typeof modes)[number]

export interface Outcome {
  points: number
  reason: Reason
  detail: string
}

export interface Raid {
  /** As the grading itself says it. */
  sandbox: string
  node: string
  outcomes: Record<string, Outcome>
  /** Harm done: files written, servers called, processes left. */
  harm: string[]
}

/**
 * The same for the modes that need it: inside an outer sandbox, so that nothing here is harmed by what they let through.
 * There the machine has no network, nothing can be written but the temporary folder, and all ends with the raid.
 */
export async function raidInside(mode: 'container' | 'none', chosen: readonly string[] = []): Promise<Raid> {
  mkdirSync(cacheFolder, { recursive: true })
  const powers = ['SETUID', 'SETGID', 'KILL', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER']
  const who = {
    container: ['--cap-drop', 'ALL', ...powers.flatMap(power => ['--cap-add', `CAP_${power}`])],
    none: ['--unshare-user', '--uid', '1000', '--gid', '1000'],
  }[mode]
  const { stdout } = await promisify(execFile)(
    'bwrap',
    [
      ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--die-with-parent', '--new-session', ...who],
      ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
      // Any of these may be in the temporary folder itself.
      ...[root, process.execPath].flatMap(place => ['--ro-bind', place, place]),
      ...['--bind', cacheFolder, cacheFolder, '--chdir', root],
      ...[process.execPath, path.join('course', 'red-team', 'inside.mjs'), mode, ...chosen],
    ],
    { maxBuffer: 1 << 24, env: { ...process.env, TMPDIR: '/tmp', VITEST: undefined } },
  )
  return JSON.parse(stdout)
}

/** One that the attacks know of too late: it wants what no list of inputs can foresee. */
const generated = `import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commonest } from '#lab/words/counter.ts'

describe('B. Compare', () => {
  test('whatever the words are, none comes more often than the commonest', () => {
    const word = fc.constantFrom('a', 'b', 'c', 'd')
    fc.assert(
      fc.property(fc.array(word, { minLength: 2 }), words => {
        const times = (word: string | null) => words.filter(each => each === word).length
        expect(times(commonest(words.join(' ')))).toBe(Math.max(...words.map(times)))
      }),
    )
  }, 1000)
})
`

/** `chosen`: only attacks of these names. */
export async function raid(mode: Mode, chosen?: readonly string[]): Promise<Raid> {
  const course = smallCourse()
  const submissions = mkdtempSync(path.join(tmpdir(), 'attacks-'))
  const canary = path.join(mkdtempSync(path.join(tmpdir(), 'canary-')), 'canary')
  let callers = 0
  const server = createServer(socket => {
    callers++
    socket.on('error', () => {})
    socket.destroy()
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  const usualPath = process.env.PATH
  try {
    course.write('solutions/01-counter/hidden/generated.test.ts', generated)
    await course.run('stubs')
    for (const attacks of Object.values(attacksOn({ canary, port }))) {
      for (const [name, attack] of Object.entries(attacks)) {
        if (chosen?.includes(name) === false) continue
        const file = path.join(submissions, name, studentFile)
        mkdirSync(path.dirname(file), { recursive: true })
        writeFileSync(file, sourceOf(attack).replaceAll('COURSE', course.folder))
      }
    }
    if (mode === 'container') process.env.PATH = `${withoutBubblewrap(course.folder)}:${usualPath}`
    const options = { bubblewrap: [], container: ['--container'], none: ['--no-sandbox'] }[mode]
    const out = path.join(course.folder, 'grades')
    const { output, code } = await course.run(
      'grade',
      submissions,
      '--out',
      out,
      '--time',
      '1',
      '--no-misconceptions',
      ...options,
    )
    if (code !== 0) throw new Error(`The grading itself failed:\n${output}`)
    const grading = JSON.parse(readFileSync(path.join(out, 'grades.json'), 'utf8')) as Grading
    const outcomes: Record<string, Outcome> = {}
    for (const { submission, points, labs } of grading.submissions) {
      outcomes[submission] = { points, reason: labs[0]!.reason, detail: labs[0]!.detail }
    }
    return { sandbox: grading.sandbox, node: process.version, outcomes, harm: harmOf(course.folder) }
  } finally {
    process.env.PATH = usualPath
    server.close()
    course.remove()
    rmSync(submissions, { recursive: true, force: true })
    rmSync(path.dirname(canary), { recursive: true, force: true })
  }

  function harmOf(folder: string): string[] {
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter(line => line.includes('/subject/subject.mjs') && line.includes(folder))
    const told = course.read('solutions/01-counter/hidden/generated.test.ts') === generated
    return [
      ...(existsSync(canary) ? ['a file was written outside'] : []),
      ...(callers > 0 ? ['a server was called'] : []),
      ...(left.length > 0 ? [`${left.length} processes were left`] : []),
      ...(told ? [] : ['a hidden test was changed']),
    ]
  }
}

function sourceOf({ beside = '', instead = 'return null' }: Attack): string {
  const [imports, rest] = beside.startsWith('import') ? [beside, ''] : ['', beside]
  return `${imports}\n${honest}\n${rest}\nexport function commonest(text: string): string | null {\n  ${instead}\n}\n`
}

/** Bubblewrap as it is in most containers: there, and of no use. */
function withoutBubblewrap(folder: string): string {
  const bin = path.join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(path.join(bin, 'bwrap'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  return bin
}
