/**
 * What a server counts and measures while it runs. To note a value costs a few additions, because it happens with every
 * request; what is shown of it is worked out when somebody asks.
 * Source: Apache's ServerMetrics, whose names these are.
 */
import type { Millis } from '../world/world.ts'

export interface Metrics {
  readonly counters: Record<Counter, number>
  readonly summaries: Record<Measure, Summary>
  readonly perNamespace: PerNamespace
  /** Syncs of the log that took longer than `fsync.warningthresholdms`. */
  slowSyncs: number
}

/** By the first name of a path: see namespaces.ts. */
export interface PerNamespace {
  readonly read_per_namespace: Map<string, Summary>
  readonly write_per_namespace: Map<string, Summary>
  readonly quota_exceeded_error_per_namespace: Map<string, number>
}

const counters = [
  'bytes_received_count',
  'commit_count',
  'connection_drop_count',
  'connection_request_count',
  'connection_rejected',
  'digest_mismatches_count',
  'ensemble_auth_fail',
  'ensemble_auth_skip',
  'ensemble_auth_success',
  'insecure_admin_count',
  'non_mtls_local_conn_count',
  'non_mtls_remote_conn_count',
  'large_requests_rejected',
  'request_throttle_wait_count',
  'response_bytes',
  'restore_error_count',
  'restore_rate_limited_count',
  'sessionless_connections_expired',
  'snap_count',
  'snapshot_error_count',
  'snapshot_rate_limited_count',
  'stale_replies',
  'stale_requests_dropped',
  'stale_sessions_expired',
  'sync_processor_request_queued',
  'throttled_ops',
  'tls_handshake_exceeded',
  'unsuccessful_handshake',
  'watch_bytes',
] as const
type Counter = (typeof counters)[number]

const measures = [
  'connection_token_deficit',
  'dbinittime',
  'fsynctime',
  'node_changed_watch_count',
  'node_children_watch_count',
  'node_created_watch_count',
  'node_deleted_watch_count',
  'propagation_latency',
  'readlatency',
  'restore_time',
  'snapshottime',
  'startup_txns_loaded',
  'sync_processor_batch_size',
  'updatelatency',
] as const
type Measure = (typeof measures)[number]

/** All that is kept of many values. */
export interface Summary {
  count: number
  sum: number
  min: number
  max: number
  /** How often each value came, the last for all that are larger; null where percentiles are not asked for. */
  readonly often: Uint32Array | null
}

/** Values up to a second are told apart in percentiles; times are in whole milliseconds. */
const largest: Millis = 1000

export function noMetrics(): Metrics {
  return {
    counters: Object.fromEntries(counters.map(name => [name, 0])) as Record<Counter, number>,
    summaries: Object.fromEntries(measures.map(name => [name, summary(/latency$/.test(name))])) as Record<
      Measure,
      Summary
    >,
    perNamespace: {
      read_per_namespace: new Map(),
      write_per_namespace: new Map(),
      quota_exceeded_error_per_namespace: new Map(),
    },
    slowSyncs: 0,
  }
}

export function summary(hasPercentiles: boolean): Summary {
  return { count: 0, sum: 0, min: 0, max: 0, often: hasPercentiles ? new Uint32Array(largest + 2) : null }
}

export function note(summary: Summary, value: number): void {
  if (summary.count === 0 || value < summary.min) summary.min = value
  if (value > summary.max) summary.max = value
  summary.count++
  summary.sum += value
  if (summary.often !== null) summary.often[Math.min(Math.round(value), largest + 1)]!++
}

/** 0 while there is nothing to take the mean of. */
export function mean({ count, sum }: Summary): number {
  return count === 0 ? 0 : sum / count
}

/** The least value that at least `share` (0 to 1) of all values do not exceed; 0 while there is none. */
export function percentile({ count, max, often }: Summary, share: number): number {
  let left = Math.ceil(count * share)
  for (let value = 0; often !== null && value <= largest; value++) {
    left -= often[value]!
    if (left <= 0) return count === 0 ? 0 : value
  }
  return max
}

/** As if the server had just started. */
export function resetMetrics(metrics: Metrics): void {
  const { counters, summaries, perNamespace } = metrics
  metrics.slowSyncs = 0
  for (const name of Object.keys(counters) as Counter[]) counters[name] = 0
  const { read_per_namespace, write_per_namespace, quota_exceeded_error_per_namespace } = perNamespace
  quota_exceeded_error_per_namespace.clear()
  const sets = [...read_per_namespace.values(), ...write_per_namespace.values()]
  for (const each of [...Object.values(summaries), ...sets]) {
    each.count = each.sum = each.min = each.max = 0
    each.often?.fill(0)
  }
}
