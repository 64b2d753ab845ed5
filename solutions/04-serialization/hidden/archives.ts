/** What the hidden tests of lab 04 share: an independent idea of the format and any steps. */
import fc from 'fast-check'
import type { Step } from '../../../labs/04-serialization/test/steps.ts'

/** The bytes of some steps, by Node's own means. Slow and plain, so that it is easy to believe. */
export function model(steps: readonly Step[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(steps.map(encoded)))
}

function encoded([type, value]: Step): Buffer {
  const bytes = Buffer.alloc(8)
  switch (type) {
    case 'byte':
      return bytes.subarray(0, bytes.writeInt8(value))
    case 'bool':
      return bytes.subarray(0, bytes.writeInt8(value ? 1 : 0))
    case 'int':
      return bytes.subarray(0, bytes.writeInt32BE(value))
    case 'long':
      return bytes.subarray(0, bytes.writeBigInt64BE(value))
    case 'float':
      return bytes.subarray(0, bytes.writeFloatBE(value))
    case 'double':
      return bytes.subarray(0, bytes.writeDoubleBE(value))
    case 'vector':
      return encoded(['int', value ?? -1])
    case 'buffer':
      return value === null ? encoded(['int', -1]) : Buffer.concat([encoded(['int', value.length]), value])
    case 'ustring':
      return encoded(['buffer', value === null ? null : Buffer.from(value, 'utf8')])
  }
}

const byte = fc.integer({ min: -128, max: 127 })
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
/** Letters of one, two, three and four bytes, and some long enough to leave any small room. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 }),
)
const data = fc.oneof(fc.uint8Array(), fc.uint8Array({ minLength: 200, maxLength: 700 }))

export const fixedSteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('byte' as const), byte),
    fc.tuple(fc.constant('bool' as const), fc.boolean()),
    fc.tuple(fc.constant('int' as const), fc.integer()),
    fc.tuple(fc.constant('long' as const), long),
    fc.tuple(fc.constant('float' as const), fc.float()),
    fc.tuple(fc.constant('double' as const), fc.double()),
  ),
  { maxLength: 200 },
)

export const anySteps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.tuple(fc.constant('int' as const), fc.integer()),
    fc.tuple(fc.constant('long' as const), long),
    fc.tuple(fc.constant('buffer' as const), fc.option(data)),
    fc.tuple(fc.constant('ustring' as const), fc.option(text)),
  ),
  { maxLength: 30 },
)

/**
 * Tries `check` on many values. It fails as `check` failed on the smallest value found within two seconds, and says
 * with which seed it can be found again.
 */
export function holds<T>(values: fc.Arbitrary<T>, check: (value: T) => void, numRuns = 100): void {
  const details = fc.check(fc.property(values, check), { numRuns, interruptAfterTimeLimit: 2000 })
  if (!details.failed) return
  const error = details.errorInstance
  if (error instanceof Error && error.name !== 'Todo')
    error.message += `\n  Found at random, with the seed ${details.seed}.`
  throw error
}

/**
 * Archives of about `length` bytes that hold nothing but `step`, behind one byte, two, three and so on: wherever an
 * archive grows, in one of them it grows in the middle of this step.
 */
export function everyPlaceFor(step: Step, length: number): Step[][] {
  const size = model([step]).length
  return Array.from({ length: size }, (_, before) => [
    ...Array.from({ length: before }, (): Step => ['byte', 7]),
    ...Array.from({ length: Math.ceil(length / size) }, () => step),
  ])
}
