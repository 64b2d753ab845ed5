/** What an IDL file says, as data: the compiler's middle, and what tools need to know about a record. */
export interface RecordType {
  name: string
  module: string
  /** In the order in which they travel. Never empty. */
  fields: readonly Field[]
}

export interface Field {
  name: string
  type: FieldType
  /** The value may be null. Only buffers, strings and vectors have a form for it. */
  nullable: boolean
  /** The field may be missing at the end of a message; nothing but other such fields follows it. */
  trailing: boolean
}

export type FieldType =
  | { kind: 'primitive'; name: PrimitiveName }
  | { kind: 'record'; name: string }
  | { kind: 'vector'; element: FieldType }

export const primitiveNames = [
  'byte',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'buffer',
  'ustring',
] as const
export type PrimitiveName = (typeof primitiveNames)[number]

/** A word (letters, digits, `_` and `.`) or one other sign of an IDL file. The text of the last one is '': the file ends. */
export interface Token {
  text: string
  /** The line that it stands on; the first is 1. */
  line: number
}

/** A mistake in an IDL file: `line 12: there is no type Statt above this line`. */
export class IdlError extends Error {
  override readonly name = 'IdlError'
  readonly line: number

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`)
    this.line = line
  }
}
