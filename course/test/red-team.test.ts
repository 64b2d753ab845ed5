/**
 * Attacks on the grader (course/red-team/attacks.ts): none may earn more than the honest part of its work, none may do harm,
 * and the grade says what happened. `npm run red-team` tries them without the sandbox, too.
 */
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { gradeAll } from '../grade/grading.ts'
import type { Grading } from '../grade/model.ts'
import { findSandbox, sandboxOrComplaint, usualLimits } from '../grade/sandbox.ts'
import { findLab } from '../manifest.ts'
import { honest } from '../red-team/attacks.ts'
import { differing, expected, page, pageFile, surprises } from '../red-team/page.ts'
import { type Raid, raid, raidInside } from '../red-team/run.ts'
import { referenceFile } from '../swap.ts'
import { smallCourse, studentFile } from './small-course.ts'

const sandbox = findSandbox()

describe.skipIf(sandbox.kind === 'none')('an attack', { timeout: 400_000 }, () => {
  let found: Raid

  beforeAll(async () => {
    found = await raid('bubblewrap')
  }, 400_000)

  test.each(Object.entries(expected('bubblewrap')))(
    '%s earns what its honest part deserves',
    (name, { points, reasons }) => {
      const { detail, reason, ...outcome } = found.outcomes[name]!
      expect(outcome, detail).toEqual({ points })
      expect(reasons, detail).toContain(reason)
    },
  )

  test('wrote nothing outside, called nobody, and left nothing running', () => {
    expect(found.harm).toEqual([])
  })

  test('earns no more where Node’s permissions are all that holds it', async () => {
    expect(surprises('none', await raidInside('none', differing))).toEqual([])
  })

  test('is in the table for people, as it went', () => {
    expect(readFileSync(pageFile, 'utf8'), '`npm run red-team` writes it').toBe(page())
  })
})

describe.skipIf(sandbox.kind === 'none')('a server that a submission is part of', { timeout: 60_000 }, () => {
  test('costs the tests that are its clients when it ends or hangs, and no others', async () => {
    const lab = findLab('26')!
    const [swap] = lab.swaps
    // Honest when it is asked by itself. In a server, with clients waiting, it ends the one and hangs the other.
    const source = readFileSync(referenceFile(swap!)!, 'utf8').replace(
      /(?<=export function answerWord\([^{]*\{\n)/,
      `  if (/at Front/.test(String(new Error().stack))) {
    if (word === 'cons') process.exit(0)
    while (word === 'mntr') {}
  }
`,
    )
    const kept = mkdtempSync(path.join(tmpdir(), 'kept-'))
    const submission = { name: 'sly', take: () => ({ sources: new Map([[swap!, source]]) }) }
    const grading = await gradeAll([submission], [lab], {
      sandbox,
      limits: usualLimits,
      testMilliseconds: 1000,
      labMilliseconds: 60_000,
      kept,
    })
    rmSync(kept, { recursive: true })
    const tests = grading.submissions[0]!.labs[0]!.tests.filter(({ reason }) => reason !== 'ok')
    expect(tests.map(({ name, reason }) => [reason, name])).toEqual([
      ['exited', 'crst makes the connections of a running server count anew'],
      ['timed out', 'a running server has figures for mntr, and the AdminServer has the same'],
    ])
  })
})

describe('an archive', { timeout: 60_000 }, () => {
  test('with names that lead out of it, links, or no end gives nothing away and writes nothing', async () => {
    const course = smallCourse()
    await course.run('stubs')
    const folder = mkdtempSync(path.join(tmpdir(), 'archives-'))
    const at = (name: string) => path.join(folder, name)
    const tar = (name: string, ...args: string[]) => execFileSync('tar', ['-cf', at(name), ...args])
    const secret = at('counter.ts')
    writeFileSync(secret, honest)
    mkdirSync(path.dirname(at(`linked/${studentFile}`)), { recursive: true })
    symlinkSync(secret, at(`linked/${studentFile}`))
    mkdirSync(at('linked-folder/labs'), { recursive: true })
    symlinkSync(path.join(course.folder, 'labs/01-counter'), at('linked-folder/labs/01-counter'))
    tar('link.tar', '-C', at('linked'), 'labs')
    linkSync(secret, at('second-name.ts'))
    const places = ['--transform', `s,^counter.ts$,x.ts,;s,second-name.ts,${studentFile},`]
    tar('hard-link.tar', '-C', folder, ...places, 'counter.ts', 'second-name.ts')
    tar('slip.tar', '-P', '--transform', `s,.*,../../../${studentFile},`, secret)
    tar('absolute.tar', '-P', '--transform', `s,.*,${course.folder}/${studentFile},`, secret)
    // Its writer refuses such names, so they are put in afterwards.
    const slip = await zipOf([[`AA/AA/AA/${studentFile}`, honest]])
    writeFileSync(at('slip.zip'), slip.toString('latin1').replaceAll('AA/', '../'), 'latin1')
    const absolute = slip.toString('latin1').replaceAll('AA/AA/AA', '/AA/AA/A')
    writeFileSync(at('absolute.zip'), absolute, 'latin1')
    writeFileSync(at('link.zip'), await zipOf([[studentFile, secret, 0o120777]]))
    writeFileSync(at('bomb.zip'), await zipOf([[studentFile, 'x'.repeat(1 << 24)]]))
    writeFileSync(at('honest.zip'), await zipOf([[studentFile, honest]]))
    for (const name of ['counter.ts', 'second-name.ts']) rmSync(at(name))

    const stub = course.read(studentFile)
    const { output, code } = await course.run('grade', folder, '--out', path.join(course.folder, 'grades'))
    expect(code, output).toBe(0)
    const { submissions } = JSON.parse(course.read('grades/grades.json')) as Grading
    const names = ['absolute', 'absolute (2)', 'bomb', 'hard-link', 'link', 'link (2)', 'linked']
    const graded = submissions.map(({ submission, points, labs }) => [submission, points, labs[0]!.reason])
    expect(graded.filter(([name]) => name !== 'honest')).toEqual(
      [...names, 'linked-folder', 'slip', 'slip (2)'].map(name => [name, 0, 'missing file']),
    )
    expect(graded).toContainEqual(['honest', 60, 'wrong'])
    expect(course.read(studentFile)).toBe(stub)
    course.remove()
    rmSync(folder, { recursive: true })
  })
})

async function zipOf(entries: readonly [name: string, text: string, mode?: number][]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, text, mode = 0o100644] of entries) zip.addBuffer(Buffer.from(text), name, { mode })
  zip.end()
  return buffer(zip.outputStream)
}

test('without a sandbox nothing is graded, unless somebody says so', () => {
  const before = process.env.PATH
  process.env.PATH = '/nowhere'
  try {
    expect(() => sandboxOrComplaint(false)).toThrow(/There is no sandbox here/)
    expect(sandboxOrComplaint(true).kind).toBe('none')
  } finally {
    process.env.PATH = before
  }
})
