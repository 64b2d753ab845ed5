/**
 * The four-letter words: what a server answers to a person, or to a script, that types one at its client port.
 * Which words are answered is the operator's choice (`4lw.commands.whitelist`), because some are costly and some tell
 * more than a stranger should know. The texts are Apache's to the letter: monitoring programs take them apart.
 * Source: Apache's org.apache.zookeeper.server.command.
 */

import { mean, percentile, type Summary } from '../server/metrics.ts'
import type { ClientReport, ServerReport, WordAnswer } from '../server/report.ts'
import type { Settings } from '../server/settings.ts'
import type { SessionId } from '../state/znode.ts'
import { formatZxid } from '../wire/zxid.ts'
import { withNamespaces } from './namespaces.ts'
import { operations } from './operations.ts'

/**
 * The level of the protocol that the server speaks, then its own name: clients read the number and switch
 * features on by it.
 */
export const version = '3.9.3-zookeeper-from-scratch'

export type WordSettings = Pick<
  Settings,
  | 'words'
  | 'clientPort'
  | 'secureClientPort'
  | 'dataDir'
  | 'dataLogDir'
  | 'tickTime'
  | 'maxClientCnxns'
  | 'minSessionTimeout'
  | 'maxSessionTimeout'
>

/** What becomes of a word. The report is looked at only as far as the word needs it. */
export function answerWord(word: string, report: ServerReport, settings: WordSettings): WordAnswer {
  // #region lab 26: A. refuse what the whitelist does not allow, and answer the rest
  if (!settings.words.has('*') && !settings.words.has(word)) {
    return { text: `${word} is not executed because it is not in the whitelist.\n` }
  }
  const answer = answers.get(word)
  if (answer === undefined) {
    return { text: `${word} is not executed because this server has no answer to it.\n` }
  }
  const text = answer(report, settings)
  const reset = resets.get(word)
  return reset === undefined ? { text } : { text, reset }
  // #endregion
}

const answers = new Map<string, (report: ServerReport, settings: WordSettings) => string>([
  ['ruok', () => 'imok'],
  ['isro', () => 'rw'],
  // Nothing is traced here: the mask is empty, and there is no `stmk` to change it.
  ['gtmk', () => '0'],
  ['srvr', report => `Zookeeper version: ${version}\n${statistics(report)}`],
  ['stat', stat],
  ['cons', cons],
  ['wchs', watchSummary],
  ['wchp', watchesByPath],
  ['wchc', watchesBySession],
  ['dump', dump],
  ['mntr', report => mntr(withNamespaces(report))],
  ['conf', (report, settings) => lines(configuration(report, settings), '=')],
  ['envi', report => `Environment:\n${lines(environment(report), '=')}`],
  ['dirs', ({ host }) => `datadir_size: ${host.dataDirSize}\nlogdir_size: ${host.dataLogDirSize}\n`],
  ['hash', ({ digests }) => digests.map(([zxid, digest]) => `${zxid.toString(16)}: ${digest}\n`).join('')],
  ['srst', () => 'Server stats reset.\n'],
  ['crst', () => 'Connection stats reset.\n'],
])

const resets = new Map<string, 'server' | 'connections'>([
  ['srst', 'server'],
  ['crst', 'connections'],
])

/** `stat`: the version, a line for each client, an empty line, and then all that `srvr` says. */
function stat(report: ServerReport): string {
  // #region lab 26: B. the version, the clients, an empty line, the statistics
  const clients = report.clients.map(client => `${clientLine(client, false)}\n`).join('')
  return `Zookeeper version: ${version}\nClients:\n${clients}\n${statistics(report)}`
  // #endregion
}

/** What `srvr` and `stat` say of the server as a whole. */
function statistics(report: ServerReport): string {
  // #region lab 26: A. eight lines: the latency, what came and went, and the tree
  const { traffic, connections, outstanding, zxid, mode } = report
  const { requests, latency, minLatency, maxLatency } = traffic
  const average = requests === 0 ? 0 : latency / requests
  return [
    `Latency min/avg/max: ${minLatency}/${decimals(average)}/${maxLatency}`,
    `Received: ${traffic.received}`,
    `Sent: ${traffic.sent}`,
    `Connections: ${connections}`,
    `Outstanding: ${outstanding}`,
    `Zxid: ${formatZxid(zxid)}`,
    `Mode: ${mode}`,
    `Node count: ${shownNodes(report)}`,
    '',
  ].join('\n')
  // #endregion
}

/** Apache counts the root twice, once under each of its names (`''` and `'/'`). */
export function shownNodes({ nodes }: ServerReport): number {
  return nodes + 1
}

/** `cons`: a long line for each client, and an empty one. */
function cons(report: ServerReport): string {
  return `${report.clients.map(client => `${clientLine(client, true)}\n`).join('')}\n`
}

