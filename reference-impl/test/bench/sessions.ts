/**
 * `npm run bench -- --sessions`: a server with 100,000 sessions. How much memory each one needs, and each connection; what
 * a second costs in which nothing happens; and what becomes of everybody else when all of them expire in one tick. They
 * do after a crash whose clients never come back: every session has its whole timeout again from the same moment on.
 *
 * A session outlives its connections, so 100,000 of them need few sockets at a time.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { AddWatchMode, CreateMode, OpCode, Xid } from '../../src/wire/opcodes.ts'
import {
  type RequestHeader,
  readConnectResponse,
  readReplyHeader,
  writeAddWatchRequest,
  writeCreateRequest,
  writeGetDataRequest,
  writeRequestHeader,
} from '../../src/wire/records.ts'
import { fourLetterWord, type Kind, type Server, startServer } from '../interop/servers.ts'
import { connectRequest, openAcl } from './generator.ts'
import { probed, type Stalls, watched } from './probes.ts'
import { type Aims, aim, atMost, cpuMillisOf, type Figures, memoryOf } from './table.ts'

const count = 100_000
const connections = 10_000
/** At a time, while sessions are made. */
const atOnce = 200
/** Long enough to make all of them. */
const timeout = 90_000
const parents = 100
const quietMs = 10_000
/** Of ten thousand connections; a client's own rhythm for a session of nine seconds. */
const pingEvery = 3000

const aims: Aims = {
  'memory alive for each session, bytes': aim('at most', 1),
  'memory for each connection, bytes': aim('at most', 1),
  'CPU in an idle second, ms': aim('at most', 1),
  'one read while they expire, worst ms': aim('at most', 1),
  'one read while they and their nodes go, worst ms': aim('at most', 1),
  'most that it ran at a stretch while they expire, ms': atMost(50),
  'most that it ran at a stretch while they and their nodes go, ms': atMost(50),
}
sessions.aims = aims

export async function sessions(kind: Kind, isOurs: boolean): Promise<Figures> {
  const figures: Figures = new Map()
  const weighed = isOurs ? watched(kind, 'memory-probe') : kind
  await living(weighed, isOurs, figures)
  const timed = isOurs ? watched(kind, 'stall-probe') : kind
  for (const hasNodes of [false, true]) await dying(timed, isOurs, hasNodes, figures)
  await connected(weighed, isOurs, figures)
  return figures
}

/** How they live. */
async function living(kind: Kind, isOurs: boolean, figures: Figures): Promise<void> {
  await withFolder(async dataDir => {
    const server = await start(kind, dataDir)
    await pause(1000)
    const before = await memory(server, isOurs)
    figures.set('CPU in an idle second without any, ms', await idle(server))
    const begun = performance.now()
    await make(server.port, false)
    figures.set('100,000 sessions made, s', since(begun))
    figures.set('CPU in an idle second, ms', await idle(server))
    const after = await memory(server, isOurs)
    figures.set('memory alive for each session, bytes', Math.round((after.alive - before.alive) / count))
    figures.set('memory with 100,000, MB', after.resident)
    await server.kill()
  })
}

