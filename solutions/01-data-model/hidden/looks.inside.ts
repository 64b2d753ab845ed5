/**
 * Counts how many elements of maps, sets and arrays some work walks over. A count, and not a time: a busy machine
 * changes nothing about it, and neither does a fast one. (A loop that counts an index up is not seen.)
 */
type Method = (this: unknown, ...args: unknown[]) => unknown

/** What walks over all of a map or a set. */
const walks = ['forEach', 'entries', 'keys', 'values', Symbol.iterator]

/** What walks over all of an array, or may. */
const arrayWalks = [
  ...[Symbol.iterator, 'forEach', 'map', 'flatMap', 'filter', 'reduce', 'some', 'every'],
  ...['find', 'findIndex', 'findLast', 'findLastIndex', 'indexOf', 'lastIndexOf', 'includes'],
  ...['slice', 'splice', 'concat', 'join', 'sort'],
]

export function looksDuring(work: () => void): number {
  let looks = 0
  const undo: (() => void)[] = []
  const count = (owner: object, names: PropertyKey[], sizeOf: (that: unknown) => number): void => {
    for (const name of names) {
      const descriptor = Reflect.getOwnPropertyDescriptor(owner, name)!
      const original = descriptor.value as Method
      undo.push(() => Object.defineProperty(owner, name, descriptor))
      const counting: Method = function (...args) {
        looks += sizeOf(this)
        return original.apply(this, args)
      }
      Object.defineProperty(owner, name, { ...descriptor, value: counting })
    }
  }
  count(Array.prototype, arrayWalks, that => (that as unknown[]).length)
  count(Map.prototype, walks, that => (that as Map<unknown, unknown>).size)
  count(Set.prototype, walks, that => (that as Set<unknown>).size)
  looks = 0 // getting ready does not count
  try {
    work()
    return looks
  } finally {
    for (let i = undo.length - 1; i >= 0; i--) undo[i]!()
  }
}
