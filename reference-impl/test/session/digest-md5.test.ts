import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestMd5, type Exchange } from '../../src/session/digest-md5.ts'
import { answerChallenge } from '../../src/session/digest-md5-client.ts'

/** An exchange that kazoo and Apache's server had. */
const recorded = {
  challenge:
    'realm="zk-sasl-md5",nonce="DHwQgPpYUNRcMEwIpO5EeqM+ak68Yca3y16HLmRl",charset=utf-8,algorithm=md5-sess',
  response:
    'qop=auth,realm="zk-sasl-md5",username="bob",nonce="DHwQgPpYUNRcMEwIpO5EeqM+ak68Yca3y16HLmRl",cnonce="9399810043824648",nc=00000001,digest-uri="zookeeper/zk-sasl-md5",response=dd1ff749d453babaf619b7b18c748339',
  proof: 'rspauth=039f34a59d75ad0d518baf25fd72d265',
}
const nonce = /nonce="(.*?)"/.exec(recorded.challenge)![1]!

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (token: Uint8Array | null) => token && new TextDecoder().decode(token)

function exchange(): Exchange {
  return digestMd5({
    passwords: new Map([['bob', 'bobsecret']]),
    random: count => Uint8Array.from(Buffer.from(nonce, 'base64')).subarray(0, count),
  })
}

/** The answer to a response, and who is logged in by it. */
function answerTo(response: string): [string | null, string | null] {
  const one = exchange()
  one.evaluate(bytes(''))
  return [text(one.evaluate(bytes(response))), one.user()]
}

describe('an exchange by DIGEST-MD5', () => {
  test("says what Apache's server said", () => {
    const one = exchange()
    expect(text(one.evaluate(bytes('')))).toBe(recorded.challenge)
    expect(one.user()).toBe(null)
    expect(text(one.evaluate(bytes(recorded.response)))).toBe(recorded.proof)
    expect(one.user()).toBe('bob')
  })

  test('has an end: who goes on is logged in no more', () => {
    const one = exchange()
    one.evaluate(bytes(''))
    one.evaluate(bytes(recorded.response))
    expect(one.evaluate(bytes(''))).toBe(null)
    expect(one.user()).toBe(null)
  })

  test('does not look at what is said before the challenge', () => {
    expect(text(exchange().evaluate(bytes(recorded.response)))).toBe(recorded.challenge)
  })

  test.each([
    ['the password is another', 'dd1ff749', 'dd1ff748'],
    ['the user is unknown', 'username="bob"', 'username="ann"'],
    ['nobody is named', 'username="bob",', ''],
    ['it answers another challenge', 'nonce="DHwQ', 'nonce="DHwR'],
    ['it is meant for another service', 'zookeeper/zk-sasl-md5', 'imap/zk-sasl-md5'],
    ['it is meant for another realm', 'realm="zk-sasl-md5"', 'realm="other"'],
    ['it has no realm', 'realm="zk-sasl-md5",', ''],
    ['it counts wrong', 'nc=00000001', 'nc=00000002'],
    ['it wants the rest to be signed', 'qop=auth', 'qop=auth-int'],
    ['it is in another alphabet', 'qop=auth', 'qop=auth,charset=latin'],
    ['it says a thing twice', 'qop=auth', 'qop=auth,qop=auth'],
    ['a quote is not closed', 'username="bob"', 'username="bob'],
    ['it is too long', 'qop=auth', `qop=auth,x="${'x'.repeat(4096)}"`],
  ])('fails when %s', (_, part, other) => {
    expect(recorded.response).toContain(part)
    expect(answerTo(recorded.response.replaceAll(part, other))).toEqual([null, null])
  })

  test.each([
    ['spaces stand between its parts', 'qop=auth,', 'qop=auth , '],
    ['it says what is not known', 'qop=auth', 'qop=auth,x="y",charset=utf-8,maxbuf=65536'],
  ])('goes on when %s', (_, part, other) => {
    expect(answerTo(recorded.response.replace(part, other))).toEqual([recorded.proof, 'bob'])
  })

  test('takes any bytes for what they are, and never breaks', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(recorded.response.length), (noise, at) => {
        const token = bytes(recorded.response)
        token.set(noise.subarray(0, token.length - at), at)
        const one = exchange()
        one.evaluate(noise)
        const answer = one.evaluate(token)
        expect(answer === null).toBe(one.user() === null)
      }),
      { numRuns: 300 },
    )
  })
})

describe("the client's half of it", () => {
  const bob = { username: 'bob', password: 'bobsecret' }
  const salt = Uint8Array.from(Buffer.from('9399810043824648', 'base64'))
  const answer = (challenge: string, login = bob) => answerChallenge(bytes(challenge), login, salt)

  test("proves what kazoo proved, and knows Apache's proof", () => {
    const { response, proof } = answer(recorded.challenge)!
    expect(text(response)).toContain(/response=\w+/.exec(recorded.response)![0])
    expect(proof).toBe(recorded.proof)
  })

  test('logs in whoever knows the password, whatever he is called, and nobody else', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(name, name, name, (username, password, other) => {
        const one = digestMd5({ passwords: new Map([[username, password]]), random: n => new Uint8Array(n) })
        const said = answerChallenge(one.evaluate(bytes(''))!, { username, password: other }, salt)!
        const answered = text(one.evaluate(said.response))
        expect(answered).toBe(password === other ? said.proof : null)
        expect(one.user()).toBe(password === other ? username : null)
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    ['has no nonce', /nonce=".*?"/, 'x=y'],
    ['wants all that follows to be signed', /charset/, 'qop="auth-int",charset'],
    ['is in another alphabet', /utf-8/, 'latin'],
    ['counts by other rules', /md5-sess/, 'md5'],
    ['says a thing twice', /charset=utf-8/, 'realm="x"'],
  ])('does not answer a challenge that %s', (_, part, other) => {
    expect(recorded.challenge).toMatch(part)
    expect(answer(recorded.challenge.replace(part, other))).toBe(null)
  })

  test('takes what it knows out of what is offered', () => {
    expect(answer(recorded.challenge.replace('charset', 'qop="auth-int, auth",charset'))).not.toBe(null)
  })
})
