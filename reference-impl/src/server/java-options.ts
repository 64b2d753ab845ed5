/**
 * Options as Java takes them, so that whoever starts Apache's server with some can start this one with the same:
 * `-Dname=value` before the configuration, or in the variables whose words Apache's scripts hand on to Java.
 *
 * A property counts as a line above the first of the `zoo.cfg`. The file comes later and wins, as with Apache's server,
 * which makes properties of lines that are not its own. Those that are its own it reads from nowhere but the file.
 * Source: Apache's zkEnv.sh, zkServer.sh and QuorumPeerConfig.
 */
import { superUsers } from './other-keys.ts'
import { type Property, withoutPrefix } from './settings.ts'

export interface JavaOptions {
  properties: Property[]
  /** What is not an option of Java's: a file, or a port and what follows it. */
  rest: string[]
}

/** `flags` are the variables in the order in which they count, the last most; the arguments count more than all of them. */
export function javaOptions(
  args: readonly string[],
  flags: readonly (string | undefined)[],
): JavaOptions | { error: string } {
  const words = flags.flatMap(each => each?.split(/\s+/).filter(word => word !== '') ?? [])
  const end = args.findIndex(argument => !isOption(argument))
  const [options, rest] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end)]
  const late = rest.find(isOption)
  if (late !== undefined) return { error: `${late}: options of Java's stand before the configuration` }
  return { properties: [...words, ...options].map(propertyOf), rest: [...rest] }
}

/** The Java properties that a server has which is started so: the options, and over them the lines that are not its own. */
export function systemProperties(
  options: readonly Property[],
  lines: readonly Property[],
): [name: string, value: string][] {
  const all = new Map<string, string>()
  for (const { key, value } of options) {
    const name = key.replace(/^-D/, '')
    if (!name.startsWith('-')) all.set(name, value)
  }
  for (const { key, value } of lines) {
    if (isRead(`zookeeper.${withoutPrefix(key)}`)) all.set(`zookeeper.${withoutPrefix(key)}`, value)
  }
  return [...all]
}

/** Those whom `superUser.1`, `superUser.2` and so on name, of whom there may be any number. */
export function superUsersIn(properties: readonly (readonly [name: string, value: string])[]): Set<string> {
  const named = properties.filter(([name]) => name.startsWith(`zookeeper.${superUsers}`))
  return new Set(named.map(([, value]) => value))
}

function isOption(argument: string): boolean {
  return /^-[DX]/.test(argument)
}

/** What has no effect keeps its dash: no line of a file looks like that, and a warning names what was written. */
function propertyOf(word: string): Property {
  const [, key, value = ''] = /^-D([^=]+)(?:=(.*))?$/s.exec(word) ?? []
  if (key === undefined) return { key: word, value: '', line: 0 }
  return isRead(key) ? { key, value, line: 0, mark: '-D' } : { key: `-D${key}`, value, line: 0 }
}

/** Does a server look for this among the properties? Those of its own have its name in front, with a few exceptions. */
function isRead(key: string): boolean {
  if (!key.startsWith('zookeeper.')) return bareNames.has(key)
  const own = key.slice('zookeeper.'.length)
  return !onlyInFile.has(own) && !familiesOnlyInFile.some(family => own.startsWith(family))
}

const bareNames = new Set([
  'java.security.auth.login.config',
  'jute.maxbuffer',
  'fsync.warningthresholdms',
  'readonlymode.enabled',
])

const onlyInFile = new Set([
  'clientPort',
  'clientPortAddress',
  'clientPortListenBacklog',
  'connectToLearnerMasterLimit',
  'dataDir',
  'dataLogDir',
  'dynamicConfigFile',
  'electionAlg',
  'initLimit',
  'localSessionsEnabled',
  'localSessionsUpgradingEnabled',
  'maxClientCnxns',
  'maxSessionTimeout',
  'minSessionTimeout',
  'observerMasterPort',
  'oraclePath',
  'peerType',
  'portUnification',
  'quorumListenOnAllIPs',
  'reconfigEnabled',
  'secureClientPort',
  'secureClientPortAddress',
  'sslQuorum',
  'sslQuorumReloadCertFiles',
  'standaloneEnabled',
  'syncEnabled',
  'syncLimit',
  'tickTime',
])
const familiesOnlyInFile = [
  'autopurge.',
  'group.',
  'jvm.pause.',
  'metricsProvider.',
  'multiAddress.',
  'quorum.',
  'server.',
  'weight.',
]
