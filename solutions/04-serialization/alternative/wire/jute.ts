/**
 * The same contract in another style: closures over plain arrays, numbers taken apart by hand, no DataView.
 * Slower, and as right.
 */
import { type InputArchive, JUTE_MAX_BUFFER, type OutputArchive } from './archive.ts'
import { KeeperError } from './errors.ts'

export function juteWriter(): OutputArchive {
  let bytes: number[] = []

  /** The lowest `size` bytes of a whole number, the highest first. */
  const whole = (type: string, value: bigint, size: number) => {
    const bits = BigInt(8 * size)
    const limit = 1n << (bits - 1n)
    if (value < -limit || value >= limit) throw broken(`${value} is not a ${type}`)
    for (let shift = bits - 8n; shift >= 0n; shift -= 8n) bytes.push(Number((value >> shift) & 0xffn))
  }
  const number = (type: string, value: number, size: number) => {
    if (!Number.isInteger(value)) throw broken(`${value} is not a ${type}`)
    whole(type, BigInt(value), size)
  }
  const raw = (data: Iterable<number>) => {
    for (const byte of data) bytes.push(byte)
  }
  const withLength = (data: Uint8Array | null) => {
    number('int', data === null ? -1 : data.length, 4)
    if (data !== null) raw(data)
  }

  return {
    byte: value => number('byte', value, 1),
    bool: value => number('byte', value ? 1 : 0, 1),
    int: value => number('int', value, 4),
    long: value => whole('long', value, 8),
    float: value => raw(new Uint8Array(Float32Array.of(value).buffer).reverse()),
    double: value => raw(new Uint8Array(Float64Array.of(value).buffer).reverse()),
    buffer: withLength,
    ustring: value => withLength(value === null ? null : new TextEncoder().encode(value)),
    vector: count => number('int', count === null ? -1 : count, 4),
    bytes: () => Uint8Array.from(bytes),
    reset: () => {
      bytes = []
    },
  }
}

export function juteReader(source: Uint8Array, maxBuffer: number = 2 * JUTE_MAX_BUFFER): InputArchive {
  let rest = source

  const next = (count: number): Uint8Array => {
    if (rest.length < count) throw broken(`${count} bytes wanted, ${rest.length} left`)
    const taken = rest.slice(0, count)
    rest = rest.subarray(count)
    return taken
  }
  const whole = (size: number): bigint => {
    let value = 0n
    for (const byte of next(size)) value = (value << 8n) | BigInt(byte)
    return BigInt.asIntN(8 * size, value)
  }
  /** -1, or as many as can be there. */
  const length = (most: number): number => {
    const announced = Number(whole(4))
    if (announced < -1 || announced > most || announced > rest.length)
      throw broken(`a length of ${announced}`)
    return announced
  }
  const withLength = (): Uint8Array | null => {
    const count = length(maxBuffer)
    return count === -1 ? null : next(count)
  }

  return {
    byte: () => Number(whole(1)),
    bool: () => whole(1) !== 0n,
    int: () => Number(whole(4)),
    long: () => whole(8),
    float: () => new Float32Array(next(4).reverse().buffer)[0]!,
    double: () => new Float64Array(next(8).reverse().buffer)[0]!,
    buffer: withLength,
    ustring: () => {
      const bytes = withLength()
      return bytes === null ? null : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    },
    vector: () => {
      const count = length(Number.POSITIVE_INFINITY)
      return count === -1 ? null : count
    },
    skip: count => void next(count),
    remaining: () => rest.length,
  }
}

function broken(detail: string): KeeperError {
  return new KeeperError('MARSHALLINGERROR', detail)
}
