/**
 * A client's connection and its session, as plain data, and the codec between them and the socket.
 * A session outlives its connections and has at most one at a time.
 */
import { type Queue, sizeOf } from '../lib/queue.ts'
import type { Exchange } from '../session/digest-md5.ts'
import type { Identity } from '../state/identity.ts'
import type { SessionId } from '../state/znode.ts'
import type { InputArchive } from '../wire/archive.ts'
import { clientReader, frame } from '../wire/frames.ts'
import type { ClientMessage } from '../wire/words.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Codec, Link } from '../world/machine.ts'
import type { Address, Millis } from '../world/world.ts'
import type { ClientReport } from './report.ts'

export interface Connection {
  readonly link: Link
  readonly remote: Address
  readonly since: Millis
  /** Did it come in by the port with TLS? */
  readonly isSecure: boolean
  isOpen: boolean
  /** null until the handshake has been accepted. */
  session: Session | null
  /** What the handshake asked about read-only servers; null when it did not ask. */
  readOnly: boolean | null
  /** Its login by SASL; null until one begins. */
  exchange: Exchange | null
  /** What operators are shown of it. */
  readonly stats: ConnectionStats
  /** Who asks by it: the session's id, and what the client has proved to be. Each login adds to that. */
  readonly requester: { session: SessionId; readonly identities: Identity[] }
}

/** Counted since the connection came, or since somebody asked for a new count (`crst`). */
export interface ConnectionStats {
  /** Frames from and to its client. */
  received: number
  sent: number
  /** Requests answered, and the time that they took together. */
  requests: number
  latency: Millis
  minLatency: Millis
  maxLatency: Millis
  /** The request answered last: its type (0 while there was none), when, how long it took, the zxid that the answer told. */
  lastType: number
  lastAt: Millis
  lastLatency: Millis
  lastZxid: Zxid
  /** The last number of a request that its client counted, which pings are not; -1 while there was none. */
  lastXid: number
}

export function noStats(): ConnectionStats {
  return {
    received: 0,
    sent: 0,
    requests: 0,
    latency: 0,
    minLatency: 0,
    maxLatency: 0,
    lastType: 0,
    lastAt: 0,
    lastLatency: 0,
    lastZxid: -1n,
    lastXid: -1,
  }
}

/** For operators. `isAsking`: it is the one that asks for this; `wall`: what the wall clock adds to ours. */
export function reportOf(
  { remote, isSecure, stats, session, since }: Connection,
  isAsking: boolean,
  sessionlessTimeout: Millis,
  wall: Millis,
): ClientReport {
  const { received, sent, requests, lastXid: xid } = stats
  const { lastType: type, lastZxid: zxid, lastAt: at, lastLatency: latency } = stats
  return {
    remote,
    isSecure,
    isAsking,
    queued: session === null ? 0 : sizeOf(session.queue),
    received,
    sent,
    expires: wall + (session === null ? since + sessionlessTimeout : session.deadline),
    session: session && {
      id: session.id,
      timeout: session.timeout,
      since: wall + since,
      last: requests === 0 ? null : { type, xid, zxid, at, latency },
      minLatency: stats.minLatency,
      maxLatency: stats.maxLatency,
      averageLatency: requests === 0 ? 0 : stats.latency / requests,
    },
  }
}

export interface Session {
  readonly id: SessionId
  timeout: Millis
  connection: Connection | null
  /** The deadline that its last sign of life has brought it: a sign that would bring the same needs no work. */
  deadline: Millis
  /** Requests that have not been answered, in the order in which they came. Empty while nothing must wait. */
  readonly queue: Queue<Pending>
  /** Its close has been applied: what still waits in its name is not answered. */
  isClosed: boolean
}

/** A request on its way to its reply. */
export interface Pending {
  readonly session: Session
  /** Where the reply goes, if it is still open by then. */
  readonly connection: Connection
  readonly xid: number
  /** An `OpCode`; `createSession` stands for a handshake. */
  readonly type: number
  readonly body: InputArchive | null
  /** The whole request, where somebody wants to tell of it later. */
  readonly frame: Uint8Array | null
  readonly since: Millis
  /** Of a large request its length: see large-requests.ts. */
  readonly length: number
  /** It has waited too long to be begun, and is told so when its turn comes. */
  readonly isTooLate: boolean
  /** It comes back when everything ordered before it is applied; else it only waits for those in front of it. */
  isOrdered: boolean
}

/** What leaves on a client port: a payload to be framed, or the text that answers a four-letter word. */
export type ServerMessage = Uint8Array | string

export function clientCodec(maxFrame: number): Codec<ClientMessage, ServerMessage> {
  const reader = clientReader(maxFrame)
  return {
    decode: (chunk, deliver) => reader.push(chunk, deliver),
    encode: message => (typeof message === 'string' ? encoder.encode(message) : frame(message)),
  }
}

const encoder = new TextEncoder()
