/**
 * The record compiler: from the interface language Jute to TypeScript that reads and writes each record field by
 * field. The code it makes is what one would write by hand, straight down: no table is looked up and no closure is
 * called while a message is decoded.
 * A type must stand above its first use, so no record can contain itself and no input can nest deeper than the IDL.
 * Source: Apache's `jute` compiler, whose language this is but for two marks, `?` and `trailing` (see zookeeper.jute).
 */
import { Todo } from '../lib/todo.ts'
import {
  type Field,
  type FieldType,
  IdlError,
  type PrimitiveName,
  primitiveNames,
  type RecordType,
  type Token,
} from './schema.ts'

/** The TypeScript module for an IDL file. Throws IdlError, with the line, when the file is wrong. */
export function compile(idl: string): string {
  return generate(parse(idl))
}

/**
 * The words and signs of an IDL file, in their order, without blanks and comments (from two slashes to the end of the
 * line, or from a slash and a star to a star and a slash). Behind them stands the end of the file.
 */
export function tokenise(idl: string): Token[] {
  throw new Todo('05 A: cut the file into words and signs')
}

/** The records of an IDL file, in its order. */
export function parse(idl: string): RecordType[] {
  const tokens = new Cursor(tokenise(idl))
  const records: RecordType[] = []
  while (!tokens.atEnd()) {
    tokens.expect('module')
    const module = tokens.name('the name of a module')
    tokens.expect('{')
    while (!tokens.accept('}')) records.push(parseRecord(tokens, module, records))
  }
  return records
}

/** `class Id { … }`. `known` are the records above it. */
function parseRecord(tokens: Cursor, module: string, known: readonly RecordType[]): RecordType {
  throw new Todo('05 B: parse a record')
}

/** `trailing ustring? name;`. `before` are the fields above it. */
function parseField(tokens: Cursor, known: readonly RecordType[], before: readonly Field[]): Field {
  throw new Todo('05 B: parse a field')
}

/** `int`, `vector<…>`, or the name of a record above, alone or behind its module: `org.apache.zookeeper.data.ACL`. */
function parseType(tokens: Cursor, known: readonly RecordType[]): FieldType {
  const { line } = tokens
  const name = tokens.name('a type')
  const primitive = primitiveNames.find(known => known === name)
  if (primitive !== undefined) return { kind: 'primitive', name: primitive }
  throw new Todo('05 C: find out what any other type means')
}

/** Has Jute a form for null in this type? A length or a count can be -1; nothing else can say it. */
function hasNull(type: FieldType): boolean {
  return type.kind === 'vector' || (type.kind === 'primitive' && /^(buffer|ustring)$/.test(type.name))
}

/** A place among the tokens of a file, moving on. */
class Cursor {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Of the token that comes next. */
  get line(): number {
    return this.#next.line
  }

  get #next(): Token {
    return this.#tokens[this.#at]!
  }

  atEnd(): boolean {
    return this.#at === this.#tokens.length - 1
  }

  /** Goes past the next token if it is this one. */
  accept(text: string): boolean {
    if (this.#next.text !== text) return false
    this.#at++
    return true
  }

  /** Goes past the next token, which must be this one. */
  expect(text: string): void {
    if (!this.accept(text)) throw this.#unexpected(`'${text}'`)
  }

  /** Goes past the next token, which must be a name, and gives it. */
  name(what: string): string {
    const { text } = this.#next
    if (!/^[A-Za-z_][\w.]*$/.test(text)) throw this.#unexpected(what)
    this.#at++
    return text
  }

  #unexpected(wanted: string): IdlError {
    return new IdlError(
      this.line,
      `${wanted} expected, ${this.atEnd() ? 'the file ends' : `'${this.#next.text}' found`}`,
    )
  }
}

/** How every module that is made begins. */
export const heading = `// Made from zookeeper.jute by \`npm run records\`. Change that file, not this one.
import type { InputArchive, OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'
`

/** How it ends. `present` is for readers: it passes a value on, and refuses null. `what` names the value to whoever reads the log. */
export const present = `function present<T>(value: T | null, what: string): T {
  if (value === null) throw new KeeperError('MARSHALLINGERROR', \`\${what} is null\`)
  return value
}
`

/** An interface, a writer and a reader for each record, in the order given; then what the vectors need. */
export function generate(records: readonly RecordType[]): string {
  throw new Todo('05 F: put the module together')
}

/** What TypeScript knows of a record: `export interface Id { … }`. */
function interfaceOf({ name, fields }: RecordType): string {
  const lines = fields.map(field => {
    const type = tsType(field.type) + (field.nullable ? ' | null' : '')
    return field.trailing ? `  ${field.name}?: ${type} | undefined\n` : `  ${field.name}: ${type}\n`
  })
  return `export interface ${name} {\n${lines.join('')}}\n`
}

/** `export function writeId(out, record)`: writes the fields one after the other; a trailing one only when it is there. */
export function writerOf({ name, fields }: RecordType): string {
  throw new Todo('05 D: emit the function that writes a record')
}

/** `function writeVectorOfInt(out, items)`: the count, or null; then the items. */
export function vectorWriterOf(element: FieldType): string {
  throw new Todo('05 D: emit the function that writes a vector')
}

/** A statement that writes `value`, which is an expression of this type. */
function writeValue(type: FieldType, value: string): string {
  throw new Todo('05 D: emit a statement that writes one value')
}

/**
 * `export function readId(input)`: reads the fields one after the other. A null where none may be is refused, by the
 * function `present` at the end of the module. At the end of the input a trailing field is undefined.
 */
export function readerOf({ name, fields }: RecordType): string {
  throw new Todo('05 E: emit the function that reads a record')
}

/** `function readVectorOfInt(input)`: null, or an array of items, none of which may be null. */
export function vectorReaderOf(element: FieldType): string {
  throw new Todo('05 E: emit the function that reads a vector')
}

/** An expression that reads a value of this type; `what` names it in the message of a refusal. */
function readValue(type: FieldType, nullable: boolean, what: string): string {
  throw new Todo('05 E: emit an expression that reads one value')
}

/** The same, whether it is null or not. */
function readRaw(type: FieldType): string {
  throw new Todo('05 E: emit an expression that reads what is there')
}

/** Puts the element of every vector in `type` into the map, the innermost first, under its `suffix`. */
function collectVectors(type: FieldType, into: Map<string, FieldType>): void {
  throw new Todo('05 F: find the vectors in a type')
}

/** `vector<ustring>` → `VectorOfUstring`: a type as a part of a function's name. */
function suffix(type: FieldType): string {
  if (type.kind === 'vector') return `VectorOf${suffix(type.element)}`
  return type.name.charAt(0).toUpperCase() + type.name.slice(1)
}

function typeName(type: FieldType): string {
  return type.kind === 'vector' ? `vector<${typeName(type.element)}>` : type.name
}

function tsType(type: FieldType): string {
  switch (type.kind) {
    case 'primitive':
      return tsTypes[type.name]
    case 'record':
      return type.name
    case 'vector':
      return `${tsType(type.element)}[]`
  }
}

const tsTypes: Record<PrimitiveName, string> = {
  byte: 'number',
  boolean: 'boolean',
  int: 'number',
  long: 'bigint',
  float: 'number',
  double: 'number',
  buffer: 'Uint8Array',
  ustring: 'string',
}

/** The method of an archive for each type. */
const methods: Record<PrimitiveName, string> = {
  byte: 'byte',
  boolean: 'bool',
  int: 'int',
  long: 'long',
  float: 'float',
  double: 'double',
  buffer: 'buffer',
  ustring: 'ustring',
}
