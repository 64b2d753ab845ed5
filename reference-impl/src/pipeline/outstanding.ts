/**
 * The tree as it will be: what has been ordered and not yet applied, over what has.
 *
 * A request is judged when it is ordered, and its predecessors may still be on their way to the disk or to a quorum.
 * To judge it by the tree alone would let two creates of one path both succeed. So every prepared transaction leaves
 * behind, for each path that it touches, what that node will be; the record is dropped when the tree has caught up.
 * Source: Apache's outstandingChanges in PrepRequestProcessor. Cost: O(1) a look-up and a change; what a session will own
 * costs what it owns, not what is outstanding, since thousands of sessions may end at once.
 */
import { dequeue, emptyQueue, enqueue, first, type Queue } from '../lib/queue.ts'
import { childCountOf, type DataTree, ephemeralsOf, nextSequence, nodeAt } from '../state/data-tree.ts'
import { isEphemeral, type SessionId } from '../state/znode.ts'
import type { ACL } from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'

/** All of a node that a decision can depend on. */
export interface NodeFacts {
  acl: readonly ACL[]
  version: number
  /** As stored: children ever created. */
  cversion: number
  aversion: number
  ephemeralOwner: bigint
  childCount: number
  /** Bytes; known only where a quota has asked for it (see quota.ts). */
  dataLength?: number
}

/** What a transaction will make of a path: a node like this, or none. */
interface Change {
  zxid: Zxid
  path: string
  facts: NodeFacts | null
}

export interface Outstanding {
  readonly tree: DataTree
  /** Every change not yet applied, the oldest first. */
  readonly changes: Queue<Change>
  /** The newest change of each path. */
  readonly latest: Map<string, Change>
  /** The paths in `latest` that will be a session's. */
  readonly owned: Map<SessionId, Set<string>>
}

export function nothingOutstanding(tree: DataTree): Outstanding {
  return { tree, changes: emptyQueue(), latest: new Map(), owned: new Map() }
}

/** What the node at `path` will be once all that was ordered so far is applied; null when there will be none. */
export function factsOf(outstanding: Outstanding, path: string): Readonly<NodeFacts> | null {
  if (outstanding.latest.size > 0) {
    const change = outstanding.latest.get(path)
    if (change !== undefined) return change.facts
  }
  const node = nodeAt(outstanding.tree, path)
  if (node === undefined) return null
  const { acl, version, aversion, ephemeralOwner } = node
  const cversion = nextSequence(outstanding.tree, path)
  const childCount = childCountOf(outstanding.tree, path)
  return { acl, version, cversion, aversion, ephemeralOwner, childCount }
}

/** Records what the transaction `zxid` will make of `path`; null for a node that it deletes. */
export function change(outstanding: Outstanding, zxid: Zxid, path: string, facts: NodeFacts | null): void {
  const made = { zxid, path, facts }
  enqueue(outstanding.changes, made)
  supersede(outstanding, path, made)
}

/** The tree has caught up with `zxid`: what was recorded up to it is no longer needed. */
export function settle(outstanding: Outstanding, zxid: Zxid): void {
  const { changes, latest } = outstanding
  for (let oldest = first(changes); oldest !== undefined && oldest.zxid <= zxid; oldest = first(changes)) {
    if (latest.get(oldest.path) === oldest) supersede(outstanding, oldest.path, undefined)
    dequeue(changes)
  }
}

/** Takes back all that was recorded for `zxid`, the newest transaction: it has turned out to fail. */
export function rollBack(outstanding: Outstanding, zxid: Zxid): void {
  const { changes } = outstanding
  const touched = new Set<string>()
  while (changes.items.length > changes.head && changes.items.at(-1)!.zxid === zxid) {
    touched.add(changes.items.pop()!.path)
  }
  for (const path of touched) supersede(outstanding, path, undefined)
  for (let at = changes.head; touched.size > 0 && at < changes.items.length; at++) {
    const each = changes.items[at]!
    if (touched.has(each.path)) supersede(outstanding, each.path, each)
  }
}

/** Lets a change be the newest of its path, or the path have none. */
function supersede({ latest, owned }: Outstanding, path: string, newest: Change | undefined): void {
  const was = ownerOf(latest.get(path))
  const will = ownerOf(newest)
  if (newest === undefined) latest.delete(path)
  else latest.set(path, newest)
  if (was === will) return
  if (was !== null) {
    const paths = owned.get(was)
    paths?.delete(path)
    if (paths?.size === 0) owned.delete(was)
  }
  if (will === null) return
  const paths = owned.get(will)
  if (paths === undefined) owned.set(will, new Set([path]))
  else paths.add(path)
}

function ownerOf(change: Change | undefined): SessionId | null {
  const owner = change?.facts?.ephemeralOwner ?? 0n
  return isEphemeral(owner) ? owner : null
}

/** The ephemeral nodes that a session will own once all that was ordered so far is applied. */
export function ephemeralsAhead({ tree, latest, owned }: Outstanding, session: SessionId): string[] {
  const ahead = owned.get(session) ?? nothing
  const paths = ephemeralsOf(tree, session).filter(path => !latest.has(path) || ahead.has(path))
  return ahead.size === 0 ? paths : [...new Set([...paths, ...ahead])]
}

const nothing: ReadonlySet<string> = new Set()
