/** The same core, written by somebody who likes few names, early returns and lists made in one go. */
import type { InputArchive } from '../wire/archive.ts'
import { Code, KeeperError } from '../wire/errors.ts'
import { juteReader, juteWriter } from '../wire/jute.ts'
import { OpCode, Xid } from '../wire/opcodes.ts'
import {
  type ReplyHeader,
  readConnectResponse,
  readReplyHeader,
  readWatcherEvent,
  writeAuthPacket,
  writeConnectRequest,
  writeRequestHeader,
  writeSetWatches,
  writeSetWatches2,
} from '../wire/records.ts'
import type { Link } from '../world/machine.ts'
import type { Millis } from '../world/world.ts'
import type {
  Call,
  ClientEffect,
  ClientInput,
  ClientRequest,
  ClientState,
  Login,
  SessionOptions,
  SessionState,
  Unwatch,
  Watches,
} from './messages.ts'
import { fire, isAnyWatched, kindOf, noWatches, takeAway, watch } from './watches.ts'

/** The name of the port that the session dials. */
export const serverPort = 'server'

export function newSession(options: SessionOptions): SessionState {
  const { resume } = options
  return {
    options,
    phase: 'resting',
    told: 'connecting',
    now: 0,
    link: null,
    host: -1,
    failures: 0,
    since: 0,
    wake: 0,
    sessionId: resume?.sessionId ?? 0n,
    passwd: resume?.passwd ?? new Uint8Array(16),
    timeout: options.timeout,
    isReadOnly: false,
    lastZxid: resume?.lastZxid ?? 0n,
    heard: 0,
    sent: 0,
    xid: 0,
    pending: [],
    waiting: [],
    logins: [],
    unansweredLogins: [],
    watches: noWatches(),
    closeId: null,
  }
}

export function step(session: SessionState, input: ClientInput, out: ClientEffect[]): void {
  switch (input.type) {
    case 'tick':
      if (session.now === 0) session.heard = input.now
      session.now = input.now
      tick(session, out)
      return
    case 'connected':
      session.link = input.link
      greet(session, input.link, out)
      return
    case 'unreachable':
      lose(session, out)
      return
    case 'broken':
      if (input.link === session.link) lose(session, out)
      return
    case 'message':
      if (input.link === session.link) message(session, juteReader(input.message), out)
      return
    case 'request':
      request(session, input.request, out)
      return
    case 'appended':
    // A client has no log.
  }
}

// Time

/**
 * How long a server may take to accept a connection, and then to answer a handshake. Whoever has a session to lose has
 * a third of its timeout left by now, and each host gets its share of that. (Apache's client shares out all of the
 * timeout, and may find the second server when the session is dead.)
 */
export function connectTimeout({ timeout, sessionId, options }: SessionState): Millis {
  const left = sessionId === 0n ? timeout : timeout - readTimeout({ timeout })
  return Math.max(1, Math.floor(left / options.hosts.length))
}

/** How long a server may be silent. A third of the timeout is kept for finding another one. */
export function readTimeout({ timeout }: Pick<SessionState, 'timeout'>): Millis {
  return Math.floor((timeout * 2) / 3)
}

/**
 * When the next ping is due. The first is sent while there is still time for its answer, and for a second one; where
 * timeouts are long, a ping every ten seconds keeps the connection from being forgotten on its way.
 */
export function nextPing(session: SessionState): Millis {
  const third = Math.floor(readTimeout(session) / 2)
  const silence = [third > 2000 ? third - 1000 : third, maxPingInterval]
  return session.sent + Math.min(...silence)
}

const maxPingInterval = 10_000

function tick(session: SessionState, out: ClientEffect[]): void {
  if (isLost(session)) end(session, 'expired', out)
  else if (session.phase === 'resting' && session.now >= session.wake) dial(session, out)
  else if (session.link !== null) keepAlive(session, out)
}

/** Looks at the time: is the server silent for too long, and is it time to let it hear of us? */
function keepAlive(session: SessionState, out: ClientEffect[]): void {
  const isGreeting = session.phase === 'greeting'
  const since = session.now - (isGreeting ? session.sent : session.heard)
  const patience = isGreeting ? connectTimeout(session) : readTimeout(session)
  if (since >= patience) {
    drop(session, out)
    return
  }
  if (session.phase !== 'serving' || session.now < nextPing(session)) return
  send(session, Xid.ping, OpCode.ping, none, out)
}