/** How they end, all in one tick; `hasNodes`: with an ephemeral node each, and somebody who watches all of them. */
async function dying(kind: Kind, isOurs: boolean, hasNodes: boolean, figures: Figures): Promise<void> {
  const when = hasNodes ? 'while they and their nodes go' : 'while they expire'
  await withFolder(async dataDir => {
    let server = await start(kind, dataDir)
    if (hasNodes) await makeParents(server.port)
    const begun = performance.now()
    await make(server.port, hasNodes)
    if (hasNodes) figures.set('100,000 sessions made with a node each, s', since(begun))
    if (isOurs && hasNodes) await setStalls(figures, 'while they are made', server)
    await server.kill()

    server = await start(kind, dataDir)
    const left = Number(/^zk_global_sessions\t(\d+)/m.exec(await fourLetterWord(server.port, 'mntr'))?.[1])
    // Where making them takes longer than they live, the first are gone by now.
    if (left !== count) figures.set(`sessions left ${when}`, left)
    const watcher = await caller(server.port)
    let events = 0
    watcher.onEvent(() => events++)
    if (hasNodes) await watcher.ask(OpCode.addWatch, out => writeAddWatchRequest(out, allMembers))
    const reader = await caller(server.port)
    const read = (): Promise<bigint> =>
      reader.ask(OpCode.getData, out => writeGetDataRequest(out, { path: '/', watch: false }))
    const first = await read()
    const until = performance.now() + timeout - 5000
    while (performance.now() < until) {
      await watcher.ping()
      await read()
      await pause(1000)
    }
    if (isOurs) await probed<Stalls>(server)

    // As the zxid in the replies goes on, so do the sessions go.
    const last = first + BigInt(left)
    let begin = performance.now()
    let worst = 0
    let waited = 0
    for (let zxid = first; zxid < last; ) {
      const sent = performance.now()
      zxid = await read()
      const received = performance.now()
      worst = Math.max(worst, received - sent)
      waited++
      if (zxid === first && received - sent < 10) {
        begin = received
        waited = 0
      }
      await pause(1)
    }
    figures.set(`seconds ${when}`, since(begin))
    figures.set(`one read ${when}, worst ms`, tenths(worst))
    figures.set(`reads answered ${when}`, waited)
    if (hasNodes) {
      for (let tries = 0; events < left && tries < 50; tries++) await pause(100)
      figures.set('events told to who watches them', events)
    }
    if (isOurs) await setStalls(figures, when, server)
    figures.set(`peak memory ${when}, MB`, memoryOf(server).peak)
    for (const each of [watcher, reader]) each.close()
    await server.kill()
  })
}

/** What a connection needs, and what it costs to hear of its client now and then. */
async function connected(kind: Kind, isOurs: boolean, figures: Figures): Promise<void> {
  await withFolder(async dataDir => {
    const server = await start(kind, dataDir)
    const before = await memory(server, isOurs)
    const callers: Caller[] = []
    while (callers.length < connections) {
      callers.push(...(await Promise.all(Array.from({ length: atOnce }, () => caller(server.port)))))
    }
    // Clients ping one after the other, not all at once.
    let next = 0
    const pinging = setInterval(() => {
      for (let i = 0; i < connections / (pingEvery / 10); i++) void callers[next++ % connections]!.ping()
    }, 10)
    figures.set('CPU in a second of 10,000 connections that ping every 3 s, ms', await idle(server))
    clearInterval(pinging)
    await pause(500)
    const after = await memory(server, isOurs)
    const bytes = ((after.resident - before.resident) * 1024 * 1024) / connections
    figures.set('memory for each connection, bytes', Math.round(bytes))
    figures.set(
      'memory alive for each connection, bytes',
      Math.round((after.alive - before.alive) / connections),
    )
    for (const each of callers) each.close()
    await server.kill()
  })
}

async function withFolder(work: (dataDir: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-sessions-'))
  process.env.PROBED = path.join(folder, 'probed.json')
  try {
    await work(path.join(folder, 'data'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function start(kind: Kind, dataDir: string): Promise<Server> {
  const settings = ['tickTime=2000', 'maxClientCnxns=0', `maxSessionTimeout=${timeout}`]
  return startServer(kind, { dataDir, settings, within: 60_000 })
}

/** Since the probe was asked last. Of the wall's time other programs have had their share; what it ran is its own. */
async function setStalls(figures: Figures, when: string, server: Server): Promise<void> {
  const { wall, ran } = await probed<Stalls>(server)
  figures.set(`longest stall ${when}, ms`, tenths(wall))
  figures.set(`most that it ran at a stretch ${when}, ms`, tenths(ran))
}

/** In MB what the process holds, and in bytes what of its heap is not garbage. */
async function memory(server: Server, isOurs: boolean): Promise<{ resident: number; alive: number }> {
  if (isOurs) {
    const { alive } = await probed<{ alive: number }>(server)
    return { resident: memoryOf(server).now, alive }
  }
  // Its last line is: Total, instances, bytes. To count, it has to collect first.
  const histogram = execFileSync('jcmd', [String(server.pid), 'GC.class_histogram'], { maxBuffer: 1 << 26 })
  const alive = Number(/^Total\s+\d+\s+(\d+)/m.exec(String(histogram))?.[1])
  return { resident: memoryOf(server).now, alive }
}

/** Milliseconds of work in a second, all threads together. */
async function idle(server: Server): Promise<number> {
  await pause(2000)
  const begun = performance.now()
  const before = cpuMillisOf(server)
  await pause(quietMs)
  return tenths(((cpuMillisOf(server) - before) * 1000) / (performance.now() - begun))
}

async function make(port: number, hasNodes: boolean): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left > 0) {
        const number = left--
        const made = await caller(port)
        const data = new Uint8Array(0)
        const path = `/members/${number % parents}/member-${number}`
        if (hasNodes) await made.ask(OpCode.create, out => writeCreateRequest(out, ephemeral(path, data)))
        made.close()
      }
    }),
  )
}

