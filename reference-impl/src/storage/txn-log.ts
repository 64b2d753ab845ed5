/**
 * The transaction log: every transaction, written down before it happens. A file is a head of 16 bytes and then entries,
 * each with a checksum in front and one byte behind that says "all of it was written".
 *
 * The rule: an entry counts if it is whole. A log may end in the middle of an entry, because the power went while it
 * was written; nobody was promised that one, and reading ends in front of it. But an entry that was written to its end
 * and does not match its checksum was damaged later, perhaps after a promise: then nobody may guess.
 * Source: Apache's FileTxnLog.
 */
import { adler32 } from '../lib/adler32.ts'
import { counterOf, epochOf, formatZxid, nextZxid, type Zxid } from '../wire/zxid.ts'
import { StorageError, type StoredFile } from './files.ts'

/** `ZKLG`, the version of the format, and a number for the database that has always been 0. */
const magic = 0x5a4b4c47
const version = 2
export const headLength = 16

/** In front of an entry's payload its checksum (8 bytes, a long) and its length (4), behind it the end mark (1). */
const frontLength = 12
const endMark = 0x42

/** The bytes that a log file begins with. */
export function logHead(): Uint8Array {
  // #region lab 32: A. write the head of a log file
  const head = new Uint8Array(headLength)
  const view = new DataView(head.buffer)
  view.setInt32(0, magic)
  view.setInt32(4, version)
  return head
  // #endregion
}

/** How many bytes the entry of a payload takes. */
export function entryLength(payload: Uint8Array): number {
  return frontLength + payload.length + 1
}

/** Writes the entry of a payload (a transaction with its header) at `at`, where there is room; answers where it ends. */
export function putEntry(into: Uint8Array, at: number, payload: Uint8Array): number {
  // #region lab 32: A. write an entry
  putInt(into, at, 0) // the checksum is a long, of which 32 bits are used
  putInt(into, at + 4, adler32(payload))
  putInt(into, at + 8, payload.length)
  into.set(payload, at + frontLength)
  const end = at + frontLength + payload.length
  into[end] = endMark
  return end + 1
  // #endregion
}

/**
 * How long a file must be so that `length` bytes fit in and 4096 more, if it has `padded` bytes now and grows by whole
 * blocks; `padded` itself while they fit. The room ahead is zeros: writing into a file costs less than making it longer.
 */
export function paddedLength(length: number, padded: number, block: number): number {
  // #region lab 32: A. claim room ahead
  if (block === 0 || length + spare <= padded) return padded
  const blocks = Math.ceil((length + spare - padded) / block)
  return padded + blocks * block
  // #endregion
}

const spare = 4096

/**
 * Do these bytes, the first 512 of a file, begin as a log does? Not if the head was never written to its end: then it is
 * cut short, or zeros follow, and the file holds nothing. Throws a StorageError for what is no log at all.
 */
export function checkLogHead(bytes: Uint8Array): boolean {
  // #region lab 32: B. recognise a log file
  const known = logHead().subarray(0, 8) // the number of the database means nothing
  const wrong = known.findIndex((byte, at) => bytes[at] !== byte)
  if (wrong === -1) return bytes.length >= headLength
  if (bytes.subarray(wrong).every(byte => byte === 0)) return false
  throw new StorageError('it does not begin as a transaction log does (ZKLG, version 2)')
  // #endregion
}

/** What stands at a place in a log: an entry, or why there is none. */
export type Reading =
  | { type: 'entry'; payload: Uint8Array; next: number }
  /** Zeros: room that was claimed ahead, and nothing was written into it. */
  | { type: 'padding' }
  /** The bytes end here, or inside an entry. */
  | { type: 'cut short' }
  /** An entry was begun, and its end mark was never written. */
  | { type: 'torn' }
  /** An entry was written, but what stands here up to `end` is not what was written. */
  | { type: 'damaged'; what: string; end: number }

/** Reads what stands at `at`. No entry has a length that is negative or more than `maxLength`: such a one is damaged. */
export function readEntry(bytes: Uint8Array, at: number, maxLength: number): Reading {
  // #region lab 32: B. read an entry, or see why there is none
  if (at + frontLength > bytes.length) return { type: 'cut short' }
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const length = view.getInt32(at + 8)
  const start = at + frontLength
  if (length === 0) return { type: 'padding' }
  if (length < 0 || length > maxLength) {
    return { type: 'damaged', what: `no entry is ${length} bytes long`, end: start }
  }
  const end = start + length
  if (end >= bytes.length) return { type: 'cut short' }
  if (bytes[end] !== endMark) return { type: 'torn' }
  const payload = bytes.subarray(start, end)
  if (view.getBigInt64(at) !== BigInt(adler32(payload))) {
    return { type: 'damaged', what: 'the entry does not match its checksum', end }
  }
  return { type: 'entry', payload, next: end + 1 }
  // #endregion
}

/** The zxid of a transaction, from its payload: behind the session (8 bytes) and the xid (4). */
export function zxidIn(payload: Uint8Array): Zxid {
  // #region lab 32: C. find the zxid of a transaction
  return new DataView(payload.buffer, payload.byteOffset, payload.byteLength).getBigInt64(12)
  // #endregion
}

/**
 * Of these log files, the oldest first: those that may hold a transaction after `zxid`. A file does not say where it
 * ends, so the one that begins at or before `zxid` may hold what follows, too; those before it cannot.
 */
export function logsAfter(logs: readonly StoredFile[], zxid: Zxid): StoredFile[] {
  // #region lab 32: C. choose the files to read
  let first = 0
  for (let i = 0; i < logs.length; i++) if (logs[i]!.zxid <= zxid) first = i
  return logs.slice(first)
  // #endregion
}

/**
 * Must the transaction `zxid`, read after all up to `last` are in, be applied? Not if it is in already. Throws a
 * StorageError when something is missing in between: within an epoch zxids have no gaps, and a new epoch counts from 1.
 * What was missing cannot be known, and a tree without it would be wrong.
 */
export function isNext(last: Zxid, zxid: Zxid): boolean {
  // #region lab 32: C. apply, skip or refuse
  if (zxid <= last) return false
  const expected = epochOf(zxid) === epochOf(last) ? nextZxid(last) : null
  if (expected === null ? counterOf(zxid) <= 1 : zxid === expected) return true
  const missing = expected === null ? `the first of epoch ${epochOf(zxid)}` : formatZxid(expected)
  throw new StorageError(`${formatZxid(zxid)} stands where ${missing} should: transactions are missing`)
  // #endregion
}

function putInt(into: Uint8Array, at: number, value: number): void {
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
}
