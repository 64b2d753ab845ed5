import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Program } from './copy.ts'
import { type SmallCourse, smallCourse } from './small-course.ts'

describe('npm run watch', { timeout: 30_000 }, () => {
  let course: SmallCourse
  let watch: Program
  beforeEach(async () => {
    course = smallCourse()
    await course.run('stubs')
  })
  afterEach(async () => {
    await watch.end()
    course.remove()
  })

  test('a save gives a verdict, and the keys give hints, another run, the next lab and the way out', async () => {
    watch = course.start('watch', '01')
    expect(await watch.says('q quit')).toContain('0 of 3 tests pass · 3 wait for code')

    course.solve()
    expect(await watch.says('q quit')).toMatch(/3 of 3 tests pass\nNext: lab 00, "Warm up"/)

    course.solve(source => source.replace("if (word !== '') ", ''))
    expect(await watch.says('q quit')).toContain('✗ spaces are no words')

    watch.press('h')
    expect(await watch.says('q quit')).toContain('Hint 1 for lab 01\n\nWhat is a word?')
    watch.press('h')
    expect(await watch.says('q quit')).toContain('Hint 2 for lab 01\n\nA map from word to number.')

    watch.press('r')
    expect(await watch.says('q quit')).toContain('2 of 3 tests pass · 1 fails')

    watch.press('n')
    expect(await watch.says('q quit')).toMatch(/Lab 00 · Warm up.*1 of 1 tests pass/s)

    watch.press('q')
    expect(await watch.exit).toBe(0)
  })

  test('saving while a loop runs ends the loop at once', async () => {
    course.solve(source => source.replace('const counts = new', 'while (true) {}\n  const counts = new'))
    watch = course.start('watch', '01')
    // The loop would be ended after six seconds, and be told.
    await new Promise(resolve => setTimeout(resolve, 2_000))
    course.solve()
    expect(await watch.says('q quit')).toContain('3 of 3 tests pass')
    expect(watch.said()).not.toContain('still busy')
  })

  test('a file that cannot be read, or that is gone, is told, and the next save is seen', async () => {
    course.solve(source => source.replace('const counts', 'const const counts'))
    watch = course.start('watch', '01')
    expect(await watch.says('q quit')).toContain('cannot be read as TypeScript')
    course.delete('labs/01-counter/src/words')
    expect(await watch.says('q quit')).toContain('is missing. `npm run reset 01` puts it back')
    course.solve()
    expect(await watch.says('q quit')).toContain('3 of 3 tests pass')
  })

  test('without a number it takes the first lab that is not done', async () => {
    await course.run('test', '00')
    watch = course.start('watch')
    expect(await watch.says('q quit')).toContain('Lab 01 · Counting words')
  })
})
