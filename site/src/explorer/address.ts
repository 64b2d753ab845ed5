/**
 * The explorer's state in an address: `#record=CreateRequest&around=request&bytes=00000032…`. Without bytes the record
 * opens with sample values, without `around` in what it usually travels in.
 */
import { parseHex, toHex } from './hex.ts'
import { type Around, arounds, type Schema, type Shape } from './message.ts'
import { usualAround } from './samples.ts'

export interface Place {
  shape: Shape
  /** Null: not said, take sample values. */
  bytes: Uint8Array | null
}

/** Beyond this the address does not hold the bytes any more. */
export const longestAddress = 4096

export function toHash({ record, around }: Shape, bytes: Uint8Array): string {
  const state = `#record=${record}&around=${around}`
  return bytes.length > longestAddress ? state : `${state}&bytes=${toHex(bytes)}`
}

/** Null when the address names no record that there is, or bytes that are none. */
export function fromHash(schema: Schema, hash: string): Place | null {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''))
  const record = parameters.get('record') ?? ''
  if (!schema.has(record)) return null
  const wanted = parameters.get('around')
  const around: Around = arounds.find(known => known === wanted) ?? usualAround(schema, record)
  const shape = { record, around }
  if (!parameters.has('bytes')) return { shape, bytes: null }
  const parsed = parseHex(parameters.get('bytes')!)
  return 'bytes' in parsed ? { shape, bytes: parsed.bytes } : null
}
