/** The program on a port with TLS: what strangers throw at it leaves nothing behind. */
import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import type http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import { text } from 'node:stream/consumers'
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

  test('shows a new certificate once its file has another, and keeps the older when that is no good', async () => {
    ca.certify('next', '/CN=localhost', { names: 'DNS:localhost' })
    copyFileSync(ca.file('server.pem'), ca.file('kept.pem'))
    const own = `ssl.keyStore.location=${ca.file('kept.pem')}\nssl.trustStore.location=${ca.trust}\n`
    const cfg = `secureClientPort=0\nsecureClientPortAddress=127.0.0.1\nclient.certReload=true\n${own}`
    await using server = await startServer({ cfg })
    const port = Number(/TLS on 127\.0\.0\.1:(\d+)/.exec(server.greeting)![1])
    const shown = async (): Promise<string | undefined> => {
      const socket = tls.connect({ port, ca: readFileSync(ca.trust), servername: 'localhost' })
      // Who shows nothing is turned away, but sees first who does it.
      socket.on('error', () => {})
      await once(socket, 'secureConnect')
      const certificate = socket.getPeerX509Certificate()
      socket.destroy()
      return certificate?.serialNumber
    }
    const serialOf = (name: string): string => new X509Certificate(readFileSync(ca.file(name))).serialNumber
    expect(await shown()).toBe(serialOf('server.crt'))
    copyFileSync(ca.file('next.pem'), ca.file('kept.pem'))
    await server.said('kept.pem has been read again')
    expect(await shown()).toBe(serialOf('next.crt'))
    writeFileSync(ca.file('kept.pem'), 'half of a certifi')
    await server.said('kept.pem: it is neither PEM nor PKCS12 nor JKS. It has changed, and is not used')
    expect(await shown()).toBe(serialOf('next.crt'))
  })

  test('has an AdminServer that takes https where it is told to, and knows who comes by it', async () => {
    const files = `ssl.quorum.keyStore.location=${ca.file('server.pem')}\nssl.quorum.trustStore.location=${ca.trust}\n`
    const admin = 'admin.serverPort=0\nadmin.serverAddress=127.0.0.1\nadmin.portUnification=true\n'
    const logins = `authProvider.1=org.apache.zookeeper.server.auth.X509AuthenticationProvider\nX509AuthenticationProvider.superUser=CN=ann\n`
    const cfg = `${admin}admin.needClientAuth=true\n${files}${logins}`
    await using server = await startServer({ cfg })
    const port = Number(/:(\d+)$/.exec(await server.said('the AdminServer listens'))![1])
    const own = { key: readFileSync(ca.file('ann.key')), cert: readFileSync(ca.file('ann.crt')) }
    const ask = async (command: string, options: https.RequestOptions = {}): Promise<[number, string]> => {
      const url = `https://localhost:${port}/commands/${command}`
      const request = https.get(url, { ca: readFileSync(ca.trust), agent: false, ...options })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      expect(response.headers['strict-transport-security']).toContain('max-age=86400')
      return [response.statusCode ?? 0, await text(response)]
    }
    expect(await ask('ruok', own)).toEqual([200, '{"command":"ruok","error":null}\n'])
    await expect(ask('ruok'), 'without a certificate').rejects.toThrow()
    const byX509 = { ...own, headers: { authorization: 'x509' } }
    expect((await ask('snapshot?streaming=false', byX509))[0], 'she may do everything').toBe(200)
    expect((await ask('snapshot', { ...own, headers: { authorization: 'x509 ann' } }))[0]).toBe(429)
    const plain = await fetch(`http://127.0.0.1:${port}/commands/ruok`)
    expect(plain.headers.has('strict-transport-security')).toBe(false)
    expect(await plain.json()).toEqual({ command: 'ruok', error: null })
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
