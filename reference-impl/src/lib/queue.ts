/**
 * First in, first out. An array alone would not do: `shift` moves everything that is left, each time.
 * Plain data, so that a state that holds one can be copied and compared.
 */
export interface Queue<T> {
  items: T[]
  /** Where in `items` the queue begins; what is before is gone. */
  head: number
}

export function emptyQueue<T>(): Queue<T> {
  return { items: [], head: 0 }
}

export function sizeOf(queue: Queue<unknown>): number {
  return queue.items.length - queue.head
}

export function enqueue<T>(queue: Queue<T>, item: T): void {
  queue.items.push(item)
}

/** The oldest item; undefined when there is none. */
export function first<T>(queue: Queue<T>): T | undefined {
  return queue.items[queue.head]
}

/** Takes out the oldest item. */
export function dequeue<T>(queue: Queue<T>): T | undefined {
  const item = queue.items[queue.head]
  if (item === undefined) return undefined
  queue.head++
  if (queue.head === queue.items.length) {
    queue.items.length = 0
    queue.head = 0
  } else if (queue.head >= 1024 && queue.head * 2 >= queue.items.length) {
    queue.items = queue.items.slice(queue.head)
    queue.head = 0
  }
  return item
}
