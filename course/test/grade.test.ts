import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Grading, LabGrade } from '../grade/model.ts'
import { findSandbox } from '../grade/sandbox.ts'
import type { Outcome } from './copy.ts'
import { type SmallCourse, smallCourse, studentFile } from './small-course.ts'

const sandboxed = findSandbox().kind !== 'none'

describe.skipIf(!sandboxed)('grading a folder of submissions', { timeout: 120_000 }, () => {
  let course: SmallCourse
  let submissions: string
  let outcome: Outcome
  let grading: Grading
  let solution: string

  beforeAll(async () => {
    course = smallCourse()
    submissions = mkdtempSync(path.join(tmpdir(), 'submissions-'))
    course.solve()
    solution = course.read(studentFile)
    await course.run('stubs')
    const stub = course.read(studentFile)
    const canary = path.join(submissions, 'canary')
    writeFileSync(canary, 'alive')
    const secondHalf = (body: string) =>
      solution.replace(/let best: string[\s\S]*return best\n/, () => `${body}\n  return null\n`)

    submit('perfect', solution)
    submit('stub', stub)
    submit(
      'half-done',
      secondHalf("throw Object.assign(new Error('Lab 01 B: find the commonest word'), { name: 'Todo' })"),
    )
    submit('syntax-error', solution.replace('const counts', 'const const'))
    submit('endless-loop', solution.replace('const counts', 'for (;;) {}\n  const counts'))
    submit('exits', `${solution}\nprocess.exit(0)\n`)
    submit(
      'memory-bomb',
      secondHalf('const all = []; for (;;) all.push(new Array(100_000).fill(all.length))'),
    )
    submit(
      'deletes-files',
      `import { rmSync } from 'node:fs'\n${solution}\nrmSync(${JSON.stringify(canary)})\n`,
    )
    outcome = await course.run(
      'grade',
      submissions,
      '--out',
      path.join(course.folder, 'grades'),
      '--no-misconceptions',
      '--time',
      '4',
    )
    grading = JSON.parse(course.read('grades/grades.json'))
  }, 120_000)

  afterAll(() => {
    course.remove()
    rmSync(submissions, { recursive: true, force: true })
  })

  function submit(name: string, text: string): void {
    const file = path.join(submissions, name, studentFile)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }

  function gradeOf(name: string): LabGrade {
    return grading.submissions.find(({ submission }) => submission === name)!.labs[0]!
  }

  test('each gets the points that its honest part deserves, and the reason for the rest', () => {
    const grades = grading.submissions.map(({ submission, points, labs }) => [
      submission,
      points,
      labs[0]!.reason,
    ])
    expect(outcome.code, outcome.output).toBe(0)
    expect(grades).toEqual([
      ['deletes-files', 0, 'forbidden'],
      ['endless-loop', 0, 'timed out'],
      ['exits', 0, 'exited'],
      ['half-done', 60, 'not attempted'],
      ['memory-bomb', 60, 'out of memory'],
      ['perfect', 100, 'ok'],
      ['stub', 0, 'not attempted'],
      ['syntax-error', 0, 'syntax error'],
    ])
  })

  test('the detail says where to look', () => {
    expect(gradeOf('syntax-error').detail).toMatch(/^labs\/01-counter\/src\/words\/counter\.ts:6: /)
    expect(gradeOf('deletes-files').detail).toBe('a lab may not use node:fs')
    expect(gradeOf('exits').detail).toBe('while it is loaded, it ended its own process (exit code 0)')
    expect(gradeOf('stub').detail).toBe('Lab 01 A: count the words')
  })

  test('a test that could not run counts as failed, never as absent', () => {
    const all = gradeOf('perfect').tests.length
    expect(all).toBeGreaterThan(6)
    for (const { submission } of grading.submissions) expect(gradeOf(submission).tests).toHaveLength(all)
  })

  test('what a submission wanted to delete is still there', () => {
    expect(readFileSync(path.join(submissions, 'canary'), 'utf8')).toBe('alive')
  })

  test('the results are there for people, for spreadsheets and for programs', () => {
    expect(outcome.output).toMatch(/half-done +01 +60\/100 +A 60\/60 {2}B 0\/40 +not attempted/)
    expect(outcome.output).toContain('8 submissions, 1 lab')
    expect(course.read('grades/grades.csv')).toContain('half-done,60,100,60,60,0,not attempted\r\n')
  })

  test('a second grading takes what it knows and gives the same grades', async () => {
    const began = performance.now()
    const out = path.join(course.folder, 'grades')
    await course.run('grade', submissions, '--no-misconceptions', '--out', out, '--time', '4')
    expect(JSON.parse(course.read('grades/grades.json'))).toEqual(grading)
    expect(performance.now() - began).toBeLessThan(15_000)
  })

  test('one submission is graded as it is, folder or archive, with whatever folders lie round it', async () => {
    const wrapped = mkdtempSync(path.join(tmpdir(), 'wrapped-'))
    cpSync(path.join(submissions, 'perfect'), path.join(wrapped, 'home', 'handout'), { recursive: true })
    const { output } = await course.run(
      'grade',
      path.join(wrapped, 'home'),
      '--out',
      path.join(course.folder, 'one'),
    )
    rmSync(wrapped, { recursive: true })
    expect(output).toMatch(/handout +01 +100\/100/)
  })

  test('the one file of a lab, alone, is a submission too', async () => {
    const alone = mkdtempSync(path.join(tmpdir(), 'alone-'))
    writeFileSync(path.join(alone, 'counter.ts'), solution)
    const { output } = await course.run('grade', alone, '--out', path.join(course.folder, 'alone'))
    rmSync(alone, { recursive: true })
    expect(output).toMatch(/alone-\w+ +01 +100\/100/)
  })

  test('a file in the wrong place is named, and so is a submission that does not exist', async () => {
    const wrong = mkdtempSync(path.join(tmpdir(), 'wrong-'))
    mkdirSync(path.join(wrong, 'alice', 'mine'), { recursive: true })
    writeFileSync(path.join(wrong, 'alice', 'mine', 'counter.ts'), solution)
    const { output } = await course.run('grade', wrong, '--out', path.join(course.folder, 'wrong'))
    rmSync(wrong, { recursive: true })
    expect(output).toMatch(
      /alice +01 +0\/100 .* missing file +there is no labs\/01-counter\/src\/words\/counter\.ts, but/,
    )
    const nothing = await course.run('grade', 'nowhere')
    expect(nothing).toEqual({ code: 2, output: "There is no 'nowhere' to grade.\n" })
  })
})

