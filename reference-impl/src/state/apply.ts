/**
 * Applies transactions to the tree, one after the other, on every server alike: when they are committed, and again
 * when a restart replays the log. Nothing is judged here; that was done before the transaction was ordered.
 *
 * A replay may meet transactions that the snapshot already holds. Then a create finds its node there and a delete finds
 * it gone; the outcome says so and the replay goes on. On a live server an outcome has no error but the one ordered.
 * Source: Apache's DataTree.processTxn.
 */
import { Code, keeperCode } from '../wire/errors.ts'
import { OpCode } from '../wire/opcodes.ts'
import type { ACL, Stat } from '../wire/records.ts'
import type { Txn } from '../wire/txn.ts'
import {
  aclOf,
  countCreate,
  createNode,
  type DataTree,
  deleteNode,
  ephemeralsOf,
  nodeAt,
  setACL,
  setData,
  statOf,
} from './data-tree.ts'
import { parentOf } from './paths.ts'
import { sharedAcl } from './shared-acl.ts'
import { type Birth, containerOwner, type SessionId, type Stamp, ttlOwner } from './znode.ts'

/** What a transaction came to: the reply to its request is made of it. */
export interface Outcome {
  /** The type of the transaction; `error` for one that stands for a failure. */
  type: number
  err: Code
  /** Of a created node. */
  path?: string
  /** Of the node created or changed, as it was right after; only for a witness. */
  stat?: Stat
  /** Of a multi: what each part came to, in order. */
  parts?: Outcome[]
}

/**
 * Told of every change right after it, in order. `acl` is the node's, for a deleted node its last one; `bytes` is what the
 * node has or had of data, for a changed node how many more than before; 0 unless the witness `weighs`.
 */
export interface Witness {
  readonly weighs?: boolean
  created(path: string, acl: readonly ACL[], bytes: number): void
  deleted(path: string, acl: readonly ACL[], bytes: number): void
  changed(path: string, acl: readonly ACL[], bytes: number): void
}

/** `session` is whose request it was. A replay has no witness. */
export function applyTxn(
  tree: DataTree,
  txn: Txn,
  session: SessionId,
  stamp: Stamp,
  witness: Witness | null,
): Outcome {
  try {
    return apply(tree, txn, session, stamp, witness)
  } catch (error) {
    return { type: txn.type, err: keeperCode(error) }
  }
}

function apply(tree: DataTree, txn: Txn, session: SessionId, stamp: Stamp, witness: Witness | null): Outcome {
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL: {
      const { path } = txn.record
      const birth = birthOf(txn, session)
      try {
        createNode(tree, path, birth, stamp)
      } catch (error) {
        if (keeperCode(error) === Code.NODEEXISTS)
          countCreate(tree, parentOf(path), birth.parentCVersion, stamp.zxid)
        throw error
      }
      const outcome: Outcome = { type: txn.type, err: Code.OK, path }
      if (witness === null) return outcome
      if (txn.type !== OpCode.create) outcome.stat = statOf(tree, path)
      witness.created(path, birth.acl, birth.data?.length ?? 0)
      return outcome
    }
    case OpCode.delete:
    case OpCode.deleteContainer: {
      const { path } = txn.record
      remove(tree, path, stamp, witness)
      return { type: txn.type, err: Code.OK }
    }
    case OpCode.setData:
    case OpCode.reconfig: {
      const { path, data, version } = txn.record
      const before = witness?.weighs ? weightOf(tree, path) : 0
      setData(tree, path, data, version, stamp)
      if (witness === null) return { type: txn.type, err: Code.OK }
      const stat = statOf(tree, path)
      witness.changed(path, aclOf(tree, path), witness.weighs ? stat.dataLength - before : 0)
      return { type: txn.type, err: Code.OK, stat }
    }
    case OpCode.setACL: {
      const { path, acl, version } = txn.record
      setACL(tree, path, sharedAcl(acl), version)
      if (witness === null) return { type: txn.type, err: Code.OK }
      return { type: txn.type, err: Code.OK, stat: statOf(tree, path) }
    }
    case OpCode.closeSession: {
      const listed = txn.record.paths2Delete ?? []
      for (const path of new Set([...listed, ...ephemeralsOf(tree, session)])) {
        applyTxn(tree, { type: OpCode.delete, record: { path } }, session, stamp, witness)
      }
      return { type: txn.type, err: Code.OK }
    }
    case OpCode.multi:
      return { type: txn.type, err: Code.OK, parts: applyAll(tree, txn.txns, session, stamp, witness) }
    case OpCode.error:
      return { type: txn.type, err: txn.record.err as Code }
    case OpCode.check:
    case OpCode.createSession:
      return { type: txn.type, err: Code.OK }
  }
}

/** All or nothing: one error among them, and what stands before it did not happen either. */
function applyAll(
  tree: DataTree,
  txns: readonly Txn[],
  session: SessionId,
  stamp: Stamp,
  witness: Witness | null,
): Outcome[] {
  if (txns.some(txn => txn.type === OpCode.error)) {
    return txns.map(txn => ({
      type: OpCode.error,
      err: txn.type === OpCode.error ? (txn.record.err as Code) : Code.OK,
    }))
  }
  return txns.map(txn => applyTxn(tree, txn, session, stamp, witness))
}

type CreateTxn = Extract<Txn, { record: { parentCVersion?: unknown } }>

function birthOf(txn: CreateTxn, session: SessionId): Birth {
  const { data, acl, parentCVersion } = txn.record
  return {
    data,
    acl: sharedAcl(acl),
    ephemeralOwner: ownerOf(txn, session),
    parentCVersion: parentCVersion!,
  }
}

/** The owner of the node that `txn` creates, as it is kept. */
export function ownerOf(txn: CreateTxn, session: SessionId): bigint {
  switch (txn.type) {
    case OpCode.createContainer:
      return containerOwner
    case OpCode.createTTL:
      return ttlOwner(txn.record.ttl)
    default:
      return txn.record.ephemeral ? session : 0n
  }
}

function remove(tree: DataTree, path: string, stamp: Stamp, witness: Witness | null): void {
  const acl = witness === null ? [] : aclOf(tree, path)
  const bytes = witness?.weighs ? weightOf(tree, path) : 0
  deleteNode(tree, path, stamp)
  witness?.deleted(path, acl, bytes)
}

function weightOf(tree: DataTree, path: string): number {
  return nodeAt(tree, path)?.data?.length ?? 0
}
