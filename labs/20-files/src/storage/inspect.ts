/**
 * What stands in the files of a server, told without a server. Recovery asks one question, "may I go on from here?", and
 * stops at the first doubt. This asks "what is here?", so it goes on wherever it can and keeps its doubts in a list.
 *
 * The rule: it never changes what it reads, and never says that a file is well because nothing was found in it.
 * Source: Apache's TxnLogToolkit and SnapshotFormatter.
 */
import { Todo } from '../lib/todo.ts'
import type { SessionId, Znode } from '../state/znode.ts'
import { juteReader } from '../wire/jute.ts'
import { readTxnDigest } from '../wire/records.ts'
import { readTxn, type Txn, type TxnHeader } from '../wire/txn.ts'
import type { Zxid } from '../wire/zxid.ts'
import { isStorageError, StorageError, zxidOf } from './files.ts'
import { readSnapshot } from './snapshot.ts'
import { checkLogHead, headLength, isNext, logHead, readEntry } from './txn-log.ts'

/** What stands from byte `at` to before byte `next`. */
export type LogItem =
  | { type: 'txn'; at: number; next: number; header: TxnHeader; txn: Txn; digest: bigint | null }
  /** An entry that was written to its end, but is not what was written, or is of no known kind. */
  | { type: 'damaged'; at: number; next: number; what: string }

/** Why there are no more items from byte `at` on. */
export interface LogEnd {
  at: number
  type: /** The last byte of the file. */
    | 'end of file'
    /** Zeros, to the last byte: room that was claimed ahead. */
    | 'padding'
    /** Zeros where an entry should begin, and something behind them. A server ends here, too. */
    | 'hole'
    /** The file ends inside an entry, or inside its head. */
    | 'cut short'
    /** An entry without its end mark. */
    | 'torn'
    /** An entry of a length that no entry has. Nobody can say where the next one would begin. */
    | 'lost'
}

export interface LogContents {
  items: LogItem[]
  end: LogEnd
}

/** Reads a log to its end, past entries that are damaged. Throws a StorageError when the file is no log at all. */
export function readLog(bytes: Uint8Array, maxEntry: number): LogContents {
  throw new Todo('20 A: walk through a log')
}

/** The bytes of an entry in front of its payload. `readEntry` ends there when the length cannot be true. */
const frontLength = 12

/** No entry stands in front of these bytes. Is that the end of the file, zeros up to its end, or what is it? */
function endWithoutEntry(rest: Uint8Array): LogEnd['type'] {
  throw new Todo('20 A: tell the ways to end apart')
}

function itemOf(payload: Uint8Array, at: number, next: number): LogItem {
  throw new Todo('20 A: read a transaction, and its digest if it has one')
}

/** What one should know of a log besides its transactions. `at` is a place in the file. */
export interface Remark {
  at: number
  type: /** The first transaction is not the one that the file is named after. */
    | 'misnamed'
    /** Between the transaction before and this one some are missing. */
    | 'gap'
    /** Its zxid is not above the one before. */
    | 'backwards'
    | 'damaged'
    | 'hole'
    | 'cut short'
    | 'torn'
    | 'lost'
}

/** All that is odd, in the order of the file. `name`: of the file, without its folder; a name of no log says nothing. */
export function remarksOn(name: string, { items, end }: LogContents): Remark[] {
  throw new Todo('20 B: say what is odd')
}

function orderOf(last: Zxid, zxid: Zxid): 'next' | 'backwards' | 'gap' {
  throw new Todo('20 B: compare a transaction with the one before')
}

/**
 * The bytes of a new log file: head and entries of this one, up to the transaction `until` (null: up to the last one),
 * and nothing behind them. Throws a StorageError when something is damaged in what would stay: to leave it out would
 * be to forget what was promised, and to copy it would be to pass it on.
 */
export function trimLog(bytes: Uint8Array, maxEntry: number, until: Zxid | null): Uint8Array {
  throw new Todo('20 C: trim a log')
}

function cannotTrim(at: number): string {
  return `what begins at byte ${at} was damaged after it was written, so nobody knows what it was: restore the file from a backup, or trim it to a transaction in front of that place`
}

export interface SnapshotContents {
  sessions: Map<SessionId, number>
  /** Parents come before their children; the first is `/`. */
  nodes: [path: string, node: Znode][]
  /** Why a server would not use it, or null. What was read up to there is in `nodes` all the same. */
  fault: string | null
}

export function readSnapshotContents(bytes: Uint8Array): SnapshotContents {
  throw new Todo('20 D: look into a snapshot')
}

/** How much there is at a path and below. */
export interface Weight {
  nodes: number
  /** Of data. */
  bytes: number
}

/** The weight of every path that is at most `depth` names deep; `/` is 0 deep. */
export function weigh(nodes: readonly [path: string, node: Znode][], depth: number): Map<string, Weight> {
  throw new Todo('20 D: weigh the branches of the tree')
}
