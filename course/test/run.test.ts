import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SmallCourse, smallCourse, studentFile } from './small-course.ts'

const wordsStart = 'const counts = new Map<string, number>()'

describe('npm test NN', { timeout: 30_000 }, () => {
  let course: SmallCourse
  beforeAll(async () => {
    course = smallCourse()
    await course.run('stubs')
  })
  afterAll(() => course.remove())

  /** What lab 01's run says when the student's solution has this in the middle of `count`. */
  async function running(code: string, ...argv: string[]) {
    course.solve(source => source.replace(wordsStart, `${code}\n  ${wordsStart}`))
    return course.run('test', '01', ...argv)
  }

  test('the stub fails with what is to be written, and where', async () => {
    const { code, output } = await course.run('test', '01')
    expect(output).toContain('· not written yet: A: count the words (2 tests wait for it)')
    expect(output).toContain('· not written yet: B: find the commonest word (1 test waits for it)')
    expect(output).toContain('0 of 3 tests pass · 3 wait for code')
    expect(output).toContain(`Next: A: count the words, at ${studentFile}:8`)
    expect(output).toContain('npm run hint 01 · chapters/01-counter.md')
    expect(code).toBe(1)
  })

  test('a solution passes, and the next lab is named', async () => {
    course.solve()
    const { code, output } = await course.run('test', '01')
    expect(output).toContain('✓ spaces are no words')
    expect(output).toContain('3 of 3 tests pass')
    expect(output).toContain('Next: lab 00, "Warm up": read chapters/00-warm-up.md, then npm run watch 00')
    expect(code).toBe(0)
  })

  test('several labs run one after the other, each with its own files', async () => {
    course.solve()
    const { code, output } = await course.run('test', '1', '00-warm-up')
    expect(output).toMatch(/Lab 01 · Counting words.*3 of 3 tests pass.*Lab 00 · Warm up.*1 of 1 tests pass/s)
    expect(code).toBe(0)
  })

  test('a wrong answer is told with the message of the test and its place', async () => {
    course.solve(source => source.replace("if (word !== '') ", ''))
    const { code, output } = await course.run('test', '01')
    expect(output).toContain(
      '✗ spaces are no words\n' +
        '      two words with many spaces round them (chapter 01, "Spaces"): expected 3 to be 2\n' +
        '      at labs/01-counter/test/counter.test.ts:9:',
    )
    expect(output).toContain('2 of 3 tests pass · 1 fails\nNext: make this hold: spaces are no words')
    expect(code).toBe(1)
  })

  test('a test whose group cannot be made ready fails with the error of its group', async () => {
    const visible = course.read('labs/01-counter/test/counter.test.ts')
    const group = (name: string, hook: string) =>
      `describe('${name}', () => { ${hook}; test('${name} is ready', () => {}) })\n`
    course.write(
      'labs/01-counter/test/counter.test.ts',
      visible.replace('import {', 'import { afterAll, beforeAll,') +
        group('C. Before', "beforeAll(() => { throw new RangeError('too early') })") +
        group('D. A hole before', "beforeAll(() => { count('') })") +
        group('E. After', "afterAll(() => { throw new RangeError('too late') })"),
    )
    course.solve(source =>
      source
        .replace(wordsStart, `if (text === '') throw new Todo('01 A: see an empty text')\n${wordsStart}`)
        .replace('import', "import { Todo } from '../lib/todo.ts'\nimport"),
    )
    const { code, output } = await course.run('test', '01')
    course.write('labs/01-counter/test/counter.test.ts', visible)
    expect(output).toContain('✗ C. Before is ready\n      RangeError: too early')
    expect(output).toContain(
      'D. A hole before\n  · not written yet: A: see an empty text (1 test waits for it)',
    )
    expect(output).toContain('✗ An error that nobody caught\n    RangeError: too late')
    expect(output).toContain('✓ E. After is ready')
    expect(output).toContain('4 of 6 tests pass · 1 fails · 1 waits for code')
    expect(code).toBe(1)
  })

  test('what the code prints stands under the test that it ran in', async () => {
    const { output } = await running("console.log('text:', text)")
    expect(output).toContain('✓ a word that comes twice counts two\n      │ text: to be or not to be\n')
  })

  test('a test that expects an error and comes to a hole waits for code', async () => {
    course.solve(source =>
      source
        .replace(wordsStart, `if (text === '') throw new Todo('01 A: see an empty text')\n${wordsStart}`)
        .replace('import', "import { Todo } from '../lib/todo.ts'\nimport"),
    )
    const visible = course.read('labs/01-counter/test/counter.test.ts')
    course.write(
      'labs/01-counter/test/counter.test.ts',
      `${visible}\ntest('no text, no count', () => expect(() => count('')).toThrow(RangeError))\n`,
    )
    const { output } = await course.run('test', '01')
    course.write('labs/01-counter/test/counter.test.ts', visible)
    expect(output).toContain('· not written yet: A: see an empty text (1 test waits for it)')
  })

  test('a syntax error is shown at its place, and nothing else', async () => {
    const { code, output } = await running('const x = = 1')
    expect(output).toContain(`${studentFile}:6:13 cannot be read as TypeScript: Unexpected "="`)
    expect(output).toContain('  const x = = 1\n              ^\n')
    expect(output).toContain('Nothing of lab 01-counter can run until this is mended.')
    expect(code).toBe(1)
  })

  test('a type error does not stop the tests, and is told after them', async () => {
    const { code, output } = await running("const x: number = 'one'; void x")
    expect(output).toContain(
      `Types\n  ✗ ${studentFile}:6:9\n      Type 'string' is not assignable to type 'number'.`,
    )
    expect(output).toContain(
      '3 of 3 tests pass · 1 type error\nNext: the tests pass; now make the types agree.',
    )
    expect(code).toBe(1)
  })

  test('a thrown string is told as such', async () => {
    const { output } = await running("if (text.startsWith(' ')) throw 'boom'")
    expect(output).toContain(
      '✗ spaces are no words\n      your code threw boom, which is no Error: throw an Error',
    )
  })

  test('process.exit in the code fails the test that called it, and no other', async () => {
    const { code, output } = await running("if (text.startsWith(' ')) process.exit(0)")
    expect(output).toContain(
      '✗ spaces are no words\n      your code called process.exit(0): a module never ends',
    )
    expect(output).toContain('2 of 3 tests pass · 1 fails')
    expect(code).toBe(1)
  })

  test('an endless loop is ended and told with its test; what passed before it still counts', async () => {
    const { code, output } = await running("while (text.startsWith(' ')) {}")
    expect(output).toContain(
      '✗ spaces are no words\n      this test was still busy after 1.3 s, and was ended.',
    )
    expect(output).toContain('Look for a loop')
    expect(output).toContain('1 of 3 tests pass · 1 fails · 1 never ran')
    expect(code).toBe(1)
  })

  test('a promise that never comes is told as waiting', async () => {
    const { output } = await course.run('test', '00')
    expect(output).toContain('1 of 1 tests pass')
    const visible = course.read('labs/00-warm-up/test/shout.test.ts')
    course.write(
      'labs/00-warm-up/test/shout.test.ts',
      `${visible}\ntest('an echo comes', async () => { await new Promise(() => {}) }, 100)\n`,
    )
    const waiting = await course.run('test', '00')
    course.write('labs/00-warm-up/test/shout.test.ts', visible)
    expect(waiting.output).toContain(
      '✗ an echo comes\n      still waiting after 0.1 s, for something that never came.',
    )
  })

  test('a process that dies is told with the test that it died in', async () => {
    const { code, output } = await running("if (text.startsWith(' ')) process.abort()")
    expect(output).toContain('✗ spaces are no words\n      the process that runs the tests ended here')
    expect(output).not.toContain('Native stack trace')
    expect(code).toBe(1)
  })

  test('an error that no test catches is told with its place', async () => {
    const { code, output } = await running("void Promise.reject(new RangeError('too late'))")
    expect(output).toMatch(
      /✗ An error that nobody caught\n.*RangeError: too late\n +at labs\/01-counter\/src\/words\/counter\.ts:6:/s,
    )
    expect(code).toBe(1)
  })

  test('an error while the file loads is told once, with its place', async () => {
    course.solve(source => `${source}\nthrow new TypeError('at once')\n`)
    const { code, output } = await course.run('test', '01')
    expect(output).toContain(
      '✗ labs/01-counter/test/counter.test.ts cannot run\n    TypeError: at once\n    at labs/01-',
    )
    expect(output.match(/cannot run/g)).toHaveLength(1)
    expect(code).toBe(1)
  })

  test('an import of a file that is nowhere is told with what may be imported', async () => {
    course.solve(source => `import { x } from './helper.ts'\n${source}\nvoid x\n`)
    const { output } = await course.run('test', '01')
    expect(output).toContain(
      `${studentFile} imports './helper.ts', which is neither in the reference nor one of this lab's`,
    )
  })

  test('a missing file is told with how to get it back', async () => {
    course.delete(studentFile)
    const { code, output } = await course.run('test', '01')
    expect(output).toContain(
      `${studentFile} is missing. \`npm run reset 01\` puts it back as it was handed out.`,
    )
    expect(code).toBe(1)
  })

  test('a file in the wrong place is found', async () => {
    course.delete(studentFile)
    course.write('labs/01-counter/counter.ts', '')
    const { output } = await course.run('test', '01')
    course.delete('labs/01-counter/counter.ts')
    expect(output).toContain(
      `${studentFile} is missing, but there is labs/01-counter/counter.ts: move it to where it`,
    )
  })

  test.each([
    ['99', "There is no lab '99'. The labs are 00 (warm-up), 01 (counter)."],
    ['count', "There is no lab 'count'. Did you mean 01 (counter)?"],
    ['2', 'Lab 02, "Later", is planned but not made yet. These are: 00 (warm-up), 01 (counter).'],
  ])('a lab that is not there is refused with those that are: %s', async (name, message) => {
    const { code, output } = await course.run('test', name)
    expect(output.trim()).toBe(message)
    expect(code).toBe(2)
  })
})

test('in a handout, npm test runs every lab in one line each', { timeout: 30_000 }, async () => {
  const course = smallCourse()
  await course.run('stubs')
  course.delete('solutions')
  const { code, output } = await course.run('test')
  course.remove()
  expect(output).toMatch(
    /✓ 00 Warm up +1 of 1 tests pass\n· 01 Counting words +not begun\n\nMore of one lab: npm test NN/,
  )
  expect(code).toBe(1)
})
