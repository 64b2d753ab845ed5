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
import {
  aclAt,
  afterAt,
  beforeAt,
  countAt,
  dataAt,
  eldestAt,
  emptyData,
  largeData,
  NodeRows,
  noData,
  none,
  olderAt,
  pathAt,
  unitsAt,
  youngerAt,
} from './node-rows.ts'
import { type Node, type Nodes, NodeView } from './node-views.ts'
import { pathIndex } from './path-index.ts'
import type { Znode } from './znode.ts'

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
  return new Table(hashKey(secret))
}

/** A walk: the row where it is. `none`: before the first. */
interface Cursor {
  row: number
}

/** A walk over nodes that ends at a certain row. */
interface NodeCursor extends Cursor {
  end: number
}

const noEnd = -2

class Table implements NodeTable, Nodes {
  readonly rows = new NodeRows()
  readonly #arena: Arena = arena((owner, place) => this.#moved(owner, place))
  /** What is too long for the arena. */
  readonly #large = new Map<number, Uint8Array>()
  readonly #acls = new AclsInUse()
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
  #view: NodeView | null = null
  readonly #span: Span = { bytes: nothing, from: 0, to: 0 }
  /** Used again for each node that is restored. */
  readonly #restored = {
    node: new NodeView(this, 0, ''),
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
    this.#view = new NodeView(this, row, path)
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
    this.rows.setNumbers(row, node)
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
    this.#acls.giveBack(this.rows.int(row, aclAt))
    this.rows.setInt(row, aclAt, none)
    while (this.rows.int(row, countAt) > 0) this.#unlist(row, this.rows.int(row, eldestAt))
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
      const row = isOver ? none : cursor.row === none ? this.#first : this.rows.int(cursor.row, afterAt)
      if (row === none) {
        isOver = true
        this.#cursors.delete(reference)
        return { done: true, value: undefined }
      }
      cursor.row = row
      const path = this.#textOf(row, 0)
      return { done: false, value: [path, new NodeView(this, row, path)] }
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
    const node = new NodeView(this, 0, '')
    for (let row = 0; row < this.rows.used; row++) {
      if (this.rows.int(row, aclAt) === none) continue
      this.#arena.find(this.rows.int(row, pathAt), path)
      if (this.rows.int(row, unitsAt) < 0 || !isAscii(path)) fill(path, utf8.encode(this.#textOf(row, 0)))
      const place = this.rows.int(row, dataAt)
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
      this.rows.setInt(row, unitsAt, to - from)
      this.rows.setInt(row, pathAt, this.#arena.put(row * 2, bytes, from, to))
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
    return this.rows.int(row, aclAt) !== none
  }

  data(row: number): Uint8Array | null {
    const place = this.rows.int(row, dataAt)
    if (place >= 0) return this.#arena.bytesAt(place)
    if (place === largeData) return this.#large.get(row)!
    return place === noData ? null : nothing
  }

  setData(row: number, data: Uint8Array | null, from = 0, to = data?.length ?? 0): void {
    const old = this.rows.int(row, dataAt)
    let place = noData
    if (data !== null && to > from) {
      if (to - from > longestInArena) place = largeData
      else place = this.#arena.put(row * 2 + 1, data, from, to)
    } else if (data !== null) {
      place = emptyData
    }
    // Only now: to put something may have moved it.
    const before = old >= 0 ? this.rows.int(row, dataAt) : old
    if (before >= 0) this.#arena.free(before)
    else if (before === largeData) this.#large.delete(row)
    if (place === largeData) this.#large.set(row, to - from === data!.length ? data! : data!.slice(from, to))
    this.rows.setInt(row, dataAt, place)
  }

  acl(row: number): readonly ACL[] {
    return this.#acls.at(this.rows.int(row, aclAt))
  }

  setAcl(row: number, acl: readonly ACL[]): void {
    const old = this.rows.int(row, aclAt)
    this.rows.setInt(row, aclAt, this.#acls.take(acl))
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
    if (this.rows.int(row, countAt) === 0) {
      this.rows.setInt(row, eldestAt, child)
      this.rows.setInt(child, olderAt, child)
      this.rows.setInt(child, youngerAt, child)
    } else {
      const eldest = this.rows.int(row, eldestAt)
      const youngest = this.rows.int(eldest, olderAt)
      this.rows.setInt(child, olderAt, youngest)
      this.rows.setInt(child, youngerAt, eldest)
      this.rows.setInt(youngest, youngerAt, child)
      this.rows.setInt(eldest, olderAt, child)
    }
    this.rows.setInt(row, countAt, this.rows.int(row, countAt) + 1)
  }

  deleteChild(row: number, path: string, name: string): boolean {
    const child = this.#seekChild(path, name)
    if (child === none || !this.#isListed(child)) return false
    this.#unlist(row, child)
    return true
  }

  *childNames(row: number, path: string): Generator<string> {
    // Most nodes are leaves.
    if (this.rows.int(row, countAt) === 0) return
    const cursor: Cursor = { row: none }
    const start = below(path, '').length
    this.#childCursors.add(cursor)
    try {
      for (;;) {
        const eldest = this.rows.int(row, countAt) === 0 ? none : this.rows.int(row, eldestAt)
        const next = cursor.row === none ? eldest : this.rows.int(cursor.row, youngerAt)
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
      let child = this.rows.int(row, eldestAt)
      for (let left = this.rows.int(row, countAt); left > 0; left--) {
        names.push(this.#textOf(child, start))
        child = this.rows.int(child, youngerAt)
      }
      this.#lists.keep(row, names)
    }
    return names.slice()
  }

  #isListed(row: number): boolean {
    return this.rows.int(row, olderAt) !== none
  }

  /** Takes `child` from the list of children of `row`, and out of the table if it was only a name. */
  #unlist(row: number, child: number): void {
    this.#lists.drop(row)
    const older = this.rows.int(child, olderAt)
    const younger = this.rows.int(child, youngerAt)
    const isEldest = child === this.rows.int(row, eldestAt)
    for (const cursor of this.#childCursors) if (cursor.row === child) cursor.row = isEldest ? none : older
    this.rows.setInt(older, youngerAt, younger)
    this.rows.setInt(younger, olderAt, older)
    if (isEldest) this.rows.setInt(row, eldestAt, younger)
    this.rows.setInt(row, countAt, this.rows.int(row, countAt) - 1)
    this.rows.setInt(child, olderAt, none)
    if (!this.isNode(child)) this.#removeRow(child)
  }

  // Nodes, one after the other

  #append(row: number): void {
    this.rows.setInt(row, beforeAt, this.#last)
    this.rows.setInt(row, afterAt, none)
    if (this.#last === none) this.#first = row
    else this.rows.setInt(this.#last, afterAt, row)
    this.#last = row
    this.size++
  }

  /** What is deleted leaves the walks that are there, or end there, at the node before it. */
  #stepBack(cursor: NodeCursor, row: number): void {
    const before = this.rows.int(row, beforeAt)
    if (cursor.row === row) cursor.row = before
    if (cursor.end === row) cursor.end = before
  }

  #takeOut(row: number): void {
    const before = this.rows.int(row, beforeAt)
    const after = this.rows.int(row, afterAt)
    if (before === none) this.#first = after
    else this.rows.setInt(before, afterAt, after)
    if (after === none) this.#last = before
    else this.rows.setInt(after, beforeAt, before)
    this.size--
  }

  // Rows

  /** A row for a path that has none; neither a node yet nor a child. */
  #addRow(path: string): number {
    this.#seek(path)
    const row = this.#newRow()
    this.rows.setInt(row, unitsAt, this.#units)
    this.rows.setInt(row, pathAt, this.#arena.put(row * 2, this.#bytes, 0, this.#length))
    this.#index.enter(row, this.#hash)
    this.#row = row
    return row
  }

  #newRow(): number {
    const row = this.rows.claim()
    this.rows.setInt(row, aclAt, none)
    this.rows.setInt(row, dataAt, noData)
    this.rows.setInt(row, countAt, 0)
    this.rows.setInt(row, olderAt, none)
    return row
  }

  #removeRow(row: number): void {
    const place = this.rows.int(row, pathAt)
    this.#index.leave(row, row === this.#row ? this.#hash : this.#hashAt(place))
    if (row === this.#row) this.#row = none
    this.#arena.free(place)
    this.rows.giveBack(row)
  }

  #hashAt(place: number): number {
    this.#arena.find(place, this.#span)
    const { bytes, from, to } = this.#span
    return sipHash(this.#key, bytes, from, to)
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
    const units = this.rows.int(row, unitsAt)
    const { length } = path
    if (units === length) return this.#arena.holds(this.rows.int(row, pathAt), path)
    return units === -length && this.#textOf(row, 0) === path
  }

  /** The same for a path in ASCII. */
  readonly #isSpanOf = (row: number, { bytes, from, to }: Span): boolean => {
    if (this.rows.int(row, unitsAt) !== to - from) return false
    const there = this.#span
    this.#arena.find(this.rows.int(row, pathAt), there)
    // From the end: paths of one tree begin alike.
    for (let i = to - from - 1; i >= 0; i--) if (bytes[from + i] !== there.bytes[there.from + i]) return false
    return true
  }

  /** The path of a row, from unit `start` on. */
  #textOf(row: number, start: number): string {
    this.#arena.find(this.rows.int(row, pathAt), this.#span)
    const { bytes, from, to } = this.#span
    const isWide = this.rows.int(row, unitsAt) < 0
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
    this.rows.setInt(owner >> 1, (owner & 1) === 0 ? pathAt : dataAt, place)
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
