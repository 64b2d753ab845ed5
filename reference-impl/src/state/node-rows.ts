/**
 * Rows of numbers, one for each node of a table: what a node has in numbers, and what ties it to others.
 *
 * The rule: nothing that grows is copied as a whole. Rows are kept in blocks, a row that is given back is the next to be
 * claimed, and no row ever moves.
 */
import { noRow } from './path-index.ts'
import type { Znode } from './znode.ts'

/** Rows are kept in blocks of so many … */
const rowBits = 8
const rowsInBlock = 1 << rowBits
const rowMask = rowsInBlock - 1
/** … but its first block, which begins with room for a few: not every tree is large. */
const fewRows = 16

/** Of each row, so many longs: */
const longs = 6
export const czxidAt = 0
export const ctimeAt = 1
export const mzxidAt = 2
export const mtimeAt = 3
export const pzxidAt = 4
export const ownerAt = 5

/** … and so many ints: */
const ints = 13
export const versionAt = 0
export const cversionAt = 1
export const aversionAt = 2
/** Which of the lists in use is its ACL; `none`: the row is no node, but only a name that some node has among its children. */
export const aclAt = 3
/** The nodes that were set before and after it; of a free row, the next free one. */
export const beforeAt = 4
export const afterAt = 5
/** Where in the arena its path is, and how many units it has: less than 0 when they need two bytes each. */
export const pathAt = 6
export const unitsAt = 7
/** Where in the arena its data is, or one of the three below. */
export const dataAt = 8
/** The first of its children, and how many they are. */
export const eldestAt = 9
export const countAt = 10
/** Its siblings, in a ring: the eldest one comes after the youngest. `none`: it is nobody's child. */
export const olderAt = 11
export const youngerAt = 12

/** In place of where data is: there is none, it is empty, it is too long for the arena. */
export const noData = -1
export const emptyData = -2
export const largeData = -3

export const none = noRow

export class NodeRows {
  readonly #longs: BigInt64Array[] = []
  readonly #ints: Int32Array[] = []
  /** So many rows have ever been used. */
  used = 0
  /** The first of those that are free again. */
  #free = none

  int(row: number, at: number): number {
    return this.#ints[row >>> rowBits]![(row & rowMask) * ints + at]!
  }

  setInt(row: number, at: number, value: number): void {
    this.#ints[row >>> rowBits]![(row & rowMask) * ints + at] = value
  }

  long(row: number, at: number): bigint {
    return this.#longs[row >>> rowBits]![(row & rowMask) * longs + at]!
  }

  setLong(row: number, at: number, value: bigint): void {
    this.#longs[row >>> rowBits]![(row & rowMask) * longs + at] = value
  }

  /** All that a node has in numbers. */
  setNumbers(row: number, node: Znode): void {
    const block = this.#longs[row >>> rowBits]!
    const at = (row & rowMask) * longs
    block[at + czxidAt] = node.czxid
    block[at + ctimeAt] = node.ctime
    block[at + mzxidAt] = node.mzxid
    block[at + mtimeAt] = node.mtime
    block[at + pzxidAt] = node.pzxid
    block[at + ownerAt] = node.ephemeralOwner
    const intsOfBlock = this.#ints[row >>> rowBits]!
    const from = (row & rowMask) * ints
    intsOfBlock[from + versionAt] = node.version
    intsOfBlock[from + cversionAt] = node.cversion
    intsOfBlock[from + aversionAt] = node.aversion
  }

  /** A row that nobody has; what stands in it is anything. */
  claim(): number {
    const row = this.#free
    if (row !== none) {
      this.#free = this.int(row, afterAt)
      return row
    }
    if (this.used < rowsInBlock) this.#growFirstBlock()
    else if ((this.used & rowMask) === 0) {
      this.#longs.push(new BigInt64Array(rowsInBlock * longs))
      this.#ints.push(new Int32Array(rowsInBlock * ints))
    }
    return this.used++
  }

  giveBack(row: number): void {
    this.setInt(row, afterAt, this.#free)
    this.#free = row
  }

  #growFirstBlock(): void {
    const rows = this.used
    if (rows > 0 && rows * ints < this.#ints[0]!.length) return
    const room = Math.max(fewRows, 2 * rows)
    const firstLongs = new BigInt64Array(room * longs)
    const firstInts = new Int32Array(room * ints)
    if (rows > 0) {
      firstLongs.set(this.#longs[0]!)
      firstInts.set(this.#ints[0]!)
    }
    this.#longs[0] = firstLongs
    this.#ints[0] = firstInts
  }
}
