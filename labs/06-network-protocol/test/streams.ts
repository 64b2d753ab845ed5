/**
 * Lab 06's way of asking: bytes are written in hex (blanks in it mean nothing), they are pushed chunk by chunk, and a
 * failure tells which chunks led to it.
 */
import { expect } from 'vitest'
import { clientReader, frameReader } from '#lab/wire/frames.ts'

/** The limit that Apache's server sets when nobody sets another: `jute.maxbuffer`. */
export const usualLimit = 0xfffff

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'))
}

/** What a reader made of a stream: payloads in hex, words in quotes, and at the end why it went no further. */
export type Outcome = string[]

/** Pushes chunk after chunk into a new FrameReader. */
export function framesIn(chunks: readonly Uint8Array[], limit = usualLimit): Outcome {
  const reader = frameReader(limit)
  return outcome(chunks, (chunk, came) => reader.push(chunk, payload => came.push(hexOf(payload))))
}

/** Pushes chunk after chunk into a new ClientReader. */
export function messagesIn(chunks: readonly Uint8Array[], limit = usualLimit): Outcome {
  const reader = clientReader(limit)
  return outcome(chunks, (chunk, came) =>
    reader.push(chunk, message =>
      came.push(message.type === 'word' ? `'${message.word}'` : hexOf(message.bytes)),
    ),
  )
}

function outcome(chunks: readonly Uint8Array[], push: (chunk: Uint8Array, came: string[]) => void): Outcome {
  const came: string[] = []
  for (const chunk of chunks) {
    try {
      push(chunk, came)
    } catch (error) {
      came.push(refusal(error))
      break
    }
  }
  return came
}

/** The chunks, written in hex, must give this outcome. */
export function expectFrames(
  chunks: readonly string[],
  expected: Outcome,
  because: string,
  limit = usualLimit,
): void {
  expect(framesIn(chunks.map(bytesOf), limit), story('push', chunks, because)).toEqual(expected)
}

export function expectMessages(chunks: readonly string[], expected: Outcome, because: string): void {
  expect(messagesIn(chunks.map(bytesOf)), story('push', chunks, because)).toEqual(expected)
}

/** How a call was refused, in a word; a Todo goes on to who runs the test. */
export function refusal(error: unknown): string {
  const { name, message, code } = error as Error & { code?: unknown }
  if (name === 'Todo') throw error
  return name === 'KeeperError' && code === -5 ? 'refused' : `${name}: ${message}`
}

/** What a call gives, or how it was refused. */
export function given(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return refusal(error)
  }
}

/** What a failure prints above expected and actual. */
export function story(call: string, steps: readonly string[], because: string): string {
  const shown =
    steps.length > 12 ? [...steps.slice(0, 5), `… ${steps.length - 10} more …`, ...steps.slice(-5)] : steps
  const lines = shown.map(step => `    ${call}  ${step.length > 100 ? `${step.slice(0, 97)}…` : step}\n`)
  return `\n${lines.join('')}  ${because}\n `
}
