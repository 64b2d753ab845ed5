/**
 * A server without sockets, disk or clock: a test hands the machine its inputs one by one and looks at what comes out.
 * Time passes only when told to; the log is durable at once unless a test holds it up.
 */
import { answerWord } from '../../src/admin/four-letter.ts'
import { parseConfig } from '../../src/server/config.ts'
import type { ServerMessage } from '../../src/server/connection.ts'
import type { ServerEvent } from '../../src/server/report.ts'
import { type MachineOptions, standaloneMachine } from '../../src/server/standalone-machine.ts'
import { emptyTree } from '../../src/state/data-tree.ts'
import type { SnapshotSource } from '../../src/storage/snapshot.ts'
import type { OutputArchive } from '../../src/wire/archive.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import type { ClientMessage, FourLetterWord } from '../../src/wire/words.ts'
import type { Effect, Input, Link } from '../../src/world/machine.ts'

/** The wall clock when a server starts. */
export const startTime = Date.UTC(2024, 0, 1)

export class InProcess {
  readonly events: ServerEvent[] = []
  /** The records that were handed to the log. */
  readonly log: Uint8Array[] = []
  readonly tree = emptyTree()
  /** Links that it did not want to hear of for a while, and when it did again. */
  readonly pauses: (Effect<ServerMessage> & { type: 'pause' | 'resume' })[] = []
  readonly #machine
  readonly #clients = new Map<Link, Client>()
  readonly #out: Effect<ServerMessage>[] = []
  #now = 0
  #durable = 0
  #isHeldUp = false

  constructor(cfg = '', more: Pick<MachineOptions, 'sasl' | 'serverUser' | 'chance'> = {}) {
    const config = parseConfig(`dataDir=/data\nclientPort=0\ntickTime=2000\n${cfg}`)
    if ('errors' in config) throw new Error(config.errors.map(error => error.text).join('\n'))
    const { settings } = config
    this.#machine = standaloneMachine({
      settings,
      answerWord,
      recovered: { tree: this.tree, sessions: new Map(), lastZxid: 0n },
      report: event => this.events.push(event),
      ...more,
    })
    this.pass(1)
  }

  snapshotSource(): SnapshotSource {
    return this.#machine.snapshotSource()
  }

  /** Lets time pass, with a tick at its end. */
  pass(millis: number): void {
    this.#now += millis
    this.#step({ type: 'tick', now: this.#now, wall: startTime + this.#now })
  }

  /** Nothing becomes durable until `resume`. */
  holdUp(): void {
    this.#isHeldUp = true
  }

  /** Makes the first `count` of the records that wait durable; all of them unless told otherwise. */
  resume(count = this.log.length - this.#durable): void {
    this.#isHeldUp = this.#durable + count < this.log.length
    this.#durable += count
    this.#step({ type: 'appended', count: this.#durable })
  }

  /** A connection that has said nothing yet; with the certificate that it has proved to own. */
  connect(host = '127.0.0.1', certificate?: Uint8Array): Client {
    const link = this.#clients.size + 1
    const client = new Client(message => {
      if (client.isOpen) this.#step({ type: 'message', link, message })
    })
    client.hangUp = () => {
      if (!client.isOpen) return
      client.isOpen = false
      this.#step({ type: 'broken', link })
    }
    this.#clients.set(link, client)
    const input = { type: 'connected', link, port: 'client', remote: { host, port: 50_000 + link } } as const
    this.#step(certificate === undefined ? input : { ...input, certificate })
    return client
  }

  /** A connection with a session of its own. */
  session(timeOut = 10_000): Client {
    const client = this.connect()
    client.handshake({ timeOut })
    return client
  }

  #step(input: Input<ClientMessage>): void {
    this.#machine.step(input, this.#out)
    for (const effect of this.#out.splice(0)) {
      switch (effect.type) {
        case 'append':
          this.log.push(effect.record)
          break
        case 'send': {
          const client = this.#clients.get(effect.link)!
          if (!client.isOpen) throw new Error(`something is sent to link ${effect.link}, which is closed`)
          client.inbox.push(effect.message)
          break
        }
        case 'close':
          this.#clients.get(effect.link)!.isOpen = false
          break
        case 'pause':
        case 'resume':
          // Nobody holds a test back: a server must bear what comes all the same.
          this.pauses.push(effect)
          break
        default:
          throw new Error(`a server that stands alone has no use for ${effect.type}`)
      }
    }
    if (!this.#isHeldUp && this.#durable < this.log.length) this.resume()
  }
}

