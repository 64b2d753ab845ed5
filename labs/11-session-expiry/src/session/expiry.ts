/**
 * Sessions grouped by the tick in which they may die, so that a tick looks only at those.
 * Deadlines round up to a tick boundary: a session may live a little longer than it asked, never shorter.
 * Source: Apache's ExpiryQueue. Cost: O(1) a touch, O(expired) a tick.
 */
import { Todo } from '../lib/todo.ts'
import type { SessionId } from '../state/znode.ts'
import type { Millis } from '../world/world.ts'

export interface ExpiryQueue {
  /** Length of a bucket in milliseconds. */
  readonly tick: Millis
  /** The sessions of each deadline, in the order in which they entered. No bucket is empty. */
  readonly buckets: Map<Millis, Set<SessionId>>
  /** The bucket that each session is in. */
  readonly deadlines: Map<SessionId, Millis>
  /** The next deadline to look at: every bucket before it is gone. 0 until the first session. */
  next: Millis
}

export function expiryQueue(tick: Millis): ExpiryQueue {
  return { tick, buckets: new Map(), deadlines: new Map(), next: 0 }
}

/** The tick boundary after `now + timeout`: when a session touched now is to die. */
export function deadline(queue: ExpiryQueue, timeout: Millis, now: Millis): Millis {
  throw new Todo('11 A: round up to the next boundary')
}

/** A sign of life: the session lives for its timeout from now on. Also how a session enters the queue. */
export function touch(queue: ExpiryQueue, session: SessionId, timeout: Millis, now: Millis): void {
  throw new Todo('11 B: move the session to the bucket of its new deadline')
}

/** The session is closed: it will not expire any more. Without effect on one that is not there. */
export function remove(queue: ExpiryQueue, session: SessionId): void {
  throw new Todo('11 B: let the session go')
}

/** Takes out and returns the sessions whose deadline has come, the earliest deadline first. */
export function expire(queue: ExpiryQueue, now: Millis): SessionId[] {
  throw new Todo('11 C: empty the buckets that are due')
}

/** Who dies when if nothing is heard of them: each deadline that somebody has, the earliest first, and who has it. */
export function waiting(queue: ExpiryQueue): [due: Millis, sessions: SessionId[]][] {
  throw new Todo('11 D: list the buckets as they are')
}

