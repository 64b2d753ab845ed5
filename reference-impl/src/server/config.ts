/**
 * From the text of a `zoo.cfg` to settings, or to a list of what is wrong with it. Keys, defaults and rules are
 * Apache's, so that a file which starts Apache's server starts this one. A setting that this server knows but cannot
 * honour is named in a warning and never passed over in silence.
 * Source: Apache's QuorumPeerConfig.
 */
import type { ReapRules } from '../pipeline/reap.ts'
import { isDigestAlgorithm } from '../state/digest.ts'
import { usualSchemes } from '../state/identity.ts'
import { fewestKept } from '../storage/purge.ts'
import type { StorageOptions } from '../storage/storage.ts'
import type { Millis } from '../world/world.ts'
import { type Property, parseProperties } from './properties.ts'

export interface Settings {
  dataDir: string
  /** Where the transaction log goes; the `dataDir` when it has no place of its own. */
  dataLogDir: string
  /** 0 takes any free port. */
  clientPort: number
  /** The address to listen on; empty for all that this machine has. */
  clientPortAddress: string
  /** The unit of time: one heartbeat, and the length of an expiry bucket. */
  tickTime: Millis
  minSessionTimeout: Millis
  maxSessionTimeout: Millis
  /** Connections of one client address; 0 for no limit. */
  maxClientCnxns: number
  /** Connections in all; 0 for no limit. */
  maxCnxns: number
  /** The four-letter words that are answered; `*` is all of them. */
  words: ReadonlySet<string>
  /** The largest frame, and the largest string or buffer in it, that a client may send. */
  maxBuffer: number
  /** How long a connection may stay without asking for a session. */
  sessionlessTimeout: Millis
  /** Is every access allowed, whatever the ACLs say? */
  skipAcl: boolean
  /** The `user:hash` that may do everything once it has logged in; null: nobody. */
  superDigest: string | null
  /** May passwords be used at all, and how are they hashed? */
  digestEnabled: boolean
  digestAlgorithm: string
  /** What clients that name their ensemble may call it, anything if there is no name here; null: they cannot. */
  ensembleNames: ReadonlySet<string> | null
  /** What ids in access control lists may be of. */
  schemes: ReadonlySet<string>
  /** Is only he served who has an identity of one of the `enforcedSchemes`? */
  enforceAuth: boolean
  enforcedSchemes: ReadonlySet<string>
  /** Are nodes with a time to live allowed? */
  extendedTypes: boolean
  reconfigEnabled: boolean
  /** When nodes end by themselves. */
  reaping: ReapRules
  /** Is there an AdminServer? Not unless a line asks for it, as with Apache's from 3.10 on. */
  adminEnabled: boolean
  adminPort: number
  /** Empty for all addresses. */
  adminAddress: string
  /** Where its commands are. */
  adminUrl: string
  /** Are there metrics for Prometheus, and where? */
  prometheus: boolean
  metricsPort: number
  metricsHost: string
  /** A snapshot is taken after about so many transactions, and after so many KiB of log; 0: whatever its size. */
  snapCount: number
  snapSizeLimitInKb: number
  /** A log file grows by so many KiB at a time; 0: by what is written. */
  preAllocSize: number
  /** A log file is ended when it is larger; 0: no limit. */
  txnLogSizeLimitInKb: number
  /** Does a promise wait until the disk has it? Without that, a loss of power can break it. */
  forceSync: boolean
  /** A sync of the log that takes longer is told of. */
  slowSync: Millis
  /** Start with a log and no snapshot? */
  trustEmptySnapshot: boolean
  /** How often old snapshots and logs are removed, 0 for never; and how many snapshots stay. */
  purgeInterval: Millis
  snapRetainCount: number
}

/** Something about one line of the file; line 0 is the file as a whole. */
export interface Remark {
  line: number
  text: string
}

export type Config = { settings: Settings; warnings: Remark[] } | { errors: Remark[] }

/** `above`: what counts as if it stood above the first line. */
export function parseConfig(text: string, above: readonly Property[] = []): Config {
  return configOf([...above, ...parseProperties(text)])
}

