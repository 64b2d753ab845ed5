import { describe, expect, test } from 'vitest'
import { mean, noMetrics, note, percentile, resetMetrics, summary } from '../../src/server/metrics.ts'

describe('a summary', () => {
  test('of nothing is 0 all over', () => {
    const nothing = summary(true)
    expect([mean(nothing), percentile(nothing, 0.99), nothing.min, nothing.max]).toEqual([0, 0, 0, 0])
  })

  test('knows the least, the greatest and the mean, also when none of them is near 0', () => {
    const some = summary(false)
    for (const value of [7, 5, 9]) note(some, value)
    expect([some.min, some.max, some.count, some.sum, mean(some)]).toEqual([5, 9, 3, 21, 7])
  })

  test('gives the value that a share of all do not exceed, and the greatest where values are huge', () => {
    const times = summary(true)
    for (let value = 1; value <= 100; value++) note(times, value)
    expect([0.5, 0.95, 0.99, 0.999].map(share => percentile(times, share))).toEqual([50, 95, 99, 100])
    note(times, 60_000)
    expect(percentile(times, 1)).toBe(60_000)
  })

  test('begins anew with all others', () => {
    const metrics = noMetrics()
    note(metrics.summaries.readlatency, 12)
    metrics.counters.commit_count = 3
    resetMetrics(metrics)
    expect(metrics).toEqual(noMetrics())
  })
})
