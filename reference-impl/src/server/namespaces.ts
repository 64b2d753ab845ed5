/**
 * How much is read and written in each namespace: that is what the first name of a path stands for, usually an
 * application's. It tells an operator of a shared server which of them the load is from.
 *
 * The trap: this happens with every request. Those that come after each other mostly are of one namespace, so that is
 * looked at first. And names are the clients' to choose: there is an end to how many are told apart.
 * Source: Apache's DataTree (updateReadStat, updateWriteStat).
 */
import type { Outcome } from '../state/apply.ts'
import { Code } from '../wire/errors.ts'
import { OpCode } from '../wire/opcodes.ts'
import type { Txn } from '../wire/txn.ts'
import { note, type PerNamespace, type Summary, summary } from './metrics.ts'

/** More of them are not told of. */
const namespacesAtMost = 1000

const slash = '/'.charCodeAt(0)

/** Notes that so many bytes have been read or written at a path, and besides as many as it has itself. */
export type Meter = (path: string, bytes: number) => void

export function meter(set: Map<string, Summary>): Meter {
  let latest = '\0'
  let summaryOfLatest = summary(false)
  return (path, bytes) => {
    const { length } = latest
    if (!path.startsWith(latest) || (path.length > length && path.charCodeAt(length) !== slash)) {
      const name = namespaceOf(path)
      if (name === '') return
      let found = set.get(name)
      if (found === undefined) {
        if (set.size >= namespacesAtMost) return
        found = summary(false)
        set.set(name, found)
      }
      latest = `/${name}`
      summaryOfLatest = found
    }
    note(summaryOfLatest, path.length + bytes)
  }
}

/** Empty for the root, which is in none. */
function namespaceOf(path: string): string {
  return path.split('/', 2)[1] ?? ''
}

/** What a transaction has written, if it came to anything. */
export function noteWritten(txn: Txn, outcome: Outcome, written: Meter): void {
  if (outcome.err !== Code.OK) return
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.setData:
      written(txn.record.path, txn.record.data?.length ?? 0)
      break
    case OpCode.delete:
    case OpCode.deleteContainer:
      written(txn.record.path, 0)
      break
    case OpCode.closeSession:
      for (const path of txn.record.paths2Delete ?? []) written(path, 0)
      break
    case OpCode.multi:
      for (const [at, part] of txn.txns.entries()) noteWritten(part, outcome.parts![at]!, written)
  }
}

/** A write at `path` was over a hard limit, and refused. */
export function noteExceeded({ quota_exceeded_error_per_namespace: set }: PerNamespace, path: string): void {
  const name = namespaceOf(path)
  if (set.has(name) || set.size < namespacesAtMost) set.set(name, (set.get(name) ?? 0) + 1)
}
