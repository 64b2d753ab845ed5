/** What can be seen only from beside the code under test: shared memory, and how much of it was made. */
import { juteReader, juteWriter } from '#lab/wire/jute.ts'

/** `bytes()` after one int and after two, looked at when a reset and 500 longs have followed. */
export function archivesAfterLaterWrites(): Uint8Array[] {
  const out = juteWriter()
  out.int(1)
  const first = out.bytes()
  out.int(2)
  const second = out.bytes()
  out.reset()
  for (let i = 0; i < 500; i++) out.long(-1n)
  return [first, second]
}

/** `count` archives of one writer, each of an int and a long, looked at when all are written. */
export function archivesOfOneWriter(count: number): Uint8Array[] {
  const out = juteWriter()
  return Array.from({ length: count }, (_, i) => {
    out.reset()
    out.int(i)
    out.long(BigInt(i))
    return out.bytes()
  })
}

/** The archive of one buffer, whose bytes are overwritten before anybody looks. */
export function archiveOfOverwritten(data: Uint8Array): Uint8Array {
  const out = juteWriter()
  out.buffer(data)
  data.fill(0xff)
  return out.bytes()
}

/** The two buffers in `bytes`, looked at when `bytes` is overwritten. */
export function buffersOfOverwritten(bytes: Uint8Array): (Uint8Array | null)[] {
  const input = juteReader(bytes)
  const buffers = [input.buffer(), input.buffer()]
  bytes.fill(0xff)
  return buffers
}

/** The second of the two buffers in `bytes`, looked at when the first is overwritten. */
export function secondOfOverwrittenFirst(bytes: Uint8Array): Uint8Array | null {
  const input = juteReader(bytes)
  const [first, second] = [input.buffer(), input.buffer()]
  first?.fill(0xaa)
  return second ?? null
}

/** Does the buffer in `bytes` keep the memory of `bytes` alive? */
export function bufferSharesMemory(bytes: Uint8Array): boolean {
  return juteReader(bytes).buffer()?.buffer === bytes.buffer
}

/** How many bytes of typed arrays it takes to write `count` longs. */
export function memoryForLongs(count: number): number {
  return allocated(() => {
    const out = juteWriter()
    for (let i = 0; i < count; i++) out.long(BigInt(i))
  })
}

/** How many it takes to read `bytes` as a buffer and as a string, `times` times, whatever comes of it. */
export function memoryForReading(bytes: Uint8Array, times: number): number {
  return allocated(() => {
    for (let i = 0; i < times; i++) {
      for (const type of ['buffer', 'ustring'] as const) {
        try {
          juteReader(bytes)[type]()
        } catch (error) {
          if ((error as Error).name === 'Todo') throw error
        }
      }
    }
  })
}

function allocated(run: () => void): number {
  const real = globalThis.Uint8Array
  let total = 0
  globalThis.Uint8Array = new Proxy(real, {
    construct(target, args) {
      const array = Reflect.construct(target, args) as Uint8Array
      const isView = args[0] instanceof ArrayBuffer
      if (!isView) total += array.length
      return array
    },
  })
  try {
    run()
  } finally {
    globalThis.Uint8Array = real
  }
  return total
}
