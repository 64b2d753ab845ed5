import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  firstSessionId,
  isPassword,
  judge,
  negotiate,
  nextSessionId,
  password,
} from '#lab/session/handshake.ts'
import { alive, asking, because, hex, host } from '../../../labs/09-sessions/test/door.ts'

const ids = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)

describe('A. Number the sessions', () => {
  test('no server has the first byte of another, and none reaches into it', () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(2 ** 46), (server, clock) => {
        const id = firstSessionId(server, clock)
        expect(BigInt.asIntN(64, id), 'an id has 64 bits and a sign').toBe(id)
        const bits = BigInt.asUintN(64, id)
        const why = because(
          `server ${server}, clock ${clock}`,
          'One byte, five, two',
          'What an id is made of',
        )
        expect(bits >> 56n, why).toBe(BigInt(server))
        expect((bits >> 16n) & 0xff_ffff_ffffn, why).toBe(BigInt(clock) & 0xff_ffff_ffffn)
        expect(bits & 0xffffn, why).toBe(0n)
      }),
    )
  })

  test.each([
    [-1n, 0n],
    [-2n, -1n],
    [0xffffn, 0x10000n],
    [-0x8000_0000_0000_0001n + 1n, -0x7fff_ffff_ffff_ffffn],
  ])('after %s comes %s', (id, next) => {
    expect(nextSessionId(id), because(`after ${hex(id)}`, 'One more', 'What an id is made of')).toBe(next)
  })

  test('a million sessions later all ids are still different, across the turn', () => {
    let id = 0x7fff_ffff_ffff_fff0n
    const seen = new Set<bigint>()
    for (let i = 0; i < 100; i++) {
      seen.add(id)
      id = nextSessionId(id)
      expect(BigInt.asIntN(64, id)).toBe(id)
    }
    expect(seen.size).toBe(100)
    expect(seen.has(-0x8000_0000_0000_0000n), 'the mark of a container').toBe(false)
  })
})

describe('B. Prove whose it is', () => {
  // As the JDK computes them.
  test.each([
    [-0x8000000000000000n, 'f22acd4a97e69d6d20a49bb638eadb38'],
    [BigInt.asIntN(64, 0xff000000000003e8n), '41247b458e6ffad75e52300c02ea7713'],
    [0x1000022688e0001n, '43cdf07b9ded6ed4835555bae24ba861'],
  ])('the password of session %s is what every ZooKeeper computes', (id, expected) => {
    expect(
      hex(password(id)),
      because(`session ${hex(id)}`, 'java.util.Random, 48 bits', 'The password'),
    ).toBe(expected)
  })

  test('of all ids: sixteen bytes, always the same, never another id’s, and not one bit may differ', () => {
    fc.assert(
      fc.property(ids, fc.nat(127), (id, bit) => {
        const right = password(id)
        expect(right.length).toBe(16)
        expect(hex(password(id))).toBe(hex(right))
        expect(isPassword(id, Uint8Array.from(right))).toBe(true)
        const wrong = Uint8Array.from(right, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
        expect(isPassword(id, wrong), because('one bit is another', 'All of it counts', 'The password')).toBe(
          false,
        )
        expect(isPassword(BigInt.asIntN(64, id + 1n), right)).toBe(false)
      }),
    )
  })

  test('what is too short or too long is no password, however it begins', () => {
    const right = password(alive)
    const why = because('half of it; one byte more; none', 'Sixteen bytes, these', 'The password')
    expect(isPassword(alive, right.subarray(0, 8)), why).toBe(false)
    expect(isPassword(alive, right.subarray(0, 15)), why).toBe(false)
    expect(isPassword(alive, Uint8Array.of(...right, 0)), why).toBe(false)
    expect(isPassword(alive, new Uint8Array(0)), why).toBe(false)
    expect(isPassword(alive, null), why).toBe(false)
  })

  test('to ask for a password twice gives two answers that one may write into', () => {
    const first = password(alive)
    first.fill(0)
    expect(isPassword(alive, password(alive))).toBe(true)
  })
})

describe('C. Judge a handshake', () => {
  test.each([
    [4000, 4000],
    [3999, 4000],
    [0, 4000],
    [-5, 4000],
    [40_000, 40_000],
    [40_001, 40_000],
    [0x7fffffff, 40_000],
  ])('who asks for %i ms is granted %i ms', (asked, granted) => {
    const why = because(
      '4000 to 40000 ms',
      'Both ends are allowed',
      'Trap 1: the timeout that you did not ask for',
    )
    expect(negotiate(asked, host), why).toBe(granted)
    expect(judge(asking({ timeOut: asked }), host), why).toEqual({ type: 'create', timeout: granted })
    const back = asking({ timeOut: asked, sessionId: alive, passwd: password(alive) })
    expect(judge(back, host), why).toEqual({ type: 'renew', timeout: granted })
  })

  test('the last transaction applied may have been seen, the next one may not', () => {
    const why = because('we are at 100', 'Refused is who knows more than we do', 'The judgement')
    expect(judge(asking({ lastZxidSeen: 100n }), host), why).toMatchObject({ type: 'create' })
    expect(judge(asking({ lastZxidSeen: 101n }), host), why).toEqual({ type: 'refuse' })
    expect(judge(asking({ lastZxidSeen: 0x1_0000_0000n }), { ...host, lastZxid: 0xffffffffn }), why).toEqual({
      type: 'refuse',
    })
  })

  test('who has seen the future is refused whatever else is wrong, so that a better server may say it', () => {
    const why = because('a dead session, seen 101', 'Refused before expired', 'The judgement')
    expect(judge(asking({ lastZxidSeen: 101n, sessionId: alive + 1n }), host), why).toEqual({
      type: 'refuse',
    })
    expect(judge(asking({ lastZxidSeen: 101n, sessionId: alive, passwd: null }), host), why).toEqual({
      type: 'refuse',
    })
  })

  test('a new session needs no password, and asks nobody whether it lives', () => {
    const nobody = {
      ...host,
      isAlive: (): boolean => {
        throw new Error('session 0 is nobody')
      },
    }
    expect(judge(asking({ passwd: null }), nobody)).toEqual({ type: 'create', timeout: 10_000 })
    expect(judge(asking({ passwd: Uint8Array.of(1) }), nobody)).toEqual({ type: 'create', timeout: 10_000 })
  })

  test('of every session that lives, its password renews and every other one does not', () => {
    fc.assert(
      fc.property(ids, ids, (id, other) => {
        // Java's dice have 48 bits: ids that agree in those have one password.
        fc.pre(id !== 0n && BigInt.asUintN(48, id) !== BigInt.asUintN(48, other))
        const all = { ...host, isAlive: () => true }
        const why = because(`session ${hex(id)}`, 'The password decides', 'The judgement')
        expect(judge(asking({ sessionId: id, passwd: password(id) }), all), why).toMatchObject({
          type: 'renew',
        })
        expect(judge(asking({ sessionId: id, passwd: password(other) }), all), why).toEqual({
          type: 'expired',
        })
        const none = { ...host, isAlive: () => false }
        expect(judge(asking({ sessionId: id, passwd: password(id) }), none), why).toEqual({ type: 'expired' })
      }),
    )
  })
})
