/** Guesses what pasted bytes are, by trying: a guess stands only when the reference reads it to the last byte. */
import { decode, type Schema, type Shape } from './message.ts'
import { operationOf } from './samples.ts'

/** The shape that the bytes fit exactly, the present one first; null when none does. */
export function recognise(schema: Schema, bytes: Uint8Array, present: Shape): Shape | null {
  return candidates(schema, bytes, present).find(shape => fits(schema, bytes, shape)) ?? null
}

function candidates(schema: Schema, bytes: Uint8Array, present: Shape): Shape[] {
  const type = decode(schema, { record: 'RequestHeader', around: 'frame' }, bytes).values.RequestHeader?.type
  const requested = [...schema.keys()].filter(record => operationOf(record) === type)
  return [
    present,
    { record: present.record, around: 'frame' },
    ...requested.map((record): Shape => ({ record, around: 'request' })),
    { record: 'ConnectRequest', around: 'frame' },
    { record: 'ConnectResponse', around: 'frame' },
    { record: present.record, around: 'reply' },
    { record: present.record, around: 'none' },
  ]
}

function fits(schema: Schema, bytes: Uint8Array, shape: Shape): boolean {
  const { problem, missing, unread } = decode(schema, shape, bytes)
  return problem === null && missing === 0 && unread === bytes.length
}
