/**
 * The whole machine of a client: the session, and beside it what the session need not know of. Who asks has proved who he
 * is before a server is the session's; while the session's server only reads, another is looked for; and when the list of
 * servers changes, the session goes where it should.
 */
import type { SaslLogin } from '../session/digest-md5-client.ts'
import type { Link } from '../world/machine.ts'
import type { Address, Random } from '../world/world.ts'
import { hostText, isSame, type Move, moveTo } from './hosts.ts'
import type {
  ClientEffect,
  ClientInput,
  ClientRequest,
  ProgramInput,
  ProgramRequest,
  SessionOptions,
  SessionState,
} from './messages.ts'
import { beginSasl, continueSasl, type SaslExchange } from './sasl.ts'
import { newSeeker, type Seeker, stepSeeker, stopAsking, tickSeeker, wordPort } from './seeker.ts'
import { newSession, step } from './session.ts'

export interface ClientMachineOptions extends SessionOptions {
  sasl?: SaslLogin
  random: Random
}

export interface ClientMachineState {
  readonly options: ClientMachineOptions
  readonly session: SessionState
  sasl: SaslExchange | null
  /** While the session's server only reads. */
  seeker: Seeker | null
  /** Does every server know the session? One that only reads gives out what no other knows. */
  isKnown: boolean
  /** The order of the hosts once one of them has been reached; null where it is as it is. */
  orderThen: Address[] | null
  /** What went wrong with a server last; null while there is one. */
  trouble: string | null
}

export function newClientMachine(options: ClientMachineOptions): ClientMachineState {
  return {
    options,
    session: newSession(options),
    sasl: null,
    seeker: null,
    isKnown: options.resume !== undefined,
    orderThen: null,
    trouble: null,
  }
}

export function stepClient(client: ClientMachineState, input: ProgramInput, out: ClientEffect[]): void {
  if (isForSeeker(client, input)) {
    const found = stepSeeker(client.seeker, input, out)
    if (found !== null) goTo(client, found, out)
  } else if (input.type === 'request' && isForMachine(input.request)) {
    request(client, input.request, out)
  } else {
    stepSession(client, input, out)
  }
  look(client, input, out)
}

/** What came of the step, for those who stand beside the session. */
function look(client: ClientMachineState, input: ProgramInput, out: ClientEffect[]): void {
  const { session, seeker } = client
  const serves = session.phase === 'serving'
  if (serves) {
    client.trouble = null
    if (!session.isReadOnly) client.isKnown = true
    if (client.orderThen !== null) reorder(client, client.orderThen)
  }
  if (serves && session.isReadOnly) {
    client.seeker ??= newSeeker(session)
    if (input.type === 'tick') tickSeeker(client.seeker, session, out)
  } else if (seeker !== null) {
    stopAsking(seeker, out)
    client.seeker = null
  }
}

// The session

function stepSession(client: ClientMachineState, input: ProgramInput, out: ClientEffect[]): void {
  const { session, options } = client
  const { phase } = session
  switch (input.type) {
    case 'connected': {
      // The list may have changed since it was dialled.
      const host = session.options.hosts.findIndex(each => isSame(each, input.remote))
      if (host === -1) {
        out.push({ type: 'close', link: input.link })
        const { port, remote } = input
        step(session, { type: 'unreachable', port, remote, reason: 'no longer one of the servers' }, out)
        return
      }
      if (phase === 'dialling') session.host = host
      if (!client.isKnown) {
        session.sessionId = 0n
        session.passwd = new Uint8Array(16)
      }
      break
    }
    case 'unreachable':
      client.trouble = `${hostText(input.remote)}: ${input.reason}`
      break
    case 'broken':
      if (input.link === session.link)
        client.trouble = `${present(session)}: ${input.reason ?? 'has hung up'}`
      break
    case 'message':
      if (options.sasl !== undefined && phase === 'greeting' && input.link === session.link) {
        logIn(client, options.sasl, input.link, input.message, out)
        return
      }
  }
  const { link } = session
  const silent = input.type === 'tick' && link !== null ? `${present(session)}: no answer` : null
  step(session, input as ClientInput, out)
  if (session.link !== link && silent !== null) client.trouble = silent
}

/** The host that the session is with. */
function present({ host, options }: SessionState): string {
  return hostText(options.hosts[host]!)
}

/** The server is left, as if the connection had broken. Nobody has dropped us: the next one may be called at once. */
function leave(session: SessionState, out: ClientEffect[]): void {
  const { link } = session
  if (link === null) return
  session.since = Number.NEGATIVE_INFINITY
  out.push({ type: 'close', link })
  step(session, { type: 'broken', link }, out)
}

/** What comes from a server that has not welcomed the session yet. */
function logIn(
  client: ClientMachineState,
  login: SaslLogin,
  link: Link,
  message: Uint8Array,
  out: ClientEffect[],
): void {
  const { session, options } = client
  const random = (count: number): Uint8Array => options.random.bytes(count)
  try {
    if (client.sasl?.link !== link) {
      client.sasl = beginSasl(link, message, out)
      if (client.sasl === null) step(session, { type: 'message', link, message }, out)
      return
    }
    switch (continueSasl(client.sasl, message, login, random, out)) {
      case 'goes on':
        return
      case 'refused':
        step(session, { type: 'request', request: { type: 'refused' } }, out)
        return
      case 'logged in':
        step(session, { type: 'message', link, message: client.sasl.welcome }, out)
    }
  } catch (error) {
    if ((error as Error).name !== 'KeeperError') throw error
    leave(session, out)
  }
}

// The hosts

function isForSeeker({ seeker }: ClientMachineState, input: ProgramInput): boolean {
  switch (input.type) {
    case 'connected':
    case 'unreachable':
      return input.port === wordPort
    case 'broken':
    case 'message':
      return seeker?.asked?.link === input.link
    default:
      return false
  }
}

/** Leaves for one of the hosts, if it still is one. */
function goTo({ session }: ClientMachineState, found: Address, out: ClientEffect[]): void {
  const at = session.options.hosts.findIndex(host => isSame(host, found))
  if (at === -1) return
  session.host = at - 1
  leave(session, out)
}

function reorder(client: ClientMachineState, hosts: Address[]): void {
  const { session } = client
  const current = session.options.hosts[session.host]
  session.options.hosts = hosts
  session.host = hosts.findIndex(host => current !== undefined && isSame(host, current))
  client.orderThen = null
}

// What the program asks

type MachineRequest = Exclude<ProgramRequest, ClientRequest>

function isForMachine(asked: ProgramRequest): asked is MachineRequest {
  return asked.type === 'servers' || asked.type === 'overdue'
}

function request(client: ClientMachineState, asked: MachineRequest, out: ClientEffect[]): void {
  const { session, options } = client
  if (session.phase === 'over' || session.phase === 'closing') return
  if (asked.type === 'overdue') {
    // Whatever was asked behind it waits as well: the server is no good.
    if (session.pending.some(({ call }) => call.id === asked.id)) leave(session, out)
    else step(session, { type: 'request', request: { type: 'forget', id: asked.id } }, out)
    return
  }
  const { hosts } = session.options
  const current = hosts[Math.max(session.host, 0)]!
  move(client, moveTo(asked.hosts, hosts, current, options.random), out)
}

function move(client: ClientMachineState, { isNeeded, first, then }: Move, out: ClientEffect[]): void {
  const { session } = client
  if (!isNeeded) {
    reorder(client, then)
    return
  }
  session.options.hosts = first
  session.host = -1
  client.orderThen = then
  leave(session, out)
}
