/**
 * A closed-loop load generator on raw sockets: each session keeps a window of requests outstanding and sends a new one
 * for every reply. Requests are bytes made beforehand and patched, replies are only counted, so that the server is the
 * bottleneck and not what measures it.
 */
import { once } from 'node:events'
import net from 'node:net'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import {
  readConnectResponse,
  readReplyHeader,
  writeConnectRequest,
  writeCreateRequest,
  writeGetDataRequest,
  writeRequestHeader,
  writeSetDataRequest,
} from '../../src/wire/records.ts'

export interface Load {
  port: number
  kind: 'read' | 'set' | 'create'
  sessions: number
  /** Requests that each session keeps outstanding. */
  window: number
  /** Not measured: the time in which compilers and caches warm up. */
  warmUpMs: number
  measureMs: number
  /** Bytes of data in each znode. */
  valueBytes: number
  /** Create so many znodes, and end. */
  fill?: number
  /** In so many folders, evenly. Up to fifty come in addition; more are counted among what is created. */
  folders?: number
}

export interface Measured {
  perSecond: number
  p50Micros: number
  p99Micros: number
  worstMicros: number
  /** Replies that carried an error: they make the figures worthless. */
  errors: number
}

/** Sessions outlive pauses of a server under load. */
const sessionTimeout = 10_000
export const openAcl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]

/** Creates `count` znodes, evenly in the folders. */
export async function fill(load: Load, count: number): Promise<Measured> {
  const { folders = fillers } = load
  const run = `/million-${process.pid}-${Date.now()}`
  const sessions = await Promise.all(
    Array.from({ length: fillers }, (_, i) =>
      openSession(
        load,
        `${run}-${i}`,
        folders <= fillers
          ? xid => `${run}-${i % folders}/${i}-${xid}`
          : pathInFolders(`${run}-${i}`, count / folders),
      ),
    ),
  )
  const share = count / sessions.length
  const begun = performance.now()
  let errors = 0
  await Promise.all(
    sessions.map(
      session =>
        new Promise<void>(resolve => {
          let left = share
          session.start((_sent, _received, failed) => {
            if (failed) errors++
            if (--left === 0) resolve()
          }, share)
        }),
    ),
  )
  const perSecond = Math.round((1000 * count) / (performance.now() - begun))
  for (const session of sessions) session.close()
  return { perSecond, p50Micros: 0, p99Micros: 0, worstMicros: 0, errors }
}

const fillers = 50
const firstXid = 2

/** A folder, then what is in it, then the next one. */
function pathInFolders(parent: string, size: number): (xid: number) => string {
  return xid => {
    const place = (xid - firstXid) % size
    const folder = `${parent}/${xid - place}`
    return place === 0 ? folder : `${folder}/${place}`
  }
}

/** Runs one load against a server and says what came of it. */
export async function generate(load: Load): Promise<Measured> {
  const run = `${load.kind}-${process.pid}-${Date.now()}`
  const sessions = await Promise.all(
    Array.from({ length: load.sessions }, (_, i) => openSession(load, `/bench-${run}-${i}`)),
  )
  const latencies: number[] = []
  let errors = 0
  const begin = performance.now() + load.warmUpMs
  const end = begin + load.measureMs
  for (const session of sessions) {
    session.start((sent, received, failed) => {
      if (failed) errors++
      if (sent >= begin && received < end) latencies.push(received - sent)
    })
  }
  await new Promise(resolve => setTimeout(resolve, end - performance.now() + 10))
  for (const session of sessions) session.close()
  const sorted = Float64Array.from(latencies).sort()
  const micros = (share: number): number =>
    Math.round(1000 * (sorted[Math.floor(share * sorted.length)] ?? 0))
  return {
    perSecond: Math.round((1000 * sorted.length) / load.measureMs),
    p50Micros: micros(0.5),
    p99Micros: micros(0.99),
    worstMicros: Math.round(1000 * (sorted.at(-1) ?? 0)),
    errors,
  }
}

