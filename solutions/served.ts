/**
 * Clients of a whole server that has a lab's code in it: what the hidden tests of several labs look at last. The server
 * itself is in served.inside.ts; what passes between it and these clients is bytes.
 */
import type { InputArchive, OutputArchive } from '#lab/wire/archive.ts'
import { frame, frameReader } from '#lab/wire/frames.ts'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'
import { EventType, OpCode, opName, Xid } from '#lab/wire/opcodes.ts'
import * as records from '#lab/wire/records.ts'
import { startServer } from './served.inside.ts'

/** What a request is answered with, or the code of the error that came instead. */
export type Answer<T> = T | number

export interface Client {
  /** `flags`: 1 ephemeral, 2 sequential, 3 both. Answers with the path that the server chose. */
  create(path: string, flags?: number, data?: string, acl?: records.ACL[]): Answer<string>
  delete(path: string): number
  set(path: string, data: string): number
  setACL(path: string, acl?: records.ACL[]): number
  /** An `exists`. */
  stat(path: string, watch?: boolean): Answer<records.Stat>
  get(path: string, watch?: boolean): Answer<string>
  children(path: string, watch?: boolean): Answer<string[]>
  getACL(path: string): Answer<records.ACL[]>
  /** All or nothing. */
  multi(...parts: Part[]): number
  /** Requests that leave together, before there is any reply; the codes that they are answered with. */
  burst(...requests: Request[]): number[]
  addWatch(path: string, isRecursive: boolean): number
  /** `type` as in `WatcherType`. */
  removeWatches(path: string, type: number): number
  /** Names the watches of an earlier connection, and the last zxid that was seen on it. */
  setWatches(seen: bigint, former: Partial<records.SetWatches2>): number
  /** 0, or the code that the server closes the connection with. */
  logIn(scheme: string, proof: string): number
  /** The last zxid that the server has told of. */
  zxid: bigint
  /** Whether the server still holds the connection. */
  readonly isOpen: boolean
  /**
   * Lets what is on its way arrive. Then: all that the server has said since this was last asked, in its order:
   * `NodeCreated /a`, `reply to setData`.
   */
  heard(): string[]
  /** Of what was heard, the events. */
  events(): string[]
  /** Ends the session; the server deletes what was its own. */
  close(): void
  /** Ends the connection without a word. The session lives on. */
  hangUp(): void
}

/** A request's type, and what writes the record behind its header. */
export type Request = readonly [type: number, write: (out: OutputArchive) => void]

export type Part = { do: 'create' | 'set' | 'delete'; path: string }

const longEnough = 10_000
/** More than any message takes from one host to another. */
const moment = 500
/** More than any server here says at once. */
const longestFrame = 1 << 20

export const everyone: records.ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]

/** One end of a connection, as bytes: for tests that speak for themselves. */
export interface Line {
  write(bytes: Uint8Array): void
  /** Says goodbye, after what was written. */
  end(): void
  /** Is gone without a word. */
  hangUp(): void
  isOpen: boolean
  /** The server has said goodbye. */
  isOver: boolean
}

export interface Server {
  /** A client with a session. */
  connect(host?: string): Client
  /** A connection on which nobody has said anything; `hear` is called with what comes. */
  call(hear: (chunk: Uint8Array) => void, host?: string): Line
  /** The text that a word is answered with, on a connection of its own. */
  answerTo(word: string): string
  /** Lets so many milliseconds pass. */
  wait(millis: number): void
  /** What the server has told its operator since this was last asked: `dropped: client`. */
  reports(): string[]
}

