import { frameReader } from '#lab/wire/frames.ts'

export interface Cutting {
  /** Bytes allocated and copied, as far as that goes through arrays of bytes. */
  moved: number
  frames: number
  payloadBytes: number
}

/**
 * Cuts a stream into frames and counts what that moves; beyond `most` it gives up. It counts whatever runs in its
 * process, so the grader runs it beside the code under test.
 */
export function cutting(chunks: readonly Uint8Array[], limit: number, most: number): Cutting {
  const reader = frameReader(limit)
  let frames = 0
  let payloadBytes = 0
  const moved = bytesMoved(most, () => {
    for (const chunk of chunks) {
      reader.push(chunk, payload => {
        frames++
        payloadBytes += payload.length
      })
    }
  })
  return { moved, frames, payloadBytes }
}

function bytesMoved(most: number, work: () => void): number {
  let moved = 0
  const tooMuch = new Error('more bytes were moved than anybody needs')
  function add(bytes: number): void {
    moved += bytes
    if (moved > most) throw tooMuch
  }
  const restore: (() => void)[] = []

  function watch<T extends object, K extends keyof T & string>(
    owner: T,
    name: K,
    weigh: (self: unknown, args: unknown[], result: unknown) => number,
  ): void {
    const original = owner[name]
    if (typeof original !== 'function') return
    const own = Object.hasOwn(owner, name)
    owner[name] = function (this: unknown, ...args: unknown[]) {
      const result = original.apply(this, args)
      add(weigh(this, args, result))
      return result
    } as T[K]
    restore.push(() => {
      if (own) owner[name] = original
      else delete owner[name]
    })
  }

  const lengthOf = (value: unknown): number => Number((value as { length?: number } | null)?.length ?? 0)
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array
  watch(typedArray, 'set', (_self, [source]) => lengthOf(source))
  watch(typedArray, 'slice', (_self, _args, result) => lengthOf(result))
  watch(typedArray, 'copyWithin', lengthOf)
  watch(typedArray, 'values', lengthOf)
  watch(Buffer, 'concat', (_self, _args, result) => lengthOf(result))
  watch(Buffer, 'from', (_self, _args, result) => lengthOf(result))
  watch(Buffer, 'alloc', (_self, _args, result) => lengthOf(result))
  watch(Buffer, 'allocUnsafe', (_self, _args, result) => lengthOf(result))
  watch(Buffer.prototype, 'copy', (_self, _args, result) => Number(result))

  const iterate = typedArray[Symbol.iterator]
  typedArray[Symbol.iterator] = function (this: Uint8Array) {
    add(this.length)
    return iterate.call(this)
  }
  restore.push(() => {
    typedArray[Symbol.iterator] = iterate
  })

  const original = globalThis.Uint8Array
  globalThis.Uint8Array = new Proxy(original, {
    construct(target, args, newTarget) {
      const made = Reflect.construct(target, args, newTarget) as Uint8Array
      // A view of memory that is there already costs nothing.
      if (!(args[0] instanceof ArrayBuffer)) add(made.length)
      return made
    },
  })
  restore.push(() => {
    globalThis.Uint8Array = original
  })

  try {
    work()
  } catch (error) {
    if (error !== tooMuch) throw error
  } finally {
    for (const undo of restore.reverse()) undo()
  }
  return moved
}
