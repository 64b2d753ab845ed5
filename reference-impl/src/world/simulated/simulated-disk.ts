/**
 * A disk that keeps its promises and not a byte more. A file has the bytes of its last sync, which a crash cannot
 * touch, and what came since: a crash may cut, tear or take what is new, and bring back what was written over.
 */
import type { Prng } from '../../lib/prng.ts'
import type { Disk, Done, Millis } from '../world.ts'
import type { Power, Timeline } from './timeline.ts'

export interface DiskFaults {
  /** How long a write takes, at least and at most; and a sync. */
  writeMillis: [Millis, Millis]
  syncMillis: [Millis, Millis]
  /** How often a write finds the disk full (ENOSPC); a part of it may be there all the same. */
  full: number
  /** How often an operation fails (EIO). After a failed sync no later one saves what it was asked to save. */
  broken: number
  /** How often a sector that was not synced reads as zeros after a crash, though one behind it came through. */
  torn: number
}

const defaults: DiskFaults = {
  writeMillis: [0.01, 0.1],
  syncMillis: [0.1, 2],
  full: 0,
  broken: 0,
  torn: 0.2,
}

const sectorBytes = 512

interface File {
  /** Never changed in place: every write brings new ones. */
  bytes: Uint8Array
  /** The bytes as a crash can at worst leave them. */
  durable: Uint8Array
  /** Its name in the folder is durable; if not, a crash may take the file as a whole. */
  named: boolean
  /** A sync failed: the system believes that it has written what it has not, so no sync saves it any more. */
  doomed: boolean
}

type Operation =
  | { type: 'append'; bytes: Uint8Array; done: Done }
  | { type: 'write'; offset: number; bytes: Uint8Array; done: Done }
  | { type: 'sync'; done: Done }
  | { type: 'replace'; bytes: Uint8Array; done: Done }
  | { type: 'truncate'; length: number; done: Done }
  | { type: 'remove'; done: Done }

export class SimulatedDisk {
  readonly #timeline: Timeline
  readonly #dice: Prng
  readonly #name: string
  readonly #faults: DiskFaults
  readonly #files = new Map<string, File>()
  /** What is to be done to each file; the first is being done. */
  readonly #queues = new Map<string, Operation[]>()

  constructor(timeline: Timeline, dice: Prng, name: string, faults: Partial<DiskFaults>) {
    this.#timeline = timeline
    this.#dice = dice
    this.#name = name
    this.#faults = { ...defaults, ...faults }
  }

  /** The disk as one life of its host sees it. */
  start(power: Power): Disk {
    const add = (path: string, operation: Operation): void => {
      if (power.on) this.#add(path, operation, power)
    }
    return {
      list: folder => this.#list(folder),
      size: path => this.#files.get(path)?.bytes.length ?? null,
      read: (path, offset = 0, length = Number.POSITIVE_INFINITY) =>
        this.#files.get(path)?.bytes.slice(offset, offset + length) ?? null,
      append: (path, bytes, done) => add(path, { type: 'append', bytes, done }),
      write: (path, offset, bytes, done) => add(path, { type: 'write', offset, bytes, done }),
      sync: (path, done) => add(path, { type: 'sync', done }),
      replace: (path, bytes, done) => add(path, { type: 'replace', bytes, done }),
      truncate: (path, length, done) => add(path, { type: 'truncate', length, done }),
      remove: (path, done) => add(path, { type: 'remove', done }),
    }
  }

