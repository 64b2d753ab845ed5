/** Users who log in by SASL with DIGEST-MD5, from Python and from Java. The C client that Debian builds knows no SASL. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patience, type Told, tellingOf, withEachServer } from './conversation.ts'
import { python } from './packages.ts'
import { type ZkCli, zkCli } from './zk-cli.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'interop-sasl-'))
afterAll(() => rmSync(folder, { recursive: true }))

function jaas(name: string, ...sections: string[]): string {
  const file = path.join(folder, name)
  writeFileSync(file, `${sections.join('\n')}\n`)
  return `-Djava.security.auth.login.config=${file}`
}

const digest = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
const passwords = String.raw`user_bob="b o,b=\"s" user_ann="geheim" user_boss="b" user_super="s"`

const options = () => ({
  settings: [
    'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
    'superUser=boss',
    'letAnySaslUserDoX=anybody',
  ],
  options: [
    jaas('server.conf', '/* who may come */', `Server { ${digest}`, `${passwords}; }; // all of them`),
  ],
})

withEachServer(
  'SASL',
  ['zookeeper', 'python3-kazoo'],
  server => {
    let told: Told
    let cli: ZkCli
    beforeAll(async () => {
      const client = jaas('client.conf', `Client { ${digest} username="boss" password="b"; };`)
      ;[told, cli] = await Promise.all([
        tellingOf(python, path.join(import.meta.dirname, 'sasl-talk.py'), server().address),
        zkCli(server().address, { flags: [client] }),
      ])
    }, patience)
    afterAll(() => cli?.quit())

    test('lets in who knows a password, and nobody else', () => {
      expect([...told]).toEqual([
        ['logged in', 'True'],
        ['own node', 'his'],
        ['auth has become', 'bob'],
        ['an id that is none', 'InvalidACLError'],
        ["another's node", 'NoAuthError'],
        ['a node for any user', 'theirs'],
        ['seen by super', 'his'],
        ['seen by a user who is called super', 'his'],
        ['seen by a stranger', 'NoAuthError'],
        ['a node for any user, to a stranger', 'NoAuthError'],
        ['made by a stranger', '/open'],
        ['wrong password', 'True'],
        ['unknown user', 'True'],
        ['end', 'of the talk'],
      ])
    })

    test('knows the user of zkCli.sh by his JAAS file', async () => {
      await cli.event('state:SaslAuthenticated type:None path:null')
      expect(await cli.ask('get /bob')).toEqual(['his'])
      expect(await cli.ask('create /boss x sasl:boss:cdrwa')).toEqual(['Created /boss'])
      expect(await cli.ask('getAcl /boss')).toEqual(["'sasl,'boss", ': cdrwa'])
      expect((await cli.ask('whoami')).sort()).toEqual(
        ['Auth scheme: User', 'ip: 127.0.0.1', 'sasl: boss', 'super: '].sort(),
      )
    })
  },
  options,
)
