import { defineConfig } from 'vitest/config'
import { vitePlugin } from './course/swap.ts'

/** Everything against the reference. The course tool makes its own configuration for one lab and one subject. */
export default defineConfig({
  plugins: [vitePlugin([])],
  test: {
    include: [
      'reference-impl/test/**/*.test.ts',
      'course/test/**/*.test.ts',
      'labs/*/test/**/*.test.ts',
      'solutions/*/hidden/**/*.test.ts',
    ],
  },
})
