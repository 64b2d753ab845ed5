/** Keys that Apache knows and that set nothing here: which of them are said to be without effect, and which refuse. */
import { type Property, type Remark, withoutPrefix } from './settings.ts'

/** One for each user who may do everything: they have no row in the table, see java-options.ts. */
export const superUsers = 'superUser.'

/**
 * `ensemble`: nothing is to be said, because a server that stands alone ignores it, Apache's too, or because it counts
 * elsewhere. `idle`: it would mean something, but not here.
 */
export function useOf({ key }: Property): 'ensemble' | 'idle' | 'unknown' {
  const name = withoutPrefix(key)
  if (name.startsWith(superUsers) || isAmong(name, ensembleKeys, ensembleFamilies)) return 'ensemble'
  return isAmong(name, idleKeys, idleFamilies) ? 'idle' : 'unknown'
}

function isAmong(name: string, keys: ReadonlySet<string>, families: readonly string[]): boolean {
  return keys.has(name) || families.some(family => name.startsWith(family))
}

/** One `server` line is a standalone server all the same; more of them ask for what this server cannot do. */
export function faultsOfEnsemble(properties: readonly Property[]): Remark[] {
  const servers = properties.filter(({ key }) => /^server\.\d+$/.test(key))
  const reason = servers.length > 1 ? servers[1] : properties.find(({ key }) => key === 'dynamicConfigFile')
  if (reason === undefined) return []
  const text = `${reason.key}: this server runs alone, not in an ensemble: remove the lines that name other servers`
  return [{ line: reason.line, text }]
}

/** The stock file of every installation has some of them. */
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
  'commitLogCount',
  'electionPortBindRetry',
  'enableEagerACLCheck',
  'forceSnapshotSync',
  'forward_learner_requests_to_commit_processor_disabled',
  'leaderConnectDelayDuringRetryMs',
  'localSessionsEnabled',
  'localSessionsUpgradingEnabled',
  'oraclePath',
  'portUnification',
  'readonlymode.enabled',
  'snapshotSizeFactor',
  'sslQuorum',
  'sslQuorumReloadCertFiles',
  'tcpKeepAlive',
])
const ensembleFamilies = [
  'fastleader.',
  'follower.',
  'group.',
  'leader.',
  'learner.',
  'messageTracker.',
  'multiAddress.',
  'observer.',
  'observerMaster.',
  'quorum.',
  'server.',
  'ssl.quorum.',
  'weight.',
]

/** Settings of Apache's that mean something to a standalone server, and that this one does not honour. */
const idleKeys = new Set([
  'maxBatchSize',
  'flushDelay',
  'bitHashCacheSize',
  'clientCnxnSocket',
  'closeSessionTxn.enabled',
  'disableAutoWatchReset',
  'emulate353TTLNodes',
  'intBufferStartingSizeBytes',
  'kinit',
  'maxGetChildrenResponseCacheSize',
  'maxInProcessingDeadWatchers',
  'maxResponseCacheSize',
  'maxWriteQueuePollTime',
  'request.timeout',
  'requireKerberosConfig',
  'security.auth_to_local',
  'serializeLastProcessedZxid.enabled',
  'watchManagerName',
])
const idleFamilies = [
  // An option of Java's, see java-options.ts.
  '-',
  'admin.',
  'audit.',
  'authProvider.',
  'client.',
  'connection_throttle_',
  'commitProcessor.',
  'DigestAuthenticationProvider.',
  'enforce.auth.',
  'fsync.',
  'jmx.',
  'jute.maxbuffer.',
  'jvm.pause.',
  'kerberos.',
  'metricsProvider.',
  'netty.',
  'nio.',
  'pathStats.',
  'request_stale_',
  'request_throttle',
  'sasl.client',
  'snapshot.',
  'ssl.',
  'watcherClean',
  'X509AuthenticationProvider.',
  'znode.container.',
]
