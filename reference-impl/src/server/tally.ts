/**
 * What a server counts of its clients: frames, answers and how long they took, events told. Some of it happens with every
 * request, so each of these is a few additions. Source: Apache's ServerStats, ServerCnxn and FinalRequestProcessor.
 */
import type { Outcome } from '../state/apply.ts'
import { EventType, OpCode } from '../wire/opcodes.ts'
import type { Txn } from '../wire/txn.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Millis } from '../world/world.ts'
import { type Connection, noStats, type Pending } from './connection.ts'
import { type Metrics, note, resetMetrics } from './metrics.ts'
import { type Meter, meter, noteWritten } from './namespaces.ts'
import type { Traffic } from './report.ts'

/** A frame's length stands before it. */
const lengthBytes = 4

/** The summaries of how many hear of a change; servers tell of no others. */
const watchCounts = new Map<EventType, keyof Metrics['summaries']>([
  [EventType.NodeCreated, 'node_created_watch_count'],
  [EventType.NodeDeleted, 'node_deleted_watch_count'],
  [EventType.NodeDataChanged, 'node_changed_watch_count'],
  [EventType.NodeChildrenChanged, 'node_children_watch_count'],
])

export class Tally {
  readonly traffic: Traffic = noTraffic()
  readonly #metrics: Metrics
  readonly #written: Meter
  /** Of the message that was sent last. */
  #lastLength = 0
  /** How many have heard of an event of each type since the last transaction. */
  readonly #told = new Map<EventType, number>()

  constructor(metrics: Metrics) {
    this.#metrics = metrics
    this.#written = meter(metrics.perNamespace.write_per_namespace)
  }

  connected({ remote: { host } }: Connection, hasCertificate: boolean): void {
    const { counters } = this.#metrics
    if (hasCertificate) return
    if (/^(127\.|::1$)/.test(host)) counters.non_mtls_local_conn_count++
    else counters.non_mtls_remote_conn_count++
  }

  frame({ stats }: Connection, bytes: Uint8Array): void {
    this.traffic.received++
    stats.received++
    this.#metrics.counters.bytes_received_count += bytes.length + lengthBytes
  }

  /** A word counts as a packet, and so does its answer, but only once it is given. */
  word({ stats }: Connection): void {
    this.traffic.received++
    stats.received++
  }

  wordAnswered(): void {
    this.traffic.sent++
  }

  sent({ stats }: Connection, message: Uint8Array): void {
    this.traffic.sent++
    stats.sent++
    this.#lastLength = message.length
  }

  loginRefused(): void {
    this.traffic.failedLogins++
  }

  /** Somebody has said by which name he knows the ensemble, if by any. */
  ensembleNamed(name: Uint8Array | null, isChecked: boolean, isRight: boolean): void {
    const { counters } = this.#metrics
    if (!isRight) counters.ensemble_auth_fail++
    else if (isChecked && name !== null && name.length > 0) counters.ensemble_auth_success++
    else counters.ensemble_auth_skip++
  }

  told(event: EventType, message: Uint8Array): void {
    this.#metrics.counters.watch_bytes += message.length
    this.#told.set(event, (this.#told.get(event) ?? 0) + 1)
  }

  /** A transaction has been applied, and all who watch have been told. */
  applied(txn: Txn, outcome: Outcome): void {
    noteWritten(txn, outcome, this.#written)
    if (this.#told.size === 0) return
    for (const [event, count] of this.#told) {
      const name = watchCounts.get(event)
      if (name !== undefined) note(this.#metrics.summaries[name], count)
    }
    this.#told.clear()
  }

  /** A request has been answered: its reply is the message that was sent last. */
  answered({ since, type, xid, connection, isOrdered }: Pending, now: Millis, zxid: Zxid): void {
    const { traffic } = this
    const latency = now - since
    if (traffic.requests === 0 || latency < traffic.minLatency) traffic.minLatency = latency
    if (latency > traffic.maxLatency) traffic.maxLatency = latency
    traffic.requests++
    traffic.latency += latency

    const { counters, summaries } = this.#metrics
    // The answer to a handshake has no header of a reply, and counts as none.
    if (type !== OpCode.createSession) {
      const size = this.#lastLength
      counters.response_bytes += size
      traffic.lastReply = size
      if (traffic.minReply < 0 || size < traffic.minReply) traffic.minReply = size
      if (size > traffic.maxReply) traffic.maxReply = size
    }

    const { stats } = connection
    if (stats.requests === 0 || latency < stats.minLatency) stats.minLatency = latency
    if (latency > stats.maxLatency) stats.maxLatency = latency
    stats.requests++
    stats.latency += latency
    stats.lastType = type
    stats.lastAt = now
    stats.lastLatency = latency
    stats.lastZxid = zxid
    if (xid >= 0) stats.lastXid = xid

    note(isOrdered ? summaries.updatelatency : summaries.readlatency, latency)
  }

  /** Lets counts begin anew: those of the server, or those of these connections. */
  reset(which: 'server' | 'connections', connections: Iterable<Connection>): void {
    if (which === 'server') {
      Object.assign(this.traffic, noTraffic())
      resetMetrics(this.#metrics)
    } else for (const { stats } of connections) Object.assign(stats, noStats())
  }
}

function noTraffic(): Traffic {
  return {
    received: 0,
    sent: 0,
    requests: 0,
    latency: 0,
    minLatency: 0,
    maxLatency: 0,
    lastReply: -1,
    minReply: -1,
    maxReply: -1,
    failedLogins: 0,
  }
}
