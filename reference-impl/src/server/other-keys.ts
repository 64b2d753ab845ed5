/** Keys that Apache knows and that set nothing here: which of them are said to be without effect, and which refuse. */
import { type Property, type Remark, withoutPrefix } from './settings.ts'

/** `ensemble`: a server that stands alone ignores it, Apache's too. `idle`: it would mean something, but not here. */
export function useOf({ key }: Property): 'ensemble' | 'idle' | 'unknown' {
  const name = withoutPrefix(key)
  if (/^(server|group|weight)\.\d+$/.test(name) || ensembleKeys.has(name)) return 'ensemble'
  return idleKeys.has(name) || idleFamilies.some(family => name.startsWith(family)) ? 'idle' : 'unknown'
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
])

/** Settings of Apache's that mean something to a standalone server, and that this one does not honour. */
const idleKeys = new Set([
  'clientPortListenBacklog',
  'localSessionsEnabled',
  'localSessionsUpgradingEnabled',
  'commitLogCount',
  'maxBatchSize',
  'flushDelay',
  'maxResponseCacheSize',
  'watchManagerName',
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
  'superUser.',
  'znode.container.',
]
