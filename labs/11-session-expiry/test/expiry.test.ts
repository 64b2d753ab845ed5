import { describe, expect, test } from 'vitest'
import { deadline, expiryQueue } from '#lab/session/expiry.ts'
import { script } from './script.ts'

describe('A. Round up', () => {
  test('a deadline is the next boundary after the timeout', () => {
    const queue = expiryQueue(2000)
    expect(
      [deadline(queue, 4000, 100), deadline(queue, 4000, 1999), deadline(queue, 5500, 0)],
      '100 + 4000 = 4100, and the boundary after that is 6000. (chapter 11, "Rounding is a promise")',
    ).toEqual([6000, 6000, 6000])
  })

  test('a timeout that ends on a boundary ends at the next one', () => {
    expect(
      deadline(expiryQueue(2000), 4000, 2000),
      '2000 + 4000 = 6000 is not after the timeout. (chapter 11, "Rounding is a promise")',
    ).toBe(8000)
  })
})

describe('B. Move, and leave', () => {
  test('a session waits in the bucket of its deadline', () => {
    const play = script()
    play.touch(7, 4000, 100)
    play.touch(8, 5000, 100)
    play.touch(9, 9000, 100)
    expect(play.waiting(), play.because('7 and 8 die together.', 'Buckets')).toEqual([
      [6000, [7n, 8n]],
      [10_000, [9n]],
    ])
  })

  test('a session that pings moves to a later bucket', () => {
    const play = script()
    play.touch(7, 4000, 100)
    play.touch(7, 4000, 5900)
    const rule =
      'It leaves the old bucket before it enters the new one, and the old one is gone when nobody is in it.'
    expect(play.waiting(), play.because(rule, 'Moving house')).toEqual([[10_000, [7n]]])
  })

  test('a session that is removed waits no more', () => {
    const play = script()
    play.touch(7, 4000, 100)
    play.touch(8, 4000, 100)
    play.remove(7)
    expect(play.waiting(), play.because('It was closed by its client.', 'Moving house')).toEqual([
      [6000, [8n]],
    ])
  })

  test('to remove a session that is not there changes nothing', () => {
    const play = script()
    play.touch(7, 4000, 100)
    play.remove(9)
    expect(play.waiting(), play.because('9 was never touched.', 'Moving house')).toEqual([[6000, [7n]]])
  })
})

describe('C. Expire', () => {
  test('a session lives until its boundary, and dies there, once', () => {
    const play = script()
    play.touch(7, 4000, 100)
    expect(play.expire(4100), play.because('Its timeout is over, its bucket is not.', 'A tick')).toEqual([])
    expect(play.expire(5999), play.because('Not yet.', 'A tick')).toEqual([])
    expect(play.expire(6000), play.because('Now.', 'A tick')).toEqual([7n])
    expect(play.expire(60_000), play.because('Who is dead does not die again.', 'A tick')).toEqual([])
  })

  test('a session that pings just before its deadline outlives the old bucket', () => {
    const play = script()
    play.touch(7, 4000, 100)
    play.touch(7, 4000, 5900)
    expect(play.expire(6000), play.because('It has moved.', 'Moving house')).toEqual([])
    expect(play.expire(10_000), play.because('Nothing more was heard of it.', 'A tick')).toEqual([7n])
  })

  test('a tick that comes late finds all that were due, the earliest first', () => {
    const play = script()
    play.touch(3, 30_000, 0)
    play.touch(1, 10_000, 0)
    play.touch(2, 20_000, 0)
    const rule = 'The server was paused for a quarter of an hour.'
    expect(play.expire(1_000_000), play.because(rule, 'A tick')).toEqual([1n, 2n, 3n])
  })
})

describe('D. Show who waits', () => {
  test('buckets are listed by time, and sessions as they came', () => {
    const play = script()
    play.touch(5, 9000, 0)
    play.touch(2, 4000, 0)
    play.touch(1, 4000, 0)
    expect(play.waiting(), play.because('The earliest deadline first.', 'The dead list')).toEqual([
      [6000, [2n, 1n]],
      [10_000, [5n]],
    ])
  })

  test('nobody waits in an empty queue', () => {
    expect(script().waiting()).toEqual([])
  })
})
