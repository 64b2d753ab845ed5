/**
 * Figures of each namespace, as the two kinds of readers want them: `mntr` has the namespace in the name of the figure, for
 * Prometheus it is a label.
 * Source: Apache's DefaultMetricsProvider and PrometheusMetricsProvider; QuotaMetricsUtils.
 */
import type { ServerReport } from '../server/report.ts'

/** The same report; its counters and summaries have those of each namespace among them, `app_read_per_namespace`. */
export function withNamespaces(report: ServerReport): ServerReport {
  const { counters, summaries, perNamespace, ...others } = report.metrics
  const { read_per_namespace, write_per_namespace, quota_exceeded_error_per_namespace } = perNamespace
  const named = <T>(figure: string, set: Iterable<readonly [name: string, value: T]>) =>
    Object.fromEntries([...set].map(([name, value]) => [`${name}_${figure}`, value]))
  const metrics = {
    counters: {
      ...counters,
      ...named('quota_exceeded_error_per_namespace', quota_exceeded_error_per_namespace),
      ...Object.assign({}, ...quotaGauges(report).map(([figure, set]) => named(figure, set))),
    },
    summaries: {
      ...summaries,
      ...named('read_per_namespace', read_per_namespace),
      ...named('write_per_namespace', write_per_namespace),
    },
    perNamespace,
    ...others,
  }
  // Not a copy, for which the costly parts would be worked out.
  return Object.create(report, { metrics: { value: metrics } })
}

/** Limits and use, as far as there are quotas. */
export function quotaGauges({
  quotas,
}: ServerReport): (readonly [figure: string, set: (readonly [name: string, value: number])[]])[] {
  return [
    ['quota_count_limit_per_namespace', quotas.map(each => [each.namespace, each.countLimit] as const)],
    ['quota_bytes_limit_per_namespace', quotas.map(each => [each.namespace, each.bytesLimit] as const)],
    ['quota_count_usage_per_namespace', quotas.map(each => [each.namespace, each.count] as const)],
    ['quota_bytes_usage_per_namespace', quotas.map(each => [each.namespace, each.bytes] as const)],
  ]
}