/** What the properties mean; a key given twice counts as it was given last. */
export function configOf(properties: readonly Property[]): Config {
  const draft: Draft = {
    maxClientCnxns: 60,
    maxCnxns: 0,
    clientPortAddress: '',
    tickTime: 3000,
    maxBuffer: 0xfffff,
    sessionlessTimeout: 10_000,
    words: new Set(['srvr']),
    skipAcl: false,
    superDigest: null,
    digestEnabled: true,
    digestAlgorithm: 'SHA1',
    ensembleNames: null,
    schemes: usualSchemes,
    enforceAuth: false,
    enforcedSchemes: new Set(),
    extendedTypes: false,
    reconfigEnabled: false,
    reaping: { every: 60_000, perMinute: 10_000, neverUsed: 0 },
    adminAddress: '',
    adminUrl: '/commands',
    prometheus: false,
    metricsPort: 7000,
    metricsHost: '',
    snapCount: 100_000,
    snapSizeLimitInKb: 4 << 20,
    preAllocSize: 64 << 10,
    txnLogSizeLimitInKb: 0,
    forceSync: true,
    slowSync: 1000,
    trustEmptySnapshot: false,
    purgeInterval: 0,
    snapRetainCount: fewestKept,
  }
  const errors: Remark[] = []
  const idle: Property[] = []
  const unknown: Property[] = []
  const last = new Map(properties.map(property => [property.key.replace(/^zookeeper\./, ''), property]))
  for (const [key, property] of last) {
    const setting = readers.get(key) ?? (key.startsWith('authProvider.') ? provider(property) : undefined)
    if (setting !== undefined) {
      const fault = setting(draft, property.value)
      if (fault !== null) {
        errors.push({ line: property.line, text: `${written(property)}=${property.value}: ${fault}` })
      }
    } else if (isForEnsembles(key)) {
    } else {
      const heap = idleKeys.has(key) || idleFamilies.some(family => key.startsWith(family)) ? idle : unknown
      heap.push(property)
    }
  }
  if (draft.digestEnabled === false)
    draft.schemes = new Set([...usualSchemes].filter(name => name !== 'digest'))
  errors.push(...faultsOfEnsemble(properties), ...faultsOfWhole(draft, last))
  if (errors.length > 0) return { errors: errors.sort((a, b) => a.line - b.line) }
  const settings = draft as Settings
  settings.dataLogDir ??= settings.dataDir
  settings.adminEnabled ??= settings.adminPort !== undefined
  settings.adminPort ??= 8080
  settings.minSessionTimeout ??= settings.tickTime * 2
  settings.maxSessionTimeout ??= settings.tickTime * 20
  if (settings.minSessionTimeout > settings.maxSessionTimeout) {
    const { minSessionTimeout: least, maxSessionTimeout: most } = settings
    const line = (last.get('minSessionTimeout') ?? last.get('maxSessionTimeout'))?.line ?? 0
    const text = `minSessionTimeout (${least} ms) is more than maxSessionTimeout (${most} ms): swap or change them`
    return { errors: [{ line, text }] }
  }
  const warnings = [
    raised(settings, last.get('autopurge.snapRetainCount')),
    remarkOn(idle, 'these settings have no effect in this server'),
    remarkOn(unknown, 'these settings are unknown (misspelled?) and ignored'),
  ]
  return { settings, warnings: warnings.filter(remark => remark !== null) }
}

/** Fewer than the fewest are asked for: Apache's server starts with the fewest then, and so does this one. */
function raised(settings: Settings, property: Property | undefined): Remark | null {
  if (property === undefined || settings.snapRetainCount >= fewestKept) return null
  settings.snapRetainCount = fewestKept
  const text = `${property.key}=${property.value}: ${fewestKept} snapshots are kept at least, so ${fewestKept} it is`
  return { line: property.line, text }
}

/** How a server with these settings keeps its files. */
export function storageOptions(settings: Settings): StorageOptions {
  return {
    trustEmpty: settings.trustEmptySnapshot,
    // A request that changes several nodes becomes a transaction that is a little longer than the request.
    maxEntry: Math.max(4 * settings.maxBuffer, 4 << 20),
    snapCount: settings.snapCount,
    snapSizeLimit: settings.snapSizeLimitInKb * 1024,
    preAllocSize: settings.preAllocSize * 1024,
    txnLogSizeLimit: settings.txnLogSizeLimitInKb * 1024,
    forceSync: settings.forceSync,
    slowSync: settings.slowSync,
  }
}

