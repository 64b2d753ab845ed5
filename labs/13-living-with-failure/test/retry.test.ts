import { describe, expect, test } from 'vitest'
import { backOff, retryTimes, retryWithin } from '#lab/client/failure.ts'
import { plainPath, protectedPath, recognise } from '#lab/client/retry.ts'
import { because, create, expectVerdict, found, pause, pauses, session, set, Watchman } from './moments.ts'

const id = '0b9e4a6c-1f2d-4c3b-8a7e-5d6f70819203'

describe('A. Try again', () => {
  test('a lost connection is a reason to try again, a refusal is not', () => {
    const policy = retryTimes(3, 200)
    expect(pause(policy), because(policy, {}, 'It may go better next time.')).toBe(200)
    const refused = { code: 'NODEEXISTS' } as const
    expect(pause(policy, refused), because(policy, refused, 'That is an answer.')).toBe(null)
  })

  test('a session that has expired is a reason only when another has begun', () => {
    const policy = retryTimes(3, 200)
    const over = { code: 'SESSIONEXPIRED' } as const
    expect(pause(policy, over), because(policy, over, 'It stays expired.')).toBe(null)
    const renewed = { ...over, isNewSession: true }
    expect(pause(policy, renewed), because(policy, renewed, 'The new one may ask.')).toBe(200)
  })

  test('it is tried as often as the policy says, and not once more', () => {
    const policy = retryTimes(2, 50)
    const done = [0, 1, 2].map(retries => pause(policy, { retries }))
    expect(done, because(policy, { retries: 2 }, 'Two retries are two.')).toEqual([50, 50, null])
  })

  test('no attempt begins when the time of the policy is over', () => {
    const policy = retryWithin(1000, 100)
    const early = { elapsed: 500 }
    expect(pause(policy, early), because(policy, early, 'The next would begin after 600 ms.')).toBe(100)
    const late = { elapsed: 1200 }
    expect(pause(policy, late), because(policy, late, 'It is over.')).toBe(null)
  })

  test('growing pauses are whole multiples of the first, by chance, and grow', () => {
    const policy = backOff(Infinity, 100)
    const all = (retries: number): (number | null)[] => [...new Set(pauses(retries, 60))]
    expect(all(0), because(policy, {}, 'The first can only be once the pause.')).toEqual([100])
    expect(all(1), because(policy, { retries: 1 }, 'One to three times.')).toEqual([100, 200, 300])
    expect(all(2), because(policy, { retries: 2 }, 'One to seven times.')).toEqual([
      100, 200, 300, 400, 500, 600, 700,
    ])
  })

  test('no pause is longer than the longest', () => {
    const policy = backOff(Infinity, 100, 350)
    const like = { retries: 3, luck: 0.9 }
    expect(pause(policy, like), because(policy, like, '1400 would be too long.')).toBe(350)
  })
})

describe('B. Tell what the connection is like', () => {
  test('the first server is CONNECTED, every later one RECONNECTED', () => {
    new Watchman()
      .client('connected', 100)
      .expect(['CONNECTED'], 'There is a server.')
      .client('connecting', 200)
      .expect(['SUSPENDED'], 'There is none.')
      .client('connected', 300)
      .expect(['RECONNECTED'], 'There is one again.')
  })

  test('a session without a server is lost when its timeout has passed, and another begins', () => {
    new Watchman()
      .client('connected', 100, 4000)
      .client('connecting', 1000)
      .expect(['CONNECTED', 'SUSPENDED'], 'The time runs from here.')
      .time(3000)
      .expect([], 'It may live.')
      .time(5000)
      .expect(['LOST', 'renew'], '4000 ms are over: first all are told.')
      .client('connected', 6000)
      .expect(['RECONNECTED'], 'That is the new session.')
  })

  test('a session that a server calls expired is lost at once', () => {
    new Watchman()
      .client('connected', 100)
      .client('connecting', 1000)
      .expect(['CONNECTED', 'SUSPENDED'], 'The time runs from here.')
      .client('expired', 1100)
      .expect(['LOST', 'renew'], 'The server knows.')
  })

  test('a server that only reads is READ_ONLY', () => {
    new Watchman()
      .client('connected', 100)
      .client('connecting', 1000)
      .client('read-only', 1100)
      .expect(['CONNECTED', 'SUSPENDED', 'READ_ONLY'], 'It cannot write.')
  })

  test('time that passes while there is a server means nothing', () => {
    new Watchman()
      .client('connected', 100)
      .client('connecting', 1000)
      .client('connected', 2000)
      .expect(['CONNECTED', 'SUSPENDED', 'RECONNECTED'], 'It was away for a second.')
      .time(60_000)
      .expect([], 'Nothing was lost.')
  })
})