/**
 * A connection in one line: ` /127.0.0.1:50210[1](queued=0,recved=7,sent=7)`. The number in brackets says what the server
 * waits for: 1 for more requests, 0 once it waits for none, as with the connection that asks. The long form goes on
 * inside the parentheses with `sid`, `lop`, `est`, `to`, `lcxid`, `lzxid`, `lresp`, `llat`, `minlat`, `avglat`, `maxlat`,
 * all of the session, so a connection without one has none of them. Where nothing was answered yet, `lop` is `NA`,
 * `lzxid` is -1 and the rest 0. `lcxid` is left out where it would be negative: pings have no number of their own.
 */
function clientLine(
  { remote, isAsking, queued, received, sent, session }: ClientReport,
  isLong: boolean,
): string {
  // #region lab 26: B. the address, the interest, what came and went, and of the session what there is
  const fields = [`queued=${queued}`, `recved=${received}`, `sent=${sent}`]
  if (isLong && session !== null) {
    const { last } = session
    fields.push(`sid=${hex(session.id)}`)
    fields.push(`lop=${last === null ? 'NA' : (operations.get(last.type) ?? 'NA')}`)
    fields.push(`est=${session.since}`, `to=${session.timeout}`)
    if (last !== null && last.xid >= 0) fields.push(`lcxid=0x${last.xid.toString(16)}`)
    fields.push(`lzxid=${hex(last?.zxid ?? -1n)}`, `lresp=${last?.at ?? 0}`, `llat=${last?.latency ?? 0}`)
    fields.push(`minlat=${session.minLatency}`)
    fields.push(`avglat=${Math.floor(session.averageLatency)}`)
    fields.push(`maxlat=${session.maxLatency}`)
  }
  return ` /${hostAndPort(remote)}[${isAsking ? 0 : 1}](${fields.join(',')})`
  // #endregion
}

/** `wchs`: how many connections watch how many nodes, and the pairs of both. */
function watchSummary(report: ServerReport): string {
  const { connections, paths, total } = countDataWatches(report)
  return `${connections} connections watching ${paths} paths\nTotal watches:${total}\n`
}

export function countDataWatches(report: ServerReport): {
  connections: number
  paths: number
  total: number
} {
  // #region lab 26: C. count nodes, pairs, and sessions without counting one twice
  const sessions = new Set<SessionId>()
  let total = 0
  for (const [, watching] of report.dataWatches) {
    total += watching.length
    for (const session of watching) sessions.add(session)
  }
  return { connections: sessions.size, paths: report.dataWatches.length, total }
  // #endregion
}

/** `wchp`: each watched path, and below it, with a tab before each, the sessions that watch it; an empty line. */
function watchesByPath(report: ServerReport): string {
  return `${groups(report.dataWatches.map(([path, sessions]) => [path, sessions.map(hex)]))}\n`
}

/** `wchc`: the same the other way round, each session with the paths that it watches. */
function watchesBySession(report: ServerReport): string {
  return `${groups([...pathsOfSessions(report)].map(([session, paths]) => [hex(session), paths]))}\n`
}

/** The paths that each session watches. */
export function pathsOfSessions({ dataWatches }: ServerReport): Map<SessionId, string[]> {
  // #region lab 26: C. turn "who watches this path" into "what does this session watch"
  const turned = new Map<SessionId, string[]>()
  for (const [path, sessions] of dataWatches) {
    for (const session of sessions) {
      const paths = turned.get(session)
      if (paths === undefined) turned.set(session, [path])
      else paths.push(path)
    }
  }
  return turned
  // #endregion
}

/**
 * `dump`: when which session expires, who has which ephemeral nodes, and when which connection will be closed unless
 * something is heard of it. Sessions and connections are grouped by that time, the earliest first.
 */
function dump(report: ServerReport): string {
  // #region lab 26: C. three tables: each with its counts in front, then a head for each group
  const { expiry, ephemeralNodes } = report
  const closing = new Map<number, string[]>()
  for (const { remote, session, expires } of [...report.clients].sort((a, b) => a.expires - b.expires)) {
    const line = `ip: /${hostAndPort(remote)} sessionId: ${hex(session?.id ?? 0n)}`
    closing.set(expires, [...(closing.get(expires) ?? []), line])
  }
  return [
    'SessionTracker dump:\n',
    `Session Sets (${expiry.length})/(${report.sessions}):\n`,
    groups(expiry.map(([wall, sessions]) => [expiring(sessions.length, wall), sessions.map(hex)])),
    'ephemeral nodes dump:\n',
    `Sessions with Ephemerals (${ephemeralNodes.length}):\n`,
    groups(ephemeralNodes.map(([session, paths]) => [`${hex(session)}:`, paths])),
    'Connections dump:\n',
    `Connections Sets (${closing.size})/(${report.clients.length}):\n`,
    groups([...closing].map(([wall, links]) => [expiring(links.length, wall), links])),
  ].join('')
  // #endregion
}

function expiring(count: number, wall: number): string {
  return `${count} expire at ${javaDate(wall)}:`
}

/** As Java shows a time, in UTC: `Fri Nov 20 15:31:04 UTC 2026`. */
export function javaDate(wall: number): string {
  const [weekday, day, month, year, time] = new Date(wall).toUTCString().replace(',', '').split(' ')
  return `${weekday} ${month} ${day} ${time} UTC ${year}`
}

