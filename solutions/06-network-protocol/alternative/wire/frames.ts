/**
 * Frames, another way: everything is "collect so many bytes, then say what they are". Each byte is copied once, also
 * where a view would do, which makes ownership the simplest it can be.
 */
import { KeeperError } from './errors.ts'
import { type ClientMessage, type FourLetterWord, fourLetterWords } from './words.ts'

export interface FrameReader {
  push(chunk: Uint8Array, deliver: (payload: Uint8Array) => void): void
}

export interface ClientReader {
  push(chunk: Uint8Array, deliver: (message: ClientMessage) => void): void
}

export function frame(payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + payload.length)
  new DataView(bytes.buffer).setInt32(0, payload.length)
  for (let i = 0; i < payload.length; i++) bytes[4 + i] = payload[i]!
  return bytes
}

export function frameLength(bytes: Uint8Array, at: number, maxLength: number): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getInt32(at)
  if (length >= 0 && length <= maxLength) return length
  throw new KeeperError('MARSHALLINGERROR', `length ${length}`)
}

export function frameReader(maxLength: number): FrameReader {
  return new Collector(maxLength, (bytes, deliver: (payload: Uint8Array) => void) => deliver(bytes), null)
}

export function clientReader(maxLength: number): ClientReader {
  return new Collector(
    maxLength,
    (bytes, deliver: (message: ClientMessage) => void) => deliver({ type: 'frame', bytes }),
    (word, deliver) => deliver({ type: 'word', word }),
  )
}

export function fourLetterWord(start: Uint8Array): FourLetterWord | null {
  if (start.length < 4) return null
  for (const word of fourLetterWords) {
    if ([...word].every((letter, i) => letter.charCodeAt(0) === start[i])) return word
  }
  return null
}

class Collector<Deliver> {
  readonly #maxLength: number
  readonly #onFrame: (payload: Uint8Array, deliver: Deliver) => void
  readonly #onWord: ((word: FourLetterWord, deliver: Deliver) => void) | null
  #what: 'start' | 'length' | 'payload' | 'nothing'
  #bytes: Uint8Array = new Uint8Array(4)
  #filled = 0

  constructor(
    maxLength: number,
    onFrame: (payload: Uint8Array, deliver: Deliver) => void,
    onWord: ((word: FourLetterWord, deliver: Deliver) => void) | null,
  ) {
    this.#maxLength = maxLength
    this.#onFrame = onFrame
    this.#onWord = onWord
    this.#what = onWord === null ? 'length' : 'start'
  }

  push(chunk: Uint8Array, deliver: Deliver): void {
    let at = 0
    while (this.#what !== 'nothing') {
      const missing = this.#bytes.length - this.#filled
      const part = chunk.subarray(at, at + missing)
      this.#bytes.set(part, this.#filled)
      this.#filled += part.length
      at += part.length
      if (part.length < missing) return
      this.#collected(deliver)
    }
  }

  #collected(deliver: Deliver): void {
    const bytes = this.#bytes
    const word = this.#what === 'start' ? fourLetterWord(bytes) : null
    if (word !== null) {
      this.#what = 'nothing'
      this.#onWord?.(word, deliver)
    } else if (this.#what === 'payload') {
      this.#await('length', 4)
      this.#onFrame(bytes, deliver)
    } else {
      this.#await('payload', frameLength(bytes, 0, this.#maxLength))
    }
  }

  #await(what: 'length' | 'payload', count: number): void {
    this.#what = what
    this.#bytes = new Uint8Array(count)
    this.#filled = 0
  }
}
