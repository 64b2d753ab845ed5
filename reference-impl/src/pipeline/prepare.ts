/**
 * Judges a write and turns it into a transaction: from "append a sequence number", "if the version is 3", "delete what
 * this session owns" into what is to be, which can be applied twice and means the same everywhere.
 *
 * It is judged by the tree as it will be when all that was ordered before is applied (see `outstanding.ts`), and its
 * own changes are recorded there. A write that fails becomes a transaction too, one that holds only the error: so
 * every server counts the same zxids.
 * The order of the checks is part of the protocol: the first that fails is the answer.
 * Source: Apache's PrepRequestProcessor.
 */
import { checkPermitted, resolveAcl } from '../state/acl.ts'
import { nextVersion, sequenceSuffix } from '../state/data-tree.ts'
import { parentOf, pathFault } from '../state/paths.ts'
import { containerOwner, isEphemeral, ttlOwner } from '../state/znode.ts'
import { Code, KeeperError, keeperCode } from '../wire/errors.ts'
import { CreateMode, OpCode, Perms } from '../wire/opcodes.ts'
import type * as records from '../wire/records.ts'
import { errorTxn, type Txn } from '../wire/txn.ts'
import {
  change,
  ephemeralsAhead,
  factsOf,
  type NodeFacts,
  type Outstanding,
  rollBack,
} from './outstanding.ts'
import { withinQuota } from './quota.ts'
import type { Requester, Situation, Write } from './request.ts'

/** The transaction that `write` becomes; for a write that fails, the one that says so. */
export function prepare(
  outstanding: Outstanding,
  write: Write,
  requester: Requester,
  situation: Situation,
): Txn {
  const judge = new Judge(outstanding, requester, situation)
  // #region lab 12: A. judge the write, and make a transaction of a failure too
  try {
    return judge.judge(write)
  } catch (error) {
    return errorTxn(keeperCode(error))
  }
  // #endregion
}

/** One write, or the writes of one multi, on their way to becoming a transaction. */
class Judge {
  readonly #outstanding: Outstanding
  readonly #requester: Requester
  readonly #situation: Situation

  constructor(outstanding: Outstanding, requester: Requester, situation: Situation) {
    this.#outstanding = outstanding
    this.#requester = requester
    this.#situation = situation
  }

