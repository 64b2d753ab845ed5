/**
 * The two sides of Jute, ZooKeeper's serialization: an archive that is written and one that is read.
 * Everything is big-endian; a record is its fields in order, with no tag, no padding and no version.
 * `wire/jute.ts` makes archives; the codecs in `wire/records.ts` use them.
 * Source: Apache's BinaryOutputArchive and BinaryInputArchive.
 */

/** The limit called `jute.maxbuffer`, as every server and client has it until somebody changes it: 1 MiB less one. */
export const JUTE_MAX_BUFFER = 0xfffff

/** Every method throws KeeperError MARSHALLINGERROR when the value does not fit its type. */
export interface OutputArchive {
  /** 1 byte, -128 to 127. */
  byte(value: number): void
  /** 1 byte, 0 or 1. */
  bool(value: boolean): void
  /** 4 bytes, two's complement. */
  int(value: number): void
  /** 8 bytes, two's complement. */
  long(value: bigint): void
  /** 4 and 8 bytes, IEEE 754. The protocol never sends them; the format has them. */
  float(value: number): void
  double(value: number): void
  /** An int length and the bytes; null is the length -1, which is not the same as empty. */
  buffer(value: Uint8Array | null): void
  /** An int byte length and UTF-8; null is the length -1, which is not the same as ''. */
  ustring(value: string | null): void
  /** The count that opens a vector (its elements follow one by one); null is the count -1. */
  vector(count: number | null): void
  /** What has been written so far. Nothing that is written later, before or after a `reset`, changes these bytes. */
  bytes(): Uint8Array
  /** Starts an empty archive. One writer, reset for each message, is cheaper than a writer for each. */
  reset(): void
}

/** Reading back. Every method throws KeeperError MARSHALLINGERROR when the bytes end too early or lie about a length. */
export interface InputArchive {
  byte(): number
  /** Any byte but 0 reads as true. */
  bool(): boolean
  int(): number
  long(): bigint
  float(): number
  double(): number
  /** A copy of the bytes, so that a kept value does not keep the whole frame alive. */
  buffer(): Uint8Array | null
  ustring(): string | null
  vector(): number | null
  /** Passes over so many bytes. */
  skip(count: number): void
  /** How many bytes are left unread. */
  remaining(): number
}
