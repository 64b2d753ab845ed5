/** Several reads that are asked in one request and answered together. Each succeeds or fails for itself. */
import type { InputArchive, OutputArchive } from '../wire/archive.ts'
import { type Code, type CodeName, codeName, KeeperError } from '../wire/errors.ts'
import { OpCode, opName } from '../wire/opcodes.ts'
import {
  readErrorResponse,
  readGetChildrenResponse,
  readGetDataResponse,
  readMultiHeader,
  type Stat,
  writeGetChildrenRequest,
  writeGetDataRequest,
  writeMultiHeader,
} from '../wire/records.ts'

export type Read = { type: 'get'; path: string } | { type: 'children'; path: string }

interface Found {
  get: { type: 'get'; data: Uint8Array | null; stat: Stat }
  children: { type: 'children'; children: string[] }
}

/** What came of a read; the names of children are sorted. */
export type ReadResult<R extends Read = Read> = Found[R['type']] | { type: 'error'; error: KeeperError }

/** A result for each read, in the same order. */
export type ReadResults<Reads extends readonly Read[]> = {
  -readonly [At in keyof Reads]: ReadResult<Reads[At]>
}

/** The reads, each behind a header. `full` makes the server's path of the client's. */
export function putReads(out: OutputArchive, reads: readonly Read[], full: (path: string) => string): void {
  for (const { type, path } of reads) {
    const request = { path: full(path), watch: false }
    writeMultiHeader(out, { type: opOfRead[type], done: false, err: -1 })
    if (type === 'get') writeGetDataRequest(out, request)
    else writeGetChildrenRequest(out, request)
  }
  writeMultiHeader(out, { type: -1, done: true, err: -1 })
}

export function takeReads(input: InputArchive, reads: readonly Read[]): ReadResult[] {
  const results: ReadResult[] = []
  for (let header = readMultiHeader(input); !header.done; header = readMultiHeader(input)) {
    switch (header.type) {
      case OpCode.getData:
        results.push({ type: 'get', ...readGetDataResponse(input) })
        break
      case OpCode.getChildren:
        results.push({ type: 'children', children: readGetChildrenResponse(input).children.sort() })
        break
      default: {
        const { type, path } = reads[results.length]!
        const code = codeName(readErrorResponse(input).err as Code) as CodeName
        results.push({ type: 'error', error: new KeeperError(code, `${opName(opOfRead[type])} ${path}`) })
      }
    }
  }
  return results
}

const opOfRead = { get: OpCode.getData, children: OpCode.getChildren }
