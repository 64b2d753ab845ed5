import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Grading } from '../grade/model.ts'
import { findSandbox } from '../grade/sandbox.ts'
import { likenesses } from '../grade/similarity.ts'
import type { ClassroomResults } from '../grade/writers/classroom.ts'
import { labs } from '../manifest.ts'
import { root, solutionRoot } from '../paths.ts'
import { stubOf } from '../stubs.ts'
import { type SmallCourse, smallCourse, studentFile } from './small-course.ts'

describe.skipIf(findSandbox().kind === 'none')('grading a class', { timeout: 200_000 }, () => {
  let course: SmallCourse
  let submissions: string
  const at = (name: string) => path.join(course.folder, name)
  const expected = new Map<string, [points: number, reason: string]>()

  beforeAll(async () => {
    course = smallCourse()
    course.solve()
    const solution = course.read(studentFile)
    submissions = mkdtempSync(path.join(tmpdir(), 'class-'))
    const kinds: [change: (text: string) => string, points: number, reason: string][] = [
      [text => text, 100, 'ok'],
      [text => text.replace('times > most', 'times >= most'), 90, 'wrong'],
      [text => text.replace('const counts', 'const const'), 0, 'syntax error'],
      [text => `${text}\nprocess.exit(0)\n`, 0, 'exited'],
    ]
    for (let i = 0; i < 24; i++) {
      const [change, points, reason] = kinds[i % kinds.length]!
      const name = `student <${i}> & "co"`.replace(/[<>"]/g, process.platform === 'win32' ? '' : '$&')
      const file = path.join(submissions, name, studentFile)
      mkdirSync(path.dirname(file), { recursive: true })
      // Each a text of its own: none may live on what is known of another.
      writeFileSync(file, `${change(solution)}\nexport const signature = ${i}\n`)
      expected.set(name, [points, reason])
    }
  })
  afterAll(() => {
    course.remove()
    rmSync(submissions, { recursive: true, force: true })
  })

  function gradesIn(file: string): [string, [number, string]][] {
    const { submissions } = JSON.parse(course.read(file)) as Grading
    return submissions.map(({ submission, points, labs }) => [submission, [points, labs[0]!.reason]])
  }

  const inOrder = () => [...expected].sort(([a], [b]) => (a < b ? -1 : 1))

  test('killed twice on the way it goes on where it stopped, and every grade is right', async () => {
    const kept = () => (existsSync(at('grades/kept')) ? readdirSync(at('grades/kept')).length : 0)
    for (const enough of [3, 9]) {
      const grader = spawn(
        process.execPath,
        ['course/cli.mjs', 'grade', submissions, '--out', at('grades')],
        {
          cwd: course.folder,
          stdio: 'ignore',
        },
      )
      const ended = new Promise(resolve => grader.once('exit', resolve))
      while (kept() < enough) await new Promise(resolve => setTimeout(resolve, 10))
      grader.kill('SIGKILL')
      await ended
      expect(existsSync(at('grades/grades.json'))).toBe(false)
    }
    const before = kept()
    const { code, output } = await course.run('grade', submissions, '--out', at('grades'))
    expect(code, output).toBe(0)
    expect(before).toBeGreaterThanOrEqual(9)
    expect(gradesIn('grades/grades.json')).toEqual(inOrder())
  })

  test('graded in shards and merged it has the same grades', async () => {
    for (const shard of ['1/3', '2/3', '3/3']) {
      const { code, output } = await course.run(
        'grade',
        submissions,
        '--shard',
        shard,
        '--out',
        at(`shard-${shard[0]}`),
      )
      expect(code, output).toBe(0)
      expect(gradesIn(`shard-${shard[0]}/grades.json`).length).toBeLessThan(24)
    }
    const shards = [1, 2, 3].map(number => at(`shard-${number}`))
    await course.run('grade', '--merge', ...shards, '--out', at('all'))
    expect(gradesIn('all/grades.json')).toEqual(inOrder())
    const twice = await course.run('grade', '--merge', shards[0]!, shards[0]!, '--out', at('twice'))
    expect(twice.code).toBe(2)
    expect(twice.output).toMatch(/is both in .*shard-1 and in .*shard-1/)
  })

  test("a policy is applied to what was graded, without anybody's code being run again", async () => {
    const [ok] = inOrder().find(([, [, reason]]) => reason === 'ok')!
    course.write(
      'policy.yml',
      `adjust:\n  - { student: ${JSON.stringify(ok)}, lab: 01, points: -5, reason: late to the viva }\nextensions: { nobody: 1 day }\nlateDays: 2\ndeadlines: { 02: 2026-10-09 20:00 Z }\n`,
    )
    const options = ['--policy', at('policy.yml'), '--out']
    const { code, output } = await course.run('grade', '--merge', at('all'), ...options, at('with-policy'))
    expect(code, output).toBe(0)
    expect(output).toContain("policy.yml:3: nobody among these submissions is called 'nobody'.")
    expect(output).toContain('late days are counted over the labs of this grading alone, without 02.')
    expect(gradesIn('with-policy/grades.json')).toEqual(
      inOrder().map(([name, [points, reason]]) => [name, [name === ok ? 95 : points, reason]]),
    )
    course.write('policy.yml', 'points: { 01: fifty }\n')
    const mistaken = await course.run('grade', '--merge', at('all'), ...options, at('mistaken'))
    expect(mistaken).toEqual({
      code: 2,
      output: `${at('policy.yml')}:1: that wants a number, 0 or more, with tenths at most, not 'fifty'.\n`,
    })
  })

  test('what has changed since an earlier grading is told, and nothing else', async () => {
    const [first] = inOrder().find(([, [, reason]]) => reason === 'ok')!
    const grading = JSON.parse(course.read('all/grades.json')) as Grading
    const lab = grading.submissions.find(({ submission }) => submission === first)!.labs[0]!
    lab.points = 10
    lab.reason = 'wrong'
    lab.tests[0]!.reason = 'wrong'
    course.write('later/grades.json', JSON.stringify(grading))
    expect((await course.run('grade', at('all'), '--diff', at('all'))).output).toBe('No grade has changed.\n')
    expect((await course.run('grade', at('later'), '--diff', at('all'))).output).toBe(
      `${first}  01  100 → 10  ok → wrong\n    no longer passes: ${lab.tests[0]!.id}\n`,
    )
  })

  test('two who wrote the same under other names are alike, two who did not are not', () => {
    const lab = labs.find(({ id }) => id === '04')!
    const file = (text: string) => new Map([['wire/jute', text]])
    const solution = readFileSync(path.join(root, 'reference-impl/src/wire/jute.ts'), 'utf8')
    const alternative = readFileSync(path.join(solutionRoot(lab), 'alternative/wire/jute.ts'), 'utf8')
    const stub = stubOf(lab, 'wire/jute')
    const class4 = Object.entries({
      ann: solution,
      bob: solution.replaceAll('value', 'wert').replace(/\/\/.*/g, '// mine'),
      cem: alternative,
      dee: stub,
      eve: stub,
    }).map(([name, text]) => ({ name, take: () => ({ sources: file(text) }) }))
    expect(likenesses(class4, [lab])).toEqual([
      { lab: '04-serialization', one: 'ann', other: 'bob', share: expect.closeTo(1, 1) },
    ])
    const most = class4.map(one => (one.name === 'dee' ? { ...one, take: class4[0]!.take } : one))
    expect(
      likenesses(most, [lab]).map(({ one, other }) => `${one} ${other}`),
      'what most of a class hands in is nobody’s own, unless it is all of the file',
    ).toEqual(['ann bob', 'bob dee'])
  })

  test('a git repository is a submission like any other, and one that is not there costs only its own', async () => {
    const repository = mkdtempSync(path.join(tmpdir(), 'repository-'))
    const git = (...argv: string[]) => execFileSync('git', ['-C', repository, ...argv], { stdio: 'ignore' })
    mkdirSync(path.dirname(path.join(repository, studentFile)), { recursive: true })
    writeFileSync(path.join(repository, studentFile), course.read(studentFile))
    git('init', '--quiet')
    git('add', '.')
    git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--quiet', '--message', 'done')
    const urls = [`file://${repository}`, 'file:///nowhere/bob.git']
    const { output } = await course.run('grade', ...urls, '--out', at('git'))
    rmSync(repository, { recursive: true })
    expect(output).toMatch(/repository-\w+ +01 +100\/100/)
    expect(output).toMatch(/bob +01 +0\/100 .*missing file +bob\.git cannot be opened: /)
  })

  test('Classroom gets a test for each part, with its points', () => {
    const { max_score, tests } = JSON.parse(
      course.read('all/classroom/student-0002.json'),
    ) as ClassroomResults
    expect(max_score).toBe(100)
    expect(tests.map(({ name }) => name)).toEqual(['Lab 01 A. Count', 'Lab 01 B. Compare'])
  })

  test('the pages name everybody, and the mistake that nine tenths of the points may be lost by', () => {
    expect(course.read('all/junit.xml').match(/<testsuite /g)).toHaveLength(24)
    const page = course.read('all/pages/index.html')
    expect(page).toContain('student &#60;0&#62; &#38; &#34;co&#34;')
    expect(page).toMatch(
      /takes the last of equals.*<\/th>\s*<td>thinks the order does not matter<\/td><td>6: /,
    )
    const found = inOrder().findIndex(([, [, reason]]) => reason === 'wrong')
    const own = course.read(`all/pages/student-${String(found + 1).padStart(4, '0')}.html`)
    expect(own).toContain('for somebody who thinks the order does not matter.')
  })
})
