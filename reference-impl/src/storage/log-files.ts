/**
 * The log on a disk: records go to the end of the newest file, and one sync makes all of a turn durable.
 * Each start begins a new file, so what a crash left torn at the end of an older one is never written over.
 * Source: Apache's FileTxnLog and SyncRequestProcessor.
 */
import type { Log } from '../world/driver.ts'
import type { Clock, Disk, Done, Millis } from '../world/world.ts'
import { fileName, folder } from './files.ts'
import { entryLength, headLength, logHead, paddedLength, putEntry, zxidIn } from './txn-log.ts'

export interface LogOptions {
  /** A file grows by this many bytes at a time; 0: by what is written. */
  preAllocSize: number
  /** false: a promise waits for the system to take the bytes, not for the disk. A loss of power can break it. */
  forceSync: boolean
  /** A file that is larger gets no more records; 0: no limit. */
  sizeLimit: number
  /** A sync that takes longer is told of. */
  slowSync: Millis
  tellSlow?(file: string, took: Millis): void
}

export class LogFiles implements Log {
  readonly #disk: Disk
  readonly #clock: Clock
  readonly #options: LogOptions
  /** The file being written; null until the first record after a roll names it. */
  #file: string | null = null
  /** Bytes in it that are in the hands of the disk, and how long it has been made. */
  #length = 0
  #padded = 0
  /** Entries that the disk has not been given, and the memory that the next ones go to: what is given away is busy. */
  #buffer = new Uint8Array(bufferLength)
  #spare = new Uint8Array(bufferLength)
  #filled = 0
  /** Files with bytes that no sync has covered, and how many bytes of each one has. */
  readonly #unsynced = new Map<string, number>()
  /** Writes that the disk has not answered yet. */
  #writing = 0
  /** Who is to be told when it has. */
  #waiting: (() => void) | null = null
  #error: Error | undefined
  /** Records and bytes since the last roll. */
  records = 0
  bytes = 0

  constructor(disk: Disk, clock: Clock, options: LogOptions) {
    this.#disk = disk
    this.#clock = clock
    this.#options = options
  }

  append(record: Uint8Array): void {
    const { sizeLimit } = this.#options
    if (sizeLimit > 0 && this.#length + this.#filled > sizeLimit) this.#endFile()
    if (this.#file === null) this.#beginFile(record)
    this.#room(entryLength(record))
    this.#filled = putEntry(this.#buffer, this.#filled, record)
    this.records++
    this.bytes += record.length
  }

  sync(done: Done): void {
    this.#write()
    const started = this.#clock.now()
    let waiting = this.#unsynced.size
    const covered = [...this.#unsynced]
    for (const [file] of covered) {
      this.#disk.sync(file, error => {
        this.#error ??= error
        const took = this.#clock.now() - started
        if (took > this.#options.slowSync) this.#options.tellSlow?.(file, took)
        if (--waiting > 0) return
        if (this.#error === undefined) done()
        else this.#takeBack(covered, () => this.#answer(done))
      })
    }
    if (waiting === 0) this.#whenWritten(done)
    this.#unsynced.clear()
  }

  /** The next record begins a new file. */
  roll(): void {
    this.#endFile()
    this.records = 0
    this.bytes = 0
  }

  /** Without a sync to wait for, what was written need only be out of our hands. */
  #whenWritten(done: Done): void {
    if (this.#writing === 0) this.#clock.soon(() => this.#answer(done))
    else this.#waiting = () => this.#answer(done)
  }

  #answer(done: Done): void {
    if (this.#error === undefined) done()
    else done(this.#error)
  }

  /**
   * What a failed sync leaves behind can be read until the power goes and not after it, and no later sync changes that.
   * Nobody was promised it: so it goes now, as far as the disk still obeys. What a sync has covered stays.
   */
  #takeBack(files: [file: string, durable: number][], done: Done): void {
    let waiting = files.length
    for (const [file, durable] of files) {
      this.#disk.truncate(file, durable, () => {
        if (--waiting === 0) done()
      })
    }
  }

  #endFile(): void {
    this.#write()
    this.#file = null
    // More than one piece may be on its way now.
    this.#spare = new Uint8Array(bufferLength)
  }

  #beginFile(record: Uint8Array): void {
    this.#file = `${folder}/${fileName('log', zxidIn(record))}`
    this.#length = 0
    this.#padded = 0
    // A file of this name holds no transaction: the first one in it was torn by a crash, and has been given again.
    if (this.#disk.size(this.#file) !== null) {
      this.#disk.remove(this.#file, error => {
        this.#error ??= error
      })
    }
    this.#room(headLength)
    this.#buffer.set(logHead(), this.#filled)
    this.#filled += headLength
  }

  /** Hands over what was appended, in one piece. */
  #write(): void {
    if (this.#file === null || this.#filled === 0) return
    const file = this.#file
    const bytes = this.#buffer.subarray(0, this.#filled)
    const end = this.#length + bytes.length
    const padded = paddedLength(end, this.#padded, this.#options.preAllocSize)
    // One byte at the new end; all that it skips reads as zeros.
    if (padded > this.#padded) this.#put(file, padded - 1, oneZero)
    this.#put(file, this.#length, bytes)
    if (this.#options.forceSync && !this.#unsynced.has(file)) this.#unsynced.set(file, this.#length)
    this.#padded = padded
    this.#length = end
    // Syncs come one after the other, so by the time of the next write the disk is done with this one.
    const free = this.#spare
    this.#spare = this.#buffer
    this.#buffer = free
    this.#filled = 0
  }

  #put(file: string, offset: number, bytes: Uint8Array): void {
    this.#writing++
    this.#disk.write(file, offset, bytes, error => {
      this.#writing--
      this.#error ??= error
      if (this.#writing > 0 || this.#waiting === null) return
      const told = this.#waiting
      this.#waiting = null
      told()
    })
  }

  /** Makes room for `count` bytes in the buffer. */
  #room(count: number): void {
    if (this.#filled + count <= this.#buffer.length) return
    const larger = new Uint8Array(Math.max(2 * this.#buffer.length, this.#filled + count))
    larger.set(this.#buffer.subarray(0, this.#filled))
    this.#buffer = larger
  }
}

const oneZero = new Uint8Array(1)
const bufferLength = 64 * 1024
