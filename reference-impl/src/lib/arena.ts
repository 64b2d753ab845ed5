/**
 * Many small byte arrays in few large ones. An array of its own costs the engine a hundred bytes beside its content and a
 * visit by every garbage collection; here it costs eight bytes and no visit.
 *
 * The rule: bytes that were put in are never written over, so whoever still looks at an array that was given back sees
 * what he saw. Room comes back a block at a time. A block that is mostly empty is emptied: what is left in it moves on, a
 * little with each `put`, and its owner is told where to. So at most about half of the room is waste.
 */
export interface Arena {
  /** Keeps a copy of the bytes from `from` to `to`, and says where. `owner` is a number from 0 that `moved` will know. */
  put(owner: number, bytes: Uint8Array, from: number, to: number): number
  lengthAt(place: number): number
  /** The bytes themselves; they stay as they are, whatever happens to the arena. */
  bytesAt(place: number): Uint8Array
  /** The same without making an array for them: `span` says where they lie. */
  find(place: number, span: Span): void
  /** Are they the units of this text, which has as many? */
  holds(place: number, text: string): boolean
  /** Gives back what `put` has taken. */
  free(place: number): void
  /** Bytes of memory that are held. */
  held(): number
}

/** Bytes from `from` to `to` of an array that holds others, too. */
export interface Span {
  bytes: Uint8Array
  from: number
  to: number
}

/** What is longer has no place here. */
export const longestInArena = 8 * 1024

const blockLength = 64 * 1024
/** A place is the number of its block and the number of the word in it. */
const wordBits = 14
const wordMask = (1 << wordBits) - 1
/** Two words stand before the bytes: whose they are, and how many. */
const headLength = 8
const nobody = -1

/** Waste that is not worth the trouble. */
const tolerated = 16 * blockLength
const movedAtOnce = 4

export function arena(moved: (owner: number, place: number) => void): Arena {
  return new Blocks(moved)
}

class Blocks implements Arena {
  readonly #moved: (owner: number, place: number) => void
  readonly #bytes: (Uint8Array | null)[] = []
  /** The same memory, in words. */
  readonly #words: (Int32Array | null)[] = []
  /** How many bytes of each block somebody owns. */
  readonly #owned: number[] = []
  /** Numbers of blocks that are gone. */
  readonly #vacant: number[] = []
  #blocks = 0
  #ownedInAll = 0
  #current = -1
  #filled = blockLength
  /** The block that is being emptied, and how far; then the next one to look at. */
  #emptying = -1
  #emptied = 0
  #next = 0

  constructor(moved: (owner: number, place: number) => void) {
    this.#moved = moved
  }

  put(owner: number, bytes: Uint8Array, from: number, to: number): number {
    if (this.#blocks * blockLength > 2 * this.#ownedInAll + tolerated) this.#tidy()
    return this.#put(owner, bytes, from, to - from)
  }

  #put(owner: number, bytes: Uint8Array, from: number, length: number): number {
    const size = sizeOf(length)
    if (this.#filled + size > blockLength) this.#openBlock()
    const block = this.#current
    const at = this.#filled
    this.#filled = at + size
    this.#owned[block]! += size
    this.#ownedInAll += size
    const words = this.#words[block]!
    words[at >> 2] = owner
    words[(at >> 2) + 1] = length
    const into = this.#bytes[block]!
    const start = at + headLength
    if (length < 40) for (let i = 0; i < length; i++) into[start + i] = bytes[from + i]!
    else into.set(from === 0 && length === bytes.length ? bytes : bytes.subarray(from, from + length), start)
    return (block << wordBits) | (at >> 2)
  }

  lengthAt(place: number): number {
    return this.#words[place >>> wordBits]![(place & wordMask) + 1]!
  }

  bytesAt(place: number): Uint8Array {
    const { buffer } = this.#bytes[place >>> wordBits]!
    return new Uint8Array(buffer, ((place & wordMask) << 2) + headLength, this.lengthAt(place))
  }

  find(place: number, span: Span): void {
    span.bytes = this.#bytes[place >>> wordBits]!
    span.from = ((place & wordMask) << 2) + headLength
    span.to = span.from + this.lengthAt(place)
  }

  holds(place: number, text: string): boolean {
    const bytes = this.#bytes[place >>> wordBits]!
    const start = ((place & wordMask) << 2) + headLength
    // From the end: paths of one tree begin alike.
    for (let i = text.length - 1; i >= 0; i--) if (bytes[start + i] !== text.charCodeAt(i)) return false
    return true
  }

  free(place: number): void {
    const block = place >>> wordBits
    const words = this.#words[block]!
    const word = place & wordMask
    words[word] = nobody
    const size = sizeOf(words[word + 1]!)
    this.#owned[block]! -= size
    this.#ownedInAll -= size
    if (this.#owned[block] === 0 && block !== this.#current) this.#drop(block)
  }

  held(): number {
    return this.#blocks * blockLength
  }

  #openBlock(): void {
    const last = this.#current
    this.#current = this.#vacant.pop() ?? this.#bytes.length
    const buffer = new ArrayBuffer(blockLength)
    this.#bytes[this.#current] = new Uint8Array(buffer)
    this.#words[this.#current] = new Int32Array(buffer)
    this.#owned[this.#current] = 0
    this.#filled = 0
    this.#blocks++
    if (last !== -1 && this.#owned[last] === 0) this.#drop(last)
  }

  #drop(block: number): void {
    if (block === this.#emptying) this.#emptying = -1
    this.#bytes[block] = null
    this.#words[block] = null
    this.#vacant.push(block)
    this.#blocks--
  }

  /** Moves a few arrays out of a block that is less than half full. */
  #tidy(): void {
    if (this.#emptying === -1 && !this.#chooseBlock()) return
    for (let moves = 0; moves < movedAtOnce && this.#emptying !== -1; moves++) {
      const block = this.#emptying
      const words = this.#words[block]!
      const word = this.#emptied >> 2
      const owner = words[word]!
      const length = words[word + 1]!
      this.#emptied += sizeOf(length)
      if (owner === nobody) continue
      const place = this.#put(owner, this.#bytes[block]!, this.#emptied - sizeOf(length) + headLength, length)
      this.#moved(owner, place)
      this.free((block << wordBits) | word)
    }
  }

  #chooseBlock(): boolean {
    for (let looks = 0; looks < movedAtOnce; looks++) {
      const block = this.#next
      this.#next = block + 1 < this.#bytes.length ? block + 1 : 0
      if (this.#bytes[block] === null || block === this.#current) continue
      if (this.#owned[block]! * 2 > blockLength) continue
      this.#emptying = block
      this.#emptied = 0
      return true
    }
    return false
  }
}

/** With head, in whole words. */
function sizeOf(length: number): number {
  return headLength + ((length + 3) & ~3)
}
