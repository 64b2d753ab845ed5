import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  backOff,
  never,
  type RetryPolicy,
  retryForever,
  retryTimes,
  retryWithin,
} from '#lab/client/failure.ts'
import type { ClientState } from '#lab/client/messages.ts'
import { plainPath, protectedPath, recognise } from '#lab/client/retry.ts'
import type { CodeName } from '#lab/wire/errors.ts'
import {
  because,
  create,
  expectVerdict,
  found,
  pause,
  pauses,
  session,
  set,
  Watchman,
} from '../../../labs/13-living-with-failure/test/moments.ts'

const id = '0b9e4a6c-1f2d-4c3b-8a7e-5d6f70819203'
const findable = 'chapter 13, "A name that can be found again"'

describe('A. Try again', () => {
  test('five codes are worth another attempt, one of them only in a new session', () => {
    const policy = retryForever(70)
    const codes: CodeName[] = [
      'CONNECTIONLOSS',
      'OPERATIONTIMEOUT',
      'REQUESTTIMEOUT',
      'SESSIONMOVED',
      'SESSIONEXPIRED',
      'NONODE',
      'NODEEXISTS',
      'BADVERSION',
      'NOTEMPTY',
      'NOAUTH',
      'AUTHFAILED',
      'BADARGUMENTS',
      'NOTREADONLY',
    ]
    const tried = (isNewSession: boolean): CodeName[] =>
      codes.filter(code => pause(policy, { code, isNewSession }) !== null)
    const rule = (isNewSession: boolean): string =>
      because(policy, { isNewSession }, 'A refusal is an answer.')
    expect(tried(false), rule(false)).toEqual([
      'CONNECTIONLOSS',
      'OPERATIONTIMEOUT',
      'REQUESTTIMEOUT',
      'SESSIONMOVED',
    ])
    expect(tried(true), rule(true)).toEqual([
      'CONNECTIONLOSS',
      'OPERATIONTIMEOUT',
      'REQUESTTIMEOUT',
      'SESSIONMOVED',
      'SESSIONEXPIRED',
    ])
  })

  test('a new session does not make a policy more patient', () => {
    const like = { code: 'SESSIONEXPIRED', isNewSession: true, retries: 3 } as const
    const policy = retryTimes(3, 10)
    expect(pause(policy, like), because(policy, like, 'Three retries are three.')).toBe(null)
  })

  test('never is never, and for ever is for ever', () => {
    expect(pause(never), because(never, {}, 'Not even once.')).toBe(null)
    const policy = retryForever(70)
    const like = { retries: 100_000, elapsed: 1e12 }
    expect(pause(policy, like), because(policy, like, 'There is no end.')).toBe(70)
  })

  test('the pause counts when a policy has only so long', () => {
    const policy = retryWithin(1000, 100)
    const at = (elapsed: number): number | null => pause(policy, { elapsed })
    const rule = 'The next attempt would begin after the pause; when it is 1000 ms or later, there is none.'
    expect([at(899), at(900), at(901), at(999), at(1000)], because(policy, { elapsed: 900 }, rule)).toEqual([
      100,
      null,
      null,
      null,
      null,
    ])
  })

  test('it is the pause as it will be that counts, not the one that was drawn', () => {
    const policy: RetryPolicy = { ...backOff(Infinity, 100, 150), within: 1000 }
    const like = { retries: 5, luck: 0.99, elapsed: 840 }
    expect(pause(policy, like), because(policy, like, '840 + 150 is less than 1000.')).toBe(150)
  })

  test('each multiple is as likely as any other, and the last one is reached', () => {
    const policy = backOff(Infinity, 100)
    const counts = new Map<number | null, number>()
    for (const drawn of pauses(2, 700, policy)) counts.set(drawn, (counts.get(drawn) ?? 0) + 1)
    expect(
      [...counts].sort(([one], [other]) => one! - other!),
      because(policy, { retries: 2 }, 'One to seven times, each for a seventh of the luck.'),
    ).toEqual([100, 200, 300, 400, 500, 600, 700].map(millis => [millis, 100]))
    const like = { retries: 9, luck: 1 - 2 ** -30 }
    expect(pause(policy, like), because(policy, like, '2 ** 10 - 1 times.')).toBe(102_300)
  })

  test('pauses stop growing at some time, and are numbers whatever the count', () => {
    const policy = backOff(Infinity, 1)
    for (const retries of [29, 30, 31, 32, 33, 60, 1000, 5000]) {
      const like = { retries, luck: 0.75 }
      const drawn = pause(policy, like)
      expect(drawn, because(policy, like, 'Doubling ends at 2 ** 30.')).toBe(
        1 + Math.floor(0.75 * (2 ** 30 - 1)),
      )
    }
  })

  test('a steady pause is bounded, too', () => {
    const policy: RetryPolicy = { ...retryForever(500), longest: 200 }
    expect(pause(policy), because(policy, {}, 'No pause is longer than the longest.')).toBe(200)
  })

  test('a pause of nothing is no reason to give up', () => {
    const policy = retryTimes(1, 0)
    expect(pause(policy), because(policy, {}, '0 is not null.')).toBe(0)
  })
})

