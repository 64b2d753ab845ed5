/**
 * The nodes of a tree by their paths: a `Map` in all but its weight. As objects, a million nodes are ten million things
 * that the engine has to keep apart and its collector has to visit, and while it does, nobody is served. Here a node is a
 * row in a few large arrays of numbers, its path and its data are bytes in an arena, and an object is made only for
 * the node that somebody looks at. The children of a node are rows that point at one another.
 *
 * The rule: `set` copies what it is given, and what `get` answers is the node itself: to write to it changes the table.
 * It is good until the node is deleted.
 * Cost: a look-up costs the same however large the table is, and so does a child however many there are. Nothing that
 * grows is ever copied as a whole: nobody waits for longer because there are many nodes.
 */
import { type Arena, arena, longestInArena, type Span } from '../lib/arena.ts'
import { assert } from '../lib/assert.ts'
import { type HashKey, hashKey, sipHash } from '../lib/sip-hash.ts'
import { textOfUnits } from '../lib/units.ts'
import type { ACL } from '../wire/records.ts'
import { AclsInUse } from './acls-in-use.ts'
import { KeptLists } from './kept-lists.ts'
import { noRow, pathIndex } from './path-index.ts'
import type { Znode } from './znode.ts'

/** A node in the table. */
export interface Node extends Znode {
  readonly children: Children
}

/**
 * The names of the children of one node: a `Set` in all but its weight, and walked like one, also while names come and go.
 * They are names and no more: one may be there before its node is set, and stay when that is deleted.
 */
export interface Children extends Iterable<string> {
  readonly size: number
  has(name: string): boolean
  /** `name` is a bare name, without a slash. */
  add(name: string): void
  delete(name: string): boolean
  /** All of them, in an array of the caller's own: faster than to walk, most of all the second time. */
  list(): string[]
}

/** Walked like a Map: in the order of the first `set`, and correctly while nodes come and go. */
export interface NodeTable {
  readonly size: number
  get(path: string): Node | undefined
  has(path: string): boolean
  /** A node that is new has no children; one that is there keeps its own. */
  set(path: string, node: Znode): void
  delete(path: string): boolean
  keys(): IterableIterator<string>
  entries(): IterableIterator<[path: string, node: Node]>
  [Symbol.iterator](): IterableIterator<[path: string, node: Node]>
  /** The same without those that come while it is walked. */
  present(): IterableIterator<[path: string, node: Node]>
  /**
   * Shows every node, in no order, and makes nothing for it: what `look` is shown is another node the next time. A path
   * is shown as UTF-8; of no data there are no bytes.
   */
  scan(look: (path: Span, node: Znode, data: Span) => void): void
  /**
   * `set`, and `add` among the children of its parent, for a node whose path and data are bytes. Its numbers are to be written
   * to what this answers, which is another node the next time. undefined, and nothing has changed: there is no parent, or
   * only a text can tell which path this is.
   */
  restore(path: Span, data: Span | null, acl: readonly ACL[]): Znode | undefined
}

/**
 * `secret`: eight bytes that nobody knows who may choose paths. He could choose such that to find one of them is a search
 * through all.
 */
