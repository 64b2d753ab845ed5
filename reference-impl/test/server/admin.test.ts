/** The commands of the AdminServer that look at more than a report, or change something. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { reportOf } from '../../../labs/26-monitoring/test/reports.ts'
import { type AdminRequest, type AdminServer, answerAdmin, noMemory } from '../../src/admin/admin-server.ts'
import type { AdminResponse } from '../../src/admin/http.ts'
import { parseConfig } from '../../src/server/config.ts'
import { logIn } from '../../src/session/login.ts'
import { nodeAt } from '../../src/state/data-tree.ts'
import { openAcl } from '../../src/state/identity.ts'
import { readSnapshotContents } from '../../src/storage/inspect.ts'
import { recover } from '../../src/storage/recovery.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import { type ACL, writeCreateRequest } from '../../src/wire/records.ts'
import { nodeDisk } from '../../src/world/node/node-disk.ts'
import { rawClient, requestFrame } from '../interop/raw-client.ts'
import { startServer } from './start.ts'

function serverWith({
  acl = openAcl as readonly ACL[],
  cfg = '',
} = {}): AdminServer & { pass(millis: number): void } {
  const config = parseConfig(`dataDir=/data\nclientPort=0\n${cfg}`)
  if ('errors' in config) throw new Error(config.errors[0]!.text)
  const { settings } = config
  let now = 0
  return {
    settings,
    report: () => reportOf(),
    now: () => now,
    properties: [
      ['zookeeper.b', '2'],
      ['a', '1'],
      ['zookeeper.ssl.keyStore.password', 'hush'],
    ],
    configText: 'clientPort=0\n',
    lastSnapshot: () => ({ zxid: 0x2fn, seconds: 7 }),
    rootAcl: () => acl,
    logIn: (scheme, proof, { host }) => logIn(scheme, proof, host, settings),
    shed: percentage => percentage / 10,
    memory: noMemory(),
    pass(millis) {
      now += millis
    },
  }
}

const some = {
  method: 'GET',
  query: new Map<string, string>(),
  authorization: null,
  host: '10.0.0.7',
  certificate: null,
  body: '',
}

function ask(
  server: AdminServer,
  command: string,
  request: Partial<AdminRequest> = {},
): { status: number; fields: Record<string, unknown>; snapshot?: unknown } {
  const all = { ...some, ...request }
  const { status, body, snapshot } = answerAdmin({ path: `/commands/${command}`, ...all }, server)
  const fields = JSON.parse(body)
  return snapshot === undefined ? { status, fields } : { status, fields, snapshot }
}

test('every command of Apache 3.9 is there, by the names that it has there', () => {
  const names = [
    ['connection_stat_reset', 'crst'],
    ['configuration', 'conf', 'config'],
    ['connections', 'cons'],
    ['hash'],
    ['dirs'],
    ['dump'],
    ['environment', 'env', 'envi'],
    ['get_trace_mask', 'gtmk'],
    ['initial_configuration', 'icfg'],
    ['is_read_only', 'isro'],
    ['last_snapshot', 'lsnp'],
    ['leader', 'lead'],
    ['monitor', 'mntr'],
    ['observer_connection_stat_reset', 'orst'],
    ['ruok'],
    ['set_trace_mask', 'stmk'],
    ['snapshot', 'snap'],
    ['server_stats', 'srvr'],
    ['stats', 'stat'],
    ['stat_reset', 'srst'],
    ['observers', 'obsr'],
    ['system_properties', 'sysp'],
    ['voting_view'],
    ['watches', 'wchc'],
    ['watches_by_path', 'wchp'],
    ['watch_summary', 'wchs'],
    ['zabstate'],
  ]
  for (const [name, ...aliases] of names) {
    for (const each of [name!, ...aliases])
      expect(ask(serverWith(), each).fields, each).toMatchObject({ command: name })
  }
  for (const [name, alias] of [
    ['restore', 'rest'],
    ['shed_connections', 'shed'],
  ]) {
    expect(ask(serverWith(), alias!, { method: 'POST' }).fields).toMatchObject({ command: name })
    expect(ask(serverWith(), alias!), 'they change something').toMatchObject({ status: 405 })
  }
  const { body } = answerAdmin(
    {
      method: 'GET',
      path: '/commands',
      query: new Map(),
      authorization: null,
      host: '',
      certificate: null,
      body: '',
    },
    serverWith(),
  )
  expect(body.match(/<a /g)).toHaveLength(names.length + 2)
})

test('how the server was started can be asked for, but not its secrets', () => {
  const server = serverWith()
  expect(ask(server, 'icfg').fields).toEqual({
    command: 'initial_configuration',
    error: null,
    initial_configuration: 'clientPort=0\n',
  })
  const configText =
    '# passwords\nssl.keyStore.password = hush\nclientPort=0\nDigestAuthenticationProvider.superDigest:x:y\n'
  expect(ask({ ...server, configText }, 'icfg').fields.initial_configuration).toBe(
    '# passwords\nssl.keyStore.password = ***\nclientPort=0\nDigestAuthenticationProvider.superDigest:***\n',
  )
  expect(Object.entries(ask(server, 'sysp').fields).slice(2)).toEqual([
    ['a', '1'],
    ['zookeeper.b', '2'],
    ['zookeeper.ssl.keyStore.password', '***'],
  ])
  expect(ask(server, 'lsnp').fields).toMatchObject({ zxid: '2f', timestamp: 7 })
  expect(ask({ ...server, lastSnapshot: () => null }, 'lsnp').fields).toMatchObject({
    zxid: 'ffffffffffffffff',
    timestamp: -1,
  })
})

test('what only an ensemble has is answered as by a server of Apache that stands alone', () => {
  const server = serverWith()
  expect(ask(server, 'leader').fields).toEqual({ command: 'leader', error: 'server is not initialized' })
  expect(ask(server, 'voting_view').fields).toMatchObject({ current_config: {} })
  expect(ask(server, 'observers').fields).toMatchObject({ synced_observers: 0, observers: [] })
  expect(ask(server, 'zabstate').fields).toMatchObject({ voting: false, zabstate: '' })
})

test('a trace mask is kept, and must be a number', () => {
  const server = serverWith()
  expect(ask(server, 'gtmk').fields).toMatchObject({ tracemask: 0 })
  expect(ask(server, 'stmk', { query: new Map([['traceMask', '-5']]) }).fields).toMatchObject({
    tracemask: -5,
  })
  expect(ask(server, 'gtmk').fields).toMatchObject({ tracemask: -5 })
  expect(ask(server, 'stmk').fields.error).toBe('setTraceMask requires long traceMask argument')
  expect(ask(server, 'stmk', { query: new Map([['traceMask', 'x']]) }).fields.error).toContain('got x')
})

describe('a command that gives away everything or ends connections', () => {
  const closed: ACL[] = [{ perms: 31, id: { scheme: 'digest', id: 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=' } }]

  test('asks who is there', () => {
    const server = serverWith()
    expect(ask(server, 'snapshot')).toEqual({
      status: 401,
      fields: { command: 'snapshot', error: 'Auth info is missing for the command' },
    })
    for (const authorization of ['', 'digest a b', 'kerberos me']) {
      expect(ask(server, 'snap', { authorization }).fields.error, authorization).toBe('Not authenticated')
    }
    expect(ask(server, 'snapshot', { authorization: 'ip' })).toMatchObject({ status: 200 })
  })

  test('serves only who may do everything at the root', () => {
    const server = serverWith({ acl: closed })
    expect(ask(server, 'snapshot', { authorization: 'digest super:wrong' })).toMatchObject({
      status: 403,
      fields: { error: 'Not authorized' },
    })
    expect(ask(server, 'snapshot', { authorization: 'digest super:test' }).status).toBe(200)
    const readable = serverWith({ acl: [{ perms: 1, id: { scheme: 'ip', id: '10.0.0.0/8' } }] })
    expect(ask(readable, 'snapshot', { authorization: 'ip' }).status, 'reading is not everything').toBe(403)
  })

  test('is a snapshot, once in a while', () => {
    const server = serverWith({ cfg: 'admin.rateLimiterIntervalInMS=1000' })
    const authorization = 'ip'
    expect(ask(server, 'snap', { authorization }).snapshot).toEqual({ isStreamed: true })
    expect(ask(server, 'snap', { authorization }).status).toBe(429)
    server.pass(1000)
    const query = new Map([['streaming', 'false']])
    expect(ask(server, 'snap', { authorization, query }).snapshot).toEqual({ isStreamed: false })
    const without = serverWith({ cfg: 'admin.snapshot.enabled=false' })
    expect(ask(without, 'snap', { authorization })).toMatchObject({ status: 503 })
  })

  test('sheds as many connections as it is told', () => {
    const shed = (body: string) => ask(serverWith(), 'shed', { method: 'POST', authorization: 'ip', body })
    expect(shed('{"percentage":50}').fields).toMatchObject({ connections_shed: 5, percentage_requested: 50 })
    expect(shed('{"percentage":101}')).toMatchObject({ status: 400 })
    expect(shed('{}').fields.error).toBe('Missing required field: percentage')
    expect(shed('null').fields.error).toBe('Missing required field: percentage')
    expect(shed('50%').fields.error).toContain('Invalid JSON')
  })

  test('restores, once in a while', () => {
    const server = serverWith({ cfg: 'admin.rateLimiterIntervalInMS=1000' })
    const request = { method: 'POST', authorization: 'ip' }
    const asked = (path: string, who: AdminServer): AdminResponse =>
      answerAdmin({ ...some, path, ...request }, who)
    expect(asked('/commands/restore', server)).toMatchObject({ status: 200, restores: true })
    expect(asked('/commands/rest', server), 'so soon again').toMatchObject({ status: 429 })
    const without = serverWith({ cfg: 'admin.restore.enabled=false' })
    const refused = { status: 503, body: '{"command":"restore","error":null}\n' }
    expect(asked('/commands/restore', without)).toMatchObject(refused)
  })
})

test('over HTTP, a snapshot is a file that a server can start from and go back to, and connections are shed', async () => {
  await using server = await startServer({
    args: ['-Dzookeeper.admin.rateLimiterIntervalInMS=0'],
    cfg: 'admin.serverPort=0\nadmin.serverAddress=127.0.0.1\n',
  })
  const client = await rawClient(server.port)
  await client.connect()
  const request = { path: '/here', data: new Uint8Array(3), acl: [...openAcl], flags: 0 }
  client.send(requestFrame(1, OpCode.create, out => writeCreateRequest(out, request)))
  const { zxid } = (await client.reply())!
  const url = `http://${(await server.said('AdminServer listens on')).split(' ').at(-1)}/commands`
  const headers = { authorization: 'ip' }

  const answer = await fetch(`${url}/snapshot`, { headers })
  expect(answer.headers.get('content-type')).toBe('application/octet-stream')
  expect(answer.headers.get('last_zxid')).toBe(`0x${zxid.toString(16)}`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  expect(answer.headers.get('snapshot_size')).toBe(String(bytes.length))
  const again = await fetch(`${url}/snap?streaming=false`, { headers })
  expect(again.headers.get('snapshot_size')).toBe(String(bytes.length))
  expect(await again.json()).toEqual({ command: 'snapshot', error: null })
  expect(await (await fetch(`${url}/lsnp`)).json()).toMatchObject({ zxid: zxid.toString(16) })
  const { fault, nodes } = readSnapshotContents(bytes)
  expect([fault, nodes.some(([at]) => at === '/here')]).toEqual([null, true])

  const later = { ...request, path: '/later' }
  client.send(requestFrame(2, OpCode.create, out => writeCreateRequest(out, later)))
  const seen = (await client.reply())!.zxid
  const restore = (body: Uint8Array, more = headers): Promise<Response> =>
    fetch(`${url}/restore`, { method: 'POST', headers: more, body })
  expect((await restore(bytes, { authorization: 'nobody' })).status, 'a stranger').toBe(401)
  const torn = await restore(bytes.subarray(0, -7))
  expect([torn.status, await torn.text()]).toEqual([
    500,
    expect.stringContaining('Nothing could be restored'),
  ])
  const restored = await restore(bytes)
  expect(await restored.json()).toEqual({ command: 'restore', error: null, last_zxid: Number(seen) + 1 })
  expect(await client.receive(), 'all connections end').toBe(null)
  const { data_dir } = (await (await fetch(`${url}/conf`)).json()) as { data_dir: string }
  const disk = nodeDisk(path.dirname(data_dir))
  const { tree, lastZxid } = recover(
    { snapshots: disk, logs: disk },
    { trustEmpty: false, maxEntry: 1 << 20 },
  )
  expect([nodeAt(tree, '/here') !== undefined, nodeAt(tree, '/later'), lastZxid]).toEqual([
    true,
    undefined,
    seen + 1n,
  ])
  expect(readdirSync(path.join(data_dir, `before.${(seen + 1n).toString(16)}`)).length).toBeGreaterThan(1)
  const back = await rawClient(server.port)
  await back.connect({ lastZxidSeen: seen })
  back.send(requestFrame(3, OpCode.create, out => writeCreateRequest(out, later)))
  expect(await back.reply(), 'it is not there any more').toMatchObject({ err: 0, zxid: seen + 3n })

  const sysp = (await (await fetch(`${url}/sysp`)).json()) as Record<string, string>
  expect(sysp).toMatchObject({
    'zookeeper.admin.serverPort': '0',
    'zookeeper.admin.rateLimiterIntervalInMS': '0',
  })
  const shed = await fetch(`${url}/shed_connections`, { method: 'POST', headers, body: '{"percentage":100}' })
  expect(await shed.json()).toMatchObject({ connections_shed: 1 })
  expect(await back.receive()).toBe(null)
  expect((await fetch(`${url}/ruok`, { method: 'POST', body: 'x' })).status).toBe(405)
})
