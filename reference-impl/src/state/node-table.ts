/**
 * The nodes of a tree by their paths: a `Map` in all but its weight. As objects, a million nodes are ten million things
 * that the engine has to keep apart and its collector has to visit, and while it does, nobody is served. Here a node is a
 * row in a few large arrays of numbers, its path and its data are bytes in an arena, and an object is made only for
 * the node that somebody looks at.
 *
 * The rule: `set` copies what it is given, and what `get` answers is the node itself: to write to it changes the table.
 * It is good until the node is deleted.
 * Cost: a look-up costs the same however large the table is. Now and then a `set` doubles a part of the index, a 256th of
 * it once the table is large: nobody waits for longer because there are many nodes.
 */
import { type Arena, arena, longestInArena, type Span } from '../lib/arena.ts'
import type { ACL } from '../wire/records.ts'
import type { Znode } from './znode.ts'

export interface Node extends Znode {
  /** Bare names. Most nodes are leaves, and a leaf has no set: an empty one would weigh more than the node. */
  children: Set<string> | null
}

/** Walked like a Map: in the order of the first `set`, and correctly while nodes come and go. */
export interface NodeTable {
  readonly size: number
  get(path: string): Node | undefined
  has(path: string): boolean
  set(path: string, node: Node): void
  delete(path: string): boolean
  keys(): IterableIterator<string>
  entries(): IterableIterator<[path: string, node: Node]>
  [Symbol.iterator](): IterableIterator<[path: string, node: Node]>
  /**
   * Shows every node, in no order, and makes nothing for it: what `look` is shown is another node the next time. A path
   * is shown as UTF-8; of no data there are no bytes.
   */
  scan(look: (path: Span, node: Node, data: Span) => void): void
}

export function nodeTable(nodes: Iterable<readonly [path: string, node: Node]> = []): NodeTable {
  const table = new Rows()
  for (const [path, node] of nodes) table.set(path, node)
  return table
}

/** Rows are kept in blocks of so many, so that a growing table moves nothing … */
const rowBits = 8
const rowsInBlock = 1 << rowBits
const rowMask = rowsInBlock - 1
/** … but its first block, which begins with room for a few: not every tree is large. */
const fewRows = 16

/** Of each row, so many longs: */
const longs = 6
const czxidAt = 0
const ctimeAt = 1
const mzxidAt = 2
const mtimeAt = 3
const pzxidAt = 4
const ownerAt = 5

/** … and so many ints: */
const ints = 9
const versionAt = 0
const cversionAt = 1
const aversionAt = 2
/** Which of the lists in use is its ACL. */
const aclAt = 3
/** The rows that were set before and after it; of a free row, the next free one. */
const beforeAt = 4
const afterAt = 5
/** Where in the arena its path is, and how many units it has: less than 0 when they need two bytes each. */
const pathAt = 6
const unitsAt = 7
/** Where its data is, or one of the three below. */
const dataAt = 8

const noData = -1
const emptyData = -2
const largeData = -3

const none = -1

/** A walk: the row where it is. `none`: before the first. */
interface Cursor {
  row: number
}

class Rows implements NodeTable {
  readonly #longs: BigInt64Array[] = []
  readonly #ints: Int32Array[] = []
  readonly #arena: Arena = arena((owner, place) => this.#moved(owner, place))
  readonly #children = new Map<number, Set<string>>()
  /** What is too long for the arena. */
  readonly #large = new Map<number, Uint8Array>()
  readonly #acls = new AclsInUse()
  /** Rows that have ever been used, and the first of those that are free again. */
  #used = 0
  #free = none
  #first = none
  #last = none
  size = 0
  /** One part, and from `manyRows` on 256 of them, by the upper bits of the hash. */
  #parts: Part[] = [emptyPart(32)]
  readonly #cursors = new Set<WeakRef<Cursor>>()
  /** Whoever looks a node up looks again. */
  #lastPath: string | null = null
  #lastView: Row | null = null
  /** Nor is there one of this path. */
  #absent: string | null = null
  /** Room for the bytes of a path. */
  #scratch = new Uint8Array(256)

