/**
 * Pushes a whole stream through a reader. The grader runs this beside the code under test, so that a stream costs it one
 * call and not one for each chunk and each frame.
 */
import { clientReader, frameReader } from '#lab/wire/frames.ts'
import { hexOf, refusal, usualLimit } from './bytes.ts'

/** What a reader made of a stream: payloads in hex, words in quotes, and at the end why it went no further. */
export type Outcome = string[]

/** Pushes chunk after chunk into a new FrameReader. */
export function framesIn(chunks: readonly Uint8Array[], limit = usualLimit): Outcome {
  const reader = frameReader(limit)
  return outcome(chunks, (chunk, came) => reader.push(chunk, payload => came.push(hexOf(payload))))
}

/** The same, but every chunk lies in the same memory, which is overwritten when its payloads have been used. */
export function framesInOneMemory(chunks: readonly Uint8Array[]): Outcome {
  // As a program has it that reads from its socket into the same Node Buffer again and again.
  const memory = Buffer.alloc(Math.max(...chunks.map(chunk => chunk.length)))
  const reader = frameReader(usualLimit)
  return outcome(chunks, (chunk, came) => {
    memory.set(chunk)
    reader.push(memory.subarray(0, chunk.length), payload => came.push(hexOf(payload)))
    memory.fill(0xee)
  })
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
