/** The same door, by somebody who lets typed arrays do the arithmetic of 64 bits. */
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
  const { lastZxidSeen, sessionId, passwd, timeOut } = request
  const timeout = negotiate(timeOut, host)
  switch (true) {
    case lastZxidSeen > host.lastZxid:
      return { type: 'refuse' }
    case sessionId === 0n:
      return { type: 'create', timeout }
    case host.isAlive(sessionId) && isPassword(sessionId, passwd):
      return { type: 'renew', timeout }
    default:
      return { type: 'expired' }
  }
}

/** The timeout asked for, as far as the server goes along. */
export function negotiate(
  timeOut: Millis,
  host: Pick<Host, 'minSessionTimeout' | 'maxSessionTimeout'>,
): Millis {
  const { minSessionTimeout: least, maxSessionTimeout: most } = host
  if (timeOut < least) return least
  return timeOut > most ? most : timeOut
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
  const view = new DataView(new ArrayBuffer(8))
  view.setBigInt64(0, BigInt(clock) << 16n)
  view.setUint8(0, serverId)
  return view.getBigInt64(0)
}

/** Ids count up, past the one number that marks a container node instead of a session. */
export function nextSessionId(id: bigint): bigint {
  const counter = new BigInt64Array([id])
  do counter[0]!++
  while (counter[0] === containerOwner)
  return counter[0]!
}

const containerOwner = -0x8000_0000_0000_0000n

/**
 * The password that belongs to a session id: what java.util.Random yields when seeded with it. Every server of an
 * ensemble can compute it, so none has to store it. It tells an honest client from a confused one; it is no secret.
 */
export function password(sessionId: bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(16))
  let state = BigInt.asUintN(48, sessionId ^ secret ^ multiplier)
  for (const at of [0, 4, 8, 12]) {
    state = BigInt.asUintN(48, state * multiplier + increment)
    view.setUint32(at, Number(state >> 16n), true)
  }
  return new Uint8Array(view.buffer)
}

/** Mixed into every id before it seeds the dice. It is in Apache's source, for everybody to read. */
const secret = 0xb3415c00n
/** Of java.util.Random, whose state has 48 bits. */
const multiplier = 0x5deece66dn
const increment = 0xbn

/** Is this what `password` makes of the id? */
export function isPassword(sessionId: bigint, passwd: Uint8Array | null): boolean {
  return passwd !== null && String(passwd) === String(password(sessionId))
}
