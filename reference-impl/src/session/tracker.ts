/**
 * The sessions that exist, on the server that decides over their life: a leader, or one that stands alone.
 * Source: Apache's SessionTrackerImpl.
 */
import { dequeue, emptyQueue, enqueue, first, type Queue } from '../lib/queue.ts'
import type { SessionId } from '../state/znode.ts'
import type { Millis } from '../world/world.ts'
import { type ExpiryQueue, expire, expiryQueue, remove, touch } from './expiry.ts'

/**
 * Through which server a session's client speaks, by any number that tells one from the other. A client may have gone to
 * another one while a request of it is still on its way through the first: what is late must not count.
 */
export type Owner = number

export type Standing = 'alive' | 'gone' | 'moved'

export interface Tracker {
  readonly expiry: ExpiryQueue
  readonly sessions: Map<SessionId, Tracked>
  /** Those whose time has run out and whose close is not ordered yet. */
  readonly due: Queue<Batch>
  /** How many batches there have been. */
  batches: number
}

/** Sessions that ran out together. */
interface Batch {
  readonly sessions: readonly SessionId[]
  /** How many of them have been looked at. */
  done: number
  readonly number: number
}

export interface Tracked {
  timeout: Millis
  /** null until it has been heard through anybody: after a start, whoever comes first. */
  owner: Owner | null
  /** How many batches there had been when it was heard of last: whoever is heard of while it is in one lives on. */
  heardAfter: number
  /** Its close has been ordered; it only waits to be applied, and can do nothing new. */
  isClosing: boolean
}

export function noSessions(tick: Millis): Tracker {
  return { expiry: expiryQueue(tick), sessions: new Map(), due: emptyQueue(), batches: 0 }
}

export function track(
  tracker: Tracker,
  session: SessionId,
  timeout: Millis,
  now: Millis,
  owner: Owner | null = null,
): void {
  tracker.sessions.set(session, { timeout, owner, heardAfter: tracker.batches, isClosing: false })
  touch(tracker.expiry, session, timeout, now)
}

/** Has the session neither expired nor been closed, nor begun to be? */
export function isAlive(tracker: Tracker, session: SessionId): boolean {
  return tracker.sessions.get(session)?.isClosing === false
}

/** How a session stands whose write comes through `owner`. One that nobody owns becomes his. */
export function standingOf(tracker: Tracker, session: SessionId, owner: Owner): Standing {
  const tracked = tracker.sessions.get(session)
  if (tracked?.isClosing !== false) return 'gone'
  tracked.owner ??= owner
  return tracked.owner === owner ? 'alive' : 'moved'
}

/** Its client has come back, with the right password, through `owner`. Without effect on a session that is not alive. */
export function moveTo(tracker: Tracker, session: SessionId, owner: Owner): void {
  const tracked = tracker.sessions.get(session)
  if (tracked?.isClosing === false) tracked.owner = owner
}

/** A sign of life; the timeout may have been agreed anew. Without effect on a session that is not alive. */
export function heardOf(tracker: Tracker, session: SessionId, timeout: Millis, now: Millis): void {
  const tracked = tracker.sessions.get(session)
  if (tracked?.isClosing !== false) return
  tracked.timeout = timeout
  tracked.heardAfter = tracker.batches
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
export function takeExpired(tracker: Tracker, now: Millis, most: number): SessionId[] {
  const { due, sessions } = tracker
  const ran = expire(tracker.expiry, now)
  if (ran.length > 0) enqueue(due, { sessions: ran, done: 0, number: ++tracker.batches })
  const taken: SessionId[] = []
  for (let batch = first(due); batch !== undefined && taken.length < most; batch = first(due)) {
    const session = batch.sessions[batch.done++]
    if (session === undefined) {
      dequeue(due)
      continue
    }
    const tracked = sessions.get(session)
    if (tracked === undefined || tracked.isClosing || tracked.heardAfter >= batch.number) continue
    tracked.isClosing = true
    taken.push(session)
  }
  return taken
}
