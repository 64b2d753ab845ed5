/**
 * What stands in the files of a server, told without a server. Recovery asks one question, "may I go on from here?", and
 * stops at the first doubt. This asks "what is here?", so it goes on wherever it can and keeps its doubts in a list.
 *
 * The rule: it never changes what it reads, and never says that a file is well because nothing was found in it.
 * Source: Apache's TxnLogToolkit and SnapshotFormatter.
 */
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
  // #region lab 20: A. walk through a log
  const items: LogItem[] = []
  if (!checkLogHead(bytes)) return { items, end: { at: 0, type: endWithoutEntry(bytes) } }
  for (let at = headLength; ; ) {
    const reading = readEntry(bytes, at, maxEntry)
    if (reading.type === 'entry') {
      items.push(itemOf(reading.payload, at, reading.next))
      at = reading.next
    } else if (reading.type !== 'damaged') {
      return {
        items,
        end: { at, type: reading.type === 'torn' ? 'torn' : endWithoutEntry(bytes.subarray(at)) },
      }
    } else if (reading.end === at + frontLength) {
      return { items, end: { at, type: 'lost' } }
    } else {
      items.push({ type: 'damaged', at, next: reading.end + 1, what: reading.what })
      at = reading.end + 1
    }
  }
  // #endregion
}

/** The bytes of an entry in front of its payload. `readEntry` ends there when the length cannot be true. */
const frontLength = 12

/** No entry stands in front of these bytes. Is that the end of the file, zeros up to its end, or what is it? */
function endWithoutEntry(rest: Uint8Array): LogEnd['type'] {
  // #region lab 20: A. tell the ways to end apart
  if (rest.length === 0) return 'end of file'
  const somethingAt = rest.findIndex(byte => byte !== 0)
  if (somethingAt === -1) return 'padding'
  return somethingAt < frontLength ? 'cut short' : 'hole'
  // #endregion
}

function itemOf(payload: Uint8Array, at: number, next: number): LogItem {
  // #region lab 20: A. read a transaction, and its digest if it has one
  try {
    const input = juteReader(payload, payload.length)
    const { header, txn } = readTxn(input)
    const digest = input.remaining() > 0 ? readTxnDigest(input).treeDigest : null
    return { type: 'txn', at, next, header, txn, digest }
  } catch (error) {
    if ((error as Error).name !== 'KeeperError') throw error
    return { type: 'damaged', at, next, what: (error as Error).message }
  }
  // #endregion
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
  // #region lab 20: B. say what is odd
  const remarks: Remark[] = []
  const named = zxidOf('log', name)
  let last: Zxid | null = null
  for (const item of items) {
    const { at } = item
    if (item.type === 'damaged') {
      remarks.push({ at, type: 'damaged' })
      // What it was is not known, so neither is what should follow.
      last = null
      continue
    }
    const { zxid } = item.header
    if (item === items[0] && named !== null && named !== zxid) remarks.push({ at, type: 'misnamed' })
    const order = last === null ? 'next' : orderOf(last, zxid)
    if (order !== 'next') remarks.push({ at, type: order })
    last = zxid
  }
  if (end.type !== 'end of file' && end.type !== 'padding') remarks.push({ at: end.at, type: end.type })
  return remarks
  // #endregion
}

function orderOf(last: Zxid, zxid: Zxid): 'next' | 'backwards' | 'gap' {
  // #region lab 20: B. compare a transaction with the one before
  try {
    return isNext(last, zxid) ? 'next' : 'backwards'
  } catch (error) {
    if (isStorageError(error)) return 'gap'
    throw error
  }
  // #endregion
}

/**
 * The bytes of a new log file: head and entries of this one, up to the transaction `until` (null: up to the last one),
 * and nothing behind them. Throws a StorageError when something is damaged in what would stay: to leave it out would
 * be to forget what was promised, and to copy it would be to pass it on.
 */
export function trimLog(bytes: Uint8Array, maxEntry: number, until: Zxid | null): Uint8Array {
  // #region lab 20: C. trim a log
  const { items, end } = readLog(bytes, maxEntry)
  let length = headLength
  for (const item of items) {
    if (item.type === 'damaged') throw new StorageError(cannotTrim(item.at))
    const { zxid } = item.header
    if (until !== null && zxid > until) return bytes.slice(0, length)
    length = item.next
    // What is behind it is not asked for, and may be damaged.
    if (zxid === until) return bytes.slice(0, length)
  }
  if (end.type === 'lost') throw new StorageError(cannotTrim(end.at))
  return items.length === 0 ? logHead() : bytes.slice(0, length)
  // #endregion
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
  // #region lab 20: D. look into a snapshot
  const contents: SnapshotContents = { sessions: new Map(), nodes: [], fault: null }
  try {
    readSnapshot(bytes, {
      session: (id, timeout) => void contents.sessions.set(id, timeout),
      node: (path, node) => void contents.nodes.push([path, node]),
    })
  } catch (error) {
    if (!isStorageError(error)) throw error
    contents.fault = error.message
  }
  return contents
  // #endregion
}

/** How much there is at a path and below. */
export interface Weight {
  nodes: number
  /** Of data. */
  bytes: number
}

/** The weight of every path that is at most `depth` names deep; `/` is 0 deep. */
export function weigh(nodes: readonly [path: string, node: Znode][], depth: number): Map<string, Weight> {
  // #region lab 20: D. weigh the branches of the tree
  const weights = new Map<string, Weight>()
  for (const [path, { data }] of nodes) {
    const names = path.split('/').filter(name => name !== '')
    for (let deep = 0; deep <= Math.min(depth, names.length); deep++) {
      const branch = `/${names.slice(0, deep).join('/')}`
      const weight = weights.get(branch) ?? { nodes: 0, bytes: 0 }
      weights.set(branch, weight)
      weight.nodes++
      weight.bytes += data?.length ?? 0
    }
  }
  return weights
  // #endregion
}
