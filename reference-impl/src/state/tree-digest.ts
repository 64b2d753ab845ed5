/**
 * One number for the whole tree, which every transaction carries: what the tree will be like once it is applied. So a server
 * that replays the log, or follows a leader, sees at once when its tree is not the one that was meant.
 *
 * The number is a sum, over all nodes, of a checksum of path, data and Stat. A sum, because then a change costs as much
 * as the nodes that it changes: their old checksums go out, their new ones come in. What stands below `/zookeeper` does
 * not count, nor do ACLs.
 * Source: Apache's DigestCalculator and AdHash, version 2.
 */
import type { Span } from '../lib/arena.ts'
import { crc32, crcStart } from '../lib/crc32.ts'
import { OpCode } from '../wire/opcodes.ts'
import type { Txn } from '../wire/txn.ts'
import type { Zxid } from '../wire/zxid.ts'
import { ownerOf } from './apply.ts'
import { type DataTree, nodeAt, walk } from './data-tree.ts'
import type { NodeTable } from './node-table.ts'
import { parentOf } from './paths.ts'
import type { SessionId, Stamp, Znode } from './znode.ts'

/** All of a node that counts. */
type Counted = Omit<Znode, 'acl'>

/** A node as it will be, and its checksum; `isGone`: there will be none. */
interface Ahead extends Counted {
  isGone: boolean
  sum: number
  /** Of the path alone, and of path and data, from which the sum goes on: mostly just the numbers behind them change. */
  start: number
  body: number
}

/** Counts along with what is ordered. */
export interface TreeDigest {
  /** Of the tree as it will be when all that was foreseen is applied; 64 bits with a sign, as it is written. */
  value(): bigint
  /** Takes in one more transaction, in order, and before it is applied; `session` is whose it is. */
  foresee(txn: Txn, session: SessionId, stamp: Stamp): void
  /** The tree has caught up with `zxid`. */
  settle(zxid: Zxid): void
}

/** Of `tree` as it is. Looks at every node, once. */
export function treeDigest(tree: DataTree): TreeDigest {
  return new Foreseen(tree)
}

class Foreseen implements TreeDigest {
  readonly #tree: DataTree
  /** The sum in two halves of 32 bits each: engines count these faster than a bigint. */
  #high = 0
  #low = 0
  /** What each node that was touched will be. Dropped when all of it is so: those before `#boundary` first. */
  #ahead = new Map<string, Ahead>()
  #older = new Map<string, Ahead>()
  #boundary: Zxid = 0n
  #last: Zxid = 0n

  constructor(tree: DataTree) {
    this.#tree = tree
    // A tree of another making may keep its nodes otherwise, and be slower.
    const nodes = tree.nodes as Partial<NodeTable> | undefined
    if (nodes?.scan === undefined) this.#walk()
    else this.#scan(tree.nodes)
  }

  #walk(): void {
    const nodes = walk(this.#tree)
    for (let next = nodes.next(); next.done !== true; next = nodes.next()) {
      const [path, node] = next.value
      if (counts(path)) this.#add(sumOf(bodyOf(startOf(path), node.data), node))
    }
  }

