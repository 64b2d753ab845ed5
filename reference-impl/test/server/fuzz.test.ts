/**
 * Whatever comes in on a port, from whomever: the server neither falls nor stands still, and keeps nothing of it that it
 * would not keep of an honest client. Honest bytes are recorded conversations; chance breaks them.
 * `FUZZ_RUNS=20000` says how many conversations a machine has to bear; a quarter as many go to the AdminServer's commands
 * and a tenth over sockets to each port. `SEED=…` says which they are.
 */
import { readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportOf } from '../../../labs/26-monitoring/test/reports.ts'
import { answerAdmin, noMemory } from '../../src/admin/admin-server.ts'
import { Hash } from '../../src/lib/hash.ts'
import { type Prng, prng } from '../../src/lib/prng.ts'
import { parseConfig } from '../../src/server/config.ts'
import { clientCodec } from '../../src/server/connection.ts'
import { frame } from '../../src/wire/frames.ts'
import { captured, recordings } from '../captured/captured.ts'
import { connectFrame } from '../interop/raw-client.ts'
import { fourLetterWord } from '../interop/servers.ts'
import { InProcess } from './in-process.ts'
import { type RunningServer, startServer } from './start.ts'

const runs = Number(process.env.FUZZ_RUNS ?? 1000)
const adminRuns = Math.ceil(runs / 4)
const socketRuns = Math.ceil(runs / 10)
const seed = process.env.SEED ?? '1'
const patience = 60_000 + runs * 20

/** What clients sent, a list of frames each. */
const conversations = recordings().map(name =>
  captured(name)
    .filter(({ from }) => from === 'client')
    .map(({ bytes }) => bytes),
)

/** A conversation with something wrong in it, as one stream. */
function broken(dice: Prng): Uint8Array {
  const recorded = conversations[dice.below(conversations.length)]!
  const start = 1 + dice.below(recorded.length)
  const frames = recorded.slice(start, start + 1 + dice.below(20))
  // With the session of the recording it would be sent away.
  frames.unshift(dice.chance(0.9) ? connectFrame() : recorded[0]!)
  for (let count = dice.below(4); count >= 0; count--) {
    const at = dice.below(frames.length)
    const other = conversations[dice.below(conversations.length)]!
    if (dice.chance(0.2)) frames.splice(at, 0, other[dice.below(other.length)]!)
    // A payload that is broken within a good frame comes further than a broken frame.
    else if (dice.chance(0.8)) frames[at] = frame(mutated(frames[at]!.subarray(4), dice))
    else frames[at] = mutated(frames[at]!, dice)
  }
  return Buffer.concat(frames)
}

function mutated(bytes: Uint8Array, dice: Prng): Uint8Array {
  const at = dice.below(bytes.length + 1)
  const changed = Uint8Array.from(bytes)
  switch (dice.below(6)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes.subarray(0, at), dice.bytes(dice.below(9)), bytes.subarray(at)])
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + dice.below(8))])
    case 3:
      // A length, or another whole number, that nobody expects.
      changed.set([0x7f, 0xff, 0xff, 0xff].slice(0, bytes.length - at), at)
      return changed
    case 4:
      changed.fill(0xff, at, at + 4)
      return changed
    default:
      if (at < bytes.length) changed[at] = dice.below(256)
      return changed
  }
}

function chunked(bytes: Uint8Array, dice: Prng): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = dice.chance(0.5) ? bytes.length : 1 + dice.below(40)
    chunks.push(bytes.subarray(at, at + length))
    at += length
  }
  return chunks
}

test(`a machine bears ${runs} broken conversations, and keeps no connection and no watch`, {
  timeout: patience,
}, () => {
  const dice = prng(`machine ${seed}`)
  const server = new InProcess('4lw.commands.whitelist=*\nextendedTypesEnabled=true\nenforceQuota=true')
  let answers = 0
  for (let run = 0; run < runs; run++) {
    const client = server.connect()
    const codec = clientCodec(0xfffff)
    try {
      for (const chunk of chunked(broken(dice), dice)) {
        codec.decode(chunk, message => {
          if (message.type === 'frame') client.sendFrame(message.bytes)
          else client.word(message.word)
        })
        answers += client.inbox.splice(0).length
      }
    } catch (error) {
      expect(error, `SEED=${seed}, conversation ${run}`).toMatchObject({ name: 'KeeperError' })
    }
    client.hangUp()
    server.pass(dice.below(200))
  }
  expect(answers, 'most of what came was understood').toBeGreaterThan(runs)
  const figures = new Map(
    String(server.connect().word('mntr'))
      .split('\n')
      .map(line => line.split('\t') as [string, string]),
  )
  expect(figures.get('zk_num_alive_connections')).toBe('1')
  expect(figures.get('zk_watch_count')).toBe('0')
  server.pass(60_000)
  server.pass(60_000)
  const later = String(server.connect().word('mntr'))
  expect(later, 'sessions of the dead are gone').toMatch(/zk_global_sessions\t0\n/)
})

