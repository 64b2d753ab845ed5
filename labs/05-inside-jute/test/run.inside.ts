/**
 * Runs the code that a compiler made. The grader does so beside the compiler: what a student's program writes is a
 * student's program, and has no business where verdicts are made.
 */
import {
  compile,
  heading,
  present,
  readerOf,
  vectorReaderOf,
  vectorWriterOf,
  writerOf,
} from '#lab/wire/compiler.ts'
import * as errors from '#lab/wire/errors.ts'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'
import type { FieldType, RecordType } from '#lab/wire/schema.ts'
import { javascript } from './erase.ts'
import { hexOf } from './records.ts'

/** In hex what the writer of the last record writes for a value; or how it was refused. The module has no readers. */
export function written(records: readonly RecordType[], value: unknown): string {
  const parts = [...records.map(writerOf), ...vectorsIn(records).map(vectorWriterOf)]
  const module = run([heading, ...parts, present].join('\n'))
  return outcome(() => encode(module, records.at(-1)!.name, value)) as string
}

/** What the reader of the last record reads; or how it refused. The module has no writers. */
export function read(records: readonly RecordType[], bytes: Uint8Array): unknown {
  const parts = [...records.map(readerOf), ...vectorsIn(records).map(vectorReaderOf)]
  const module = run([heading, ...parts, present].join('\n'))
  return outcome(() => decode(module, records.at(-1)!.name, bytes))
}

/** An IDL file, compiled whole: for each record and value, the bytes in hex and what is read from them. */
export function throughCompiled(
  idl: string,
  values: readonly (readonly [record: string, value: unknown])[],
): { hex: string; back: unknown }[] {
  const module = run(compile(idl))
  return values.map(([record, value]) => {
    const hex = encode(module, record, value)
    return { hex, back: decode(module, record, Uint8Array.from(Buffer.from(hex, 'hex'))) }
  })
}

/** An IDL file, compiled whole: what these records are read as, one behind the other; or how that was refused. */
export function readCompiled(
  idl: string,
  messages: readonly (readonly [records: readonly string[], bytes: Uint8Array])[],
) {
  const module = run(compile(idl))
  return messages.map(([records, bytes]) =>
    outcome(() => {
      const input = juteReader(bytes)
      const values = records.map(record => functionOf(module, `read${record}`)(input))
      if (input.remaining() > 0) return `${input.remaining()} bytes are left`
      const out = juteWriter()
      for (const [i, record] of records.entries()) functionOf(module, `write${record}`)(out, values[i])
      return { values, hex: hexOf(out.bytes()) }
    }),
  )
}

/** The names of what the module for an IDL file exports, sorted. */
export function exportsOf(idl: string): string[] {
  return Object.keys(run(compile(idl))).sort()
}

type Module = Record<string, (...args: unknown[]) => unknown>

/** The modules made so far, by their text: many values go through one of them. */
const modules = new Map<string, Module>()

function run(typescript: string): Module {
  let module = modules.get(typescript)
  if (module === undefined) {
    const { code, names } = javascript(typescript)
    // Strict, as modules are.
    const make = new Function('errors', `'use strict'\n${code}\nreturn { ${names.join(', ')} }`)
    module = make(errors) as Module
    modules.set(typescript, module)
  }
  return module
}

function functionOf(module: Module, name: string): Module[string] {
  const found = module[name]
  if (found === undefined) throw new Error(`the code that was made exports no ${name}`)
  return found
}

function encode(module: Module, record: string, value: unknown): string {
  const out = juteWriter()
  functionOf(module, `write${record}`)(out, value)
  return hexOf(out.bytes())
}

function decode(module: Module, record: string, bytes: Uint8Array): unknown {
  const input = juteReader(bytes)
  const value = functionOf(module, `read${record}`)(input)
  return input.remaining() === 0 ? value : `${input.remaining()} bytes are left`
}

/** Of a refusal, its name and what it says. */
function outcome(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    const { name, message } = error as Error
    return `${name}: ${message}`
  }
}

/** The element of every vector in these records, each kind once. */
function vectorsIn(records: readonly RecordType[]): FieldType[] {
  const found = new Map<string, FieldType>()
  for (const { fields } of records) {
    for (let { type } of fields) {
      for (; type.kind === 'vector'; type = type.element)
        found.set(JSON.stringify(type.element), type.element)
    }
  }
  return [...found.values()]
}
