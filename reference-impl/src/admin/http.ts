/**
 * The AdminServer: what the four-letter words say, as JSON over HTTP. Pure: from a request to a response. Commands have
 * the names, the aliases and the fields that Apache's have; those that need more than a report are in admin-server.ts.
 * Source: Apache's org.apache.zookeeper.server.admin.Commands.
 */
import type { ClientReport, ServerReport } from '../server/report.ts'
import { digestVersion } from '../wire/txn.ts'
import {
  configuration,
  countDataWatches,
  environment,
  figures,
  pathsOfSessions,
  shownNodes,
  version,
  type WordSettings,
} from './four-letter.ts'
import { withNamespaces } from './namespaces.ts'
import { operations } from './operations.ts'

export interface AdminResponse {
  status: number
  type: string
  body: string
  headers?: Readonly<Record<string, string>>
  /** Counts that begin anew with it. */
  reset?: 'server' | 'connections'
  /** Whoever sends it takes a snapshot first, and sends that in place of the body if it is to be streamed. */
  snapshot?: { isStreamed: boolean }
  /** Whoever sends it restores the snapshot in the body of the request first, and sends that or what became of it. */
  restores?: true
}

type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json }
export type Fields = Record<string, Json>

interface Command {
  /** The first is its name; by the others it is known too. */
  names: readonly string[]
  reset?: 'server' | 'connections'
  run(report: ServerReport, settings: WordSettings): Fields
}

/** The command that a path names below `root` (`/commands`); null when it names none. */
export function commandIn(path: string, root: string): string | null {
  const asked = path.replace(/\/+$/, '')
  return asked.startsWith(`${root}/`) ? asked.slice(root.length + 1) : null
}

/** Answers a GET of `path`, which begins with `root`. `others` are commands that others know, to be listed too. */
export function answerHttp(
  path: string,
  root: string,
  report: ServerReport,
  settings: WordSettings,
  others: readonly string[] = [],
): AdminResponse {
  if (path.replace(/\/+$/, '') === root) {
    return { status: 200, type: 'text/html; charset=utf-8', body: links(root, others) }
  }
  const name = commandIn(path, root)
  if (name === null) {
    return {
      status: 404,
      type: 'text/plain; charset=utf-8',
      body: `Nothing is here. Commands are at ${root}\n`,
    }
  }
  const command = commands.find(({ names }) => names.includes(name))
  // Apache's server answers so, and programs read the error, not the status.
  if (command === undefined) return response(200, { command: name, error: `Unknown command: ${name}` })
  const fields = { command: command.names[0]!, error: null, ...command.run(report, settings) }
  const { reset } = command
  return reset === undefined ? response(200, fields) : { ...response(200, fields), reset }
}

export function response(status: number, fields: Fields): AdminResponse {
  return { status, type: 'application/json', body: `${json(fields)}\n` }
}

function links(root: string, others: readonly string[]): string {
  const names = [...commands.map(({ names: [name] }) => name!), ...others].sort()
  return names.map(name => `<a href="${root}/${name}">${name}</a><br/>\n`).join('')
}

const nothing = (): Fields => ({})

const commands: readonly Command[] = [
  {
    names: ['configuration', 'conf', 'config'],
    run: (report, settings) => inSnakeCase(configuration(report, settings)),
  },
  { names: ['connection_stat_reset', 'crst'], reset: 'connections', run: nothing },
  { names: ['connections', 'cons'], run: report => connections(report) },
  {
    names: ['dirs'],
    run: ({ host }) => ({ datadir_size: host.dataDirSize, logdir_size: host.dataLogDirSize }),
  },
  {
    names: ['dump'],
    run: report => ({
      expiry_time_to_session_ids: Object.fromEntries(report.expiry),
      session_id_to_ephemeral_paths: bySession(report.ephemeralNodes),
    }),
  },
  { names: ['environment', 'env', 'envi'], run: report => Object.fromEntries(environment(report)) },
  {
    names: ['hash'],
    run: ({ digests }) => ({
      digests: digests.map(([zxid, digest]) => ({ zxid, digestVersion, digest })),
    }),
  },
  { names: ['is_read_only', 'isro'], run: () => ({ read_only: false }) },
  { names: ['leader', 'lead'], run: () => ({ error: 'server is not initialized' }) },
  { names: ['monitor', 'mntr'], run: report => Object.fromEntries(figures(withNamespaces(report))) },
  { names: ['observer_connection_stat_reset', 'orst'], run: nothing },
  { names: ['observers', 'obsr'], run: () => ({ synced_observers: 0, observers: [] }) },
  { names: ['ruok'], run: nothing },
  { names: ['server_stats', 'srvr'], run: serverStats },
  { names: ['stat_reset', 'srst'], reset: 'server', run: nothing },
  { names: ['stats', 'stat'], run: report => ({ ...serverStats(report), ...connections(report, brief) }) },
  {
    names: ['watch_summary', 'wchs'],
    run: report => {
      const { connections, paths, total } = countDataWatches(report)
      return { num_connections: connections, num_paths: paths, num_total_watches: total }
    },
  },
  {
    names: ['watches', 'wchc'],
    run: report => ({ session_id_to_watched_paths: bySession([...pathsOfSessions(report)]) }),
  },
  {
    names: ['watches_by_path', 'wchp'],
    run: report => ({
      path_to_session_ids: Object.fromEntries(report.dataWatches),
    }),
  },
  { names: ['voting_view'], run: () => ({ current_config: {} }) },
  { names: ['zabstate'], run: () => ({ voting: false, zabstate: '' }) },
]

