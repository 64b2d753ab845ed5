/**
 * SASL's DIGEST-MD5, the client's half: what to say to a server's challenge, and what a server says to that which knows
 * the password, too. One that only pretends to be the server learns nothing and is found out.
 * Source: RFC 2831, as Java's DigestMD5Client speaks it; names as Apache's ZooKeeperSaslClient fixes them.
 */
import { base64, type Directives, directives, proof, serverName, utf8 } from './digest-md5.ts'

export interface SaslLogin {
  username: string
  password: string
  /** What the servers call their service and themselves; `zookeeper` and `zk-sasl-md5` unless somebody has changed Apache's code. */
  service?: string
  host?: string
}

/** How many bytes nobody can guess an answer needs. */
export const saltLength = 30

/** The response to a challenge, and the token that proves the server; null where the challenge is none that we can meet. */
export function answerChallenge(
  challenge: Uint8Array,
  { username, password, service = 'zookeeper', host = serverName }: SaslLogin,
  salt: Uint8Array,
): { response: Uint8Array; proof: string } | null {
  const asked = directives(challenge)
  if (asked?.nonce === undefined || !isKnown(asked)) return null
  const said: Directives = {
    username,
    ...(asked.realm === undefined ? {} : { realm: asked.realm }),
    nonce: asked.nonce,
    cnonce: base64(salt),
    nc: '00000001',
    qop: 'auth',
    'digest-uri': `${service}/${host}`,
    ...(asked.charset === undefined ? {} : { charset: asked.charset }),
  }
  const response = { ...said, response: proof(said, password, 'AUTHENTICATE') }
  return {
    response: utf8(
      Object.entries(response)
        .map(([name, value]) => `${name}=${bare.has(name) ? value : quoted(value!)}`)
        .join(','),
    ),
    proof: `rspauth=${proof(said, password, '')}`,
  }
}

function isKnown({ qop = 'auth', charset = 'utf-8', algorithm }: Directives): boolean {
  return algorithm === 'md5-sess' && charset === 'utf-8' && qop.split(/[\s,]+/).includes('auth')
}

/** What stands without quotes. */
const bare: ReadonlySet<string> = new Set(['nc', 'qop', 'charset', 'response'])

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`
}