test(`the AdminServer answers ${adminRuns} senseless requests with an object`, { timeout: patience }, () => {
  const config = parseConfig('dataDir=/data\nclientPort=0\n')
  if ('errors' in config) throw new Error('a good file')
  const server = {
    settings: config.settings,
    report: () => reportOf(),
    now: () => 0,
    properties: [],
    configText: '',
    lastSnapshot: () => null,
    rootAcl: () => [],
    logIn: () => [],
    shed: () => 0,
    memory: noMemory(),
  }
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('stmk', 'shed', 'snap', 'mntr', 'traceMask'),
  )
  const request = fc.record({
    method: fc.oneof(fc.constantFrom('GET', 'POST', 'HEAD'), text),
    path: fc.oneof(
      text.map(name => `/commands/${name}`),
      text,
    ),
    query: fc.dictionary(text, text).map(pairs => new Map(Object.entries(pairs))),
    authorization: fc.option(text),
    host: text,
    certificate: fc.constant(null),
    body: fc.oneof(text, fc.json()),
  })
  fc.assert(
    fc.property(request, asked => {
      const { status, type, body } = answerAdmin(asked, server)
      expect(status).toBeLessThan(500)
      if (type === 'application/json') expect(JSON.parse(body)).toHaveProperty('command')
    }),
    { numRuns: adminRuns, seed: new Hash().text(seed).number() },
  )
})

describe(`a server in a process of its own bears ${socketRuns} broken conversations`, () => {
  let server: RunningServer
  const ports: Record<string, number> = {}
  beforeAll(async () => {
    const cfg = [
      'admin.serverPort=0',
      'admin.serverAddress=127.0.0.1',
      'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
      'metricsProvider.httpPort=0',
      'metricsProvider.httpHost=127.0.0.1',
      'maxClientCnxns=0',
      '4lw.commands.whitelist=*',
    ]
    server = await startServer({ cfg: `${cfg.join('\n')}\n` })
    ports.client = server.port
    ports.admin = Number((await server.said('AdminServer listens')).split(':').at(-1))
    ports.metrics = Number((await server.said('Prometheus listens')).split(':').at(-1))
  }, patience)
  afterAll(() => server?.stop())

  /** What the system knows of its process. */
  const files = (): number => readdirSync(`/proc/${server.pid}/fd`).length
  const megabytes = (): number =>
    Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1024

  test.runIf(process.platform === 'linux').each([
    ['client', (dice: Prng) => broken(dice)],
    ['admin', httpBytes],
    ['metrics', httpBytes],
  ])('on its %s port', { timeout: patience }, async (port, make) => {
    const dice = prng(`${port} ${seed}`)
    // What is only made once is made before.
    await inParallel(20, () => converse(ports[port]!, make(dice), dice))
    const before = { files: files(), megabytes: megabytes() }
    await inParallel(socketRuns, () => converse(ports[port]!, make(dice), dice))
    expect(await fourLetterWord(server.port, 'ruok')).toBe('imok')
    for (let tries = 0; tries < 300 && files() > before.files; tries++)
      await new Promise(done => setTimeout(done, 20))
    expect(files(), 'no socket stays open').toBeLessThanOrEqual(before.files)
    expect(megabytes() - before.megabytes, 'no memory is kept').toBeLessThan(100)
    // Whatever it has not said as a line of its log has come from the engine.
    expect(server.log.filter(line => !/^\d{4}-\d\d-\d\dT/.test(line))).toEqual([])
  })
})

async function inParallel(count: number, run: () => Promise<void>): Promise<void> {
  let left = count
  const worker = async (): Promise<void> => {
    while (left-- > 0) await run()
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

/** Says it, listens a moment, and leaves, politely or not. */
function converse(port: number, bytes: Uint8Array, dice: Prng): Promise<void> {
  const isPolite = dice.chance(0.5)
  const chunks = chunked(bytes, dice)
  return new Promise(resolve => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.resume()
    for (const chunk of chunks) socket.write(chunk)
    socket.setTimeout(20, () => (isPolite ? socket.end() : socket.destroy()))
    setTimeout(() => socket.destroy(), 2000).unref()
  })
}

const requests = [
  'GET /commands/mntr HTTP/1.1\r\nhost: here\r\n\r\n',
  'GET /commands HTTP/1.1\r\nhost: here\r\n\r\n',
  'GET /metrics HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n',
  'GET /commands/stmk?traceMask=5&traceMask=%zz HTTP/1.1\r\nhost: here\r\n\r\n',
  'POST /commands/shed HTTP/1.1\r\nhost: here\r\nauthorization: digest u:p\r\ncontent-length: 16\r\n\r\n{"percentage":0}',
  'POST /commands/rest HTTP/1.1\r\nhost: here\r\nauthorization: ip\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n',
  'HEAD //commands?? HTTP/1.1\r\nhost: here\r\n\r\n',
]

function httpBytes(dice: Prng): Uint8Array {
  let bytes: Uint8Array = Buffer.from(requests[dice.below(requests.length)]!)
  for (let count = dice.below(3); count > 0; count--) bytes = mutated(bytes, dice)
  return bytes
}