/**
 * Has no server been heard of for so long that the session cannot be alive? Only a server can know; but one that is
 * reached at last would say no more than this, and the program must not be kept in hope for ever.
 */
function isLost({ phase, sessionId, now, heard, timeout }: SessionState): boolean {
  const seeks = phase === 'resting' || phase === 'dialling' || phase === 'greeting'
  return seeks && sessionId !== 0n && now - heard >= Math.floor((timeout * 4) / 3)
}

// Connections

function dial(session: SessionState, out: ClientEffect[]): void {
  const { hosts } = session.options
  session.host = (session.host + 1) % hosts.length
  session.phase = 'dialling'
  const remote = hosts[session.host]!
  out.push({ type: 'dial', port: serverPort, remote, within: connectTimeout(session) })
}

function greet(session: SessionState, link: Link, out: ClientEffect[]): void {
  if (session.phase !== 'dialling') {
    out.push({ type: 'close', link })
    return
  }
  session.phase = 'greeting'
  session.sent = session.now
  const { lastZxid: lastZxidSeen, sessionId, passwd, options } = session
  const { timeout: timeOut, canBeReadOnly: readOnly } = options
  const archive = juteWriter()
  writeConnectRequest(archive, { protocolVersion: 0, lastZxidSeen, timeOut, sessionId, passwd, readOnly })
  out.push({ type: 'send', link, message: archive.bytes() })
}

/** The connection is to go: it says what no server says, or nothing at all. */
function drop(session: SessionState, out: ClientEffect[]): void {
  if (session.link !== null) out.push({ type: 'close', link: session.link })
  lose(session, out)
}

/**
 * There is no connection, or none any more. What was in flight fails with CONNECTIONLOSS, in its order; what had not
 * left waits on; the next host is called when its time has come. Whoever was closing has nothing left to wait for.
 */
function lose(session: SessionState, out: ClientEffect[]): void {
  if (session.phase === 'over') return
  session.link = null
  session.unansweredLogins = []
  for (const { call } of session.pending.splice(0)) {
    if (call.id === session.closeId) continue
    answer(call.id, Code.CONNECTIONLOSS, out)
  }
  if (session.phase === 'closing') {
    end(session, 'closed', out)
    return
  }
  const hasServed = session.phase === 'serving'
  session.failures = hasServed ? 0 : session.failures + 1
  const pause = hasServed ? session.since + shortestStay - session.now : backOff(session)
  session.wake = session.now + Math.max(0, pause)
  session.phase = 'resting'
  tell(session, 'connecting', out)
  tick(session, out)
}

/**
 * How long to wait before the next dial: not at all while there is a host that has not been tried, and after each round
 * of all of them twice as long as before. No two clients wait equally long: a server that comes back is not to meet all
 * of them at once.
 */
function backOff({ failures, options }: SessionState): Millis {
  const rounds = failures / options.hosts.length
  if (rounds === 0 || !Number.isInteger(rounds)) return 0
  const most = Math.min(firstPause * 2 ** (rounds - 1), longestPause)
  return Math.ceil(most * (0.5 + options.spread / 2))
}

const firstPause = 200
const longestPause = 2000
const shortestStay = 1000

// What a server says

function message(session: SessionState, input: InputArchive, out: ClientEffect[]): void {
  session.heard = session.now
  try {
    if (session.phase === 'greeting') welcome(session, input, out)
    else reply(session, input, out)
  } catch (error) {
    if ((error as Error).name !== 'KeeperError') throw error
    drop(session, out)
  }
}

/**
 * The answer to a handshake: what a server says to a session that is over, or what the session is like from now on.
 * Then the server is primed, the program told that there is one, and what has waited is sent, in its order.
 */
function welcome(session: SessionState, input: InputArchive, out: ClientEffect[]): void {
  const { timeOut, sessionId, passwd, readOnly } = readConnectResponse(input)
  if (timeOut < 1) {
    end(session, 'expired', out)
    return
  }
  Object.assign(session, {
    phase: 'serving',
    since: session.now,
    timeout: timeOut,
    sessionId,
    passwd: passwd ?? none,
    isReadOnly: readOnly === true,
  })
  prime(session, out)
  tell(session, readOnly === true ? 'read-only' : 'connected', out)
  for (const call of session.waiting.splice(0)) sendCall(session, call, out)
}

