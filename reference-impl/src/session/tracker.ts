/**
 * The sessions that exist, on the server that decides over their life: a leader, or one that stands alone.
 * Source: Apache's SessionTrackerImpl.
 */
import { dequeue, emptyQueue, enqueue, type Queue, sizeOf } from '../lib/queue.ts'
import type { SessionId } from '../state/znode.ts'
import type { Millis } from '../world/world.ts'
import { type ExpiryQueue, expire, expiryQueue, remove, touch } from './expiry.ts'

export interface Tracker {
  readonly expiry: ExpiryQueue
  readonly sessions: Map<SessionId, Tracked>
  /** Those whose time has run out and whose close is not ordered yet. */
  readonly due: Queue<SessionId>
}

export interface Tracked {
  timeout: Millis
  /** Its time has run out. Who is heard of before its close is ordered lives on. */
  isDue: boolean
  /** Its close has been ordered; it only waits to be applied, and can do nothing new. */
  isClosing: boolean
}

export function noSessions(tick: Millis): Tracker {
  return { expiry: expiryQueue(tick), sessions: new Map(), due: emptyQueue() }
}

export function track(tracker: Tracker, session: SessionId, timeout: Millis, now: Millis): void {
  tracker.sessions.set(session, { timeout, isDue: false, isClosing: false })
  touch(tracker.expiry, session, timeout, now)
}

/** Has the session neither expired nor been closed, nor begun to be? */
export function isAlive(tracker: Tracker, session: SessionId): boolean {
  return tracker.sessions.get(session)?.isClosing === false
}

/** A sign of life; the timeout may have been agreed anew. Without effect on a session that is not alive. */
export function heardOf(tracker: Tracker, session: SessionId, timeout: Millis, now: Millis): void {
  const tracked = tracker.sessions.get(session)
  if (tracked?.isClosing !== false) return
  tracked.timeout = timeout
  tracked.isDue = false
  touch(tracker.expiry, session, timeout, now)
}

/** A close has been ordered. */
export function markClosing(tracker: Tracker, session: SessionId): void {
  const tracked = tracker.sessions.get(session)
  if (tracked !== undefined) tracked.isClosing = true
  remove(tracker.expiry, session)
}

/** The close has been applied. */
export function untrack(tracker: Tracker, session: SessionId): void {
  remove(tracker.expiry, session)
  tracker.sessions.delete(session)
}

/**
 * Takes sessions whose time has run out, `most` of them; the caller orders their close. Those of thousands of clients may run
 * out in one tick, a whole timeout after a server's start, say: ask again for the rest when these are done.
 */
export function takeExpired({ expiry, sessions, due }: Tracker, now: Millis, most: number): SessionId[] {
  for (const session of expire(expiry, now)) {
    sessions.get(session)!.isDue = true
    enqueue(due, session)
  }
  const taken: SessionId[] = []
  while (taken.length < most && sizeOf(due) > 0) {
    const session = dequeue(due)!
    const tracked = sessions.get(session)
    if (tracked === undefined || !tracked.isDue || tracked.isClosing) continue
    tracked.isClosing = true
    taken.push(session)
  }
  return taken
}
