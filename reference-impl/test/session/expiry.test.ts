import fc from 'fast-check'
import { expect, test } from 'vitest'
import { expire, expiryQueue, remove, touch } from '../../src/session/expiry.ts'

test('a session lives to the tick after its timeout, and dies once', () => {
  const queue = expiryQueue(2000)
  touch(queue, 7n, 4000, 100)
  expect(expire(queue, 4100)).toEqual([])
  expect(expire(queue, 5999)).toEqual([])
  expect(expire(queue, 6000)).toEqual([7n])
  expect(expire(queue, 60_000)).toEqual([])
})

test('a deadline that falls on a tick is rounded up to the next', () => {
  const queue = expiryQueue(2000)
  touch(queue, 7n, 4000, 2000)
  expect(expire(queue, 6000)).toEqual([])
  expect(expire(queue, 8000)).toEqual([7n])
})

test('a session that pings just before its deadline outlives the old bucket', () => {
  const queue = expiryQueue(2000)
  touch(queue, 7n, 4000, 100)
  touch(queue, 7n, 4000, 5900)
  expect(expire(queue, 6000)).toEqual([])
  expect(expire(queue, 10_000)).toEqual([7n])
})

test('a session that has left does not expire', () => {
  const queue = expiryQueue(2000)
  touch(queue, 7n, 4000, 0)
  touch(queue, 8n, 4000, 0)
  remove(queue, 7n)
  remove(queue, 9n)
  expect(expire(queue, 10_000)).toEqual([8n])
})

test('a clock that jumps finds all that were due, the earliest first', () => {
  const queue = expiryQueue(2000)
  touch(queue, 3n, 30_000, 0)
  touch(queue, 1n, 10_000, 0)
  touch(queue, 2n, 20_000, 0)
  expect(expire(queue, 1_000_000)).toEqual([1n, 2n, 3n])
})

test('no session dies before its timeout, and none lives a tick longer than that', () => {
  const tick = 50
  const session = fc.bigInt({ min: 1n, max: 5n })
  const actions = fc.array(
    fc.oneof(
      fc.record({ touch: session, timeout: fc.integer({ min: 1, max: 400 }) }),
      fc.record({ remove: session }),
      fc.record({ wait: fc.integer({ min: 1, max: 120 }) }),
    ),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(actions, script => {
      const queue = expiryQueue(tick)
      const due = new Map<bigint, number>()
      let now = 0
      for (const action of script) {
        if ('touch' in action) {
          touch(queue, action.touch, action.timeout, now)
          due.set(action.touch, now + action.timeout)
        } else if ('remove' in action) {
          remove(queue, action.remove)
          due.delete(action.remove)
        } else {
          now += action.wait
          for (const dead of expire(queue, now)) {
            expect(due.get(dead), `session ${dead} dies at ${now}`).toBeLessThan(now)
            due.delete(dead)
          }
          for (const [alive, at] of due)
            expect(now, `session ${alive} still lives at ${now}`).toBeLessThan(at + tick)
        }
      }
    }),
  )
})

test('a hundred thousand sessions stand in as many buckets as their deadlines have ticks', () => {
  const queue = expiryQueue(2000)
  for (let session = 1; session <= 100_000; session++) touch(queue, BigInt(session), 40_000, session % 30_000)
  expect(queue.buckets.size).toBe(15)
  expect(expire(queue, 41_999)).toEqual([])
  expect(expire(queue, 42_000)).toHaveLength(7999)
})
