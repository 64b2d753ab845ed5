/**
 * Every setting that this server honours, once: what a `zoo.cfg` calls it, how its value is written, what it is when
 * nobody says anything. `config.ts` reads a file by this table. A new setting is a field of `Settings` and a row here;
 * what only means something beside other settings goes into `clashes` or `amended`.
 * Source: Apache's QuorumPeerConfig and the system properties of its administrator's guide.
 */
import { isDigestAlgorithm } from '../state/digest.ts'
import { isDistinguishedName } from '../state/distinguished-name.ts'
import { usualSchemes } from '../state/identity.ts'
import { fewestKept } from '../storage/purge.ts'
import type { StorageOptions } from '../storage/storage.ts'
import type { Millis } from '../world/world.ts'
import {
  anyText,
  choice,
  compression,
  connectionFactory,
  hours,
  isProtocol,
  type Kind,
  type KindOf,
  limit,
  metricsProvider,
  most,
  names,
  protocolRule,
  share,
  storeType,
  text,
  timeout,
  trueOrFalse,
  whole,
  yesOrNo,
} from './kinds.ts'

export interface Settings {
  dataDir: string
  /** Where the transaction log goes; the `dataDir` when it has no place of its own. */
  dataLogDir: string
  /** 0 takes any free port; -1: there is none, all comes in by TLS. */
  clientPort: number
  /** The address to listen on; empty for all that this machine has. */
  clientPortAddress: string
  /** The same with TLS; -1: there is none. */
  secureClientPort: number
  secureClientPortAddress: string
  /** Does the clientPort take TLS as well as plain bytes? */
  portUnification: boolean
  /** Files with the server's own key, and with the certificates whose word it takes for its clients. */
  keyStore: string | null
  keyStoreType: string
  keyStorePassword: string
  /** A file with the password in it, which counts more than the password. */
  keyStorePasswordPath: string | null
  trustStore: string | null
  trustStoreType: string
  trustStorePassword: string
  trustStorePasswordPath: string | null
  /** Are those files read again when they change? */
  certReload: boolean
  /** `none`, `want` or `need`: must clients have a certificate? */
  clientAuth: string
  /** Must it name the address that the client comes from? Only if the other, which is of connections to others, is true too. */
  clientHostnameVerification: boolean
  hostnameVerification: boolean
  /** Must their authorities say that they have not taken the certificates of clients back? */
  checksRevocation: boolean
  /** The one version of TLS, where `tlsProtocols` names none; null: all that are good. */
  tlsProtocol: string | null
  tlsProtocols: ReadonlySet<string>
  /** Empty: those that are usual. */
  cipherSuites: ReadonlySet<string>
  /** How many handshakes may be under way; 0: any number. */
  handshakesAtMost: number
  /** Who gives identities to those with a certificate: always `x509`. */
  tlsAuthProvider: string
  /** The subject of the certificate whose owner may do everything; null: nobody. */
  x509SuperUser: string | null
  /** Connections that may wait to be let in; 0 leaves it to us. */
  listenBacklog: number
  /** Does TCP ask now and then whether a silent client is still there? */
  keepAlive: boolean
  /** May folders that are not there be made? */
  makeFolders: boolean
  /** The unit of time: one heartbeat, and the length of an expiry bucket. */
  tickTime: Millis
  minSessionTimeout: Millis
  maxSessionTimeout: Millis
  /** Connections of one client address; 0 for no limit. */
  maxClientCnxns: number
  /** Connections in all; 0 for no limit. */
  maxCnxns: number
  /** With more writes on their way than this, who has one among them is not listened to. */
  outstandingLimit: number
  /** With so many on their way, no further one is begun; 0: any number may be. */
  mostRequests: number
  /** Whoever has had to wait longer for his request to begin is told so, and it does not begin; 0: however long. */
  throttledOpWait: Millis
  /** Requests of more bytes than the first, 0 for none, may have so many bytes together. */
  largeRequestThreshold: number
  largeRequestMaxBytes: number
  /** How many handshakes may come at once, 0 for any number; and so many more in each so long a time. */
  handshakeTokens: number
  handshakeFillCount: number
  handshakeFillTime: Millis
  /** How some of them are turned away by chance, before all are: see `BucketRules`. The last three are shares. */
  handshakeFreezeTime: Millis
  handshakeDropIncrease: string
  handshakeDropDecrease: string
  handshakeDecreaseRatio: string
  /** Do new sessions and those that come back take different numbers of tokens, and how many? */
  handshakesHaveWeights: boolean
  newSessionWeight: number
  renewedSessionWeight: number
  /** A connection whose client leaves more bytes than this unread is dropped. */
  maxUnread: number
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
  /** May clients say which ensemble they mean? */
  ensembleAuth: boolean
  /** What clients that name their ensemble may call it, anything if there is no name here; null: they cannot. */
  ensembleNames: ReadonlySet<string> | null
  /** Is only he served who has an identity of one of the `enforcedSchemes`? */
  enforceAuth: boolean
  enforcedSchemes: ReadonlySet<string>
  /** The same for the scheme `sasl` alone, whatever those two say. */
  saslRequired: boolean
  /** The file with the users for DIGEST-MD5, and the section of it; null: nobody logs in by SASL. */
  jaasFile: string | null
  jaasSection: string
  /** The password of the user `super`, whatever the file says; null: as the file says. */
  saslSuperPassword: string | null
  /** Who of the users may do everything. */
  saslSuperUser: string | null
  /** An id of the scheme `sasl` that every user passes for. */
  saslEverybody: string | null
  /** May somebody stay whose login by SASL has failed, as a stranger? */
  saslFailuresAllowed: boolean
  /** May lists name ids of these schemes? */
  saslIds: boolean
  x509Ids: boolean
  /** Is what is weak forbidden? Then DIGEST-MD5 is. */
  fipsMode: boolean
  /** Which class takes connections: without a meaning where there are no classes to choose from. */
  knownFactory: boolean
  /** Is every change written down, and who made it? */
  audit: boolean
  /** Are nodes with a time to live allowed? */
  extendedTypes: boolean
  reconfigEnabled: boolean
  /** Is a write refused that goes beyond the hard limit of a quota? */
  enforceQuota: boolean
  /** When nodes end by themselves: see `ReapRules`. */
  reapEvery: Millis
  reapPerMinute: number
  reapNeverUsed: Millis
  /** Is there an AdminServer? Not unless a line asks for it, as with Apache's from 3.10 on. */
  adminEnabled: boolean
  adminPort: number
  /** Empty for all addresses. */
  adminAddress: string
  /** Where its commands are. */
  adminUrl: string
  /** Does it take TLS alone, or TLS as well as plain bytes? */
  adminForcesTls: boolean
  adminPortUnification: boolean
  /** Must whoever comes to it by TLS have a certificate? */
  adminNeedsCertificate: boolean
  /** Its key, its certificates and what else belongs to its TLS: Apache's has those that are for the ensemble. */
  quorumKeyStore: string | null
  quorumKeyStoreType: string
  quorumKeyStorePassword: string
  quorumKeyStorePasswordPath: string | null
  quorumTrustStore: string | null
  quorumTrustStoreType: string
  quorumTrustStorePassword: string
  quorumTrustStorePasswordPath: string | null
  quorumTlsProtocols: ReadonlySet<string>
  quorumCipherSuites: ReadonlySet<string>
  /** May a snapshot be asked for, and how long must one wait who asks again? */
  adminSnapshots: boolean
  /** May a snapshot be put in place of all that there is? */
  adminRestores: boolean
  adminRateInterval: Millis
  /** Does the address of a client of the AdminServer stand in the header X-Forwarded-For? Anybody can write it. */
  trustForwardedFor: boolean
  /** How long a connection to the AdminServer may be idle. */
  adminIdleTimeout: Millis
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
  /** Does each transaction carry a digest of the tree, and is the tree compared with it when it is read back? */
  treeDigest: boolean
  /** A sync of the log that takes longer is told of. */
  slowSync: Millis
  /** Start with a log and no snapshot? */
  trustEmptySnapshot: boolean
  /** How snapshots are compressed: `gz`, `snappy`, or not at all. */
  snapshotCompression: string
  /** May a server start from nothing, without the file `initialize` that says so? */
  autocreateDb: boolean
  /** How often old snapshots and logs are removed, 0 for never; and how many snapshots stay. */
  purgeInterval: Millis
  snapRetainCount: number
}

