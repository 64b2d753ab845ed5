/** The program on a port with TLS: what strangers throw at it leaves nothing behind. */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Authority, authority } from '../interop/certificates.ts'
import { missingPackages } from '../interop/packages.ts'
import { runToEnd, startServer } from './start.ts'

const missing = missingPackages(['openssl'])
if (missing.length > 0)
  console.warn('Skipped: the program with TLS. It needs openssl, which makes certificates')

describe.skipIf(missing.length > 0)('a server with TLS', { timeout: 30_000 }, () => {
  let ca: Authority
  beforeAll(() => {
    ca = authority()
    ca.certify('server', '/CN=localhost', { names: 'DNS:localhost' })
    ca.certify('ann', '/CN=ann')
  })
  afterAll(() => ca.dispose())

  const stores = () => `ssl.keyStore.location=${ca.file('server.pem')}\nssl.trustStore.location=${ca.trust}\n`

  /** All that comes back until the server hangs up. */
  function heardOn(socket: net.Socket): Promise<string> {
    let heard = ''
    socket.on('data', chunk => {
      heard += chunk
    })
    socket.on('error', () => {})
    return new Promise(resolve => socket.on('close', () => resolve(heard)))
  }

  function word(port: number, text: string): Promise<string> {
    const own = { key: readFileSync(ca.file('ann.key')), cert: readFileSync(ca.file('ann.crt')) }
    const socket = tls.connect({ port, ca: readFileSync(ca.trust), servername: 'localhost', ...own })
    socket.write(text)
    return heardOn(socket)
  }

  test('answers words by it, and is not hurt by noise before, in and after a handshake', async () => {
    const cfg = `secureClientPort=0\nsecureClientPortAddress=127.0.0.1\n4lw.commands.whitelist=*\n${stores()}`
    await using server = await startServer({ cfg })
    const port = Number(/TLS on 127\.0\.0\.1:(\d+)/.exec(server.greeting)![1])
    expect(await word(port, 'ruok')).toBe('imok')
    const noise = Array.from({ length: 40 }, (_, at) => {
      const socket = net.connect(port, '127.0.0.1')
      // What looks like a handshake, what does not, and what goes on after it has begun.
      const bytes = randomBytes(at * 50)
      if (at % 3 !== 0) bytes.set([0x16, 3, 1], 0)
      socket.end(bytes)
      return heardOn(socket)
    })
    const inside = Array.from({ length: 10 }, () =>
      word(port, `\0\0\0\x08${randomBytes(8).toString('latin1')}`),
    )
    await Promise.all([...noise, ...inside])
    expect(await word(port, 'srvr')).toContain('Connections: 1\n')
    expect(server.log.join('\n')).toContain('its handshake fails')
  })

  test('does not start without a key that it can use, or with a suite that is none', async () => {
    const started = (name: string, more: string) => {
      const cfg = `dataDir=${ca.file('data')}\nsecureClientPort=0\nssl.trustStore.location=${ca.trust}\n${more}`
      writeFileSync(ca.file(name), cfg)
      return runToEnd([ca.file(name)])
    }
    const [keyless, suiteless] = await Promise.all([
      started('keyless.cfg', `ssl.keyStore.location=${ca.file('ann.crt')}\n`),
      started('suiteless.cfg', `${stores()}ssl.ciphersuites=TLS_NULL_WITH_ROT13\n`),
    ])
    expect(keyless).toMatchObject({
      code: 2,
      err: `zk-server: ssl.keyStore.location=${ca.file('ann.crt')}: there is no private key in it together with its certificate\n`,
    })
    expect(suiteless.code).toBe(1)
    expect(suiteless.err).toContain('there is no cipher suite TLS_NULL_WITH_ROT13 here')
  })
})