  judge(write: Write): Txn {
    const { quota, zxid } = this.#situation
    if (quota === undefined || quota.quotas.paths.size === 0) return this.#judge(write)
    return withinQuota(this.#outstanding, quota, zxid, write, () => this.#judge(write))
  }

  #judge(write: Write): Txn {
    switch (write.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL:
        return this.#create(write)
      case OpCode.delete:
        return this.#delete(write.request)
      case OpCode.setData:
        return this.#setData(write.request)
      case OpCode.setACL:
        return this.#setAcl(write.request)
      case OpCode.check:
        return this.#check(write.request)
      case OpCode.reconfig:
        throw new KeeperError(this.#situation.reconfigEnabled ? 'UNIMPLEMENTED' : 'RECONFIGDISABLED')
      case OpCode.multi:
        return this.#multi(write.writes)
      case OpCode.createSession:
        return { type: write.type, record: { timeOut: write.timeout } }
      case OpCode.closeSession:
        return this.#closeSession()
    }
  }

  #create(
    write: Extract<Write, { request: records.CreateRequest | records.CreateTTLRequest; type: CreateOp }>,
  ): Txn {
    const { type, request } = write
    const { flags, data } = request
    if (flags < CreateMode.PERSISTENT || flags > CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL) {
      throw new KeeperError('BADARGUMENTS', `no create mode has the number ${flags}`)
    }
    const ttl = type === OpCode.createTTL ? write.request.ttl : null
    this.#checkTtl(flags, ttl)
    this.#checkAlive()
    // #region lab 12: B. check a create, record what will be, and say so
    const asked = request.path
    if (!asked.includes('/') || asked.includes('\0')) throw new KeeperError('BADARGUMENTS', asked)
    const acl = resolveAcl(request.acl, this.#requester.identities, this.#situation.schemes)
    const parentPath = parentOf(asked)
    const parent = this.#factsOf(parentPath)
    this.#checkAccess(parent, Perms.CREATE)
    const path = isSequential(flags) ? asked + sequenceSuffix(parent.cversion) : asked
    checkPath(path)
    if (factsOf(this.#outstanding, path) !== null) throw new KeeperError('NODEEXISTS', path)
    if (isEphemeral(parent.ephemeralOwner)) throw new KeeperError('NOCHILDRENFOREPHEMERALS', parentPath)

    const parentCVersion = (parent.cversion + 1) | 0
    const ephemeral = flags === CreateMode.EPHEMERAL || flags === CreateMode.EPHEMERAL_SEQUENTIAL
    const owner = ephemeral ? this.#requester.session : specialOwner(type, ttl)
    this.#change(parentPath, { ...parent, cversion: parentCVersion, childCount: parent.childCount + 1 })
    this.#change(path, { acl, version: 0, cversion: 0, aversion: 0, ephemeralOwner: owner, childCount: 0 })
    const record = { path, data, acl, parentCVersion }
    if (type === OpCode.createTTL) return { type, record: { ...record, ttl: ttl! } }
    if (type === OpCode.createContainer) return { type, record }
    return { type, record: { ...record, ephemeral } }
    // #endregion
  }

  /** Only a createTTL brings a time to live, and only the modes for it may have one. */
  #checkTtl(flags: number, ttl: bigint | null): void {
    if (flags >= CreateMode.PERSISTENT_WITH_TTL) {
      if (!this.#situation.extendedTypes) {
        throw new KeeperError('UNIMPLEMENTED', 'nodes with a time to live need extendedTypesEnabled=true')
      }
      if (ttl === null || ttl <= 0n || ttl > maxTtl) {
        throw new KeeperError('BADARGUMENTS', `a time to live of ${ttl} ms`)
      }
    } else if (ttl !== null) {
      throw new KeeperError('BADARGUMENTS', 'a time to live in a mode without one')
    }
  }

  #delete({ path, version }: records.DeleteRequest): Txn {
    this.#checkAlive()
    // #region lab 12: C. check a delete, record what will be, and say so
    if (isFixed(path) || !path.includes('/') || path.includes('\0'))
      throw new KeeperError('BADARGUMENTS', path)
    const parentPath = parentOf(path)
    const parent = this.#factsOf(parentPath)
    this.#checkAccess(parent, Perms.DELETE)
    const node = this.#factsOf(path)
    checkVersion(node.version, version, path)
    if (node.childCount > 0) throw new KeeperError('NOTEMPTY', path)
    this.#change(parentPath, { ...parent, childCount: parent.childCount - 1 })
    this.#change(path, null)
    return { type: OpCode.delete, record: { path } }
    // #endregion
  }

  #setData({ path, data, version }: records.SetDataRequest): Txn {
    this.#checkAlive()
    // #region lab 12: A. check new data, record what will be, and say so
    checkPath(path)
    const node = this.#factsOf(path)
    this.#checkAccess(node, Perms.WRITE)
    checkVersion(node.version, version, path)
    const newVersion = nextVersion(node.version)
    this.#change(path, { ...node, version: newVersion })
    return { type: OpCode.setData, record: { path, data, version: newVersion } }
    // #endregion
  }

  #setAcl({ path, acl: asked, version }: records.SetACLRequest): Txn {
    this.#checkAlive()
    // #region lab 12: A. check a new list, record what will be, and say so
    checkPath(path)
    const acl = resolveAcl(asked, this.#requester.identities, this.#situation.schemes)
    const node = this.#factsOf(path)
    this.#checkAccess(node, Perms.ADMIN)
    checkVersion(node.aversion, version, path)
    const newVersion = nextVersion(node.aversion)
    this.#change(path, { ...node, acl, aversion: newVersion })
    return { type: OpCode.setACL, record: { path, acl, version: newVersion } }
    // #endregion
  }

