/**
 * What a znode is made of, for all that talk about znodes. `data-tree.ts` keeps them, a snapshot stores them,
 * a reply shows them.
 */
import type { ACL } from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Millis } from '../world/world.ts'

/** 64 bits, signed as on the wire; the top byte is the number of the server that made the session. Never 0. */
export type SessionId = bigint

/** A znode as the server keeps it. What clients see of it besides data and ACL is a `Stat`, and two fields differ there. */
export interface Znode {
  /** null and empty are different data, and a client gets back what it gave. The bytes never change: setData brings new ones. */
  data: Uint8Array | null
  acl: readonly ACL[]
  /** The transaction that created the node, and when (milliseconds since 1970, by the leader's clock). */
  czxid: Zxid
  ctime: bigint
  /** The last one that changed its data, and when. */
  mzxid: Zxid
  mtime: bigint
  /** The last one that created or deleted a *child*; the node's own czxid before that. */
  pzxid: Zxid
  /** Changes of the data. */
  version: number
  /** Children ever *created*. Clients are shown another number under this name: see `statOf`. */
  cversion: number
  /** Changes of the ACL. */
  aversion: number
  /** 0n, the session of an ephemeral node, or a mark of a special kind: see `isEphemeral`. */
  ephemeralOwner: bigint
}

/** A copy that nothing changes any more. A node of the tree may be a view of numbers that stand elsewhere, which `...` misses. */
export function copyOf(node: Readonly<Znode>): Znode {
  const { data, acl, czxid, ctime, mzxid, mtime, pzxid, version, cversion, aversion, ephemeralOwner } = node
  return { data, acl, czxid, ctime, mzxid, mtime, pzxid, version, cversion, aversion, ephemeralOwner }
}

/** What a transaction brings along for the node it creates. All of it was decided before: applying decides nothing. */
export interface Birth {
  data: Uint8Array | null
  acl: readonly ACL[]
  ephemeralOwner: bigint
  /** The parent's stored cversion with this child counted. A result, not an increment: so it can be applied twice. */
  parentCVersion: number
}

/** From the header of a transaction: which one it is, and when the leader stamped it. */
export interface Stamp {
  zxid: Zxid
  time: bigint
}

/** The owner that marks a container: a node that the server removes once its last child is gone. */
export const containerOwner = -0x8000_0000_0000_0000n

/** The owner of a node with a time to live: 0xff on top, then 16 bits of kind (0), then the milliseconds. */
export function ttlOwner(ttl: bigint): bigint {
  return (ttlMark << 56n) | ttl
}

/** The milliseconds that a node with a time to live has; null for a node of any other kind. */
export function ttlOf(owner: bigint): Millis | null {
  // A container's mark has another top byte.
  return owner >> 56n === ttlMark ? Number(BigInt.asUintN(40, owner)) : null
}

/** The top byte of an owner that is no session but a time to live, as a signed byte. */
const ttlMark = -1n

/** Is the owner a session? Else the node is persistent, a container or one with a time to live. */
export function isEphemeral(owner: bigint): boolean {
  return owner !== 0n && owner !== containerOwner && owner >> 56n !== ttlMark
}
