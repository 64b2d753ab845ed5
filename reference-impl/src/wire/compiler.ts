/**
 * The record compiler: from the interface language Jute to TypeScript that reads and writes each record field by
 * field. The code it makes is what one would write by hand, straight down: no table is looked up and no closure is
 * called while a message is decoded.
 * A type must stand above its first use, so no record can contain itself and no input can nest deeper than the IDL.
 * Source: Apache's `jute` compiler, whose language this is but for two marks, `?` and `trailing` (see zookeeper.jute).
 */
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
  // #region lab 05: A. cut the file into words and signs
  const tokens: Token[] = []
  let line = 1
  for (const [text] of idl.matchAll(/\/\/[^\n]*|\/\*.*?(?:\*\/|$)|\s+|[\w.]+|./gs)) {
    const isComment = text.startsWith('//') || text.startsWith('/*')
    if (text.startsWith('/*') && !/.\*\/$/.test(text.slice(1))) {
      throw new IdlError(line, 'a comment begins and does not end')
    }
    if (!isComment && text.trim() !== '') tokens.push({ text, line })
    line += text.split('\n').length - 1
  }
  tokens.push({ text: '', line })
  return tokens
  // #endregion
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
  // #region lab 05: B. parse a record
  tokens.expect('class')
  const { line } = tokens
  const name = tokens.name('the name of a record')
  if (!/^[A-Z]\w*$/.test(name)) throw new IdlError(line, `a record's name starts with a capital: ${name}`)
  if (known.some(record => record.name === name)) {
    throw new IdlError(line, `there is a record ${name} already`)
  }
  const fields: Field[] = []
  tokens.expect('{')
  while (!tokens.accept('}')) fields.push(parseField(tokens, known, fields))
  if (fields.length === 0) throw new IdlError(line, `record ${name} has no fields`)
  return { name, module, fields }
  // #endregion
}

/** `trailing ustring? name;`. `before` are the fields above it. */
function parseField(tokens: Cursor, known: readonly RecordType[], before: readonly Field[]): Field {
  // #region lab 05: B. parse a field
  const trailing = tokens.accept('trailing')
  const type = parseType(tokens, known)
  const { line } = tokens
  const nullable = tokens.accept('?')
  if (nullable && !hasNull(type)) throw new IdlError(line, `${typeName(type)} has no null`)
  const name = tokens.name('the name of a field')
  if (!/^[A-Za-z]\w*$/.test(name))
    throw new IdlError(line, `a field's name is a word that starts with a letter: ${name}`)
  if (before.some(field => field.name === name)) throw new IdlError(line, `there is a field ${name} already`)
  if (!trailing && before.at(-1)?.trailing) {
    throw new IdlError(line, `${name} follows a trailing field, so it must be trailing too`)
  }
  tokens.expect(';')
  return { name, type, nullable, trailing }
  // #endregion
}

/** `int`, `vector<…>`, or the name of a record above, alone or behind its module: `org.apache.zookeeper.data.ACL`. */
function parseType(tokens: Cursor, known: readonly RecordType[]): FieldType {
  const { line } = tokens
  const name = tokens.name('a type')
  const primitive = primitiveNames.find(known => known === name)
  if (primitive !== undefined) return { kind: 'primitive', name: primitive }
  // #region lab 05: C. find out what any other type means
  if (name === 'vector') {
    tokens.expect('<')
    const element = parseType(tokens, known)
    tokens.expect('>')
    return { kind: 'vector', element }
  }
  const record = name.slice(name.lastIndexOf('.') + 1)
  if (known.some(other => other.name === record)) return { kind: 'record', name: record }
  throw new IdlError(line, `there is no type ${name} above this line`)
  // #endregion
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
  // #region lab 05: F. put the module together
  const vectors = new Map<string, FieldType>()
  for (const { fields } of records) for (const { type } of fields) collectVectors(type, vectors)
  return [
    heading,
    ...records.flatMap(record => [interfaceOf(record), writerOf(record), readerOf(record)]),
    ...[...vectors.values()].flatMap(element => [vectorWriterOf(element), vectorReaderOf(element)]),
    present,
  ].join('\n')
  // #endregion
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
  // #region lab 05: D. emit the function that writes a record
  const lines = fields.map(field => {
    const value = `record.${field.name}`
    const write = writeValue(field.type, value)
    return field.trailing ? `  if (${value} !== undefined) ${write}\n` : `  ${write}\n`
  })
  return `export function write${name}(out: OutputArchive, record: ${name}): void {\n${lines.join('')}}\n`
  // #endregion
}

