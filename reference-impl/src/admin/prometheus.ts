/**
 * The figures of `mntr` in the form that Prometheus comes to fetch: a line for the type of each, a line for each value.
 * Written by hand, because the form is simpler than any library's way of keeping the numbers, which are kept already.
 * Source: Prometheus' text exposition format 0.0.4, and the names of Apache's PrometheusMetricsProvider.
 */
import { percentile } from '../server/metrics.ts'
import type { ServerReport } from '../server/report.ts'
import { gauges } from './four-letter.ts'
import { quotaGauges } from './namespaces.ts'

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

export function prometheusText(report: ServerReport): string {
  const { counters, summaries, perNamespace } = report.metrics
  const lines: string[] = []
  for (const [name, value] of gauges(report)) {
    if (typeof value === 'number') lines.push(`# TYPE ${name} gauge`, `${name} ${value}`)
  }
  for (const [name, value] of Object.entries(counters))
    lines.push(`# TYPE ${name} counter`, `${name} ${value}`)
  for (const [name, summary] of Object.entries(summaries)) {
    lines.push(`# TYPE ${name} summary`)
    if (summary.often !== null) {
      for (const share of [0.5, 0.95, 0.99, 0.999]) {
        lines.push(`${name}{quantile="${share}"} ${percentile(summary, share)}`)
      }
    }
    lines.push(`${name}_count ${summary.count}`, `${name}_sum ${summary.sum}`)
  }
  const { quota_exceeded_error_per_namespace: exceeded, ...sums } = perNamespace
  for (const [name, set] of quotaGauges(report)) lines.push(...labelled(name, 'gauge', set))
  lines.push(...labelled('quota_exceeded_error_per_namespace', 'counter', exceeded))
  for (const [name, set] of Object.entries(sums)) {
    if (set.size > 0) lines.push(`# TYPE ${name} summary`)
    for (const [key, { count, sum }] of set) {
      lines.push(`${name}_count${label(key)} ${count}`, `${name}_sum${label(key)} ${sum}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** A figure with a value for each namespace; without any it is not there. */
function labelled(
  name: string,
  type: string,
  values: Iterable<readonly [key: string, value: number]>,
): string[] {
  const lines = [...values].map(([key, value]) => `${name}${label(key)} ${value}`)
  return lines.length === 0 ? [] : [`# TYPE ${name} ${type}`, ...lines]
}

/** A name may have anything in it. */
function label(key: string): string {
  const escaped = key
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
  return `{key="${escaped}"}`
}
