import { describe, expect, test } from 'vitest'
import { autopurge } from '../../src/storage/autopurge.ts'
import { folder } from '../../src/storage/files.ts'
import type { Purged } from '../../src/storage/purge.ts'
import { simulatedWorld } from '../../src/world/simulated/simulated-world.ts'

const complete = new Uint8Array([0x5a, 0, 0, 0, 1, 0x2f])
const day = 24 * 3_600_000

function server(every: number) {
  const simulation = simulatedWorld({ seed: 1 })
  const { clock, disk } = simulation.host('server')
  const results: Purged[] = []
  const add = (zxid: number): void => disk.append(`${folder}/snapshot.${zxid}`, complete, () => {})
  for (const zxid of [1, 2, 3, 4]) add(zxid)
  simulation.run(1000)
  const { stop } = autopurge(clock, { snapshots: disk, logs: disk }, { every, keep: 3 }, result =>
    results.push(result),
  )
  return { simulation, results, add, stop }
}

describe('a server that purges by itself', () => {
  test('does so when it starts, and whenever the time has come', () => {
    const { simulation, results, add } = server(40 * day)
    simulation.run(2000)
    expect(results).toEqual([{ removed: ['version-2/snapshot.1'] }])
    add(5)
    simulation.run(40 * day)
    expect(results).toHaveLength(1)
    simulation.run(41 * day)
    expect(results.slice(1)).toEqual([{ removed: ['version-2/snapshot.2'] }])
  })

  test('never does when it is told so', () => {
    const { simulation, results } = server(0)
    simulation.run(100 * day)
    expect(results).toEqual([])
  })

  test('stops when it is told so', () => {
    const { simulation, results, stop } = server(day)
    simulation.run(2 * day)
    const before = results.length
    stop()
    simulation.run(9 * day)
    expect(results).toHaveLength(before)
  })
})
