/**
 * Values as bytes, for the pipe between judge and subject. What is data crosses as a copy; what can do something (a
 * function, an object with methods) crosses as a reference that its owner answers for. One side is hostile, so the
 * reader believes no length, no tag and no name, and makes nothing but plain values.
 */

/** What the two ends of a bridge decide about references; see bridge.ts. */
export interface References {
  /** The reference to send for `value`, or null when it goes as data. */
  toSend(value: object): Sent | null
  /** An object or function of the other side. */
  received(id: number, shape: Shape): object
  /** One of our own, come home. */
  returned(id: number): object
  /** Plain data that the other side may see again under this number. */
  receivedShared(id: number, copy: Record<string, unknown>): object
  /** The same, too large to send before anybody asks. */
  receivedLarge(id: number, keys: readonly string[]): object
  /** One of our own shared objects comes home with other contents. */
  returnedChanged(id: number, copy: object): object
  /** This shared object turned out too large: next time, do not even try. */
  tooLarge(id: number): void
}

export type Sent =
  | { type: 'mine'; id: number; shape: Shape }
  | { type: 'yours'; id: number; changed?: boolean }
  | { type: 'shared'; id: number; large: boolean }

/** What can be done with an object of the other side. */
export interface Shape {
  callable: boolean
  methods: readonly string[]
}

const Tag = {
  undefined: 0,
  null: 1,
  true: 2,
  false: 3,
  int: 4,
  number: 5,
  utf8: 6,
  utf16: 7,
  long: 8,
  bigint: 9,
  bytes: 10,
  typed: 11,
  array: 12,
  object: 13,
  map: 14,
  set: 15,
  date: 16,
  error: 17,
  seen: 18,
  mine: 19,
  yours: 20,
  shared: 21,
  large: 22,
  changed: 23,
} as const

/** What kind of array of bytes it was: code that mistakes a view for its whole memory shall notice. */
const Bytes = { whole: 0, part: 1, buffer: 2 } as const
const margin = 16
const coversAll = ({ length, buffer }: Uint8Array) => length === buffer.byteLength

const typedArrays = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
  ArrayBuffer,
] as const

/** A shared object whose bytes are more than this crosses only when somebody looks into it. */
const largeFrom = 4096
const deepest = 200
export const longestMessage = 256 * 1024 * 1024