/** As from a file that holds just these: `zk-server PORT DATADIR [TICKTIME [MAXCLIENTCNXNS]]`. */
export function configOfArguments(values: readonly string[], above: readonly Property[] = []): Config {
  const keys = ['clientPort', 'dataDir', 'tickTime', 'maxClientCnxns']
  const lines = values.map((value, at) => ({ key: keys[at] ?? `argument ${at + 1}`, value, line: 0 }))
  return configOf([...above, ...lines])
}

type Draft = Partial<Settings>

/** Sets what the value says, or answers what is wrong with it and what to write. */
type Reader = (draft: Draft, value: string) => string | null

const readers = new Map<string, Reader>([
  ['dataDir', text('dataDir', '/var/lib/zookeeper')],
  ['dataLogDir', text('dataLogDir', '/var/lib/zookeeper-log')],
  ['clientPort', whole('clientPort', 0, 65_535, 2181)],
  ['clientPortAddress', text('clientPortAddress', '127.0.0.1')],
  ['tickTime', whole('tickTime', 1, 0x7fff_ffff, 2000)],
  ['minSessionTimeout', timeout('minSessionTimeout', 4000)],
  ['maxSessionTimeout', timeout('maxSessionTimeout', 40_000)],
  ['maxClientCnxns', whole('maxClientCnxns', 0, 0x7fff_ffff, 60)],
  ['maxCnxns', whole('maxCnxns', 0, 0x7fff_ffff, 0)],
  ['4lw.commands.whitelist', words],
  ['jute.maxbuffer', whole('maxBuffer', 1024, 0x7fff_ffff, 0xfffff)],
  ['nio.sessionlessCnxnTimeout', whole('sessionlessTimeout', 1, 0x7fff_ffff, 10_000)],
  ['skipACL', yes('skipAcl')],
  ['DigestAuthenticationProvider.superDigest', text('superDigest', 'super:kZ2IPNqmY5oNqZ0WI+l5TIvzQIQ=')],
  ['DigestAuthenticationProvider.enabled', flag('digestEnabled')],
  ['DigestAuthenticationProvider.digestAlg', digestAlgorithm],
  ['ensembleAuthName', names('ensembleNames')],
  ['enforce.auth.enabled', flag('enforceAuth')],
  ['enforce.auth.schemes', names('enforcedSchemes')],
  ['extendedTypesEnabled', flag('extendedTypes')],
  ['reconfigEnabled', flag('reconfigEnabled')],
  ['znode.container.checkIntervalMs', reaping('every', 60_000)],
  ['znode.container.maxPerMinute', reaping('perMinute', 10_000)],
  ['znode.container.maxNeverUsedIntervalMs', reaping('neverUsed', 300_000)],
  ['admin.enableServer', flag('adminEnabled')],
  ['admin.serverPort', whole('adminPort', 0, 65_535, 8080)],
  ['admin.serverAddress', text('adminAddress', '127.0.0.1')],
  ['admin.commandURL', commandUrl],
  ['metricsProvider.className', metricsProvider],
  ['metricsProvider.httpPort', whole('metricsPort', 0, 65_535, 7000)],
  ['metricsProvider.httpHost', text('metricsHost', '127.0.0.1')],
  ['snapCount', whole('snapCount', 2, 0x7fff_ffff, 100_000)],
  ['snapSizeLimitInKb', limit('snapSizeLimitInKb', 4 << 20)],
  ['preAllocSize', whole('preAllocSize', 0, 1 << 21, 65_536)],
  ['txnLogSizeLimitInKb', limit('txnLogSizeLimitInKb', 65_536)],
  ['forceSync', yes('forceSync')],
  ['fsync.warningthresholdms', whole('slowSync', 0, 0x7fff_ffff, 1000)],
  ['snapshot.trust.empty', flag('trustEmptySnapshot')],
  ['autopurge.purgeInterval', interval],
  ['autopurge.snapRetainCount', whole('snapRetainCount', 0, 0x7fff_ffff, fewestKept)],
])