export function nodeTable(secret: Uint8Array = noSecret): NodeTable {
  return new Rows(hashKey(secret))
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
const ints = 13
const versionAt = 0
const cversionAt = 1
const aversionAt = 2
/** Which of the lists in use is its ACL; `none`: the row is no node, but only a name that some node has among its children. */
const aclAt = 3
/** The nodes that were set before and after it; of a free row, the next free one. */
const beforeAt = 4
const afterAt = 5
/** Where in the arena its path is, and how many units it has: less than 0 when they need two bytes each. */
const pathAt = 6
const unitsAt = 7
/** Where its data is, or one of the three below. */
const dataAt = 8
/** The first of its children, and how many they are. */
const eldestAt = 9
const countAt = 10
/** Its siblings, in a ring: the eldest one comes after the youngest. `none`: it is nobody's child. */
const olderAt = 11
const youngerAt = 12

const noData = -1
const emptyData = -2
const largeData = -3

const none = noRow

/** A walk: the row where it is. `none`: before the first. */
interface Cursor {
  row: number
}

/** A walk over nodes that ends at a certain row. */
interface NodeCursor extends Cursor {
  end: number
}

const noEnd = -2

class Rows implements NodeTable {
  readonly #longs: BigInt64Array[] = []
  readonly #ints: Int32Array[] = []
  readonly #arena: Arena = arena((owner, place) => this.#moved(owner, place))
  /** What is too long for the arena. */
  readonly #large = new Map<number, Uint8Array>()
  readonly #acls = new AclsInUse()
  /** Rows that have ever been used, and the first of those that are free again. */
  #used = 0
  #free = none
  #first = none
  #last = none
  size = 0
  readonly #key: HashKey
  readonly #index = pathIndex()
  readonly #cursors = new Set<WeakRef<NodeCursor>>()
  /** Of those who walk over children: they come to an end, or say that they stop. */
  readonly #childCursors = new Set<Cursor>()
  /** Of children, as they still are. */
  readonly #lists = new KeptLists()
  /** The path that was looked for last, as bytes, too: who asks comes back to set, or to list it as a child. */
  #sought: string | null = null
  #bytes = new Uint8Array(256)
  #length = 0
  /** Less than 0 when a unit needs two of them. */
  #units = 0
  /** Its hash, and its row or `none`. */
  #hash = 0
  #row = none
  /** Whoever looks a node up looks again. */
  #seen: string | null = null
  #view: Row | null = null
  readonly #span: Span = { bytes: nothing, from: 0, to: 0 }
  /** Used again for each node that is restored. */
  readonly #restored = {
    node: new Row(this, 0, ''),
    parent: { bytes: nothing, from: 0, to: 0 } as Span,
    parentRow: none,
  }

  constructor(key: HashKey) {
    this.#key = key
  }

  get(path: string): Node | undefined {
    if (path === this.#seen) return this.#view!
    const row = this.#seek(path)
    if (row === none || !this.isNode(row)) return undefined
    this.#seen = path
    this.#view = new Row(this, row, path)
    return this.#view
  }

  has(path: string): boolean {
    if (path === this.#seen) return true
    const row = this.#seek(path)
    return row !== none && this.isNode(row)
  }

  set(path: string, node: Znode): void {
    let row = this.#seek(path)
    if (row === none) row = this.#addRow(path)
    if (!this.isNode(row)) this.#append(row)
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
    this.setAcl(row, node.acl)
    this.setData(row, node.data)
  }

  delete(path: string): boolean {
    const row = this.#seek(path)
    if (row === none || !this.isNode(row)) return false
    if (this.#seen === path) this.#seen = null
    for (const reference of this.#cursors) {
      const cursor = reference.deref()
      if (cursor === undefined) this.#cursors.delete(reference)
      else this.#stepBack(cursor, row)
    }
    this.#takeOut(row)
    this.setData(row, null)
    this.#acls.giveBack(this.int(row, aclAt))
    this.setInt(row, aclAt, none)
    while (this.int(row, countAt) > 0) this.#unlist(row, this.int(row, eldestAt))
    if (!this.#isListed(row)) this.#removeRow(row)
    return true
  }

  *keys(): IterableIterator<string> {
    for (const [path] of this.entries()) yield path
  }

  entries(): IterableIterator<[path: string, node: Node]> {
    return this.#walk({ row: none, end: noEnd })
  }

  present(): IterableIterator<[path: string, node: Node]> {
    return this.#walk({ row: none, end: this.#last })
  }

  #walk(cursor: NodeCursor): IterableIterator<[path: string, node: Node]> {
    const reference = new WeakRef(cursor)
    this.#cursors.add(reference)
    let isOver = false
    const next = (): IteratorResult<[path: string, node: Node]> => {
      isOver ||= cursor.row === cursor.end
      const row = isOver ? none : cursor.row === none ? this.#first : this.int(cursor.row, afterAt)
      if (row === none) {
        isOver = true
        this.#cursors.delete(reference)
        return { done: true, value: undefined }
      }
      cursor.row = row
      const path = this.#textOf(row, 0)
      return { done: false, value: [path, new Row(this, row, path)] }
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

  scan(look: (path: Span, node: Znode, data: Span) => void): void {
    const path: Span = { bytes: nothing, from: 0, to: 0 }
    const data: Span = { bytes: nothing, from: 0, to: 0 }
    const node = new Row(this, 0, '')
    for (let row = 0; row < this.#used; row++) {
      if (this.int(row, aclAt) === none) continue
      this.#arena.find(this.int(row, pathAt), path)
      if (this.int(row, unitsAt) < 0 || !isAscii(path)) fill(path, utf8.encode(this.#textOf(row, 0)))
      const place = this.int(row, dataAt)
      if (place >= 0) this.#arena.find(place, data)
      else fill(data, place === largeData ? this.#large.get(row)! : nothing)
      node.move(row)
      look(path, node, data)
    }
  }

  restore(path: Span, data: Span | null, acl: readonly ACL[]): Znode | undefined {
    const { bytes, from, to } = path
    let slashAt = -1
    for (let at = from; at < to; at++) {
      const unit = bytes[at]!
      if (unit > 0x7f) return undefined
      if (unit === slash) slashAt = at
    }
    // The root is nobody's child, and what does not begin with one slash or ends with one is no path.
    if (to - from < 2 || bytes[from] !== slash || slashAt === from + 1 || slashAt === to - 1) return undefined
    const parent = this.#restoredParent(path, slashAt)
    if (parent === none) return undefined
    const hash = sipHash(this.#key, bytes, from, to)
    let row = this.#index.find(path, hash, this.#isSpanOf)
    if (row === none) {
      row = this.#newRow()
      this.setInt(row, unitsAt, to - from)
      this.setInt(row, pathAt, this.#arena.put(row * 2, bytes, from, to))
      this.#index.enter(row, hash)
      // It may have been looked for in vain.
      this.#sought = null
    }
    if (!this.isNode(row)) this.#append(row)
    this.setAcl(row, acl)
    if (data === null) this.setData(row, null)
    else this.setData(row, data.bytes, data.from, data.to)
    this.#list(parent, row)
    this.#restored.node.move(row)
    return this.#restored.node
  }

  /** The row of the node that a path has up to its last slash. Mostly it is the same as the last time. */
  #restoredParent({ bytes, from }: Span, slashAt: number): number {
    const restored = this.#restored
    const { parent } = restored
    parent.bytes = bytes
    parent.from = from
    parent.to = slashAt === from ? from + 1 : slashAt
    const last = restored.parentRow
    if (last === none || !this.isNode(last) || !this.#isSpanOf(last, parent)) {
      const hash = sipHash(this.#key, bytes, from, parent.to)
      const row = this.#index.find(parent, hash, this.#isSpanOf)
      restored.parentRow = row === none || !this.isNode(row) ? none : row
    }
    // The bytes are as many as the tree has: nobody must keep them.
    parent.bytes = nothing
    return restored.parentRow
  }

  // For the views

  isNode(row: number): boolean {
    return this.int(row, aclAt) !== none
  }

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

  setData(row: number, data: Uint8Array | null, from = 0, to = data?.length ?? 0): void {
    const old = this.int(row, dataAt)
    let place = noData
    if (data !== null && to > from) {
      if (to - from > longestInArena) place = largeData
      else place = this.#arena.put(row * 2 + 1, data, from, to)
    } else if (data !== null) {
      place = emptyData
    }
    // Only now: to put something may have moved it.
    const before = old >= 0 ? this.int(row, dataAt) : old
    if (before >= 0) this.#arena.free(before)
    else if (before === largeData) this.#large.delete(row)
    if (place === largeData) this.#large.set(row, to - from === data!.length ? data! : data!.slice(from, to))
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

  // Children, for the views. `path` is that of their parent.

  hasChild(path: string, name: string): boolean {
    const child = this.#seekChild(path, name)
    return child !== none && this.#isListed(child)
  }

  addChild(row: number, path: string, name: string): void {
    assert(!name.includes('/'), 'a child is added by its bare name')
    let child = this.#seekChild(path, name)
    if (child === none) child = this.#addRow(below(path, name))
    this.#list(row, child)
  }

  #list(row: number, child: number): void {
    if (this.#isListed(child)) return
    this.#lists.drop(row)
    if (this.int(row, countAt) === 0) {
      this.setInt(row, eldestAt, child)
      this.setInt(child, olderAt, child)
      this.setInt(child, youngerAt, child)
    } else {
      const eldest = this.int(row, eldestAt)
      const youngest = this.int(eldest, olderAt)
      this.setInt(child, olderAt, youngest)
      this.setInt(child, youngerAt, eldest)
      this.setInt(youngest, youngerAt, child)
      this.setInt(eldest, olderAt, child)
    }
    this.setInt(row, countAt, this.int(row, countAt) + 1)
  }

  deleteChild(row: number, path: string, name: string): boolean {
    const child = this.#seekChild(path, name)
    if (child === none || !this.#isListed(child)) return false
    this.#unlist(row, child)
    return true
  }

  *childNames(row: number, path: string): Generator<string> {
    const cursor: Cursor = { row: none }
    const start = below(path, '').length
    this.#childCursors.add(cursor)
    try {
      for (;;) {
        const eldest = this.int(row, countAt) === 0 ? none : this.int(row, eldestAt)
        const next = cursor.row === none ? eldest : this.int(cursor.row, youngerAt)
        if (next === none || (next === eldest && cursor.row !== none)) return
        cursor.row = next
        yield this.#textOf(next, start)
      }
    } finally {
      this.#childCursors.delete(cursor)
    }
  }

  listOfChildren(row: number, path: string): string[] {
    let names = this.#lists.get(row)
    if (names === undefined) {
      names = []
      const start = below(path, '').length
      let child = this.int(row, eldestAt)
      for (let left = this.int(row, countAt); left > 0; left--) {
        names.push(this.#textOf(child, start))
        child = this.int(child, youngerAt)
      }
      this.#lists.keep(row, names)
    }
    return names.slice()
  }

  #isListed(row: number): boolean {
    return this.int(row, olderAt) !== none
  }

  /** Takes `child` from the list of children of `row`, and out of the table if it was only a name. */
  #unlist(row: number, child: number): void {
    this.#lists.drop(row)
    const older = this.int(child, olderAt)
    const younger = this.int(child, youngerAt)
    const isEldest = child === this.int(row, eldestAt)
    for (const cursor of this.#childCursors) if (cursor.row === child) cursor.row = isEldest ? none : older
    this.setInt(older, youngerAt, younger)
    this.setInt(younger, olderAt, older)
    if (isEldest) this.setInt(row, eldestAt, younger)
    this.setInt(row, countAt, this.int(row, countAt) - 1)
    this.setInt(child, olderAt, none)
    if (!this.isNode(child)) this.#removeRow(child)
  }

  // Nodes, one after the other

  #append(row: number): void {
    this.setInt(row, beforeAt, this.#last)
    this.setInt(row, afterAt, none)
    if (this.#last === none) this.#first = row
    else this.setInt(this.#last, afterAt, row)
    this.#last = row
    this.size++
  }

  /** What is deleted leaves the walks that are there, or end there, at the node before it. */
  #stepBack(cursor: NodeCursor, row: number): void {
    const before = this.int(row, beforeAt)
    if (cursor.row === row) cursor.row = before
    if (cursor.end === row) cursor.end = before
  }

  #takeOut(row: number): void {
    const before = this.int(row, beforeAt)
    const after = this.int(row, afterAt)
    if (before === none) this.#first = after
    else this.setInt(before, afterAt, after)
    if (after === none) this.#last = before
    else this.setInt(after, beforeAt, before)
    this.size--
  }

  // Rows

  /** A row for a path that has none; neither a node yet nor a child. */
  #addRow(path: string): number {
    this.#seek(path)
    const row = this.#newRow()
    this.setInt(row, unitsAt, this.#units)
    this.setInt(row, pathAt, this.#arena.put(row * 2, this.#bytes, 0, this.#length))
    this.#index.enter(row, this.#hash)
    this.#row = row
    return row
  }

  #newRow(): number {
    const row = this.#claimRow()
    this.setInt(row, aclAt, none)
    this.setInt(row, dataAt, noData)
    this.setInt(row, countAt, 0)
    this.setInt(row, olderAt, none)
    return row
  }

  #removeRow(row: number): void {
    const place = this.int(row, pathAt)
    this.#arena.find(place, this.#span)
    const { bytes, from, to } = this.#span
    this.#index.leave(row, sipHash(this.#key, bytes, from, to))
    if (row === this.#row) this.#row = none
    this.#arena.free(place)
    this.setInt(row, afterAt, this.#free)
    this.#free = row
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

  /** The row with this path. */
  #seek(path: string): number {
    if (path !== this.#sought) {
      this.#encode(path)
      this.#hash = sipHash(this.#key, this.#bytes, 0, this.#length)
      this.#row = this.#index.find(path, this.#hash, this.#isPathOf)
      this.#sought = path
    }
    return this.#row
  }

  /** The row with the path of that child. Mostly it was just looked for, and then it need not be put together. */
  #seekChild(path: string, name: string): number {
    const sought = this.#sought
    if (sought !== null) {
      const start = path === '/' ? 1 : path.length + 1
      const isIt =
        sought.length === start + name.length &&
        sought.charCodeAt(start - 1) === slash &&
        sought.endsWith(name) &&
        sought.startsWith(path)
      if (isIt) return this.#row
    }
    return this.#seek(below(path, name))
  }

  readonly #isPathOf = (row: number, path: string): boolean => {
    const units = this.int(row, unitsAt)
    const { length } = path
    if (units === length) return this.#arena.holds(this.int(row, pathAt), path)
    return units === -length && this.#textOf(row, 0) === path
  }

  /** The same for a path in ASCII. */
  readonly #isSpanOf = (row: number, { bytes, from, to }: Span): boolean => {
    if (this.int(row, unitsAt) !== to - from) return false
    const there = this.#span
    this.#arena.find(this.int(row, pathAt), there)
    // From the end: paths of one tree begin alike.
    for (let i = to - from - 1; i >= 0; i--) if (bytes[from + i] !== there.bytes[there.from + i]) return false
    return true
  }

  /** The path of a row, from unit `start` on. */
  #textOf(row: number, start: number): string {
    this.#arena.find(this.int(row, pathAt), this.#span)
    const { bytes, from, to } = this.#span
    const isWide = this.int(row, unitsAt) < 0
    return textOfUnits(bytes, from + (isWide ? 2 * start : start), to, isWide)
  }

  #encode(path: string): void {
    const { length } = path
    if (this.#bytes.length < 2 * length) this.#bytes = new Uint8Array(4 * length)
    const bytes = this.#bytes
    let every = 0
    for (let i = 0; i < length; i++) {
      const unit = path.charCodeAt(i)
      bytes[i] = unit
      every |= unit
    }
    const isWide = every > 0xff
    if (isWide) {
      for (let i = 0; i < length; i++) {
        const unit = path.charCodeAt(i)
        bytes[2 * i] = unit >> 8
        bytes[2 * i + 1] = unit
      }
    }
    this.#length = isWide ? 2 * length : length
    this.#units = isWide ? -length : length
  }

  #moved(owner: number, place: number): void {
    this.setInt(owner >> 1, (owner & 1) === 0 ? pathAt : dataAt, place)
  }
}

const nothing = new Uint8Array(0)
const slash = 0x2f
/** In a simulation and in a test, everybody knows it. */
const noSecret = new Uint8Array(8)
const utf8 = new TextEncoder()

/** The path of a child; with an empty name, what its path begins with. */
function below(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`
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

/** One node of the table, for who looks at it. */
class Row implements Node {
  readonly #table: Rows
  #row: number
  readonly #path: string
  #children: Children | null = null

  constructor(table: Rows, row: number, path: string) {
    this.#table = table
    this.#row = row
    this.#path = path
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
  get children(): Children {
    assert(this.#table.isNode(this.#row), 'a node is asked for its children before it is deleted, not after')
    this.#children ??= new Names(this.#table, this.#row, this.#path)
    return this.#children
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

/** The children of one node. */
class Names implements Children {
  readonly #table: Rows
  readonly #row: number
  readonly #path: string

  constructor(table: Rows, row: number, path: string) {
    this.#table = table
    this.#row = row
    this.#path = path
  }

  get size(): number {
    return this.#table.int(this.#row, countAt)
  }
  has(name: string): boolean {
    return this.#table.hasChild(this.#path, name)
  }
  add(name: string): void {
    this.#table.addChild(this.#row, this.#path, name)
  }
  delete(name: string): boolean {
    return this.#table.deleteChild(this.#row, this.#path, name)
  }
  list(): string[] {
    return this.#table.listOfChildren(this.#row, this.#path)
  }
  [Symbol.iterator](): Iterator<string> {
    return this.#table.childNames(this.#row, this.#path)
  }
}
