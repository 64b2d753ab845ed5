/**
 * What to do when the connection fails: whether to try again and when, what to tell those who listen, and how to find
 * out what has become of a write that nobody has answered.
 *
 * Decisions only, over plain data; `client/steady.ts` waits, asks and tells.
 * Source: Apache Curator's RetryPolicy, ConnectionStateManager and ProtectedMode.
 */
import { Todo } from '../lib/todo.ts'
import { nameOf } from '../state/paths.ts'
import { Code } from '../wire/errors.ts'
import type { Millis } from '../world/world.ts'
import type {
  Connection,
  ConnectionEffect,
  ConnectionInput,
  ConnectionState,
  Failure,
  Found,
  Recognition,
  Repeatable,
  RetryPolicy,
  Verdict,
} from './failure.ts'

// Trying again

/** Does a failure with this code leave open whether the operation has happened? */
export function isUncertain(code: Code): boolean {
  return code === Code.CONNECTIONLOSS || code === Code.OPERATIONTIMEOUT || code === Code.REQUESTTIMEOUT
}

/**
 * How long to wait before the next attempt; null when there is to be none. Only what may go better next time is tried
 * again: a connection or an answer that was lost, a session that has moved or is a new one. A refusal is an answer.
 */
export function pauseBefore(policy: RetryPolicy, failure: Failure): Millis | null {
  throw new Todo('13 A: say when, and whether at all')
}

/** Pauses do not grow for ever, not even those of a policy without an upper bound. */
const mostDoublings = 30

// What the connection is like

export function newConnection(): Connection {
  return { told: null, wasConnected: false, timeout: 0, lostAt: null }
}

/**
 * Takes notice of a change of the client, or of the time. A session is lost when a server says so, and also when no
 * server was there for as long as its timeout: then it may be over, and whoever waits is not to wait for certainty.
 */
export function notice(connection: Connection, input: ConnectionInput, out: ConnectionEffect[]): void {
  throw new Todo('13 B: tell what has become of the connection')
}

/** The session is over: first all are told, so that they stop what they are doing in its name; then another is begun. */
function lose(connection: Connection, out: ConnectionEffect[]): void {
  throw new Todo('13 B: give the session up')
}

/** Nobody is told the same twice in a row. */
function tell(connection: Connection, state: ConnectionState, out: ConnectionEffect[]): void {
  if (connection.told === state) return
  connection.told = state
  out.push({ type: 'tell', state })
}

// Nodes that can be found again

/** The path of a node that is to be findable: its name begins with `_c_`, the id and a dash, as Curator's do. */
export function protectedPath(path: string, id: string): string {
  throw new Todo('13 C: put the mark in front of the name')
}

/** The path with the name that was asked for: without the mark, if there is one. */
export function plainPath(path: string): string {
  throw new Todo('13 C: take the mark away')
}

/** What stands in front of the name of a node that was made under an id, which is a UUID. */
function markOf(id: string): string {
  return `_c_${id}-`
}

const anyMark = /^_c_[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}-/i

/**
 * Looks for a node that may have been made under this id, among the names of its parent's children. An ephemeral node
 * goes with the session that has made it: after another one has begun, what is found is a ghost, which cannot be kept.
 */
export function recognise(
  names: readonly string[],
  id: string,
  { isEphemeral, isSameSession }: { isEphemeral: boolean; isSameSession: boolean },
): Recognition {
  throw new Todo('13 C: tell ours from ghosts')
}

// What has become of it

/**
 * What came of a write of which at least one attempt may have happened, when the last was refused with `refusal`.
 * `found` is the node as it is now, null when there is none; `session` the one in which we look.
 */
export function judge(write: Repeatable, refusal: Code, found: Found | null, session: bigint): Verdict {
  throw new Todo('13 D: come to a verdict')
}

/** No data and data of no length are two things. */
function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}
