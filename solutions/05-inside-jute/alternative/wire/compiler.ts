/**
 * The same contract in another style: the text is eaten from its front, one regular expression for each thing that may
 * come; the code that is made writes and reads vectors where they stand, without functions of their own.
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

export const heading = `import { type InputArchive, type OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'`

export const present = `const present = <T>(value: T | null, what: string): T => {
  if (value !== null) return value
  throw new KeeperError('MARSHALLINGERROR', what + ' is null')
}`

export const compile = (idl: string): string => generate(parse(idl))

export function tokenise(idl: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let line = 1
  const next = (pattern: RegExp): string | null => {
    pattern.lastIndex = at
    const [text] = pattern.exec(idl) ?? []
    if (text === undefined) return null
    at += text.length
    return text
  }
  while (at < idl.length) {
    if (next(/\n/y) !== null) {
      line++
    } else if (next(/[^\S\n]+|\/\/.*/y) !== null) {
      // A blank, or a comment to the end of the line: nothing.
    } else if (idl.startsWith('/*', at)) {
      const end = idl.indexOf('*/', at + 2)
      if (end < 0) throw new IdlError(line, 'this comment has no end')
      for (; at < end + 2; at++) if (idl[at] === '\n') line++
    } else {
      tokens.push({ text: (next(/[\w.]+/y) ?? next(/./sy))!, line })
    }
  }
  return [...tokens, { text: '', line }]
}

export function parse(idl: string): RecordType[] {
  const tokens = tokenise(idl)
  const records = new Map<string, RecordType>()
  let at = 0

  const fail = (problem: string, token = tokens[at]!): never => {
    throw new IdlError(token.line, problem)
  }
  const take = (what: RegExp, name: string): Token => {
    const token = tokens[at]!
    if (!what.test(token.text)) fail(`I want ${name} here, and see '${token.text || 'the end'}'`)
    at++
    return token
  }
  const skip = (text: string): boolean => tokens[at]!.text === text && at++ >= 0
  const must = (text: string): void => {
    if (!skip(text)) fail(`I want '${text}' here, and see '${tokens[at]!.text || 'the end'}'`)
  }

  const type = (): FieldType => {
    const word = take(/^[a-zA-Z_]/, 'a type')
    if (word.text === 'vector') {
      must('<')
      const element = type()
      must('>')
      return { kind: 'vector', element }
    }
    if ((primitiveNames as readonly string[]).includes(word.text)) {
      return { kind: 'primitive', name: word.text as PrimitiveName }
    }
    const name = word.text.split('.').at(-1)!
    return records.has(name) ? { kind: 'record', name } : fail(`I know no ${word.text}`, word)
  }

  const fieldAfter = (fields: readonly Field[]): Field => {
    const trailing = skip('trailing')
    const of = type()
    const mark = tokens[at]!
    const nullable = skip('?')
    if (nullable && !canBeNull(of)) fail('this type cannot be null', mark)
    const { text: name } = take(/^[a-zA-Z]\w*$/, "a field's name")
    at--
    if (fields.some(field => field.name === name)) fail(`a second ${name}`)
    if (fields.at(-1)?.trailing && !trailing) fail('only trailing fields may follow a trailing field')
    at++
    must(';')
    return { name, type: of, nullable, trailing }
  }

  while (tokens[at]!.text !== '') {
    must('module')
    const module = take(/^[a-zA-Z_]/, "a module's name").text
    must('{')
    while (!skip('}')) {
      must('class')
      const word = take(/^[A-Z]\w*$/, "a record's name")
      if (records.has(word.text)) fail(`a second ${word.text}`, word)
      const fields: Field[] = []
      must('{')
      while (!skip('}')) fields.push(fieldAfter(fields))
      if (fields.length === 0) fail(`${word.text} is empty`, word)
      records.set(word.text, { name: word.text, module, fields })
    }
  }
  return [...records.values()]
}

const canBeNull = (type: FieldType): boolean =>
  type.kind === 'vector' || (type.kind === 'primitive' && (type.name === 'buffer' || type.name === 'ustring'))

export function generate(records: readonly RecordType[]): string {
  const interfaces = records.map(({ name, fields }) => {
    const lines = fields.map(
      ({ name, type, nullable, trailing }) =>
        `${name}${trailing ? '?' : ''}: ${ts(type)}${nullable ? ' | null' : ''}${trailing ? ' | undefined' : ''};`,
    )
    return `export interface ${name} { ${lines.join(' ')} }`
  })
  return [heading, present, ...interfaces, ...records.map(writerOf), ...records.map(readerOf)].join('\n\n')
}

export function writerOf({ name, fields }: RecordType): string {
  const lines = fields.map(field => {
    const write = writing(field.type, `record.${field.name}`, 0)
    return field.trailing ? `if (record.${field.name} !== undefined) { ${write} }` : write
  })
  return `export const write${name} = (out: OutputArchive, record: ${name}): void => {\n${lines.join('\n')}\n}`
}

/** Statements that write `value`. Vectors in vectors have variables of their own. */
function writing(type: FieldType, value: string, depth: number): string {
  if (type.kind === 'primitive') return `out.${type.name === 'boolean' ? 'bool' : type.name}(${value});`
  if (type.kind === 'record') return `write${type.name}(out, ${value});`
  const each = `each${depth}`
  return `{
    const all = ${value} as readonly (${ts(type.element)})[] | null
    out.vector(all && all.length)
    for (const ${each} of all ?? []) { ${writing(type.element, each, depth + 1)} }
  }`
}

export function readerOf({ name, fields }: RecordType): string {
  const lines = fields.map(field => {
    const read = reading(field.type, field.nullable, `${name}.${field.name}`)
    const missing = field.trailing ? 'input.remaining() === 0 ? undefined : ' : ''
    return `result.${field.name} = ${missing}${read}`
  })
  return `export const read${name} = (input: InputArchive): ${name} => {
    const result: Partial<${name}> = {}
    ${lines.join('\n')}
    return result as ${name}
  }`
}

function reading(type: FieldType, nullable: boolean, what: string): string {
  let read: string
  if (type.kind === 'primitive') read = `input.${type.name === 'boolean' ? 'bool' : type.name}()`
  else if (type.kind === 'record') read = `read${type.name}(input)`
  else {
    const each = reading(type.element, false, `what is in ${what}`)
    read = `(count => count === null ? null : Array.from({ length: count }, () => ${each}))(input.vector())`
  }
  return canBeNull(type) && !nullable ? `present(${read}, '${what}')` : read
}

/** Vectors are written and read in place. */
export const vectorWriterOf = (_element: FieldType): string => ''
export const vectorReaderOf = (_element: FieldType): string => ''

function ts(type: FieldType): string {
  if (type.kind === 'vector') return `Array<${ts(type.element)}>`
  if (type.kind === 'record') return type.name
  return (
    { boolean: 'boolean', long: 'bigint', buffer: 'Uint8Array', ustring: 'string' }[type.name as string] ??
    'number'
  )
}
