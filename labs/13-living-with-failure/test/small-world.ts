/**
 * Lab 13's world round a cache: a tree with its watch, and a connection on which questions, answers and events travel in
 * order. What the cache does is read line by line.
 */
import { expect } from 'vitest'
import { newCache, step } from '#lab/recipes/cache.ts'
import type { CacheEffect, CacheInput, CacheState } from '#lab/recipes/cache-messages.ts'
import type { Stat } from '#lab/wire/records.ts'
import { formatZxid, type Zxid } from '#lab/wire/zxid.ts'
import { Listener } from './listener.ts'

interface Node {
  data: string
  stat: Stat
}

/** What a server knows at some moment. */
export interface Tree {
  zxid: Zxid
  nodes: ReadonlyMap<string, Node>
}

type Question = Extract<CacheEffect, { type: 'read' | 'list' | 'sync' }>

export interface WorldOptions {
  depth?: number
  /** Do events say which change they are about, as from 3.9 on? */
  saysZxid?: boolean
}

/** The cache is one of `/r`. The server is at zxid 0x10 and its tree empty. */
export class SmallWorld {
  readonly cache: CacheState
  readonly #saysZxid: boolean
  /** What all servers together know. */
  #tree: { zxid: Zxid; nodes: Map<string, Node> } = { zxid: 0x10n, nodes: new Map() }
  /** What the server knows that the cache is connected with; null while it knows everything. */
  #behind: Tree | null = null
  #isConnected = false
  #isReadOnly = false
  #isWatched = false
  #isOneTransaction = false
  #questions: Question[] = []
  #mail: CacheInput[] = []
  readonly #out: CacheEffect[] = []
  readonly #steps: string[] = []
  readonly #listener = new Listener('/r')
  /** How often the cache has said that it is ready. */
  ready = 0

  constructor({ depth = Infinity, saysZxid = true }: WorldOptions = {}) {
    this.cache = newCache('/r', depth)
    this.#saysZxid = saysZxid
  }

  // What others do

  create(path: string, data = ''): this {
    const zxid = this.#next(`others: create ${path} ${data}`)
    const nothing = { ctime: 0n, mtime: 0n, version: 0, cversion: 0, aversion: 0, ephemeralOwner: 0n }
    const stat = {
      ...nothing,
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      numChildren: 0,
      dataLength: data.length,
    }
    this.#tree.nodes.set(path, { data, stat })
    this.#countChild(path, 1, zxid)
    return this.#fire('NodeCreated', path, zxid)
  }

  set(path: string, data: string): this {
    const zxid = this.#next(`others: set ${path} ${data}`)
    const { stat } = this.#tree.nodes.get(path)!
    this.#tree.nodes.set(path, { data, stat: { ...stat, mzxid: zxid, version: stat.version + 1 } })
    return this.#fire('NodeDataChanged', path, zxid)
  }

  delete(path: string): this {
    const zxid = this.#next(`others: delete ${path}`)
    this.#tree.nodes.delete(path)
    this.#countChild(path, -1, zxid)
    return this.#fire('NodeDeleted', path, zxid)
  }

  /** All that is written in there has one zxid. */
  together(write: () => void): this {
    this.#next('others: in one transaction')
    this.#isOneTransaction = true
    write()
    this.#isOneTransaction = false
    return this
  }

  has(path: string): boolean {
    return this.#tree.nodes.has(path)
  }

