/**
 * The tree of znodes in memory: what a transaction does to it, and what can be asked of it.
 *
 * Nothing here decides. Whether a session may create a node, whether a version matches, whether a parent is ephemeral:
 * that was settled before the transaction was ordered, and every server must now do the same with it. Nor is there a
 * clock or a session table: a transaction brings its zxid and its time along.
 *
 * A transaction may come twice. A server that restarts loads a snapshot which was written while transactions went on
 * and replays the log over it, so some are in already. Hence transactions carry results (`version: 7`) and not
 * increments, counters of a parent only move forward, and NODEEXISTS or NONODE tells the caller "this one is in".
 * Source: Apache's DataTree and DataNode. Cost: nothing here grows with the size of the tree.
 */
import { KeeperError } from '../wire/errors.ts'
import type { ACL, Stat } from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'
import { type NodeTable, nodeTable } from './node-table.ts'
import type { Node } from './node-views.ts'
import { nameOf, parentOf } from './paths.ts'
import { type Birth, isEphemeral, type SessionId, type Stamp, type Znode } from './znode.ts'

export interface DataTree {
  /** Every node by its full path, however deep: a look-up costs the same everywhere. */
  nodes: NodeTable
  /** The paths of each session's ephemeral nodes: closing a session must not search the tree. */
  ephemerals: Map<SessionId, Set<string>>
}

/**
 * A tree as a new server has it: `/`, and the server's own `/zookeeper` with `quota` and `config` below. `secret` is for the
 * table of nodes, where clients choose the names.
 */
export function emptyTree(secret?: Uint8Array): DataTree {
  const everyone = { scheme: 'world', id: 'anyone' }
  const open = [{ perms: 31, id: everyone }]
  const nodes = nodeTable(secret)
  nodes.set('/', builtIn(open))
  nodes.set('/zookeeper', builtIn(open))
  nodes.set('/zookeeper/config', { ...builtIn([{ perms: 1, id: everyone }]), aversion: -1 })
  nodes.set('/zookeeper/quota', builtIn(open))
  nodes.get('/')!.children.add('zookeeper')
  for (const name of ['config', 'quota']) nodes.get('/zookeeper')!.children.add(name)
  return { nodes, ephemerals: new Map() }
}

/** No transaction made these: all counters are 0, and their children were never counted as created. */
function builtIn(acl: readonly ACL[]): Znode {
  return {
    data: new Uint8Array(0),
    acl,
    czxid: 0n,
    ctime: 0n,
    mzxid: 0n,
    mtime: 0n,
    pzxid: 0n,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: 0n,
  }
}

/**
 * Applies a create. The parent counts it (see `countCreate`) and lists the new name.
 * NONODE: there is no parent. NODEEXISTS: the node is there already. Both change nothing.
 */
export function createNode(tree: DataTree, path: string, birth: Birth, stamp: Stamp): void {
  // #region lab 01: A. put the node into the tree and let its parent know
  const parent = nodeOrThrow(tree, parentOf(path))
  if (tree.nodes.has(path)) throw new KeeperError('NODEEXISTS', path)
  const { zxid, time } = stamp
  tree.nodes.set(path, {
    data: birth.data,
    acl: birth.acl,
    czxid: zxid,
    ctime: time,
    mzxid: zxid,
    mtime: time,
    pzxid: zxid,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: birth.ephemeralOwner,
  })
  parent.children.add(nameOf(path))
  countCreate(tree, parentOf(path), birth.parentCVersion, zxid)
  // #endregion
  if (isEphemeral(birth.ephemeralOwner)) remember(tree, path, birth.ephemeralOwner)
}

/**
 * Moves a parent's cversion and pzxid to what a create made them, and never back: when `cversion` is not ahead of what
 * the parent has, this create is in already, and so may be later ones. A replay that meets NODEEXISTS calls this too.
 */
export function countCreate(tree: DataTree, parent: string, cversion: number, zxid: Zxid): void {
  // #region lab 01: A. move the parent's counters forward, never back
  const node = nodeOrThrow(tree, parent)
  const ahead = (cversion - node.cversion) | 0
  if (ahead <= 0) return
  node.cversion = cversion
  node.pzxid = zxid
  // #endregion
}

/**
 * Applies a delete. The parent's pzxid moves forward to it; its cversion, which counts creates, does not move.
 * NONODE: there is no such node. If there is a parent its pzxid has moved all the same: the snapshot may have stored the
 * parent before this delete and passed the child's place after it.
 * Whatever stands below the node goes too. The node was checked to be empty, so only a replay finds something there:
 * children from the snapshot's future, which the log will create again.
 */
export function deleteNode(tree: DataTree, path: string, { zxid }: Stamp): void {
  // #region lab 01: B. take the node out, with all that points at it
  const parent = nodeOrThrow(tree, parentOf(path))
  if (zxid > parent.pzxid) parent.pzxid = zxid
  nodeOrThrow(tree, path)
  parent.children.delete(nameOf(path))
  const doomed = [path]
  for (const each of doomed) {
    const node = nodeOrThrow(tree, each)
    for (const child of node.children) doomed.push(`${each}/${child}`)
    if (isEphemeral(node.ephemeralOwner)) forget(tree, each, node.ephemeralOwner)
    tree.nodes.delete(each)
  }
  // #endregion
}

/** Applies a setData; `version` is the new one. NONODE: there is no such node. */
export function setData(
  tree: DataTree,
  path: string,
  data: Uint8Array | null,
  version: number,
  { zxid, time }: Stamp,
): void {
  // #region lab 01: C. replace the data and its history
  const node = nodeOrThrow(tree, path)
  node.data = data
  node.version = version
  node.mzxid = zxid
  node.mtime = time
  // #endregion
}

