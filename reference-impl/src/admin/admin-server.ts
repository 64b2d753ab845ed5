/**
 * The commands of the AdminServer that need more than a report: they look at how the server was started, change something,
 * or give away all that it knows, and that only to somebody who may do everything at the root of the tree. Pure: from a
 * request to a response; a snapshot, which takes a while, is the program's to take, or to restore, when the response asks
 * for that.
 * Source: Apache's Commands and JettyAdminServer, 3.9; `shed_connections` is of its next version.
 */

import type { ServerReport } from '../server/report.ts'
import type { Settings } from '../server/settings.ts'
import { isPermitted } from '../state/acl.ts'
import type { Identity } from '../state/identity.ts'
import { Perms } from '../wire/opcodes.ts'
import type { ACL } from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Millis } from '../world/world.ts'
import { type AdminResponse, answerHttp, commandIn, type Fields, response } from './http.ts'

export interface AdminRequest {
  method: string
  path: string
  query: ReadonlyMap<string, string>
  /** The header of that name: a scheme and, behind a blank, the proof. */
  authorization: string | null
  /** The address that it comes from. */
  host: string
  /** By which it has come in (DER); null: by none. */
  certificate: Uint8Array | null
  body: string
}

/** What its commands can ask and do. */
export interface AdminServer {
  readonly settings: Settings
  report(): ServerReport
  /** Milliseconds from any beginning. */
  now(): Millis
  /** The Java properties that it was started with. */
  readonly properties: readonly (readonly [name: string, value: string])[]
  /** The text of its `zoo.cfg`. */
  readonly configText: string
  /** The newest snapshot, and when it was finished, in seconds since 1970; null while there is none. */
  lastSnapshot(): { zxid: Zxid; seconds: number } | null
  rootAcl(): readonly ACL[]
  /** What a client proves to be with such a login; null: nothing. */
  logIn(scheme: string, proof: Uint8Array | null, from: AdminRequest): Identity[] | null
  /** Closes so many of a hundred connections; answers how many that are. */
  shed(percentage: number): number
  /** What commands remember from one request to the next. */
  readonly memory: AdminMemory
}

interface AdminMemory {
  traceMask: bigint
  /** When a command that may not come too often may come again. */
  readonly next: Map<string, Millis>
}

export function noMemory(): AdminMemory {
  return { traceMask: 0n, next: new Map() }
}

interface Command {
  names: readonly [string, ...string[]]
  isPost?: true
  isGuarded?: true
  run(server: AdminServer, request: AdminRequest): Fields | AdminResponse
}

export function answerAdmin(request: AdminRequest, server: AdminServer): AdminResponse {
  const { settings } = server
  const { method, path } = request
  const isGet = method === 'GET' || method === 'HEAD'
  const asked = commandIn(path, settings.adminUrl)
  const command = commands.find(({ names }) => asked !== null && names.includes(asked))
  if (!isGet && (method !== 'POST' || command?.isPost !== true)) return notAllowed(asked, 'GET')
  if (command === undefined) {
    const others = commands.map(({ names }) => names[0])
    return answerHttp(path, settings.adminUrl, server.report(), settings, others)
  }
  if (isGet && command.isPost === true) return notAllowed(asked, 'POST')
  const [name] = command.names
  const refusal = command.isGuarded === true ? refusalOf(request, server) : null
  if (refusal !== null) return response(refusal.status, { command: name, error: refusal.error })
  const done = command.run(server, request)
  return isResponse(done) ? done : response(200, { command: name, error: null, ...done })
}

function isResponse(done: Fields | AdminResponse): done is AdminResponse {
  return typeof done.status === 'number' && typeof done.body === 'string'
}

function notAllowed(asked: string | null, method: 'GET' | 'POST'): AdminResponse {
  const refused = response(405, { command: asked, error: `Only ${method} is served here` })
  return { ...refused, headers: { allow: method === 'GET' ? 'GET, HEAD' : method } }
}

/** Is the body of such a request for `restore`, and larger than memory should hold twice? */
export function isUpload(method: string, path: string, { adminUrl }: Settings): boolean {
  const asked = commandIn(path, adminUrl)
  return method === 'POST' && (asked === 'restore' || asked === 'rest')
}

