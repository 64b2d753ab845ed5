/**
 * The end of the pipeline, on every server: applies what was committed, answers reads from what is applied.
 *
 * Two rules. The event of a change is told before anything that shows the change: before the reply of the write, and
 * before that of any later read. And a watch is set in the same step that reads, so no change falls between the two.
 * Source: Apache's FinalRequestProcessor.
 */
import { checkPermitted, isPermitted, withoutSecrets } from '../state/acl.ts'
import { applyTxn, type Outcome, type Witness } from '../state/apply.ts'
import { childrenOf, type DataTree, dataOf, ephemeralsOf, nodeAt, statOf } from '../state/data-tree.ts'
import { openAcl } from '../state/identity.ts'
import { countChanged, countCreated, countDeleted, type Quotas } from '../state/quotas.ts'
import type { Watcher, WatchSelection } from '../state/watcher.ts'
import {
  catchUp,
  fireChanged,
  fireCreated,
  fireDeleted,
  isWatching,
  unwatch,
  type Watches,
  watchAlways,
  watchOnce,
} from '../state/watches.ts'
import type { Znode } from '../state/znode.ts'
import type { InputArchive, OutputArchive } from '../wire/archive.ts'
import { Code, KeeperError, keeperCode } from '../wire/errors.ts'
import { AddWatchMode, type EventType, OpCode, opName, Perms, WatcherType } from '../wire/opcodes.ts'
import * as records from '../wire/records.ts'
import type { Txn, TxnHeader } from '../wire/txn.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Requester } from './request.ts'

/** What a server has applied, and who watches it. */
export interface Store {
  readonly tree: DataTree
  readonly watches: Watches
  readonly quotas: Quotas
  /** Of the last transaction applied. */
  lastZxid: Zxid
  readonly skipAcl: boolean
  /** Told of each read of one node: how many bytes of it have gone out, besides its path. */
  readonly noteRead?: (path: string, bytes: number) => void
}

/** Of a Stat, in memory. */
const statBytes = 6 * 8 + 5 * 4

/**
 * Passes an event on. `zxid` is the transaction behind it, -1 when the event makes up for one that was missed;
 * `acl` is that of the node: only who may read it hears of it.
 */
export type Notify = (
  watcher: Watcher,
  event: EventType,
  path: string,
  zxid: Zxid,
  acl: readonly records.ACL[],
) => void

/** Applies committed transactions, in their order, and tells those who watch. */
export function executor(store: Store, notify: Notify): (header: TxnHeader, txn: Txn) => Outcome {
  const { tree, watches, quotas } = store
  /** The change that is being told of. */
  let path = ''
  let acl: readonly records.ACL[] = openAcl
  const deliver = (watcher: Watcher, event: EventType, at: string): void => {
    notify(watcher, event, at, store.lastZxid, at === path ? acl : (nodeAt(tree, at)?.acl ?? openAcl))
  }
  const tell =
    (fire: typeof fireCreated, count: typeof countCreated): Witness['created'] =>
    (changed, aclOfChanged, bytes) => {
      path = changed
      acl = aclOfChanged
      fire(watches, changed, deliver)
      count(quotas, changed, bytes)
    }
  const witness: Witness = {
    get weighs() {
      return quotas.paths.size > 0
    },
    created: tell(fireCreated, countCreated),
    deleted: tell(fireDeleted, countDeleted),
    changed: tell(fireChanged, countChanged),
  }
  return (header, txn) => {
    store.lastZxid = header.zxid
    return applyTxn(tree, txn, header.clientId, { zxid: header.zxid, time: header.time }, witness)
  }
}

/** Writes what follows the header in the reply to a write that succeeded. */
export function writeOutcome(out: OutputArchive, outcome: Outcome): void {
  switch (outcome.type) {
    case OpCode.create:
      out.ustring(outcome.path!)
      break
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      out.ustring(outcome.path!)
      records.writeStat(out, outcome.stat!)
      break
    case OpCode.setData:
    case OpCode.setACL:
      records.writeStat(out, outcome.stat!)
      break
    case OpCode.multi:
      for (const part of outcome.parts!) writePart(out, part)
      records.writeMultiHeader(out, endOfMulti)
  }
}

const endOfMulti: records.MultiHeader = { type: -1, done: true, err: -1 }

