/**
 * Sessions grouped by the tick in which they may die, so that a tick looks only at those.
 * Deadlines round up to a tick boundary: a session may live a little longer than it asked, never shorter.
 * Source: Apache's ExpiryQueue. Cost: O(1) a touch, O(expired) a tick.
 */
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
  // #region lab 11: A. round up to the next boundary
  return (Math.floor((now + timeout) / queue.tick) + 1) * queue.tick
  // #endregion
}

/** A sign of life: the session lives for its timeout from now on. Also how a session enters the queue. */
export function touch(queue: ExpiryQueue, session: SessionId, timeout: Millis, now: Millis): void {
  // #region lab 11: B. move the session to the bucket of its new deadline
  const due = deadline(queue, timeout, now)
  const was = queue.deadlines.get(session)
  if (was === due) return
  if (was !== undefined) leave(queue, session, was)
  queue.deadlines.set(session, due)
  let bucket = queue.buckets.get(due)
  if (bucket === undefined) {
    bucket = new Set()
    queue.buckets.set(due, bucket)
  }
  bucket.add(session)
  if (queue.buckets.size === 1 || due < queue.next) queue.next = due
  // #endregion
}

/** The session is closed: it will not expire any more. Without effect on one that is not there. */
export function remove(queue: ExpiryQueue, session: SessionId): void {
  // #region lab 11: B. let the session go
  const was = queue.deadlines.get(session)
  if (was === undefined) return
  queue.deadlines.delete(session)
  leave(queue, session, was)
  // #endregion
}

/** Takes out and returns the sessions whose deadline has come, the earliest deadline first. */
export function expire(queue: ExpiryQueue, now: Millis): SessionId[] {
  // #region lab 11: C. empty the buckets that are due
  const expired: SessionId[] = []
  while (queue.buckets.size > 0 && queue.next <= now) {
    const bucket = queue.buckets.get(queue.next)
    if (bucket !== undefined) {
      queue.buckets.delete(queue.next)
      for (const session of bucket) {
        queue.deadlines.delete(session)
        expired.push(session)
      }
    }
    queue.next += queue.tick
  }
  return expired
  // #endregion
}

/** Who dies when if nothing is heard of them: each deadline that somebody has, the earliest first, and who has it. */
export function waiting(queue: ExpiryQueue): [due: Millis, sessions: SessionId[]][] {
  // #region lab 11: D. list the buckets as they are
  const buckets = [...queue.buckets].sort(([one], [other]) => one - other)
  return buckets.map(([due, sessions]) => [due, [...sessions]])
  // #endregion
}

// #region lab 11: solution only
function leave(queue: ExpiryQueue, session: SessionId, due: Millis): void {
  const bucket = queue.buckets.get(due)
  bucket?.delete(session)
  if (bucket?.size === 0) queue.buckets.delete(due)
}
// #endregion