async function makeParents(port: number): Promise<void> {
  const { ask, close } = await caller(port)
  const data = new Uint8Array(0)
  for (const path of ['/members', ...Array.from({ length: parents }, (_, at) => `/members/${at}`)]) {
    await ask(OpCode.create, out => writeCreateRequest(out, { path, data, acl: openAcl, flags: 0 }))
  }
  // This session is none of those that expire.
  await ask(OpCode.closeSession, () => {})
  close()
}

const allMembers = { path: '/members', mode: AddWatchMode.PERSISTENT_RECURSIVE }
const ephemeral = (path: string, data: Uint8Array) => ({
  path,
  data,
  acl: openAcl,
  flags: CreateMode.EPHEMERAL,
})

/** A session on a socket of its own, which asks one thing at a time. */
interface Caller {
  /** Answers with the zxid of the reply; throws when that has an error. */
  ask(type: number, body: (out: ReturnType<typeof juteWriter>) => void): Promise<bigint>
  ping(): Promise<bigint>
  onEvent(hear: () => void): void
  /** Leaves without a word, and without a socket that lingers. The session lives on. */
  close(): void
}

async function caller(port: number): Promise<Caller> {
  const socket = net.connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  const frames = frameReader(1 << 20)
  let receive: ((reply: Uint8Array) => void) | null = null
  let hear = (): void => {}
  let xid = 0
  socket.on('data', chunk => frames.push(chunk, take))
  socket.on('error', () => {})

  function take(message: Uint8Array): void {
    if (xid > 0 && readReplyHeader(juteReader(message)).xid === Xid.notification) hear()
    else receive?.(message)
  }

  const send = (message: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const lost = (): void => reject(new Error('the server closed a connection of the load'))
      socket.once('close', lost)
      receive = reply => {
        socket.off('close', lost)
        resolve(reply)
      }
      socket.write(frame(message))
    })

  const request = async (header: RequestHeader, body: Parameters<Caller['ask']>[1]): Promise<bigint> => {
    const out = juteWriter()
    writeRequestHeader(out, header)
    body(out)
    const { err, zxid } = readReplyHeader(juteReader(await send(out.bytes())))
    if (err !== 0) throw new Error(`the server answers ${header.type} with ${err}`)
    return zxid
  }

  const { timeOut } = readConnectResponse(juteReader(await send(connectRequest(timeout))))
  if (timeOut !== timeout) throw new Error(`asked for ${timeout} ms, the load got ${timeOut}`)
  return {
    ask: (type, body) => request({ xid: ++xid, type }, body),
    ping: () => request({ xid: Xid.ping, type: OpCode.ping }, () => {}),
    onEvent: listener => {
      hear = listener
    },
    close: () => void socket.resetAndDestroy(),
  }
}

function since(begun: number): number {
  return Math.round((performance.now() - begun) / 10) / 100
}

function tenths(figure: number): number {
  return Math.round(figure * 10) / 10
}
