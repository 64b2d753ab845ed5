/**
 * The four-letter words: what a server answers to a person, or to a script, that types one at its client port.
 * Which words are answered is the operator's choice (`4lw.commands.whitelist`), because some are costly and some tell
 * more than a stranger should know.
 * Source: Apache's org.apache.zookeeper.server.command.
 */
import type { Settings } from '../server/config.ts'
import type { ServerReport } from '../server/report.ts'
import { formatZxid } from '../wire/zxid.ts'

/**
 * The level of the protocol that the server speaks, then its own name: clients read the number and switch
 * features on by it.
 */
export const version = '3.9.3-zookeeper-from-scratch'

/** The text that answers a word. */
export function answerWord(word: string, report: ServerReport, settings: Pick<Settings, 'words'>): string {
  const answer = answers[word]
  if (!settings.words.has('*') && !settings.words.has(word)) {
    return `${word} is not executed because it is not in the whitelist.\n`
  }
  if (answer === undefined) return `${word} is not executed because this server has no answer to it.\n`
  return answer(report)
}

const answers: Record<string, (report: ServerReport) => string> = {
  ruok: () => 'imok',
  isro: () => 'rw',
  envi: () => `Environment:\nzookeeper.version=${version}\n`,
  srvr: report => `Zookeeper version: ${version}\n${statistics(report)}`,
}

function statistics({ traffic, connections, outstanding, zxid, mode, nodes }: ServerReport): string {
  const { requests, latency, minLatency, maxLatency } = traffic
  const average = requests === 0 ? 0 : latency / requests
  // Apache counts the root twice, once under each of its names.
  const nodeCount = nodes + 1
  return [
    `Latency min/avg/max: ${minLatency}/${decimals(average)}/${maxLatency}`,
    `Received: ${traffic.received}`,
    `Sent: ${traffic.sent}`,
    `Connections: ${connections}`,
    `Outstanding: ${outstanding}`,
    `Zxid: ${formatZxid(zxid)}`,
    `Mode: ${mode}`,
    `Node count: ${nodeCount}`,
    '',
  ].join('\n')
}

/** As Java's DecimalFormat with `#.####` and one digit at least: `0.0`, `1.0952`. */
function decimals(value: number): string {
  const text = String(Math.round(value * 10_000) / 10_000)
  return text.includes('.') ? text : `${text}.0`
}
