/** What the frames of a conversation say: each as its header and its record. */
import type { InputArchive, OutputArchive } from '../../src/wire/archive.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { OpCode, opName, Xid } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import type { Frame } from './captured.ts'

export interface Message {
  from: Frame['from']
  /** `create`, `reply to create`, `notification`, `connect`, `reply to connect`. */
  name: string
  /** The header and what follows it; null where there is no such thing. */
  parts: [header: unknown, body: unknown]
  /** How many bytes of the frame no record accounts for. */
  left: number
  /** The payload that its parts make when they are written again. */
  written: Uint8Array
}

interface Part<T = unknown> {
  read(input: InputArchive): T
  write(out: OutputArchive, record: T): void
}

function part<T>(read: Part<T>['read'], write: Part<T>['write']): Part<T> {
  return { read, write }
}

const nothing: Part = { read: () => null, write: () => {} }
const requestHeader = part(records.readRequestHeader, records.writeRequestHeader)
const replyHeader = part(records.readReplyHeader, records.writeReplyHeader)
const watcherEvent = part(records.readWatcherEvent, records.writeWatcherEvent)
const connectRequest = part(records.readConnectRequest, records.writeConnectRequest)
const connectResponse = part(records.readConnectResponse, records.writeConnectResponse)

/** What follows the header in a request, and in a reply without error: of the operations that were recorded. */
const bodies: Record<number, [request: Part, reply: Part]> = {
  [OpCode.create]: [
    part(records.readCreateRequest, records.writeCreateRequest),
    part(records.readCreateResponse, records.writeCreateResponse),
  ],
  [OpCode.create2]: [
    part(records.readCreateRequest, records.writeCreateRequest),
    part(records.readCreate2Response, records.writeCreate2Response),
  ],
  [OpCode.delete]: [part(records.readDeleteRequest, records.writeDeleteRequest), nothing],
  [OpCode.exists]: [
    part(records.readExistsRequest, records.writeExistsRequest),
    part(records.readExistsResponse, records.writeExistsResponse),
  ],
  [OpCode.getData]: [
    part(records.readGetDataRequest, records.writeGetDataRequest),
    part(records.readGetDataResponse, records.writeGetDataResponse),
  ],
  [OpCode.setData]: [
    part(records.readSetDataRequest, records.writeSetDataRequest),
    part(records.readSetDataResponse, records.writeSetDataResponse),
  ],
  [OpCode.getChildren]: [
    part(records.readGetChildrenRequest, records.writeGetChildrenRequest),
    part(records.readGetChildrenResponse, records.writeGetChildrenResponse),
  ],
  [OpCode.getChildren2]: [
    part(records.readGetChildren2Request, records.writeGetChildren2Request),
    part(records.readGetChildren2Response, records.writeGetChildren2Response),
  ],
  [OpCode.sync]: [
    part(records.readSyncRequest, records.writeSyncRequest),
    part(records.readSyncResponse, records.writeSyncResponse),
  ],
  [OpCode.ping]: [nothing, nothing],
  [OpCode.closeSession]: [nothing, nothing],
}

/** Reads the frames of one connection, from its first. */
export function messagesOf(frames: readonly Frame[]): Message[] {
  /** The operations that have not been answered yet, by xid. */
  const asked = new Map<number, number>()
  return frames.map(({ from, bytes }, index) => {
    const input = juteReader(bytes.subarray(4))
    const out = juteWriter()
    const take = <T>(part: Part<T>): T => {
      const record = part.read(input)
      part.write(out, record)
      return record
    }
    const message = (name: string, header: unknown, body: unknown): Message => ({
      from,
      name,
      parts: [header, body],
      left: input.remaining(),
      written: out.bytes(),
    })

    if (index === 0) return message('connect', null, take(connectRequest))
    if (index === 1) return message('reply to connect', null, take(connectResponse))
    if (from === 'client') {
      const header = take(requestHeader)
      asked.set(header.xid, header.type)
      return message(opName(header.type), header, take(bodyOf(header.type)[0]))
    }
    const header = take(replyHeader)
    if (header.xid === Xid.notification) return message('notification', header, take(watcherEvent))
    const type = asked.get(header.xid)
    if (type === undefined) throw new Error(`frame ${index} answers ${header.xid}, which nobody asked`)
    asked.delete(header.xid)
    return message(`reply to ${opName(type)}`, header, take(header.err === 0 ? bodyOf(type)[1] : nothing))
  })
}

function bodyOf(type: number): [request: Part, reply: Part] {
  const found = bodies[type]
  if (found === undefined) throw new Error(`a recording uses ${opName(type)}: add its records to the table`)
  return found
}
