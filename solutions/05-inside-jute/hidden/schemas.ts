/** Records that chance makes, the text of a file that declares them, and what their values are on the wire. */
import fc from 'fast-check'
import type { OutputArchive } from '#lab/wire/archive.ts'
import { juteWriter } from '#lab/wire/jute.ts'
import { type FieldType, type PrimitiveName, primitiveNames, type RecordType } from '#lab/wire/schema.ts'
import { hexOf } from '../../../labs/05-inside-jute/test/records.ts'

/** Names that are words of the language, of JavaScript, or likely names of variables in the code that is made. */
const awkward = [
  'class',
  'module',
  'vector',
  'trailing',
  'delete',
  'default',
  'out',
  'record',
  'input',
  'items',
  'item',
  'i',
]
const names = [...awkward, 'count', 'value', 'x1', 'aLongName', 'a_b']

/** `depth`: how deep vectors may lie in each other; 0 for fields of the eight simple types alone. */
export function schema(depth: number): fc.Arbitrary<RecordType[]> {
  const shapes = fc.array(shape(depth), { minLength: 1, maxLength: 5 })
  return shapes.map(shapes =>
    shapes.map((fields, at) => {
      const firstTrailing = fields.findIndex(({ trailing }) => trailing)
      return {
        name: `R${at}`,
        module: at < 2 ? 'first' : 'org.example.second',
        fields: fields.map(({ name, type, nullable, trailing }, i) => {
          const known = above(type, at)
          const canBeNull =
            known.kind === 'vector' || (known.kind === 'primitive' && /buffer|ustring/.test(known.name))
          const isTrailing = trailing || (firstTrailing >= 0 && i > firstTrailing)
          return { name, type: known, nullable: nullable && canBeNull, trailing: isTrailing }
        }),
      }
    }),
  )
}

function shape(depth: number) {
  const field = fc.record({
    name: fc.constantFrom(...names),
    type: typeOfDepth(depth),
    nullable: fc.boolean(),
    trailing: fc.integer({ min: 0, max: 5 }).map(dice => dice === 0),
  })
  return fc.uniqueArray(field, { selector: ({ name }) => name, minLength: 1, maxLength: 6 })
}

function typeOfDepth(depth: number): fc.Arbitrary<FieldType> {
  const primitive = fc.constantFrom(...primitiveNames).map((name): FieldType => ({ kind: 'primitive', name }))
  if (depth === 0) return primitive
  const record = fc.nat(3).map((at): FieldType => ({ kind: 'record', name: `R${at}` }))
  const vector = typeOfDepth(depth - 1).map((element): FieldType => ({ kind: 'vector', element }))
  return fc.oneof(primitive, record, vector)
}

/** The same type, with an int in the place of a record that does not stand above. */
function above(type: FieldType, at: number): FieldType {
  if (type.kind === 'vector') return { kind: 'vector', element: above(type.element, at) }
  if (type.kind === 'record' && Number(type.name.slice(1)) >= at) return { kind: 'primitive', name: 'int' }
  return type
}

/** What may stand between two tokens. */
export const gap: fc.Arbitrary<string> = fc.constantFrom(
  ' ',
  '\n',
  '\t ',
  '\r\n',
  ' // ; } class\n',
  '/* } */',
  '/*\n**/',
  '\n\n',
)

/** A file that declares these records, with a gap between any two tokens. `gaps` are used again when they end. */
export function fileOf(records: readonly RecordType[], gaps: readonly string[]): string {
  const tokens = records.flatMap(({ name, module, fields }, at) => [
    ...(at === 0 || records[at - 1]!.module !== module ? ['module', module, '{'] : []),
    'class',
    name,
    '{',
    ...fields.flatMap(({ name, type, nullable, trailing }) => [
      ...(trailing ? ['trailing'] : []),
      ...typeTokens(type),
      ...(nullable ? ['?'] : []),
      name,
      ';',
    ]),
    '}',
    ...(records[at + 1]?.module === module ? [] : ['}']),
  ])
  return tokens.map((token, at) => token + gaps[at % gaps.length]).join('')
}

function typeTokens(type: FieldType): string[] {
  return type.kind === 'vector' ? ['vector', '<', ...typeTokens(type.element), '>'] : [type.name]
}

/** Any value of a record. Fields at its end may be missing, from one of them on. */
export function anyValueOf(records: readonly RecordType[], record: RecordType): fc.Arbitrary<object> {
  const trailing = record.fields.filter(field => field.trailing).map(({ name }) => name)
  return fc.tuple(whole(records, record), fc.nat(trailing.length)).map(([value, kept]) => ({
    ...value,
    ...Object.fromEntries(trailing.slice(kept).map(name => [name, undefined])),
  }))
}

function anyOf(records: readonly RecordType[], type: FieldType): fc.Arbitrary<unknown> {
  if (type.kind === 'primitive') return primitives[type.name]
  if (type.kind === 'vector') return fc.array(anyOf(records, type.element), { maxLength: 3 })
  // Inside of another record nothing can be missing: the reader would take what follows for it.
  return whole(records, records.find(({ name }) => name === type.name)!)
}

function whole(records: readonly RecordType[], record: RecordType): fc.Arbitrary<object> {
  return fc.record(
    Object.fromEntries(
      record.fields.map(({ name, type, nullable }) => {
        const there = anyOf(records, type)
        return [name, nullable ? fc.option(there) : there]
      }),
    ),
  )
}

const primitives: Record<PrimitiveName, fc.Arbitrary<unknown>> = {
  byte: fc.integer({ min: -128, max: 127 }),
  boolean: fc.boolean(),
  int: fc.integer(),
  long: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  float: fc.float({ noNaN: true }),
  double: fc.double({ noNaN: true }),
  buffer: fc.uint8Array({ maxLength: 5 }),
  ustring: fc.string({ unit: 'grapheme', maxLength: 5 }),
}

/** The bytes of a value, by a walk over the table of its fields: no code is made here. */
export function bytesByTable(records: readonly RecordType[], record: RecordType, value: unknown): string {
  const out = juteWriter()
  writeByTable(out, records, { kind: 'record', name: record.name }, value)
  return hexOf(out.bytes())
}

function writeByTable(
  out: OutputArchive,
  records: readonly RecordType[],
  type: FieldType,
  value: unknown,
): void {
  if (type.kind === 'record') {
    for (const field of records.find(({ name }) => name === type.name)!.fields) {
      const item = (value as Record<string, unknown>)[field.name]
      if (item !== undefined) writeByTable(out, records, field.type, item)
    }
  } else if (type.kind === 'vector') {
    const items = value as unknown[] | null
    out.vector(items === null ? null : items.length)
    for (const item of items ?? []) writeByTable(out, records, type.element, item)
  } else {
    const method = type.name === 'boolean' ? 'bool' : type.name
    ;(out as unknown as Record<string, (value: unknown) => void>)[method]!(value)
  }
}
