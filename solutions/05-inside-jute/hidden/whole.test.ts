import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutputArchive } from '#lab/wire/archive.ts'
import { compile } from '#lab/wire/compiler.ts'
import { juteWriter } from '#lab/wire/jute.ts'
import * as checkedIn from '#lab/wire/records.ts'
import { bytesOf, hexOf, story } from '../../../labs/05-inside-jute/test/records.ts'
import { exportsOf, readCompiled, throughCompiled } from '../../../labs/05-inside-jute/test/run.inside.ts'
import { parse } from '../../../reference-impl/src/wire/compiler.ts'
import { apacheMessages } from '../../../reference-impl/test/wire/messages.ts'
import { anyValueOf, bytesByTable, fileOf, schema } from './schemas.ts'

const idl = readFileSync(
  path.join(import.meta.dirname, '..', '..', '..', 'reference-impl', 'src', 'wire', 'zookeeper.jute'),
  'utf8',
)
/** Every record of ZooKeeper, as the reference's own compiler understands it. */
const all = parse(idl)

/** What the records that the server runs with write. */
function checkedInBytes(record: string, value: unknown): string {
  const out = juteWriter()
  const functions = checkedIn as unknown as Record<string, (out: OutputArchive, value: unknown) => void>
  functions[`write${record}`]!(out, value)
  return hexOf(out.bytes())
}

describe('F. Compile the whole file', () => {
  const section = '(chapter 05, "A module")'

  test('zookeeper.jute becomes a module with the functions that the server runs with', () => {
    expect(exportsOf(idl), story('zookeeper.jute', section)).toEqual(Object.keys(checkedIn).sort())
  })

  test("values of every record of ZooKeeper are written as the server's own records write them, and read back", () => {
    fc.assert(
      fc.property(fc.tuple(...all.map(record => anyValueOf(all, record))), values => {
        const named = all.map(({ name }, i) => [name, values[i]] as const)
        const through = throughCompiled(idl, named)
        for (const [i, [name, value]] of named.entries()) {
          const because = `${name} of zookeeper.jute, compiled. ${section}`
          expect(through[i]!.hex, because).toBe(checkedInBytes(name, value))
          expect(through[i]!.back, because).toEqual(value)
        }
      }),
      { numRuns: 5 },
    )
  })

  test("what Apache's servers and clients said is read to the last byte, and written as it was", () => {
    // Java writes half a surrogate pair by itself, which is not UTF-8 and cannot come back the same.
    const messages = apacheMessages().filter(({ hex }) => !hex.includes('eda0bdedb880'))
    expect(messages.length).toBeGreaterThan(50)
    const results = readCompiled(
      idl,
      messages.map(({ records, hex }) => [records, bytesOf(hex)]),
    )
    for (const [i, { records, hex }] of messages.entries()) {
      expect(results[i], `${records.join(', ')} in ${hex}. ${section}`).toMatchObject({ hex })
    }
  })

  test('whatever file chance makes, its values come back as they went', () => {
    const filled = schema(3).chain(records =>
      fc.tuple(fc.constant(records), fc.tuple(...records.map(record => anyValueOf(records, record)))),
    )
    fc.assert(
      fc.property(filled, ([records, values]) => {
        const file = fileOf(records, [' ', '\n'])
        const named = records.map(({ name }, i) => [name, values[i]] as const)
        for (const [i, { hex, back }] of throughCompiled(file, named).entries()) {
          expect(hex, story(file, section)).toBe(bytesByTable(records, records[i]!, values[i]))
          expect(back, story(file, section)).toEqual(values[i])
        }
      }),
      { numRuns: 40 },
    )
  })

  test('the interfaces say what each field may be', () => {
    const file = `module m {
  class Id { ustring scheme; ustring? id; }
  class All {
    byte a; boolean b; int c; long d; float e; double f; buffer g; ustring h;
    vector<Id> i; vector<vector<long>>? j; Id k; trailing int l; trailing buffer? m;
  }
}`
    const plain = compile(file)
      .replace(/[\s;,]+/g, ' ')
      .replace(/Array<Array<(\w+)>>/g, '$1[][]')
      .replace(/Array<(\w+)>/g, '$1[]')
    const because = story(file, `TypeScript has to know what a record may hold. ${section}`)
    expect(plain, because).toContain('export interface Id { scheme: string id: string | null }')
    expect(plain, because).toContain(
      'export interface All { a: number b: boolean c: number d: bigint e: number f: number g: Uint8Array h: string ' +
        'i: Id[] j: bigint[][] | null k: Id l?: number | undefined m?: Uint8Array | null | undefined }',
    )
  })

  test('a file without records becomes a module without exports', () => {
    expect(exportsOf('module m { }'), section).toEqual([])
  })
})