/** One line of a file, or an argument of a program. */
export interface Property {
  key: string
  value: string
  /** Where it begins, counted from 1; 0 when it stands in no file. */
  line: number
  /** What stands before the key where it was written, if not a line's beginning: `-D`. */
  mark?: string
}

/** As somebody wrote it, for a message. */
export function written({ key, mark = '' }: Property): string {
  return mark + key
}

/** Something about one line of the file; line 0 is the file as a whole. */
export interface Remark {
  line: number
  text: string
}

export type Config = { settings: Settings; warnings: Remark[] } | { errors: Remark[] }

export type Value = Settings[keyof Settings]

/** What a setting is when no line says so. A function is asked when all values that are not functions are there. */
type Usual<T> = T | ((settings: Settings, isGiven: (setting: keyof Settings) => boolean) => T)

export interface Setting {
  /** As in a file, where `zookeeper.` may stand before it. */
  key: string
  sets: keyof Settings
  kind: Kind
  /** Without one, the line must be there. */
  usual?: Usual<Value>
}

function row<K extends keyof Settings>(
  key: string,
  sets: K,
  kind: KindOf<Settings[K]>,
  usual?: Usual<Settings[K]>,
): Setting {
  return usual === undefined ? { key, sets, kind } : { key, sets, kind, usual: usual as Usual<Value> }
}