  /** The same, from the bytes. */
  #scan(nodes: NodeTable): void {
    nodes.scan((path, node, data) => {
      if (isUncounted(path)) return
      // The path of the root is one byte long, and counts as none.
      const start = path.to - path.from === 1 ? crcStart : crc32(path.bytes, path.from, path.to, crcStart)
      this.#add(sumOf(crc32(data.bytes, data.from, data.to, start), node))
    })
  }

  value(): bigint {
    halves.setUint32(0, this.#high)
    halves.setUint32(4, this.#low)
    return halves.getBigInt64(0)
  }

  foresee(txn: Txn, session: SessionId, { zxid, time }: Stamp): void {
    this.#last = zxid
    switch (txn.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTTL: {
        const { path, data, parentCVersion } = txn.record
        this.#touch(parentOf(path), parent => {
          parent.cversion = parentCVersion!
          parent.pzxid = zxid
        })
        if (counts(path)) this.#create(path, data, ownerOf(txn, session), zxid, time)
        break
      }
      case OpCode.delete:
      case OpCode.deleteContainer:
        this.#delete(txn.record.path, zxid)
        break
      case OpCode.setData:
      case OpCode.reconfig: {
        const { path, data, version } = txn.record
        this.#touch(path, node => {
          node.body = bodyOf(node.start, data)
          node.data = data
          node.version = version
          node.mzxid = zxid
          node.mtime = time
        })
        break
      }
      case OpCode.setACL: {
        const { path, version } = txn.record
        this.#touch(path, node => {
          node.aversion = version
        })
        break
      }
      case OpCode.closeSession:
        for (const path of txn.record.paths2Delete ?? []) this.#delete(path, zxid)
        break
      case OpCode.multi:
        if (txn.txns.some(({ type }) => type === OpCode.error)) break
        for (const part of txn.txns) this.foresee(part, session, { zxid, time })
    }
  }

  settle(zxid: Zxid): void {
    if (zxid < this.#boundary || this.#ahead.size < enough) return
    this.#older = this.#ahead
    this.#ahead = new Map()
    this.#boundary = this.#last
  }

  #create(path: string, data: Uint8Array | null, ephemeralOwner: bigint, zxid: Zxid, time: bigint): void {
    const start = startOf(path)
    const made: Ahead = {
      data,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: time,
      mtime: time,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner,
      isGone: false,
      sum: 0,
      start,
      body: bodyOf(start, data),
    }
    made.sum = sumOf(made.body, made)
    this.#add(made.sum)
    this.#ahead.set(path, made)
  }

  #delete(path: string, zxid: Zxid): void {
    this.#touch(parentOf(path), parent => {
      parent.pzxid = zxid
    })
    const node = counts(path) ? this.#nodeOf(path) : null
    if (node === null) return
    this.#add(-node.sum)
    node.isGone = true
    this.#ahead.set(path, node)
  }

  /** Lets `change` change what the node will be, if there will be one. */
  #touch(path: string, change: (node: Ahead) => void): void {
    const node = counts(path) ? this.#nodeOf(path) : null
    if (node === null) return
    const before = node.sum
    change(node)
    node.sum = sumOf(node.body, node)
    this.#add(node.sum - before)
  }

  /** What the node will be; null when there will be none. */
  #nodeOf(path: string): Ahead | null {
    let node = this.#ahead.get(path)
    if (node === undefined) {
      node = this.#older.get(path) ?? this.#fromTree(path)
      if (node === undefined) return null
      this.#ahead.set(path, node)
    }
    return node.isGone ? null : node
  }

  #fromTree(path: string): Ahead | undefined {
    const node = nodeAt(this.#tree, path)
    if (node === undefined) return undefined
    const { data, czxid, mzxid, pzxid, ctime, mtime, version, cversion, aversion, ephemeralOwner } = node
    const start = startOf(path)
    const ahead: Ahead = {
      data,
      czxid,
      mzxid,
      pzxid,
      ctime,
      mtime,
      version,
      cversion,
      aversion,
      ephemeralOwner,
      isGone: false,
      sum: 0,
      start,
      body: bodyOf(start, data),
    }
    ahead.sum = sumOf(ahead.body, ahead)
    return ahead
  }

  /** Adds what is less than 33 bits long, with its sign. */
  #add(amount: number): void {
    const low = this.#low + amount
    this.#low = low >>> 0
    this.#high = (this.#high + Math.floor(low / 0x1_0000_0000)) >>> 0
  }
}

/** To begin a new map costs more than to keep a few nodes. */
const enough = 200

const halves = new DataView(new ArrayBuffer(8))

const uncounted = '/zookeeper/'

function counts(path: string): boolean {
  return !path.startsWith(uncounted)
}

function isUncounted({ bytes, from, to }: Span): boolean {
  if (to - from < uncounted.length) return false
  for (let i = 0; i < uncounted.length; i++) if (bytes[from + i] !== uncounted.charCodeAt(i)) return false
  return true
}

/** The numbers of a node as they are counted: six longs, and three ints among them. */
const stat = new Uint8Array(60)
const statView = new DataView(stat.buffer)
const utf8 = new TextEncoder()
let room = new Uint8Array(512)

/** The checksum of a path, to go on from. That of the root is empty. */
function startOf(path: string): number {
  if (path.length <= 1) return crcStart
  if (room.length < 3 * path.length) room = new Uint8Array(6 * path.length)
  return crc32(room, 0, encode(path), crcStart)
}

function bodyOf(start: number, data: Uint8Array | null): number {
  return data === null ? start : crc32(data, 0, data.length, start)
}

/** The checksum of one node. */
function sumOf(body: number, node: Counted): number {
  statView.setBigInt64(0, node.czxid)
  statView.setBigInt64(8, node.mzxid)
  statView.setBigInt64(16, node.pzxid)
  statView.setBigInt64(24, node.ctime)
  statView.setBigInt64(32, node.mtime)
  statView.setInt32(40, node.version)
  statView.setInt32(44, node.cversion)
  statView.setInt32(48, node.aversion)
  statView.setBigInt64(52, node.ephemeralOwner)
  return ~crc32(stat, 0, stat.length, body) >>> 0
}

/** Puts the path into the room, and says how long it is there. Most paths are ASCII, for which a loop is faster. */
function encode(path: string): number {
  for (let i = 0; i < path.length; i++) {
    const unit = path.charCodeAt(i)
    if (unit > 0x7f) return utf8.encodeInto(path, room).written
    room[i] = unit
  }
  return path.length
}
