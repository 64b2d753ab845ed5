/** What a frame says, as far as it matters here: read by the reference's own codecs. */
import { Code, codeName } from '../../../reference-impl/src/wire/errors.ts'
import { juteReader } from '../../../reference-impl/src/wire/jute.ts'
import { opName, Xid } from '../../../reference-impl/src/wire/opcodes.ts'
import * as records from '../../../reference-impl/src/wire/records.ts'
import type { Way } from '../../../reference-impl/test/client/cut.ts'

/** `text`: a path or a name as it travels; `of`: the name of the operation. */
export type Message =
  | { type: 'connect'; sessionId: bigint }
  | { type: 'welcome'; sessionId: bigint }
  | { type: 'ping' | 'pong' }
  | { type: 'request'; xid: number; of: string; text: string }
  | { type: 'answer'; xid: number; of: string; text: string }

export interface MessageReader {
  (way: Way, payload: Uint8Array): Message
  /** A new connection begins with a handshake again. */
  restart(): void
}

export function messageReader(): MessageReader {
  let isNew = { out: true, in: true }
  const asked = new Map<number, number>()

  function read(way: Way, payload: Uint8Array): Message {
    const input = juteReader(payload)
    if (isNew[way]) {
      isNew[way] = false
      if (way === 'out') return { type: 'connect', sessionId: records.readConnectRequest(input).sessionId }
      return { type: 'welcome', sessionId: records.readConnectResponse(input).sessionId }
    }
    if (way === 'out') {
      const { xid, type } = records.readRequestHeader(input)
      if (xid === Xid.ping) return { type: 'ping' }
      asked.set(xid, type)
      const { path, data } = records.readCreateRequest(input)
      return { type: 'request', xid, of: opName(type), text: `${path} "${new TextDecoder().decode(data!)}"` }
    }
    const { xid, err } = records.readReplyHeader(input)
    if (xid === Xid.ping) return { type: 'pong' }
    const of = opName(asked.get(xid)!)
    const text = err === Code.OK ? records.readCreate2Response(input).path : codeName(err)
    return { type: 'answer', xid, of, text }
  }

  return Object.assign(read, {
    restart() {
      isNew = { out: true, in: true }
    },
  })
}
