/** Conversations that real clients held with Apache's server, as streams. */
import { expect } from 'vitest'
import { hexOf } from '../../../labs/06-network-protocol/test/bytes.ts'
import { framesIn } from '../../../labs/06-network-protocol/test/readers.inside.ts'
import { story } from '../../../labs/06-network-protocol/test/streams.ts'
import { captured } from '../../../reference-impl/test/captured/captured.ts'

export interface Stream {
  name: string
  bytes: Uint8Array
  /** The payloads of its frames, in hex: what any reader must make of it. */
  payloads: string[]
}

export const streams: readonly Stream[] = ['zk-cli', 'kazoo', 'c-client'].flatMap(recording =>
  (['client', 'server'] as const).map(from => {
    const frames = captured(recording)
      .filter(frame => frame.from === from)
      .map(frame => frame.bytes)
    return {
      name: `what the ${from} says in the recording ${recording}`,
      bytes: Uint8Array.from(Buffer.concat(frames)),
      payloads: frames.map(bytes => hexOf(bytes.subarray(4))),
    }
  }),
)

/** Cuts before each of these offsets, which must rise. Chunks are copies: nothing but the bytes joins them. */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const ends = [...offsets, bytes.length]
  return ends.map((end, i) => bytes.slice(i === 0 ? 0 : ends[i - 1], end))
}

/** The stream must give its payloads when it is cut at these offsets. */
export function expectWhole(stream: Stream, offsets: readonly number[]): void {
  const got = framesIn(cutAt(stream.bytes, offsets))
  if (got.length === stream.payloads.length && got.every((payload, i) => payload === stream.payloads[i]))
    return
  const wrong = stream.payloads.findIndex((payload, i) => payload !== got[i])
  const at = wrong < 0 ? stream.payloads.length : wrong
  const steps = cutAt(stream.bytes, offsets).map(chunk => `${chunk.length} bytes: ${hexOf(chunk)}`)
  const because = `This is ${stream.name}. The first ${at} payloads are right. (chapter 06, "Chunks mean nothing")`
  expect(got[at] ?? 'no such frame', story('push', steps, because)).toBe(
    stream.payloads[at] ?? 'no such frame',
  )
}
