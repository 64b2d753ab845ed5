/** The AdminServer's port: from HTTP to its commands and back, and the snapshots that it gives away. */
import { closeSync, createReadStream, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { open, rename, unlink } from 'node:fs/promises'
import type http from 'node:http'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { TLSSocket } from 'node:tls'
import {
  type AdminRequest,
  type AdminServer,
  answerAdmin,
  isUpload,
  noMemory,
} from '../src/admin/admin-server.ts'
import { type AdminResponse, response as answered } from '../src/admin/http.ts'
import { note } from '../src/server/metrics.ts'
import type { Settings } from '../src/server/settings.ts'
import type { StandaloneMachine } from '../src/server/standalone-machine.ts'
import { logIn, x509Identities } from '../src/session/login.ts'
import { fileName, filesOf, folder } from '../src/storage/files.ts'
import { restorable } from '../src/storage/restore.ts'
import { type SnapshotSource, snapshotWriter } from '../src/storage/snapshot.ts'
import type { Zxid } from '../src/wire/zxid.ts'
import { type Running, uploaded } from './restore.ts'

/** How the server was started, as far as its operator may ask. */
export type Beginning = Pick<AdminServer, 'properties' | 'configText'>

const longestBody = 1 << 16

/** Whoever has come by TLS should come by TLS again. */
const afterTls = 'max-age=86400; includeSubDomains'

export function adminPort(settings: Settings, running: Running, beginning: Beginning): http.RequestListener {
  const server: AdminServer = {
    ...beginning,
    settings,
    report: () => running.machine.inspect(),
    now: () => performance.now(),
    lastSnapshot: () => newestSnapshot(settings.dataDir),
    rootAcl: () => running.machine.snapshotSource().nodes().next().value![1].acl,
    logIn: (scheme, proof, { host, certificate }) =>
      scheme === 'x509'
        ? certificate && x509Identities(certificate, settings)
        : logIn(scheme, proof, host, settings),
    shed: percentage => running.machine.shed(percentage),
    memory: noMemory(),
  }
  return (request, response) => {
    if (request.socket instanceof TLSSocket) response.setHeader('strict-transport-security', afterTls)
    request.on('error', () => {})
    const asked = readRequest(request, '', settings)
    if (isUpload(asked.method, asked.path, settings)) {
      const answer = answerAdmin(asked, server)
      if (answer.restores) void restore(request, response, settings, running)
      else {
        request.resume()
        send(response, answer)
      }
      return
    }
    let body = ''
    request.setEncoding('utf8')
    request.on('data', text => {
      body += text
      if (body.length > longestBody) request.destroy()
    })
    request.on('end', () => {
      const answer = answerAdmin({ ...asked, body }, server)
      const { reset, snapshot } = answer
      if (reset !== undefined) running.machine.reset(reset)
      if (snapshot === undefined) send(response, answer)
      else void sendSnapshot(response, settings.dataDir, running.machine, snapshot.isStreamed, answer)
    })
  }
}

function send(response: http.ServerResponse, { status, headers = {}, type, body }: AdminResponse): void {
  response.writeHead(status, { ...headers, 'content-type': type }).end(body)
}

/** A snapshot that is no good changes nothing. */
async function restore(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  settings: Settings,
  running: Running,
): Promise<void> {
  const { counters, summaries } = running.machine.inspect().metrics
  const started = performance.now()
  try {
    const snapshot = restorable(await uploaded(request, settings))
    const zxid = await running.restore(snapshot)
    note(summaries.restore_time, Math.round(performance.now() - started))
    send(response, answered(200, { command: 'restore', error: null, last_zxid: zxid }))
  } catch (error) {
    counters.restore_error_count++
    const { message } = error as Error
    send(response, answered(500, { command: 'restore', error: `Nothing could be restored: ${message}` }))
  }
}

function readRequest(
  { method = 'GET', url = '/', headers, socket }: http.IncomingMessage,
  body: string,
  { trustForwardedFor }: Settings,
): AdminRequest {
  const [at = '/', query = ''] = url.split(/\?(.*)/s, 2)
  // Of a name that comes twice the first counts.
  const pairs = [...new URLSearchParams(query)].reverse()
  const forwarded = trustForwardedFor ? headers['x-forwarded-for'] : undefined
  const address = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '') ?? ''
  return {
    method,
    path: at,
    query: new Map(pairs),
    authorization: headers.authorization ?? null,
    host: String(forwarded ?? address)
      .split(',')[0]!
      .trim(),
    certificate: socket instanceof TLSSocket ? (socket.getPeerX509Certificate()?.raw ?? null) : null,
    body,
  }
}

async function sendSnapshot(
  response: http.ServerResponse,
  dataDir: string,
  machine: StandaloneMachine,
  isStreamed: boolean,
  { type, body }: { type: string; body: string },
): Promise<void> {
  try {
    const { file, size, zxid } = await takeSnapshot(path.join(dataDir, folder), machine.snapshotSource())
    const headers = { last_zxid: `0x${zxid.toString(16)}`, snapshot_size: size }
    if (!isStreamed) {
      response.writeHead(200, { ...headers, 'content-type': type }).end(body)
      return
    }
    const stream = createReadStream(file)
    stream.on('error', () => response.destroy())
    response.on('close', () => stream.destroy())
    stream.pipe(response.writeHead(200, { ...headers, 'content-type': 'application/octet-stream' }))
  } catch (error) {
    machine.inspect().metrics.counters.snapshot_error_count++
    const said = { command: 'snapshot', error: `No snapshot could be written: ${(error as Error).message}` }
    response.writeHead(500, { 'content-type': type }).end(`${JSON.stringify(said)}\n`)
  }
}

/**
 * Writes a snapshot beside those that the server takes by itself, or answers with the one that is as new. It gets its
 * name when it is complete: a recovery must never meet half of it.
 */
async function takeSnapshot(
  where: string,
  source: SnapshotSource,
): Promise<{ file: string; size: number; zxid: Zxid }> {
  const { zxid } = source
  const file = path.join(where, fileName('snapshot', zxid))
  if (!isComplete(file)) {
    const part = path.join(where, `.${fileName('snapshot', zxid)}.part`)
    const writer = snapshotWriter(source)
    const out = await open(part, 'w')
    try {
      for (let piece = writer.next(); piece !== null; piece = writer.next()) {
        if (piece.length > 0) await out.writeFile(piece)
        await turn()
      }
      await out.sync()
    } catch (error) {
      await unlink(part)
      throw error
    } finally {
      await out.close()
    }
    await rename(part, file)
  }
  return { file, size: statSync(file).size, zxid }
}

/** null, too, when somebody takes the files away while we look. */
function newestSnapshot(dataDir: string): { zxid: Zxid; seconds: number } | null {
  const where = path.join(dataDir, folder)
  try {
    for (const { name, zxid } of filesOf('snapshot', readdirSync(where)).reverse()) {
      const file = path.join(where, name)
      if (isComplete(file)) return { zxid, seconds: Math.floor(statSync(file).mtimeMs / 1000) }
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
  }
  return null
}

/** Does it end as snapshots end? */
function isComplete(file: string): boolean {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size < 10) return false
  const end = Buffer.alloc(5)
  const handle = openSync(file, 'r')
  try {
    readSync(handle, end, 0, 5, size - 5)
  } finally {
    closeSync(handle)
  }
  return end.equals(Buffer.from('000000012f', 'hex'))
}
