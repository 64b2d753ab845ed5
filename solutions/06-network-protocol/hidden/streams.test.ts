import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { frame, frameReader } from '#lab/wire/frames.ts'
import { bytesOf, hexOf, usualLimit } from '../../../labs/06-network-protocol/test/bytes.ts'
import { framesIn, framesInOneMemory } from '../../../labs/06-network-protocol/test/readers.inside.ts'
import { expectFrames, story } from '../../../labs/06-network-protocol/test/streams.ts'
import { payloadsAtTheEnd } from './memory.inside.ts'
import { cutAt, expectWhole, streams } from './recordings.ts'
import { cutting } from './weigh.inside.ts'

describe('C. Cut the stream into frames', () => {
  test('every split in two of a recorded conversation gives its frames', () => {
    for (const stream of streams.slice(0, 2)) {
      for (let at = 0; at <= stream.bytes.length; at++) expectWhole(stream, [at])
    }
  })

  test('a recorded conversation gives its frames byte by byte, and all at once', () => {
    for (const stream of streams) {
      expectWhole(stream, [])
      expectWhole(stream, Array.from(stream.bytes.keys()).slice(1))
    }
  })

  test('any split in any number of chunks, empty ones too, gives the frames', () => {
    // Left alone, the library makes ten cuts at most.
    const cuts = (length: number) =>
      fc.array(fc.nat(length), { maxLength: 30, size: 'max' }).map(offsets => offsets.sort((a, b) => a - b))
    const cases = fc
      .constantFrom(...streams)
      .chain(stream => fc.tuple(fc.constant(stream), cuts(stream.bytes.length)))
    fc.assert(
      fc.property(cases, ([stream, offsets]) => expectWhole(stream, offsets)),
      { numRuns: 300, seed: 6 },
    )
  })

  test('any payloads, in frames and cut anywhere, come back', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 })
    fc.assert(
      fc.property(payloads, fc.array(fc.nat(200), { maxLength: 10 }), (sent, cuts) => {
        const stream = Uint8Array.from(sent.flatMap(payload => [...frame(payload)]))
        const offsets = cuts.filter(at => at <= stream.length).sort((a, b) => a - b)
        const chunks = cutAt(stream, offsets)
        const because = 'Chunks mean nothing. (chapter 06, "Chunks mean nothing")'
        expect(framesIn(chunks), story('push', chunks.map(hexOf), because)).toEqual(sent.map(hexOf))
      }),
      { numRuns: 500, seed: 6 },
    )
  })

  test('an empty payload is given at once, though nothing follows it', () => {
    const because = 'A frame of length 0 is complete with its length. (chapter 06, "Chunks mean nothing")'
    expectFrames(['00000000'], [''], because)
    expectFrames(['0000', '0000'], [''], because)
    expectFrames(['00000001 2a 00000000', '00000000'], ['2a', '', ''], because)
  })

  test('a frame is given with its last byte, not with the first of the next', () => {
    for (const stream of streams.slice(0, 2)) {
      const reader = frameReader(usualLimit)
      let came = 0
      let end = 0
      const ends = stream.payloads.map(payload => {
        end += 4 + payload.length / 2
        return end
      })
      for (const [at, byte] of stream.bytes.entries()) {
        reader.push(Uint8Array.of(byte), () => came++)
        const due = ends.filter(end => end <= at + 1).length
        expect(came, `frames given after the first ${at + 1} bytes of ${stream.name}`).toBe(due)
      }
    }
  })

  test('what is unfinished is never given, and does not keep the next connection from its own', () => {
    const first = frameReader(usualLimit)
    const came: string[] = []
    first.push(bytesOf('0000002d 0000'), () => came.push('something'))
    const because = 'The peer hung up in the middle of a frame; each connection has a reader of its own.'
    expect(came, story('push', ['0000002d 0000'], because)).toEqual([])
    expectFrames(['00000002cafe'], ['cafe'], because)
    first.push(new Uint8Array(43), payload => came.push(`${payload.length} bytes`))
    expect(came, story('push', ['0000002d 0000', '43 bytes'], because)).toEqual(['45 bytes'])
  })

  test('a bad length is refused at its fourth byte wherever it is cut, and all before it is given', () => {
    const because = 'Chunks mean nothing, for a refusal either. (chapter 06, "Trust nobody")'
    for (const bad of ['ffffffff', '80000000', '000003e9', '72756f6b']) {
      const stream = bytesOf(`00000002cafe 00000000 00000001 2a ${bad}`)
      for (let a = 0; a <= stream.length; a++) {
        for (let b = a; b <= stream.length; b++) {
          const chunks = cutAt(stream, [a, b])
          const told = story('push, limit 1000,', chunks.map(hexOf), because)
          expect(framesIn(chunks, 1000), told).toEqual(['cafe', '', '2a', 'refused'])
        }
      }
    }
  })

  test('a length at the limit is no bad length, in one piece or in two', () => {
    const payload = new Uint8Array(1000).fill(7)
    const stream = frame(payload)
    for (const at of [2, 4, 500]) {
      expect(framesIn(cutAt(stream, [at]), 1000), `1000 bytes with a limit of 1000, cut at ${at}`).toEqual([
        hexOf(payload),
      ])
    }
  })

  test('the caller overwrites each chunk once its payloads have been used', () => {
    const because = 'The reader keeps a copy of what is unfinished. (chapter 06, "Who owns the bytes?")'
    for (const stream of streams.slice(0, 2)) {
      for (const size of [1, 3, 7, 16, 50, 333]) {
        const chunks = cutAt(stream.bytes, steps(size, stream.bytes.length))
        const told = `chunks of ${size} bytes, all in the same memory. ${because}`
        expect(framesInOneMemory(chunks), told).toEqual(stream.payloads)
      }
    }
  })

  test('payloads that have been given do not change when more arrives', () => {
    const { bytes, payloads } = streams[1]!
    expect(payloadsAtTheEnd(cutAt(bytes, steps(40, bytes.length)))).toEqual(payloads)
  })

  const timesMoved = 'times that each byte of the stream was moved (counted until it was too often)'

  test('a chunk of many frames costs no more than its bytes', () => {
    const count = 50_000
    const one = frame(bytesOf('fffffffe0000000b'))
    const chunk = new Uint8Array(count * one.length)
    for (let i = 0; i < count; i++) chunk.set(one, i * one.length)
    const { moved, frames } = cutting([chunk], usualLimit, 10 * chunk.length)
    const because = 'Whoever copies the rest after each frame copies it fifty thousand times.'
    expect(moved / chunk.length, `${timesMoved}. ${because}`).toBeLessThan(4)
    expect(frames, `pings in one chunk of ${chunk.length} bytes`).toBe(count)
  })

  test('a great frame in many chunks costs no more than its bytes', () => {
    const length = 4_000_000
    const step = 100
    const stream = frame(new Uint8Array(length).fill(7))
    const chunks = Array.from({ length: Math.ceil(stream.length / step) }, (_, i) =>
      stream.slice(i * step, (i + 1) * step),
    )
    const { moved, payloadBytes } = cutting(chunks, length, 10 * stream.length)
    const because = 'Whoever joins all there is at each chunk copies the beginning forty thousand times.'
    expect(moved / stream.length, `${timesMoved}. ${because}`).toBeLessThan(8)
    expect(payloadBytes, `bytes of payload, from ${chunks.length} chunks`).toBe(length)
  })
})

/** Every `size` bytes an offset to cut at. */
function steps(size: number, length: number): number[] {
  return Array.from({ length: Math.ceil(length / size) - 1 }, (_, i) => (i + 1) * size)
}
