import { describe, expect, test } from 'vitest'
import { firstSessionId, type Host, judge, nextSessionId, password } from '../../src/session/handshake.ts'
import type { ConnectRequest } from '../../src/wire/records.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('a password', () => {
  // As the JDK computes them.
  test.each([
    [1n, '054cc74a37327db215e702e20c73f005'],
    [0x0100018bcfe56800n, '8b0846ad2489fb312884aba76d164e68'],
    [-0x8000000000000000n, 'f22acd4a97e69d6d20a49bb638eadb38'],
    [BigInt.asIntN(64, 0xff000000000003e8n), '41247b458e6ffad75e52300c02ea7713'],
  ])('of session %s is what every ZooKeeper computes', (id, expected) => {
    expect(hex(password(id))).toBe(expected)
  })
})

describe('a session id', () => {
  test("begins with its server's number and goes on with the clock", () => {
    expect(firstSessionId(1, 0x126861)).toBe(0x0100001268610000n)
  })

  test('of a server beyond 127 is negative, as 64 bits go', () => {
    expect(BigInt.asUintN(64, firstSessionId(200, 1)) >> 56n).toBe(200n)
    expect(firstSessionId(200, 1)).toBeLessThan(0n)
  })

  test('keeps the low bits of a clock that has outgrown its room', () => {
    expect(firstSessionId(1, 2 ** 40 + 5)).toBe(firstSessionId(1, 5))
  })

  test('counts up and leaves out the mark of a container', () => {
    expect(nextSessionId(7n)).toBe(8n)
    expect(nextSessionId(0x7fffffffffffffffn)).toBe(-0x7fffffffffffffffn)
  })
})

describe('a connect request', () => {
  const alive = 0x100000000000001n
  const host: Host = {
    lastZxid: 100n,
    minSessionTimeout: 4000,
    maxSessionTimeout: 40_000,
    isAlive: session => session === alive,
  }
  const asking = (changes: Partial<ConnectRequest>): ConnectRequest => ({
    protocolVersion: 0,
    lastZxidSeen: 0n,
    timeOut: 10_000,
    sessionId: 0n,
    passwd: new Uint8Array(16),
    ...changes,
  })

  test.each([
    [10_000, 10_000],
    [1, 4000],
    [0, 4000],
    [-5, 4000],
    [1_000_000, 40_000],
  ])('for %i ms is granted %i ms', (timeOut, timeout) => {
    expect(judge(asking({ timeOut }), host)).toEqual({ type: 'create', timeout })
  })

  test('for a session that lives, with its password, renews it, with a timeout agreed anew', () => {
    const request = asking({ sessionId: alive, passwd: password(alive), timeOut: 5000 })
    expect(judge(request, host)).toEqual({ type: 'renew', timeout: 5000 })
  })

  test.each([
    ['another password', alive, password(alive + 1n)],
    ['no password', alive, null],
    ['half a password', alive, password(alive).subarray(0, 8)],
    ['a session that is gone', alive + 1n, password(alive + 1n)],
  ])('with %s is told that the session has expired', (_, sessionId, passwd) => {
    expect(judge(asking({ sessionId, passwd }), host)).toEqual({ type: 'expired' })
  })

  test('from a client that has seen the future is refused, whatever else it says', () => {
    expect(judge(asking({ lastZxidSeen: 101n }), host)).toEqual({ type: 'refuse' })
    expect(judge(asking({ lastZxidSeen: 101n, sessionId: alive + 1n }), host)).toEqual({ type: 'refuse' })
    expect(judge(asking({ lastZxidSeen: 100n }), host)).toMatchObject({ type: 'create' })
  })
})