/** `function writeVectorOfInt(out, items)`: the count, or null; then the items. */
export function vectorWriterOf(element: FieldType): string {
  // #region lab 05: D. emit the function that writes a vector
  const type = `readonly ${tsType({ kind: 'vector', element })} | null`
  return `function writeVectorOf${suffix(element)}(out: OutputArchive, items: ${type}): void {
  out.vector(items === null ? null : items.length)
  if (items === null) return
  for (const item of items) ${writeValue(element, 'item')}
}
`
  // #endregion
}

/** A statement that writes `value`, which is an expression of this type. */
function writeValue(type: FieldType, value: string): string {
  // #region lab 05: D. emit a statement that writes one value
  switch (type.kind) {
    case 'primitive':
      return `out.${methods[type.name]}(${value})`
    case 'record':
      return `write${type.name}(out, ${value})`
    case 'vector':
      return `writeVectorOf${suffix(type.element)}(out, ${value})`
  }
  // #endregion
}

/**
 * `export function readId(input)`: reads the fields one after the other. A null where none may be is refused, by the
 * function `present` at the end of the module. At the end of the input a trailing field is undefined.
 */
export function readerOf({ name, fields }: RecordType): string {
  // #region lab 05: E. emit the function that reads a record
  const lines = fields.map(field => {
    const read = readValue(field.type, field.nullable, `${name}.${field.name}`)
    return `    ${field.name}: ${field.trailing ? `input.remaining() === 0 ? undefined : ${read}` : read},\n`
  })
  return `export function read${name}(input: InputArchive): ${name} {\n  return {\n${lines.join('')}  }\n}\n`
  // #endregion
}

/** `function readVectorOfInt(input)`: null, or an array of items, none of which may be null. */
export function vectorReaderOf(element: FieldType): string {
  // #region lab 05: E. emit the function that reads a vector
  const items = tsType({ kind: 'vector', element })
  const read = readValue(element, false, `an element of vector<${typeName(element)}>`)
  return `function readVectorOf${suffix(element)}(input: InputArchive): ${items} | null {
  const count = input.vector()
  if (count === null) return null
  const items: ${items} = []
  for (let i = 0; i < count; i++) items.push(${read})
  return items
}
`
  // #endregion
}

/** An expression that reads a value of this type; `what` names it in the message of a refusal. */
function readValue(type: FieldType, nullable: boolean, what: string): string {
  // #region lab 05: E. emit an expression that reads one value
  const read = readRaw(type)
  return hasNull(type) && !nullable ? `present(${read}, '${what}')` : read
  // #endregion
}

/** The same, whether it is null or not. */
function readRaw(type: FieldType): string {
  // #region lab 05: E. emit an expression that reads what is there
  switch (type.kind) {
    case 'primitive':
      return `input.${methods[type.name]}()`
    case 'record':
      return `read${type.name}(input)`
    case 'vector':
      return `readVectorOf${suffix(type.element)}(input)`
  }
  // #endregion
}

/** Puts the element of every vector in `type` into the map, the innermost first, under its `suffix`. */
function collectVectors(type: FieldType, into: Map<string, FieldType>): void {
  // #region lab 05: F. find the vectors in a type
  if (type.kind !== 'vector') return
  collectVectors(type.element, into)
  into.set(suffix(type.element), type.element)
  // #endregion
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
