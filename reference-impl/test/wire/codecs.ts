/** All codecs by the names of their records, and the IDL they were made from, for tests that hold for every record. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { InputArchive, OutputArchive } from '../../src/wire/archive.ts'
import { parse } from '../../src/wire/compiler.ts'
import * as records from '../../src/wire/records.ts'

export interface Codec {
  write(out: OutputArchive, record: unknown): void
  read(input: InputArchive): unknown
}

const idlFile = path.join(import.meta.dirname, '..', '..', 'src', 'wire', 'zookeeper.jute')

export const schema = parse(readFileSync(idlFile, 'utf8'))

export function codec(record: string): Codec {
  const functions = records as unknown as Record<string, unknown>
  const write = functions[`write${record}`] as Codec['write'] | undefined
  const read = functions[`read${record}`] as Codec['read'] | undefined
  if (write === undefined || read === undefined) throw new Error(`there is no record ${record}`)
  return { write, read }
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Blanks in the text are for the reader only. */
export const bytesOf = (hex: string): Uint8Array =>
  new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
