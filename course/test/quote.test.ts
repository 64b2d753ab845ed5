import { describe, expect, test } from 'vitest'
import { findSymbol, quote } from '../quote.ts'

const source = `import { a } from './a.ts'

/** Adds. */
export function add(x: number, y: number): number {
  return x + y
}

// Two lines
// of why.
const limit = 7 // days
const days = 1

export type Many = readonly string[]

export class Writer {
  #length = 0

  /** Counts. */
  int(value: number): void {
    this.#length += 4 + value
  }
}

export function reader() {
  function helper() {} // helps
  return {
    /** Reads. */
    int() {
      return helper()
    },
    long: () => 8n,
  }
}

export interface Archive {
  /** Always. */
  int(): number
}
`

function code(symbol: string): string | null {
  const found = findSymbol(source, symbol)
  return found && source.slice(found.commentStart, found.end)
}

describe('finding a declaration by its name', () => {
  test('a function comes with its doc comment and its export', () => {
    expect(code('add')).toMatch(/^\/\*\* Adds\. \*\/\nexport function add.*x \+ y\n}$/s)
  })
  test('lines of // directly above belong to a constant', () => {
    expect(code('limit')).toBe('// Two lines\n// of why.\nconst limit = 7')
    expect(code('days')).toBe('const days = 1')
  })
  test('a type has no comment when a blank line or other code stands above', () => {
    expect(code('Many')).toBe('export type Many = readonly string[]')
  })
  test('a dotted name goes into a class, a private field, an interface and what a factory returns', () => {
    expect(code('Writer.int')).toMatch(/^\/\*\* Counts\. \*\/.*4 \+ value\n {2}}$/s)
    expect(code('Writer.#length')).toBe('#length = 0')
    expect(code('Archive.int')).toBe('/** Always. */\n  int(): number')
    expect(code('reader.int')).toMatch(/^\/\*\* Reads\. \*\/.*helper\(\)\n {4}}$/s)
    expect(code('reader.long')).toBe('long: () => 8n')
    expect(code('reader.helper')).toBe('function helper() {}')
  })
  test('a name that is only used, or that is not there, is not found', () => {
    expect(code('a')).toBeNull()
    expect(code('Writer.gone')).toBeNull()
  })
})

test('a quote has the line where it begins, no indent and no region lines', () => {
  const { code, line } = quote('reference-impl/src/lib/todo.ts', 'Todo')
  expect(code).toMatch(/^\/\*\*\n \* Thrown by the hole/)
  expect(line).toBe(1)
  expect(quote('reference-impl/src/lib/todo.ts', 'Todo.constructor').code).toMatch(
    /^\/\*\* `what`.*\nconstructor\(/s,
  )
  expect(() => quote('reference-impl/src/lib/todo.ts', 'Gone')).toThrow("todo.ts has no 'Gone'")
})
