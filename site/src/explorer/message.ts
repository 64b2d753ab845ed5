/**
 * What the explorer knows of a message: which bytes are which field. The reading is done by the reference's own codecs
 * on the reference's own archive; an archive around it takes notes of what was read where, and the schema gives the
 * notes their names. So a refusal here is the refusal of the server, at the place where the server would stop.
 */
import { type InputArchive, JUTE_MAX_BUFFER } from '../../../reference-impl/src/wire/archive.ts'
import { frame, frameReader } from '../../../reference-impl/src/wire/frames.ts'
import { juteReader, juteWriter } from '../../../reference-impl/src/wire/jute.ts'
import * as records from '../../../reference-impl/src/wire/records.ts'
import type { Field, FieldType, RecordType } from '../../../reference-impl/src/wire/schema.ts'

/** What the bytes are taken for. */
export interface Shape {
  record: string
  around: Around
}

/** What stands in front of the record: nothing, the length of a frame, or that and a header. */
export const arounds = ['none', 'frame', 'request', 'reply'] as const
export type Around = (typeof arounds)[number]

/** The value of a field, as the codecs have it; undefined for a trailing field that is absent. */
export type Value = bigint | number | boolean | string | Uint8Array | null | undefined | Value[] | RecordValue
export interface RecordValue {
  [field: string]: Value
}

/** The records of a message by name: the header, if there is one, and the record. */
export type Values = Record<string, RecordValue>

/** The bytes of one primitive, or of the count that opens a vector. */
export interface Span {
  /** `CreateRequest.acl[0].perms`; `frame.length` for the length of the frame. */
  path: string
  type: string
  start: number
  end: number
  /** Undefined when it could not be read. */
  value: Value
}

/** Why the reader stopped, and where. */
export interface Problem {
  message: string
  path: string
  start: number
  end: number
}

export interface Reading {
  spans: Span[]
  /** What was read; where the reader did not come, values that stand in for what is not known. */
  values: Values
  problem: Problem | null
  /** The frame is not complete yet: a server would wait for this many bytes more. */
  missing: number
  /** The first byte that nobody reads. Readers ignore what follows a record. */
  unread: number
}

export type Schema = ReadonlyMap<string, RecordType>

export function partsOf({ record, around }: Shape): string[] {
  if (around === 'request') return ['RequestHeader', record]
  if (around === 'reply') return ['ReplyHeader', record]
  return [record]
}

/** The bytes of a message. Throws KeeperError when a value does not fit its field. */
export function encode(shape: Shape, values: Values): Uint8Array {
  const out = juteWriter()
  for (const part of partsOf(shape)) codec('write', part)(out, values[part])
  return shape.around === 'none' ? out.bytes() : frame(out.bytes())
}

/** Reads a message as far as it can be read. Never throws. */
export function decode(schema: Schema, shape: Shape, bytes: Uint8Array): Reading {
  const frame = shape.around === 'none' ? unframed(bytes) : unframe(bytes)
  const notes: Note[] = []
  const input = notingReader(bytes.subarray(frame.start, frame.end), frame.start, notes)
  const parts = partsOf(shape)
  const values: Values = {}
  let refusal: string | null = null
  if (frame.problem === null) {
    try {
      for (const part of parts) values[part] = codec('read', part)(input) as RecordValue
    } catch (error) {
      refusal = messageOf(error)
    }
  }
  const naming = new Naming(schema, notes)
  for (const part of parts) {
    const asFarAsRead = naming.record(part, part)
    values[part] ??= asFarAsRead
  }
  const stopped = naming.spans.at(-1)
  const { missing } = frame
  let { problem } = frame
  // Whoever reads half a frame waits for the rest: that the record in it ends too early is no mistake.
  if (refusal !== null && missing === 0 && stopped !== undefined) {
    problem = { message: refusal, path: stopped.path, start: stopped.start, end: stopped.end }
  }
  return {
    spans: [...frame.spans, ...naming.spans],
    values,
    problem,
    missing,
    unread: problem === null && missing === 0 ? frame.end - input.remaining() : bytes.length,
  }
}

interface Frame {
  spans: Span[]
  /** Its payload, as far as it is here. */
  start: number
  end: number
  missing: number
  problem: Problem | null
}