const providers = (
  [
    ['Ensemble', 'ensembleAuth'],
    ['SASL', 'saslIds'],
    ['X509', 'x509Ids'],
  ] as const
).map(([name, sets]) => [`org.apache.zookeeper.server.auth.${name}AuthenticationProvider`, sets] as const)

export const table: readonly Setting[] = [
  row('dataDir', 'dataDir', text('/var/lib/zookeeper')),
  row('dataLogDir', 'dataLogDir', text('/var/lib/zookeeper-log'), ({ dataDir }) => dataDir),
  row('clientPort', 'clientPort', whole(0, 65_535, 2181), -1),
  row('clientPortAddress', 'clientPortAddress', text('127.0.0.1'), ''),
  row('secureClientPort', 'secureClientPort', whole(0, 65_535, 2281), -1),
  row('secureClientPortAddress', 'secureClientPortAddress', text('127.0.0.1'), ''),
  row('client.portUnification', 'portUnification', trueOrFalse(), false),
  row('ssl.keyStore.location', 'keyStore', text('/etc/zookeeper/server.p12'), null),
  row('ssl.keyStore.type', 'keyStoreType', storeType(), ''),
  row('ssl.keyStore.password', 'keyStorePassword', anyText(), ''),
  row('ssl.keyStore.passwordPath', 'keyStorePasswordPath', text('/etc/zookeeper/password'), null),
  row('ssl.trustStore.location', 'trustStore', text('/etc/zookeeper/clients.pem'), null),
  row('ssl.trustStore.type', 'trustStoreType', storeType(), ''),
  row('ssl.trustStore.password', 'trustStorePassword', anyText(), ''),
  row('ssl.trustStore.passwordPath', 'trustStorePasswordPath', text('/etc/zookeeper/password'), null),
  row('client.certReload', 'certReload', trueOrFalse(), false),
  row(
    'ssl.clientAuth',
    'clientAuth',
    text('need', value => /^(none|want|need)$/i.test(value), 'must be none, want or need'),
    'need',
  ),
  row('ssl.clientHostnameVerification', 'clientHostnameVerification', trueOrFalse(), false),
  row('ssl.hostnameVerification', 'hostnameVerification', trueOrFalse(), true),
  row('ssl.crl', 'checksRevocation', trueOrFalse(), false),
  row('ssl.protocol', 'tlsProtocol', text('TLSv1.3', isProtocol, protocolRule()), null),
  row('ssl.enabledProtocols', 'tlsProtocols', names(), new Set()),
  row('ssl.ciphersuites', 'cipherSuites', names(), new Set()),
  row('netty.server.outstandingHandshake.limit', 'handshakesAtMost', limit(1000), 0),
  row(
    'ssl.authProvider',
    'tlsAuthProvider',
    text('x509', value => value === 'x509', 'must be x509, or left out'),
    'x509',
  ),
  row(
    'X509AuthenticationProvider.superUser',
    'x509SuperUser',
    text('CN=admin,O=Acme', isDistinguishedName, 'must be a distinguished name'),
    null,
  ),
  row('clientPortListenBacklog', 'listenBacklog', limit(50), 0),
  row('clientTcpKeepAlive', 'keepAlive', trueOrFalse(), false),
  row('datadir.autocreate', 'makeFolders', trueOrFalse(), true),
  row('minSessionTimeout', 'minSessionTimeout', timeout(4000), ({ tickTime }) => 2 * tickTime),
  row('maxSessionTimeout', 'maxSessionTimeout', timeout(40_000), ({ tickTime }) => 20 * tickTime),
  row('tickTime', 'tickTime', whole(1, most, 2000), 3000),
  row('maxClientCnxns', 'maxClientCnxns', whole(0, most, 60), 60),
  row('maxCnxns', 'maxCnxns', whole(0, most, 0), 0),
  row('globalOutstandingLimit', 'outstandingLimit', whole(1, most, 1000), 1000),
  row('request_throttle_max_requests', 'mostRequests', limit(10_000), 0),
  row('throttled_op_wait_time', 'throttledOpWait', limit(10_000), 0),
  row('largeRequestThreshold', 'largeRequestThreshold', limit(65_536), 0),
  row('largeRequestMaxBytes', 'largeRequestMaxBytes', whole(1, most, 100 << 20), 100 << 20),
  row('connection_throttle_tokens', 'handshakeTokens', whole(0, most, 1000), 0),
  row('connection_throttle_fill_count', 'handshakeFillCount', whole(1, most, 1), 1),
  row('connection_throttle_fill_time', 'handshakeFillTime', whole(1, most, 1), 1),
  row('connection_throttle_freeze_time', 'handshakeFreezeTime', whole(-1, most, 100), -1),
  row('connection_throttle_drop_increase', 'handshakeDropIncrease', share('0.02'), '0.02'),
  row('connection_throttle_drop_decrease', 'handshakeDropDecrease', share('0.002'), '0.002'),
  row('connection_throttle_decrease_ratio', 'handshakeDecreaseRatio', share('0.5'), '0'),
  row('connection_throttle_weight_enabled', 'handshakesHaveWeights', trueOrFalse(), false),
  row('connection_throttle_global_session_weight', 'newSessionWeight', whole(1, 1000, 3), 3),
  row('connection_throttle_renew_session_weight', 'renewedSessionWeight', whole(1, 1000, 2), 2),
  // Ours, not Apache's, whose server has no such limit.
  row('maxUnreadBytes', 'maxUnread', whole(1 << 20, most, 64 << 20), 64 << 20),
  // `srvr` is always answered: `zkServer.sh status` lives on it.
  row('4lw.commands.whitelist', 'words', names('srvr'), new Set(['srvr'])),
  row('jute.maxbuffer', 'maxBuffer', whole(1024, most, 0xfffff), 0xfffff),
  row('nio.sessionlessCnxnTimeout', 'sessionlessTimeout', whole(1, most, 10_000), 10_000),
  row('skipACL', 'skipAcl', yesOrNo(), false),
  row(
    'DigestAuthenticationProvider.superDigest',
    'superDigest',
    text('super:kZ2IPNqmY5oNqZ0WI+l5TIvzQIQ='),
    null,
  ),
  row('DigestAuthenticationProvider.enabled', 'digestEnabled', trueOrFalse(), true),
  row(
    'DigestAuthenticationProvider.digestAlg',
    'digestAlgorithm',
    text('SHA-256', isDigestAlgorithm, 'must be the name of a hash'),
    'SHA1',
  ),
  row('ensembleAuthName', 'ensembleNames', names(), ({ ensembleAuth }) => (ensembleAuth ? new Set() : null)),
  row('enforce.auth.enabled', 'enforceAuth', trueOrFalse(), false),
  row('enforce.auth.schemes', 'enforcedSchemes', names(), new Set()),
  row('sessionRequireClientSASLAuth', 'saslRequired', trueOrFalse(), false),
  row('java.security.auth.login.config', 'jaasFile', text('/etc/zookeeper/jaas.conf'), null),
  row('sasl.serverconfig', 'jaasSection', text('Server'), 'Server'),
  row('SASLAuthenticationProvider.superPassword', 'saslSuperPassword', text('a password'), null),
  row('superUser', 'saslSuperUser', text('ann'), null),
  row('letAnySaslUserDoX', 'saslEverybody', text('anybody'), null),
  row('allowSaslFailedClients', 'saslFailuresAllowed', trueOrFalse(), false),
  // Apache's servers from 3.9 on begin with true, and so without DIGEST-MD5.
  row('fips-mode', 'fipsMode', trueOrFalse(), false),
  row('serverCnxnFactory', 'knownFactory', connectionFactory(), true),
  row('audit.enable', 'audit', trueOrFalse(), false),
  row('extendedTypesEnabled', 'extendedTypes', trueOrFalse(), false),
  row('reconfigEnabled', 'reconfigEnabled', trueOrFalse(), false),
  row('enforceQuota', 'enforceQuota', trueOrFalse(), false),
  row('znode.container.checkIntervalMs', 'reapEvery', whole(0, most, 60_000), 60_000),
  row('znode.container.maxPerMinute', 'reapPerMinute', whole(0, most, 10_000), 10_000),
  row('znode.container.maxNeverUsedIntervalMs', 'reapNeverUsed', whole(0, most, 300_000), 0),
  row('admin.enableServer', 'adminEnabled', trueOrFalse(), (_, isGiven) => isGiven('adminPort')),
  row('admin.serverPort', 'adminPort', whole(0, 65_535, 8080), 8080),
  row('admin.serverAddress', 'adminAddress', text('127.0.0.1'), ''),
  row(
    'admin.commandURL',
    'adminUrl',
    text('/commands', value => /^(\/[\w.-]+)+$/.test(value), 'must be a path'),
    '/commands',
  ),
  row('admin.forceHttps', 'adminForcesTls', trueOrFalse(), false),
  row('admin.portUnification', 'adminPortUnification', trueOrFalse(), false),
  row('admin.needClientAuth', 'adminNeedsCertificate', trueOrFalse(), false),
  row('ssl.quorum.keyStore.location', 'quorumKeyStore', text('/etc/zookeeper/server.p12'), null),
  row('ssl.quorum.keyStore.type', 'quorumKeyStoreType', anyText(), ''),
  row('ssl.quorum.keyStore.password', 'quorumKeyStorePassword', anyText(), ''),
  row(
    'ssl.quorum.keyStore.passwordPath',
    'quorumKeyStorePasswordPath',
    text('/etc/zookeeper/password'),
    null,
  ),
  row('ssl.quorum.trustStore.location', 'quorumTrustStore', text('/etc/zookeeper/clients.pem'), null),
  row('ssl.quorum.trustStore.type', 'quorumTrustStoreType', anyText(), ''),
  row('ssl.quorum.trustStore.password', 'quorumTrustStorePassword', anyText(), ''),
  row(
    'ssl.quorum.trustStore.passwordPath',
    'quorumTrustStorePasswordPath',
    text('/etc/zookeeper/password'),
    null,
  ),
  row('ssl.quorum.enabledProtocols', 'quorumTlsProtocols', names(), new Set()),
  row('ssl.quorum.ciphersuites', 'quorumCipherSuites', names(), new Set()),
  row('admin.snapshot.enabled', 'adminSnapshots', trueOrFalse(), true),
  row('admin.restore.enabled', 'adminRestores', trueOrFalse(), true),
  row('admin.rateLimiterIntervalInMS', 'adminRateInterval', whole(0, most, 300_000), 300_000),
  row('admin.idleTimeout', 'adminIdleTimeout', whole(0, most, 30_000), 30_000),
  row('IPAuthenticationProvider.usexforwardedfor', 'trustForwardedFor', trueOrFalse(), false),
  row('metricsProvider.className', 'prometheus', metricsProvider(), false),
  row('metricsProvider.httpPort', 'metricsPort', whole(0, 65_535, 7000), 7000),
  row('metricsProvider.httpHost', 'metricsHost', text('127.0.0.1'), ''),
  row('snapCount', 'snapCount', whole(2, most, 100_000), 100_000),
  row('snapSizeLimitInKb', 'snapSizeLimitInKb', limit(4 << 20), 4 << 20),
  row('preAllocSize', 'preAllocSize', whole(0, 1 << 21, 65_536), 64 << 10),
  row('txnLogSizeLimitInKb', 'txnLogSizeLimitInKb', limit(65_536), 0),
  row('forceSync', 'forceSync', yesOrNo(), true),
  row('digest.enabled', 'treeDigest', trueOrFalse(), true),
  row('fsync.warningthresholdms', 'slowSync', whole(0, most, 1000), 1000),
  row('snapshot.trust.empty', 'trustEmptySnapshot', trueOrFalse(), false),
  row('snapshot.compression.method', 'snapshotCompression', compression(), ''),
  row('db.autocreate', 'autocreateDb', trueOrFalse(), true),
  row('autopurge.purgeInterval', 'purgeInterval', hours(), 0),
  row('autopurge.snapRetainCount', 'snapRetainCount', whole(0, most, fewestKept), fewestKept),
  // Stand for all keys that name a class: see `settingOf`.
  ...providers.map(([name, sets]) =>
    row(`authProvider.${name}`, sets, choice([[name, true]], '', false), false),
  ),
]

