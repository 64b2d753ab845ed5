import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SmallCourse, smallCourse } from './small-course.ts'

/** Apart from run.test.ts, because each of these takes its seconds. */
describe('what ends a process, or keeps it from ending', { timeout: 60_000 }, () => {
  let course: SmallCourse
  beforeAll(() => {
    course = smallCourse()
  })
  afterAll(() => course.remove())

  test('a loop while the file loads is ended and told with the file', async () => {
    course.solve(source => `${source}\nwhile (true) {}\n`)
    const { code, output } = await course.run('test', '01')
    expect(output).toContain(
      '✗ labs/01-counter/test/counter.test.ts cannot run\n' +
        '    loading this file was still busy after 6.0 s, and was ended. Look for a loop',
    )
    expect(code).toBe(1)
  })

  test('a list that grows without end is told as such', async () => {
    course.solve(source =>
      source.replace(
        'const counts',
        'const all: number[][] = []\n  while (true) all.push(Array(1e5).fill(0))\n  const counts',
      ),
    )
    const visible = course.read('labs/01-counter/test/counter.test.ts')
    course.write('labs/01-counter/test/counter.test.ts', visible.replaceAll('  })\n', '  }, 30_000)\n'))
    const { code, output } = await course.run('test', '01')
    expect(output).toContain(
      '✗ a word that comes twice counts two\n      the process that runs the tests ran out of memory',
    )
    expect(output).not.toContain('<--- Last few GCs --->')
    expect(code).toBe(1)
  })
})
