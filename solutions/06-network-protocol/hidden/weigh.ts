/**
 * How many bytes a piece of work moves: what it allocates and what it copies, as far as that goes through arrays of
 * bytes. Work that moves more than `most` is not seen to its end. It counts only what runs in this process. Code that
 * is judged from another process shows a count of zero, and the sizes in the tests are such that copying all again
 * and again does not end in time there.
 */
export function bytesMoved(most: number, work: () => void): number {
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
