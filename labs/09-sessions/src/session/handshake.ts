/**
 * What a server answers to the first frame of a connection. Pure decisions: the server asks here, then acts.
 *
 * A session outlives its connections. Who comes back proves it with the password that came with the id; who comes
 * back too late is told so by a timeout of 0, and must not be told anything else. A client that has seen a later
 * state than ours is sent away without a word: serving it would let it see time go backwards.
 * Source: Apache's ZooKeeperServer.processConnectRequest and SessionTrackerImpl.
 */
import { Todo } from '../lib/todo.ts'
import type { ConnectRequest, ConnectResponse } from '../wire/records.ts'
import type { Millis } from '../world/world.ts'

/** What the decision needs to know of the server. */
export interface Host {
  /** The last transaction applied here. */
  lastZxid: bigint
  minSessionTimeout: Millis
  maxSessionTimeout: Millis
  /** Has the session neither expired nor been closed, nor begun to be? */
  isAlive(session: bigint): boolean
}

export type Verdict =
  /** Close without a reply: the client has seen a later state than ours. */
  | { type: 'refuse' }
  | { type: 'create'; timeout: Millis }
  | { type: 'renew'; timeout: Millis }
  /** Reply that the session is gone, then close. */
  | { type: 'expired' }

/** The first of these that applies, in the order of `Verdict`; `expired` goes before `renew`. */
export function judge(request: ConnectRequest, host: Host): Verdict {
  throw new Todo('09 C: judge a handshake')
}

/** The timeout asked for, as far as the server goes along. */
export function negotiate(
  timeOut: Millis,
  host: Pick<Host, 'minSessionTimeout' | 'maxSessionTimeout'>,
): Millis {
  throw new Todo('09 C: agree on a timeout')
}

/** The reply that every client takes for "session expired". */
export const gone: ConnectResponse = {
  protocolVersion: 0,
  timeOut: 0,
  sessionId: 0n,
  passwd: new Uint8Array(16),
}

/**
 * The first session id that a server gives out after a start: its own id in the top byte, then the clock, then room
 * for 65,536 sessions a millisecond. So no two servers, and no two lives of one, ever give the same.
 */
export function firstSessionId(serverId: number, clock: Millis): bigint {
  throw new Todo('09 A: make the first id')
}

/** Ids count up, past the one number that marks a container node instead of a session. */
export function nextSessionId(id: bigint): bigint {
  throw new Todo('09 A: count on, past what is no session')
}

const containerOwner = -0x8000_0000_0000_0000n

/**
 * The password that belongs to a session id: what java.util.Random yields when seeded with it. Every server of an
 * ensemble can compute it, so none has to store it. It tells an honest client from a confused one; it is no secret.
 */
export function password(sessionId: bigint): Uint8Array {
  throw new Todo('09 B: roll the dice of Java')
}

/** Mixed into every id before it seeds the dice. It is in Apache's source, for everybody to read. */
const secret = 0xb3415c00n
/** Of java.util.Random, whose state has 48 bits. */
const multiplier = 0x5deece66dn
const increment = 0xbn
const mask48 = (1n << 48n) - 1n

/** Is this what `password` makes of the id? */
export function isPassword(sessionId: bigint, passwd: Uint8Array | null): boolean {
  throw new Todo('09 B: know a password when you see one')
}
