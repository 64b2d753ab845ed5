/**
 * The same tree in another style: nodes hold their children, a path is walked name by name, and the nodes of a session
 * are kept as a list of what to delete. Slower at depth, lighter where paths are long.
 */
import { KeeperError } from '../wire/errors.ts'
import type { ACL, Stat } from '../wire/records.ts'
import { type Birth, isEphemeral, type SessionId, type Stamp, type Znode } from './znode.ts'

interface TreeNode {
  kept: Znode
  below: Map<string, TreeNode>
}

export interface DataTree {
  root: TreeNode
  size: number
  owned: Map<SessionId, Map<string, true>>
}

export function emptyTree(): DataTree {
  const everyone = { scheme: 'world', id: 'anyone' }
  const leaf = (perms: number, aversion = 0, below: [string, TreeNode][] = []): TreeNode => ({
    kept: newborn(
      { data: new Uint8Array(0), acl: [{ perms, id: everyone }], ephemeralOwner: 0n },
      0n,
      0n,
      aversion,
    ),
    below: new Map(below),
  })
  const zookeeper = leaf(31, 0, [
    ['config', leaf(1, -1)],
    ['quota', leaf(31)],
  ])
  return { root: leaf(31, 0, [['zookeeper', zookeeper]]), size: 4, owned: new Map() }
}

function newborn(birth: Omit<Birth, 'parentCVersion'>, zxid: bigint, time: bigint, aversion = 0): Znode {
  const { data, acl, ephemeralOwner } = birth
  const history = { czxid: zxid, ctime: time, mzxid: zxid, mtime: time, pzxid: zxid }
  return { data, acl, ephemeralOwner, ...history, version: 0, cversion: 0, aversion }
}

export function createNode(tree: DataTree, path: string, birth: Birth, { zxid, time }: Stamp): void {
  const [parent, name] = placeOf(tree, path)
  if (parent === undefined) throw new KeeperError('NONODE', path)
  if (parent.below.has(name)) throw new KeeperError('NODEEXISTS', path)
  parent.below.set(name, { kept: newborn(birth, zxid, time), below: new Map() })
  tree.size += 1
  count(parent, birth.parentCVersion, zxid)
  if (!isEphemeral(birth.ephemeralOwner)) return
  if (!tree.owned.has(birth.ephemeralOwner)) tree.owned.set(birth.ephemeralOwner, new Map())
  tree.owned.get(birth.ephemeralOwner)!.set(path, true)
}

export function countCreate(tree: DataTree, parent: string, cversion: number, zxid: bigint): void {
  count(found(tree, parent), cversion, zxid)
}

function count({ kept }: TreeNode, cversion: number, zxid: bigint): void {
  const isAhead = cversion > kept.cversion || (cversion < 0 && kept.cversion > 0x4000_0000)
  if (isAhead) Object.assign(kept, { cversion, pzxid: zxid })
}

export function deleteNode(tree: DataTree, path: string, { zxid }: Stamp): void {
  const [parent, name] = placeOf(tree, path)
  if (parent === undefined) throw new KeeperError('NONODE', path)
  if (parent.kept.pzxid < zxid) parent.kept.pzxid = zxid
  const node = parent.below.get(name)
  if (node === undefined) throw new KeeperError('NONODE', path)
  parent.below.delete(name)
  bury(tree, path, node)
}

function bury(tree: DataTree, path: string, { kept, below }: TreeNode): void {
  tree.size -= 1
  const siblings = tree.owned.get(kept.ephemeralOwner)
  if (siblings?.delete(path) && siblings.size === 0) tree.owned.delete(kept.ephemeralOwner)
  below.forEach((child, name) => {
    bury(tree, `${path}/${name}`, child)
  })
}

export function setData(
  tree: DataTree,
  path: string,
  data: Uint8Array | null,
  version: number,
  { zxid, time }: Stamp,
): void {
  Object.assign(found(tree, path).kept, { data, version, mzxid: zxid, mtime: time })
}

