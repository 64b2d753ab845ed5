/**
 * Lab 06's way of asking: bytes are written in hex (blanks in it mean nothing), they are pushed chunk by chunk, and a
 * failure tells which chunks led to it.
 */
import { expect } from 'vitest'
import { bytesOf, refusal, usualLimit } from './bytes.ts'
import { framesIn, messagesIn, type Outcome } from './readers.inside.ts'

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
