/**
 * Counts how many elements of maps, sets and arrays some work walks over. A count, and not a time: a busy machine
 * changes nothing about it, and neither does a fast one.
 */
type Method = (this: unknown, ...args: unknown[]) => unknown

const walking = ['forEach', 'entries', 'keys', 'values', Symbol.iterator] as const
const scanning = [
  ...[
    'at',
    'filter',
    'find',
    'findIndex',
    'findLast',
    'findLastIndex',
    'some',
    'every',
    'map',
    'flatMap',
    'reduce',
  ],
  ...[
    'forEach',
    'indexOf',
    'lastIndexOf',
    'includes',
    'slice',
    'splice',
    'toSpliced',
    'concat',
    'join',
    'sort',
  ],
].filter(name => name !== 'at')

export function looksDuring(work: () => void): number {
  let looks = 0
  const undo: (() => void)[] = []
  const patch = (owner: object, name: PropertyKey, make: (original: Method) => Method) => {
    const original = Reflect.getOwnPropertyDescriptor(owner, name)!
    Object.defineProperty(owner, name, { ...original, value: make(original.value as Method) })
    undo.push(() => Object.defineProperty(owner, name, original))
  }
  for (const { prototype } of [Map, Set]) {
    for (const name of walking) {
      patch(
        prototype,
        name,
        original =>
          function (this: unknown, ...args) {
            looks += (this as { size: number }).size
            return original.apply(this, args)
          },
      )
    }
  }
  for (const name of scanning) {
    patch(
      Array.prototype,
      name,
      original =>
        function (this: unknown, ...args) {
          looks += (this as unknown[]).length
          return original.apply(this, args)
        },
    )
  }
  for (const name of ['keys', 'values', 'entries'] as const) {
    patch(
      Object,
      name,
      original =>
        function (this: unknown, ...args) {
          const found = original.apply(this, args) as unknown[]
          looks += found.length
          return found
        },
    )
  }
  try {
    work()
  } finally {
    for (const restore of undo) restore()
  }
  return looks
}
