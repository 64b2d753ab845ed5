import { describe, expect, test } from 'vitest'
import type { Lab } from '../manifest.ts'
import { cut, regionsOf } from '../stubs.ts'

const lab = { id: '04', swaps: ['wire/jute'] } as unknown as Lab
const source = `/** Jute. */
import { KeeperError } from './errors.ts'

/** Writes. */
export function int(value: number): void {
  check(value)
  // #region lab 04: A. write an int
  const bytes = [value]
  put(bytes)
  // #endregion
}

// #region lab 04: solution only
function put(bytes: number[]): void {}
// #endregion

// #region lab 05: A. of another lab
// #endregion
`

describe('cutting a stub', () => {
  test('a region becomes a Todo that names what to do; types, comments and neighbours stay', () => {
    const stub = cut(lab, source, 'wire/jute')
    expect(stub).toContain("  check(value)\n  throw new Todo('04 A: write an int')\n}\n")
    expect(stub).toContain('/** Writes. */\nexport function int(value: number): void {')
    expect(stub).not.toContain('bytes')
  })
  test('the import of Todo stands among the other imports, in the order of their paths', () => {
    expect(cut(lab, source, 'wire/jute')).toMatch(
      /^\/\*\* Jute\. \*\/\nimport { Todo } from '\.\.\/lib\/todo\.ts'\nimport { KeeperError }/,
    )
    expect(cut(lab, source.replace('./errors', '../a/errors'), 'wire/jute')).toMatch(
      /errors\.ts'\nimport { Todo }/,
    )
    expect(cut(lab, source.replace(/import.*\n\n/, ''), 'wire/jute')).toMatch(
      /^\/\*\* Jute\. \*\/\nimport { Todo }/,
    )
  })
  test('what is for the solution only leaves nothing behind', () => {
    expect(cut(lab, source, 'wire/jute')).not.toContain('put')
  })
  test('the regions of another lab stay as they are', () => {
    expect(cut(lab, source, 'wire/jute')).toContain('// #region lab 05: A. of another lab\n// #endregion')
  })
  test('a lab that comes solved keeps the code and loses the marks', () => {
    const solved = cut({ ...lab, solved: true }, source, 'wire/jute')
    expect(solved).toContain('  put(bytes)\n}')
    expect(solved).not.toContain('lab 04')
  })
  test('a task with an apostrophe is quoted the other way', () => {
    const stub = cut(lab, source.replace('write an int', "write the client's int"), 'wire/jute')
    expect(stub).toContain(`throw new Todo("04 A: write the client's int")`)
  })
  test('regions know their part, their task, their lines and where these begin', () => {
    const [region, ...more] = regionsOf(lab, source)
    expect(region).toEqual({
      part: 'A',
      task: 'write an int',
      lines: ['  const bytes = [value]', '  put(bytes)'],
      line: source.slice(0, source.indexOf('const bytes')).split('\n').length,
    })
    expect(more).toEqual([])
  })
})

describe('a region that is written wrongly is refused with its line', () => {
  test.each([
    [
      'a part is missing',
      '// #region lab 04: write an int',
      "line 1: '// #region lab 04: write an int' should read",
    ],
    [
      'one begins inside another',
      '// #region lab 04: A. x\n// #region lab 04: B. y',
      'line 2: a region begins inside',
    ],
    ['one never ends', '// #region lab 04: A. x\ncode()', "the region 'x' has no #endregion"],
  ])('%s', (_name, text, message) => {
    expect(() => cut(lab, text, 'wire/jute')).toThrow(message)
  })
})
