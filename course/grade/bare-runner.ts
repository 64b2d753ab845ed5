/** What the test library's runner wants of whoever runs tests without the rest of the library. */
import type { Test, TestContext, VitestRunner } from '@vitest/runner'
import { createExpect, expect } from 'vitest'

export function bareConfig(config: {
  seed: number
  testTimeout: number
  hookTimeout: number
}): VitestRunner['config'] {
  const { seed, testTimeout, hookTimeout } = config
  return {
    root: process.cwd(),
    setupFiles: [],
    name: undefined,
    passWithNoTests: false,
    testNamePattern: undefined,
    allowOnly: false,
    sequence: { seed, hooks: 'stack', setupFiles: 'list' },
    chaiConfig: undefined,
    maxConcurrency: 1,
    testTimeout,
    hookTimeout,
    retry: 0,
    includeTaskLocation: false,
    tags: [],
    tagsFilter: undefined,
    strictTags: false,
  }
}

/** Before a test: it has expected nothing yet. */
export function beginExpecting(test: Test): void {
  expect.setState({
    assertionCalls: 0,
    isExpectingAssertions: false,
    isExpectingAssertionsError: null,
    expectedAssertionsNumber: null,
    expectedAssertionsNumberErrorGen: null,
    currentTestName: test.fullTestName ?? test.name,
  })
}

/** After a test. Throws when it has not expected as often as it said it would. */
export function endExpecting(): void {
  const state = expect.getState()
  if (state.expectedAssertionsNumber !== null && state.assertionCalls !== state.expectedAssertionsNumber) {
    throw state.expectedAssertionsNumberErrorGen!()
  }
  if (state.isExpectingAssertions && state.assertionCalls === 0) throw state.isExpectingAssertionsError
}

/** Gives a test an `expect` of its own, when it asks its context for one. */
export function withExpect(context: TestContext): TestContext {
  let own: ReturnType<typeof createExpect> | undefined
  Object.defineProperty(context, 'expect', { get: () => (own ??= createExpect(context.task)) })
  return context
}
