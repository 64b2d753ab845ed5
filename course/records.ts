/** `npm run records`: compiles the IDL file into the codecs that are checked in beside it. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { compile } from '../reference-impl/src/wire/compiler.ts'
import { referenceSource } from './paths.ts'

const idlFile = path.join(referenceSource, 'wire', 'zookeeper.jute')
const recordsFile = path.join(referenceSource, 'wire', 'records.ts')

/** Rewrites records.ts and says so. */
export function writeRecords(): string {
  writeFileSync(recordsFile, compiledRecords())
  return `${path.relative(process.cwd(), recordsFile)} is made from ${path.basename(idlFile)}`
}

/** Whether records.ts is what its IDL file says. */
export function recordsAreFresh(): boolean {
  return readFileSync(recordsFile, 'utf8') === compiledRecords()
}

function compiledRecords(): string {
  return compile(readFileSync(idlFile, 'utf8'))
}