/** The other side sent what no honest end would send. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}

export class Writer {
  #room = Buffer.allocUnsafe(1 << 14)
  #end = 0
  readonly #references: References
  #seen = new Map<object, number>()
  #depth = 0

  constructor(references: References) {
    this.#references = references
  }

  start(): void {
    this.#end = 0
    this.#seen.clear()
    this.#depth = 0
  }

  get length(): number {
    return this.#end
  }

  bytes(from = 0): Buffer {
    return this.#room.subarray(from, this.#end)
  }

  u8(value: number): void {
    this.#claim(1)
    this.#room[this.#end++] = value
  }

  u32(value: number): void {
    this.#claim(4)
    this.#end = this.#room.writeUInt32LE(value, this.#end)
  }

  name(text: string): void {
    const at = this.#end
    this.#claim(4 + 3 * text.length)
    this.#end += 4 + this.#room.write(text, at + 4, 'utf8')
    this.#room.writeUInt32LE(this.#end - at - 4, at)
  }

  value(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        this.u8(Tag.undefined)
        break
      case 'boolean':
        this.u8(value ? Tag.true : Tag.false)
        break
      case 'number':
        this.#number(value)
        break
      case 'string':
        this.#string(value)
        break
      case 'bigint':
        this.#bigint(value)
        break
      case 'symbol':
        throw new TypeError('a symbol cannot travel between the tests and the code under test')
      default:
        if (value === null) this.u8(Tag.null)
        else this.#object(value as object)
    }
  }

  #number(value: number): void {
    if ((value | 0) === value && !Object.is(value, -0)) {
      this.#claim(5)
      this.#room[this.#end] = Tag.int
      this.#end = this.#room.writeInt32LE(value, this.#end + 1)
      return
    }
    this.#claim(9)
    this.#room[this.#end] = Tag.number
    this.#end = this.#room.writeDoubleLE(value, this.#end + 1)
  }

  #string(text: string): void {
    if (/[\ud800-\udfff]/.test(text)) {
      this.u8(Tag.utf16) // may hold half a pair, which UTF-8 cannot say
      this.raw(Buffer.from(text, 'utf16le'))
    } else {
      this.u8(Tag.utf8)
      this.name(text)
    }
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#claim(9)
      this.#room[this.#end] = Tag.long
      this.#end = this.#room.writeBigInt64LE(value, this.#end + 1)
      return
    }
    this.u8(Tag.bigint)
    this.name(value.toString())
  }

  raw(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.#claim(bytes.length)
    this.#room.set(bytes, this.#end)
    this.#end += bytes.length
  }

  #object(value: object): void {
    const sent = this.#references.toSend(value)
    if (sent?.type === 'mine') {
      this.u8(Tag.mine)
      this.u32(sent.id)
      this.u8(sent.shape.callable ? 1 : 0)
      this.u32(sent.shape.methods.length)
      for (const method of sent.shape.methods) this.name(method)
      return
    }
    if (sent?.type === 'yours') {
      this.u8(sent.changed ? Tag.changed : Tag.yours)
      this.u32(sent.id)
      if (sent.changed) this.contents(value)
      return
    }
    const seen = this.#seen.get(value)
    if (seen !== undefined) {
      this.u8(Tag.seen)
      this.u32(seen)
      return
    }
    if (++this.#depth > deepest) throw new RangeError('data nested too deeply to travel')
    if (sent?.type === 'shared') this.#shared(value, sent)
    else this.contents(value)
    this.#depth--
  }

  #shared(value: object, { id, large }: { id: number; large: boolean }): void {
    const start = this.#end
    if (!large) {
      this.u8(Tag.shared)
      this.u32(id)
      const before = this.#seen.size
      this.contents(value)
      if (this.#end - start <= largeFrom) return
      for (const late of [...this.#seen.keys()].slice(before)) this.#seen.delete(late)
      this.#end = start
      this.#references.tooLarge(id)
    }
    this.u8(Tag.large)
    this.u32(id)
    const keys = Object.keys(value)
    this.u32(keys.length)
    for (const key of keys) this.name(key)
  }

  /** The object itself, whatever may be said about references to it. */
  contents(value: object): void {
    this.#seen.set(value, this.#seen.size)
    if (value instanceof Uint8Array && !(value instanceof Uint8ClampedArray)) {
      this.u8(Tag.bytes)
      this.u8(value instanceof Buffer ? Bytes.buffer : coversAll(value) ? Bytes.whole : Bytes.part)
      this.raw(value)
    } else if (Array.isArray(value)) {
      this.u8(Tag.array)
      this.u32(value.length)
      for (let i = 0; i < value.length; i++) this.value(value[i])
    } else if (value instanceof Map) {
      this.u8(Tag.map)
      this.u32(value.size)
      for (const [key, item] of value) {
        this.value(key)
        this.value(item)
      }
    } else if (value instanceof Set) {
      this.u8(Tag.set)
      this.u32(value.size)
      for (const item of value) this.value(item)
    } else if (value instanceof Date) {
      this.u8(Tag.date)
      this.#number(value.getTime())
    } else if (value instanceof Error) {
      this.#error(value)
    } else if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      this.u8(Tag.typed)
      this.u8(typedArrays.findIndex(type => value instanceof type))
      this.raw(
        value instanceof ArrayBuffer
          ? new Uint8Array(value)
          : new Uint8Array(value.buffer, value.byteOffset, value.byteLength),
      )
    } else {
      this.u8(Tag.object)
      this.#fields(value)
    }
  }

  #error(error: Error): void {
    this.u8(Tag.error)
    this.#string(String(error.name).slice(0, 200))
    this.#string(String(error.message).slice(0, 20_000))
    this.#string(String(error.stack ?? '').slice(0, 4_000))
    const { name: _name, message: _message, stack: _stack, cause, ...rest } = error as Error & object
    this.#fields(cause === undefined ? rest : { ...rest, cause })
  }

  #fields(value: object): void {
    const fields = Object.entries(value).filter(([, item]) => typeof item !== 'function')
    this.u32(fields.length)
    for (const [key, item] of fields) {
      this.name(key)
      this.value(item)
    }
  }

  #claim(count: number): void {
    const needed = this.#end + count
    if (needed <= this.#room.length) return
    if (needed > longestMessage) throw new RangeError('too much data to travel at once')
    const room = Buffer.allocUnsafe(Math.max(needed, 2 * this.#room.length))
    room.set(this.#room.subarray(0, this.#end))
    this.#room = room
  }
}

export class Reader {
  #bytes: Buffer = Buffer.alloc(0)
  #at = 0
  readonly #references: References
  #seen: object[] = []
  #depth = 0

  constructor(references: References) {
    this.#references = references
  }

  start(bytes: Buffer): void {
    this.#bytes = bytes
    this.#at = 0
    this.#seen = []
    this.#depth = 0
  }

  u8(): number {
    return this.#bytes[this.#take(1)]!
  }

  u32(): number {
    return this.#bytes.readUInt32LE(this.#take(4))
  }

  name(): string {
    return this.raw().toString('utf8')
  }

  value(): unknown {
    const tag = this.u8()
    switch (tag) {
      case Tag.undefined:
        return undefined
      case Tag.null:
        return null
      case Tag.true:
        return true
      case Tag.false:
        return false
      case Tag.int:
        return this.#bytes.readInt32LE(this.#take(4))
      case Tag.number:
        return this.#bytes.readDoubleLE(this.#take(8))
      case Tag.utf8:
        return this.name()
      case Tag.utf16:
        return this.raw().toString('utf16le')
      case Tag.long:
        return this.#bytes.readBigInt64LE(this.#take(8))
      case Tag.bigint: {
        const digits = this.name()
        if (!/^-?\d+$/.test(digits) || digits.length > 10_000) throw new Malformed('not a bigint')
        return BigInt(digits)
      }
      case Tag.seen:
        return this.#seen[this.u32()] ?? this.#malformed('an object that was never sent')
      case Tag.mine:
        return this.#references.received(this.u32(), {
          callable: this.u8() === 1,
          methods: this.#names(),
        })
      case Tag.yours:
        return this.#references.returned(this.u32())
      case Tag.large:
        return this.#references.receivedLarge(this.u32(), this.#names())
      case Tag.shared:
        return this.#shared((id, copy) => this.#references.receivedShared(id, copy))
      case Tag.changed:
        return this.#shared((id, copy) => this.#references.returnedChanged(id, copy))
      default:
        return this.#contents(tag)
    }
  }

  #shared(place: (id: number, copy: Record<string, unknown>) => object): object {
    const id = this.u32()
    const index = this.#seen.length
    if (this.u8() !== Tag.object) this.#malformed('only plain objects are shared')
    const object = place(id, this.#contents(Tag.object) as Record<string, unknown>)
    this.#seen[index] = object
    return object
  }

  #contents(tag: number): object {
    if (++this.#depth > deepest) this.#malformed('data nested too deeply')
    const value = this.#container(tag)
    this.#depth--
    return value
  }

  #container(tag: number): object {
    switch (tag) {
      case Tag.bytes:
        return this.#keep(this.#bytesOf(this.u8()))
      case Tag.array: {
        const array: unknown[] = this.#keep([])
        for (let left = this.count(); left > 0; left--) array.push(this.value())
        return array
      }
      case Tag.map: {
        const map = this.#keep(new Map<unknown, unknown>())
        for (let left = this.count(); left > 0; left--) {
          const key = this.value()
          map.set(key, this.value())
        }
        return map
      }
      case Tag.set: {
        const set = this.#keep(new Set<unknown>())
        for (let left = this.count(); left > 0; left--) set.add(this.value())
        return set
      }
      case Tag.date: {
        const date = this.#keep(new Date(0))
        date.setTime(Number(this.value()))
        return date
      }
      case Tag.error:
        return this.#error()
      case Tag.typed: {
        const type = typedArrays[this.u8()] ?? this.#malformed('no such array')
        const { buffer } = Uint8Array.from(this.raw())
        if (type === ArrayBuffer) return this.#keep(buffer)
        const View = type as typeof Int8Array
        return this.#keep(new View(buffer))
      }
      case Tag.object: {
        const object = this.#keep({})
        this.#fields(object)
        return object
      }
      default:
        return this.#malformed(`no such tag: ${tag}`)
    }
  }

  #bytesOf(kind: number): Uint8Array {
    const bytes = this.raw()
    if (kind === Bytes.buffer) return Buffer.from(bytes)
    if (kind === Bytes.whole) return Uint8Array.from(bytes)
    const room = new Uint8Array(bytes.length + 2 * margin).fill(0xa5)
    room.set(bytes, margin)
    return room.subarray(margin, margin + bytes.length)
  }

  #error(): Error {
    const error = this.#keep(new Error())
    const text = () => String(this.value())
    const name = text()
    const Known = builtInErrors.find(({ name: known }) => known === name)
    if (Known) Object.setPrototypeOf(error, Known.prototype)
    else define(error, 'name', name, false)
    define(error, 'message', text(), false)
    define(error, 'stack', text(), false)
    this.#fields(error)
    return error
  }

  #fields(object: object): void {
    for (let left = this.count(); left > 0; left--) {
      const key = this.name()
      const value = this.value()
      // What has functions came as a reference: in data they could only be a trap for whoever looks at it.
      if (typeof value === 'function') this.#malformed('a function in plain data')
      // Never by assignment: a field named __proto__ is a field.
      define(object, key, value, true)
    }
  }

  #names(): string[] {
    return Array.from({ length: this.count() }, () => this.name())
  }

  /** How many things follow; each is at least a byte. */
  count(): number {
    const count = this.u32()
    if (count > this.#bytes.length - this.#at) this.#malformed('a count beyond the end')
    return count
  }

  raw(): Buffer {
    const length = this.u32()
    const start = this.#take(length)
    return this.#bytes.subarray(start, start + length)
  }

  #take(count: number): number {
    const start = this.#at
    if (count > this.#bytes.length - start) this.#malformed('cut short')
    this.#at = start + count
    return start
  }

  #keep<T extends object>(value: T): T {
    this.#seen.push(value)
    return value
  }

  #malformed(what: string): never {
    throw new Malformed(what)
  }
}

const builtInErrors = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError]

export function define(object: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(object, key, { value, enumerable, writable: true, configurable: true })
}
