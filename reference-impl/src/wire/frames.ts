/**
 * Frames: a length (int, big-endian) and as many bytes. TCP carries a stream and cuts it where it likes; a frame is
 * how the two sides know where a message ends.
 *
 * The rule of this file: *chunks mean nothing*. The same bytes give the same frames, and the same refusal, however
 * they were cut on the way. And a frame costs what it weighs: its bytes are copied once or not at all.
 * Source: Apache's NIOServerCnxn (doIO, readLength) and ClientCnxnSocketNIO.
 */
import { KeeperError } from './errors.ts'
import { type ClientMessage, type FourLetterWord, fourLetterWords } from './words.ts'

/** Bytes that say how long a frame is. */
const lengthBytes = 4

/** Cuts a stream into the payloads of its frames. */
export interface FrameReader {
  /**
   * Takes the next bytes of the stream and gives each payload that they complete to `deliver`, in order.
   * A payload may be a view of `chunk`, so the caller must not change the chunk while it uses the payload; of the
   * unfinished rest the reader keeps its own copy, so after that the caller may use the chunk's memory again.
   * Throws KeeperError MARSHALLINGERROR at a length that no honest peer sends, when all payloads before it have been
   * delivered. After that the stream is beyond repair and the reader must not be used again.
   */
  push(chunk: Uint8Array, deliver: (payload: Uint8Array) => void): void
}

/** The same on a client port, where a connection may open with a four-letter word instead of a frame. */
export interface ClientReader {
  /** As FrameReader.push; a word is delivered once, and whatever follows it on its connection is ignored. */
  push(chunk: Uint8Array, deliver: (message: ClientMessage) => void): void
}

/** One frame that holds `payload`: a new array, ready to be sent. */
export function frame(payload: Uint8Array): Uint8Array {
  // #region lab 06: A. put a payload into a frame
  const bytes = new Uint8Array(lengthBytes + payload.length)
  bytes[0] = payload.length >>> 24
  bytes[1] = payload.length >>> 16
  bytes[2] = payload.length >>> 8
  bytes[3] = payload.length
  bytes.set(payload, lengthBytes)
  return bytes
  // #endregion
}

/**
 * The length that the four bytes at `at` announce: 0 to `maxLength`, both included.
 * Throws KeeperError MARSHALLINGERROR for any other: a negative one, or one so long that to make room for it would be
 * to let a stranger spend our memory.
 */
export function frameLength(bytes: Uint8Array, at: number, maxLength: number): number {
  // #region lab 06: B. read a length, and refuse the impossible ones
  const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (length < 0 || length > maxLength) {
    throw new KeeperError(
      'MARSHALLINGERROR',
      `a frame of ${length} bytes, where 0 to ${maxLength} are allowed`,
    )
  }
  return length
  // #endregion
}

/** A reader for one direction of one connection. It refuses frames of more than `maxLength` bytes (`jute.maxbuffer`). */
export function frameReader(maxLength: number): FrameReader {
  // #region lab 06: C. cut the stream into frames, wherever its chunks end
  /** The length of the next frame, as far as it has come. */
  const head = new Uint8Array(lengthBytes)
  let headFilled = 0
  /** The payload of a frame whose length is known and whose end is not here yet. */
  let payload: Uint8Array | null = null
  let filled = 0
  return {
    push(chunk, deliver) {
      let at = 0
      while (at < chunk.length) {
        if (payload !== null) {
          const taken = Math.min(payload.length - filled, chunk.length - at)
          payload.set(chunk.subarray(at, at + taken), filled)
          filled += taken
          at += taken
          if (filled < payload.length) return
          deliver(payload)
          payload = null
          continue
        }
        let length: number
        if (headFilled === 0 && chunk.length - at >= lengthBytes) {
          length = frameLength(chunk, at, maxLength)
          at += lengthBytes
        } else {
          head[headFilled++] = chunk[at++]!
          if (headFilled < lengthBytes) continue
          headFilled = 0
          length = frameLength(head, 0, maxLength)
        }
        if (chunk.length - at >= length) {
          at += length
          deliver(chunk.subarray(at - length, at))
        } else {
          payload = new Uint8Array(length)
          filled = 0
        }
      }
    },
  }
  // #endregion
}

/** The word that the first four bytes of a connection spell; null when they spell none, or are fewer than four. */
export function fourLetterWord(start: Uint8Array): FourLetterWord | null {
  // #region lab 06: D. know a word when you see one
  const spelt = String.fromCharCode(...start.subarray(0, lengthBytes))
  return fourLetterWords.find(word => word === spelt) ?? null
  // #endregion
}

/** A reader for a connection to a client port: decides by the first four bytes, then goes on as it decided. */
export function clientReader(maxLength: number): ClientReader {
  // #region lab 06: D. open a connection with a word or with a frame
  const frames = frameReader(maxLength)
  const start = new Uint8Array(lengthBytes)
  let startFilled = 0
  let state: 'opening' | 'word' | 'frames' = 'opening'

  function push(chunk: Uint8Array, deliver: (message: ClientMessage) => void): void {
    let rest = chunk
    if (state === 'opening') {
      const taken = Math.min(lengthBytes - startFilled, chunk.length)
      start.set(chunk.subarray(0, taken), startFilled)
      startFilled += taken
      if (startFilled < lengthBytes) return
      const word = fourLetterWord(start)
      if (word !== null) {
        state = 'word'
        deliver({ type: 'word', word })
        return
      }
      state = 'frames'
      // Nearly always the whole length came in this chunk; then the chunk is cut as it is, without a copy.
      if (taken < lengthBytes) {
        frames.push(start, bytes => deliver({ type: 'frame', bytes }))
        rest = chunk.subarray(taken)
      }
    }
    if (state === 'frames') frames.push(rest, bytes => deliver({ type: 'frame', bytes }))
  }

  return { push }
  // #endregion
}
