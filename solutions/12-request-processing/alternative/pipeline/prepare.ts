/**
 * The same contract in another style: functions and no class. A refusal is a code that is handed back, not an exception,
 * and a multi is judged over a draft that is only written down when all of it succeeds, so that nothing is ever taken back.
 */
import { isPermitted, resolveAcl } from '../state/acl.ts'
import { nextVersion, sequenceSuffix } from '../state/data-tree.ts'
import { parentOf, pathFault } from '../state/paths.ts'
import { containerOwner, isEphemeral, ttlOwner } from '../state/znode.ts'
import { Code, keeperCode } from '../wire/errors.ts'
import { CreateMode, OpCode, Perms } from '../wire/opcodes.ts'
import type { ACL } from '../wire/records.ts'
import { errorTxn, type Txn } from '../wire/txn.ts'
import { change, ephemeralsAhead, factsOf, type NodeFacts, type Outstanding } from './outstanding.ts'
import type { Requester, Situation, Write } from './request.ts'

/** What is to be written down, in its order, over what is outstanding. */
interface Draft {
  readonly at: (path: string) => Readonly<NodeFacts> | null
  readonly put: (path: string, facts: NodeFacts | null) => void
  readonly may: (node: Readonly<NodeFacts>, perms: number) => boolean
  readonly list: (asked: ACL[] | null) => ACL[] | null
  readonly requester: Requester
  readonly situation: Situation
}

export function prepare(
  outstanding: Outstanding,
  write: Write,
  requester: Requester,
  situation: Situation,
): Txn {
  const news = new Map<string, NodeFacts | null>()
  const draft: Draft = {
    at: path => (news.has(path) ? news.get(path)! : factsOf(outstanding, path)),
    put: (path, facts) => news.set(path, facts),
    may: ({ acl }, perms) => situation.skipAcl || isPermitted(acl, perms, requester.identities),
    list: asked => {
      try {
        return resolveAcl(asked, requester.identities, situation.schemes)
      } catch (error) {
        keeperCode(error) // throws what is no refusal
        return null
      }
    },
    requester,
    situation,
  }
  const txn = write.type === OpCode.closeSession ? close(outstanding, draft) : transaction(draft, write)
  for (const [path, facts] of news) if (!failed(txn)) change(outstanding, situation.zxid, path, facts)
  return txn
}

const failed = (txn: Txn): boolean =>
  txn.type === OpCode.error ||
  (txn.type === OpCode.multi && txn.txns.some(part => part.type === OpCode.error))

function transaction(draft: Draft, write: Write): Txn {
  if (write.type === OpCode.multi) {
    const txns: Txn[] = []
    let late = false
    for (const part of write.writes) {
      txns.push(late ? errorTxn(Code.RUNTIMEINCONSISTENCY) : transaction(draft, part))
      late ||= failed(txns.at(-1)!)
    }
    return { type: OpCode.multi, txns }
  }
  const judged = single(draft, write)
  return typeof judged === 'number' ? errorTxn(judged) : judged
}

/** The transaction, or the code of the first check that fails. */
function single(draft: Draft, write: Write): Txn | Code {
  switch (write.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return create(draft, write)
    case OpCode.delete: {
      const { path, version } = write.request
      if (!draft.situation.isAlive) return Code.SESSIONEXPIRED
      if (/^\/(zookeeper(\/quota|\/config)?)?$/.test(path) || !/^[^\0]*\/[^\0]*$/.test(path))
        return Code.BADARGUMENTS
      const above = draft.at(parentOf(path))
      if (above === null) return Code.NONODE
      if (!draft.may(above, Perms.DELETE)) return Code.NOAUTH
      const node = draft.at(path)
      if (node === null) return Code.NONODE
      if (version !== -1 && version !== node.version) return Code.BADVERSION
      if (node.childCount > 0) return Code.NOTEMPTY
      draft.put(parentOf(path), { ...above, childCount: above.childCount - 1 })
      draft.put(path, null)
      return { type: OpCode.delete, record: { path } }
    }
    case OpCode.setData: {
      const { path, data, version } = write.request
      const node = changeable(draft, path, Perms.WRITE)
      if (typeof node === 'number') return node
      if (version !== -1 && version !== node.version) return Code.BADVERSION
      const next = nextVersion(node.version)
      draft.put(path, { ...node, version: next })
      return { type: OpCode.setData, record: { path, data, version: next } }
    }
    case OpCode.setACL: {
      const { path, acl: asked, version } = write.request
      if (!draft.situation.isAlive) return Code.SESSIONEXPIRED
      if (pathFault(path) !== null) return Code.BADARGUMENTS
      const acl = draft.list(asked)
      if (acl === null) return Code.INVALIDACL
      const node = changeable(draft, path, Perms.ADMIN)
      if (typeof node === 'number') return node
      if (version !== -1 && version !== node.aversion) return Code.BADVERSION
      const next = nextVersion(node.aversion)
      draft.put(path, { ...node, acl, aversion: next })
      return { type: OpCode.setACL, record: { path, acl, version: next } }
    }
    case OpCode.check: {
      const { path, version } = write.request
      const node = changeable(draft, path, Perms.READ)
      if (typeof node === 'number') return node
      if (version !== -1 && version !== node.version) return Code.BADVERSION
      return { type: OpCode.check, record: { path, version: nextVersion(node.version) } }
    }
    case OpCode.createSession:
      return { type: OpCode.createSession, record: { timeOut: write.timeout } }
    case OpCode.reconfig:
      return draft.situation.reconfigEnabled ? Code.UNIMPLEMENTED : Code.RECONFIGDISABLED
    default:
      return Code.MARSHALLINGERROR
  }
}

