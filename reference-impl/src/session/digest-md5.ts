/**
 * SASL's DIGEST-MD5, the server's half: a challenge goes out, a response comes in that only somebody who knows the
 * password can compute, and our answer proves that we know it too. The password itself never travels.
 *
 * MD5 is no shield any more, and nothing that follows the exchange is encrypted: behind TLS it is as good as any password,
 * without TLS it keeps out those who only listen for one.
 * Source: RFC 2831, as Java's DigestMD5Server reads it; names as Apache's SaslServerCallbackHandler and clients fix them.
 */
import { md5 } from '@noble/hashes/legacy.js'

/** What clients call the service, instead of the name of a host that they may not know. */
export const serverName = 'zk-sasl-md5'
const service = `zookeeper/${serverName}`

export interface SaslUsers {
  /** Who may log in, with the passwords. */
  passwords: ReadonlyMap<string, string>
  /** Bytes that nobody can guess, different every time. */
  random(count: number): Uint8Array
  /** Who of them may do everything, besides the one that `superUser` names. */
  superUsers?: ReadonlySet<string>
}

/** One exchange. `evaluate` takes a token of the client's and gives the next one of ours; null: the exchange has failed. */
export interface Exchange {
  evaluate(token: Uint8Array): Uint8Array | null
  /** Who has logged in; null while nobody has. */
  user(): string | null
}

export function digestMd5(users: SaslUsers): Exchange {
  let state: 'new' | 'challenged' | 'over' = 'new'
  let nonce = ''
  let user: string | null = null

  return {
    user: () => user,
    evaluate(token) {
      if (state === 'new') {
        // What a client says before it is asked is not looked at.
        state = 'challenged'
        nonce = base64(users.random(30))
        return utf8(`realm="${serverName}",nonce="${nonce}",charset=utf-8,algorithm=md5-sess`)
      }
      if (state === 'over') {
        user = null
        return null
      }
      state = 'over'
      const said = directives(token)
      if (said === null || !isToTheChallenge(said, nonce)) return null
      const { username } = said
      const password = users.passwords.get(username!)
      if (password === undefined) return null
      if (said.response !== proof(said, password, 'AUTHENTICATE')) return null
      user = username!
      return utf8(`rspauth=${proof(said, password, '')}`)
    },
  }
}

/** What one of the two says: values by their names. */
export type Directives = Readonly<Record<string, string | undefined>>

/** Does the client answer to what it was asked, whoever it is? */
function isToTheChallenge(said: Directives, nonce: string): boolean {
  return (
    said.username !== undefined &&
    said.cnonce !== undefined &&
    said.nonce === nonce &&
    (said.realm ?? '') === serverName &&
    Number.parseInt(said.nc ?? '', 16) === 1 &&
    (said.qop ?? 'auth') === 'auth' &&
    said['digest-uri']?.toLowerCase() === service &&
    (said.charset ?? 'utf-8') === 'utf-8' &&
    /^\d{1,9}$/.test(said.maxbuf ?? '65536')
  )
}

/** What proves that one knows the password: the client's has `AUTHENTICATE` in it, ours nothing in its place. */
export function proof(said: Directives, password: string, method: 'AUTHENTICATE' | ''): string {
  const { username, realm = '', nonce, cnonce, nc, authzid, qop = 'auth' } = said
  const secret = md5(latinOrUtf8(`${username}:${realm}:${password}`))
  const rest = utf8(`:${nonce}:${cnonce}${authzid === undefined ? '' : `:${authzid}`}`)
  const key = hex(md5(Uint8Array.of(...secret, ...rest)))
  const what = hex(md5(utf8(`${method}:${said['digest-uri']}`)))
  return hex(md5(utf8(`${key}:${nonce}:${nc}:${cnonce}:${qop}:${what}`)))
}

/** The RFC has no longer response than this. */
const longest = 4096

/** `name=value` and `name="value"` with commas between them; null when that is not what it is, or a name comes twice. */
export function directives(token: Uint8Array): Directives | null {
  if (token.length > longest) return null
  const text = new TextDecoder().decode(token)
  const found: Record<string, string> = {}
  const one = /[\s,]*([^\s=,"]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,"]*))\s*(?:,|$)/sy
  while (one.lastIndex < text.length) {
    const [, name, quoted, plain] = one.exec(text) ?? []
    if (name === undefined || Object.hasOwn(found, name)) return null
    found[name] = quoted === undefined ? plain! : quoted.replace(/\\(.)/gs, '$1')
  }
  return found
}

const encoder = new TextEncoder()

export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Names and passwords are hashed in ISO 8859-1 where that has all their characters. */
function latinOrUtf8(text: string): Uint8Array {
  const isLatin = [...text].every(char => char.codePointAt(0)! < 0x100)
  return isLatin ? Uint8Array.from(text, char => char.charCodeAt(0)) : utf8(text)
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
}

export function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
