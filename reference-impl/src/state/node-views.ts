/**
 * A node of the table, and its children, for who looks at them: objects without anything in them but the way to the row.
 */
import { assert } from '../lib/assert.ts'
import type { ACL } from '../wire/records.ts'
import {
  aversionAt,
  countAt,
  ctimeAt,
  cversionAt,
  czxidAt,
  mtimeAt,
  mzxidAt,
  type NodeRows,
  ownerAt,
  pzxidAt,
  versionAt,
} from './node-rows.ts'
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

/** What a table has for its views. */
export interface Nodes {
  readonly rows: NodeRows
  isNode(row: number): boolean
  data(row: number): Uint8Array | null
  setData(row: number, data: Uint8Array | null): void
  acl(row: number): readonly ACL[]
  setAcl(row: number, acl: readonly ACL[]): void
  /** `path` is that of the parent, whose row it is. */
  hasChild(path: string, name: string): boolean
  addChild(row: number, path: string, name: string): void
  deleteChild(row: number, path: string, name: string): boolean
  childNames(row: number, path: string): Generator<string>
  listOfChildren(row: number, path: string): string[]
}

export class NodeView implements Node {
  readonly #table: Nodes
  #row: number
  readonly #path: string

  constructor(table: Nodes, row: number, path: string) {
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
    return new ChildrenView(this.#table, this.#row, this.#path)
  }
  get czxid(): bigint {
    return this.#table.rows.long(this.#row, czxidAt)
  }
  set czxid(value: bigint) {
    this.#table.rows.setLong(this.#row, czxidAt, value)
  }
  get ctime(): bigint {
    return this.#table.rows.long(this.#row, ctimeAt)
  }
  set ctime(value: bigint) {
    this.#table.rows.setLong(this.#row, ctimeAt, value)
  }
  get mzxid(): bigint {
    return this.#table.rows.long(this.#row, mzxidAt)
  }
  set mzxid(value: bigint) {
    this.#table.rows.setLong(this.#row, mzxidAt, value)
  }
  get mtime(): bigint {
    return this.#table.rows.long(this.#row, mtimeAt)
  }
  set mtime(value: bigint) {
    this.#table.rows.setLong(this.#row, mtimeAt, value)
  }
  get pzxid(): bigint {
    return this.#table.rows.long(this.#row, pzxidAt)
  }
  set pzxid(value: bigint) {
    this.#table.rows.setLong(this.#row, pzxidAt, value)
  }
  get ephemeralOwner(): bigint {
    return this.#table.rows.long(this.#row, ownerAt)
  }
  set ephemeralOwner(value: bigint) {
    this.#table.rows.setLong(this.#row, ownerAt, value)
  }
  get version(): number {
    return this.#table.rows.int(this.#row, versionAt)
  }
  set version(value: number) {
    this.#table.rows.setInt(this.#row, versionAt, value)
  }
  get cversion(): number {
    return this.#table.rows.int(this.#row, cversionAt)
  }
  set cversion(value: number) {
    this.#table.rows.setInt(this.#row, cversionAt, value)
  }
  get aversion(): number {
    return this.#table.rows.int(this.#row, aversionAt)
  }
  set aversion(value: number) {
    this.#table.rows.setInt(this.#row, aversionAt, value)
  }
}

/** The children of one node. */
class ChildrenView implements Children {
  readonly #table: Nodes
  readonly #row: number
  readonly #path: string

  constructor(table: Nodes, row: number, path: string) {
    this.#table = table
    this.#row = row
    this.#path = path
  }

  get size(): number {
    return this.#table.rows.int(this.#row, countAt)
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
