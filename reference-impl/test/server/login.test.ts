/** What a server does with those who log in by SASL, and with those who do not although they must. */
import { describe, expect, test } from 'vitest'
import { Code } from '../../src/wire/errors.ts'
import { juteReader } from '../../src/wire/jute.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { responseTo } from '../session/digest-response.ts'
import { type Client, InProcess } from './in-process.ts'

const provider = 'authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n'
const text = (token: Uint8Array | null) => token && new TextDecoder().decode(token)

function server(cfg = '', users: Record<string, string> = { bob: 'secret', super: 's' }): InProcess {
  const passwords = new Map(Object.entries(users))
  return new InProcess(provider + cfg, { sasl: { passwords, random: count => new Uint8Array(count) } })
}

function say(client: Client, token: Uint8Array | null) {
  const { err, zxid, body } = client.ask(OpCode.sasl, out => records.writeGetSASLRequest(out, { token }))
  return { err, zxid, token: records.readSetSASLResponse(juteReader(body)).token }
}

/** An exchange to its end, as a client has it that knows a password: the right one, or another. */
function logIn(client: Client, user: string, password: string) {
  const challenge = say(client, new Uint8Array(0)).token!
  return say(client, responseTo(text(challenge)!, { user, password }))
}

function whoAmI(client: Client): string[] {
  const { body } = client.ask(OpCode.whoAmI)
  return records
    .readWhoAmIResponse(juteReader(body))
    .clientInfo.map(({ authScheme, user }) => `${authScheme}:${user}`)
}

describe('a login by SASL', () => {
  test('gains an identity', () => {
    const client = server().session()
    expect(logIn(client, 'bob', 'secret')).toMatchObject({ err: Code.OK, zxid: 0n })
    expect(whoAmI(client)).toEqual(['ip:127.0.0.1', 'sasl:bob'])
  })

  test('makes super who is said to be', () => {
    const client = server('superUser=bob\n').session()
    logIn(client, 'bob', 'secret')
    expect(whoAmI(client)).toEqual(['ip:127.0.0.1', 'super:', 'sasl:bob'])
  })

  test('ends the connection when it fails', () => {
    const one = server()
    const client = one.session()
    expect(logIn(client, 'bob', 'wrong')).toEqual({ err: Code.AUTHFAILED, zxid: 0n, token: null })
    expect(client.isOpen).toBe(false)
    expect(one.events).toMatchObject([{ type: 'closed', reason: 'its login by SASL has failed' }])
  })

  test('leaves a stranger where failures are allowed', () => {
    const client = server('allowSaslFailedClients=true\n').session()
    expect(logIn(client, 'bob', 'wrong')).toEqual({ err: Code.OK, zxid: 0n, token: null })
    expect(whoAmI(client)).toEqual(['ip:127.0.0.1'])
  })

  test('is not answered by a server that has no users', () => {
    const client = new InProcess(provider).session()
    expect(say(client, new Uint8Array(0))).toEqual({ err: Code.OK, zxid: 0n, token: null })
    expect(client.isOpen).toBe(true)
  })

  test('without a token is nonsense', () => {
    const client = server().session()
    client.send(OpCode.sasl, out => records.writeGetSASLRequest(out, { token: null }))
    expect(client.take()).toBe(undefined)
    expect(client.isOpen).toBe(false)
  })

  test('is required before anything but signs of life, where it is', () => {
    const one = server('sessionRequireClientSASLAuth=true\n')
    const client = one.session()
    expect(client.ask(OpCode.ping, undefined, -2).err).toBe(Code.OK)
    logIn(client, 'bob', 'secret')
    expect(client.create('/a').err).toBe(Code.OK)
    const stranger = one.session()
    expect(stranger.create('/b').err).toBe(Code.SESSIONCLOSEDREQUIRESASLAUTH)
    expect(stranger.isOpen).toBe(false)
    const wrong = one.session()
    expect(logIn(wrong, 'bob', 'wrong').err).toBe(Code.SESSIONCLOSEDREQUIRESASLAUTH)
    expect(wrong.isOpen).toBe(false)
  })
})

/** `CN=ann`, and around it as little as a certificate can have. */
const certificate = Uint8Array.from(
  Buffer.from('301b3019020101300030003000300e310c300a06035504030c03616e6e', 'hex'),
)

describe('a connection with a certificate', () => {
  const tls = 'client.portUnification=true\nssl.keyStore.location=/k\nssl.trustStore.location=/t\n'

  test('has its subject for an identity from the beginning', () => {
    const client = new InProcess(tls).connect('10.0.0.1', certificate)
    client.handshake()
    expect(whoAmI(client)).toEqual(['ip:10.0.0.1', 'x509:CN=ann'])
    expect(client.create('/a', '', 0, [{ perms: 31, id: { scheme: 'x509', id: 'CN=ann' } }]).err).toBe(
      Code.OK,
    )
    expect(client.create('/b', '', 0, [{ perms: 31, id: { scheme: 'x509', id: 'ann' } }]).err).toBe(
      Code.INVALIDACL,
    )
  })

  test('is super if the operator has named it', () => {
    const client = new InProcess(`${tls}X509AuthenticationProvider.superUser=CN=ann\n`).connect(
      '',
      certificate,
    )
    client.handshake()
    expect(whoAmI(client)).toEqual(['ip:', 'super:', 'x509:CN=ann'])
  })

  test('is closed when nobody can read whose it is', () => {
    const server = new InProcess(tls)
    const client = server.connect('10.0.0.1', certificate.subarray(0, 20))
    expect(client.isOpen).toBe(false)
    expect(server.events).toMatchObject([{ reason: 'the subject of its certificate cannot be read' }])
  })
})
