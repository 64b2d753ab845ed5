/**
 * The figures of `mntr` in the form that Prometheus comes to fetch: a line for the type of each, a line for each value.
 * Written by hand, because the form is simpler than any library's way of keeping the numbers, which are kept already.
 * Source: Prometheus' text exposition format 0.0.4, and the names of Apache's PrometheusMetricsProvider.
 */
import { percentile } from '../server/metrics.ts'
import type { ServerReport } from '../server/report.ts'
import { gauges } from './four-letter.ts'

export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8'

export function prometheusText(report: ServerReport): string {
  const { counters, summaries } = report.metrics
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
  return `${lines.join('\n')}\n`
}
