/**
 * Jute's binary archives: the bytes of every request, reply, log entry and snapshot.
 * The writer trusts its caller and checks that values fit; the reader trusts nobody. A length is a claim made by
 * whoever sent the bytes, so it is compared with what is there *before* anything is allocated for it.
 * Source: Apache's BinaryOutputArchive and BinaryInputArchive.
 */
import { type InputArchive, JUTE_MAX_BUFFER, type OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'

/** An empty archive. Cheap enough to make one a message; cheaper still to `reset` one and use it again. */
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

class Writer implements OutputArchive {
  /** Room for the archive; only the first `#end` bytes are written. */
  #room = new Uint8Array(128)
  /** The same bytes, for numbers. Must be made anew whenever `#room` is. */
  #view = new DataView(this.#room.buffer)
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
    if ((value | 0) !== value) throw doesNotFit(value, 'int')
    const at = this.#claim(4)
    this.#view.setInt32(at, value)
  }

  long(value: bigint): void {
    if (BigInt.asIntN(64, value) !== value) throw doesNotFit(value, 'long')
    const at = this.#claim(8)
    this.#view.setBigInt64(at, value)
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
    if (value === null) {
      this.int(-1)
      return
    }
    this.int(value.length)
    const at = this.#claim(value.length)
    this.#room.set(value, at)
  }

  ustring(value: string | null): void {
    if (value === null) {
      this.int(-1)
      return
    }
    const start = this.#claim(4 + 3 * value.length) // no UTF-16 unit becomes more than three bytes
    let end = start + 4
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i)
      if (unit > 0x7f) {
        end += encoder.encodeInto(value.slice(i), this.#room.subarray(end)).written
        break
      }
      this.#room[end++] = unit
    }
    this.#view.setInt32(start, end - start - 4)
    this.#end = end
  }

  vector(count: number | null): void {
    this.int(count ?? -1)
  }

  bytes(): Uint8Array {
    return this.#room.slice(0, this.#end)
  }

  reset(): void {
    this.#end = 0
  }

  /** Adds `count` bytes to the archive and says where they start. Doubling keeps the cost of a byte constant. */
  #claim(count: number): number {
    const start = this.#end
    const end = start + count
    if (end > this.#room.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#room.length))
      larger.set(this.#room.subarray(0, start))
      this.#room = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#end = end
    return start
  }
}

class Reader implements InputArchive {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #maxBuffer: number
  #at = 0

  constructor(bytes: Uint8Array, maxBuffer: number) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#maxBuffer = maxBuffer
  }

  byte(): number {
    return this.#view.getInt8(this.#take(1))
  }

  bool(): boolean {
    return this.byte() !== 0
  }

  int(): number {
    return this.#view.getInt32(this.#take(4))
  }

  long(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  float(): number {
    return this.#view.getFloat32(this.#take(4))
  }

  double(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  buffer(): Uint8Array | null {
    const length = this.#length()
    if (length === -1) return null
    const start = this.#take(length)
    return new Uint8Array(this.#bytes.subarray(start, this.#at))
  }

  ustring(): string | null {
    const length = this.#length()
    if (length === -1) return null
    const start = this.#take(length)
    let text = ''
    for (let i = start; i < this.#at; i++) {
      const byte = this.#bytes[i]!
      if (byte > 0x7f) return decoder.decode(this.#bytes.subarray(start, this.#at))
      text += String.fromCharCode(byte)
    }
    return text
  }

  vector(): number | null {
    const count = this.int()
    if (count === -1) return null
    if (count < 0) throw new KeeperError('MARSHALLINGERROR', `Unreasonable count = ${count}`)
    if (count > this.remaining()) throw cutShort(`a vector of ${count}`, this.remaining())
    return count
  }

  remaining(): number {
    return this.#bytes.length - this.#at
  }

  /** The length that opens a buffer or a string; -1 stands for null. */
  #length(): number {
    const length = this.int()
    if (length < -1 || length > this.#maxBuffer) {
      throw new KeeperError('MARSHALLINGERROR', `Unreasonable length = ${length}`)
    }
    return length
  }

  /** Moves past `count` bytes, which must be there, and says where they start. */
  #take(count: number): number {
    const start = this.#at
    if (count > this.#bytes.length - start) throw cutShort(`${count} bytes`, this.remaining())
    this.#at = start + count
    return start
  }
}

const encoder = new TextEncoder()
/** As in Java, broken UTF-8 reads as U+FFFD; and a byte order mark is a character like any other. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function doesNotFit(value: number | bigint, type: string): KeeperError {
  return new KeeperError('MARSHALLINGERROR', `${value} is not a ${type}`)
}

function cutShort(wanted: string, left: number): KeeperError {
  return new KeeperError('MARSHALLINGERROR', `the record is cut short: ${wanted} wanted, ${left} bytes left`)
}