  get(path: string): Node | undefined {
    if (path === this.#lastPath) return this.#lastView!
    const row = this.#find(path)
    if (row === none) return undefined
    this.#lastPath = path
    this.#lastView = new Row(this, row)
    return this.#lastView
  }

  has(path: string): boolean {
    return path === this.#lastPath || this.#find(path) !== none
  }

  set(path: string, node: Node): void {
    const found = this.#find(path)
    const row = found === none ? this.#add(path) : found
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
    const { data, acl, children } = node
    this.setAcl(row, acl)
    this.setData(row, data)
    this.setChildren(row, children)
  }

  delete(path: string): boolean {
    const hash = hashOf(path)
    const part = this.#partOf(hash)
    const slot = this.#slotOf(part, path, hash)
    if (slot === none) return false
    const row = part.slots[slot + 1]! - 1
    this.#lastPath = null
    leave(part, slot)
    const before = this.int(row, beforeAt)
    const after = this.int(row, afterAt)
    if (before === none) this.#first = after
    else this.setInt(before, afterAt, after)
    if (after === none) this.#last = before
    else this.setInt(after, beforeAt, before)
    for (const reference of this.#cursors) {
      const cursor = reference.deref()
      if (cursor === undefined) this.#cursors.delete(reference)
      else if (cursor.row === row) cursor.row = before
    }
    this.#arena.free(this.int(row, pathAt))
    this.setData(row, null)
    this.#acls.giveBack(this.int(row, aclAt))
    this.setInt(row, aclAt, none)
    this.setInt(row, afterAt, this.#free)
    this.#free = row
    this.size--
    return true
  }

  *keys(): IterableIterator<string> {
    for (const [path] of this.entries()) yield path
  }

  entries(): IterableIterator<[path: string, node: Node]> {
    const cursor: Cursor = { row: none }
    const reference = new WeakRef(cursor)
    this.#cursors.add(reference)
    let isOver = false
    const next = (): IteratorResult<[path: string, node: Node]> => {
      const row = isOver ? none : cursor.row === none ? this.#first : this.int(cursor.row, afterAt)
      if (row === none) {
        isOver = true
        this.#cursors.delete(reference)
        return { done: true, value: undefined }
      }
      cursor.row = row
      return { done: false, value: [this.#pathOf(row), new Row(this, row)] }
    }
    return {
      next,
      [Symbol.iterator]() {
        return this
      },
    }
  }

  [Symbol.iterator](): IterableIterator<[path: string, node: Node]> {
    return this.entries()
  }

  scan(look: (path: Span, node: Node, data: Span) => void): void {
    const path: Span = { bytes: nothing, from: 0, to: 0 }
    const data: Span = { bytes: nothing, from: 0, to: 0 }
    const node = new Row(this, 0)
    for (let row = 0; row < this.#used; row++) {
      if (this.int(row, aclAt) === none) continue
      this.#arena.find(this.int(row, pathAt), path)
      if (this.int(row, unitsAt) < 0 || !isAscii(path)) fill(path, utf8.encode(this.#pathOf(row)))
      const place = this.int(row, dataAt)
      if (place >= 0) this.#arena.find(place, data)
      else fill(data, place === largeData ? this.#large.get(row)! : nothing)
      node.move(row)
      look(path, node, data)
    }
  }

  // For the views

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

  data(row: number): Uint8Array | null {
    const place = this.int(row, dataAt)
    if (place >= 0) return this.#arena.bytesAt(place)
    if (place === largeData) return this.#large.get(row)!
    return place === noData ? null : nothing
  }

  setData(row: number, data: Uint8Array | null): void {
    const old = this.int(row, dataAt)
    let place = noData
    if (data !== null && data.length > 0) {
      if (data.length > longestInArena) place = largeData
      else place = this.#arena.put(row * 2 + 1, data, data.length)
    } else if (data !== null) {
      place = emptyData
    }
    // Only now: to put something may have moved it.
    const before = old >= 0 ? this.int(row, dataAt) : old
    if (before >= 0) this.#arena.free(before)
    else if (before === largeData) this.#large.delete(row)
    if (place === largeData) this.#large.set(row, data!)
    this.setInt(row, dataAt, place)
  }

  acl(row: number): readonly ACL[] {
    return this.#acls.at(this.int(row, aclAt))
  }

  setAcl(row: number, acl: readonly ACL[]): void {
    const old = this.int(row, aclAt)
    this.setInt(row, aclAt, this.#acls.take(acl))
    if (old !== none) this.#acls.giveBack(old)
  }

  children(row: number): Set<string> | null {
    return this.#children.get(row) ?? null
  }

  setChildren(row: number, children: Set<string> | null): void {
    if (children !== null) this.#children.set(row, children)
    else this.#children.delete(row)
  }

  // Rows

  #add(path: string): number {
    const row = this.#claimRow()
    this.setInt(row, aclAt, none)
    this.setInt(row, dataAt, noData)
    this.#putPath(row, path)
    this.setInt(row, beforeAt, this.#last)
    this.setInt(row, afterAt, none)
    if (this.#last === none) this.#first = row
    else this.setInt(this.#last, afterAt, row)
    this.#last = row
    this.size++
    this.#absent = null
    if (this.size >= manyRows && this.#parts.length === 1) this.#split()
    const hash = hashOf(path)
    enter(this.#partOf(hash), row, hash)
    return row
  }

  #claimRow(): number {
    const row = this.#free
    if (row !== none) {
      this.#free = this.int(row, afterAt)
      return row
    }
    if (this.#used < rowsInBlock) this.#growFirstBlock()
    else if ((this.#used & rowMask) === 0) {
      this.#longs.push(new BigInt64Array(rowsInBlock * longs))
      this.#ints.push(new Int32Array(rowsInBlock * ints))
    }
    return this.#used++
  }

  #growFirstBlock(): void {
    const rows = this.#used
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

  // Paths

  /** The row of this path. Who has asked in vain often comes back to `set` what is missing. */
  #find(path: string): number {
    if (path === this.#absent) return none
    const hash = hashOf(path)
    const part = this.#partOf(hash)
    const slot = this.#slotOf(part, path, hash)
    if (slot !== none) return part.slots[slot + 1]! - 1
    this.#absent = path
    return none
  }

  #isPathOf(row: number, path: string): boolean {
    const units = this.int(row, unitsAt)
    const { length } = path
    if (units === length) return this.#arena.holds(this.int(row, pathAt), path)
    return units === -length && this.#pathOf(row) === path
  }

  #pathOf(row: number): string {
    const units = this.int(row, unitsAt)
    const bytes = this.#arena.bytesAt(this.int(row, pathAt))
    let text = ''
    // A call cannot have any number of arguments.
    for (let at = 0; at < bytes.length; at += mostArguments) {
      const part = bytes.subarray(at, at + mostArguments)
      text += String.fromCharCode.apply(null, units < 0 ? unitsIn(part) : (part as unknown as number[]))
    }
    return text
  }

  #putPath(row: number, path: string): void {
    const { length } = path
    if (this.#scratch.length < 2 * length) this.#scratch = new Uint8Array(4 * length)
    const scratch = this.#scratch
    let isWide = false
    for (let i = 0; i < length; i++) {
      const unit = path.charCodeAt(i)
      scratch[i] = unit
      if (unit > 0xff) isWide = true
    }
    if (isWide) {
      for (let i = 0; i < length; i++) {
        const unit = path.charCodeAt(i)
        scratch[2 * i] = unit >> 8
        scratch[2 * i + 1] = unit
      }
    }
    this.setInt(row, unitsAt, isWide ? -length : length)
    this.setInt(row, pathAt, this.#arena.put(row * 2, scratch, isWide ? 2 * length : length))
  }

  #moved(owner: number, place: number): void {
    this.setInt(owner >> 1, (owner & 1) === 0 ? pathAt : dataAt, place)
  }

  // The index

  #partOf(hash: number): Part {
    const parts = this.#parts
    return parts.length === 1 ? parts[0]! : parts[hash >>> partShift]!
  }

  /** The slot of the row with this path, or none. */
  #slotOf({ slots }: Part, path: string, hash: number): number {
    const mask = slots.length - 2
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const row = slots[slot + 1]! - 1
      if (row === none) return none
      if (slots[slot] === hash && this.#isPathOf(row, path)) return slot
    }
  }

  #split(): void {
    const [whole] = this.#parts as [Part]
    const slots = (4 * manyRows) / partCount
    this.#parts = Array.from({ length: partCount }, () => emptyPart(slots))
    for (let slot = 0; slot < whole.slots.length; slot += 2) {
      const hash = whole.slots[slot]!
      if (whole.slots[slot + 1] !== 0) enter(this.#partOf(hash), whole.slots[slot + 1]! - 1, hash)
    }
  }
}

/** A part of the index, by open addressing. */
interface Part {
  /** For each row its hash, and its number and one more; where the hash wants it, or behind that. 0: nothing is here. */
  slots: Int32Array
  size: number
}

const partCount = 256
const partShift = 24
const manyRows = 1 << 14

function emptyPart(slots: number): Part {
  return { slots: new Int32Array(2 * slots), size: 0 }
}

/** A quarter of a part stays free, so that a search soon comes to an end. */
function enter(part: Part, row: number, hash: number): void {
  if (++part.size * 8 >= part.slots.length * 3) {
    const old = part.slots
    part.slots = new Int32Array(2 * old.length)
    for (let slot = 0; slot < old.length; slot += 2) {
      if (old[slot + 1] !== 0) place(part.slots, old[slot + 1]! - 1, old[slot]!)
    }
  }
  place(part.slots, row, hash)
}

function place(slots: Int32Array, row: number, hash: number): void {
  const mask = slots.length - 2
  let slot = (hash << 1) & mask
  while (slots[slot + 1] !== 0) slot = (slot + 2) & mask
  slots[slot] = hash
  slots[slot + 1] = row + 1
}

/** Takes a slot out, and moves up those behind it that would not be found over the gap. */
function leave(part: Part, slot: number): void {
  const { slots } = part
  part.size--
  const mask = slots.length - 2
  let gap = slot
  for (let next = (gap + 2) & mask; slots[next + 1] !== 0; next = (next + 2) & mask) {
    const wanted = (slots[next]! << 1) & mask
    // How far it stands from where it belongs, and from the gap.
    if (((next - wanted) & mask) < ((next - gap) & mask)) continue
    slots[gap] = slots[next]!
    slots[gap + 1] = slots[next + 1]!
    gap = next
  }
  slots[gap + 1] = 0
}

const nothing = new Uint8Array(0)
const utf8 = new TextEncoder()
const mostArguments = 4096

function unitsIn(bytes: Uint8Array): number[] {
  return Array.from({ length: bytes.length / 2 }, (_, i) => (bytes[2 * i]! << 8) | bytes[2 * i + 1]!)
}

function isAscii({ bytes, from, to }: Span): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! > 0x7f) return false
  return true
}

function fill(span: Span, bytes: Uint8Array): void {
  span.bytes = bytes
  span.from = 0
  span.to = bytes.length
}

/** 32 bits that depend on every unit; the low ones too. */
function hashOf(path: string): number {
  let hash = 0
  for (let i = 0; i < path.length; i++) hash = (Math.imul(hash, 31) + path.charCodeAt(i)) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b)
  return hash ^ (hash >>> 15)
}

/** One node of the table, for who looks at it. */
class Row implements Node {
  readonly #table: Rows
  #row: number

  constructor(table: Rows, row: number) {
    this.#table = table
    this.#row = row
  }

  move(row: number): void {
    this.#row = row
  }

  get data(): Uint8Array | null {
    return this.#table.data(this.#row)
  }
  set data(data: Uint8Array | null) {
    this.#table.setData(this.#row, data)
  }
  get acl(): readonly ACL[] {
    return this.#table.acl(this.#row)
  }
  set acl(acl: readonly ACL[]) {
    this.#table.setAcl(this.#row, acl)
  }
  get children(): Set<string> | null {
    return this.#table.children(this.#row)
  }
  set children(children: Set<string> | null) {
    this.#table.setChildren(this.#row, children)
  }
  get czxid(): bigint {
    return this.#table.long(this.#row, czxidAt)
  }
  set czxid(value: bigint) {
    this.#table.setLong(this.#row, czxidAt, value)
  }
  get ctime(): bigint {
    return this.#table.long(this.#row, ctimeAt)
  }
  set ctime(value: bigint) {
    this.#table.setLong(this.#row, ctimeAt, value)
  }
  get mzxid(): bigint {
    return this.#table.long(this.#row, mzxidAt)
  }
  set mzxid(value: bigint) {
    this.#table.setLong(this.#row, mzxidAt, value)
  }
  get mtime(): bigint {
    return this.#table.long(this.#row, mtimeAt)
  }
  set mtime(value: bigint) {
    this.#table.setLong(this.#row, mtimeAt, value)
  }
  get pzxid(): bigint {
    return this.#table.long(this.#row, pzxidAt)
  }
  set pzxid(value: bigint) {
    this.#table.setLong(this.#row, pzxidAt, value)
  }
  get ephemeralOwner(): bigint {
    return this.#table.long(this.#row, ownerAt)
  }
  set ephemeralOwner(value: bigint) {
    this.#table.setLong(this.#row, ownerAt, value)
  }
  get version(): number {
    return this.#table.int(this.#row, versionAt)
  }
  set version(value: number) {
    this.#table.setInt(this.#row, versionAt, value)
  }
  get cversion(): number {
    return this.#table.int(this.#row, cversionAt)
  }
  set cversion(value: number) {
    this.#table.setInt(this.#row, cversionAt, value)
  }
  get aversion(): number {
    return this.#table.int(this.#row, aversionAt)
  }
  set aversion(value: number) {
    this.#table.setInt(this.#row, aversionAt, value)
  }
}

/** The lists that the nodes have, each one once. */
class AclsInUse {
  readonly #lists: (readonly ACL[])[] = []
  /** How many nodes have each one. */
  readonly #counts: number[] = []
  readonly #numbers = new Map<readonly ACL[], number>()
  readonly #vacant: number[] = []

  at(number: number): readonly ACL[] {
    return this.#lists[number]!
  }

  /** The number of a list, which one more node has now. */
  take(acl: readonly ACL[]): number {
    const known = this.#numbers.get(acl)
    if (known !== undefined) {
      this.#counts[known]!++
      return known
    }
    const number = this.#vacant.pop() ?? this.#lists.length
    this.#lists[number] = acl
    this.#counts[number] = 1
    this.#numbers.set(acl, number)
    return number
  }

  giveBack(number: number): void {
    const left = this.#counts[number]! - 1
    this.#counts[number] = left
    if (left > 0) return
    this.#numbers.delete(this.#lists[number]!)
    this.#vacant.push(number)
  }
}