type Count = (sent: number, received: number, failed: boolean) => void

interface LoadSession {
  /** Calls `count` for each reply; sends no more than `atMost` requests. */
  start(count: Count, atMost?: number): void
  close(): void
}

/** `pathOf` says what the create with this xid creates. */
async function openSession(
  load: Load,
  path: string,
  pathOf = (xid: number) => `${path}/${xid}`,
): Promise<LoadSession> {
  const socket = net.connect(load.port, '127.0.0.1')
  socket.setNoDelay(true)
  await once(socket, 'connect')
  let receive: (reply: Uint8Array) => void = () => {}
  let chunkDone: () => void = () => {}
  const frames = frameReader(1 << 20)
  socket.on('data', chunk => {
    frames.push(chunk, reply => receive(reply))
    chunkDone()
  })
  const ask = (message: Uint8Array): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      receive = resolve
      socket.once('close', () => reject(new Error('the server closed a session of the load')))
      socket.write(frame(message))
    })

  const connected = readConnectResponse(juteReader(await ask(connectRequest())))
  if (connected.timeOut <= 0) throw new Error('the server refused a session of the load')
  const value = new Uint8Array(load.valueBytes).fill(120)
  const made = readReplyHeader(juteReader(await ask(createRequest(1, path, value))))
  if (made.err !== 0) throw new Error(`the load could not create ${path}: ${made.err}`)

  return {
    start(count, atMost = Number.POSITIVE_INFINITY) {
      const window = Math.min(load.window, atMost)
      const sentAt = new Float64Array(window)
      const request = requests(load.kind, path, pathOf, value)
      let xid = firstXid
      let due = window
      let now = performance.now()
      const send = (): void => {
        if (due === 0) return
        const batch: Uint8Array[] = []
        for (; due > 0 && xid < atMost + firstXid; due--) {
          sentAt[xid % window] = now
          batch.push(request(xid++))
        }
        if (batch.length > 0) socket.write(batch.length === 1 ? batch[0]! : Buffer.concat(batch))
      }
      receive = reply => {
        const answered = int(reply, 0)
        if (answered < 0) return
        if (due === 0) now = performance.now()
        count(sentAt[answered % window]!, now, int(reply, 12) !== 0)
        due++
      }
      chunkDone = send
      send()
    },
    close: () => socket.destroy(),
  }
}

/** The framed request number `xid`; for reads and sets one array is made, and only its xid differs. */
function requests(
  kind: Load['kind'],
  path: string,
  pathOf: (xid: number) => string,
  value: Uint8Array,
): (xid: number) => Uint8Array {
  if (kind === 'create') return xid => frame(createRequest(xid, pathOf(xid), value))
  const bytes = frame(kind === 'read' ? readRequest(path) : setRequest(path, value))
  return xid => {
    const copy = Buffer.from(bytes)
    copy.writeInt32BE(xid, 4)
    return copy
  }
}

export function connectRequest(timeOut = sessionTimeout): Uint8Array {
  const out = juteWriter()
  writeConnectRequest(out, {
    protocolVersion: 0,
    lastZxidSeen: 0n,
    timeOut,
    sessionId: 0n,
    passwd: new Uint8Array(16),
    readOnly: false,
  })
  return out.bytes()
}

function createRequest(xid: number, path: string, data: Uint8Array): Uint8Array {
  const out = juteWriter()
  writeRequestHeader(out, { xid, type: OpCode.create })
  writeCreateRequest(out, { path, data, acl: openAcl, flags: 0 })
  return out.bytes()
}

function readRequest(path: string): Uint8Array {
  const out = juteWriter()
  writeRequestHeader(out, { xid: 0, type: OpCode.getData })
  writeGetDataRequest(out, { path, watch: false })
  return out.bytes()
}

function setRequest(path: string, data: Uint8Array): Uint8Array {
  const out = juteWriter()
  writeRequestHeader(out, { xid: 0, type: OpCode.setData })
  writeSetDataRequest(out, { path, data, version: -1 })
  return out.bytes()
}

function int(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
