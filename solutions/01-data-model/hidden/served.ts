/**
 * The tree under test inside a whole server, on the other side of a network from a client that speaks in frames. The
 * world is simulated: no port is opened, no time is waited, and every run is the same.
 */
import { answerWord } from '#lab/admin/four-letter.ts'
import { parseConfig } from '#lab/server/config.ts'
import { clientCodec } from '#lab/server/connection.ts'
import { standalone } from '#lab/server/standalone.ts'
import type { InputArchive, OutputArchive } from '#lab/wire/archive.ts'
import { frame, frameReader } from '#lab/wire/frames.ts'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import {
  readCreateResponse,
  readExistsResponse,
  readGetChildrenResponse,
  readReplyHeader,
  type Stat,
  writeConnectRequest,
  writeCreateRequest,
  writeDeleteRequest,
  writeExistsRequest,
  writeGetChildrenRequest,
  writeRequestHeader,
  writeSetACLRequest,
  writeSetDataRequest,
} from '#lab/wire/records.ts'
import { drive } from '#lab/world/driver.ts'
import { simulatedWorld } from '#lab/world/simulated/simulated-world.ts'
import { bytes, everyone } from '../../../labs/01-data-model/test/history.ts'

export interface Client {
  /** `flags`: 1 ephemeral, 2 sequential, 3 both. Answers with the path that the server chose, or its error code. */
  create(path: string, flags?: number, data?: string): string | number
  delete(path: string): number
  set(path: string, data: string): number
  setACL(path: string): number
  stat(path: string): Stat | number
  children(path: string): string[] | number
  /** Ends the session; the server deletes what was its own. */
  close(): void
}

const longEnough = 10_000

export function serve(): { connect(): Client } {
  const simulation = simulatedWorld({ seed: 1 })
  const config = parseConfig('dataDir=/data\nclientPort=2181\ntickTime=2000\n')
  if ('errors' in config) throw new Error(config.errors.map(({ text }) => text).join('\n'))
  const { settings } = config
  drive(simulation.host('server'), {
    machine: standalone({ settings, answerWord }),
    tickEvery: 1000,
    listen: {
      client: { address: { host: '0.0.0.0', port: 2181 }, codec: () => clientCodec(settings.maxBuffer) },
    },
  })
  let clients = 0
  return { connect: () => connect(`client ${++clients}`) }

  function connect(name: string): Client {
    const replies: Uint8Array[] = []
    const reader = frameReader(settings.maxBuffer)
    let isOpen = false
    const connection = simulation.host(name).network.connect(
      { host: 'server', port: 2181 },
      {
        opened: () => {
          isOpen = true
        },
        data: chunk => reader.push(chunk, payload => replies.push(payload)),
        closed: () => {
          isOpen = false
        },
      },
    )
    until(() => isOpen, 'the server to accept a connection')
    const passwd = new Uint8Array(16)
    send(out => {
      writeConnectRequest(out, {
        protocolVersion: 0,
        lastZxidSeen: 0n,
        timeOut: 10_000,
        sessionId: 0n,
        passwd,
        readOnly: false,
      })
    })
    until(() => replies.length > 0, 'the server to open a session')
    replies.length = 0
    let xid = 0

    function send(write: (out: OutputArchive) => void): void {
      const out = juteWriter()
      write(out)
      connection.write(frame(out.bytes()))
    }

    /** One request and its reply, or the code that came instead of one. */
    function ask<Reply>(
      type: number,
      write: (out: OutputArchive) => void,
      read: (input: InputArchive) => Reply,
    ): Reply | number {
      xid += 1
      send(out => {
        writeRequestHeader(out, { xid, type })
        write(out)
      })
      until(() => replies.length > 0, `the reply to request ${xid} of type ${type}`)
      const input = juteReader(replies.shift()!)
      const { err } = readReplyHeader(input)
      return err === 0 ? read(input) : err
    }

    const done = () => 0
    return {
      create: (path, flags = 0, data = '') =>
        ask(
          OpCode.create,
          out => writeCreateRequest(out, { path, data: bytes(data), acl: everyone, flags }),
          input => readCreateResponse(input).path,
        ),
      delete: path => ask(OpCode.delete, out => writeDeleteRequest(out, { path, version: -1 }), done),
      set: (path, data) =>
        ask(OpCode.setData, out => writeSetDataRequest(out, { path, data: bytes(data), version: -1 }), done),
      setACL: path =>
        ask(OpCode.setACL, out => writeSetACLRequest(out, { path, acl: everyone, version: -1 }), done),
      stat: path =>
        ask(
          OpCode.exists,
          out => writeExistsRequest(out, { path, watch: false }),
          input => readExistsResponse(input).stat,
        ),
      children: path =>
        ask(
          OpCode.getChildren,
          out => writeGetChildrenRequest(out, { path, watch: false }),
          input => readGetChildrenResponse(input).children,
        ),
      close: () => {
        ask(OpCode.closeSession, () => {}, done)
      },
    }
  }

  function until(happened: () => boolean, what: string): void {
    const deadline = simulation.now() + longEnough
    while (!happened()) {
      if (!simulation.step() || simulation.now() > deadline) {
        throw new Error(`waited ${longEnough} ms of virtual time for ${what}, and it never came`)
      }
    }
  }
}
