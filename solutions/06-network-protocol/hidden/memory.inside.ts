/** Questions about memory, which mean something only in the process where the code under test runs. */
import { frame, frameLength, frameReader } from '#lab/wire/frames.ts'
import { bytesOf, hexOf, usualLimit } from '../../../labs/06-network-protocol/test/bytes.ts'

/** A frame, after its payload has been overwritten. */
export function frameOfOverwritten(payloadHex: string): string {
  const payload = bytesOf(payloadHex)
  const framed = frame(payload)
  payload.fill(0)
  return hexOf(framed)
}

/** The frame of a payload that is a part of a greater array. */
export function frameOfPart(hex: string, start: number, end: number): string {
  return hexOf(frame(bytesOf(hex).subarray(start, end)))
}

/** The length at `at` of an array that is a part of a greater one. */
export function lengthInPart(hex: string, start: number, at: number): number {
  return frameLength(bytesOf(hex).subarray(start), at, usualLimit)
}

/** The payloads of a stream, looked at when all of it has been pushed. */
export function payloadsAtTheEnd(chunks: readonly Uint8Array[]): string[] {
  const reader = frameReader(usualLimit)
  const payloads: Uint8Array[] = []
  for (const chunk of chunks) reader.push(chunk, payload => payloads.push(payload))
  return payloads.map(hexOf)
}