const byKey = new Map(table.map(setting => [setting.key, setting]))

/** The row of a line; undefined when it sets nothing here. */
export function settingOf({ key, value }: Property): Setting | undefined {
  const name = withoutPrefix(key)
  if (!name.startsWith('authProvider.')) return byKey.get(name)
  // Java loads a class by its name, whatever the key; of those classes, these are here.
  return byKey.get(`authProvider.${value}`)
}

/** Apache takes some settings from system properties, which begin so; in a file they may as well. */
export function withoutPrefix(key: string): string {
  return key.replace(/^zookeeper\./, '')
}

/** What ids in access control lists may be of. */
export function schemesOf(settings: Settings): ReadonlySet<string> {
  const { digestEnabled, saslIds, x509Ids } = settings
  const schemes = new Set(usualSchemes)
  if (!digestEnabled) schemes.delete('digest')
  if (saslIds) schemes.add('sasl')
  if (x509Ids || hasTls(settings)) schemes.add('x509')
  return schemes
}

/** The schemes of which somebody must have an identity to be served; null: he need not. */
export function schemesEnforced(settings: Settings): ReadonlySet<string> | null {
  const { enforceAuth, enforcedSchemes, saslRequired } = settings
  if (saslRequired) return new Set(['sasl'])
  return enforceAuth ? enforcedSchemes : null
}

