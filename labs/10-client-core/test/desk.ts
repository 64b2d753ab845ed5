/** Lab 10's way to be the world of a client: to hand it what happens, and to read what it does, line by line. */
import { expect } from 'vitest'
import type {
  Call,
  ClientEffect,
  ClientReply,
  ClientRequest,
  SessionOptions,
  SessionState,
} from '#lab/client/messages.ts'
import { newSession, step } from '#lab/client/session.ts'
import type { InputArchive } from '#lab/wire/archive.ts'
import { Code, type CodeName, codeName } from '#lab/wire/errors.ts'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'
import { EventType, OpCode, opName, Xid } from '#lab/wire/opcodes.ts'
import * as records from '#lab/wire/records.ts'
import { formatZxid } from '#lab/wire/zxid.ts'
import type { Address } from '#lab/world/world.ts'

export const timeout = 30_000

export const hosts = (...names: string[]): Address[] => names.map(host => ({ host, port: 2181 }))

/** A session of its own with a world around it. Time begins at 1000. */
export class Desk {
  readonly session: SessionState
  now = 1000
  readonly #out: ClientEffect[] = []
  readonly #steps: string[] = []
  #link = 0
  /** The first message on each link is its handshake. */
  readonly #greeted = new Set<number>()

  /** `later`: in what the session differs from a new one. */
  constructor(options: Partial<SessionOptions> = {}, later: Partial<SessionState> | null = null) {
    const fresh = newSession({
      hosts: hosts('a'),
      timeout,
      canBeReadOnly: false,
      spread: 1,
      ...options,
    })
    this.session = later === null ? fresh : { ...fresh, ...later }
    step(this.session, { type: 'tick', now: this.now, wall: this.now }, this.#out)
  }

  // What the world does

  /** Lets time pass, with one look at it in the end. */
  pass(millis: number): this {
    this.now += millis
    this.#steps.push(`${millis} ms pass`)
    step(this.session, { type: 'tick', now: this.now, wall: this.now }, this.#out)
    return this
  }

  /** The connection that the client has dialled stands. */
  connect(): this {
    this.#steps.push('the connection stands')
    step(
      this.session,
      { type: 'connected', link: ++this.#link, port: 'server', remote: { host: 'a', port: 2181 } },
      this.#out,
    )
    return this
  }

  unreachable(): this {
    this.#steps.push('the host cannot be reached')
    const remote = { host: 'a', port: 2181 }
    step(this.session, { type: 'unreachable', port: 'server', remote, reason: 'refused' }, this.#out)
    return this
  }

  /** The connection breaks, when it has stood for a while. */
  break(after = 1000): this {
    this.pass(after)
    this.#steps.push('the connection breaks')
    step(this.session, { type: 'broken', link: this.#link }, this.#out)
    return this
  }

  /** The server answers the handshake. */
  welcome(response: Partial<records.ConnectResponse> = {}): this {
    const { timeOut = timeout, sessionId = 7n, passwd = new Uint8Array(16).fill(1), ...rest } = response
    this.#steps.push(`the server: session ${sessionId}, timeout ${timeOut}`)
    const out = juteWriter()
    records.writeConnectResponse(out, { protocolVersion: 0, timeOut, sessionId, passwd, ...rest })
    return this.#message(out.bytes())
  }

  /** The server answers the request with this xid. */
  answer(xid: number, { err = 'OK', zxid = 1n }: { err?: CodeName; zxid?: bigint } = {}): this {
    this.#steps.push(`the server: to ${xid}, ${err}`)
    return this.#header(xid, zxid, Code[err])
  }

  pong(): this {
    this.#steps.push('the server answers the ping')
    return this.#header(Xid.ping, 99n, Code.OK)
  }

  event(type: keyof typeof EventType, path: string): this {
    this.#steps.push(`the server: ${type} ${path}`)
    const out = juteWriter()
    records.writeReplyHeader(out, { xid: Xid.notification, zxid: -1n, err: 0 })
    records.writeWatcherEvent(out, { type: EventType[type], state: 3, path })
    return this.#message(out.bytes())
  }

  // What the program does

  call(id: number, more: Partial<Call> = {}): this {
    this.#steps.push(`the program: call ${id}`)
    const call: Call = { type: 'call', id, op: OpCode.getData, body: new Uint8Array(0), ...more }
    return this.#request(call)
  }

  logIn(id: number, scheme: string): this {
    this.#steps.push(`the program: login ${id} with ${scheme}`)
    return this.#request({ type: 'login', id, scheme, auth: new Uint8Array(0) })
  }

  forget(id: number): this {
    this.#steps.push(`the program: forget ${id}`)
    return this.#request({ type: 'forget', id })
  }

  close(id: number): this {
    this.#steps.push(`the program: close, as ${id}`)
    return this.#request({ type: 'close', id })
  }

  /** Connected and welcomed; what happened until then is told and forgotten. */
  static serving(
    options: Partial<SessionOptions> = {},
    response: Partial<records.ConnectResponse> = {},
  ): Desk {
    const desk = new Desk(options).connect().welcome(response)
    desk.happened()
    return desk
  }

  // What the client has done

  /** All that has happened since this was last asked, a line each. */
  happened(): string[] {
    const lines = this.#out.map(effect => this.#shown(effect))
    this.#out.length = 0
    return lines
  }

  expect(expected: readonly string[], because: string): void {
    const lines = this.happened()
    const story = this.#steps.map((line, at) => `    ${at + 1}  ${line}\n`).join('')
    expect(lines, `\n${story}  ${because}\n `).toEqual(expected)
  }

  #message(message: Uint8Array): this {
    step(this.session, { type: 'message', link: this.#link, message }, this.#out)
    return this
  }

  #header(xid: number, zxid: bigint, err: number): this {
    const out = juteWriter()
    records.writeReplyHeader(out, { xid, zxid, err })
    return this.#message(out.bytes())
  }

  #request(request: ClientRequest): this {
    step(this.session, { type: 'request', request }, this.#out)
    return this
  }

  #shown(effect: ClientEffect): string {
    switch (effect.type) {
      case 'dial':
        return `dial ${effect.remote.host}`
      case 'close':
        return 'hang up'
      case 'send': {
        const input = juteReader(effect.message)
        if (this.#greeted.has(effect.link)) return `send ${sent(input)}`
        this.#greeted.add(effect.link)
        const { sessionId, lastZxidSeen, timeOut } = records.readConnectRequest(input)
        return `send handshake of session ${sessionId}, seen ${formatZxid(lastZxidSeen)}, timeout ${timeOut}`
      }
      case 'reply':
        return told(effect.reply)
      default:
        return effect.type
    }
  }
}

function sent(input: InputArchive): string {
  const { xid, type } = records.readRequestHeader(input)
  switch (xid) {
    case Xid.ping:
      return 'ping'
    case Xid.auth:
      return `login with ${records.readAuthPacket(input).scheme}`
    case Xid.setWatches:
      return `${opName(type)} ${lists(type === OpCode.setWatches2 ? records.readSetWatches2(input) : records.readSetWatches(input))}`
    default:
      return `${xid} ${opName(type)}`
  }
}

/** `since 0x5, data /a /b, child /c`. */
function lists({ relativeZxid, ...watches }: records.SetWatches | records.SetWatches2): string {
  const named = Object.entries(watches)
    .filter(([, paths]) => paths.length > 0)
    .map(([name, paths]) => `${name.replace(/Watches$/, '')} ${[...paths].sort().join(' ')}`)
  return [`since ${formatZxid(relativeZxid)}`, ...named].join(', ')
}

function told(reply: ClientReply): string {
  switch (reply.type) {
    case 'answer':
      return `answer ${reply.id}: ${codeName(reply.err)}`
    case 'state':
      return reply.state
    case 'event': {
      const [name] = Object.entries(EventType).find(([, type]) => type === reply.event.type)!
      return `${name} ${reply.event.path} to ${[...reply.watchers].sort().join(' ') || 'nobody'}`
    }
  }
}
