/** Users who log in by SASL with DIGEST-MD5, from Python and from Java. The C client that Debian builds knows no SASL. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../../../course/paths.ts'
import { Code } from '../../src/wire/errors.ts'
import { juteReader } from '../../src/wire/jute.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import { readWhoAmIResponse } from '../../src/wire/records.ts'
import { responseTo, type Said } from '../session/digest-response.ts'
import { patience, type Told, tellingOf, withEachServer } from './conversation.ts'
import { python } from './packages.ts'
import { rawClient, requestFrame } from './raw-client.ts'
import { type ZkCli, zkCli } from './zk-cli.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'interop-sasl-'))
afterAll(() => rmSync(folder, { recursive: true }))

function jaas(name: string, ...sections: string[]): string {
  const file = path.join(folder, name)
  writeFileSync(file, `${sections.join('\n')}\n`)
  return `-Djava.security.auth.login.config=${file}`
}

const zkCliProgram = path.join(root, 'reference-impl', 'bin', 'zk-cli.mjs')

const digest = 'org.apache.zookeeper.server.auth.DigestLoginModule required'
const passwords = String.raw`user_bob="b o,b=\"s" user_ann="geheim" user_boss="b" user_super="s"`

const options = () => ({
  settings: [
    'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider',
    'superUser=somebody',
    'superUser.1=boss',
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

    test('knows the user of zk-cli by his JAAS file, too', async () => {
      const file = jaas(
        'both.conf',
        `Client { ${digest} username="bob" password='b o,b="s'; };`,
        `Other { ${digest}; };`,
      )
      const shell = (flags: string, ...args: string[]) =>
        spawnSync(process.execPath, [zkCliProgram, ...args, '-server', server().address, 'whoami'], {
          encoding: 'utf8',
          env: { ...process.env, CLIENT_JVMFLAGS: flags },
        })
      expect(shell(`-Xmx64m ${file}`)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('sasl: bob\n'),
      })
      expect(shell(file, '-Dzookeeper.sasl.client=false').stdout).not.toContain('sasl')
      const wrong = shell('', jaas('wrong.conf', `Client { ${digest} username="bob" password="x"; };`))
      expect(wrong).toMatchObject({ status: 1, stdout: '' })
      expect(wrong.stderr).toContain('does not take the login of bob')
      expect(shell(file, '-Dzookeeper.sasl.clientconfig=Other')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('the section Other must have a username="…" and a password="…"'),
      })
      const none = shell(file, '-Dzookeeper.sasl.clientconfig=Nobody')
      expect([none.status, none.stderr]).toEqual([
        0,
        expect.stringContaining('there is no section Nobody in it'),
      ])
    })

    /** What an exchange comes to: who one is after it, or the error that ends the connection. */
    async function endOf(...said: Partial<Said>[]): Promise<string | number | null> {
      const client = await rawClient(server().port)
      try {
        await client.connect()
        const ask = async (xid: number, token: Uint8Array | null) => {
          client.send(requestFrame(xid, OpCode.sasl, out => out.buffer(token)))
          return client.reply()
        }
        const first = await ask(1, Buffer.from('what comes first is not looked at'))
        const challenge = Buffer.from(first!.body, 'hex').toString().slice(4)
        for (const each of said) {
          const answer = await ask(2, responseTo(challenge, { user: 'ann', password: 'geheim', ...each }))
          if (answer === null) return null
          if (answer.err !== 0) {
            expect([answer.zxid, answer.body, await client.receive()]).toEqual([0n, 'ffffffff', null])
            return answer.err
          }
        }
        client.send(requestFrame(3, OpCode.whoAmI))
        const { clientInfo } = readWhoAmIResponse(
          juteReader(Buffer.from((await client.reply())!.body, 'hex')),
        )
        return clientInfo
          .map(({ authScheme, user }) => `${authScheme}:${user}`)
          .sort()
          .join(' ')
      } finally {
        client.hangUp()
      }
    }

    const { AUTHFAILED } = Code

    test.each<[string, string | number | null, Partial<Said>[]]>([
      ['an honest response', 'ip:127.0.0.1 sasl:ann', [{}]],
      ['one from super', 'ip:127.0.0.1 sasl:boss super:', [{ user: 'boss', password: 'b' }]],
      ['one in the name of another', 'ip:127.0.0.1 sasl:ann', [{ authzid: 'boss' }]],
      ['one that says more', 'ip:127.0.0.1 sasl:ann', [{ more: 'charset=utf-8,maxbuf=65536,x="y"' }]],
      ['a service in capitals', 'ip:127.0.0.1 sasl:ann', [{ uri: 'ZooKeeper/ZK-SASL-MD5' }]],
      ['another password', AUTHFAILED, [{ password: 'x' }]],
      // Apache's server of 3.8.0 takes from somebody unknown the password of whoever came before him.
      ['an unknown user', AUTHFAILED, [{ user: 'nobody', password: 'x' }]],
      ['another realm', AUTHFAILED, [{ realm: 'x' }]],
      ['no realm', AUTHFAILED, [{ realm: '' }]],
      ['another service', AUTHFAILED, [{ uri: 'imap/zk-sasl-md5' }]],
      ['another count', AUTHFAILED, [{ count: '00000002' }]],
      ['another nonce', AUTHFAILED, [{ nonce: 'x' }]],
      ['another alphabet', AUTHFAILED, [{ more: 'charset=latin' }]],
      ['a thing said twice', AUTHFAILED, [{ more: 'username="ann"' }]],
      ['a second response', AUTHFAILED, [{}, {}]],
    ])('%s comes to %s', async (_, end, said) => {
      expect(await endOf(...said)).toBe(end)
    })

    test('a token that is none comes to an end without a word', async () => {
      const client = await rawClient(server().port)
      await client.connect()
      client.send(requestFrame(1, OpCode.sasl, out => out.buffer(null)))
      expect(await client.receive()).toBe(null)
    })
  },
  options,
)
