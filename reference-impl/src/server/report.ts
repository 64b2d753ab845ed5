/** What a server tells its operator: figures when asked, events as they happen. */

import type { Excess, NamespaceQuota } from '../state/quotas.ts'
import type { SessionId } from '../state/znode.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Address, Millis } from '../world/world.ts'
import type { AuditLine } from './audit.ts'
import type { Metrics } from './metrics.ts'

/** Counted since the start, or since somebody asked for a new count (`srst`). */
export interface Traffic {
  /** Frames from and to clients. */
  received: number
  sent: number
  /** Requests answered, and the time that they took together. */
  requests: number
  latency: Millis
  minLatency: Millis
  maxLatency: Millis
  /** Bytes of the last, the shortest and the longest reply; -1 while there was none. */
  lastReply: number
  minReply: number
  maxReply: number
  /** Logins refused. */
  failedLogins: number
}

/**
 * The state of a server at a moment. It reads as plain data; a server may work a part out only when somebody looks at
 * it, so whoever answers a cheap question should not look at the costly parts, which are marked.
 */
export interface ServerReport {
  readonly mode: 'standalone'
  /** Milliseconds since 1970. */
  readonly wall: Millis
  readonly uptime: Millis
  readonly traffic: Readonly<Traffic>
  readonly connections: number
  /** Requests that have been ordered and not yet been applied. */
  readonly outstanding: number
  /** The share of handshakes that is turned away by chance. */
  readonly dropChance: number
  /** Of the last transaction applied. */
  readonly zxid: Zxid
  readonly nodes: number
  readonly ephemerals: number
  readonly sessions: number
  /** Watches of both kinds. */
  readonly watches: number
  /** The lengths of all paths and all data; on a large tree as they were a little while ago. Costly. */
  readonly dataSize: number
  /** Costly where clients are many. */
  readonly clients: readonly ClientReport[]
  /** Who watches which node; watches of the lists of children are not among them. Costly where watches are many. */
  readonly dataWatches: readonly (readonly [path: string, sessions: readonly SessionId[]])[]
  /** Sessions by the time at which they expire if nothing is heard of them, the earliest first. */
  readonly expiry: readonly (readonly [wall: Millis, sessions: readonly SessionId[]])[]
  readonly ephemeralNodes: readonly (readonly [session: SessionId, paths: readonly string[]])[]
  /** The digest of the tree after each 128th transaction, the newest thousand; empty when nobody counts. */
  readonly digests: readonly (readonly [zxid: Zxid, digest: bigint])[]
  /** Limits and use in each namespace that has quotas. */
  readonly quotas: readonly NamespaceQuota[]
  readonly metrics: Metrics
  readonly host: HostReport
}

/** A connection from a client. */
export interface ClientReport {
  readonly remote: Address
  /** Did it come in by the port with TLS? */
  readonly isSecure: boolean
  /** Is it the one that asks for this report? */
  readonly isAsking: boolean
  /** Requests that wait for an answer. */
  readonly queued: number
  readonly received: number
  readonly sent: number
  /** null until it has asked for a session. */
  readonly session: ClientSession | null
  /** When it will be closed if nothing is heard of it. */
  readonly expires: Millis
}

export interface ClientSession {
  readonly id: SessionId
  readonly timeout: Millis
  /** When the connection came: milliseconds since 1970. */
  readonly since: Millis
  /** The request answered last; null while none was. */
  readonly last: {
    /** Its `OpCode`; what its client called it, negative for a ping and its like; the zxid that the answer told. */
    readonly type: number
    readonly xid: number
    readonly zxid: Zxid
    /** When it was answered, on the clock that `uptime` is of. */
    readonly at: Millis
    readonly latency: Millis
  } | null
  readonly minLatency: Millis
  readonly maxLatency: Millis
  readonly averageLatency: Millis
}

/** What a machine cannot know of itself: the process and the computer that it runs on. */
export interface HostReport {
  readonly environment: readonly (readonly [key: string, value: string])[]
  /** Bytes of the files in each folder. */
  readonly dataDirSize: number
  readonly dataLogDirSize: number
  /** Files and sockets, open now and allowed; -1 where the system does not tell. */
  readonly openFiles: number
  readonly maxFiles: number
}

export const unknownHost: HostReport = {
  environment: [],
  dataDirSize: 0,
  dataLogDirSize: 0,
  openFiles: -1,
  maxFiles: -1,
}

/** What becomes of a word: the text that answers it, and which counts begin anew with it. */
export interface WordAnswer {
  text: string
  reset?: 'server' | 'connections'
}

export type ServerEvent =
  /** A connection was closed because of what its client did. */
  | { type: 'closed'; remote: Address; session: SessionId | null; reason: string }
  /** A line of the audit log: somebody has changed something, or tried to. */
  | ({ type: 'audit' } & AuditLine)
  /** A session was not heard of for its timeout, and ends. */
  | { type: 'expired'; session: SessionId; timeout: Millis }
  /** A write has come that makes too much of what there may be at a path; a soft limit, or one not enforced, lets it pass. */
  | ({ type: 'over quota'; isRefused: boolean } & Excess)
