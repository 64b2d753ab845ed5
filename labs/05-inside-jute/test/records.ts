/** Lab 05's way to write records and values down, and to tell a failure. */
import type { Field, FieldType, PrimitiveName, RecordType } from '#lab/wire/schema.ts'

/** `record('Id', 'ustring scheme', 'ustring? id')`: what a compiler knows of a record when it has been parsed. */
export function record(name: string, ...fields: string[]): RecordType {
  return { name, module: 'm', fields: fields.map(field) }
}

function field(text: string): Field {
  const words = text.split(' ')
  const type = words.at(-2)!
  const nullable = type.endsWith('?')
  return {
    name: words.at(-1)!,
    type: typeOf(nullable ? type.slice(0, -1) : type),
    nullable,
    trailing: words[0] === 'trailing',
  }
}

function typeOf(text: string): FieldType {
  const [, inner] = /^vector<(.+)>$/.exec(text) ?? []
  if (inner !== undefined) return { kind: 'vector', element: typeOf(inner) }
  return /^[A-Z]/.test(text)
    ? { kind: 'record', name: text }
    : { kind: 'primitive', name: text as PrimitiveName }
}

/** A file with one module of these lines. The first of them is line 2. */
export const inModule = (...lines: string[]): string => `module m {\n${lines.join('\n')}\n}\n`

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What a failure prints above expected and actual: what was compiled, and the rule with its section. */
export function story(given: string, because: string): string {
  const lines = given.trimEnd().split('\n')
  const numbered =
    lines.length < 40 ? lines.map((line, i) => `    ${String(i + 1).padStart(2)}  ${line}`) : lines
  return `\n${numbered.join('\n')}\n  ${because}\n `
}

/** What a call gives; of a refused file, the line. A Todo goes on to who runs the test. */
export function given(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    const { name, message, line } = error as Error & { line?: number }
    if (name === 'Todo') throw error
    return name === 'IdlError' ? refusedAt(line!) : `${name}: ${message}`
  }
}

/** The file is wrong, and whoever wrote it is told that it is wrong here. */
export const refusedAt = (line: number): string => `an IdlError for line ${line}`
