/**
 * Puts the nodes of a snapshot into a table from the bytes as they lie in the file: a million texts and records, made only to be
 * taken apart again, take longer than the rest of a recovery.
 *
 * The rule: it decides nothing. It stops before whatever is out of the ordinary, and that is read as any record is: a path that
 * is not ASCII, a parent that is not there, a node that is more than persistent, an unknown ACL, bytes that cannot be true.
 */
import type { Span } from '../lib/arena.ts'
import type { NodeTable } from '../state/node-table.ts'
import type { ACL } from '../wire/records.ts'

/** Behind the data of a node stands this much: the key of its ACL (a long), and its Stat, of six longs and three ints. */
const restLength = 68
const ownerAt = 52

/** Takes nodes from `start` on; answers where the first one begins that it leaves. */
export function restoreNodes(
  table: NodeTable,
  bytes: Uint8Array,
  start: number,
  acls: ReadonlyMap<bigint, readonly ACL[]>,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const path: Span = { bytes, from: 0, to: 0 }
  const data: Span = { bytes, from: 0, to: 0 }
  // Neighbours mostly have the same ACL.
  let key = 0n
  let acl = acls.get(key)
  for (let at = start; ; ) {
    if (!find(view, at, path) || !find(view, path.to, data)) return at
    const rest = data.to
    if (rest + restLength > bytes.length || view.getBigInt64(rest + ownerAt) !== 0n) return at
    if (view.getBigInt64(rest) !== key) {
      key = view.getBigInt64(rest)
      acl = acls.get(key)
    }
    const node = acl === undefined ? undefined : table.restore(path, data, acl)
    if (node === undefined) return at
    node.czxid = view.getBigInt64(rest + 8)
    node.mzxid = view.getBigInt64(rest + 16)
    node.ctime = view.getBigInt64(rest + 24)
    node.mtime = view.getBigInt64(rest + 32)
    node.version = view.getInt32(rest + 40)
    node.cversion = view.getInt32(rest + 44)
    node.aversion = view.getInt32(rest + 48)
    node.ephemeralOwner = 0n
    node.pzxid = view.getBigInt64(rest + 60)
    at = rest + restLength
  }
}

/** Where the bytes lie whose length stands at `at`; false when they are null, or not all there. */
function find(view: DataView, at: number, span: Span): boolean {
  if (at + 4 > view.byteLength) return false
  const length = view.getInt32(at)
  span.from = at + 4
  span.to = span.from + length
  return length >= 0 && span.to <= view.byteLength
}