/** Starts a server with these settings. `seed`: how the network delays, cuts and joins what is said. */
export function serve(cfg = '', seed = 1): Server {
  const wire = startServer(cfg, seed)
  const lines: (Line & { hear(chunk: Uint8Array): void })[] = []
  let now = 0
  return { connect, call, answerTo, wait: millis => take(wire.wait(millis)), reports: () => wire.reports() }

  function take([time, news]: ReturnType<typeof wire.wait>): void {
    now = time
    for (const [client, what, chunk] of news) {
      const line = lines[client]!
      if (what === 'heard') line.hear(chunk!)
      else line.isOpen = what === 'connected'
      line.isOver ||= what === 'closed'
    }
  }

  function until(happened: () => boolean, what: string): void {
    const deadline = now + longEnough
    while (!happened()) {
      if (now >= deadline) {
        throw new Error(`waited ${longEnough} ms of virtual time for ${what}, and it never came`)
      }
      take(wire.waitForNews(deadline - now))
    }
  }

  function call(hear: (chunk: Uint8Array) => void, host = `client ${lines.length + 1}`): Line {
    const client = wire.connect(host)
    const line = {
      hear,
      isOpen: false,
      isOver: false,
      write: (bytes: Uint8Array) => wire.write(client, bytes),
      end: () => wire.end(client),
      hangUp: () => {
        wire.hangUp(client)
        line.isOpen = false
      },
    }
    lines.push(line)
    return line
  }

  function answerTo(word: string): string {
    let answer = ''
    const line = call(chunk => {
      answer += new TextDecoder().decode(chunk)
    })
    line.write(bytes(word))
    until(() => line.isOver, `the end of the answer to ${word}`)
    return answer
  }

  function connect(host?: string): Client {
    const replies: Uint8Array[] = []
    const heard: string[] = []
    const sent = new Map<number, number>()
    let isWelcome = false
    let xid = 0
    const reader = frameReader(longestFrame)
    const line = call(chunk => reader.push(chunk, payload => listen(Uint8Array.from(payload))), host)

    function listen(payload: Uint8Array): void {
      if (!isWelcome) {
        isWelcome = true
        return
      }
      const input = juteReader(payload)
      const header = records.readReplyHeader(input)
      if (header.xid === Xid.notification) {
        const { type, path } = records.readWatcherEvent(input)
        heard.push(`${eventNames.get(type)} ${path}`)
        return
      }
      if (header.zxid > client.zxid) client.zxid = header.zxid
      heard.push(`reply to ${opName(sent.get(header.xid) ?? 0)}`)
      replies.push(payload)
    }

    function send(write: (out: OutputArchive) => void): void {
      const out = juteWriter()
      write(out)
      line.write(frame(out.bytes()))
    }

    /** One request and its reply, or the code that came instead of one. */
    function ask<T>(
      type: number,
      write: (out: OutputArchive) => void,
      read: (input: InputArchive) => T,
      number = ++xid,
    ): Answer<T> {
      sent.set(number, type)
      send(out => {
        records.writeRequestHeader(out, { xid: number, type })
        write(out)
      })
      until(() => replies.length > 0, `the reply to request ${number}, ${opName(type)}`)
      const input = juteReader(replies.shift()!)
      const { err } = records.readReplyHeader(input)
      return err === 0 ? read(input) : err
    }

    const done = () => 0
    const client: Client = {
      zxid: 0n,
      get isOpen() {
        return line.isOpen
      },
      create: (path, flags = 0, data = '', acl = everyone) =>
        ask(
          OpCode.create,
          out => records.writeCreateRequest(out, { path, data: bytes(data), acl, flags }),
          input => records.readCreateResponse(input).path,
        ),
      delete: path => ask(OpCode.delete, out => records.writeDeleteRequest(out, { path, version: -1 }), done),
      set: (path, data) =>
        ask(
          OpCode.setData,
          out => records.writeSetDataRequest(out, { path, data: bytes(data), version: -1 }),
          done,
        ),
      setACL: (path, acl = everyone) =>
        ask(OpCode.setACL, out => records.writeSetACLRequest(out, { path, acl, version: -1 }), done),
      stat: (path, watch = false) =>
        ask(
          OpCode.exists,
          out => records.writeExistsRequest(out, { path, watch }),
          input => records.readExistsResponse(input).stat,
        ),
      get: (path, watch = false) =>
        ask(
          OpCode.getData,
          out => records.writeGetDataRequest(out, { path, watch }),
          input => new TextDecoder().decode(records.readGetDataResponse(input).data ?? new Uint8Array(0)),
        ),
      children: (path, watch = false) =>
        ask(
          OpCode.getChildren,
          out => records.writeGetChildrenRequest(out, { path, watch }),
          input => records.readGetChildrenResponse(input).children,
        ),
      getACL: path =>
        ask(
          OpCode.getACL,
          out => records.writeGetACLRequest(out, { path }),
          input => records.readGetACLResponse(input).acl,
        ),
      multi: (...parts) =>
        ask(
          OpCode.multi,
          out => {
            for (const part of parts) writePart(out, part)
            records.writeMultiHeader(out, { type: -1, done: true, err: -1 })
          },
          done,
        ),
      burst: (...requests) => {
        for (const [type, write] of requests) {
          sent.set(++xid, type)
          send(out => {
            records.writeRequestHeader(out, { xid, type })
            write(out)
          })
        }
        until(() => replies.length === requests.length, `the replies to ${requests.length} requests`)
        return replies.splice(0).map(reply => records.readReplyHeader(juteReader(reply)).err)
      },
      addWatch: (path, isRecursive) =>
        ask(
          OpCode.addWatch,
          out => records.writeAddWatchRequest(out, { path, mode: isRecursive ? 1 : 0 }),
          done,
        ),
      removeWatches: (path, type) =>
        ask(OpCode.removeWatches, out => records.writeRemoveWatchesRequest(out, { path, type }), done),
      setWatches: (seen, former) =>
        ask(
          OpCode.setWatches2,
          out => records.writeSetWatches2(out, { ...noWatches, relativeZxid: seen, ...former }),
          done,
          Xid.setWatches,
        ),
      logIn: (scheme, proof) =>
        ask(
          OpCode.auth,
          out => records.writeAuthPacket(out, { type: 0, scheme, auth: bytes(proof) }),
          done,
          Xid.auth,
        ),
      heard: () => {
        take(wire.wait(moment))
        return heard.splice(0)
      },
      events: () => client.heard().filter(line => !line.startsWith('reply')),
      close: () => {
        ask(OpCode.closeSession, () => {}, done)
      },
      hangUp: () => line.hangUp(),
    }

    until(() => client.isOpen, 'the server to accept a connection')
    send(out => {
      records.writeConnectRequest(out, {
        protocolVersion: 0,
        lastZxidSeen: 0n,
        timeOut: 10_000,
        sessionId: 0n,
        passwd: new Uint8Array(16),
        readOnly: false,
      })
    })
    until(() => isWelcome, 'the server to open a session')
    return client
  }
}

const eventNames = new Map<number, string>(Object.entries(EventType).map(([name, type]) => [type, name]))

const noWatches: Omit<records.SetWatches2, 'relativeZxid'> = {
  dataWatches: [],
  existWatches: [],
  childWatches: [],
  persistentWatches: [],
  persistentRecursiveWatches: [],
}

function writePart(out: OutputArchive, { do: what, path }: Part): void {
  const type = { create: OpCode.create, set: OpCode.setData, delete: OpCode.delete }[what]
  records.writeMultiHeader(out, { type, done: false, err: -1 })
  if (what === 'create') records.writeCreateRequest(out, { path, data: bytes(''), acl: everyone, flags: 0 })
  else if (what === 'set') records.writeSetDataRequest(out, { path, data: bytes('x'), version: -1 })
  else records.writeDeleteRequest(out, { path, version: -1 })
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