function writePart(out: OutputArchive, part: Outcome): void {
  if (part.type === OpCode.error) {
    records.writeMultiHeader(out, { type: OpCode.error, done: false, err: part.err })
    out.int(part.err)
    return
  }
  const bearsStat = part.type === OpCode.createContainer || part.type === OpCode.createTTL
  const type = bearsStat ? OpCode.create2 : part.type
  records.writeMultiHeader(out, { type, done: false, err: Code.OK })
  writeOutcome(out, part)
}

/** A request that this server answers by itself. */
export interface Read {
  type: number
  body: InputArchive
  requester: Requester
  /** The connection that asks: watches are set for it. */
  watcher: Watcher
}

/** Writes what follows the header in the reply. Throws the KeeperError that is the reply instead. */
export function answer(store: Store, read: Read, out: OutputArchive, notify: Notify): void {
  const { tree, watches } = store
  const { body, watcher, requester } = read
  switch (read.type) {
    case OpCode.exists: {
      const { path, watch } = records.readExistsRequest(body)
      if (path.includes('\0')) throw new KeeperError('BADARGUMENTS', 'the path has a NUL in it')
      const node = nodeAt(tree, path)
      if (node !== undefined) checkAccess(store, node, Perms.READ, requester)
      if (watch) watchOnce(watches, 'data', path, watcher)
      records.writeStat(out, statOf(tree, path))
      store.noteRead?.(path, statBytes)
      break
    }
    case OpCode.getData: {
      const { path, watch } = records.readGetDataRequest(body)
      readable(store, path, requester)
      if (watch) watchOnce(watches, 'data', path, watcher)
      const data = dataOf(tree, path)
      out.buffer(data)
      records.writeStat(out, statOf(tree, path))
      store.noteRead?.(path, statBytes + (data?.length ?? 0))
      break
    }
    case OpCode.getChildren:
    case OpCode.getChildren2: {
      const { path, watch } = records.readGetChildrenRequest(body)
      readable(store, path, requester)
      if (watch) watchOnce(watches, 'child', path, watcher)
      const children = childrenOf(tree, path)
      writeStrings(out, children)
      if (read.type === OpCode.getChildren2) records.writeStat(out, statOf(tree, path))
      store.noteRead?.(
        path,
        children.reduce((sum, name) => sum + name.length, statBytes),
      )
      break
    }
    case OpCode.getACL: {
      const { path } = records.readGetACLRequest(body)
      const node = existing(store, path)
      checkAccess(store, node, Perms.READ | Perms.ADMIN, requester)
      const seesAll = store.skipAcl || isPermitted(node.acl, Perms.ADMIN, requester.identities)
      const acl = [...(seesAll ? node.acl : withoutSecrets(node.acl))]
      records.writeGetACLResponse(out, { acl, stat: statOf(tree, path) })
      break
    }
    case OpCode.sync:
      out.ustring(records.readSyncRequest(body).path)
      break
    case OpCode.getEphemerals: {
      const prefix = (records.readGetEphemeralsRequest(body).prefixPath ?? '').trim()
      const paths = ephemeralsOf(tree, requester.session)
      writeStrings(
        out,
        paths.filter(path => path.startsWith(prefix)),
      )
      break
    }
    case OpCode.getAllChildrenNumber: {
      const { path } = records.readGetAllChildrenNumberRequest(body)
      readable(store, path, requester)
      out.int(countBelow(tree, path))
      break
    }
    case OpCode.whoAmI:
      records.writeWhoAmIResponse(out, { clientInfo: requester.identities.map(whoIs) })
      break
    case OpCode.checkWatches:
    case OpCode.removeWatches: {
      const { path, type } = records.readCheckWatchesRequest(body)
      const selection = selections[type]
      if (selection === undefined)
        throw new KeeperError('MARSHALLINGERROR', `no watches have the type ${type}`)
      if (!isWatching(watches, path, watcher, selection)) throw new KeeperError('NOWATCHER', path)
      if (read.type === OpCode.removeWatches) unwatch(watches, path, watcher, selection)
      break
    }
    case OpCode.addWatch: {
      const { path, mode } = records.readAddWatchRequest(body)
      if (mode !== AddWatchMode.PERSISTENT && mode !== AddWatchMode.PERSISTENT_RECURSIVE) {
        throw new KeeperError('MARSHALLINGERROR', `no watch has the mode ${mode}`)
      }
      watchAlways(watches, path, watcher, mode === AddWatchMode.PERSISTENT_RECURSIVE)
      out.int(Code.OK)
      break
    }
    case OpCode.setWatches: {
      const persistent = { persistentWatches: [], persistentRecursiveWatches: [] }
      comeBack(store, watcher, { ...records.readSetWatches(body), ...persistent }, notify)
      break
    }
    case OpCode.setWatches2:
      comeBack(store, watcher, records.readSetWatches2(body), notify)
      break
    case OpCode.multiRead:
      multiRead(store, read, out)
      break
    default:
      throw new KeeperError('UNIMPLEMENTED', opName(read.type))
  }
}

