/**
 * Transactions: what the log holds and what a leader proposes. Each is a header and a record whose kind the header's
 * type names; together they say everything that a server needs to do the same as all the others.
 * Source: Apache's SerializeUtils.
 */
import type { InputArchive, OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'
import { juteReader, juteWriter } from './jute.ts'
import { OpCode, opName } from './opcodes.ts'
import * as records from './records.ts'

export type Txn =
  | { type: typeof OpCode.create | typeof OpCode.create2; record: records.CreateTxn }
  | { type: typeof OpCode.createContainer; record: records.CreateContainerTxn }
  | { type: typeof OpCode.createTTL; record: records.CreateTTLTxn }
  | { type: typeof OpCode.delete | typeof OpCode.deleteContainer; record: records.DeleteTxn }
  | { type: typeof OpCode.setData | typeof OpCode.reconfig; record: records.SetDataTxn }
  | { type: typeof OpCode.setACL; record: records.SetACLTxn }
  | { type: typeof OpCode.check; record: records.CheckVersionTxn }
  | { type: typeof OpCode.createSession; record: records.CreateSessionTxn }
  | { type: typeof OpCode.closeSession; record: records.CloseSessionTxn }
  | { type: typeof OpCode.error; record: records.ErrorTxn }
  | MultiTxn

/** Several at once: all of them happen, or none. One that holds an error does nothing but take a zxid. */
export interface MultiTxn {
  type: typeof OpCode.multi
  txns: readonly Txn[]
}

export type TxnHeader = records.TxnHeader

export function errorTxn(err: number): Txn {
  return { type: OpCode.error, record: { err } }
}

/** Of the digest that may follow a transaction. Apache's servers have changed the way of counting once. */
export const digestVersion = 2

/** Writes header, record and digest, if there is one: the bytes of a log entry, and of a proposal. */
export function writeTxn(
  out: OutputArchive,
  header: TxnHeader,
  txn: Txn,
  treeDigest: bigint | null = null,
): void {
  records.writeTxnHeader(out, header)
  writeTxnRecord(out, txn)
  // Apache's servers write none for what changes nothing.
  if (treeDigest !== null && txn.type !== OpCode.error) {
    records.writeTxnDigest(out, { version: digestVersion, treeDigest })
  }
}

export function readTxn(input: InputArchive): { header: TxnHeader; txn: Txn } {
  const header = records.readTxnHeader(input)
  return { header, txn: readTxnRecord(header.type, input) }
}

/** What follows a transaction: the digest of the tree after it; null when there is none that we could compare with. */
export function readDigest(input: InputArchive): bigint | null {
  if (input.remaining() === 0) return null
  const { version, treeDigest } = records.readTxnDigest(input)
  return version === digestVersion ? treeDigest : null
}

function writeTxnRecord(out: OutputArchive, txn: Txn): void {
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
      records.writeCreateTxn(out, txn.record)
      break
    case OpCode.createContainer:
      records.writeCreateContainerTxn(out, txn.record)
      break
    case OpCode.createTTL:
      records.writeCreateTTLTxn(out, txn.record)
      break
    case OpCode.delete:
    case OpCode.deleteContainer:
      records.writeDeleteTxn(out, txn.record)
      break
    case OpCode.setData:
    case OpCode.reconfig:
      records.writeSetDataTxn(out, txn.record)
      break
    case OpCode.setACL:
      records.writeSetACLTxn(out, txn.record)
      break
    case OpCode.check:
      records.writeCheckVersionTxn(out, txn.record)
      break
    case OpCode.createSession:
      records.writeCreateSessionTxn(out, txn.record)
      break
    case OpCode.closeSession:
      records.writeCloseSessionTxn(out, txn.record)
      break
    case OpCode.error:
      records.writeErrorTxn(out, txn.record)
      break
    case OpCode.multi:
      records.writeMultiTxn(out, { txns: txn.txns.map(packed) })
      break
  }
}

function readTxnRecord(type: number, input: InputArchive): Txn {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
      return { type, record: records.readCreateTxn(input) }
    case OpCode.createContainer:
      return { type, record: records.readCreateContainerTxn(input) }
    case OpCode.createTTL:
      return { type, record: records.readCreateTTLTxn(input) }
    case OpCode.delete:
    case OpCode.deleteContainer:
      return { type, record: records.readDeleteTxn(input) }
    case OpCode.setData:
    case OpCode.reconfig:
      return { type, record: records.readSetDataTxn(input) }
    case OpCode.setACL:
      return { type, record: records.readSetACLTxn(input) }
    case OpCode.check:
      return { type, record: records.readCheckVersionTxn(input) }
    case OpCode.createSession:
      return { type, record: records.readCreateSessionTxn(input) }
    case OpCode.closeSession:
      return { type, record: records.readCloseSessionTxn(input) }
    case OpCode.error:
      return { type, record: records.readErrorTxn(input) }
    case OpCode.multi:
      return { type, txns: records.readMultiTxn(input).txns.map(unpacked) }
    default:
      throw new KeeperError('MARSHALLINGERROR', `no transaction has the type ${opName(type)}`)
  }
}

function packed(txn: Txn): records.Txn {
  const out = juteWriter()
  writeTxnRecord(out, txn)
  return { type: txn.type, data: out.bytes() }
}

function unpacked({ type, data }: records.Txn): Txn {
  return readTxnRecord(type, juteReader(data ?? new Uint8Array(0)))
}
