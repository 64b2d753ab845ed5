import { describe, expect, test } from 'vitest'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { hexOf } from '../wire/codecs.ts'
import { captured, recordings, streamOf } from './captured.ts'
import { messagesOf } from './messages.ts'

describe.each(recordings())('the recorded conversation %s', recording => {
  const frames = captured(recording)

  test('opens with a connect request and its answer', () => {
    expect(frames.slice(0, 2).map(frame => [frame.from, frame.bytes.length])).toEqual([
      ['client', 49],
      ['server', 41],
    ])
  })

  test('is cut into the same frames however its bytes arrive', () => {
    for (const from of ['client', 'server'] as const) {
      const stream = streamOf(frames, from)
      const sent = frames.filter(frame => frame.from === from).map(frame => hexOf(frame.bytes))
      for (const size of [1, 2, 3, 5, 8, 13, 1000, stream.length]) {
        const reader = frameReader(0xfffff)
        const seen: string[] = []
        for (let at = 0; at < stream.length; at += size) {
          reader.push(stream.subarray(at, at + size), payload => seen.push(hexOf(frame(payload))))
        }
        expect(seen, `chunks of ${size} bytes from the ${from}`).toEqual(sent)
      }
    }
  })

  test('holds records that read to their last byte and are written back as they were', () => {
    messagesOf(frames).forEach(({ name, left, written }, index) => {
      expect(left, `bytes that the record of frame ${index}, ${name}, does not name`).toBe(0)
      expect(hexOf(written), `frame ${index}, ${name}`).toBe(hexOf(frames[index]!.bytes.subarray(4)))
    })
  })
})
