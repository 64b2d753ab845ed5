/**
 * Another way: a heap of deadlines, each of which stands in it once, and for each session what it last asked for. A
 * session that has moved is found dead in its old bucket by comparison.
 */
import type { SessionId } from '../state/znode.ts'
import type { Millis } from '../world/world.ts'

interface Place {
  session: SessionId
  due: Millis
}

export interface ExpiryQueue {
  readonly tick: Millis
  readonly places: Map<SessionId, Place>
  /** Whoever has come to a deadline, also those who have left it. */
  readonly comers: Map<Millis, { places: Place[]; left: number }>
  /** A binary heap of the deadlines in `comers`. */
  readonly heap: Millis[]
}

export function expiryQueue(tick: Millis): ExpiryQueue {
  return { tick, places: new Map(), comers: new Map(), heap: [] }
}

export function deadline({ tick }: ExpiryQueue, timeout: Millis, now: Millis): Millis {
  const end = now + timeout
  return end - (end % tick) + tick
}

export function touch(queue: ExpiryQueue, session: SessionId, timeout: Millis, now: Millis): void {
  const due = deadline(queue, timeout, now)
  if (queue.places.get(session)?.due === due) return
  remove(queue, session)
  const place = { session, due }
  queue.places.set(session, place)
  const comers = queue.comers.get(due)
  if (comers === undefined) {
    queue.comers.set(due, { places: [place], left: 0 })
    push(queue.heap, due)
  } else comers.places.push(place)
}

export function remove(queue: ExpiryQueue, session: SessionId): void {
  const place = queue.places.get(session)
  if (place === undefined) return
  queue.places.delete(session)
  const comers = queue.comers.get(place.due)!
  comers.left++
  // Half of a bucket may be shadows, not more.
  if (comers.left * 2 > comers.places.length) {
    comers.places = comers.places.filter(each => isThere(queue, each))
    comers.left = 0
  }
}

function isThere(queue: ExpiryQueue, place: Place): boolean {
  return queue.places.get(place.session) === place
}

export function expire(queue: ExpiryQueue, now: Millis): SessionId[] {
  const dead: SessionId[] = []
  while (queue.heap.length > 0 && queue.heap[0]! <= now) {
    const due = pop(queue.heap)
    for (const place of queue.comers.get(due)!.places) {
      if (!isThere(queue, place)) continue
      dead.push(place.session)
      queue.places.delete(place.session)
    }
    queue.comers.delete(due)
  }
  return dead
}

export function waiting(queue: ExpiryQueue): [due: Millis, sessions: SessionId[]][] {
  return [...queue.comers.keys()]
    .toSorted((one, other) => one - other)
    .map((due): [Millis, SessionId[]] => {
      const { places } = queue.comers.get(due)!
      return [due, places.filter(each => isThere(queue, each)).map(({ session }) => session)]
    })
    .filter(([, sessions]) => sessions.length > 0)
}

function push(heap: Millis[], due: Millis): void {
  let at = heap.push(due) - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    if (heap[above]! <= due) break
    heap[at] = heap[above]!
    at = above
  }
  heap[at] = due
}

function pop(heap: Millis[]): Millis {
  const [least] = heap
  const last = heap.pop()!
  if (heap.length === 0) return least!
  let at = 0
  for (;;) {
    let below = 2 * at + 1
    if (below >= heap.length) break
    if (below + 1 < heap.length && heap[below + 1]! < heap[below]!) below++
    if (heap[below]! >= last) break
    heap[at] = heap[below]!
    at = below
  }
  heap[at] = last
  return least!
}
