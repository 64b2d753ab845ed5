/**
 * The side of a server that its clients see: connections, handshakes, and the order of each session's replies. What
 * becomes of writes is another's business (`Middle`): a server alone orders them itself, a follower asks its leader.
 *
 * The rule: replies leave in the order of their requests. A read waits behind its session's own writes and behind
 * nobody else's; a session with no write on its way is answered at once.
 * Source: Apache's ZooKeeperServer, NIOServerCnxn and CommitProcessor.
 */
import { assert } from '../lib/assert.ts'
import { dequeue, emptyQueue, enqueue, first, type Queue, sizeOf } from '../lib/queue.ts'
import { answer, executor, isRead, type Notify, type Store, writeOutcome } from '../pipeline/execute.ts'
import { isWrite } from '../pipeline/request.ts'
import { gone, type Host, judge, password } from '../session/handshake.ts'
import { isPermitted } from '../state/acl.ts'
import type { Outcome } from '../state/apply.ts'
import type { Watcher } from '../state/watcher.ts'
import { forgetWatcher } from '../state/watches.ts'
import type { SessionId } from '../state/znode.ts'
import type { InputArchive } from '../wire/archive.ts'
import { Code, keeperCode } from '../wire/errors.ts'
import { juteReader, juteWriter } from '../wire/jute.ts'
import { type EventType, KeeperState, OpCode, opName, Perms, Xid } from '../wire/opcodes.ts'
import * as records from '../wire/records.ts'
import type { Txn, TxnHeader } from '../wire/txn.ts'
import type { ClientMessage } from '../wire/words.ts'
import type { Zxid } from '../wire/zxid.ts'
import { formatZxid } from '../wire/zxid.ts'
import type { Effect, Input, Link } from '../world/machine.ts'
import type { Millis } from '../world/world.ts'
import { auditOf, auditOfEnd } from './audit.ts'
import {
  type Connection,
  noStats,
  type Pending,
  reportOf,
  type ServerMessage,
  type Session,
} from './connection.ts'
import { type LargeRequests, largeRequests } from './large-requests.ts'
import { answerAuth, answerSasl, enterBy, isWelcome, type LoginsOptions } from './logins.ts'
import { type Metrics, note } from './metrics.ts'
import type { ClientPort } from './ports.ts'
import type { ClientReport, ServerEvent, Traffic, WordAnswer } from './report.ts'
import { Tally } from './tally.ts'
import { type Throttle, throttle } from './throttle.ts'
import { type BucketRules, type TokenBucket, tokenBucket } from './token-bucket.ts'

/** Where history is made. Everything given to it comes back through `Front.committed` or `Front.proceed`. */
export interface Middle {
  isAlive(session: SessionId): boolean
  /** Orders a new session. */
  open(pending: Pending): void
  /** Orders a write. Whether it is one at all is yet to be seen: its body may be garbage. */
  write(pending: Pending): void
  /** Lets a request wait for everything that was ordered before it. False: there is nothing to wait for. */
  wait(pending: Pending): boolean
  /** The session's client has come back, and speaks through us from here on. */
  cameBack(session: Session): void
  /** The session has shown a sign of life. */
  heardOf(session: Session): void
  /** The id of the next new session. */
  newSessionId(): SessionId
  /** How many requests it has that have not come back. */
  outstanding(): number
}

export interface FrontOptions extends LoginsOptions {
  store: Store
  middle: Middle
  minSessionTimeout: Millis
  maxSessionTimeout: Millis
  /** How long a connection may stay without asking for a session. */
  sessionlessTimeout: Millis
  maxBuffer: number
  /** With more requests outstanding than this, who has one among them is not listened to. */
  outstandingLimit: number
  /** With so many outstanding, no further one is begun; 0: any number may be. */
  mostRequests: number
  throttledOpWait: Millis
  largeRequestThreshold: number
  largeRequestMaxBytes: number
  /** How many handshakes are taken on. */
  bucket: BucketRules
  answerWord(word: string): WordAnswer
  /** Is every change written down? Then, who the server itself is. */
  audit: boolean
  serverUser: string
  metrics: Metrics
  report(event: ServerEvent): void
}

