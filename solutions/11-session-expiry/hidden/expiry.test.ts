import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deadline, expiryQueue } from '#lab/session/expiry.ts'
import { script } from '../../../labs/11-session-expiry/test/script.ts'
import { lifeOfMany, pingFactor, tickFactor } from './many.inside.ts'

describe('A. Round up', () => {
  test('no deadline is at or before the timeout, and none a tick after it', () => {
    const millis = fc.integer({ min: 1, max: 100_000 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        millis,
        fc.integer({ min: 0, max: 2 ** 45 }),
        (tick, timeout, now) => {
          const due = deadline(expiryQueue(tick), timeout, now)
          const told = `tick ${tick}, timeout ${timeout}, now ${now}, deadline ${due} (chapter 11, "Rounding is a promise")`
          expect(due > now + timeout && due <= now + timeout + tick, told).toBe(true)
          expect(due % tick, told).toBe(0)
        },
      ),
      { numRuns: 60, seed: 11 },
    )
  })

  test('times are not 32-bit numbers', () => {
    expect(deadline(expiryQueue(2000), 4000, 2 ** 40), '2 ** 40 ms are 34 years').toBe(1_099_511_632_000)
  })
})

describe('B. Move, and leave', () => {
  test('a session that is touched within a bucket keeps its place', () => {
    const play = script()
    play.touch(1, 4000, 100)
    play.touch(2, 4000, 200)
    play.touch(1, 4000, 300)
    expect(play.waiting(), play.because('Its deadline is the same.', 'Moving house')).toEqual([
      [6000, [1n, 2n]],
    ])
  })

  test('a session may move to an earlier bucket', () => {
    const play = script()
    play.touch(1, 30_000, 0)
    play.touch(1, 2000, 100)
    expect(play.waiting(), play.because('A new timeout was agreed.', 'Moving house')).toEqual([[4000, [1n]]])
    expect(play.expire(4000), play.because('It counts.', 'Moving house')).toEqual([1n])
  })

  test('a session that comes with an earlier deadline than all others is not overlooked', () => {
    const play = script()
    play.touch(1, 30_000, 0)
    expect(play.expire(4000)).toEqual([])
    play.touch(2, 2000, 4000)
    expect(play.expire(8000), play.because('2 is due at 8000.', 'A tick')).toEqual([2n])
    expect(play.expire(32_000), play.because('1 is due at 32000.', 'A tick')).toEqual([1n])
  })

  test('who was removed may come back, and who died as well', () => {
    const play = script()
    play.touch(1, 4000, 0)
    play.remove(1)
    play.touch(1, 4000, 100)
    expect(play.waiting(), play.because('It came back within a tick.', 'Moving house')).toEqual([
      [6000, [1n]],
    ])
    play.remove(1)
    play.remove(1)
    play.touch(1, 4000, 2500)
    expect(play.expire(6000), play.because('It came back at 2500.', 'Moving house')).toEqual([])
    expect(play.expire(8000)).toEqual([1n])
    play.touch(1, 4000, 8000)
    expect(play.waiting(), play.because('It is a new session to the queue.', 'Moving house')).toEqual([
      [14_000, [1n]],
    ])
  })

  test('sessions are told apart to their last bit', () => {
    const play = script()
    const [one, other] = [0x1000_0000_0000_0001n, 0x1000_0000_0000_0002n]
    play.touch(one, 4000, 0)
    play.touch(other, 4000, 0)
    play.remove(one)
    play.touch(-5n, 4000, 0)
    expect(play.expire(6000), play.because('Ids have 64 bits.', 'Buckets')).toEqual([other, -5n])
  })

  test('two queues have nothing in common', () => {
    const [one, other] = [script(1000), script(2000)]
    one.touch(1, 4000, 0)
    other.touch(1, 9000, 0)
    one.remove(1)
    expect(other.waiting(), other.because('It was removed from the other one.', 'Buckets')).toEqual([
      [10_000, [1n]],
    ])
  })
})

