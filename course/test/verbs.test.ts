import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeTooOld } from '../node-version.mjs'
import { type SmallCourse, smallCourse, studentFile } from './small-course.ts'

describe('the smaller verbs', { timeout: 30_000 }, () => {
  let course: SmallCourse
  beforeAll(async () => {
    course = smallCourse()
    await course.run('stubs')
  })
  afterAll(() => course.remove())

  test('stubs writes what is missing or stale, keeps what was there, and has nothing to do the second time', async () => {
    const stub = course.read(studentFile)
    course.solve()
    const again = await course.run('stubs', '01')
    const [, backup] = /counter\.ts written; what was there is kept as (\S+)/.exec(again.output) ?? []
    expect(course.read(backup!)).toContain('counts.set(word')
    expect(course.read(studentFile)).toBe(stub)
    expect((await course.run('stubs', '01')).output.trim()).toBe(`${studentFile} is up to date`)
    expect((await course.run('stubs', '02')).output).toContain(
      'Nothing to cut: no file of lab 02 (words/later)',
    )
  })

  test('hint gives one hint at a time when nobody can be asked, and the one that is named', async () => {
    const first = await course.run('hint', '01')
    expect(first.output).toBe('Hint 1 for lab 01\n\nWhat is a word?\n\nThe next one: npm run hint 01 -- 2\n')
    expect((await course.run('hint', '1', '3')).output).toContain('counts.set(word, ')
    const none = await course.run('hint', '1', '4')
    expect(none.output.trim()).toBe("Lab 01 has the hints 1 to 3, not '4'.")
    expect(none.code).toBe(2)
  })

  test('reset gives the stub again, keeps what was there and says where', async () => {
    const stub = course.read(studentFile)
    course.solve()
    const solved = course.read(studentFile)
    const { output } = await course.run('reset', '01')
    const [, backup] = /What you had is kept: (\S+)/.exec(output) ?? []
    expect(course.read(backup!)).toBe(solved)
    expect(course.read(studentFile)).toBe(stub)
    expect((await course.run('reset', '01')).output).toContain('is as handed out already.')
    course.delete(studentFile)
    await course.run('reset', '01')
    expect(course.read(studentFile)).toBe(stub)
  })

  test('reset in a handout takes the stub that was handed out with it', async () => {
    const stub = course.read(studentFile)
    course.write('course/stubs/01-counter/words/counter.ts', `${stub}// as handed out\n`)
    const { output } = await course.run('reset', '01')
    course.delete('course/stubs')
    expect(output).toContain('is as handed out again.')
    expect(course.read(studentFile)).toContain('// as handed out')
  })

  test('progress tells what is done, what is begun, what has changed since, and what is planned', async () => {
    course.delete('.course')
    await course.run('reset', '01')
    expect((await course.run('progress')).output).toMatch(
      /00 {2}Warm up +· not tried yet\n +01 {2}Counting words +· not tried yet · 2 holes left\n\n +0 of 2 labs done; 1 more planned/,
    )
    await course.run('test', '00', '01')
    expect((await course.run('progress')).output).toMatch(
      /00 {2}Warm up +✓ done\n +01 {2}Counting words +○ 0 of 3 tests pass · 2 holes left\n.*1 of 2 labs done/s,
    )
    course.solve()
    expect((await course.run('progress')).output).toContain(
      '○ 0 of 3 tests pass · changed since: npm test 01',
    )
    course.write('.course/progress.json', '{ half')
    expect((await course.run('progress')).output).toContain('0 of 2 labs done')
  })

  test('a verb that is not there, or that a handout has not, is refused in a sentence', async () => {
    expect((await course.run('tset')).output).toContain("error: unknown command 'tset'\n(Did you mean test?)")
    course.delete('course/check.ts')
    const { code, output } = await course.run('check')
    expect(output.trim()).toBe(
      "`check` is for those who make and grade the course; this is the students' handout, which does not have it.",
    )
    expect(code).toBe(2)
  })

  test('without its packages the tool says how to get them', async () => {
    course.delete('node_modules/picocolors')
    const changed = await course.run('progress')
    expect(changed.output.trim()).toBe(
      'The package picocolors is not installed: the course has changed since. Run `npm ci`, then this command again.',
    )
    expect(changed.code).toBe(2)
    course.delete('node_modules')
    const { code, output } = await course.run('test', '01')
    expect(output).toContain('Run `npm ci` in this folder first')
    expect(code).toBe(2)
  })
})

test('a Node that is too old is turned away with what to do', () => {
  expect(nodeTooOld('18.20.4')).toMatch(
    /needs Node 20\.19 or newer, and this is 18\.20\.4\.\nGet a current one/,
  )
  expect(nodeTooOld('20.18.1')).not.toBeNull()
  expect(nodeTooOld('20.19.0')).toBeNull()
  expect(nodeTooOld('24.1.0')).toBeNull()
})