export class Front {
  readonly #options: FrontOptions
  readonly #store: Store
  readonly #middle: Middle
  readonly #connections = new Map<Link, Connection>()
  /** Those that have a connection, or something on its way. */
  readonly #sessions = new Map<SessionId, Session>()
  /** Connections in the order in which they came, until they are too old to be without a session. */
  readonly #fresh: Queue<Connection> = emptyQueue()
  readonly #throttle: Throttle
  readonly #bucket: TokenBucket
  readonly #large: LargeRequests
  #shedding: Connection[] = []
  /** What has come and may not begin yet. */
  readonly #stalled: Queue<{ link: Link; message: ClientMessage; since: Millis }> = emptyQueue()
  readonly #execute: (header: TxnHeader, txn: Txn) => Outcome
  readonly #reply = juteWriter()
  readonly #event = juteWriter()
  readonly #tally: Tally
  /** Whoever asks by a word, while the word is answered. */
  #asking: Connection | null = null
  #now: Millis = 0
  /** Where the effects of the current step go. */
  out: Effect<ServerMessage>[] = []

  constructor(options: FrontOptions) {
    this.#options = options
    this.#store = options.store
    this.#middle = options.middle
    this.#throttle = throttle(options.outstandingLimit, () => options.middle.outstanding())
    this.#bucket = tokenBucket(options.bucket)
    this.#large = largeRequests(options.largeRequestThreshold, options.largeRequestMaxBytes)
    this.#execute = executor(options.store, this.#notify)
    this.#tally = new Tally(options.metrics)
  }

  get traffic(): Readonly<Traffic> {
    return this.#tally.traffic
  }

