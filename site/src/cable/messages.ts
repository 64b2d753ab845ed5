/** What a frame says, as far as it matters here: read by the reference's own codecs. */
import type { InputArchive } from '../../../reference-impl/src/wire/archive.ts'
import { Code, codeName } from '../../../reference-impl/src/wire/errors.ts'
import { juteReader } from '../../../reference-impl/src/wire/jute.ts'
import { OpCode, opName, Xid } from '../../../reference-impl/src/wire/opcodes.ts'
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
      return { type: 'request', xid, of: opName(type), text: asking(type, input) }
    }
    const { xid, err } = records.readReplyHeader(input)
    if (xid === Xid.ping) return { type: 'pong' }
    const op = asked.get(xid)!
    const text = err === Code.OK ? answering(op, input) : codeName(err)
    return { type: 'answer', xid, of: opName(op), text }
  }

  return Object.assign(read, {
    restart() {
      isNew = { out: true, in: true }
    },
  })
}

/** What the programs of this page ask begins with a path, or says nothing but good-bye. */
function asking(op: number, input: InputArchive): string {
  if (op === OpCode.closeSession) return ''
  if (op !== OpCode.create2) return input.ustring() ?? ''
  const { path, data } = records.readCreateRequest(input)
  return `${path} "${new TextDecoder().decode(data!)}"`
}

function answering(op: number, input: InputArchive): string {
  if (op === OpCode.create2) return records.readCreate2Response(input).path
  if (op === OpCode.getChildren2) return records.readGetChildren2Response(input).children.sort().join(', ')
  return codeName(Code.OK)
}
