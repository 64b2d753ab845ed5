/**
 * Jute's binary archives: the bytes of every request, reply, log entry and snapshot.
 * The writer trusts its caller and checks that values fit; the reader trusts nobody. A length is a claim made by
 * whoever sent the bytes, so it is compared with what is there *before* anything is allocated for it.
 * Source: Apache's BinaryOutputArchive and BinaryInputArchive.
 */
import { copied } from '../lib/slab.ts'
import { type InputArchive, JUTE_MAX_BUFFER, type OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'

/** An empty archive. To `reset` one for each message costs a third of making one for each. */
export function juteWriter(): OutputArchive {
  return new Writer()
}

/**
 * Reads `bytes` from their start. `maxBuffer` is the longest buffer or string that is believed: Apache's readers
 * allow `jute.maxbuffer` and as much again, so that a server can read back whatever it once accepted.
 */
export function juteReader(bytes: Uint8Array, maxBuffer: number = 2 * JUTE_MAX_BUFFER): InputArchive {
  return new Reader(bytes, maxBuffer)
}

/**
 * Archives lie one behind the other in a room that is never written twice, so `bytes` need not copy.
 * An archive that outgrows the room moves to a larger one; those before it stay where they are.
 */
class Writer implements OutputArchive {
  #room = new Uint8Array(512)
  /** The same bytes, for numbers. Must be made anew whenever `#room` is. */
  #view = new DataView(this.#room.buffer)
  /** The archive is what lies between these two. */
  #start = 0
  #end = 0

  byte(value: number): void {
    if ((value << 24) >> 24 !== value) throw doesNotFit(value, 'byte')
    const at = this.#claim(1)
    this.#view.setInt8(at, value)
  }

  bool(value: boolean): void {
    this.byte(value ? 1 : 0)
  }

  int(value: number): void {
    // #region lab 04: A. write an int
    if ((value | 0) !== value) throw doesNotFit(value, 'int')
    const at = this.#claim(4)
    this.#view.setInt32(at, value)
    // #endregion
  }

  long(value: bigint): void {
    // #region lab 04: A. write a long
    if (BigInt.asIntN(64, value) !== value) throw doesNotFit(value, 'long')
    const at = this.#claim(8)
    this.#view.setBigInt64(at, value)
    // #endregion
  }

  float(value: number): void {
    const at = this.#claim(4)
    this.#view.setFloat32(at, value)
  }

  double(value: number): void {
    const at = this.#claim(8)
    this.#view.setFloat64(at, value)
  }

  buffer(value: Uint8Array | null): void {
    // #region lab 04: B. write a buffer
    if (value === null) {
      this.int(-1)
      return
    }
    this.int(value.length)
    const at = this.#claim(value.length)
    this.#room.set(value, at)
    // #endregion
  }

  ustring(value: string | null): void {
    // #region lab 04: B. write a string as UTF-8
    if (value === null) {
      this.int(-1)
      return
    }
    const at = this.#claim(4 + 3 * value.length) // no UTF-16 unit becomes more than three bytes
    const { written } = utf8.encodeInto(value, this.#room.subarray(at + 4))
    this.#view.setInt32(at, written)
    this.#end = at + 4 + written
    // #endregion
  }

  vector(count: number | null): void {
    // #region lab 04: B. open a vector
    this.int(count ?? -1)
    // #endregion
  }

  bytes(): Uint8Array {
    return this.#room.subarray(this.#start, this.#end)
  }

  reset(): void {
    this.#start = this.#end
  }

  /**
   * Adds `count` bytes to the archive and says where in the room they start. When the room is too small, the archive
   * moves to a larger one first; and however large it grows, a byte costs the same.
   */
  #claim(count: number): number {
    // #region lab 04: A. claim bytes of the room, or of a larger one
    const at = this.#end
    this.#end = at + count
    if (this.#end <= this.#room.length) return at

    // Doubling keeps the cost of a byte constant, however many follow.
    const archive = this.#room.subarray(this.#start, at)
    const wanted = Math.max(2 * archive.length + count, Math.min(2 * this.#room.length, largestRoom))
    this.#room = new Uint8Array(wanted)
    this.#room.set(archive)
    this.#view = new DataView(this.#room.buffer)
    this.#start = 0
    this.#end = archive.length + count
    return archive.length
    // #endregion
  }
}

/** A writer that is used again and again fills rooms of this size; only an archive that needs more gets more. */
const largestRoom = 64 * 1024

class Reader implements InputArchive {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #maxBuffer: number
  #at = 0

  /** `bytes` may lie inside a larger array: its first byte need not be the first of its ArrayBuffer. */
  constructor(bytes: Uint8Array, maxBuffer: number) {
    // #region lab 04: C. lay a view over the bytes
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#maxBuffer = maxBuffer
    // #endregion
  }

  byte(): number {
    return this.#view.getInt8(this.#take(1))
  }

  bool(): boolean {
    return this.byte() !== 0
  }

  int(): number {
    // #region lab 04: C. read an int
    return this.#view.getInt32(this.#take(4))
    // #endregion
  }

  long(): bigint {
    // #region lab 04: C. read a long
    return this.#view.getBigInt64(this.#take(8))
    // #endregion
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4))
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  buffer(): Uint8Array | null {
    // #region lab 04: D. read a buffer
    const length = this.#length()
    if (length === -1) return null
    const start = this.#take(length)
    return copied(this.#bytes.subarray(start, this.#at))
    // #endregion
  }

  ustring(): string | null {
    // #region lab 04: D. read a string
    const length = this.#length()
    if (length === -1) return null
    const start = this.#take(length)
    return utf8Decoder.decode(this.#bytes.subarray(start, this.#at))
    // #endregion
  }

  vector(): number | null {
    // #region lab 04: D. open a vector, if its count can be true
    const count = this.int()
    if (count === -1) return null
    if (count < 0) throw new KeeperError('MARSHALLINGERROR', `Unreasonable count = ${count}`)
    if (count > this.remaining()) throw cutShort(`a vector of ${count}`, this.remaining())
    return count
    // #endregion
  }

  skip(count: number): void {
    this.#take(count)
  }

  remaining(): number {
    return this.#bytes.length - this.#at
  }

  /** The length that opens a buffer or a string; -1 stands for null. */
  #length(): number {
    // #region lab 04: D. believe a length, or not
    const length = this.int()
    if (length < -1 || length > this.#maxBuffer) {
      throw new KeeperError('MARSHALLINGERROR', `Unreasonable length = ${length}`)
    }
    return length
    // #endregion
  }

  /** Moves past `count` bytes, which must be there, and says where they start. */
  #take(count: number): number {
    // #region lab 04: C. take bytes that are there
    const start = this.#at
    if (count > this.#bytes.length - start) throw cutShort(`${count} bytes`, this.remaining())
    this.#at = start + count
    return start
    // #endregion
  }
}

const utf8 = new TextEncoder()
/** As in Java, broken UTF-8 reads as U+FFFD; and a byte order mark is a character like any other. */
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function doesNotFit(value: number | bigint, type: string): KeeperError {
  return new KeeperError('MARSHALLINGERROR', `${value} is not a ${type}`)
}

function cutShort(wanted: string, left: number): KeeperError {
  return new KeeperError('MARSHALLINGERROR', `the record is cut short: ${wanted} wanted, ${left} bytes left`)
}
