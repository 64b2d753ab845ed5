/**
 * What a program meets when its connection fails, and what it may want done about it. Plain data: `client/retry.ts`
 * decides over it, `client/steady.ts` does what was decided.
 */
import type { Code } from '../wire/errors.ts'
import type { Millis } from '../world/world.ts'
import type { ClientState } from './messages.ts'

/** How often, for how long and at what pace an operation is tried again. */
export interface RetryPolicy {
  /** How often it is tried again; the first time does not count. */
  readonly times: number
  /** Every attempt begins less than so many milliseconds after the first. */
  readonly within: Millis
  /** Between two attempts. */
  readonly pause: Millis
  /** Do pauses get longer? Then `pause` is the first, and the next are by chance, up to twice as long each time. */
  readonly isGrowing: boolean
  /** No pause is longer than this. */
  readonly longest: Millis
}

const unlimited = { within: Infinity, isGrowing: false, longest: Infinity }

export const never: RetryPolicy = { ...unlimited, times: 0, pause: 0 }

export function retryTimes(times: number, pause: Millis): RetryPolicy {
  return { ...unlimited, times, pause }
}

/** Only for what has nobody waiting for it: it ends when the client is closed. */
export function retryForever(pause: Millis): RetryPolicy {
  return retryTimes(Infinity, pause)
}

/** Gives up an attempt that is under way at the end, too. */
export function retryWithin(within: Millis, pause: Millis): RetryPolicy {
  return { ...unlimited, times: Infinity, within, pause }
}

/** Pauses that grow: many clients that failed at the same time do not come back at the same time. */
export function backOff(times: number, pause: Millis, longest: Millis = Infinity): RetryPolicy {
  return { ...unlimited, times, pause, longest, isGrowing: true }
}

/** An attempt that has failed, as a policy sees it. */
export interface Failure {
  code: Code
  /** Was the session given up since the attempt began, and has another begun? */
  isNewSession: boolean
  /** How often the operation has been tried again already, and the time since its first attempt. */
  retries: number
  elapsed: Millis
  /** A number by chance: at least 0, less than 1. */
  luck: number
}

/** What is known of the connection, as Curator's users know it. */
export type ConnectionState =
  /** There is a server, for the first time. */
  | 'CONNECTED'
  /** There is none. What was true may be true no more: whoever leads or holds a lock stops working. */
  | 'SUSPENDED'
  /** There is one again. Whether with the same session, the last word before tells: SUSPENDED, or LOST. */
  | 'RECONNECTED'
  /** The session is over, and with it all ephemeral nodes. A new one has been begun. */
  | 'LOST'
  /** There is a server, but it only reads. */
  | 'READ_ONLY'

/** What a client has told of its connection so far. */
export interface Connection {
  /** The last word to the listeners; null before the first. */
  told: ConnectionState | null
  /** Has there been a server that writes? */
  wasConnected: boolean
  /** The timeout of the session, as the last server agreed. */
  timeout: Millis
  /** When the session counts as lost if no server is found; null while there is nothing to wait for. */
  lostAt: Millis | null
}

export type ConnectionInput =
  /** The client's state has changed. `timeout` is that of its session. */
  { type: 'client'; state: ClientState; timeout: Millis; now: Millis } | { type: 'time'; now: Millis }

export type ConnectionEffect =
  | { type: 'tell'; state: ConnectionState }
  /** The session is to be given up and another begun. */
  | { type: 'renew' }

/** What was found of a node that may have been made, by its name; `ghost`: it belongs to a session that is over. */
export type Recognition =
  | { type: 'ours'; name: string }
  | { type: 'ghost'; name: string }
  | { type: 'nobody' }

/** A write that may be repeated, and can be recognised by what it leaves behind. */
export type Repeatable =
  | { type: 'create'; data: Uint8Array | null; isEphemeral: boolean }
  | { type: 'set'; data: Uint8Array | null; version: number }
  | { type: 'delete' }

/** A node as it was found after a write that may have happened. */
export interface Found {
  data: Uint8Array | null
  version: number
  /** The session that it belongs to; 0 when to none. */
  owner: bigint
}

/** What came of a write that was tried more than once and refused in the end. */
export type Verdict =
  /** The node is as the write was to leave it. */
  | 'done'
  /** None of the attempts has happened. */
  | 'refused'
  /** Too much has happened since to tell. */
  | 'unknown'
