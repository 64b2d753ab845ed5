/**
 * Frames: a length (int, big-endian) and as many bytes. TCP carries a stream and cuts it where it likes; a frame is
 * how the two sides know where a message ends.
 *
 * The rule of this file: *chunks mean nothing*. The same bytes give the same frames, and the same refusal, however
 * they were cut on the way. And a frame costs what it weighs: its bytes are copied once or not at all.
 * Source: Apache's NIOServerCnxn (doIO, readLength) and ClientCnxnSocketNIO.
 */
import { Todo } from '../lib/todo.ts'
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
  throw new Todo('06 A: put a payload into a frame')
}

/**
 * The length that the four bytes at `at` announce: 0 to `maxLength`, both included.
 * Throws KeeperError MARSHALLINGERROR for any other: a negative one, or one so long that to make room for it would be
 * to let a stranger spend our memory.
 */
export function frameLength(bytes: Uint8Array, at: number, maxLength: number): number {
  throw new Todo('06 B: read a length, and refuse the impossible ones')
}

/** A reader for one direction of one connection. It refuses frames of more than `maxLength` bytes (`jute.maxbuffer`). */
export function frameReader(maxLength: number): FrameReader {
  throw new Todo('06 C: cut the stream into frames, wherever its chunks end')
}

/** The word that the first four bytes of a connection spell; null when they spell none, or are fewer than four. */
export function fourLetterWord(start: Uint8Array): FourLetterWord | null {
  throw new Todo('06 D: know a word when you see one')
}

/** A reader for a connection to a client port: decides by the first four bytes, then goes on as it decided. */
export function clientReader(maxLength: number): ClientReader {
  throw new Todo('06 D: open a connection with a word or with a frame')
}