/** What every new connection must be told before anything is asked of it: who we are, then what we wait for. */
function prime(session: SessionState, out: ClientEffect[]): void {
  for (const login of session.logins) sendLogin(session, login, out)
  if (!isAnyWatched(session.watches)) return
  for (const { type, body } of setWatches(session.watches, session.lastZxid)) {
    send(session, Xid.setWatches, type, body, out)
  }
}

function reply(session: SessionState, input: InputArchive, out: ClientEffect[]): void {
  const header = readReplyHeader(input)
  const { xid, zxid, err } = header
  switch (xid) {
    case Xid.ping:
      return
    case Xid.setWatches:
      break
    case Xid.auth:
      loggedIn(session, err as Code, out)
      return
    case Xid.notification: {
      const { type, path } = readWatcherEvent(input)
      const watchers = fire(session.watches, type, path)
      out.push({ type: 'reply', reply: { type: 'event', event: { type, path, zxid }, watchers } })
      return
    }
    default:
      answerOldest(session, header, input, out)
  }
  if (zxid > session.lastZxid) session.lastZxid = zxid
}

/**
 * The answer to a call. It can only be the oldest that is in flight: any other xid is an error, and ends the connection.
 * Watchers are registered before anybody is told, so that no event can find them missing.
 */
function answerOldest(
  session: SessionState,
  { xid, zxid, err }: ReplyHeader,
  body: InputArchive,
  out: ClientEffect[],
): void {
  const due = session.pending.at(0)?.xid ?? null
  if (due !== xid) throw new KeeperError('RUNTIMEINCONSISTENCY', `xid ${xid} came, and ${due} was due`)
  const { call } = session.pending.splice(0, 1)[0]!
  if (call.watch !== undefined) {
    const { by, path, watcher } = call.watch
    const list = kindOf(by, err as Code)
    if (list !== null) watch(session.watches, list, path, watcher)
  }
  if (call.unwatch !== undefined && err === 0) removed(session, call.unwatch, out)
  if (call.id === session.closeId) {
    end(session, 'closed', out)
    return
  }
  const answered = { type: 'answer', id: call.id, err: err as Code, zxid, body } as const
  out.push({ type: 'reply', reply: answered })
}

/** Tells those whose watches were taken away that nothing more will come. */
function removed({ watches }: SessionState, unwanted: Unwatch, out: ClientEffect[]): void {
  for (const told of takeAway(watches, unwanted))
    out.push({ type: 'reply', reply: { type: 'event', ...told } })
}

function loggedIn(session: SessionState, err: Code, out: ClientEffect[]): void {
  const login = session.unansweredLogins.shift()
  if (err !== Code.OK) {
    end(session, 'auth failed', out)
    return
  }
  if (login === undefined || login.id === null) return
  answer(login.id, Code.OK, out)
  login.id = null
}

// What the program asks

function request(session: SessionState, asked: ClientRequest, out: ClientEffect[]): void {
  if (asked.type === 'forget') {
    session.waiting = session.waiting.filter(({ id }) => id !== asked.id)
    return
  }
  if (asked.type === 'refused') {
    end(session, 'auth failed', out)
    return
  }
  if (session.phase === 'over') {
    answer(asked.id, asked.type === 'close' ? Code.OK : codeOfEnd(session.told), out)
    return
  }
  switch (asked.type) {
    case 'call':
      if (session.phase === 'serving') sendCall(session, asked, out)
      else session.waiting.push(asked)
      return
    case 'login': {
      const login = { scheme: asked.scheme, auth: asked.auth, id: asked.id }
      session.logins.push(login)
      if (session.phase === 'serving') sendLogin(session, login, out)
      return
    }
    case 'close':
      session.closeId = asked.id
      // Where there is no session yet, or no server to tell, there is nothing to say goodbye to.
      if (session.phase === 'serving') close(session, out)
      else if (session.phase !== 'closing') end(session, 'closed', out)
  }
}

function close(session: SessionState, out: ClientEffect[]): void {
  sendCall(session, { type: 'call', id: session.closeId!, op: OpCode.closeSession, body: none }, out)
  session.phase = 'closing'
}

/** Sends a call under the next xid: they count up from 1, and from the largest int back to 1. Its answer is now due. */
function sendCall(session: SessionState, call: Call, out: ClientEffect[]): void {
  const xid = (session.xid % maxXid) + 1
  send(session, xid, call.op, call.body, out)
  session.pending = [...session.pending, { xid, call }]
  session.xid = xid
}

