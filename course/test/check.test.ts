import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type SmallCourse, smallCourse, studentFile } from './small-course.ts'

describe('npm run check', { timeout: 60_000 }, () => {
  let course: SmallCourse
  beforeEach(async () => {
    course = smallCourse()
    await course.run('stubs')
  })
  afterEach(() => course.remove())

  /** Writes a file with one thing replaced, which must be there. */
  function change(file: string, from: string, to: string): void {
    expect(course.read(file)).toContain(from)
    course.write(
      file,
      course.read(file).replace(from, () => to),
    )
  }

  test('a course in order keeps every rule; mutants that never end or that die are killed like the others', async () => {
    change(
      'solutions/01-counter/mutants.ts',
      "'?? 0', '?? 1'",
      `"word !== ''", "word !== '' || text === '' && process.abort()"`,
    )
    change(
      'solutions/01-counter/mutants.ts',
      "edit('commonest', '>', '>=')",
      `edit('commonest', 'let most = 0', "let most = 0; while (text === ' ') most = 0")`,
    )
    const { code, output } = await course.run('check')
    expect(output).toContain(
      '✓ the reference passes                             8 tests: 3 visible, 5 hidden',
    )
    expect(output).toContain('✓ the stub comes to a Todo in every test')
    expect(output).toContain('✓ the alternative passes')
    expect(output).toContain('10 of 10; 4 survive the visible tests')
    expect(output).toContain('✓ the solved file passes')
    expect(output).toMatch(/2 labs checked in [\d.]+ s: every rule holds/)
    expect(code).toBe(0)
  })

  test('every broken promise is told with its place', async () => {
    change('course/manifest.ts', 'points: 60', 'points: 50')
    change('course/manifest.ts', "title: 'Compare'", "title: 'Choose'")
    course.write(studentFile, `${course.read(studentFile)}\n`)
    change(
      'chapters/01-counter.md',
      'counter.ts#Counts)',
      'counter.ts#counts)\n\n[gone](./gone.md) [home](#nowhere)',
    )
    change('chapters/01-counter.md', '## Spaces', '## Blanks')
    const quoted = '[words/counter.ts: count](../reference-impl/src/words/counter.ts#count)'
    change('chapters/01-counter.md', 'Count them.', `Count them.\n\n${quoted}`)
    const line = 'for (const [word, times] of count(text)) {'
    change('labs/01-counter/README.md', 'You fill', `    ${line}\n\nYou fill`)
    course.write('labs/01-counter/hints.md', '## 1\n\nOnly one.\n')
    course.delete('solutions/01-counter/README.md')
    const { code, output } = await course.run('check', '01')
    expect(output).toContain('solutions/01-counter/README.md is missing')
    expect(output).toContain('labs/01-counter/hints.md has 1 hints, where three are wanted')
    expect(output).toContain('the points add up to 90')
    expect(output).toContain(
      '01-counter/src/words/counter.ts is not what the reference gives: npm run stubs 01',
    )
    expect(output).toContain("reference-impl/src/words/counter.ts has no 'counts'")
    expect(output).toContain("'./gone.md' leads to no file")
    expect(output).toContain("chapters/01-counter.md has no section '#nowhere'")
    expect(output).toContain(
      'chapters/01-counter.md quotes `words/counter.ts: count`, which holds the hole of lab 01 A, "count the words"',
    )
    expect(output).toContain(
      `README.md shows \`${line}\`, a line of the hole of lab 01 B, "find the commonest word"`,
    )
    expect(output).toContain('counter.test.ts sends the reader to chapter 01, "Spaces", which is not there')
    expect(output).toContain("describe('B. Compare'); the manifest has A. Count, B. Choose")
    expect(output).toContain('part B. Choose has no visible test')
    expect(code).toBe(1)
  })

  test('tests that let a wrong solution through, or refuse a right one, are told', async () => {
    change('solutions/01-counter/hidden/counter.test.ts', "expect(commonest('b a a b')).toBe('b')", '')
    change(
      'labs/01-counter/test/counter.test.ts',
      'toBe(2)',
      'toBe(2)\n    expect(count).toHaveProperty("name", "count")\n    expect(count.toString()).toContain("function")',
    )
    change('solutions/01-counter/mutants.ts', "edit('count', '?? 0'", "edit('count', '?? 7'")
    const { code, output } = await course.run('check', '01')
    expect(output).toContain(
      "mutant 'takes the last of equals' survives the hidden tests (thinks the order does not",
    )
    expect(output).toContain(
      "mutant 'counts one too many': in count, '?? 7' is not there; an edit must fit in exactly one",
    )
    expect(output).toContain("counter.test.ts: 'the first of equals wins' passed")
    expect(output).toContain('9 mutants, where ten are wanted')
    expect(output).toMatch(
      /✗ the alternative passes\s+labs\/01-counter\/test\/counter\.test\.ts: 'a word that comes twice counts two' failed/,
    )
    expect(code).toBe(1)
  })

  test('what a library mutates is counted in a table; an account of what survives that is out of date is told', async () => {
    change('solutions/01-counter/hidden/counter.test.ts', "expect(commonest('b a a b')).toBe('b')", '')
    course.write(
      'solutions/01-counter/README.md',
      '`npm run check -- 01 --mutation` noticed 24 of 25 changes.\n',
    )
    const { code, output } = await course.run('check', '01', '--mutation')
    expect(output).toContain('22 of 25 noticed: 88.0 %')
    expect(output).toContain(
      'survives: reference-impl/src/words/counter.ts:21 EqualityOperator: times > most  →  times >= most',
    )
    expect(output).toContain(
      'solutions/01-counter/README.md says "noticed 24 of 25 changes", and it is "noticed 22 of 25 changes"',
    )
    expect(output).toMatch(/lab mutants noticed survive +score seconds\n +01 +25 +22 +3 +88\.0 % +\d+/)
    expect(code).toBe(1)
  })
})
