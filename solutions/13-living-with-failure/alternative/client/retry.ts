/**
 * Lab 13 in another style: tables instead of branches, the state of a connection as a small diagram, paths cut into names.
 */
import { Code } from '../wire/errors.ts'
import type { Millis } from '../world/world.ts'
import type {
  Connection,
  ConnectionEffect,
  ConnectionInput,
  ConnectionState,
  Failure,
  Found,
  Recognition,
  Repeatable,
  RetryPolicy,
  Verdict,
} from './failure.ts'
import type { ClientState } from './messages.ts'

export function isUncertain(code: Code): boolean {
  return ([Code.CONNECTIONLOSS, Code.OPERATIONTIMEOUT, Code.REQUESTTIMEOUT] as Code[]).includes(code)
}

export function pauseBefore(policy: RetryPolicy, failure: Failure): Millis | null {
  const hopeful: Code[] = [Code.CONNECTIONLOSS, Code.OPERATIONTIMEOUT, Code.REQUESTTIMEOUT, Code.SESSIONMOVED]
  if (failure.isNewSession) hopeful.push(Code.SESSIONEXPIRED)
  const left = policy.times - failure.retries
  if (!hopeful.includes(failure.code) || left <= 0) return null
  let pause = policy.pause
  if (policy.isGrowing) {
    let faces = 1
    for (let doubled = 0; doubled < failure.retries && doubled < 29; doubled++) faces = 2 * faces + 1
    pause += policy.pause * Math.floor(failure.luck * faces)
  }
  if (pause > policy.longest) pause = policy.longest
  return failure.elapsed + pause >= policy.within ? null : pause
}

export function newConnection(): Connection {
  return { told: null, wasConnected: false, timeout: 0, lostAt: null }
}

/** What a state of the client means for its session. */
const meaning: Record<ClientState, 'served' | 'in doubt' | 'over' | 'ended'> = {
  connected: 'served',
  'read-only': 'served',
  connecting: 'in doubt',
  expired: 'over',
  'auth failed': 'ended',
  closed: 'ended',
}

export function notice(connection: Connection, input: ConnectionInput, out: ConnectionEffect[]): void {
  const news: (ConnectionState | 'renew')[] = []
  if (input.type === 'time') {
    const isDue = input.now >= (connection.lostAt ?? Infinity)
    if (isDue) news.push('LOST', 'renew')
    if (isDue) connection.lostAt = null
  } else {
    const what = meaning[input.state]
    const isKnown = connection.told !== null && connection.told !== 'LOST'
    if (what === 'served') {
      connection.timeout = input.timeout
      const first = connection.wasConnected ? 'RECONNECTED' : 'CONNECTED'
      news.push(input.state === 'read-only' ? 'READ_ONLY' : first)
      connection.wasConnected ||= input.state === 'connected'
    }
    if (what === 'in doubt' && isKnown) {
      connection.lostAt ??= input.now + connection.timeout
      news.push('SUSPENDED')
    } else {
      connection.lostAt = null
    }
    if (what === 'over') news.push('LOST', 'renew')
    if (input.state === 'auth failed') news.push('LOST')
  }
  for (const each of news) {
    if (each === 'renew') out.push({ type: 'renew' })
    else if (each !== connection.told) {
      connection.told = each
      out.push({ type: 'tell', state: each })
    }
  }
}

function split(path: string): { folder: string; name: string } {
  const names = path.split('/')
  const name = names.pop()!
  return { folder: [...names, ''].join('/'), name }
}

export function protectedPath(path: string, id: string): string {
  const { folder, name } = split(path)
  return [folder, '_c_', id, '-', name].join('')
}

export function plainPath(path: string): string {
  const { folder, name } = split(path)
  const match = /^_c_(.{36})-(.+)$/.exec(name)
  if (
    match === null ||
    match[1]!
      .split('-')
      .map(({ length }) => length)
      .join() !== '8,4,4,4,12'
  )
    return path
  return /[^\da-fA-F-]/.test(match[1]!) ? path : folder + match[2]!
}

export function recognise(
  names: readonly string[],
  id: string,
  { isEphemeral, isSameSession }: { isEphemeral: boolean; isSameSession: boolean },
): Recognition {
  for (const name of names) {
    if (name.indexOf(`_c_${id}-`) !== 0) continue
    if (isSameSession || !isEphemeral) return { type: 'ours', name }
    return { type: 'ghost', name }
  }
  return { type: 'nobody' }
}

export function judge(write: Repeatable, refusal: Code, found: Found | null, session: bigint): Verdict {
  if (write.type === 'delete') return refusal === Code.NONODE ? 'done' : 'refused'
  const doubtful: Code[] = write.type === 'create' ? [Code.NODEEXISTS] : [Code.BADVERSION, Code.NONODE]
  if (!doubtful.includes(refusal)) return 'refused'
  if (found === null || refusal === Code.NONODE) return 'unknown'
  if (write.type === 'create' && write.isEphemeral) return found.owner === session ? 'done' : 'refused'
  if (write.type === 'create' && found.owner !== 0n) return 'refused'
  const version = write.type === 'create' ? 0 : write.version + 1
  if (found.version !== version) return 'unknown'
  return show(found.data) === show(write.data) ? 'done' : 'refused'
}

function show(data: Uint8Array | null): string {
  return data === null ? 'nothing' : `[${data.join(' ')}]`
}