const maxXid = 0x7fffffff

function sendLogin(session: SessionState, login: Login, out: ClientEffect[]): void {
  session.unansweredLogins.push(login)
  const archive = juteWriter()
  writeAuthPacket(archive, { type: 0, scheme: login.scheme, auth: login.auth })
  send(session, Xid.auth, OpCode.auth, archive.bytes(), out)
}

function send(session: SessionState, xid: number, type: number, body: Uint8Array, out: ClientEffect[]): void {
  start.reset()
  writeRequestHeader(start, { xid, type })
  const header = start.bytes()
  const bytes = new Uint8Array(header.length + body.length)
  bytes.set(header)
  bytes.set(body, header.length)
  session.sent = session.now
  out.push({ type: 'send', link: session.link!, message: bytes })
}

const start = juteWriter()

/**
 * The requests that hand our watches to another server, each with paths of at most 128 KiB: the server compares with
 * `relativeZxid` and tells at once what we have missed. Only a client that holds watches which stay sends `setWatches2`,
 * because older servers do not know it. Every path is in one request, once for each of its kinds.
 */
export function setWatches(watches: Watches, relativeZxid: bigint): { type: number; body: Uint8Array }[] {
  const all = listNames.flatMap(([kind, list]) => [...watches[kind].keys()].map(path => ({ list, path })))
  const stays = all.some(({ list }) => list.startsWith('persistent'))
  const requests: { type: number; body: Uint8Array }[] = []
  for (let from = 0; from < all.length; ) {
    // At least one, and then as many as there is room for.
    let to = from + 1
    let room = maxSetWatches - weightOf(all[from]!.path)
    while (to < all.length && weightOf(all[to]!.path) <= room) room -= weightOf(all[to++]!.path)
    const lists = noLists()
    for (const { list, path } of all.slice(from, to)) lists[list].push(path)
    const archive = juteWriter()
    if (stays) writeSetWatches2(archive, { relativeZxid, ...lists })
    else writeSetWatches(archive, { relativeZxid, ...lists })
    requests.push({ type: stays ? OpCode.setWatches2 : OpCode.setWatches, body: archive.bytes() })
    from = to
  }
  return requests
}

/** What a path may take on its way: its length, and three bytes of UTF-8 for each of its units. */
function weightOf(path: string): number {
  return 4 + 3 * path.length
}

const maxSetWatches = 128 * 1024

const listNames = [
  ['data', 'dataWatches'],
  ['exist', 'existWatches'],
  ['child', 'childWatches'],
  ['persistent', 'persistentWatches'],
  ['recursive', 'persistentRecursiveWatches'],
] as const

type Lists = Record<(typeof listNames)[number][1], string[]>

function noLists(): Lists {
  return {
    dataWatches: [],
    existWatches: [],
    childWatches: [],
    persistentWatches: [],
    persistentRecursiveWatches: [],
  }
}

// What the program is told

/** The session is over: everything that waits is told so, and so will be whatever is asked later. */
function end(session: SessionState, state: 'expired' | 'auth failed' | 'closed', out: ClientEffect[]): void {
  if (session.link !== null) out.push({ type: 'close', link: session.link })
  session.link = null
  session.phase = 'over'
  const { pending, waiting, logins, closeId } = session
  session.pending = []
  session.waiting = []
  session.unansweredLogins = []
  session.watches = noWatches()
  tell(session, state, out)
  const code = codeOfEnd(state)
  for (const { call } of pending) if (call.id !== closeId) answer(call.id, code, out)
  for (const call of waiting) answer(call.id, code, out)
  for (const { id } of logins) if (id !== null) answer(id, code, out)
  session.logins = []
  if (closeId !== null) answer(closeId, Code.OK, out)
}

function codeOfEnd(state: ClientState): Code {
  return state === 'auth failed' ? Code.AUTHFAILED : Code.SESSIONEXPIRED
}

function answer(id: number, err: Code, out: ClientEffect[]): void {
  out.push({ type: 'reply', reply: { type: 'answer', id, err, zxid: 0n, body: juteReader(none) } })
}

function tell(session: SessionState, state: ClientState, out: ClientEffect[]): void {
  if (session.told === state) return
  session.told = state
  out.push({ type: 'reply', reply: { type: 'state', state } })
}

const none = new Uint8Array(0)
