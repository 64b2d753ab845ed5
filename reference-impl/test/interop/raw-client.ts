/** A client that says exactly the bytes it is told to: for what no well-behaved client does. */
import { once } from 'node:events'
import net from 'node:net'
import type { OutputArchive } from '../../src/wire/archive.ts'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import {
  type ConnectRequest,
  type ConnectResponse,
  type ReplyHeader,
  readConnectResponse,
  readReplyHeader,
  writeConnectRequest,
  writeRequestHeader,
} from '../../src/wire/records.ts'

export interface RawClient {
  send(bytes: Uint8Array): void
  /** The payload of the next frame from the server; null when the server has closed the connection. */
  receive(): Promise<Uint8Array | null>
  /** Asks for a session, a fresh one unless told otherwise; null when the server hangs up on us. */
  connect(request?: Partial<ConnectRequest>): Promise<(ConnectResponse & { length: number }) | null>
  /** The next reply or notification, cut behind its header. */
  reply(): Promise<(ReplyHeader & { body: string }) | null>
  hangUp(): void
}

const patience = 5000

export async function rawClient(port: number): Promise<RawClient> {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const reader = frameReader(0x7fffffff)
  const arrived: Uint8Array[] = []
  let gone = false
  let wake = () => {}
  socket.on('data', chunk => {
    reader.push(Uint8Array.from(chunk), payload => arrived.push(payload))
    wake()
  })
  // A server that drops us may do so in the middle of what we send: an error is a hang-up like any other.
  socket.on('error', () => {})
  socket.on('close', () => {
    gone = true
    wake()
  })

  const client: RawClient = {
    send: bytes => void socket.write(bytes),
    async receive() {
      const alarm = setTimeout(() => socket.destroy(new Error('no answer')), patience)
      while (arrived.length === 0 && !gone) await new Promise<void>(resolve => (wake = resolve))
      clearTimeout(alarm)
      if (socket.errored?.message === 'no answer')
        throw new Error(`the server said nothing for ${patience} ms`)
      return arrived.shift() ?? null
    },
    async connect(request = {}) {
      client.send(connectFrame(request))
      const payload = await client.receive()
      return payload && { ...readConnectResponse(juteReader(payload)), length: payload.length }
    },
    async reply() {
      const payload = await client.receive()
      return (
        payload && {
          ...readReplyHeader(juteReader(payload)),
          body: Buffer.from(payload.subarray(16)).toString('hex'),
        }
      )
    },
    hangUp: () => socket.destroy(),
  }
  return client
}

export function connectFrame(request: Partial<ConnectRequest> = {}): Uint8Array {
  return framed(out =>
    writeConnectRequest(out, {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut: 4000,
      sessionId: 0n,
      passwd: new Uint8Array(16),
      readOnly: false,
      ...request,
    }),
  )
}

/** A request in its frame; `body` writes what follows the header. */
export function requestFrame(
  xid: number,
  type: number,
  body: (out: OutputArchive) => void = () => {},
): Uint8Array {
  return framed(out => {
    writeRequestHeader(out, { xid, type })
    body(out)
  })
}

function framed(write: (out: OutputArchive) => void): Uint8Array {
  const out = juteWriter()
  write(out)
  return frame(out.bytes())
}