  get dropChance(): number {
    return this.#bucket.dropped()
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  /** The session that a watcher belongs to; 0 for none. */
  sessionOf(watcher: Watcher): SessionId {
    return this.#connections.get(watcher)?.session?.id ?? 0n
  }

  /** Lets counts begin anew. */
  reset(which: 'server' | 'connections'): void {
    this.#tally.reset(which, this.#connections.values())
  }

  /** `wall`: what the wall clock adds to ours. */
  clients(wall: Millis): ClientReport[] {
    const { sessionlessTimeout } = this.#options
    return [...this.#connections.values()].map(each =>
      reportOf(each, each === this.#asking, sessionlessTimeout, wall),
    )
  }

  /** Closes so many of a hundred connections, with the next tick. Their clients come back, to other servers perhaps. */
  shed(percentage: number): number {
    const upTo = (count: number): number => Math.floor((count * percentage) / 100)
    this.#shedding = [...this.#connections.values()].filter((_, at) => upTo(at + 1) > upTo(at))
    return this.#shedding.length
  }

  // What the world tells

  tick(now: Millis): void {
    this.#now = now
    for (const each of this.#shedding.splice(0))
      if (each.isOpen) this.#refuse(each, 'the operator sheds connections')
    for (const { session } of this.#throttle.paused) if (session !== null) this.#middle.heardOf(session)
    for (let oldest = first(this.#fresh); oldest !== undefined; oldest = first(this.#fresh)) {
      if (oldest.isOpen && oldest.session === null) {
        if (oldest.since + this.#options.sessionlessTimeout > now) return
        this.#options.metrics.counters.sessionless_connections_expired++
        this.#refuse(oldest, 'it did not ask for a session in time')
      }
      dequeue(this.#fresh)
    }
  }

  connected({ link, port, remote, certificate }: Extract<Input<never>, { type: 'connected' }>): void {
    const connection: Connection = {
      link,
      remote,
      since: this.#now,
      isOpen: true,
      session: null,
      readOnly: null,
      exchange: null,
      isSecure: port === securePort,
      stats: noStats(),
      requester: { session: 0n, identities: [{ scheme: 'ip', id: remote.host }] },
    }
    this.#connections.set(link, connection)
    enqueue(this.#fresh, connection)
    this.#tally.connected(connection, certificate !== undefined)
    if (certificate !== undefined && !enterBy(certificate, connection, this.#options)) {
      this.#refuse(connection, 'the subject of its certificate cannot be read')
    }
  }

  message(link: Link, message: ClientMessage): void {
    if (message.type === 'frame' && (sizeOf(this.#stalled) > 0 || this.#isBusy())) {
      enqueue(this.#stalled, { link, message, since: this.#now })
      this.#options.metrics.counters.request_throttle_wait_count++
      const connection = this.#connections.get(link)
      const isTooMuch = sizeOf(this.#stalled) > this.#options.outstandingLimit
      if (isTooMuch && connection !== undefined) this.#throttle.pause(connection, this.out)
    } else this.#take(link, message, 0)
  }

  #isBusy(): boolean {
    const { mostRequests, middle } = this.#options
    return mostRequests > 0 && middle.outstanding() >= mostRequests
  }

  /** Requests have come back from the middle: others may begin, in the order in which they came. */
  goOn(): void {
    while (sizeOf(this.#stalled) > 0 && !this.#isBusy()) {
      const { link, message, since } = dequeue(this.#stalled)!
      this.#take(link, message, this.#now - since)
      const connection = this.#connections.get(link)
      if (connection === undefined) continue
      const waiting = connection.session === null ? 0 : sizeOf(connection.session.queue)
      this.#throttle.answered(connection, waiting, this.out)
    }
  }

  /** Nobody waits any more for the answer to a request whose connection is gone meanwhile. */
  #take(link: Link, message: ClientMessage, waited: Millis): void {
    const connection = this.#connections.get(link)
    if (connection === undefined) {
      this.#options.metrics.counters.stale_requests_dropped++
      return
    }
    if (message.type === 'word') {
      this.#word(connection, message.word)
      return
    }
    this.#tally.frame(connection, message.bytes)
    try {
      const input = juteReader(message.bytes, 2 * this.#options.maxBuffer)
      if (connection.session === null) this.#handshake(connection, records.readConnectRequest(input))
      else {
        const header = records.readRequestHeader(input)
        this.#request(connection, connection.session, header, input, message.bytes, waited)
      }
    } catch (error) {
      keeperCode(error)
      this.#refuse(connection, (error as Error).message)
    }
  }

  #word(connection: Connection, word: string): void {
    this.#tally.word(connection)
    this.#asking = connection
    const { text, reset } = this.#options.answerWord(word)
    this.#asking = null
    if (reset !== undefined) this.reset(reset)
    this.#tally.wordAnswered()
    this.out.push({ type: 'send', link: connection.link, message: text })
    this.#close(connection)
  }

  broken(link: Link): void {
    const connection = this.#connections.get(link)
    if (connection === undefined) return
    this.#options.metrics.counters.connection_drop_count++
    this.#forget(connection)
  }

  // What the middle gives back

  /** Applies a transaction. `pending` is the request behind it, if it came in here. */
  committed(pending: Pending | null, header: TxnHeader, txn: Txn): void {
    const outcome = this.#execute(header, txn)
    if (pending !== null) this.#large.leave(pending.length)
    this.#tally.applied(txn, outcome)
    if (this.#options.audit) this.#audit(pending, header.clientId, txn, outcome)
    if (txn.type === OpCode.closeSession) this.#sessionClosed(header.clientId, pending)
    else if (pending !== null) this.#finish(pending, outcome)
  }

  /** What the request was waiting for is applied. */
  proceed(pending: Pending): void {
    this.#large.leave(pending.length)
    this.#finish(pending, null)
  }

  #audit(pending: Pending | null, session: SessionId, txn: Txn, outcome: Outcome): void {
    const { report, serverUser } = this.#options
    if (txn.type === OpCode.closeSession) {
      const paths = txn.record.paths2Delete ?? []
      for (const line of auditOfEnd(session, serverUser, paths)) report({ type: 'audit', ...line })
    }
    if (pending === null || pending.frame === null) return
    const { frame, connection } = pending
    const asker = { ...connection.requester, address: connection.remote.host }
    for (const line of auditOf(asker, frame, outcome)) report({ type: 'audit', ...line })
  }

  // Handshakes

  #handshake(connection: Connection, request: records.ConnectRequest): void {
    if (!this.#bucket.take(request.sessionId !== 0n, this.#now)) {
      this.#options.metrics.counters.connection_rejected++
      this.#refuse(connection, 'more clients come at a time than connection_throttle_tokens allows')
      return
    }
    note(this.#options.metrics.summaries.connection_token_deficit, this.#bucket.deficit())
    const verdict = judge(request, this.#host())
    connection.readOnly = request.readOnly ?? null
    if (verdict.type === 'refuse') {
      const seen = formatZxid(request.lastZxidSeen)
      this.#refuse(
        connection,
        `its client has seen ${seen}, and we are at ${formatZxid(this.#store.lastZxid)}`,
      )
      return
    }
    this.#options.metrics.counters.connection_request_count++
    const older = this.#sessions.get(request.sessionId)?.connection
    if (older != null) this.#close(older)
    if (verdict.type === 'expired') {
      this.#sendConnectResponse(connection, gone)
      this.#close(connection)
      return
    }
    const session =
      verdict.type === 'renew'
        ? (this.#sessions.get(request.sessionId) ?? this.#session(request.sessionId))
        : this.#session(this.#middle.newSessionId())
    session.timeout = verdict.timeout
    session.deadline = 0
    session.connection = connection
    connection.session = session
    connection.requester.session = session.id
    const pending = this.#pending(connection, session, 0, OpCode.createSession, null)
    if (verdict.type === 'create') {
      pending.isOrdered = true
      enqueue(session.queue, pending)
      this.#middle.open(pending)
      this.#throttle.pause(connection, this.out)
    } else {
      this.#middle.cameBack(session)
      this.#serveInTurn(pending)
    }
  }

  #host(): Host {
    return {
      lastZxid: this.#store.lastZxid,
      minSessionTimeout: this.#options.minSessionTimeout,
      maxSessionTimeout: this.#options.maxSessionTimeout,
      isAlive: session => this.#middle.isAlive(session),
    }
  }

  #session(id: SessionId): Session {
    const session = {
      id,
      timeout: 0,
      connection: null,
      deadline: 0,
      queue: emptyQueue<Pending>(),
      isClosed: false,
    }
    this.#sessions.set(id, session)
    return session
  }

  // Requests

  #request(
    connection: Connection,
    session: Session,
    { xid, type }: records.RequestHeader,
    body: InputArchive,
    frame: Uint8Array,
    waited: Millis,
  ): void {
    this.#middle.heardOf(session)
    if (type === OpCode.auth) {
      this.#logIn(connection, records.readAuthPacket(body))
      return
    }
    if (type === OpCode.sasl) {
      this.#exchange(connection, xid, records.readGetSASLRequest(body).token)
      return
    }
    if (!isWelcome(connection, type, this.#options)) {
      this.#sendHeader(connection, xid, 0n, Code.SESSIONCLOSEDREQUIRESASLAUTH)
      this.#refuse(connection, 'it has not logged in by a scheme that enforce.auth.schemes asks for')
      return
    }
    if (!this.#large.enter(frame.length)) {
      this.#options.metrics.counters.large_requests_rejected++
      this.#refuse(
        connection,
        'its request is large, and those under way have all that largeRequestMaxBytes allows',
      )
      return
    }
    const pending = this.#pending(connection, session, xid, type, body, frame, this.#isTooLate(type, waited))
    if (pending.isTooLate) {
      this.#options.metrics.counters.throttled_ops++
      this.#serveInTurn(pending)
    } else if (isWrite(type)) {
      pending.isOrdered = true
      enqueue(session.queue, pending)
      this.#middle.write(pending)
    } else if (type === OpCode.sync && this.#middle.wait(pending)) {
      pending.isOrdered = true
      enqueue(session.queue, pending)
    } else {
      this.#serveInTurn(pending)
    }
    this.#throttle.came(connection, sizeOf(session.queue), this.out)
  }

  #pending(
    connection: Connection,
    session: Session,
    xid: number,
    type: number,
    body: InputArchive | null,
    frame: Uint8Array | null = null,
    isTooLate = false,
  ): Pending {
    return {
      session,
      connection,
      xid,
      type,
      body,
      frame: this.#options.audit ? frame : null,
      length: frame?.length ?? 0,
      since: this.#now,
      isTooLate,
      isOrdered: false,
    }
  }

  /** Nobody can do without what keeps his session alive, or ends it. */
  #isTooLate(type: number, waited: Millis): boolean {
    const { throttledOpWait } = this.#options
    if (throttledOpWait === 0 || waited <= throttledOpWait) return false
    return type !== OpCode.ping && type !== OpCode.closeSession
  }

  #logIn(connection: Connection, packet: records.AuthPacket): void {
    const { err, refusal } = answerAuth(packet, connection, this.#options)
    if (packet.scheme === 'ensemble') {
      this.#tally.ensembleNamed(packet.auth, this.#options.ensembleNames?.size !== 0, refusal === null)
    }
    this.#sendHeader(connection, Xid.auth, 0n, err)
    if (refusal === null) return
    this.#tally.loginRefused()
    this.#refuse(connection, refusal)
  }

  #exchange(connection: Connection, xid: number, step: Uint8Array | null): void {
    const { err, token, refusal } = answerSasl(step, connection, this.#options)
    this.#beginReply(xid, 0n, err)
    records.writeSetSASLResponse(this.#reply, { token })
    this.#send(connection, this.#reply.bytes())
    if (refusal !== null) this.#refuse(connection, refusal)
  }

  #serveInTurn(pending: Pending): void {
    if (sizeOf(pending.session.queue) === 0) {
      this.#large.leave(pending.length)
      this.#serve(pending)
    } else enqueue(pending.session.queue, pending)
  }

  /** Replies to the request that the session has waited for longest, then to those that only waited for it. */
  #finish(pending: Pending, outcome: Outcome | null): void {
    const { session } = pending
    if (session.isClosed) return
    const oldest = dequeue(session.queue)
    assert(oldest === pending, 'requests of a session come back in the order in which they were sent')
    if (outcome === null || pending.type === OpCode.createSession) this.#serve(pending)
    else this.#sendOutcome(pending, outcome)
    for (
      let next = first(session.queue);
      next !== undefined && !next.isOrdered;
      next = first(session.queue)
    ) {
      dequeue(session.queue)
      this.#large.leave(next.length)
      this.#serve(next)
    }
    this.#throttle.answered(pending.connection, sizeOf(session.queue), this.out)
    this.#putAway(session)
  }

  /** Answers from what is applied now. */
  #serve(pending: Pending): void {
    const { connection, session, xid, type, body } = pending
    if (!connection.isOpen) return
    const zxid = this.#store.lastZxid
    if (type === OpCode.createSession) {
      const { id, timeout } = session
      const response = { protocolVersion: 0, timeOut: timeout, sessionId: id, passwd: password(id) }
      this.#sendConnectResponse(connection, response)
    } else if (pending.isTooLate) {
      this.#sendHeader(connection, xid, zxid, Code.THROTTLEDOP)
    } else if (type === OpCode.ping) {
      this.#sendHeader(connection, xid, zxid, Code.OK)
    } else if (isRead(type)) {
      this.#beginReply(xid, zxid, Code.OK)
      try {
        const read = { type, body: body!, requester: connection.requester, watcher: connection.link }
        answer(this.#store, read, this.#reply, this.#notify)
      } catch (error) {
        this.#beginReply(xid, zxid, keeperCode(error))
      }
      this.#send(connection, this.#reply.bytes())
    } else {
      this.#sendHeader(connection, xid, -1n, Code.UNIMPLEMENTED)
      this.#refuse(connection, `it asks for operation ${opName(type)}, and is refused`)
      return
    }
    this.#tally.answered(pending, this.#now, this.#store.lastZxid)
  }

  #sendOutcome(pending: Pending, outcome: Outcome): void {
    const { connection, xid } = pending
    if (!connection.isOpen) {
      this.#options.metrics.counters.stale_replies++
      return
    }
    if (isOf(outcome, Code.SESSIONMOVED)) {
      this.#refuse(connection, 'its session has moved to another server')
      return
    }
    this.#beginReply(xid, this.#store.lastZxid, outcome.err)
    if (outcome.err === Code.OK) writeOutcome(this.#reply, outcome)
    this.#send(connection, this.#reply.bytes())
    this.#tally.answered(pending, this.#now, this.#store.lastZxid)
  }

  // Ends

  #sessionClosed(id: SessionId, pending: Pending | null): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    session.isClosed = true
    this.#sessions.delete(id)
    for (let next = dequeue(session.queue); next !== undefined; next = dequeue(session.queue)) {
      if (!next.isOrdered) this.#large.leave(next.length)
    }
    const { connection } = session
    if (connection === null) return
    if (pending?.connection === connection) {
      this.#sendHeader(connection, pending.xid, this.#store.lastZxid, Code.OK)
      this.#tally.answered(pending, this.#now, this.#store.lastZxid)
    }
    this.#close(connection)
  }

  /** Closes a connection because of what its client did. */
  #refuse(connection: Connection, reason: string): void {
    this.#options.report({
      type: 'closed',
      remote: connection.remote,
      session: connection.session?.id ?? null,
      reason,
    })
    this.#close(connection)
  }

  #close(connection: Connection): void {
    this.out.push({ type: 'close', link: connection.link })
    this.#forget(connection)
  }

  #forget(connection: Connection): void {
    const { link, session } = connection
    connection.isOpen = false
    this.#throttle.forget(connection)
    this.#connections.delete(link)
    forgetWatcher(this.#store.watches, link)
    if (session?.connection !== connection) return
    session.connection = null
    this.#putAway(session)
  }

  /** Without a connection, and with nothing on its way, a session needs no memory here until its client comes back. */
  #putAway({ id, connection, queue }: Session): void {
    if (connection === null && sizeOf(queue) === 0) this.#sessions.delete(id)
  }

  // What leaves

  /** Only who may read a node hears of it. */
  readonly #notify: Notify = (watcher, event, path, zxid, acl) => {
    const connection = this.#connections.get(watcher)
    assert(connection !== undefined, 'only open connections have watches')
    if (!this.#store.skipAcl && !isPermitted(acl, Perms.READ, connection.requester.identities)) return
    const message = this.#eventMessage(event, path, zxid)
    this.#tally.told(event, message)
    this.#send(connection, message)
  }

  /** The last event sent: one change often has many watchers, and they are all told the same. */
  #lastEvent: { event: EventType; path: string; zxid: Zxid; message: Uint8Array } | null = null

  #eventMessage(event: EventType, path: string, zxid: Zxid): Uint8Array {
    const last = this.#lastEvent
    if (last !== null && last.event === event && last.path === path && last.zxid === zxid) return last.message
    const out = this.#event
    out.reset()
    records.writeReplyHeader(out, { xid: Xid.notification, zxid, err: Code.OK })
    records.writeWatcherEvent(out, { type: event, state: KeeperState.SyncConnected, path })
    const message = out.bytes()
    this.#lastEvent = { event, path, zxid, message }
    return message
  }

  #sendConnectResponse(connection: Connection, response: records.ConnectResponse): void {
    const readOnly = connection.readOnly === null ? undefined : false
    this.#reply.reset()
    records.writeConnectResponse(this.#reply, { ...response, readOnly })
    this.#send(connection, this.#reply.bytes())
  }

  #sendHeader(connection: Connection, xid: number, zxid: Zxid, err: Code): void {
    this.#beginReply(xid, zxid, err)
    this.#send(connection, this.#reply.bytes())
  }

  #beginReply(xid: number, zxid: Zxid, err: Code): void {
    const out = this.#reply
    out.reset()
    out.int(xid)
    out.long(zxid)
    out.int(err)
  }

  #send(connection: Connection, message: Uint8Array): void {
    this.#tally.sent(connection, message)
    this.out.push({ type: 'send', link: connection.link, message })
  }
}

/** Did a write fail so, or one of a multi? */
function isOf({ err, parts }: Outcome, code: Code): boolean {
  return err === code || parts?.some(part => part.err === code) === true
}

/** The port whose connections are all encrypted. */
const securePort: ClientPort = 'secure'
