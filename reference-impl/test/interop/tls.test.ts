/** Clients that come by TLS and are known by their certificates. The C client that Debian builds knows no TLS. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../../course/paths.ts'
import { connect } from '../../bin/client.ts'
import { type ZooKeeperOptions, zooKeeper } from '../../src/client/zookeeper.ts'
import { nodeWorld } from '../../src/world/node/node-world.ts'
import { type Authority, authority } from './certificates.ts'
import { patience, type Told, tellingOf, withEachServer } from './conversation.ts'
import { nettyJars, python, zookeeperJar } from './packages.ts'
import { freePort } from './servers.ts'
import { type ZkCli, zkCli } from './zk-cli.ts'

let ca: Authority
let securePort: number
let jaas: string
/** As Java prints it. */
const ann = [
  '2.5.4.4=#0c03537572+L=Bonn',
  '1.2.840.113549.1.9.1=#1608616e6e4061636d65',
  'DC=example',
  'UID=u1',
  String.raw`CN=\ ann\#1`,
  String.raw`OU=a\+b`,
  String.raw`O=Acme \"Inc\"\; \<x\>`,
  'L=Köln',
  String.raw`ST=Some\, State`,
  'C=DE',
].join(',')

beforeAll(async () => {
  ca = authority()
  securePort = await freePort()
  ca.certify('server', '/CN=localhost', { kind: 'rsa', names: 'DNS:localhost,IP:127.0.0.1' })
  const subject = String.raw`/C=DE/ST=Some, State/L=Köln/O=Acme "Inc"; <x>/OU=a\+b/CN= ann#1/UID=u1/DC=example/emailAddress=ann@acme/SN=Sur+L=Bonn`
  const list = 'revoked.crl'
  ca.certify('ann', subject, { list })
  ca.certify('bob', '/CN=bob', { list })
  ca.certify('admin', '/O=Acme/CN=admin', { list })
  ca.certify('former', '/CN=bob', { list })
  ca.certify('unlisted', '/CN=bob')
  ca.listRevoked(list, ['former'])
  ca.run(
    'openssl',
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-batch',
    '-subj',
    '/CN=ann',
    '-keyout',
    'stranger.key',
    '-out',
    'stranger.crt',
  )
  ca.run('openssl', 'pkcs12', '-export', '-in', 'server.pem', '-passout', 'pass:secret', '-out', 'server.p12')
  ca.run('openssl', 'pkcs12', '-export', '-in', 'ann.pem', '-passout', 'pass:secret', '-out', 'ann.p12')
  const into = ['-noprompt', '-storepass', 'secret', '-keystore', 'trust.jks', '-storetype', 'JKS']
  ca.run('keytool', '-importcert', '-alias', 'ca', '-file', 'ca.pem', ...into)
}, patience)
afterAll(() => ca?.dispose())

const options = () => {
  jaas = ca.file('jaas.conf')
  writeFileSync(
    jaas,
    'Server { org.apache.zookeeper.server.auth.DigestLoginModule required user_carl="c"; };\n',
  )
  return {
    settings: [
      `secureClientPort=${securePort}`,
      'secureClientPortAddress=127.0.0.1',
      'client.portUnification=true',
      'ssl.crl=true',
      'serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory',
      `ssl.keyStore.location=${ca.file('server.p12')}`,
      'ssl.keyStore.password=secret',
      `ssl.trustStore.location=${ca.file('trust.jks')}`,
      'ssl.trustStore.password=secret',
      'X509AuthenticationProvider.superUser=CN=admin,O=Acme',
      'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
    ],
    options: [`-Djava.security.auth.login.config=${jaas}`],
    // Netty is much to load where others work, too.
    within: 30_000,
  }
}

