import { describe, expect, test } from 'vitest'
import {
  heardOf,
  isAlive,
  markClosing,
  moveTo,
  noSessions,
  standingOf,
  takeExpired,
  track,
} from '../../src/session/tracker.ts'

const [one, two] = [1, 2]

function tracker(...sessions: bigint[]) {
  const made = noSessions(1000)
  for (const session of sessions) track(made, session, 5000, 1)
  return made
}

describe('a session', () => {
  test('that was there before the server belongs to the first through whom it writes', () => {
    const tracked = tracker(7n)
    expect(standingOf(tracked, 7n, two)).toBe('alive')
    expect(standingOf(tracked, 7n, one)).toBe('moved')
    expect(standingOf(tracked, 7n, two)).toBe('alive')
  })

  test('belongs to the server through which it has come back last', () => {
    const tracked = tracker()
    track(tracked, 7n, 5000, 1, one)
    moveTo(tracked, 7n, two)
    expect([standingOf(tracked, 7n, one), standingOf(tracked, 7n, two)]).toEqual(['moved', 'alive'])
    moveTo(tracked, 7n, one)
    expect([standingOf(tracked, 7n, one), standingOf(tracked, 7n, two)]).toEqual(['alive', 'moved'])
  })

  test('that is closing, or was never there, is gone for everybody', () => {
    const tracked = tracker(7n)
    markClosing(tracked, 7n)
    moveTo(tracked, 7n, one)
    expect([standingOf(tracked, 7n, one), standingOf(tracked, 8n, one)]).toEqual(['gone', 'gone'])
  })
})

describe('sessions whose time has run out', () => {
  test('are taken in their order, as many as are asked for, each once', () => {
    const tracked = tracker(1n, 2n, 3n, 4n, 5n)
    expect(takeExpired(tracked, 6000, 2)).toEqual([1n, 2n])
    expect([isAlive(tracked, 2n), isAlive(tracked, 3n)]).toEqual([false, true])
    expect(takeExpired(tracked, 6001, 2)).toEqual([3n, 4n])
    expect(takeExpired(tracked, 6001, 0)).toEqual([])
    expect(takeExpired(tracked, 6002, 2)).toEqual([5n])
    expect(takeExpired(tracked, 6003, 2)).toEqual([])
  })

  test('live on when they are heard of before they are taken, and run out again', () => {
    const tracked = tracker(1n, 2n, 3n)
    track(tracked, 4n, 7000, 1)
    expect(takeExpired(tracked, 6000, 1)).toEqual([1n])
    heardOf(tracked, 1n, 5000, 6001)
    heardOf(tracked, 3n, 5000, 6001)
    expect(takeExpired(tracked, 8000, 9)).toEqual([2n, 4n])
    expect(takeExpired(tracked, 20_000, 9)).toEqual([3n])
  })

  test('and that run out a second time while they wait are taken once', () => {
    const tracked = tracker(1n, 2n)
    expect(takeExpired(tracked, 6000, 0)).toEqual([])
    heardOf(tracked, 1n, 1000, 6001)
    expect(takeExpired(tracked, 20_000, 9)).toEqual([2n, 1n])
    expect(takeExpired(tracked, 30_000, 9)).toEqual([])
  })
})