  /** What the servers know now, for one that will be behind. */
  snapshot(): Tree {
    return { zxid: this.#tree.zxid, nodes: new Map(this.#tree.nodes) }
  }

  // The connection

  /** `behind`: to a server that knows no more than this, until it is asked to sync; one that only reads never syncs. */
  connect({ behind = null, isReadOnly = false }: { behind?: Tree | null; isReadOnly?: boolean } = {}): this {
    const server = behind === null ? 'a server' : `a server that has seen ${formatZxid(behind.zxid)}`
    this.#steps.push(`connected with ${server}${isReadOnly ? ', which only reads' : ''}`)
    this.#isConnected = true
    this.#behind = behind
    this.#isReadOnly = isReadOnly
    return this.#step({ type: 'connected' })
  }

  /** All that is on its way is lost, and so is the watch. */
  lose(): this {
    this.#steps.push('the connection is lost')
    this.#isConnected = false
    this.#isWatched = false
    this.#behind = null
    this.#questions = []
    this.#mail = []
    return this.#step({ type: 'disconnected' })
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** Does the server know everything? */
  get isServed(): boolean {
    return this.#isConnected && this.#behind === null
  }

  /** The server answers the oldest question; the answer is on its way. False if there is none. */
  serve(): boolean {
    const question = this.#questions.shift()
    if (question === undefined) return false
    if (question.type === 'sync') {
      if (this.#isReadOnly) return true
      this.#behind = null
      this.#mail.push({ type: 'synced' })
      return true
    }
    const { zxid, nodes } = this.#behind ?? this.#tree
    const { type, path } = question
    const node = nodes.get(path)
    if (type === 'read') {
      const found = node && { data: bytes(node.data), stat: node.stat }
      this.#mail.push({ type: 'read', path, zxid, node: found ?? null })
    } else {
      const names = [...nodes.keys()].filter(each => parent(each) === path && each !== path).map(name)
      this.#mail.push({ type: 'listed', path, zxid, names: node === undefined ? null : names.sort() })
    }
    return true
  }

  /** The oldest that is on its way to the cache arrives. False if there is nothing. */
  deliver(): boolean {
    const input = this.#mail.shift()
    if (input === undefined) return false
    this.#steps.push(shownInput(input))
    this.#step(input)
    return true
  }

  /** The oldest event arrives, or the oldest answer, though the other may be older. False if there is none. */
  deliverNext(what: 'event' | 'answer'): boolean {
    const at = this.#mail.findIndex(({ type }) => (type === 'event') === (what === 'event'))
    if (at < 0) return false
    const [input] = this.#mail.splice(at, 1)
    this.#steps.push(`${shownInput(input!)}${at > 0 ? ', before what is older' : ''}`)
    this.#step(input!)
    return true
  }

  /** The oldest question is answered, and all that is on its way arrives; as often as is said. */
  answer(questions = 1): this {
    for (let i = 0; i < questions; i++) {
      if (!this.serve()) throw new Error('nothing was asked')
      while (this.deliver());
    }
    return this
  }

  /** Until nothing is on its way. A cache that would go on asking for ever is stopped. */
  settle(atMost = 500): this {
    for (let steps = 0; this.deliver() || this.serve(); steps++) {
      if (steps > atMost) throw new Error(`${atMost} questions and answers later it is still asking`)
    }
    return this
  }

  // What the cache has done

  /** A line for each effect since this was last asked. */
  happened(): string[] {
    const lines = this.#out.map(shownEffect)
    this.#out.length = 0
    return lines
  }

  expect(lines: readonly string[], because: string): this {
    expect(this.happened(), this.story(because)).toEqual(lines)
    return this
  }

  /** What the cache holds is what the lines say, or, where none are given, the tree. */
  expectHeld(because: string, lines: readonly string[] = this.tree()): this {
    expect(this.held(), this.story(because)).toEqual(lines)
    return this
  }

  held(): string[] {
    return [...this.cache.held.values()].map(({ node }) => `${node.path} ${text(node.data)}`.trimEnd()).sort()
  }

  /** What is to be held, once nothing is on its way. */
  tree(): string[] {
    const { depth } = this.cache
    const isCovered = (path: string): boolean => path.split('/').length - 2 <= depth
    return [...this.#tree.nodes]
      .filter(([path]) => path.startsWith('/r') && isCovered(path))
      .map(([path, { data }]) => `${path} ${data}`.trimEnd())
      .sort()
  }

  /**
   * What is wrong with what listeners were told so far; null if nothing is. Who begins with nothing and follows it must
   * hold what the cache holds.
   */
  faultInTold(): string | null {
    if (this.#listener.fault !== null) return this.#listener.fault
    const told = this.#listener.lines((path, { data }) => `${path} ${data}`.trimEnd())
    const held = this.held()
    if (told.join('\n') !== held.join('\n')) return `told: ${told.join(', ')}; held: ${held.join(', ')}`
    return null
  }

  /** Is a node being read twice at a time? null if none is. */
  faultInQuestions(): string | null {
    const reads = this.#questions.flatMap(question => (question.type === 'read' ? [question.path] : []))
    const twice = reads.find((path, at) => reads.indexOf(path) < at)
    return twice === undefined ? null : `${twice} was asked for while it was being read`
  }

  #step(input: CacheInput): this {
    const out: CacheEffect[] = []
    step(this.cache, input, out)
    for (const effect of out) {
      this.#out.push(effect)
      if (effect.type === 'watch') this.#isWatched = this.#isConnected
      else if (effect.type === 'tell') this.#listener.hear(effect.change)
      else if (effect.type === 'ready') this.ready++
      else this.#questions.push(effect)
    }
    return this
  }

  #next(what: string): Zxid {
    if (this.#isOneTransaction) return this.#tree.zxid
    this.#steps.push(what)
    return ++this.#tree.zxid
  }

  #countChild(path: string, change: number, pzxid: Zxid): void {
    const above = this.#tree.nodes.get(parent(path))
    if (above === undefined) return
    const { stat } = above
    const numChildren = stat.numChildren + change
    const cversion = stat.cversion + 1
    this.#tree.nodes.set(parent(path), { ...above, stat: { ...stat, numChildren, cversion, pzxid } })
  }

  #fire(event: 'NodeCreated' | 'NodeDataChanged' | 'NodeDeleted', path: string, zxid: Zxid): this {
    if (this.#isWatched && this.#behind === null) {
      this.#mail.push({ type: 'event', event, path, zxid: this.#saysZxid ? zxid : -1n })
    }
    return this
  }

  /** What has happened so far, and a rule below it. */
  story(because: string): string {
    const steps = this.#steps.map((line, at) => `    ${at + 1}  ${line}\n`).join('')
    return `\n${steps}  ${because}\n `
  }
}

function shownInput(input: CacheInput): string {
  switch (input.type) {
    case 'event':
      return `event: ${input.event} ${input.path}, zxid ${input.zxid === -1n ? 'unknown' : formatZxid(input.zxid)}`
    case 'read': {
      const what = input.node === null ? 'no node' : text(input.node.data)
      return `answer: read ${input.path}: ${what} (as of ${formatZxid(input.zxid)})`
    }
    case 'listed': {
      const what = input.names === null ? 'no node' : input.names.join(' ')
      return `answer: list ${input.path}: ${what} (as of ${formatZxid(input.zxid)})`
    }
    default:
      return input.type
  }
}

function shownEffect(effect: CacheEffect): string {
  switch (effect.type) {
    case 'read':
    case 'list':
      return `${effect.type} ${effect.path}`
    case 'tell': {
      const { change } = effect
      const data = change.type === 'deleted' ? '' : text(change.node.data)
      return `${change.type} ${change.path} ${data}`.trimEnd()
    }
    default:
      return effect.type
  }
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}

function name(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

function bytes(data: string): Uint8Array {
  return new TextEncoder().encode(data)
}

function text(data: Uint8Array | null): string {
  return new TextDecoder().decode(data ?? new Uint8Array())
}