withEachServer(
  'TLS',
  ['zookeeper', 'python3-kazoo', 'openssl'],
  server => {
    let told: Told
    let cli: ZkCli
    beforeAll(async () => {
      const talk = path.join(import.meta.dirname, 'tls-talk.py')
      const flags = [
        ...['-cp', ['/etc/zookeeper/conf', zookeeperJar, ...nettyJars].join(':')],
        '-Dzookeeper.client.secure=true',
        '-Dzookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty',
        `-Dzookeeper.ssl.keyStore.location=${ca.file('ann.p12')}`,
        '-Dzookeeper.ssl.keyStore.password=secret',
        `-Dzookeeper.ssl.trustStore.location=${ca.trust}`,
      ]
      ;[told, cli] = await Promise.all([
        tellingOf(python, talk, String(securePort), String(server().port), path.dirname(ca.trust)),
        zkCli(`127.0.0.1:${securePort}`, { flags }),
      ])
    }, patience)
    afterAll(() => cli?.quit())

    test('lets in who has a good certificate, and knows him by its subject', () => {
      expect([...told]).toEqual([
        ['auth has become', ann],
        ['large data', '900000'],
        ['a subject that is none', 'InvalidACLError'],
        ["another's node", 'NoAuthError'],
        ['made for him', 'his'],
        ['seen by super', 'hers'],
        ['no certificate', 'KazooTimeoutError'],
        ['a certificate of nobody', 'KazooTimeoutError'],
        ['a certificate taken back', 'KazooTimeoutError'],
        ['a certificate that may be taken back or not', 'KazooTimeoutError'],
        ['no TLS', 'KazooTimeoutError'],
        ['by TLS where both go', 'hers'],
        ['without TLS where both go', 'NoAuthError'],
        ['by TLS and SASL', 'his, his'],
        ['end', 'of the talk'],
      ])
    })

    test('takes our own client, whom nothing but a good certificate convinces either', async () => {
      const pem = (file: string): string => readFileSync(ca.file(file), 'utf8')
      const bob = { trusted: pem('ca.pem'), key: pem('bob.key'), certificates: pem('bob.crt') }
      const secure = `127.0.0.1:${securePort}`
      const open = (tls: ZooKeeperOptions['tls'] = bob) =>
        connect(secure, { tls, timeout: 4000, signal: AbortSignal.timeout(1000) })
      const zk = await open()
      expect((await zk.whoAmI()).map(({ authScheme, user }) => `${authScheme} ${user}`)).toContain(
        'x509 CN=bob',
      )
      await zk.create('/ours', 'x'.repeat(300_000))
      expect((await zk.get('/ours')).stat.dataLength).toBe(300_000)
      await zk.close()
      await expect(
        open({ ...bob, trusted: pem('stranger.crt') }),
        'a server of nobody we trust',
      ).rejects.toThrow()
      const other = zooKeeper(nodeWorld({ folder: '.' }), `localhost:${securePort}`, { tls: bob })
      await other.connected()
      await other.close()
      const shell = path.join(root, 'reference-impl', 'bin', 'zk-cli.mjs')
      const flags = ['-ca', ca.trust, '-cert', ca.file('bob.crt'), '-key', ca.file('bob.key')]
      const args = [shell, '-server', secure, ...flags, 'getAllChildrenNumber', '/ours']
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('0\n')
      // As zkCli.sh is told, with a key and its certificate in one file.
      const cfg = ca.file('client.cfg')
      const lines = [
        'zookeeper.client.secure=true',
        'zookeeper.clientCnxnSocket=org.apache.zookeeper.ClientCnxnSocketNetty',
        `zookeeper.ssl.keyStore.location=${ca.file('bob.pem')}`,
        `zookeeper.ssl.trustStore.location=${ca.trust}`,
      ]
      writeFileSync(cfg, lines.join('\n'))
      const asZkCli = [shell, '-server', secure, '-client-configuration', cfg, 'whoami']
      expect(execFileSync(process.execPath, asZkCli, { encoding: 'utf8' })).toContain('x509: CN=bob')
    })

    test('takes zkCli.sh with what Java calls a store', async () => {
      expect(await cli.ask('get /ann')).toEqual(['hers'])
      expect(await cli.ask('get /bob')).toEqual(['Insufficient permission : /bob'])
      // It writes a comma so, because one ends an id for it.
      expect(await cli.ask('getAcl /ann')).toEqual([`'x509,'${ann.replaceAll(',', '%2C')}`, ': cdrwa'])
    })
  },
  options,
)