/** Is this an operation that `answer` knows? */
export function isRead(type: number): boolean {
  return reads.has(type)
}

const reads = new Set<number>([
  OpCode.exists,
  OpCode.getData,
  OpCode.getChildren,
  OpCode.getChildren2,
  OpCode.getACL,
  OpCode.sync,
  OpCode.getEphemerals,
  OpCode.getAllChildrenNumber,
  OpCode.whoAmI,
  OpCode.checkWatches,
  OpCode.removeWatches,
  OpCode.addWatch,
  OpCode.setWatches,
  OpCode.setWatches2,
  OpCode.multiRead,
])

const selections: Record<number, WatchSelection> = {
  [WatcherType.Children]: 'children',
  [WatcherType.Data]: 'data',
  [WatcherType.Any]: 'any',
  [WatcherType.Persistent]: 'persistent',
  [WatcherType.PersistentRecursive]: 'recursive',
}

/** A client that lost its connection is told what it missed. No transaction is behind that, and no ACL is asked. */
function comeBack(store: Store, watcher: Watcher, former: records.SetWatches2, notify: Notify): void {
  catchUp(
    store.watches,
    watcher,
    former,
    path => nodeAt(store.tree, path),
    (to, event, path) => notify(to, event, path, -1n, openAcl),
  )
}

/** Several reads in one; each succeeds or fails by itself. */
function multiRead(store: Store, read: Read, out: OutputArchive): void {
  const { body } = read
  const types: number[] = [OpCode.getData, OpCode.getChildren]
  for (let header = records.readMultiHeader(body); !header.done; header = records.readMultiHeader(body)) {
    const { type } = header
    if (!types.includes(type)) throw new KeeperError('MARSHALLINGERROR', `${opName(type)} in a multiRead`)
    // Both kinds are a path and whether to watch it.
    const { path } = records.readGetDataRequest(body)
    const err = faultOf(store, path, read.requester)
    records.writeMultiHeader(out, { type: err === Code.OK ? type : OpCode.error, done: false, err })
    if (err !== Code.OK) {
      out.int(err)
    } else if (type === OpCode.getData) {
      out.buffer(dataOf(store.tree, path))
      records.writeStat(out, statOf(store.tree, path))
    } else {
      writeStrings(out, childrenOf(store.tree, path))
    }
  }
  records.writeMultiHeader(out, endOfMulti)
}

/** Why the node at `path` cannot be read. */
function faultOf(store: Store, path: string, requester: Requester): Code {
  try {
    readable(store, path, requester)
    return Code.OK
  } catch (error) {
    return keeperCode(error)
  }
}

function existing(store: Store, path: string): Readonly<Znode> {
  const node = nodeAt(store.tree, path)
  if (node === undefined) throw new KeeperError('NONODE', path)
  return node
}

function readable(store: Store, path: string, requester: Requester): void {
  checkAccess(store, existing(store, path), Perms.READ, requester)
}

function checkAccess(store: Store, node: Readonly<Znode>, perms: number, requester: Requester): void {
  if (!store.skipAcl) checkPermitted(node.acl, perms, requester.identities)
}

function writeStrings(out: OutputArchive, strings: readonly string[]): void {
  out.vector(strings.length)
  for (const string of strings) out.ustring(string)
}

function countBelow(tree: DataTree, path: string): number {
  const found = [path === '/' ? '' : path]
  for (const each of found) for (const name of childrenOf(tree, each)) found.push(`${each}/${name}`)
  return found.length - 1
}

/** The name of a digest identity is public, its hash is not; who is super has no name. */
function whoIs({ scheme, id }: { scheme: string; id: string }): records.ClientInfo {
  if (scheme === 'super') return { authScheme: scheme, user: '' }
  return { authScheme: scheme, user: scheme === 'digest' ? id.split(':')[0]! : id }
}