  #check({ path, version }: records.CheckVersionRequest): Txn {
    this.#checkAlive()
    checkPath(path)
    const node = this.#factsOf(path)
    this.#checkAccess(node, Perms.READ)
    checkVersion(node.version, version, path)
    return { type: OpCode.check, record: { path, version: nextVersion(node.version) } }
  }

  /** All or nothing: after the first failure the rest is not even looked at, and what came before it is taken back. */
  #multi(writes: readonly Write[]): Txn {
    // #region lab 12: D. judge the writes one after the other, and take all back when one fails
    const txns: Txn[] = []
    let failed = false
    for (const write of writes) {
      if (failed) {
        txns.push(errorTxn(Code.RUNTIMEINCONSISTENCY))
        continue
      }
      try {
        txns.push(this.judge(write))
      } catch (error) {
        txns.push(errorTxn(keeperCode(error)))
        failed = true
      }
    }
    if (failed) rollBack(this.#outstanding, this.#situation.zxid)
    return { type: OpCode.multi, txns }
    // #endregion
  }

  /** The session's ephemeral nodes go with it, those included that are only about to be created. */
  #closeSession(): Txn {
    // #region lab 12: E. record that the session's nodes will be gone, and list them
    const paths2Delete = ephemeralsAhead(this.#outstanding, this.#requester.session)
    for (const path of paths2Delete) {
      const parentPath = parentOf(path)
      const parent = this.#factsOf(parentPath)
      this.#change(parentPath, { ...parent, childCount: parent.childCount - 1 })
      this.#change(path, null)
    }
    return { type: OpCode.closeSession, record: { paths2Delete } }
    // #endregion
  }

  #checkAlive(): void {
    const { isAlive, hasMoved } = this.#situation
    if (!isAlive) throw new KeeperError('SESSIONEXPIRED')
    if (hasMoved === true) throw new KeeperError('SESSIONMOVED')
  }

  #checkAccess({ acl }: Readonly<NodeFacts>, perms: number): void {
    if (!this.#situation.skipAcl) checkPermitted(acl, perms, this.#requester.identities)
  }

  #factsOf(path: string): Readonly<NodeFacts> {
    const facts = factsOf(this.#outstanding, path)
    if (facts === null) throw new KeeperError('NONODE', path)
    return facts
  }

  #change(path: string, facts: NodeFacts | null): void {
    change(this.#outstanding, this.#situation.zxid, path, facts)
  }
}

type CreateOp =
  | typeof OpCode.create
  | typeof OpCode.create2
  | typeof OpCode.createContainer
  | typeof OpCode.createTTL

function isSequential(flags: number): boolean {
  return (
    flags === CreateMode.PERSISTENT_SEQUENTIAL ||
    flags === CreateMode.EPHEMERAL_SEQUENTIAL ||
    flags === CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
  )
}

/** -1 stands for any version. */
function checkVersion(current: number, expected: number, path: string): void {
  // #region lab 12: A. compare the versions
  if (expected !== -1 && expected !== current) {
    throw new KeeperError('BADVERSION', `${path} has the version ${current}`)
  }
  // #endregion
}

function checkPath(path: string): void {
  const fault = pathFault(path)
  if (fault !== null) throw new KeeperError('BADARGUMENTS', `the path ${fault}`)
}

/** Nodes that the server cannot be without. */
function isFixed(path: string): boolean {
  return path === '/' || path === '/zookeeper' || path === '/zookeeper/quota' || path === '/zookeeper/config'
}

const maxTtl = (1n << 40n) - 1n

/** What stands in the place of the owner when no session owns the node. */
function specialOwner(type: CreateOp, ttl: bigint | null): bigint {
  if (type === OpCode.createContainer) return containerOwner
  return ttl === null ? 0n : ttlOwner(ttl)
}
