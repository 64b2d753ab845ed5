/** What a zoo.cfg says of TLS, and the files that it names. */
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientFiles, keysIn } from '../../bin/stores.ts'
import { parseConfig } from '../../src/server/config.ts'
import { portsOf } from '../../src/server/ports.ts'
import { type Settings, schemesOf } from '../../src/server/settings.ts'
import { type Authority, authority, type Certified } from '../interop/certificates.ts'
import { missingPackages } from '../interop/packages.ts'

const stores = 'ssl.keyStore.location=/k\nssl.trustStore.location=/t\n'
const keys = { key: 'k', certificates: 'c', trusted: 't' }

function faultsOf(cfg: string): string[] {
  const config = parseConfig(`dataDir=/data\n${cfg}`)
  return 'errors' in config ? config.errors.map(({ line, text }) => `${line}: ${text}`) : []
}

function settingsOf(cfg: string): Settings {
  const config = parseConfig(`dataDir=/data\n${cfg}`)
  if ('errors' in config) throw new Error(JSON.stringify(config.errors))
  expect(config.warnings).toEqual([])
  return config.settings
}

describe('ports with TLS', () => {
  test('may stand beside the usual one, or in its place', () => {
    const both = settingsOf(`clientPort=2181\nsecureClientPort=2281\nsecureClientPortAddress=::1\n${stores}`)
    const { client, secure } = portsOf(both, keys)
    expect(client).not.toHaveProperty('tls')
    expect(secure).toMatchObject({
      address: { host: '::1', port: 2281 },
      tls: {
        ...keys,
        peers: 'need',
        checksAddress: false,
        oldest: 'TLSv1.2',
        newest: 'TLSv1.3',
        cipherSuites: null,
        handshakesAtMost: 0,
        letsPlainIn: false,
      },
    })
    expect(schemesOf(both)).toEqual(new Set(['digest', 'ip', 'x509']))
    expect(Object.keys(portsOf(settingsOf(`secureClientPort=2281\n${stores}`), keys))).toEqual(['secure'])
  })

  test('may be one for both', () => {
    const { client } = portsOf(settingsOf(`clientPort=1\nclient.portUnification=true\n${stores}`), keys)
    expect(client!.tls!.letsPlainIn).toBe(true)
  })

  test('are as the file says', () => {
    const lines = [
      'zookeeper.ssl.clientAuth=WANT',
      'ssl.enabledProtocols=TLSv1.3',
      'ssl.ciphersuites=TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384',
      'ssl.clientHostnameVerification=true',
      'netty.server.outstandingHandshake.limit=7',
      'ssl.authProvider=x509',
    ]
    const settings = settingsOf(`secureClientPort=1\n${stores}${lines.join('\n')}`)
    expect(portsOf(settings, keys).secure!.tls).toMatchObject({
      peers: 'want',
      oldest: 'TLSv1.3',
      cipherSuites: ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384'],
      checksAddress: true,
      handshakesAtMost: 7,
    })
    const older = settingsOf(
      `secureClientPort=1\n${stores}ssl.protocol=TLSv1.2\nssl.hostnameVerification=false`,
    )
    expect(portsOf(older, keys).secure!.tls).toMatchObject({ oldest: 'TLSv1.2', newest: 'TLSv1.2' })
  })

  test('need what they need', () => {
    expect(faultsOf('')).toEqual(['0: clientPort is missing: add a line clientPort=2181'])
    expect(faultsOf('secureClientPort=1')).toEqual([
      '2: ssl.keyStore.location is missing: a port with TLS needs a key and its certificate',
      '2: ssl.trustStore.location is missing: name the certificates that clients are checked by, or add ssl.clientAuth=none',
    ])
    expect(faultsOf('secureClientPort=1\nssl.clientAuth=none\nssl.keyStore.location=k')).toEqual([])
  })

  test.each([
    ['ssl.clientAuth=maybe', 'must be none, want or need, for example need'],
    ['ssl.keyStore.type=BCFKS', 'must be JKS, PEM or PKCS12, for example PKCS12'],
    ['ssl.protocol=SSLv3', 'must be TLSv1.2 or TLSv1.3, for example TLSv1.3'],
    ['X509AuthenticationProvider.superUser=ann', 'must be a distinguished name, for example CN=admin,O=Acme'],
    ['ssl.authProvider=mine', 'must be x509, or left out, for example x509'],
  ])('do not take %s', (line, fault) => {
    expect(faultsOf(`clientPort=1\n${line}`)).toEqual([`3: ${line}: ${fault}`])
  })

  test('do not take a version that is no good', () => {
    expect(faultsOf(`clientPort=1\n${stores}ssl.enabledProtocols=TLSv1.2,TLSv1.1`)).toEqual([
      '5: ssl.enabledProtocols: TLSv1.1 is not here: name TLSv1.3, TLSv1.2 or both',
    ])
  })
})