/** A head, and below it what belongs to it with a tab before each. */
function groups(each: readonly (readonly [head: string, members: readonly string[]])[]): string {
  return each.map(([head, members]) => `${head}\n${members.map(member => `\t${member}\n`).join('')}`).join('')
}

/** A name and what it is worth now. */
export type Figure = readonly [name: string, value: number | string]

/** `mntr`: all figures, each as `zk_name`, a tab and the value. */
function mntr(report: ServerReport): string {
  // #region lab 26: D. one line for each figure
  return figures(report)
    .map(([name, value]) => `zk_${name}\t${hasDecimals(name) ? decimals(Number(value)) : value}\n`)
    .join('')
  // #endregion
}

/** Everything that the server can tell in numbers: the state of the moment, the counters, the summaries. */
export function figures(report: ServerReport): Figure[] {
  // #region lab 26: D. the gauges, the counters as they are, and each summary taken apart
  const { counters, summaries } = report.metrics
  return [
    ...gauges(report),
    ...Object.entries(counters),
    ...Object.entries(summaries).flatMap(([name, summary]) => figuresOf(name, summary)),
  ]
  // #endregion
}

/** Figures that have a value at every moment, and may go down as well as up. */
export function gauges(report: ServerReport): Figure[] {
  const { traffic, host } = report
  return [
    ['version', version],
    ['server_state', report.mode],
    ['ephemerals_count', report.ephemerals],
    ['num_alive_connections', report.connections],
    ['avg_latency', traffic.requests === 0 ? 0 : traffic.latency / traffic.requests],
    ['outstanding_requests', report.outstanding],
    ['connection_drop_probability', report.dropChance],
    ['znode_count', shownNodes(report)],
    ['global_sessions', report.sessions],
    ['local_sessions', 0],
    ['last_client_response_size', traffic.lastReply],
    ['packets_sent', traffic.sent],
    ['packets_received', traffic.received],
    ['max_client_response_size', traffic.maxReply],
    ['watch_count', report.watches],
    ['auth_failed_count', traffic.failedLogins],
    ['min_latency', traffic.minLatency],
    ['max_file_descriptor_count', host.maxFiles],
    ['approximate_data_size', report.dataSize],
    ['open_file_descriptor_count', host.openFiles],
    ['uptime', report.uptime],
    ['max_latency', traffic.maxLatency],
    ['min_client_response_size', traffic.minReply],
  ]
}

/**
 * A summary as figures: `avg_`, `min_`, `max_`, `cnt_` and `sum_`, and where percentiles are kept also `p50_`, `p95_`, `p99_`
 * and `p999_`, each before the name.
 */
function figuresOf(name: string, summary: Summary): Figure[] {
  // #region lab 26: D. five figures, or nine
  const { min, max, count, sum, often } = summary
  const five: Figure[] = [
    [`avg_${name}`, mean(summary)],
    [`min_${name}`, min],
    [`max_${name}`, max],
    [`cnt_${name}`, count],
    [`sum_${name}`, sum],
  ]
  if (often === null) return five
  return [
    ...five,
    [`p50_${name}`, percentile(summary, 0.5)],
    [`p95_${name}`, percentile(summary, 0.95)],
    [`p99_${name}`, percentile(summary, 0.99)],
    [`p999_${name}`, percentile(summary, 0.999)],
  ]
  // #endregion
}

/** Means and chances are shown with decimals even when they are whole. */
function hasDecimals(name: string): boolean {
  return name.startsWith('avg_') || name === 'connection_drop_probability'
}

/** As Java's DecimalFormat with `#.####` and one digit at least: `0.0`, `1.0952`. */
export function decimals(value: number): string {
  // #region lab 26: A. round to four decimals, and keep one in any case
  const text = String(Math.round(value * 10_000) / 10_000)
  return text.includes('.') ? text : `${text}.0`
  // #endregion
}

/** What the server runs by. */
export function configuration({ host }: ServerReport, settings: WordSettings): Figure[] {
  return [
    ['clientPort', settings.clientPort],
    ['secureClientPort', settings.secureClientPort],
    ['dataDir', `${settings.dataDir}/version-2`],
    ['dataDirSize', host.dataDirSize],
    ['dataLogDir', `${settings.dataLogDir}/version-2`],
    ['dataLogSize', host.dataLogDirSize],
    ['tickTime', settings.tickTime],
    ['maxClientCnxns', settings.maxClientCnxns],
    ['minSessionTimeout', settings.minSessionTimeout],
    ['maxSessionTimeout', settings.maxSessionTimeout],
    ['clientPortListenBacklog', -1],
    ['serverId', 0],
  ]
}

export function environment({ host }: ServerReport): Figure[] {
  return [['zookeeper.version', version], ...host.environment]
}

function lines(figures: readonly Figure[], between: string): string {
  return figures.map(([name, value]) => `${name}${between}${value}\n`).join('')
}

/** As Java prints an unsigned long. */
export function hex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`
}

/** As Java prints an address: a longer host, of IPv6, stands in brackets. */
function hostAndPort({ host, port }: ClientReport['remote']): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
