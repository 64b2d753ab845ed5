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
} from './schema.ts'

/** The TypeScript module for an IDL file. Throws IdlError, with the line, when the file is wrong. */
export function compile(idl: string): string {
  return generate(parse(idl))
}

/** The records of an IDL file, in its order. */
export function parse(idl: string): RecordType[] {
  const tokens = new Tokens(idl)
  const records: RecordType[] = []
  while (!tokens.atEnd()) {
    tokens.expect('module')
    const module = tokens.name('the name of a module')
    tokens.expect('{')
    while (!tokens.accept('}')) records.push(parseRecord(tokens, module, records))
  }
  return records
}

function parseRecord(tokens: Tokens, module: string, known: readonly RecordType[]): RecordType {
  tokens.expect('class')
  const line = tokens.line
  const name = tokens.name('the name of a record')
  if (!/^[A-Z]\w*$/.test(name)) throw new IdlError(line, `a record's name starts with a capital: ${name}`)
  if (known.some(record => record.name === name))
    throw new IdlError(line, `there is a record ${name} already`)
  const fields: Field[] = []
  tokens.expect('{')
  while (!tokens.accept('}')) fields.push(parseField(tokens, known, fields))
  if (fields.length === 0) throw new IdlError(line, `record ${name} has no fields`)
  return { name, module, fields }
}

function parseField(tokens: Tokens, known: readonly RecordType[], before: readonly Field[]): Field {
  const trailing = tokens.accept('trailing')
  const type = parseType(tokens, known)
  const { line } = tokens
  const nullable = tokens.accept('?')
  if (nullable && !hasNull(type)) throw new IdlError(line, `${typeName(type)} has no null`)
  const name = tokens.name('the name of a field')
  if (before.some(field => field.name === name)) throw new IdlError(line, `there is a field ${name} already`)
  if (!trailing && before.at(-1)?.trailing) {
    throw new IdlError(line, `${name} follows a trailing field, so it must be trailing too`)
  }
  tokens.expect(';')
  return { name, type, nullable, trailing }
}

function parseType(tokens: Tokens, known: readonly RecordType[]): FieldType {
  const { line } = tokens
  const name = tokens.name('a type')
  if (name === 'vector') {
    tokens.expect('<')
    const element = parseType(tokens, known)
    tokens.expect('>')
    return { kind: 'vector', element }
  }
  const primitive = primitiveNames.find(known => known === name)
  if (primitive !== undefined) return { kind: 'primitive', name: primitive }
  const record = name.slice(name.lastIndexOf('.') + 1) // Apache's file writes org.apache.zookeeper.data.ACL
  if (known.some(other => other.name === record)) return { kind: 'record', name: record }
  throw new IdlError(line, `there is no type ${name} above this line`)
}

function hasNull(type: FieldType): boolean {
  return type.kind === 'vector' || (type.kind === 'primitive' && /^(buffer|ustring)$/.test(type.name))
}

/** The words and signs of an IDL file, one after the other, without comments and blanks. */
class Tokens {
  readonly #tokens: { text: string; line: number }[] = []
  #at = 0

  constructor(idl: string) {
    let line = 1
    for (const [text] of idl.matchAll(/\/\/[^\n]*|\/\*.*?\*\/|\s+|[\w.]+|./gs)) {
      if (!/^(\s|\/\/|\/\*)/.test(text)) this.#tokens.push({ text, line })
      line += text.split('\n').length - 1
    }
    this.#tokens.push({ text: '', line })
  }

  /** Of the token that comes next. */
  get line(): number {
    return this.#next.line
  }

  get #next(): { text: string; line: number } {
    return this.#tokens[this.#at]!
  }

  atEnd(): boolean {
    return this.#at === this.#tokens.length - 1
  }

  accept(text: string): boolean {
    if (this.#next.text !== text) return false
    this.#at++
    return true
  }

  expect(text: string): void {
    if (!this.accept(text)) throw this.#unexpected(`'${text}'`)
  }

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

const heading = `// Made from zookeeper.jute by \`npm run records\`. Change that file, not this one.
import type { InputArchive, OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'
`

const present = `function present<T>(value: T | null, what: string): T {
  if (value === null) throw new KeeperError('MARSHALLINGERROR', \`\${what} is null\`)
  return value
}
`

/** An interface, a writer and a reader for each record, in the order given. */
export function generate(records: readonly RecordType[]): string {
  const vectors = new Map<string, FieldType>()
  for (const { fields } of records) for (const { type } of fields) collectVectors(type, vectors)
  return [
    heading,
    ...records.flatMap(record => [recordInterface(record), recordWriter(record), recordReader(record)]),
    ...[...vectors.values()].flatMap(element => [vectorWriter(element), vectorReader(element)]),
    present,
  ].join('\n')
}

function recordInterface({ name, fields }: RecordType): string {
  const lines = fields.map(field => {
    const type = tsType(field.type) + (field.nullable ? ' | null' : '')
    return field.trailing ? `  ${field.name}?: ${type} | undefined\n` : `  ${field.name}: ${type}\n`
  })
  return `export interface ${name} {\n${lines.join('')}}\n`
}

function recordWriter({ name, fields }: RecordType): string {
  const lines = fields.map(field => {
    const value = `record.${field.name}`
    const write = writeValue(field.type, value)
    return field.trailing ? `  if (${value} !== undefined) ${write}\n` : `  ${write}\n`
  })
  return `export function write${name}(out: OutputArchive, record: ${name}): void {\n${lines.join('')}}\n`
}

function recordReader({ name, fields }: RecordType): string {
  const lines = fields.map(field => {
    const read = readValue(field.type, field.nullable, `${name}.${field.name}`)
    return `    ${field.name}: ${field.trailing ? `input.remaining() === 0 ? undefined : ${read}` : read},\n`
  })
  return `export function read${name}(input: InputArchive): ${name} {\n  return {\n${lines.join('')}  }\n}\n`
}

function vectorWriter(element: FieldType): string {
  return `function writeVectorOf${suffix(element)}(out: OutputArchive, items: readonly ${tsType(element)}[] | null): void {
  out.vector(items === null ? null : items.length)
  if (items === null) return
  for (const item of items) ${writeValue(element, 'item')}
}
`
}

function vectorReader(element: FieldType): string {
  const read = readValue(element, false, `an element of vector<${typeName(element)}>`)
  return `function readVectorOf${suffix(element)}(input: InputArchive): ${tsType(element)}[] | null {
  const count = input.vector()
  if (count === null) return null
  const items: ${tsType(element)}[] = []
  for (let i = 0; i < count; i++) items.push(${read})
  return items
}
`
}

function writeValue(type: FieldType, value: string): string {
  switch (type.kind) {
    case 'primitive':
      return `out.${methods[type.name]}(${value})`
    case 'record':
      return `write${type.name}(out, ${value})`
    case 'vector':
      return `writeVectorOf${suffix(type.element)}(out, ${value})`
  }
}

function readValue(type: FieldType, nullable: boolean, what: string): string {
  const read = readRaw(type)
  return hasNull(type) && !nullable ? `present(${read}, '${what}')` : read
}

function readRaw(type: FieldType): string {
  switch (type.kind) {
    case 'primitive':
      return `input.${methods[type.name]}()`
    case 'record':
      return `read${type.name}(input)`
    case 'vector':
      return `readVectorOf${suffix(type.element)}(input)`
  }
}

/** Every kind of vector in `type`, the innermost first. */
function collectVectors(type: FieldType, into: Map<string, FieldType>): void {
  if (type.kind !== 'vector') return
  collectVectors(type.element, into)
  into.set(suffix(type.element), type.element)
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