describe('C. Expire', () => {
  test('all of a bucket die together, in the order in which they came to it', () => {
    const play = script()
    for (const session of [5, 3, 9, 1]) play.touch(session, 4000, session)
    play.touch(3, 4000, 3000)
    play.touch(3, 2000, 3500)
    expect(play.expire(6000), play.because('3 has moved out and in again.', 'A tick')).toEqual([
      5n,
      9n,
      1n,
      3n,
    ])
  })

  test('ticks need not come on boundaries', () => {
    const play = script(1000)
    play.touch(1, 2500, 0)
    play.touch(2, 4500, 0)
    expect(play.expire(2999), play.because('3000 has not come.', 'A tick')).toEqual([])
    expect(play.expire(3700), play.because('3000 has passed.', 'A tick')).toEqual([1n])
    expect(play.expire(4999)).toEqual([])
    expect(play.expire(5001), play.because('5000 has passed.', 'A tick')).toEqual([2n])
  })

  test('a gap of empty buckets does not hide those behind it', () => {
    const play = script(1000)
    play.touch(1, 1500, 0)
    play.touch(2, 60_500, 0)
    expect(play.expire(2000)).toEqual([1n])
    for (let at = 3000; at < 61_000; at += 1000) expect(play.expire(at)).toEqual([])
    expect(play.expire(61_000), play.because('Nobody was due for a minute.', 'A tick')).toEqual([2n])
  })

  test('a queue that has been empty begins again', () => {
    const play = script(1000)
    play.touch(1, 1500, 0)
    play.expire(2000)
    expect(play.expire(500_000)).toEqual([])
    play.touch(2, 1500, 500_000)
    expect(play.expire(501_999)).toEqual([])
    expect(play.expire(502_000), play.because('The first one since eight minutes.', 'A tick')).toEqual([2n])
  })

  test('a clock that jumps by a year finds everybody, at once', () => {
    const play = script(1000)
    play.touch(1, 1500, 0)
    play.touch(2, 4500, 0)
    const year = 365 * 86_400_000
    expect(play.expire(year), play.because('A virtual machine was put to sleep.', 'A tick')).toEqual([1n, 2n])
    play.touch(3, 1500, year)
    expect(play.expire(year + 1000)).toEqual([])
    expect(play.expire(year + 2000)).toEqual([3n])
  })

  test('whatever happens, nobody dies early, late, twice, or after leaving', () => {
    const tick = 50
    const session = fc.integer({ min: 1, max: 5 })
    const actions = fc.array(
      fc.oneof(
        fc.record({ touch: session, timeout: fc.integer({ min: 1, max: 400 }) }),
        fc.record({ remove: session }),
        fc.record({ wait: fc.integer({ min: 1, max: 120 }) }),
      ),
      { maxLength: 60 },
    )
    fc.assert(
      fc.property(actions, acts => {
        const play = script(tick)
        const due = new Map<bigint, number>()
        let now = 0
        for (const act of acts) {
          if ('touch' in act) {
            play.touch(act.touch, act.timeout, now)
            due.set(BigInt(act.touch), now + act.timeout)
          } else if ('remove' in act) {
            play.remove(act.remove, now)
            due.delete(BigInt(act.remove))
          } else {
            now += act.wait
            const dead = play.expire(now)
            for (const each of dead) {
              const rule = `${each} had until ${due.get(each) ?? 'it left'}.`
              expect(now > (due.get(each) ?? now), play.because(rule, 'Rounding is a promise')).toBe(true)
              due.delete(each)
            }
            for (const [alive, at] of due) {
              const rule = `${alive} had until ${at}, and it is ${now}.`
              expect(now < at + tick, play.because(rule, 'Rounding is a promise')).toBe(true)
            }
          }
          const waiting = play.waiting()
          const sessions = waiting.flatMap(([, members]) => members).sort()
          expect(sessions, play.because('Whoever lives waits once.', 'Buckets')).toEqual(
            [...due.keys()].sort(),
          )
        }
      }),
      { numRuns: 60, seed: 11 },
    )
  })

  test('a hundred thousand sessions live, move and die at their times', () => {
    const { buckets, early, onTime, left } = lifeOfMany(100_000)
    expect(buckets, 'timeouts of 40 s, touched within 30 s: 15 deadlines. (chapter 11, "Buckets")').toBe(15)
    expect(early, 'who dies before 42000').toBe(0)
    expect(onTime, 'touched before 2000, so due at 42000').toBe(7999)
    expect(left, 'who waits after the last deadline').toBe(0)
  })

  test('a tick at which nobody dies costs the same with a hundred thousand sessions as with ten', () => {
    const rule = 'A tick looks at what is due and at nothing else. (chapter 11, "A tick")'
    // Whoever looks at each session has some thousand here, and who does not has one.
    expect(tickFactor(100_000), rule).toBeLessThan(100)
  })

  test('a ping costs the same with a hundred thousand sessions as with ten', () => {
    const rule = 'A session knows its bucket. (chapter 11, "Moving house")'
    expect(pingFactor(100_000), rule).toBeLessThan(100)
  })
})

describe('D. Show who waits', () => {
  test('a list is of its moment, and nobody can change the queue by it', () => {
    const play = script()
    play.touch(1, 4000, 0)
    play.touch(2, 14_000, 0)
    const before = play.waiting()
    before[0]![1].push(99n)
    before.pop()
    expect(play.waiting(), play.because('Somebody wrote into the list.', 'The dead list')).toEqual([
      [6000, [1n]],
      [16_000, [2n]],
    ])
    play.remove(2)
    expect(play.expire(6000)).toEqual([1n])
    expect(play.waiting()).toEqual([])
  })

  test('times are sorted as numbers', () => {
    const play = script(1000)
    for (const timeout of [9500, 99_500, 10_500, 500]) play.touch(timeout, timeout, 0)
    const rule = '10000 is more than 9000, though not as text.'
    expect(
      play.waiting().map(([due]) => due),
      play.because(rule, 'The dead list'),
    ).toEqual([1000, 10_000, 11_000, 100_000])
  })
})
