/** What a program may say to a client, and what it hears of watches. */
import type { SaslLogin } from '../session/digest-md5-client.ts'
import type { EventType } from '../wire/opcodes.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { ClientTls, Millis } from '../world/world.ts'
import type { Data } from './writes.ts'

export interface ZooKeeperOptions {
  /** The session timeout to ask for; the server may agree to another. */
  timeout?: Millis
  /** Would a server do that has no quorum, and only reads? */
  canBeReadOnly?: boolean
  /** Take the list of servers from the ensemble itself, as its reconfigurations leave it, once a server has been found? */
  followsConfig?: boolean
  /** A session to go on with: `session` of an earlier client. */
  resume?: Session
  /** Logins to make on every connection, before anything else. */
  auth?: readonly { scheme: string; auth: Data }[]
  /** A login by SASL with DIGEST-MD5, on every connection and before those. */
  sasl?: SaslLogin
  /** Connect with TLS: to the servers' secureClientPort. */
  tls?: Partial<ClientTls>
  /**
   * How long a call may wait for its answer (`zookeeper.request.timeout`): then it fails with REQUESTTIMEOUT, the server
   * that has not answered is left, and what else it owes an answer fails with CONNECTIONLOSS. 0: as long as it takes.
   */
  requestTimeout?: Millis
  /** The longest message from a server, in bytes (`jute.maxbuffer`). */
  maxBuffer?: number
}

/** What another client needs to take a session over. */
export interface Session {
  sessionId: bigint
  passwd: Uint8Array
  lastZxid: Zxid
}

export interface CallOptions {
  /** Gives the call up: if it has not been sent by then, it never will be; if it has, it may still happen. */
  signal?: AbortSignal
}

export interface ConnectOptions extends CallOptions {
  /** How long to look for a server. */
  within?: Millis
}

export interface ReadOptions extends CallOptions {
  /** Called once, when what was read is no longer true. */
  watch?: (event: WatchEvent) => void
  /**
   * Called with the state of the tree that the answer comes from, be it that there is no node: with the zxid of the last
   * change that the server knew then.
   */
  asOf?: (zxid: Zxid) => void
}

export interface WriteOptions extends CallOptions {
  /** Only if the node has this version. */
  version?: number
}

export interface WatchEvent {
  type: keyof typeof EventType
  path: string
  /** The change that fired it; -1 where the server does not say (before 3.9). */
  zxid: Zxid
}

export interface WatchOptions {
  /** All that is below the path, too. */
  recursive?: boolean
  signal?: AbortSignal
}
