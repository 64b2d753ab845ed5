import { describe, expect, test } from 'vitest'
import {
  firstSessionId,
  isPassword,
  judge,
  negotiate,
  nextSessionId,
  password,
} from '#lab/session/handshake.ts'
import { alive, asking, because, hex, host } from './door.ts'

describe('A. Number the sessions', () => {
  test("the first id is the server's number, then the clock, then room for more", () => {
    expect(
      hex(firstSessionId(1, 0x126861)),
      because(
        'server 1 starts when its clock shows 0x126861 ms',
        'One byte, five bytes, two bytes',
        'What an id is made of',
      ),
    ).toBe('0x100001268610000')
  })

  test('of the clock only the lowest five bytes count', () => {
    const [now, later] = [0x19aa5c1d2e0, 0x19aa5c1d2e0 + 2 ** 40]
    expect(
      hex(firstSessionId(2, later)),
      because(
        'two clocks that differ by 2 to the 40th',
        'There is no room for more',
        'What an id is made of',
      ),
    ).toBe(hex(firstSessionId(2, now)))
  })

  test('an id is a 64-bit number with a sign', () => {
    expect(
      firstSessionId(200, 1),
      because('server 200', 'Its byte begins with a 1, so the id is negative', 'What an id is made of'),
    ).toBe(-0x37ffffffffff0000n)
  })

  test('ids count up', () => {
    expect(nextSessionId(7n), because('after 7', 'One more', 'What an id is made of')).toBe(8n)
  })

  test('the mark of a container is no session', () => {
    expect(
      nextSessionId(0x7fffffffffffffffn),
      because('after the largest', 'The next number marks containers', 'What an id is made of'),
    ).toBe(-0x7fffffffffffffffn)
  })
})

describe('B. Prove whose it is', () => {
  test.each([
    [1n, '054cc74a37327db215e702e20c73f005'],
    [0x0100018bcfe56800n, '8b0846ad2489fb312884aba76d164e68'],
  ])('the password of session %s is what every ZooKeeper computes', (id, expected) => {
    expect(
      hex(password(id)),
      because(`session ${hex(id)}`, 'Four numbers of Java, each with its last byte first', 'The password'),
    ).toBe(expected)
  })

  test('the right password is known, and no other', () => {
    const right = password(alive)
    const wrong = Uint8Array.from(right, (byte, at) => (at === 15 ? byte ^ 1 : byte))
    const why = because('of one session', 'All sixteen bytes count', 'The password')
    expect(isPassword(alive, right), why).toBe(true)
    expect(isPassword(alive, wrong), why).toBe(false)
    expect(isPassword(alive, null), why).toBe(false)
  })
})

describe('C. Judge a handshake', () => {
  test.each([
    [10_000, 10_000],
    [1, 4000],
    [1_000_000, 40_000],
  ])('who asks for %i ms is granted %i ms', (asked, granted) => {
    expect(
      negotiate(asked, host),
      because(
        '4000 to 40000 ms are allowed',
        'The server decides',
        'Trap 1: the timeout that you did not ask for',
      ),
    ).toBe(granted)
  })

  test('who has no session gets one', () => {
    expect(judge(asking({}), host), because('session 0', '0 asks for a new one', 'The judgement')).toEqual({
      type: 'create',
      timeout: 10_000,
    })
  })

  test('who comes back with the password has it again, with a timeout agreed anew', () => {
    expect(
      judge(asking({ sessionId: alive, passwd: password(alive), timeOut: 1 }), host),
      because('a session that lives, its password, 1 ms', 'Each handshake agrees anew', 'The judgement'),
    ).toEqual({ type: 'renew', timeout: 4000 })
  })

  test('who comes too late, or without the password, is told the same', () => {
    const why = because(
      'a dead session; a wrong password',
      'Both are "expired"',
      'Trap 2: the password that was lost',
    )
    expect(judge(asking({ sessionId: alive + 1n, passwd: password(alive + 1n) }), host), why).toEqual({
      type: 'expired',
    })
    expect(judge(asking({ sessionId: alive }), host), why).toEqual({ type: 'expired' })
  })

  test('who has seen the future is sent away', () => {
    expect(
      judge(asking({ lastZxidSeen: 101n }), host),
      because('seen 101, and we are at 100', 'Time must not go backwards', 'The judgement'),
    ).toEqual({ type: 'refuse' })
  })
})
