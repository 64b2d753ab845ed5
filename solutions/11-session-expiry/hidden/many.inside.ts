/** A hundred thousand sessions: the grader runs this beside the code under test, and the answers are small. */
import { type ExpiryQueue, expire, expiryQueue, touch, waiting } from '#lab/session/expiry.ts'

export function lifeOfMany(count: number) {
  const queue = expiryQueue(2000)
  for (let session = 1; session <= count; session++) touch(queue, BigInt(session), 40_000, session % 30_000)
  const buckets = waiting(queue).length
  const early = expire(queue, 41_999).length
  const onTime = expire(queue, 42_000).length
  expire(queue, 100_000)
  return { buckets, early, onTime, left: waiting(queue).length }
}

/** How much longer a tick takes at which nobody dies when there are so many sessions than when there are ten. */
export function tickFactor(many: number): number {
  return factor(many, (queue, round) => {
    for (let tick = 1; tick <= 200; tick++) expire(queue, (round * 200 + tick) * 1000)
  })
}

/** The same for a ping that moves its session to another bucket. */
export function pingFactor(many: number): number {
  return factor(many, (queue, round) => {
    for (let ping = 0; ping < 200; ping++) touch(queue, 5n, 1_000_000_000, (round * 200 + ping) * 1000)
  })
}

/** The least of some rounds: what else a machine does makes a round longer, never shorter. */
function factor(many: number, work: (queue: ExpiryQueue, round: number) => void): number {
  const [few, lots] = [10, many].map(sessions => {
    const queue = expiryQueue(1000)
    for (let session = 1; session <= sessions; session++) touch(queue, BigInt(session), 1_000_000_000, 0)
    const rounds = Array.from({ length: 7 }, (_, round) => {
      const started = performance.now()
      work(queue, round)
      return performance.now() - started
    })
    return Math.max(0.02, Math.min(...rounds))
  })
  return lots! / few!
}