export function setACL(tree: DataTree, path: string, acl: readonly ACL[], aversion: number): void {
  Object.assign(found(tree, path).kept, { acl, aversion })
}

export function nextVersion(version: number): number {
  if (version === 2147483647) return -2147483648
  return version + 1 === -1 ? 0 : version + 1
}

export function nodeAt(tree: DataTree, path: string): Readonly<Znode> | undefined {
  return descend(tree, path)?.kept
}

export function statOf(tree: DataTree, path: string): Stat {
  const { kept, below } = found(tree, path)
  const { data, acl: _, ...fields } = kept
  const deletes = kept.cversion - below.size
  return {
    ...fields,
    cversion: (kept.cversion + deletes) << 0,
    ephemeralOwner: tree.owned.has(kept.ephemeralOwner) ? kept.ephemeralOwner : 0n,
    dataLength: data === null ? 0 : data.byteLength,
    numChildren: below.size,
  }
}

export function dataOf(tree: DataTree, path: string): Uint8Array | null {
  return found(tree, path).kept.data
}

export function aclOf(tree: DataTree, path: string): readonly ACL[] {
  return found(tree, path).kept.acl
}

export function childrenOf(tree: DataTree, path: string): string[] {
  return Array.from(found(tree, path).below.keys())
}

export function childCountOf(tree: DataTree, path: string): number {
  return found(tree, path).below.size
}

export function nodeCount(tree: DataTree): number {
  return tree.size
}

export function* walk(tree: DataTree): Generator<[path: string, node: Readonly<Znode>]> {
  yield ['/', tree.root.kept]
  yield* walkBelow(tree.root, '')
}

function* walkBelow({ below }: TreeNode, at: string): Generator<[path: string, node: Readonly<Znode>]> {
  for (const [name, node] of below) {
    const path = `${at}/${name}`
    yield [path, node.kept]
    yield* walkBelow(node, path)
  }
}

export function restoreNode(tree: DataTree, path: string, kept: Znode): void {
  const node = descend(tree, path)
  if (node === undefined) {
    const [parent, name] = placeOf(tree, path)
    if (parent === undefined) throw new KeeperError('NONODE', path)
    parent.below.set(name, { kept: { ...kept }, below: new Map() })
    tree.size += 1
  } else {
    node.kept = { ...kept }
  }
  if (!isEphemeral(kept.ephemeralOwner)) return
  const owned = tree.owned.get(kept.ephemeralOwner) ?? new Map<string, true>()
  tree.owned.set(kept.ephemeralOwner, owned.set(path, true))
}

export function ephemeralsOf(tree: DataTree, session: SessionId): string[] {
  return Array.from(tree.owned.get(session)?.keys() ?? [])
}

export function ephemeralOwners(tree: DataTree): SessionId[] {
  return Array.from(tree.owned.keys())
}

export function nextSequence(tree: DataTree, parent: string): number {
  return found(tree, parent).kept.cversion
}

export function sequenceSuffix(sequence: number): string {
  let digits = Math.abs(sequence).toString()
  while (digits.length < (sequence < 0 ? 9 : 10)) digits = `0${digits}`
  return sequence < 0 ? `-${digits}` : digits
}

/** The node of a path's parent, when there is one, and the last name. */
function placeOf(tree: DataTree, path: string): [TreeNode | undefined, string] {
  const end = path.lastIndexOf('/')
  return [descend(tree, path.slice(0, end)), path.slice(end + 1)]
}

function descend(tree: DataTree, path: string): TreeNode | undefined {
  let node: TreeNode | undefined = tree.root
  for (const name of path.split('/')) if (name !== '') node = node?.below.get(name)
  return node
}

function found(tree: DataTree, path: string): TreeNode {
  const node = descend(tree, path)
  if (node === undefined) throw new KeeperError('NONODE', path)
  return node
}