function serverStats(report: ServerReport): Fields {
  const { traffic, host } = report
  const { counters, slowSyncs } = report.metrics
  const replies = {
    last_buffer_size: traffic.lastReply,
    min_buffer_size: traffic.minReply,
    max_buffer_size: traffic.maxReply,
  }
  return {
    version,
    read_only: false,
    server_stats: {
      packets_sent: traffic.sent,
      packets_received: traffic.received,
      min_latency: traffic.minLatency,
      avg_latency: traffic.requests === 0 ? 0 : traffic.latency / traffic.requests,
      max_latency: traffic.maxLatency,
      num_alive_client_connections: report.connections,
      outstanding_requests: report.outstanding,
      server_state: report.mode,
      uptime: report.uptime,
      auth_failed_count: traffic.failedLogins,
      non_mtlsremote_conn_count: counters.non_mtls_remote_conn_count,
      non_mtlslocal_conn_count: counters.non_mtls_local_conn_count,
      fsync_threshold_exceed_count: slowSyncs,
      last_processed_zxid: report.zxid,
      data_dir_size: host.dataDirSize,
      log_dir_size: host.dataLogDirSize,
      provider_null: false,
      client_response_stats: replies,
    },
    client_response: replies,
    node_count: shownNodes(report),
  }
}

function connections({ clients }: ServerReport, show = connection): Fields {
  const secure = clients.filter(({ isSecure }) => isSecure)
  const plain = clients.filter(({ isSecure }) => !isSecure)
  return { connections: plain.map(show), secure_connections: secure.map(show) }
}

/** It is always being read from, in Java's terms. */
const interestOps = 1

function brief({ remote, queued, received, sent }: ClientReport): Fields {
  return {
    remote_socket_address: `${remote.host}:${remote.port}`,
    interest_ops: interestOps,
    outstanding_requests: queued,
    packets_received: received,
    packets_sent: sent,
  }
}

function connection(client: ClientReport): Fields {
  const { session } = client
  if (session === null) return brief(client)
  const { id, timeout, since, last, minLatency, averageLatency, maxLatency } = session
  return {
    ...brief(client),
    session_id: id,
    session_timeout: timeout,
    established: since,
    last_operation: last === null ? 'NA' : (operations.get(last.type) ?? 'NA'),
    last_cxid: last?.xid ?? -1,
    last_zxid: last?.zxid ?? -1n,
    last_response_time: last?.at ?? 0,
    last_latency: last?.latency ?? 0,
    min_latency: minLatency,
    avg_latency: Math.floor(averageLatency),
    max_latency: maxLatency,
  }
}

/** Here ids are decimal numbers, unlike in the four-letter words. */
function bySession(lists: readonly (readonly [session: bigint, paths: readonly string[]])[]): Fields {
  return Object.fromEntries(lists.map(([session, paths]) => [String(session), paths]))
}

/** `maxClientCnxns` becomes `max_client_cnxns`. */
function inSnakeCase(pairs: readonly (readonly [name: string, value: string | number])[]): Fields {
  return Object.fromEntries(
    pairs.map(([name, value]) => [name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`), value]),
  )
}

/** JSON with whole numbers of 64 bits, which JSON allows and `JSON.stringify` does not. */
function json(value: Json): string {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return `[${value.map(json).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${json(member)}`)
    return `{${members.join(',')}}`
  }
  return JSON.stringify(value)
}