type KeysOf<T> = { [K in keyof Settings]: Settings[K] extends T | null ? K : never }[keyof Settings]

function set<K extends keyof Settings>(draft: Draft, key: K, value: Settings[K]): null {
  draft[key] = value
  return null
}

function whole(key: KeysOf<number>, least: number, most: number, example: number): Reader {
  return (draft, value) => {
    const number = /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN
    if (number >= least && number <= most) return set(draft, key, number)
    return `must be a whole number from ${least} to ${most}, for example ${example}`
  }
}

/** -1 stands for the default. */
function timeout(key: KeysOf<number>, example: number): Reader {
  const read = whole(key, 1, 0x7fff_ffff, example)
  return (draft, value) => (value === '-1' ? null : read(draft, value))
}

/** Nothing and less than nothing both stand for "no limit". */
function limit(key: KeysOf<number>, example: number): Reader {
  const read = whole(key, 1, 0x7fff_ffff, example)
  return (draft, value) => (value === '0' || value === '-1' ? set(draft, key, 0) : read(draft, value))
}

function text(key: KeysOf<string>, example: string): Reader {
  return (draft, value) => (value === '' ? `needs a value, for example ${example}` : set(draft, key, value))
}

function flag(key: KeysOf<boolean>): Reader {
  return (draft, value) => {
    const word = value.toLowerCase()
    return word === 'true' || word === 'false'
      ? set(draft, key, word === 'true')
      : 'must be either true or false'
  }
}

function yes(key: KeysOf<boolean>): Reader {
  return (draft, value) =>
    value === 'yes' || value === 'no' ? set(draft, key, value === 'yes') : 'must be either yes or no'
}

/** A number of hours, or of what stands behind it. */
function interval(draft: Draft, value: string): string | null {
  const [, count, unit = 'h'] = /^(-?\d{1,9})(ms|s|m|h|d)?$/.exec(value) ?? []
  if (count === undefined)
    return 'must be a number of hours, or a number with ms, s, m, h or d, for example 24'
  return set(draft, 'purgeInterval', Math.max(0, Number(count)) * unitMillis[unit]!)
}

const unitMillis: Record<string, Millis> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Names with commas between them. */
function names(key: 'ensembleNames' | 'enforcedSchemes'): Reader {
  return (draft, value) => set(draft, key, new Set(listed(value)))
}

function listed(value: string): string[] {
  return value
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
}

const ensembleProvider = 'org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider'

/** Java loads a class by its name; of those classes, this one is here. */
function provider({ value }: Property): Reader | undefined {
  if (value !== ensembleProvider) return undefined
  return draft => set(draft, 'ensembleNames', draft.ensembleNames ?? new Set())
}

function digestAlgorithm(draft: Draft, value: string): string | null {
  return isDigestAlgorithm(value)
    ? set(draft, 'digestAlgorithm', value)
    : 'must be the name of a hash, for example SHA-256'
}

function reaping(key: keyof ReapRules, example: number): Reader {
  return (draft, value) => {
    if (!/^\d{1,9}$/.test(value)) return `must be a whole number from 0 to 999999999, for example ${example}`
    draft.reaping = { ...draft.reaping!, [key]: Number(value) }
    return null
  }
}

function commandUrl(draft: Draft, value: string): string | null {
  return /^(\/[\w.-]+)+$/.test(value)
    ? set(draft, 'adminUrl', value)
    : 'must be a path, for example /commands'
}

/** Apache's default provider keeps figures for `mntr`, which we always do; the other one serves Prometheus as well. */
function metricsProvider(draft: Draft, value: string): string | null {
  const [name = ''] = value.split('.').slice(-1)
  if (name === 'PrometheusMetricsProvider') return set(draft, 'prometheus', true)
  if (name === 'DefaultMetricsProvider') return set(draft, 'prometheus', false)
  return 'must be org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider, or left out'
}

/** `srvr` is always answered: `zkServer.sh status` lives on it. */
function words(draft: Draft, value: string): null {
  return set(draft, 'words', new Set(['srvr', ...listed(value)]))
}

