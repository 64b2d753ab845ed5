/** Reports of servers that never ran, for words to be asked of. */
import { noMetrics } from '#lab/server/metrics.ts'
import type { ClientReport, ServerReport } from '#lab/server/report.ts'
import { unknownHost } from '#lab/server/report.ts'

/** A server that nobody has talked to. */
export function reportOf(parts: Partial<ServerReport> = {}): ServerReport {
  return {
    mode: 'standalone',
    wall: Date.UTC(2026, 10, 20, 15, 31, 0),
    uptime: 0,
    traffic: trafficOf(),
    connections: 0,
    outstanding: 0,
    dropChance: 0,
    zxid: 0n,
    nodes: 4,
    ephemerals: 0,
    sessions: 0,
    watches: 0,
    dataSize: 0,
    clients: [],
    dataWatches: [],
    expiry: [],
    ephemeralNodes: [],
    digests: [],
    quotas: [],
    metrics: noMetrics(),
    host: unknownHost,
    ...parts,
  }
}

export function trafficOf(parts: Partial<ServerReport['traffic']> = {}): ServerReport['traffic'] {
  return {
    received: 0,
    sent: 0,
    requests: 0,
    latency: 0,
    minLatency: 0,
    maxLatency: 0,
    lastReply: -1,
    minReply: -1,
    maxReply: -1,
    failedLogins: 0,
    ...parts,
  }
}

export function clientOf(port: number, parts: Partial<ClientReport> = {}): ClientReport {
  return {
    remote: { host: '127.0.0.1', port },
    isSecure: false,
    isAsking: false,
    queued: 0,
    received: 0,
    sent: 0,
    session: null,
    expires: 0,
    ...parts,
  }
}

export function sessionOf(
  id: bigint,
  parts: Partial<NonNullable<ClientReport['session']>> = {},
): NonNullable<ClientReport['session']> {
  return {
    id,
    timeout: 10_000,
    since: 1_795_188_659_116,
    last: null,
    minLatency: 0,
    maxLatency: 0,
    averageLatency: 0,
    ...parts,
  }
}

export function settingsOf(...words: string[]) {
  return {
    words: new Set(['srvr', ...words]),
    clientPort: 2181,
    secureClientPort: -1,
    dataDir: '/data',
    dataLogDir: '/log',
    tickTime: 2000,
    maxClientCnxns: 60,
    minSessionTimeout: 4000,
    maxSessionTimeout: 40_000,
  }
}

/** What a failing test says: the rule that was broken, and where it is explained. */
export function because(rule: string, section: string): string {
  return `${rule} (chapter 26, "${section}")`
}
