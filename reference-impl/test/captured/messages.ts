/** What the frames of a conversation say: each as its header and its record. */
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { OpCode, opName, Xid } from '../../src/wire/opcodes.ts'
import type { ReplyHeader, RequestHeader } from '../../src/wire/records.ts'
import { codec } from '../wire/codecs.ts'
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

/** The records behind the headers of a request, and of a reply without error: of the operations that were recorded. */
const bodies: Record<number, [request: string | null, reply: string | null]> = {
  [OpCode.create]: ['CreateRequest', 'CreateResponse'],
  [OpCode.create2]: ['CreateRequest', 'Create2Response'],
  [OpCode.delete]: ['DeleteRequest', null],
  [OpCode.exists]: ['ExistsRequest', 'ExistsResponse'],
  [OpCode.getData]: ['GetDataRequest', 'GetDataResponse'],
  [OpCode.setData]: ['SetDataRequest', 'SetDataResponse'],
  [OpCode.getChildren]: ['GetChildrenRequest', 'GetChildrenResponse'],
  [OpCode.getChildren2]: ['GetChildren2Request', 'GetChildren2Response'],
  [OpCode.sync]: ['SyncRequest', 'SyncResponse'],
  [OpCode.ping]: [null, null],
  [OpCode.closeSession]: [null, null],
}

/** Reads the frames of one connection, from its first. */
export function messagesOf(frames: readonly Frame[]): Message[] {
  /** The operations that have not been answered yet, by xid. */
  const asked = new Map<number, number>()
  return frames.map(({ from, bytes }, index) => {
    const input = juteReader(bytes.subarray(4))
    const out = juteWriter()
    const take = (name: string | null) => {
      if (name === null) return null
      const record = codec(name).read(input)
      codec(name).write(out, record)
      return record
    }
    const message = (name: string, header: unknown, body: unknown): Message => ({
      from,
      name,
      parts: [header, body],
      left: input.remaining(),
      written: out.bytes(),
    })

    if (index === 0) return message('connect', null, take('ConnectRequest'))
    if (index === 1) return message('reply to connect', null, take('ConnectResponse'))
    if (from === 'client') {
      const header = take('RequestHeader') as RequestHeader
      asked.set(header.xid, header.type)
      return message(opName(header.type), header, take(bodyOf(header.type)[0]))
    }
    const header = take('ReplyHeader') as ReplyHeader
    if (header.xid === Xid.notification) return message('notification', header, take('WatcherEvent'))
    const type = asked.get(header.xid)
    if (type === undefined) throw new Error(`frame ${index} answers ${header.xid}, which nobody asked`)
    asked.delete(header.xid)
    return message(`reply to ${opName(type)}`, header, take(header.err === 0 ? bodyOf(type)[1] : null))
  })
}

function bodyOf(type: number): [request: string | null, reply: string | null] {
  const found = bodies[type]
  if (found === undefined) throw new Error(`a recording uses ${opName(type)}: add its records to the table`)
  return found
}