  crash(): void {
    for (const [path, operations] of this.#queues) {
      // What was asked for and not answered may have happened, in order, up to some point.
      for (const operation of operations) {
        if (operation.type === 'sync' || this.#dice.chance(0.5)) break
        this.#apply(path, operation)
      }
    }
    this.#queues.clear()
    for (const [path, file] of this.#files) this.#lose(path, file)
  }

  #list(folder: string): string[] {
    const prefix = folder === '' ? '' : `${folder}/`
    const names = new Set<string>()
    for (const path of this.#files.keys()) {
      if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0]!)
    }
    return [...names].sort()
  }

  #add(path: string, operation: Operation, power: Power): void {
    const operations = this.#queues.get(path) ?? []
    this.#queues.set(path, operations)
    operations.push(operation)
    if (operations.length === 1) this.#start(path, operations, power)
  }

  #start(path: string, operations: Operation[], power: Power): void {
    const operation = operations[0]!
    const { writeMillis, syncMillis } = this.#faults
    const lasts = this.#dice.millis(operation.type === 'sync' ? syncMillis : writeMillis)
    this.#timeline.after(lasts, () => {
      if (!power.on) return
      const error = this.#carryOut(path, operation)
      operations.shift()
      if (operations.length > 0) this.#start(path, operations, power)
      else this.#queues.delete(path)
      if (error === null) operation.done()
      else operation.done(error)
    })
  }

  #carryOut(path: string, operation: Operation): Error | null {
    const what = `${this.#name} ${operation.type} ${path}`
    const file = this.#files.get(path)
    if (this.#dice.chance(this.#faults.broken)) {
      if (operation.type === 'sync' && file !== undefined) file.doomed = true
      this.#timeline.tell(`${what} fails: EIO`)
      return failure('EIO', 'i/o error', what)
    }
    const writes = 'bytes' in operation
    if (writes && this.#dice.chance(this.#faults.full)) {
      if (operation.type !== 'replace') {
        const some = this.#dice.below(operation.bytes.length + 1)
        this.#apply(path, { ...operation, bytes: operation.bytes.subarray(0, some) })
      }
      this.#timeline.tell(`${what} fails: ENOSPC`)
      return failure('ENOSPC', 'no space left on device', what)
    }
    if (operation.type === 'truncate' && file === undefined) {
      return failure('ENOENT', 'no such file or directory', what)
    }
    if (writes) this.#timeline.tellBytes(what, operation.bytes)
    else this.#timeline.tell(what)
    this.#apply(path, operation)
    return null
  }

  #apply(path: string, operation: Operation): void {
    const file = this.#files.get(path) ?? {
      bytes: nothing,
      durable: nothing,
      named: false,
      doomed: false,
    }
    switch (operation.type) {
      case 'append':
        this.#files.set(path, file)
        file.bytes = overwritten(file.bytes, file.bytes.length, operation.bytes)
        return
      case 'write':
        this.#files.set(path, file)
        file.bytes = overwritten(file.bytes, operation.offset, operation.bytes)
        return
      case 'sync':
        this.#files.set(path, file)
        if (file.doomed) return
        file.durable = file.bytes
        file.named = true
        return
      case 'replace': {
        const { bytes } = operation
        this.#files.set(path, { bytes, durable: bytes, named: true, doomed: false })
        return
      }
      case 'truncate':
        file.bytes = resized(file.bytes, operation.length)
        file.durable = file.bytes
        file.named = true
        return
      case 'remove':
        this.#files.delete(path)
    }
  }

  #lose(path: string, file: File): void {
    if (!file.named && this.#dice.chance(0.5)) {
      this.#timeline.tell(`${this.#name} loses ${path}`)
      this.#files.delete(path)
      return
    }
    const { durable } = file
    const kept = durable.length + this.#dice.below(file.bytes.length - durable.length + 1)
    const bytes = file.bytes.slice(0, kept)
    for (let at = 0; at < durable.length; at += sectorBytes) {
      const end = Math.min(durable.length, at + sectorBytes)
      if (isSame(bytes, durable, at, end) || this.#dice.chance(0.5)) continue
      bytes.set(durable.subarray(at, end), at)
    }
    for (let at = durable.length; at < kept; ) {
      const end = Math.min(kept, (Math.floor(at / sectorBytes) + 1) * sectorBytes)
      if (end < kept && this.#dice.chance(this.#faults.torn)) bytes.fill(0, at, end)
      at = end
    }
    if (kept < file.bytes.length)
      this.#timeline.tell(`${this.#name} loses ${file.bytes.length - kept} of ${path}`)
    this.#files.set(path, { bytes, durable: bytes, named: true, doomed: false })
  }
}

const nothing = new Uint8Array(0)

function overwritten(old: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const made = resized(old, Math.max(old.length, offset + bytes.length))
  made.set(bytes, offset)
  return made
}

function isSame(a: Uint8Array, b: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (a[at] !== b[at]) return false
  return true
}

function resized(bytes: Uint8Array, length: number): Uint8Array {
  const made = new Uint8Array(length)
  made.set(bytes.subarray(0, length))
  return made
}

function failure(code: string, why: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${why}, ${what}`), { code })
}
