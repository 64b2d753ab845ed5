/** What a port with TLS does with those who cannot or will not shake hands, and with those who can. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import tls from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeNetwork } from '../../src/world/node/node-network.ts'
import type { Address, Listener, Tls, TlsKeys } from '../../src/world/world.ts'
import { type Authority, authority, type Certified } from '../interop/certificates.ts'
import { missingPackages } from '../interop/packages.ts'

const missing = missingPackages(['openssl'])
if (missing.length > 0) console.warn('Skipped: ports with TLS. They need openssl, which makes certificates')

describe.skipIf(missing.length > 0)('a port with TLS', { timeout: 30_000 }, () => {
  let ca: Authority
  let others: Authority
  let server: Certified
  let client: Certified
  let stranger: Certified
  beforeAll(() => {
    ca = authority()
    server = ca.certify('server', '/CN=localhost', { names: 'DNS:localhost' })
    client = ca.certify('client', '/CN=ann', { names: 'IP:127.0.0.2' })
    others = authority()
    stranger = others.certify('stranger', '/CN=ann')
  })
  afterAll(() => {
    ca.dispose()
    others.dispose()
  })

  interface Port {
    port: number
    /** What each of those who came in said until he left, or `…` while he is there. */
    came: string[]
    certificates: (Uint8Array | undefined)[]
    refused: string[]
    listener: Listener
  }

  function open(options: Partial<Tls> = {}): Promise<Port> {
    const came: string[] = []
    const certificates: (Uint8Array | undefined)[] = []
    const refused: string[] = []
    return new Promise((resolve, reject) => {
      const listener = nodeNetwork.listen(
        { host: '127.0.0.1', port: 0 },
        connection => {
          const at = came.push('…') - 1
          certificates.push(connection.certificate)
          let said = ''
          return {
            data: chunk => {
              said += new TextDecoder().decode(chunk)
              if (said.endsWith('?')) connection.write(new TextEncoder().encode('yes'))
            },
            closed: error => {
              came[at] = error === undefined ? said : `${said} ${error.message}`
              connection.end()
            },
          }
        },
        result => {
          if ('error' in result) reject(result.error)
          else resolve({ port: result.address.port, came, certificates, refused, listener })
        },
        {
          key: readFileSync(server.key, 'utf8'),
          certificates: readFileSync(server.certificate, 'utf8'),
          trusted: readFileSync(ca.trust, 'utf8'),
          peers: 'need',
          checksAddress: false,
          checksRevocation: false,
          oldest: 'TLSv1.2',
          newest: 'TLSv1.3',
          cipherSuites: null,
          handshakeTime: 30_000,
          handshakesAtMost: 0,
          letsPlainIn: false,
          refused: (_: Address, reason: string) => refused.push(reason),
          ...options,
        },
      )
    })
  }

  /** Asks by TLS; answers with what comes back, or with the error. */
  function ask(port: number, who: Certified | null, options: tls.ConnectionOptions = {}): Promise<string> {
    const own = who === null ? {} : { key: readFileSync(who.key), cert: readFileSync(who.certificate) }
    const trust = { ca: readFileSync(ca.trust), servername: 'localhost' }
    const socket = tls.connect({ port, host: '127.0.0.1', ...trust, ...own, ...options })
    socket.on('secureConnect', () => socket.write('well?'))
    return heardOn(socket)
  }

  /** Says some bytes, and waits for the other side to end. */
  function say(port: number, bytes: string | Uint8Array): Promise<string> {
    const socket = net.connect(port, '127.0.0.1')
    socket.write(bytes)
    return heardOn(socket)
  }

  function heardOn(socket: net.Socket): Promise<string> {
    let heard = ''
    socket.on('data', chunk => {
      heard += chunk
      if (heard === 'yes') socket.end()
    })
    socket.on('error', error => {
      heard += (error as NodeJS.ErrnoException).code
    })
    return new Promise(resolve => socket.on('close', () => resolve(heard)))
  }

  test('hands on what was said, and who has proved to be whom', async () => {
    const { port, came, certificates, refused, listener } = await open()
    expect(await ask(port, client)).toBe('yes')
    expect(await ask(port, client, { maxVersion: 'TLSv1.2' })).toBe('yes')
    listener.close()
    const der = new X509Certificate(readFileSync(client.certificate)).raw
    expect(certificates).toEqual([Uint8Array.from(der), Uint8Array.from(der)])
    expect([came, refused]).toEqual([['well?', 'well?'], []])
  })

  test('shows and believes others once there are other keys, and those who are in stay', async () => {
    let renew: (keys: TlsKeys) => void = () => {}
    let isEnded = false
    const { port, came, refused, listener } = await open({
      renewed(take) {
        renew = take
        return () => {
          isEnded = true
        }
      },
    })
    const own = { key: readFileSync(client.key), cert: readFileSync(client.certificate) }
    const early = tls.connect({ port, ca: readFileSync(ca.trust), servername: 'localhost', ...own })
    await once(early, 'secureConnect')
    const pem = (file: string): string => readFileSync(file, 'utf8')
    renew({ key: pem(stranger.key), certificates: pem(stranger.certificate), trusted: pem(others.trust) })
    const toOthers = { ca: pem(others.trust), checkServerIdentity: () => undefined }
    expect(await ask(port, stranger, toOthers)).toBe('yes')
    expect(await ask(port, client, toOthers), 'the older authority').not.toBe('yes')
    expect(await ask(port, stranger), 'the older certificate').not.toBe('yes')
    early.write('well?')
    expect(await heardOn(early)).toBe('yes')
    listener.close()
    expect([came, isEnded]).toEqual([['well?', 'well?'], true])
    expect(refused[0]).toContain('its certificate is not good')
  })

  test('asks the authority of a certificate whether it has been taken back, now and then', async () => {
    const lists = http.createServer((request, response) => {
      asked.push(request.url!)
      const file = ca.file(path.basename(request.url!))
      if (existsSync(file)) response.end(readFileSync(file))
      else response.writeHead(404).end()
    })
    const asked: string[] = []
    await once(lists.listen(0, '127.0.0.1'), 'listening')
    const at = (name: string): string =>
      `http://127.0.0.1:${(lists.address() as net.AddressInfo).port}/${name}`
    const certified = (name: string, more: Parameters<Authority['certify']>[2] = {}): Certified =>
      ca.certify(name, `/CN=${name}`, { list: at('good.crl'), ...more })
    const [good, former] = [certified('good'), certified('former')]
    ca.listRevoked('good.crl', ['former'])
    ca.listRevoked('old.crl', [], { isLate: true })
    others.listRevoked('foreign.crl', [])
    copyFileSync(others.file('foreign.crl'), ca.file('foreign.crl'))
    // One that vouches for others, and was taken back itself.
    certified('between', { isAuthority: true })
    const below = certified('below', { by: 'between', list: at('below.crl.pem') })
    ca.listRevoked('below.crl', [], { by: 'between' })
    const { port, came, refused, listener } = await open({ checksRevocation: true })
    expect([await ask(port, good), await ask(port, good)]).toEqual(['yes', 'yes'])
    expect(asked, 'a list is kept for a while').toEqual(['/good.crl'])
    const chain = (names: string[]): Certified => {
      const whole = ca.file(`${names.join('-')}.crt`)
      writeFileSync(whole, names.map(name => readFileSync(ca.file(`${name}.crt`), 'utf8')).join(''))
      return { ...below, certificate: whole }
    }
    expect([await ask(port, chain(['below', 'between'])), refused]).toEqual(['yes', []])
    const unwelcome = [
      [former, 'taken back'],
      [client, 'it does not say where that would stand'],
      [certified('lost', { list: at('lost.crl') }), 'the answer is 404'],
      [certified('late', { list: at('old.crl') }), 'out of date'],
      [certified('foreign', { list: at('foreign.crl') }), 'not signed by its authority'],
      [certified('other', { list: at('ca.pem') }), 'no list of certificates'],
    ] as const
    for (const [who, reason] of unwelcome) {
      expect(await ask(port, who), reason).not.toBe('yes')
      expect(refused.splice(0)).toEqual([expect.stringContaining(reason)])
    }
    listener.close()
    ca.listRevoked('good.crl', ['between'])
    const later = await open({ checksRevocation: true })
    expect(await ask(later.port, chain(['below', 'between']))).not.toBe('yes')
    expect(later.refused).toEqual(['its certificate has been taken back'])
    later.listener.close()
    lists.close()
    expect(came).toEqual(['well?', 'well?', 'well?'])
  })

  test('answers who asks and says goodbye at once, and drops who says it before he is in', async () => {
    const { port, came, refused, listener } = await open()
    const own = { key: readFileSync(client.key), cert: readFileSync(client.certificate) }
    const brief = tls.connect({ port, ca: readFileSync(ca.trust), servername: 'localhost', ...own })
    brief.end('well?')
    expect(await heardOn(brief)).toBe('yes')
    const rude = net.connect(port, '127.0.0.1')
    rude.end(Uint8Array.of(0x16, 3, 1))
    expect(await heardOn(rude)).toBe('')
    listener.close()
    expect([came, refused]).toEqual([['well?'], []])
  })

  test('shuts out who shows no certificate, or one that is not good', async () => {
    const { port, came, refused, listener } = await open()
    expect(await ask(port, null)).not.toBe('yes')
    expect(await ask(port, stranger)).not.toBe('yes')
    listener.close()
    expect(came).toEqual([])
    expect(refused).toEqual([
      'it has no certificate',
      // Its authority is called as ours is, and is another.
      'its certificate is not good: CERT_SIGNATURE_FAILURE',
    ])
  })

  test('may let in who has no certificate, but never one that is not good', async () => {
    const { port, certificates, refused, listener } = await open({ peers: 'want' })
    expect(await ask(port, null)).toBe('yes')
    expect(await ask(port, client)).toBe('yes')
    expect(await ask(port, stranger)).not.toBe('yes')
    listener.close()
    expect(certificates.map(each => each !== undefined)).toEqual([false, true])
    expect(refused).toHaveLength(1)
  })

  test('does not take a session that somebody has begun whom it shut out', async () => {
    for (const who of [null, stranger]) {
      const { port, came, refused, listener } = await open()
      const own = who === null ? {} : { key: readFileSync(who.key), cert: readFileSync(who.certificate) }
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const options = { port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion, ...own }
        let session: Buffer | undefined
        const first = tls.connect(options)
        first.on('session', begun => {
          session = begun
        })
        await heardOn(first)
        const again = tls.connect({ ...options, ...(session === undefined ? {} : { session }) })
        again.on('secureConnect', () => again.write('well?'))
        expect(await heardOn(again)).not.toBe('yes')
      }
      listener.close()
      expect([came, refused.length]).toEqual([[], 4])
    }
  })

  test('trusts whoever is named, whoever vouches for him', async () => {
    const { port, refused, listener } = await open({ trusted: readFileSync(client.certificate, 'utf8') })
    expect([await ask(port, client), refused]).toEqual(['yes', []])
    expect(await ask(port, server)).not.toBe('yes')
    listener.close()
  })

  test('may want the address to be in the certificate', async () => {
    const { port, refused, listener } = await open({ checksAddress: true })
    expect(await ask(port, client)).not.toBe('yes')
    listener.close()
    expect(refused).toEqual(['its certificate is for IP Address:127.0.0.2'])
  })

  test('drops noise, plain bytes, and handshakes that stop half-way', async () => {
    const { port, came, refused, listener } = await open({ handshakeTime: 1000 })
    const noise = Uint8Array.from({ length: 3000 }, (_, at) => (at * 7919) % 251)
    await Promise.all([
      say(port, noise),
      say(port, 'ruok'),
      say(port, Uint8Array.of(0x16, 3, 1)),
      say(port, ''),
    ])
    // Who comes and goes is nobody's business.
    net.connect(port, '127.0.0.1').destroy()
    expect(await ask(port, client)).toBe('yes')
    listener.close()
    expect(came).toEqual(['well?'])
    expect(refused.sort()).toEqual([
      'its handshake fails: wrong version number',
      ...Array.from({ length: 3 }, () => 'its handshake takes too long'),
    ])
  })

  test('has room for so many handshakes at a time, and forgets those that are over', async () => {
    const { port, refused, listener } = await open({ handshakesAtMost: 2, handshakeTime: 1000 })
    const slow = [say(port, ''), say(port, '')]
    await new Promise(resolve => setTimeout(resolve, 50))
    expect(await ask(port, client)).not.toBe('yes')
    await Promise.all(slow)
    expect(await ask(port, client)).toBe('yes')
    listener.close()
    expect(refused[0]).toBe('the limit of 2 handshakes under way is reached')
  })

  test('ends the handshakes that are under way when it is closed', async () => {
    const { port, listener } = await open()
    const slow = say(port, '')
    await new Promise(resolve => setTimeout(resolve, 50))
    listener.close()
    expect(await slow).toBe('')
  })

  test('may take plain bytes as well', async () => {
    const { port, came, certificates, refused, listener } = await open({
      letsPlainIn: true,
      handshakeTime: 1000,
    })
    expect(await say(port, 'plain?')).toBe('yes')
    expect(await ask(port, client)).toBe('yes')
    expect(await say(port, '')).toBe('')
    listener.close()
    expect([came, refused]).toEqual([['plain?', 'well?'], []])
    expect(certificates.map(each => each !== undefined)).toEqual([false, true])
  })

  test('speaks the versions and the suites that it is told to', async () => {
    const cipherSuites = ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384', 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256']
    const { port, listener } = await open({ newest: 'TLSv1.2', cipherSuites })
    expect(await ask(port, client, { minVersion: 'TLSv1.3' })).not.toBe('yes')
    expect(await ask(port, client, { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).not.toBe('yes')
    expect(await ask(port, client, { ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' })).toBe('yes')
    listener.close()
    await expect(open({ cipherSuites: ['TLS_NULL_WITH_ROT13'] })).rejects.toThrow(
      'there is no cipher suite TLS_NULL_WITH_ROT13 here',
    )
  })

  test('does not open with a key that is none', async () => {
    await expect(open({ key: 'x' })).rejects.toThrow()
  })
})