const missing = missingPackages(['openssl'])
if (missing.length > 0) console.warn('Skipped: key stores. They need openssl, which makes certificates')

describe.skipIf(missing.length > 0)('a store', () => {
  let ca: Authority
  let server: Certified
  beforeAll(() => {
    ca = authority()
    server = ca.certify('server', '/CN=localhost', { kind: 'rsa' })
    ca.certify('other', '/CN=other')
  })
  afterAll(() => ca.dispose())

  const read = (keyStore: string, more = '') =>
    keysIn(
      clientFiles(
        settingsOf(
          `secureClientPort=1\nssl.keyStore.location=${ca.file(keyStore)}\nssl.trustStore.location=${ca.trust}\n${more}`,
        ),
      ),
    )
  const faultOf = async (keyStore: string, more = '') => {
    const result = await read(keyStore, more)
    return 'error' in result ? result.error.replaceAll(`${ca.file('')}/`, '') : null
  }
  const password = 'ssl.keyStore.password=secret\n'

  test('may be PEM, its key under a password or not', async () => {
    const plain = await read('server.pem')
    expect(plain).toMatchObject({ trusted: readFileSync(ca.trust, 'utf8') })
    ca.run('openssl', 'pkcs8', '-topk8', '-in', server.key, '-passout', 'pass:secret', '-out', 'locked.pem')
    appendFileSync(ca.file('locked.pem'), readFileSync(server.certificate))
    expect(await read('locked.pem', password)).toEqual(plain)
    writeFileSync(ca.file('password'), 'secret\n')
    expect(await read('locked.pem', `ssl.keyStore.passwordPath=${ca.file('password')}\n`)).toEqual(plain)
    expect(await faultOf('locked.pem')).toBe(
      'ssl.keyStore.location=locked.pem: its key cannot be read: is the password right?',
    )
  })

  test('may be PKCS12, in which the certificates stand anyhow', async () => {
    const pem = await read('server.pem')
    const made = ['-export', '-passout', 'pass:secret', '-out', 'server.p12']
    ca.run('openssl', 'pkcs12', ...made, '-in', 'server.pem', '-certfile', 'other.crt')
    const keys = await read('server.p12', password)
    expect(keys).toMatchObject({ certificates: 'certificates' in pem && pem.certificates })
    expect(await faultOf('server.p12')).toBe(
      'ssl.keyStore.location=server.p12: its password is another, or the file is damaged',
    )
  })

  test('that cannot be used is told why', async () => {
    writeFileSync(ca.file('empty.pem'), '')
    writeFileSync(ca.file('store.jceks'), Uint8Array.of(0xce, 0xce, 0xce, 0xce))
    writeFileSync(ca.file('bad.jks'), Uint8Array.of(0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2))
    writeFileSync(ca.file('bad.p12'), Uint8Array.of(0x30, 0x82, 1, 2))
    const mixed = readFileSync(server.key, 'utf8') + readFileSync(ca.file('other.crt'), 'utf8')
    writeFileSync(ca.file('mixed.pem'), mixed)
    const fault = (name: string, text: string) => `ssl.keyStore.location=${name}: ${text}`
    expect(await faultOf('empty.pem')).toBe(fault('empty.pem', 'it is neither PEM nor PKCS12 nor JKS'))
    expect(await faultOf('gone.pem')).toBe(fault('gone.pem', 'gone.pem cannot be read (ENOENT)'))
    expect(await faultOf('')).toContain('it cannot be read (EISDIR)')
    expect(await faultOf('other.crt')).toBe(
      fault('other.crt', 'there is no private key in it together with its certificate'),
    )
    expect(await faultOf('mixed.pem')).toBe(
      fault(
        'mixed.pem',
        'the first certificate in it is not of the key: put the certificate of the key first',
      ),
    )
    expect(await faultOf('bad.jks')).toBe(fault('bad.jks', 'its password is another, or the file is damaged'))
    expect(await faultOf('store.jceks')).toContain('keytool -importkeystore -srckeystore store.jceks')
    expect(await faultOf('bad.p12')).toContain('it is no PKCS12 that can be read here')
  })
})
