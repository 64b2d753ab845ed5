/**
 * Several writes that happen together or not at all, under one zxid.
 */
import type { InputArchive, OutputArchive } from '../wire/archive.ts'
import { Code, type CodeName, codeName, KeeperError } from '../wire/errors.ts'
import { OpCode } from '../wire/opcodes.ts'
import { readErrorResponse, readMultiHeader, writeMultiHeader } from '../wire/records.ts'
import {
  anyVersion,
  type CreateOptions,
  type Data,
  opOf,
  putWrite,
  takeResult,
  type Write,
  type WriteResult,
} from './writes.ts'

export interface Transaction {
  create(path: string, data?: Data, options?: CreateOptions): Transaction
  set(path: string, data: Data, options?: { version?: number }): Transaction
  delete(path: string, options?: { version?: number }): Transaction
  /** Lets all of it fail unless the node is there, in this version. */
  check(path: string, options?: { version?: number }): Transaction
  /** Sends it. Throws a KeeperError whose `failed` tells which write was the reason; none of them has happened then. */
  commit(): Promise<WriteResult[]>
}

export function transaction(commit: (writes: readonly Write[]) => Promise<WriteResult[]>): Transaction {
  const writes: Write[] = []
  const add = (write: Write): Transaction => {
    writes.push(write)
    return builder
  }
  const builder: Transaction = {
    create: (path, data = null, options = {}) => add({ type: 'create', path, data, options }),
    set: (path, data, { version = anyVersion } = {}) => add({ type: 'set', path, data, version }),
    delete: (path, { version = anyVersion } = {}) => add({ type: 'delete', path, version }),
    check: (path, { version = anyVersion } = {}) => add({ type: 'check', path, version }),
    commit: () => commit(writes),
  }
  return builder
}

/** The writes of a transaction, each behind a header. `full` makes the server's path of the client's. */
export function putMulti(out: OutputArchive, writes: readonly Write[], full: (path: string) => string): void {
  for (const write of writes) {
    writeMultiHeader(out, { type: opOf(write), done: false, err: -1 })
    putWrite(out, write, full(write.path))
  }
  writeMultiHeader(out, { type: -1, done: true, err: -1 })
}

/**
 * What came of a transaction. Throws the KeeperError of the write that was refused: a server marks the writes before
 * it with 0 and those behind it with RUNTIMEINCONSISTENCY, and says no more than that.
 */
export function takeMulti(
  input: InputArchive,
  writes: readonly Write[],
  seen: (path: string) => string,
): WriteResult[] {
  const results: WriteResult[] = []
  const errors: Code[] = []
  for (let header = readMultiHeader(input); !header.done; header = readMultiHeader(input)) {
    if (header.type === OpCode.error) errors.push(readErrorResponse(input).err as Code)
    else results.push(takeResult(input, header.type, seen))
  }
  const failed = errors.findIndex(err => err !== Code.OK && err !== Code.RUNTIMEINCONSISTENCY)
  if (errors.length > 0) throw refusal(writes, errors, failed)
  return results
}

function refusal(writes: readonly Write[], errors: readonly Code[], failed: number): TransactionError {
  const code = errors[failed] ?? Code.RUNTIMEINCONSISTENCY
  const write = writes[failed]
  const where =
    write === undefined
      ? 'transaction'
      : `write ${failed + 1} of ${writes.length}, ${write.type} ${write.path}`
  return new TransactionError(codeName(code) as CodeName, where, failed, errors)
}

/** Why a transaction has not happened. */
export class TransactionError extends KeeperError {
  /** Which of its writes was refused, counted from 0. */
  readonly failed: number
  /** What the server says of each. */
  readonly errors: readonly Code[]

  constructor(code: CodeName, detail: string, failed: number, errors: readonly Code[]) {
    super(code, detail)
    this.failed = failed
    this.errors = errors
  }
}
