/**
 * The sessions that exist, on the server that decides over their life: a leader, or one that stands alone.
 * Source: Apache's SessionTrackerImpl.
 */
import type { SessionId } from '../state/znode.ts'
import type { Millis } from '../world/world.ts'
import { type ExpiryQueue, expire, expiryQueue, remove, touch } from './expiry.ts'

export interface Tracker {
  readonly expiry: ExpiryQueue
  readonly sessions: Map<SessionId, Tracked>
}

export interface Tracked {
  timeout: Millis
  /** Its close has been ordered; it only waits to be applied, and can do nothing new. */
  isClosing: boolean
}

export function noSessions(tick: Millis): Tracker {
  return { expiry: expiryQueue(tick), sessions: new Map() }
}

export function track(tracker: Tracker, session: SessionId, timeout: Millis, now: Millis): void {
  tracker.sessions.set(session, { timeout, isClosing: false })
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

/** Takes the sessions whose time has run out; the caller orders their close. */
export function takeExpired(tracker: Tracker, now: Millis): SessionId[] {
  const expired = expire(tracker.expiry, now)
  for (const session of expired) markClosing(tracker, session)
  return expired
}