function unframed(bytes: Uint8Array): Frame {
  return { spans: [], start: 0, end: bytes.length, missing: 0, problem: null }
}

/** Asks the reference's frame reader for the first frame. */
function unframe(bytes: Uint8Array): Frame {
  const start = Math.min(4, bytes.length)
  const span: Span = { path: 'frame.length', type: 'int', start: 0, end: start, value: undefined }
  const cut: Frame = { spans: [span], start, end: start, missing: 4 - start, problem: null }
  if (cut.missing > 0) return cut
  const length = juteReader(bytes).int()
  span.value = length
  try {
    // Only the length: a later frame that is broken does not break this one.
    frameReader(JUTE_MAX_BUFFER).push(bytes.slice(0, 4), () => {})
  } catch (error) {
    return { ...cut, problem: { message: messageOf(error), path: span.path, start: 0, end: 4 } }
  }
  const end = Math.min(bytes.length, 4 + length)
  return { ...cut, end, missing: 4 + length - end }
}

interface Note {
  start: number
  end: number
  value: Value
}

const primitives = ['byte', 'bool', 'int', 'long', 'float', 'double', 'buffer', 'ustring', 'vector'] as const

/** The reference's reader, watched. */
function notingReader(bytes: Uint8Array, offset: number, notes: Note[]): InputArchive {
  const input = juteReader(bytes)
  const at = () => offset + bytes.length - input.remaining()
  const noting = { remaining: () => input.remaining() } as InputArchive
  for (const primitive of primitives) {
    const read = () => {
      // Until the read succeeds it has all that is left to answer for.
      const note: Note = { start: at(), end: offset + bytes.length, value: undefined }
      notes.push(note)
      note.value = input[primitive]()
      note.end = at()
      return note.value
    }
    Object.assign(noting, { [primitive]: read })
  }
  return noting
}

/** Walks the schema along the notes, in the order in which both were written down. */
class Naming {
  readonly spans: Span[] = []
  readonly #schema: Schema
  readonly #notes: readonly Note[]
  #at = 0

  constructor(schema: Schema, notes: readonly Note[]) {
    this.#schema = schema
    this.#notes = notes
  }

  record(name: string, path: string): RecordValue {
    const { fields } = this.#schema.get(name)!
    return Object.fromEntries(fields.map(field => [field.name, this.#field(field, `${path}.${field.name}`)]))
  }

  #field(field: Field, path: string): Value {
    if (field.trailing && this.#atEnd) return undefined
    return this.#value(field.type, path, field.nullable)
  }

  #value(type: FieldType, path: string, nullable: boolean): Value {
    switch (type.kind) {
      case 'primitive':
        return this.#take(path, typeName(type)) ?? (nullable ? null : blank(type))
      case 'record':
        return this.record(type.name, path)
      case 'vector': {
        const count = this.#take(path, typeName(type))
        if (typeof count !== 'number') return nullable ? null : []
        const items: Value[] = []
        while (items.length < count && !this.#atEnd) {
          items.push(this.#value(type.element, `${path}[${items.length}]`, false))
        }
        return items
      }
    }
  }

  get #atEnd(): boolean {
    return this.#at === this.#notes.length
  }

  #take(path: string, type: string): Value {
    if (this.#atEnd) return undefined
    const { start, end, value } = this.#notes[this.#at++]!
    this.spans.push({ path, type, start, end, value })
    return value
  }
}

/** The plainest value of a type. */
export function blank(type: FieldType): Value {
  if (type.kind === 'vector') return []
  if (type.kind === 'record') throw new Error(`a record ${type.name} is made of its fields`)
  if (type.name === 'ustring') return ''
  if (type.name === 'buffer') return new Uint8Array(0)
  if (type.name === 'boolean') return false
  return type.name === 'long' ? 0n : 0
}

export function typeName(type: FieldType): string {
  return type.kind === 'vector' ? `vector<${typeName(type.element)}>` : type.name
}

function codec(verb: 'read' | 'write', record: string): (archive: unknown, value?: unknown) => unknown {
  const found = (records as Record<string, unknown>)[verb + record]
  if (typeof found !== 'function') throw new Error(`the reference has no ${verb}${record}`)
  return found as (archive: unknown, value?: unknown) => unknown
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
