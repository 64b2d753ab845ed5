/** What a server tells its operator: figures when asked, events as they happen. */
import type { SessionId } from '../state/znode.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Address, Millis } from '../world/world.ts'

/** Counted since the start. */
export interface Traffic {
  /** Frames from and to clients. */
  received: number
  sent: number
  /** Requests answered, and the time that they took together. */
  requests: number
  latency: Millis
  minLatency: Millis
  maxLatency: Millis
}

/** The state of a server at a moment. */
export interface ServerReport {
  mode: 'standalone'
  traffic: Readonly<Traffic>
  connections: number
  /** Requests that have been ordered and not yet been applied. */
  outstanding: number
  zxid: Zxid
  nodes: number
}

export type ServerEvent =
  /** A connection was closed because of what its client did. */
  | { type: 'closed'; remote: Address; session: SessionId | null; reason: string }
  /** A session was not heard of for its timeout, and ends. */
  | { type: 'expired'; session: SessionId; timeout: Millis }
