/** The AdminServer, asked over HTTP: the same commands have the same fields as with Apache's, of the same types. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type http from 'node:http'
import https from 'node:https'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CreateMode, OpCode } from '../../src/wire/opcodes.ts'
import { writeCreateRequest, writeGetDataRequest } from '../../src/wire/records.ts'
import { type Authority, authority } from './certificates.ts'
import { patience, withEachServer } from './conversation.ts'
import { type RawClient, rawClient, requestFrame } from './raw-client.ts'
import { freePort, type Server } from './servers.ts'

let port = 0
let ca: Authority
let settings: string[] = []
beforeAll(async () => {
  port = await freePort()
  ca = authority()
  ca.certify('server', '/CN=localhost', { names: 'IP:127.0.0.1' })
  settings = [
    'admin.enableServer=true',
    `admin.serverPort=${port}`,
    'admin.serverAddress=127.0.0.1',
    'admin.portUnification=true',
    `ssl.quorum.keyStore.location=${ca.file('server.pem')}`,
    `ssl.quorum.trustStore.location=${ca.trust}`,
  ]
})
afterAll(() => ca?.dispose())

/** In bytes: the reply to a create, and then to a getData; the answer to a handshake is not among them. */
const sizes = { min_buffer_size: 25, max_buffer_size: 89, last_buffer_size: 89 }

/** What each server has said, by command. */
const said: Record<string, Record<string, unknown>>[] = []

withEachServer('a browser', ['zookeeper', 'openssl'], converse, () => ({ settings }))

function converse(server: () => Server): void {
  let client: RawClient
  let session = 0n
  const answers: Record<string, Record<string, unknown>> = {}
  beforeAll(async () => {
    client = await rawClient(server().port)
    session = (await client.connect({ timeOut: 10_000 }))!.sessionId
    const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
    const held = { path: '/held', data: new Uint8Array(1), acl, flags: CreateMode.EPHEMERAL }
    client.send(requestFrame(1, OpCode.create, out => writeCreateRequest(out, held)))
    client.send(
      requestFrame(2, OpCode.getData, out => writeGetDataRequest(out, { path: '/held', watch: true })),
    )
    await client.reply()
    await client.reply()
  }, patience)
  afterAll(() => client?.hangUp())

  /** Apache's opens this port a moment after the other. */
  async function ask(command: string): Promise<Record<string, unknown>> {
    for (let tries = 0; ; tries++) {
      try {
        const answer = await fetch(`http://127.0.0.1:${port}/commands/${command}`)
        expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json'])
        return (await answer.json()) as Record<string, unknown>
      } catch (error) {
        if (tries === 100 || !(error instanceof TypeError)) throw error
        await new Promise(done => setTimeout(done, 50))
      }
    }
  }

  test('commands say which they are, and what is wrong', async () => {
    for (const command of [...commands, 'monitor', 'environment', 'system_properties']) {
      answers[command] = await ask(command)
      expect(answers[command].command).toBe(command.split('?')[0])
    }
    expect(await ask('nonsense')).toEqual({ command: 'nonsense', error: 'Unknown command: nonsense' })
    expect(answers.leader!.error).toBe('server is not initialized')
    expect(answers.zabstate).toEqual({ command: 'zabstate', error: null, voting: false, zabstate: '' })
    expect(answers['set_trace_mask?traceMask=5']!.tracemask).toBe(5)
    expect(answers.set_trace_mask!.error).toBe('setTraceMask requires long traceMask argument')
    expect(String(answers.initial_configuration!.initial_configuration)).toContain(`admin.serverPort=${port}`)
    expect(answers.system_properties).toMatchObject({ 'zookeeper.admin.serverPort': String(port) })
    expect(answers.dump!.session_id_to_ephemeral_paths).toEqual({ [String(session)]: ['/held'] })
    expect(answers.watches!.session_id_to_watched_paths).toEqual({ [String(session)]: ['/held'] })
    expect(answers.watches_by_path!.path_to_session_ids).toEqual({ '/held': [Number(session)] })
    expect(answers.server_stats!.client_response).toEqual(sizes)
    said.push(answers)
  })

  test('the same port takes https, and asks browsers to stay with it', async () => {
    const url = `https://127.0.0.1:${port}/commands/ruok`
    const request = https.get(url, { ca: readFileSync(ca.trust), agent: false })
    const [response] = (await once(request, 'response')) as [http.IncomingMessage]
    expect(response.headers['strict-transport-security']).toBe('max-age=86400; includeSubDomains')
    expect(await json(response)).toEqual({ command: 'ruok', error: null })
  })
}

const commands = [
  'connection_stat_reset',
  'configuration',
  'connections',
  'dirs',
  'dump',
  'get_trace_mask',
  'initial_configuration',
  'is_read_only',
  'last_snapshot',
  'leader',
  'observer_connection_stat_reset',
  'observers',
  'ruok',
  'server_stats',
  'set_trace_mask',
  'set_trace_mask?traceMask=5',
  'stat_reset',
  'stats',
  'voting_view',
  'watch_summary',
  'watches',
  'watches_by_path',
  'zabstate',
]

/** What is here, in which form; an object by its fields, a list by its first. Sessions are called alike. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])]
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [/^\d+$/.test(name) ? 'id' : name, shape(member)]),
  )
}

test('every field of Apache is there, in its form', () => {
  const [apache, ours] = said
  if (apache === undefined || ours === undefined) return
  for (const command of commands) {
    const [theirs, mine] = [apache[command]!, ours[command]!].map(answer =>
      JSON.parse(JSON.stringify(shape(answer))),
    )
    // Who is slow has lost its session meanwhile.
    for (const list of ['connections', 'secure_connections']) {
      if (mine[list]?.length !== theirs[list]?.length) mine[list] = theirs[list] = []
    }
    // Times by a clock of its own.
    if (command === 'dump') theirs.expiry_time_to_session_ids = mine.expiry_time_to_session_ids = {}
    expect(mine, command).toMatchObject(theirs)
  }
})