describe.skipIf(!sandboxed)('a hidden test that waits for a promise', { timeout: 60_000 }, () => {
  let course: SmallCourse
  beforeAll(() => {
    course = smallCourse()
  })
  afterAll(() => course.remove())

  test('is over when a loop keeps the promise from being kept, and those behind it are run', async () => {
    const hidden = 'solutions/01-counter/hidden/a-promise'
    course.write(
      `${hidden}.inside.ts`,
      `import { commonest } from '#lab/words/counter.ts'
export const later = (text: string): Promise<string | null> => Promise.resolve().then(() => commonest(text))
`,
    )
    course.write(
      `${hidden}.test.ts`,
      `import { describe, expect, test } from 'vitest'
import { later } from './a-promise.inside.ts'
describe('B. Compare', () => {
  test('a word is found later', async () => expect(await later('a a b')).toBe('a'))
  test('no word is found later', async () => expect(await later('loop')).toBe('loop'))
  test('a word is found after all', async () => expect(await later('b b a')).toBe('b'))
})
`,
    )
    course.solve(solution => solution.replace('let best:', "while (text === 'loop') {}\n  let best:"))
    const mine = path.join(course.folder, 'mine')
    mkdirSync(path.dirname(path.join(mine, studentFile)), { recursive: true })
    cpSync(path.join(course.folder, studentFile), path.join(mine, studentFile))
    const { output } = await course.run(
      'grade',
      mine,
      '--out',
      path.join(course.folder, 'grades'),
      '--time',
      '1',
    )
    const { submissions }: Grading = JSON.parse(course.read('grades/grades.json'))
    const lost = submissions[0]!.labs[0]!.tests.filter(({ reason }) => reason !== 'ok')
    expect(
      lost.map(({ name, reason }) => [name, reason]),
      output,
    ).toEqual([['no word is found later', 'timed out']])
  })
})
