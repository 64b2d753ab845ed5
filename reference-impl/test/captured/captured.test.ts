import { describe, expect, test } from 'vitest'
import type { InputArchive, OutputArchive } from '../../src/wire/archive.ts'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { OpCode, opName, Xid } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { captured, type Frame, recordings, streamOf } from './captured.ts'

/** Reads one record and writes it again. */
type Copy = (input: InputArchive, out: OutputArchive) => void

function copy<T>(read: (input: InputArchive) => T, write: (out: OutputArchive, record: T) => void): Copy {
  return (input, out) => write(out, read(input))
}

const nothing: Copy = () => {}

/** What follows the header in a request and in a reply without error. */
const bodies: Record<number, [request: Copy, reply: Copy]> = {
  [OpCode.create]: [
    copy(records.readCreateRequest, records.writeCreateRequest),
    copy(records.readCreateResponse, records.writeCreateResponse),
  ],
  [OpCode.create2]: [
    copy(records.readCreateRequest, records.writeCreateRequest),
    copy(records.readCreate2Response, records.writeCreate2Response),
  ],
  [OpCode.delete]: [copy(records.readDeleteRequest, records.writeDeleteRequest), nothing],
  [OpCode.exists]: [
    copy(records.readExistsRequest, records.writeExistsRequest),
    copy(records.readExistsResponse, records.writeExistsResponse),
  ],
  [OpCode.getData]: [
    copy(records.readGetDataRequest, records.writeGetDataRequest),
    copy(records.readGetDataResponse, records.writeGetDataResponse),
  ],
  [OpCode.setData]: [
    copy(records.readSetDataRequest, records.writeSetDataRequest),
    copy(records.readSetDataResponse, records.writeSetDataResponse),
  ],
  [OpCode.getChildren]: [
    copy(records.readGetChildrenRequest, records.writeGetChildrenRequest),
    copy(records.readGetChildrenResponse, records.writeGetChildrenResponse),
  ],
  [OpCode.getChildren2]: [
    copy(records.readGetChildren2Request, records.writeGetChildren2Request),
    copy(records.readGetChildren2Response, records.writeGetChildren2Response),
  ],
  [OpCode.sync]: [
    copy(records.readSyncRequest, records.writeSyncRequest),
    copy(records.readSyncResponse, records.writeSyncResponse),
  ],
  [OpCode.ping]: [nothing, nothing],
  [OpCode.closeSession]: [nothing, nothing],
}

describe.each(recordings())('the recorded conversation %s', recording => {
  const frames = captured(recording)

  test('opens with a connect request and its answer', () => {
    expect(frames.slice(0, 2).map(frame => [frame.from, frame.bytes.length])).toEqual([
      ['client', 49],
      ['server', 41],
    ])
  })

  test('is cut into the same frames however its bytes arrive', () => {
    for (const from of ['client', 'server'] as const) {
      const stream = streamOf(frames, from)
      const sent = frames.filter(frame => frame.from === from).map(frame => hex(frame.bytes))
      for (const size of [1, 2, 3, 5, 8, 13, 1000, stream.length]) {
        const reader = frameReader(0xfffff)
        const seen: string[] = []
        for (let at = 0; at < stream.length; at += size) {
          reader.push(stream.subarray(at, at + size), payload => seen.push(hex(frame(payload))))
        }
        expect(seen, `chunks of ${size} bytes from the ${from}`).toEqual(sent)
      }
    }
  })

  test('holds records that read to their last byte and are written back as they were', () => {
    /** The operations that have not been answered yet, by xid. */
    const asked = new Map<number, number>()
    frames.forEach(({ from, bytes }, index) => {
      const input = juteReader(bytes.subarray(4))
      const out = juteWriter()
      const name = index < 2 ? connect(from, input, out) : message(from, input, out, asked)
      const where = `frame ${index}, from the ${from}: ${name}`
      expect(input.remaining(), `${where} has bytes that its record does not name`).toBe(0)
      expect(hex(out.bytes()), `${where} reads as one thing and writes as another`).toBe(
        hex(bytes.subarray(4)),
      )
    })
    expect(asked.size, 'requests without an answer').toBe(0)
  })
})

function connect(from: Frame['from'], input: InputArchive, out: OutputArchive): string {
  if (from === 'client') copy(records.readConnectRequest, records.writeConnectRequest)(input, out)
  else copy(records.readConnectResponse, records.writeConnectResponse)(input, out)
  return 'connect'
}

/** Copies a request, a reply or a notification, and says which it was. */
function message(
  from: Frame['from'],
  input: InputArchive,
  out: OutputArchive,
  asked: Map<number, number>,
): string {
  if (from === 'client') {
    const header = records.readRequestHeader(input)
    records.writeRequestHeader(out, header)
    asked.set(header.xid, header.type)
    bodyOf(header.type)[0](input, out)
    return opName(header.type)
  }
  const header = records.readReplyHeader(input)
  records.writeReplyHeader(out, header)
  if (header.xid === Xid.notification) {
    copy(records.readWatcherEvent, records.writeWatcherEvent)(input, out)
    return 'notification'
  }
  const type = asked.get(header.xid)
  if (type === undefined) throw new Error(`a reply to ${header.xid}, which nobody asked`)
  asked.delete(header.xid)
  if (header.err === 0) bodyOf(type)[1](input, out)
  return `reply to ${opName(type)}`
}

function bodyOf(type: number): [request: Copy, reply: Copy] {
  const found = bodies[type]
  if (found === undefined) throw new Error(`the recordings do not use ${opName(type)}, or did not`)
  return found
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