function changeable({ at, may, situation }: Draft, path: string, perms: number): Readonly<NodeFacts> | Code {
  if (!situation.isAlive) return Code.SESSIONEXPIRED
  if (pathFault(path) !== null) return Code.BADARGUMENTS
  const node = at(path)
  if (node === null) return Code.NONODE
  return may(node, perms) ? node : Code.NOAUTH
}

type Create = Extract<Write, { request: { flags: number } }>

const modes: Record<number, { sequential?: true; ephemeral?: true; ttl?: true }> = {
  [CreateMode.PERSISTENT]: {},
  [CreateMode.EPHEMERAL]: { ephemeral: true },
  [CreateMode.PERSISTENT_SEQUENTIAL]: { sequential: true },
  [CreateMode.EPHEMERAL_SEQUENTIAL]: { ephemeral: true, sequential: true },
  [CreateMode.CONTAINER]: {},
  [CreateMode.PERSISTENT_WITH_TTL]: { ttl: true },
  [CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL]: { ttl: true, sequential: true },
}

function create(draft: Draft, write: Create): Txn | Code {
  const { situation, requester } = draft
  const { path: asked, data, flags } = write.request
  const mode = modes[flags]
  if (mode === undefined) return Code.BADARGUMENTS
  const ttl = write.type === OpCode.createTTL ? write.request.ttl : null
  if (mode.ttl && !situation.extendedTypes) return Code.UNIMPLEMENTED
  if (mode.ttl ? ttl === null || ttl < 1n || ttl >= 1n << 40n : ttl !== null) return Code.BADARGUMENTS
  if (!situation.isAlive) return Code.SESSIONEXPIRED
  if (!/^[^\0]*\/[^\0]*$/.test(asked)) return Code.BADARGUMENTS
  const acl = draft.list(write.request.acl)
  if (acl === null) return Code.INVALIDACL
  const above = draft.at(parentOf(asked))
  if (above === null) return Code.NONODE
  if (!draft.may(above, Perms.CREATE)) return Code.NOAUTH
  const path = mode.sequential ? `${asked}${sequenceSuffix(above.cversion)}` : asked
  if (pathFault(path) !== null) return Code.BADARGUMENTS
  if (draft.at(path) !== null) return Code.NODEEXISTS
  if (isEphemeral(above.ephemeralOwner)) return Code.NOCHILDRENFOREPHEMERALS

  const parentCVersion = BigInt.asIntN(32, BigInt(above.cversion) + 1n)
  const ephemeral = mode.ephemeral === true
  let ephemeralOwner = ephemeral ? requester.session : 0n
  if (write.type === OpCode.createContainer) ephemeralOwner = containerOwner
  if (ttl !== null) ephemeralOwner = ttlOwner(ttl)
  draft.put(parentOf(asked), { ...above, cversion: Number(parentCVersion), childCount: above.childCount + 1 })
  draft.put(path, { acl, version: 0, cversion: 0, aversion: 0, ephemeralOwner, childCount: 0 })
  const record = { path, data, acl, parentCVersion: Number(parentCVersion) }
  if (write.type === OpCode.createTTL) return { type: write.type, record: { ...record, ttl: ttl! } }
  if (write.type === OpCode.createContainer) return { type: write.type, record }
  return { type: write.type, record: { ...record, ephemeral } }
}

function close(outstanding: Outstanding, { at, put, requester }: Draft): Txn {
  const paths2Delete = ephemeralsAhead(outstanding, requester.session)
  for (const path of paths2Delete) {
    const above = at(parentOf(path))!
    put(parentOf(path), { ...above, childCount: above.childCount - 1 })
    put(path, null)
  }
  return { type: OpCode.closeSession, record: { paths2Delete } }
}