/** Applies a setACL; `aversion` is the new one. To the node's history nothing was modified: mzxid and mtime stay. */
export function setACL(tree: DataTree, path: string, acl: readonly ACL[], aversion: number): void {
  // #region lab 01: C. replace the ACL
  const node = nodeOrThrow(tree, path)
  node.acl = acl
  node.aversion = aversion
  // #endregion
}

/**
 * The version or aversion after `version`: one more, as a signed 32-bit number, so 2147483647 is followed by -2147483648.
 * On its way up again it leaves out -1, which in a request means "any version".
 */
export function nextVersion(version: number): number {
  // #region lab 01: C. count a version, 32 bits wide
  return version === -2 ? 0 : (version + 1) | 0
  // #endregion
}

/** The node itself, for what a `Stat` does not show; undefined when there is none. To be read, never to be written. */
export function nodeAt(tree: DataTree, path: string): Readonly<Znode> | undefined {
  return tree.nodes.get(path === '' ? '/' : path)
}

/**
 * What clients see of a node. Two fields are not what is stored. cversion: the creates counted, plus the deletes, which
 * nobody counted but which are the creates without the children still there. ephemeralOwner: 0 unless it is a session.
 * NONODE: there is no such node.
 */
export function statOf(tree: DataTree, path: string): Stat {
  // #region lab 01: A. show what clients see of a node
  const node = nodeOrThrow(tree, path)
  const numChildren = node.children.size
  return {
    czxid: node.czxid,
    mzxid: node.mzxid,
    ctime: node.ctime,
    mtime: node.mtime,
    version: node.version,
    cversion: (node.cversion * 2 - numChildren) | 0,
    aversion: node.aversion,
    ephemeralOwner: isEphemeral(node.ephemeralOwner) ? node.ephemeralOwner : 0n,
    dataLength: node.data?.length ?? 0,
    numChildren,
    pzxid: node.pzxid,
  }
  // #endregion
}

/** NONODE: there is no such node. */
export function dataOf(tree: DataTree, path: string): Uint8Array | null {
  return nodeOrThrow(tree, path).data
}

/** NONODE: there is no such node. */
export function aclOf(tree: DataTree, path: string): readonly ACL[] {
  return nodeOrThrow(tree, path).acl
}

/** The bare names of the children, in no particular order; the caller's to keep. NONODE: there is no such node. */
export function childrenOf(tree: DataTree, path: string): string[] {
  return nodeOrThrow(tree, path).children.list()
}

/** How many children a node has, without listing them. NONODE: there is no such node. */
export function childCountOf(tree: DataTree, path: string): number {
  return nodeOrThrow(tree, path).children.size
}

/** All nodes, the built-in four included. (Apache's `srvr` shows one more: it counts the root under `''` and `'/'`.) */
export function nodeCount(tree: DataTree): number {
  return tree.nodes.size
}

/**
 * All nodes with their paths, parents before children. May be walked slowly while transactions are applied: a node that
 * stays is met once, one that comes or goes meanwhile may be met or not. To be read, never to be written.
 */
export function walk(tree: DataTree): Iterator<[path: string, node: Readonly<Znode>]> {
  return tree.nodes.present()
}

/** Puts back a node that a snapshot has kept, in place of a built-in one if need be. NONODE: its parent is not back yet. */
export function restoreNode(tree: DataTree, path: string, kept: Znode): void {
  const parent = path === '/' ? null : nodeOrThrow(tree, parentOf(path))
  tree.nodes.set(path, kept)
  parent?.children.add(nameOf(path))
  if (isEphemeral(kept.ephemeralOwner)) remember(tree, path, kept.ephemeralOwner)
}

/** The paths of a session's ephemeral nodes, in no particular order; the caller's to keep. */
export function ephemeralsOf(tree: DataTree, session: SessionId): string[] {
  // #region lab 01: D. list a session's ephemeral nodes
  return [...(tree.ephemerals.get(session) ?? [])]
  // #endregion
}

/** The sessions that own ephemeral nodes now. */
export function ephemeralOwners(tree: DataTree): SessionId[] {
  return [...tree.ephemerals.keys()]
}

/** What the next sequential child of `parent` is numbered: the children ever created there. NONODE: there is no parent. */
export function nextSequence(tree: DataTree, parent: string): number {
  // #region lab 01: D. number the next sequential child
  return nodeOrThrow(tree, parent).cversion
  // #endregion
}

/** A sequence number as it stands in a name: ten characters with leading zeros, so that names sort as numbers do. */
export function sequenceSuffix(sequence: number): string {
  // #region lab 01: D. write the number as it stands in a name
  return sequence < 0 ? `-${String(-sequence).padStart(9, '0')}` : String(sequence).padStart(10, '0')
  // #endregion
}

function nodeOrThrow(tree: DataTree, path: string): Node {
  const node = tree.nodes.get(path === '' ? '/' : path)
  if (node === undefined) throw new KeeperError('NONODE', path)
  return node
}

/** Enters an ephemeral node in its session's index. */
function remember(tree: DataTree, path: string, session: SessionId): void {
  // #region lab 01: D. enter the node in its session's index
  const paths = tree.ephemerals.get(session)
  if (paths === undefined) tree.ephemerals.set(session, new Set([path]))
  else paths.add(path)
  // #endregion
}

/** Takes it out again, and the session with it when that was the last one. */
function forget(tree: DataTree, path: string, session: SessionId): void {
  // #region lab 01: D. take it out again
  const paths = tree.ephemerals.get(session)
  if (paths === undefined) return
  paths.delete(path)
  if (paths.size === 0) tree.ephemerals.delete(session)
  // #endregion
}