describe('B. Tell what the connection is like', () => {
  test('who looks for the first server is told nothing', () => {
    new Watchman()
      .client('connecting', 100)
      .time(90_000)
      .expect([], 'There is no session that could be in doubt.')
      .client('connected', 100_000)
      .expect(['CONNECTED'], 'That is the first one.')
  })

  test('the time of the loss is exact, and is there to be read', () => {
    const watchman = new Watchman().client('connected', 100, 4000).client('connecting', 1000)
    expect(watchman.connection.lostAt, watchman.because('1000 + 4000')).toBe(5000)
    watchman.done()
    watchman.time(4999).expect([], 'It is a millisecond early.')
    watchman.time(5000).expect(['LOST', 'renew'], 'What is reached is over.')
    expect(watchman.connection.lostAt, watchman.because('There is nothing to wait for.')).toBe(null)
    watchman.time(50_000).expect([], 'Nothing is lost twice.')
  })

  test('a second look for a server does not prolong the session', () => {
    new Watchman()
      .client('connected', 100, 4000)
      .client('connecting', 1000)
      .client('connecting', 3000)
      .expect(['CONNECTED', 'SUSPENDED'], 'Nobody is told the same twice.')
      .time(5000)
      .expect(['LOST', 'renew'], 'The time runs from the loss.')
  })

  test('it is the timeout that the last server has agreed to that counts', () => {
    new Watchman()
      .client('connected', 100, 4000)
      .client('connecting', 1000, 9999)
      .client('connected', 2000, 10_000)
      .client('connecting', 3000, 1)
      .expect(['CONNECTED', 'SUSPENDED', 'RECONNECTED', 'SUSPENDED'], 'Two losses.')
      .time(12_999)
      .expect([], '10000 ms are not over.')
      .time(13_000)
      .expect(['LOST', 'renew'], 'Now they are.')
  })

  test('a server that only reads has agreed to a timeout, too', () => {
    new Watchman()
      .client('read-only', 100, 6000)
      .client('connecting', 1000)
      .expect(['READ_ONLY', 'SUSPENDED'], 'It is away.')
      .time(6999)
      .expect([], '6000 ms are not over.')
      .time(7000)
      .expect(['LOST', 'renew'], 'Now they are.')
  })

  test('a server that only reads ends the doubt, and is no first server', () => {
    const watchman = new Watchman().client('read-only', 100).client('connected', 200)
    watchman.expect(['READ_ONLY', 'CONNECTED'], 'It is the first one that writes.')
    watchman.client('connecting', 1000).client('read-only', 2000).time(90_000)
    watchman.expect(['SUSPENDED', 'READ_ONLY'], 'There is a server: nothing can be lost.')
    watchman.client('connected', 91_000).expect(['RECONNECTED'], 'It is not the first one.')
  })

  test('a session that expires under a server that was found again is lost', () => {
    new Watchman()
      .client('connected', 100)
      .client('expired', 200)
      .expect(['CONNECTED', 'LOST', 'renew'], 'Whoever says so, it is over.')
  })

  test('when the next session expires, too, nobody is told again, and another begins', () => {
    new Watchman()
      .client('connected', 100)
      .client('connecting', 1000)
      .client('expired', 1100)
      .expect(['CONNECTED', 'SUSPENDED', 'LOST', 'renew'], 'The first is over.')
      .client('expired', 1200)
      .expect(['renew'], 'So is the second.')
  })

  test('who has lost its session is not told that it is in doubt', () => {
    new Watchman()
      .client('connected', 100)
      .client('expired', 1000)
      .client('connecting', 1100)
      .expect(['CONNECTED', 'LOST', 'renew'], 'There is nothing left to doubt.')
      .time(90_000)
      .expect([], 'And nothing to lose.')
      .client('connected', 91_000)
      .client('connecting', 92_000)
      .expect(['RECONNECTED', 'SUSPENDED'], 'The next one may be in doubt again.')
      .time(96_000)
      .expect(['LOST', 'renew'], 'And be lost.')
  })

  test('a login that was refused loses the session, and no other begins', () => {
    new Watchman()
      .client('connected', 100)
      .client('connecting', 1000)
      .client('auth failed', 1100)
      .expect(['CONNECTED', 'SUSPENDED', 'LOST'], 'The next session would log in as this one did.')
      .time(90_000)
      .expect([], 'It is over.')
  })

  test('who has closed the client is told nothing any more', () => {
    new Watchman()
      .client('connected', 100)
      .client('connecting', 1000)
      .client('closed', 1100)
      .expect(['CONNECTED', 'SUSPENDED'], 'It was asked for.')
      .time(90_000)
      .expect([], 'And it is not lost later.')
  })

  test('whatever happens, nobody is told the same twice, and sessions begin where sessions end', () => {
    const states: ClientState[] = ['connecting', 'connected', 'read-only', 'expired']
    const steps = fc.array(
      fc.record({ what: fc.constantFrom('time' as const, ...states), after: fc.nat({ max: 3000 }) }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(steps, taken => {
        const watchman = new Watchman()
        let now = 0
        const told: string[] = []
        for (const { what, after } of taken) {
          now += after
          if (what === 'time') watchman.time(now)
          else watchman.client(what, now)
          const done = watchman.done()
          const because = watchman.because('Seed 13.')
          expect(done.filter(each => each === 'renew').length, because).toBeLessThanOrEqual(1)
          if (done.includes('LOST')) expect(done, because).toEqual(['LOST', 'renew'])
          for (const state of done.filter(each => each !== 'renew')) {
            expect(state, because).not.toBe(told.at(-1))
            if (state === 'SUSPENDED') expect(told.at(-1), because).toMatch(/CONNECTED|READ_ONLY/)
            told.push(state)
          }
        }
        const firsts = told.filter(state => state === 'CONNECTED').length
        expect(firsts, watchman.because('There is one first server.')).toBeLessThanOrEqual(1)
        const later = told.indexOf('RECONNECTED')
        if (later !== -1)
          expect(told.indexOf('CONNECTED'), watchman.because('First things first.')).toBeLessThan(later)
      }),
      { numRuns: 60, seed: 13 },
    )
  })
})

describe('C. Find it again', () => {
  test('the mark fits names at the root, and names that are a number only', () => {
    expect(protectedPath('/job-', id), findable).toBe(`/_c_${id}-job-`)
    expect(protectedPath('/jobs/', id), `${findable}: a sequential node may have no name of its own`).toBe(
      `/jobs/_c_${id}-`,
    )
    expect(protectedPath('/a-/a-/a-', id), `${findable}: names may repeat`).toBe(`/a-/a-/_c_${id}-a-`)
  })

  test('the plain path is what it was, at the root and for numbers, too', () => {
    expect(plainPath(`/_c_${id}-job-0000000001`), findable).toBe('/job-0000000001')
    expect(plainPath(`/jobs/_c_${id}-0000000001`), findable).toBe('/jobs/0000000001')
    expect(plainPath(`/jobs/_c_${id.toUpperCase()}-a`), `${findable}: Java may write its letters large`).toBe(
      '/jobs/a',
    )
  })

  test('what only looks like a mark is a name', () => {
    for (const path of [
      '/',
      '/_c_',
      '/jobs/_c_job-1',
      `/jobs/_c_${id}-`,
      `/jobs/_c_${id}`,
      `/jobs/_c_${id.slice(1)}-a`,
      `/jobs/_c_${id}0-a`,
      `/jobs/_c_${id.replace('-', '_')}-a`,
      `/jobs/x_c_${id}-a`,
      `/jobs/c_${id}-a`,
      `/_c_${id}-jobs/a`,
    ]) {
      expect(plainPath(path), `${findable}: ${path}`).toBe(path)
    }
    expect(plainPath(`/_c_${id}-_c_${id}-a`), `${findable}: one mark is taken away`).toBe(`/_c_${id}-a`)
    expect(plainPath(`/_c_${id}-a/_c_${id}-b`), `${findable}: the mark of the last name`).toBe(
      `/_c_${id}-a/b`,
    )
  })

  test('a name is ours when it begins with the whole mark', () => {
    const still = { isEphemeral: true, isSameSession: true }
    const others = [`x_c_${id}-a`, `a-_c_${id}-`, `_c_${id}`, `_c_${id}0-a`, `c_${id}-a`, id, `${id}-a`]
    expect(recognise(others, id, still), `${findable}: ${others}`).toEqual({ type: 'nobody' })
    expect(recognise([], id, still), findable).toEqual({ type: 'nobody' })
    const ours = `_c_${id}-0000000009`
    expect(recognise([...others, ours], id, still), findable).toEqual({ type: 'ours', name: ours })
  })

  test('only an ephemeral node becomes a ghost, and only when its session is lost', () => {
    const name = `_c_${id}-a`
    for (const isEphemeral of [true, false]) {
      for (const isSameSession of [true, false]) {
        const type = isEphemeral && !isSameSession ? 'ghost' : 'ours'
        const how = `${isEphemeral ? 'an ephemeral' : 'a lasting'} node, ${isSameSession ? 'the same' : 'another'} session`
        expect(recognise([name], id, { isEphemeral, isSameSession }), `${findable}: ${how}`).toEqual({
          type,
          name,
        })
      }
    }
    expect(recognise(['a'], id, { isEphemeral: true, isSameSession: false }), findable).toEqual({
      type: 'nobody',
    })
  })
})

describe('D. Judge what has happened', () => {
  test('no data and data of no length are two things', () => {
    expectVerdict(
      create(null),
      'NODEEXISTS',
      found(''),
      'refused',
      'It holds something, though of no length.',
    )
    expectVerdict(create(''), 'NODEEXISTS', found(null), 'refused', 'It holds nothing.')
    expectVerdict(create(null), 'NODEEXISTS', found(null), 'done', 'It holds nothing, as it was to.')
    expectVerdict(set('', 4), 'BADVERSION', found('', 5), 'done', 'It holds what it was to hold.')
    expectVerdict(set(null, 4), 'BADVERSION', found('', 5), 'refused', 'It holds something.')
  })

  test('data is the same when all of it is', () => {
    expectVerdict(create('abc'), 'NODEEXISTS', found('ab'), 'refused', 'It is shorter.')
    expectVerdict(create('ab'), 'NODEEXISTS', found('abc'), 'refused', 'It is longer.')
    expectVerdict(set('abc', 0), 'BADVERSION', found('abd', 1), 'refused', 'The last byte is another.')
    expectVerdict(set('abc', 0), 'BADVERSION', found('abc', 1), 'done', 'It is the same.')
  })

  test('lasting and ephemeral nodes are not taken for each other', () => {
    expectVerdict(create('x'), 'NODEEXISTS', found('x', 0, session), 'refused', 'Ours was to last.')
    expectVerdict(create('x', true), 'NODEEXISTS', found('x'), 'refused', 'Ours was not to last.')
    expectVerdict(
      create('x'),
      'NODEEXISTS',
      found('x', 2, 8n),
      'refused',
      'It was ephemeral from the beginning.',
    )
  })

  test('an ephemeral node of ours is ours whatever it holds by now', () => {
    expectVerdict(
      create('x', true),
      'NODEEXISTS',
      found('y', 3, session),
      'done',
      'Its owner is what counts.',
    )
  })

  test('sessions are told apart to their last bit', () => {
    const twin = found('x', 0, session + 2n ** 60n)
    expectVerdict(create('x', true), 'NODEEXISTS', twin, 'refused', 'Ids have 64 bits.')
  })

  test('what has gone since it was refused cannot be judged', () => {
    expectVerdict(create('x'), 'NODEEXISTS', null, 'unknown', 'Whose was it?')
    expectVerdict(create('x', true), 'NODEEXISTS', null, 'unknown', 'Whose was it?')
    expectVerdict(set('x', 4), 'BADVERSION', null, 'unknown', 'What did it hold?')
    expectVerdict(set('x', 4), 'NONODE', null, 'unknown', 'It may have been set, and then deleted.')
  })

  test('a version that has not come, or has long gone by, tells nothing', () => {
    expectVerdict(set('x', 4), 'BADVERSION', found('x', 6), 'unknown', 'What was in version 5?')
    expectVerdict(set('x', 4), 'BADVERSION', found('x', 0), 'unknown', 'It is another node by now.')
    expectVerdict(set('x', 4), 'BADVERSION', found('x', 4), 'unknown', 'It is another node by now.')
  })

  test('a lasting node that was set since may have been ours, though it holds what we wanted', () => {
    expectVerdict(create('x'), 'NODEEXISTS', found('x', 1), 'unknown', 'What did it hold before?')
  })

  test('every other refusal is one', () => {
    const codes: CodeName[] = ['NOAUTH', 'BADARGUMENTS', 'NOTREADONLY', 'INVALIDACL', 'QUOTAEXCEEDED']
    for (const code of codes) {
      for (const write of [create('x'), create('x', true), set('x', 4), { type: 'delete' } as const]) {
        expectVerdict(
          write,
          code,
          found('x', 5, session),
          'refused',
          `${code} is an answer to what was asked.`,
        )
      }
    }
    expectVerdict(create('x'), 'NONODE', null, 'refused', 'Its parent is missing.')
    expectVerdict(
      { type: 'delete' },
      'BADVERSION',
      found('x', 3),
      'refused',
      'It is there, in another version.',
    )
    expectVerdict({ type: 'delete' }, 'NONODE', found('x'), 'done', 'It was gone, whatever came after.')
  })
})
