/** The client's half of DIGEST-MD5, by node's own crypto, with whatever one wants to say wrongly. */
import { createHash } from 'node:crypto'

export interface Said {
  user: string
  password: string
  /** In the place of what an honest client says. */
  realm?: string
  nonce?: string
  uri?: string
  count?: string
  authzid?: string
  /** After all of it. */
  more?: string
}

export function responseTo(challenge: string, said: Said): Uint8Array {
  const { user, password, authzid, more, count = '00000001', uri = 'zookeeper/zk-sasl-md5' } = said
  const { realm = 'zk-sasl-md5', nonce = /nonce="(.*?)"/.exec(challenge)![1]! } = said
  const secret = createHash('md5').update(`${user}:${realm}:${password}`).digest()
  const rest = [nonce, 'c', ...(authzid === undefined ? [] : [authzid])].map(part => `:${part}`).join('')
  const key = md5(Buffer.concat([secret, Buffer.from(rest)]))
  const proof = md5(`${key}:${nonce}:${count}:c:auth:${md5(`AUTHENTICATE:${uri}`)}`)
  const parts = [
    `username="${user}",realm="${realm}",nonce="${nonce}",cnonce="c",nc=${count},qop=auth`,
    `digest-uri="${uri}",response=${proof}`,
    ...(authzid === undefined ? [] : [`authzid="${authzid}"`]),
    ...(more === undefined ? [] : [more]),
  ]
  return Buffer.from(parts.join(','))
}

function md5(what: string | Buffer): string {
  return createHash('md5').update(what).digest('hex')
}
