/**
 * Jute's binary archives: the bytes of every request, reply, log entry and snapshot.
 * The writer trusts its caller and checks that values fit; the reader trusts nobody. A length is a claim made by
 * whoever sent the bytes, so it is compared with what is there *before* anything is allocated for it.
 * Source: Apache's BinaryOutputArchive and BinaryInputArchive.
 */
import { copied } from '../lib/slab.ts'
import { Todo } from '../lib/todo.ts'
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
    throw new Todo('04 A: write an int')
  }

  long(value: bigint): void {
    throw new Todo('04 A: write a long')
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
    throw new Todo('04 B: write a buffer')
  }

  ustring(value: string | null): void {
    throw new Todo('04 B: write a string as UTF-8')
  }

  vector(count: number | null): void {
    throw new Todo('04 B: open a vector')
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
    throw new Todo('04 A: claim bytes of the room, or of a larger one')
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
    throw new Todo('04 C: lay a view over the bytes')
  }

  byte(): number {
    return this.#view.getInt8(this.#take(1))
  }

  bool(): boolean {
    return this.byte() !== 0
  }

  int(): number {
    throw new Todo('04 C: read an int')
  }

  long(): bigint {
    throw new Todo('04 C: read a long')
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4))
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  buffer(): Uint8Array | null {
    throw new Todo('04 D: read a buffer')
  }

  ustring(): string | null {
    throw new Todo('04 D: read a string')
  }

  vector(): number | null {
    throw new Todo('04 D: open a vector, if its count can be true')
  }

  skip(count: number): void {
    this.#take(count)
  }

  remaining(): number {
    return this.#bytes.length - this.#at
  }

  /** The length that opens a buffer or a string; -1 stands for null. */
  #length(): number {
    throw new Todo('04 D: believe a length, or not')
  }

  /** Moves past `count` bytes, which must be there, and says where they start. */
  #take(count: number): number {
    throw new Todo('04 C: take bytes that are there')
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
