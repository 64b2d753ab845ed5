import { describe, expect, test } from 'vitest'
import { fromHash, habits, opening, places, toHash } from '../src/cable/choice.ts'
import { framesOf, type Job, play } from '../src/cable/play.ts'

const frames = await framesOf()
const cuts = places.flatMap(where => Array.from({ length: frames }, (_, i) => ({ frame: i + 1, where })))

describe('Three jobs on a cable', () => {
  test('that nobody cuts are made and known', async () => {
    for (const habit of habits) {
      const { jobs, rows } = await play({ frame: 0, where: 'before', habit })
      for (const [nth, { told }] of jobs.entries()) expect(told).toMatch(new RegExp(`job-000000000${nth}$`))
      for (const { told, found } of jobs) expect(found).toEqual([told])
      expect(rows.map(row => (row.type === 'frame' ? row.way : row.type))).toEqual([
        'dial',
        'out',
        'in',
        'out',
        'out',
        'out',
        'in',
        'in',
        'in',
      ])
    }
  })

  test('that is cut at any frame never lie to a program that leaves it at that', async () => {
    const unknown: Job[] = []
    for (const cut of cuts) {
      const { jobs } = await play({ ...cut, habit: 'once' })
      for (const job of jobs) {
        expect(job.found.length).toBeLessThanOrEqual(1)
        if (job.told === null) unknown.push(job)
        else expect(job.found).toEqual([job.told])
      }
    }
    const done = unknown.filter(({ found }) => found.length > 0).length
    expect(
      [done > 10, unknown.length - done > 10],
      'the unknown is sometimes done and sometimes not',
    ).toEqual([true, true])
  })

  test('that is cut at any frame are all there for a program that asks again, and some of them twice', async () => {
    let twice = 0
    for (const cut of cuts) {
      const { jobs } = await play({ ...cut, habit: 'again' })
      for (const { told, found } of jobs) {
        expect(found).toContain(told)
        if (found.length === 2) twice++
        else expect(found.length).toBe(1)
      }
    }
    expect(twice).toBeGreaterThan(10)
  })

  test('that is cut at any frame are there once for a program that looks for its mark', async () => {
    for (const cut of cuts) {
      const { jobs } = await play({ ...cut, habit: 'look' })
      for (const { told, found } of jobs) expect(found).toEqual([told])
    }
  })

  test('are played the same whenever they are played', async () => {
    const choice = { frame: 5, where: 'within', habit: 'again' } as const
    expect(await play(choice)).toEqual(await play(choice))
  })

  test('are in the address, and an address that says something else is none', () => {
    for (const choice of [opening, { frame: 0, where: 'behind', habit: 'again' } as const]) {
      expect(fromHash(toHash(choice))).toEqual(choice)
    }
    for (const hash of [
      '',
      '#frame=6',
      '#frame=-1&where=before&then=again',
      '#frame=6&where=here&then=again',
    ]) {
      expect(fromHash(hash)).toBeNull()
    }
  })
})