describe('C. Find it again', () => {
  test('the mark stands in front of the name', () => {
    expect(protectedPath('/jobs/job-', id), 'chapter 13, "A name that can be found again"').toBe(
      `/jobs/_c_${id}-job-`,
    )
  })

  test('the plain path is the one without the mark', () => {
    expect(plainPath(`/jobs/_c_${id}-job-0000000004`), 'chapter 13, "A name that can be found again"').toBe(
      '/jobs/job-0000000004',
    )
    expect(plainPath('/jobs/job-0000000004'), 'there is no mark').toBe('/jobs/job-0000000004')
  })

  test('the node under our id is ours, and those of others are not', () => {
    const other = id.replace('0b9e', '1c9e')
    const names = [`_c_${other}-job-0000000003`, `_c_${id}-job-0000000004`, 'job-0000000005']
    const still = { isEphemeral: true, isSameSession: true }
    expect(recognise(names, id, still), 'chapter 13, "A name that can be found again"').toEqual({
      type: 'ours',
      name: `_c_${id}-job-0000000004`,
    })
    expect(recognise(names.slice(0, 1), id, still), 'nobody has made it').toEqual({ type: 'nobody' })
  })

  test('an ephemeral node of a session that is lost is a ghost', () => {
    const name = `_c_${id}-job-0000000004`
    const lost = { isEphemeral: true, isSameSession: false }
    expect(recognise([name], id, lost), 'chapter 13, "A name that can be found again"').toEqual({
      type: 'ghost',
      name,
    })
  })
})

describe('D. Judge what has happened', () => {
  test('a node that is gone when the delete is repeated was deleted', () => {
    expectVerdict({ type: 'delete' }, 'NONODE', null, 'done', 'It is as it was to be.')
    expectVerdict({ type: 'delete' }, 'NOTEMPTY', found('x'), 'refused', 'It is there.')
  })

  test('an ephemeral node that is there already is ours when it belongs to our session', () => {
    expectVerdict(create('x', true), 'NODEEXISTS', found('x', 0, session), 'done', 'It has our owner.')
    expectVerdict(create('x', true), 'NODEEXISTS', found('x', 0, 8n), 'refused', 'It has another owner.')
  })

  test('a lasting node that is there already is as good as ours when nobody has set it and its data is ours', () => {
    expectVerdict(create('x'), 'NODEEXISTS', found('x'), 'done', 'It holds what we wanted.')
    expectVerdict(create('x'), 'NODEEXISTS', found('y'), 'refused', 'It was made with other data.')
    expectVerdict(create('x'), 'NODEEXISTS', found('x', 3), 'unknown', 'It was set since; who made it?')
  })

  test('a set whose version has gone by was ours when the next one holds our data', () => {
    expectVerdict(set('x', 4), 'BADVERSION', found('x', 5), 'done', 'Version 5 is what we wanted.')
    expectVerdict(set('x', 4), 'BADVERSION', found('y', 5), 'refused', 'Somebody else has made version 5.')
    expectVerdict(set('x', 4), 'BADVERSION', found('y', 6), 'unknown', 'What was in version 5?')
  })
})
