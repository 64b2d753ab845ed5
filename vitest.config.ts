import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { vitePlugin } from './course/swap.ts'

/** Where CI wants to read what ran and what did not. */
const report = process.env.TEST_REPORT

/** Everything against the reference. The course tool makes its own configuration for one lab and one subject. */
export default defineConfig({
  plugins: [vitePlugin([])],
  test: {
    // Half of the suite waits for programs that it has started: on a small machine one file at a time leaves it idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    include: [
      'reference-impl/test/**/*.test.ts',
      'course/test/**/*.test.ts',
      'labs/*/test/**/*.test.ts',
      'solutions/*/hidden/**/*.test.ts',
    ],
  },
})