export interface Reply extends records.ReplyHeader {
  body: Uint8Array
}

type Write = (out: OutputArchive) => void

export class Client {
  /** What the server sent and nobody has looked at yet. */
  readonly inbox: ServerMessage[] = []
  isOpen = true
  hangUp: () => void = () => {}
  /** The answer to the handshake; undefined when the server hung up without one. */
  granted: records.ConnectResponse | undefined
  readonly #give
  #xid = 0

  constructor(give: (message: ClientMessage) => void) {
    this.#give = give
  }

  sendFrame(bytes: Uint8Array): void {
    this.#give({ type: 'frame', bytes })
  }

  /** The text that a four-letter word is answered with. */
  word(word: FourLetterWord): ServerMessage | undefined {
    this.#give({ type: 'word', word })
    return this.inbox.shift()
  }

  handshake(request: Partial<records.ConnectRequest> = {}): records.ConnectResponse | undefined {
    const out = juteWriter()
    records.writeConnectRequest(out, {
      protocolVersion: 0,
      lastZxidSeen: 0n,
      timeOut: 10_000,
      sessionId: 0n,
      passwd: new Uint8Array(16),
      readOnly: false,
      ...request,
    })
    this.sendFrame(out.bytes())
    this.granted = this.takeGrant()
    return this.granted
  }

  takeGrant(): records.ConnectResponse | undefined {
    const answer = this.inbox.shift()
    return answer === undefined ? undefined : records.readConnectResponse(juteReader(answer as Uint8Array))
  }

  /** Sends a request; answers with the xid that it was given. */
  send(type: number, write: Write = () => {}, xid = ++this.#xid): number {
    const out = juteWriter()
    records.writeRequestHeader(out, { xid, type })
    write(out)
    this.sendFrame(out.bytes())
    return xid
  }

  /** The next reply or notification; undefined when there is none. */
  take(): Reply | undefined {
    const message = this.inbox.shift() as Uint8Array | undefined
    if (message === undefined) return undefined
    return { ...records.readReplyHeader(juteReader(message)), body: message.subarray(16) }
  }

  /** Sends a request and takes the one reply to it. */
  ask(type: number, write: Write = () => {}, xid?: number): Reply {
    const sent = this.send(type, write, xid)
    const reply = this.take()
    if (reply?.xid !== sent) throw new Error(`request ${sent} was answered by ${reply?.xid}`)
    return reply
  }

  create(path: string, data: string | null = '', flags = 0, acl: records.ACL[] | null = open): Reply {
    return this.ask(OpCode.create, creating(path, data, flags, acl))
  }

  /** The state of a node, or the error that tells why there is none. */
  exists(path: string, watch = false): records.Stat | number {
    const reply = this.ask(OpCode.exists, out => records.writeExistsRequest(out, { path, watch }))
    return reply.err === 0 ? records.readStat(juteReader(reply.body)) : reply.err
  }

  children(path: string, watch = false): string[] {
    const reply = this.ask(OpCode.getChildren, out => records.writeGetChildrenRequest(out, { path, watch }))
    return records.readGetChildrenResponse(juteReader(reply.body)).children.sort()
  }

  set(path: string, data: string, version = -1): Reply {
    return this.ask(OpCode.setData, setting(path, data, version))
  }

  delete(path: string, version = -1): Reply {
    return this.ask(OpCode.delete, out => records.writeDeleteRequest(out, { path, version }))
  }

  /** The next message, which must be an event. */
  takeEvent(): records.WatcherEvent & { zxid: bigint } {
    const event = this.take()
    if (event?.xid !== -1)
      throw new Error(`no event, but ${event === undefined ? 'nothing' : `reply ${event.xid}`}`)
    return { ...records.readWatcherEvent(juteReader(event.body)), zxid: event.zxid }
  }
}

export const open: records.ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]

export function creating(
  path: string,
  data: string | null = '',
  flags = 0,
  acl: records.ACL[] | null = open,
): Write {
  return out => records.writeCreateRequest(out, { path, data: bytes(data), flags, acl })
}

export function setting(path: string, data: string, version = -1): Write {
  return out => records.writeSetDataRequest(out, { path, data: bytes(data), version })
}

export function bytes(text: string): Uint8Array
export function bytes(text: string | null): Uint8Array | null
export function bytes(text: string | null): Uint8Array | null {
  return text === null ? null : new TextEncoder().encode(text)
}
