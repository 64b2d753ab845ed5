/** What happens to a queue, in a few words, so that a failure can tell how it came to it. */
import { type ExpiryQueue, expire, expiryQueue, remove, touch, waiting } from '#lab/session/expiry.ts'

/** Sessions as small numbers, and lines like `at 100 touch 7 for 4000`. */
export interface Script {
  queue: ExpiryQueue
  touch(session: number | bigint, timeout: number, at: number): void
  remove(session: number | bigint, at?: number): void
  /** The sessions that die at this time. */
  expire(at: number): bigint[]
  waiting(): [number, bigint[]][]
  /** For the second argument of `expect`: all that happened, the rule, and where the chapter tells it. */
  because(rule: string, section: string): string
}

export function script(tick = 2000): Script {
  const queue = expiryQueue(tick)
  const lines: string[] = [`ticks of ${tick}`]
  return {
    queue,
    touch(session, timeout, at) {
      lines.push(`at ${at}   touch ${session} for ${timeout}`)
      touch(queue, BigInt(session), timeout, at)
    },
    remove(session, at) {
      lines.push(`${at === undefined ? '' : `at ${at}   `}remove ${session}`)
      remove(queue, BigInt(session))
    },
    expire(at) {
      const dead = expire(queue, at)
      lines.push(`at ${at}   expire: ${dead.length === 0 ? 'nobody' : dead.join(', ')}`)
      return dead
    },
    waiting: () => waiting(queue),
    because: (rule, section) =>
      ['', ...lines.slice(-12).map(line => `    ${line}`), `  ${rule} (chapter 11, "${section}")`, ''].join(
        '\n',
      ),
  }
}