/** What cannot be served because two settings speak against each other. `lineOf` is 0 for what no line says. */
export function clashes(settings: Settings, lineOf: (setting: keyof Settings) => number): Remark[] {
  return [
    ...faultsOfPorts(settings, lineOf),
    ...faultsOfAdmin(settings, lineOf),
    ...faultsOfTimeouts(settings, lineOf),
    ...faultsOfEnforcing(settings),
  ]
}

/** There must be a way in, and one with TLS needs its files. */
function faultsOfPorts(settings: Settings, lineOf: (setting: keyof Settings) => number): Remark[] {
  const { clientPort, secureClientPort, keyStore, trustStore, clientAuth, tlsProtocols } = settings
  if (clientPort < 0 && secureClientPort < 0) {
    return [{ line: 0, text: 'clientPort is missing: add a line clientPort=2181' }]
  }
  const faults: Remark[] = []
  const strange = strangeAmong(tlsProtocols, 'ssl.enabledProtocols')
  if (strange !== null) faults.push({ line: lineOf('tlsProtocols'), text: strange })
  if (!hasTls(settings)) return faults
  const line = lineOf('secureClientPort') || lineOf('portUnification')
  if (keyStore === null) {
    const text = 'ssl.keyStore.location is missing: a port with TLS needs a key and its certificate'
    faults.push({ line, text })
  }
  if (trustStore === null && clientAuth.toLowerCase() !== 'none') {
    const text =
      'ssl.trustStore.location is missing: name the certificates that clients are checked by, or add ssl.clientAuth=none'
    faults.push({ line, text })
  }
  return faults
}

