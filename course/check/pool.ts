/** Several warm runners, so that every core has a subject to try. */
import { availableParallelism } from 'node:os'
import { openRunner, type Result, type Runner } from '../runner.ts'
import type { Subject } from '../swap.ts'

export interface Pool {
  run(files: readonly string[], subject: Subject, oneFailureIsEnough?: boolean): Promise<Result>
  close(): Promise<void>
}

export async function openPool(): Promise<Pool> {
  const runners = await Promise.all(
    Array.from({ length: availableParallelism() }, () => openRunner({ shared: true, workers: 1 })),
  )
  const idle = [...runners]
  const waiting: ((runner: Runner) => void)[] = []
  return {
    async run(files, subject, oneFailureIsEnough) {
      const runner = idle.pop() ?? (await new Promise<Runner>(resolve => waiting.push(resolve)))
      try {
        return await runner.run(files, [subject], oneFailureIsEnough)
      } finally {
        const next = waiting.shift()
        if (next) next(runner)
        else idle.push(runner)
      }
    },
    async close() {
      await Promise.all(runners.map(runner => runner.close()))
    },
  }
}