/** Why somebody may not do what only he may who may do all; null: he may. */
function refusalOf(request: AdminRequest, server: AdminServer): { status: number; error: string } | null {
  const { authorization } = request
  if (authorization === null) return { status: 401, error: 'Auth info is missing for the command' }
  const [scheme = '', proof, ...more] = authorization.split(' ')
  const bytes = proof === undefined ? null : new TextEncoder().encode(proof)
  const identities = more.length > 0 ? null : server.logIn(scheme, bytes, request)
  if (identities === null || identities.length === 0) return { status: 401, error: 'Not authenticated' }
  const acl = server.rootAcl()
  const all = [Perms.READ, Perms.WRITE, Perms.CREATE, Perms.DELETE, Perms.ADMIN]
  const mayAll = server.settings.skipAcl || all.every(perm => isPermitted(acl, perm, identities))
  return mayAll ? null : { status: 403, error: 'Not authorized' }
}

/** May it come now? Then not again for a while. */
function isInTime({ memory, settings, now }: AdminServer, name: string): boolean {
  if (now() < (memory.next.get(name) ?? Number.NEGATIVE_INFINITY)) return false
  memory.next.set(name, now() + settings.adminRateInterval)
  return true
}

const commands: readonly Command[] = [
  {
    names: ['get_trace_mask', 'gtmk'],
    run: ({ memory }) => ({ tracemask: memory.traceMask }),
  },
  {
    names: ['initial_configuration', 'icfg'],
    run: ({ configText }) => ({ initial_configuration: withoutSecrets(configText) }),
  },
  {
    names: ['last_snapshot', 'lsnp'],
    run(server) {
      const { zxid, seconds } = server.lastSnapshot() ?? { zxid: 0xffff_ffff_ffff_ffffn, seconds: -1 }
      return { zxid: zxid.toString(16), timestamp: seconds }
    },
  },
  {
    names: ['restore', 'rest'],
    isPost: true,
    isGuarded: true,
    run(server) {
      const empty = { command: 'restore', error: null }
      if (!server.settings.adminRestores) return response(503, empty)
      if (!isInTime(server, 'restore')) {
        server.report().metrics.counters.restore_rate_limited_count++
        return response(429, empty)
      }
      return { ...response(200, empty), restores: true }
    },
  },
  {
    // Nothing is traced here, whatever the mask: who sets one finds it again.
    names: ['set_trace_mask', 'stmk'],
    run({ memory }, { query }) {
      const asked = query.get('traceMask')
      const error = 'setTraceMask requires long traceMask argument'
      if (asked === undefined) return { error }
      if (!/^[+-]?\d{1,19}$/.test(asked)) return { error: `${error}, got ${asked}` }
      memory.traceMask = BigInt.asIntN(64, BigInt(asked.replace('+', '')))
      return { tracemask: memory.traceMask }
    },
  },
  {
    names: ['shed_connections', 'shed'],
    isPost: true,
    isGuarded: true,
    run(server, { body }) {
      const bad = (error: string): AdminResponse => response(400, { command: 'shed_connections', error })
      const said = parsed(body)
      if (said === undefined) return bad('Invalid JSON: send {"percentage":50}')
      const { percentage } = (said ?? {}) as { percentage?: unknown }
      if (percentage === undefined) return bad('Missing required field: percentage')
      const share = Math.trunc(Number(percentage))
      if (!(share >= 0 && share <= 100)) return bad('Percentage must be between 0 and 100')
      return { connections_shed: server.shed(share), percentage_requested: share }
    },
  },
  {
    names: ['snapshot', 'snap'],
    isGuarded: true,
    run(server, { query }) {
      const empty = { command: 'snapshot', error: null }
      if (!server.settings.adminSnapshots) return response(503, empty)
      if (!isInTime(server, 'snapshot')) {
        server.report().metrics.counters.snapshot_rate_limited_count++
        return response(429, empty)
      }
      const isStreamed = (query.get('streaming') ?? 'true').toLowerCase() === 'true'
      return { ...response(200, empty), snapshot: { isStreamed } }
    },
  },
  {
    names: ['system_properties', 'sysp'],
    run: ({ properties }) =>
      Object.fromEntries([...properties].sort().map(([name, value]) => [name, withoutSecret(name, value)])),
  },
]

/** undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Apache shows them to everybody who asks. */
function withoutSecret(name: string, value: string): string {
  return isSecret(name) ? '***' : value
}

/** The same in the text of a file, line by line. */
function withoutSecrets(text: string): string {
  return text.replaceAll(/^(\s*([^\s=:#!]+)\s*[=:\s]\s*)\S.*$/gm, (line, start: string, name: string) =>
    isSecret(name) ? `${start}***` : line,
  )
}

function isSecret(name: string): boolean {
  return /passw|secret|superDigest/i.test(name)
}