function strangeAmong(protocols: ReadonlySet<string>, key: string): string | null {
  const strange = [...protocols].find(name => !isProtocol(name))
  return strange === undefined ? null : `${key}: ${strange} is not here: name TLSv1.3, TLSv1.2 or both`
}

/** The AdminServer needs its files only where it takes TLS; else they are for ensembles. */
function faultsOfAdmin(settings: Settings, lineOf: (setting: keyof Settings) => number): Remark[] {
  if (!adminHasTls(settings)) return []
  const { quorumKeyStore, quorumTrustStore, quorumTlsProtocols, adminNeedsCertificate } = settings
  const line = lineOf('adminForcesTls') || lineOf('adminPortUnification')
  const faults: Remark[] = []
  const strange = strangeAmong(quorumTlsProtocols, 'ssl.quorum.enabledProtocols')
  if (strange !== null) faults.push({ line: lineOf('quorumTlsProtocols'), text: strange })
  if (quorumKeyStore === null) {
    const text =
      'ssl.quorum.keyStore.location is missing: an AdminServer with TLS needs a key and its certificate'
    faults.push({ line, text })
  }
  if (quorumTrustStore === null && adminNeedsCertificate) {
    const text =
      'ssl.quorum.trustStore.location is missing: name the certificates that clients are checked by, or leave out admin.needClientAuth'
    faults.push({ line: lineOf('adminNeedsCertificate'), text })
  }
  return faults
}

