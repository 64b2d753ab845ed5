import { describe, expect, test } from 'vitest'
import { oneJob, oneJobInTheNextSession, oneLife, type Told, twoWhoCount } from './every-step.inside.ts'

const patience = 60_000

function expectRight({ cuts, wrong }: Told, atLeast: number, rule: string): void {
  expect(wrong.slice(0, 5), rule).toEqual([])
  expect(cuts, 'how many cuts the client has noticed').toBeGreaterThan(atLeast)
}

describe('B. Tell what the connection is like', () => {
  test('in a running client a session that is lost at any frame is followed by another, with its own job', {
    timeout: patience,
  }, async () => {
    const rule =
      'CONNECTED, SUSPENDED, LOST, RECONNECTED; no job of the old session is ours. (chapter 13, "Suspended, and lost")'
    expectRight(await oneJobInTheNextSession(), 6, rule)
  })
})

describe('C. Find it again', () => {
  test('in a running client a protected job is made once, whichever frame is cut', {
    timeout: patience,
  }, async () => {
    expectRight(
      await oneJob(),
      6,
      'One job, and its path is known. (chapter 13, "A name that can be found again")',
    )
  })
})

describe('D. Judge what has happened', () => {
  test('in a running client a node is made, set and deleted once, whichever frame is cut', {
    timeout: patience,
  }, async () => {
    expectRight(await oneLife(), 9, 'Nothing is done twice or refused. (chapter 13, "What has become of it")')
  })

  test('in a running client two who count come to the right sum, whichever frame is cut', {
    timeout: patience,
  }, async () => {
    expectRight(await twoWhoCount(), 20, 'Each counts twice. (chapter 13, "A counter")')
  })
})