/** What only means something together with other lines, or with lines that are not there. */
function faultsOfWhole(draft: Draft, last: ReadonlyMap<string, Property>): Remark[] {
  const missing = (key: string, example: string) =>
    last.has(key) ? [] : [{ line: 0, text: `${key} is missing: add a line ${key}=${example}` }]
  return [
    ...(draft.dataDir === undefined ? missing('dataDir', '/var/lib/zookeeper') : []),
    ...(draft.clientPort === undefined ? missing('clientPort', '2181') : []),
    ...faultsOfEnforcing(draft),
  ]
}

/** Who has to log in must be able to. */
function faultsOfEnforcing({ enforceAuth, enforcedSchemes, schemes }: Draft): Remark[] {
  if (enforceAuth !== true) return []
  if (enforcedSchemes!.size === 0) {
    const text =
      'enforce.auth.schemes is missing, and enforce.auth.enabled is true: add a line enforce.auth.schemes=digest'
    return [{ line: 0, text }]
  }
  return [...enforcedSchemes!]
    .filter(scheme => !schemes!.has(scheme))
    .map(scheme => ({
      line: 0,
      text: `enforce.auth.schemes: nobody can log in by the scheme ${scheme} here`,
    }))
}

/** One `server` line is a standalone server all the same; more of them ask for what this server cannot do. */
function faultsOfEnsemble(properties: readonly Property[]): Remark[] {
  const servers = properties.filter(({ key }) => /^server\.\d+$/.test(key))
  const reason = servers.length > 1 ? servers[1] : properties.find(({ key }) => key === 'dynamicConfigFile')
  if (reason === undefined) return []
  const text = `${reason.key}: this server runs alone, not in an ensemble: remove the lines that name other servers`
  return [{ line: reason.line, text }]
}

/** What the stock file of every installation says, and a standalone server of Apache ignores as well. */
function isForEnsembles(key: string): boolean {
  return /^(server|group|weight)\.\d+$/.test(key) || ensembleKeys.has(key)
}

const ensembleKeys = new Set([
  'initLimit',
  'syncLimit',
  'connectToLearnerMasterLimit',
  'electionAlg',
  'cnxTimeout',
  'quorumCnxnTimeoutMs',
  'leaderServes',
  'peerType',
  'standaloneEnabled',
  'dynamicConfigFile',
  'quorumListenOnAllIPs',
  'observerMasterPort',
  'syncEnabled',
])

/** Settings of Apache's that mean something to a standalone server, and that this one does not honour. */
const idleKeys = new Set([
  'secureClientPort',
  'secureClientPortAddress',
  'clientPortListenBacklog',
  'java.security.auth.login.config',
  'localSessionsEnabled',
  'localSessionsUpgradingEnabled',
  'globalOutstandingLimit',
  'commitLogCount',
  'maxBatchSize',
  'flushDelay',
  'enforceQuota',
  'maxResponseCacheSize',
  'superUser',
  'sessionRequireClientSASLAuth',
  'serverCnxnFactory',
  'watchManagerName',
  'fips-mode',
  'oraclePath',
  'sslQuorum',
  'portUnification',
  'sslQuorumReloadCertFiles',
])
const idleFamilies = [
  // An option of Java's, see java-options.ts.
  '-',
  'admin.',
  'audit.',
  'authProvider.',
  'client.',
  'commitProcessor.',
  'digest.',
  'DigestAuthenticationProvider.',
  'enforce.auth.',
  'fsync.',
  'jute.maxbuffer.',
  'jvm.pause.',
  'metricsProvider.',
  'multiAddress.',
  'nio.',
  'quorum.',
  'readonlymode.',
  'snapshot.',
  'ssl.',
  'znode.container.',
]

function remarkOn(properties: readonly Property[], what: string): Remark | null {
  if (properties.length === 0) return null
  const named = properties.map(property =>
    property.line === 0 ? written(property) : `${property.key} (line ${property.line})`,
  )
  return { line: properties[0]!.line, text: `${what}: ${named.join(', ')}` }
}

function written({ key, mark = '' }: Property): string {
  return mark + key
}