/** Is there an AdminServer that takes TLS? */
export function adminHasTls({ adminEnabled, adminForcesTls, adminPortUnification }: Settings): boolean {
  return adminEnabled && (adminForcesTls || adminPortUnification)
}

/** Is there a port for clients that takes TLS? */
export function hasTls({ clientPort, secureClientPort, portUnification }: Settings): boolean {
  return secureClientPort >= 0 || (clientPort >= 0 && portUnification)
}

function faultsOfTimeouts(
  { minSessionTimeout: least, maxSessionTimeout: most }: Settings,
  lineOf: (setting: keyof Settings) => number,
): Remark[] {
  if (least <= most) return []
  const line = lineOf('minSessionTimeout') || lineOf('maxSessionTimeout')
  const text = `minSessionTimeout (${least} ms) is more than maxSessionTimeout (${most} ms): swap or change them`
  return [{ line, text }]
}

/** Who has to log in must be able to. */
function faultsOfEnforcing(settings: Settings): Remark[] {
  const enforced = schemesEnforced(settings)
  if (enforced === null) return []
  if (enforced.size === 0) {
    const text =
      'enforce.auth.schemes is missing, and enforce.auth.enabled is true: add a line enforce.auth.schemes=digest'
    return [{ line: 0, text }]
  }
  const schemes = schemesOf(settings)
  return [...enforced]
    .filter(scheme => !schemes.has(scheme))
    .map(scheme => {
      const [name] = providers.find(([, sets]) => sets === `${scheme}Ids`) ?? []
      const remedy = name === undefined ? '' : `: add a line authProvider.1=${name}`
      return {
        line: 0,
        text: `enforce.auth.schemes: nobody can log in by the scheme ${scheme} here${remedy}`,
      }
    })
}

/** Changes what a server starts with all the same, but not as the file says; tells of each. */
export function amended(settings: Settings, lineOf: (setting: keyof Settings) => number): Remark[] {
  const { snapRetainCount } = settings
  if (snapRetainCount >= fewestKept) return []
  settings.snapRetainCount = fewestKept
  const text = `autopurge.snapRetainCount=${snapRetainCount}: ${fewestKept} snapshots are kept at least, so ${fewestKept} it is`
  return [{ line: lineOf('snapRetainCount'), text }]
}

/** How a server with these settings keeps its files. */
export function storageOptions(settings: Settings): StorageOptions {
  return {
    trustEmpty: settings.trustEmptySnapshot,
    autocreate: settings.autocreateDb,
    // A request that changes several nodes becomes a transaction that is a little longer than the request.
    maxEntry: Math.max(4 * settings.maxBuffer, 4 << 20),
    snapCount: settings.snapCount,
    snapSizeLimit: settings.snapSizeLimitInKb * 1024,
    preAllocSize: settings.preAllocSize * 1024,
    txnLogSizeLimit: settings.txnLogSizeLimitInKb * 1024,
    forceSync: settings.forceSync,
    digests: settings.treeDigest,
    slowSync: settings.slowSync,
  }
}
