/**
 * The middle of the pipeline on a server that stands alone: gives each write its zxid, sends it to the log, and lets it
 * go on when the log has it. In an ensemble a leader's proposals take this place; what comes before and after is the same.
 *
 * The rule: what leaves here is durable, and leaves in the order in which it came. A request that must only see
 * everything before it (`sync`) can wait in the same line without being written.
 * Source: Apache's PrepRequestProcessor and SyncRequestProcessor.
 */
import { dequeue, emptyQueue, enqueue, first, type Queue, sizeOf } from '../lib/queue.ts'
import type { OutputArchive } from '../wire/archive.ts'
import { type Txn, type TxnHeader, writeTxn } from '../wire/txn.ts'
import { nextZxid, type Zxid } from '../wire/zxid.ts'

/** A transaction, and the digest of the tree that it will come to; null when nobody counts. */
export interface Entry {
  header: TxnHeader
  txn: Txn
  digest: bigint | null
}

/** A request with its place in history. */
export interface Ordered<Request> {
  request: Request
  /** null: it only waits in line, and changes nothing. */
  entry: Entry | null
  /** How many records must be durable before it may go on. */
  after: number
}

export interface Order<Request> {
  /** Of the newest transaction, applied or not. */
  lastZxid: Zxid
  /** Records handed to the log, and how many of them it has made durable. */
  appended: number
  durable: number
  readonly line: Queue<Ordered<Request>>
}

export function emptyOrder<Request>(lastZxid: Zxid): Order<Request> {
  return { lastZxid, appended: 0, durable: 0, line: emptyQueue() }
}

/** The zxid that the next transaction will have. */
export function zxidAhead(order: Order<unknown>): Zxid {
  return nextZxid(order.lastZxid)
}

/** Puts a transaction at the end of the line. Its record goes to the log; the request goes on when it is durable. */
export function append<Request>(
  order: Order<Request>,
  request: Request,
  entry: Entry,
  scratch: OutputArchive,
): Uint8Array {
  order.lastZxid = entry.header.zxid
  order.appended++
  enqueue(order.line, { request, entry, after: order.appended })
  scratch.reset()
  writeTxn(scratch, entry.header, entry.txn, entry.digest)
  return scratch.bytes()
}

/** Puts a request at the end of the line that only waits for what is before it. False: nothing is, and it need not wait. */
export function waitInLine<Request>(order: Order<Request>, request: Request): boolean {
  if (sizeOf(order.line) === 0) return false
  enqueue(order.line, { request, entry: null, after: order.appended })
  return true
}

/** The log has made `count` records durable in all. What that lets go on, the oldest first, comes out of `takeDurable`. */
export function madeDurable(order: Order<unknown>, count: number): void {
  order.durable = count
}

/** The next in line, if all that it waits for is durable. */
export function takeDurable<Request>(order: Order<Request>): Ordered<Request> | undefined {
  const next = first(order.line)
  return next !== undefined && next.after <= order.durable ? dequeue(order.line) : undefined
}
