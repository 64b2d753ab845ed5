/**
 * Every setting in the administrator's guide of Apache 3.9, by the key that its code looks for (which the guide sometimes
 * calls otherwise), and some that only its code knows. None may be a stranger to this server: it is honoured, or it is
 * said to be without effect, or it is for ensembles, and then Apache's standalone server passes it over as well.
 */
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/server/config.ts'
import { useOf } from '../../src/server/other-keys.ts'
import { settingOf } from '../../src/server/settings.ts'

const honoured = `
  clientPort dataDir tickTime dataLogDir globalOutstandingLimit preAllocSize snapCount snapSizeLimitInKb
  txnLogSizeLimitInKb maxCnxns maxClientCnxns clientPortAddress minSessionTimeout maxSessionTimeout
  fsync.warningthresholdms autopurge.snapRetainCount autopurge.purgeInterval extendedTypesEnabled
  clientPortListenBacklog enforceQuota digest.enabled snapshot.trust.empty reconfigEnabled 4lw.commands.whitelist
  clientTcpKeepAlive DigestAuthenticationProvider.enabled DigestAuthenticationProvider.superDigest
  DigestAuthenticationProvider.digestAlg IPAuthenticationProvider.usexforwardedfor superUser ensembleAuthName
  sessionRequireClientSASLAuth enforce.auth.enabled enforce.auth.schemes fips-mode serverCnxnFactory forceSync
  jute.maxbuffer skipACL znode.container.checkIntervalMs znode.container.maxPerMinute
  znode.container.maxNeverUsedIntervalMs admin.rateLimiterIntervalInMS admin.snapshot.enabled admin.restore.enabled admin.enableServer
  admin.serverAddress admin.serverPort admin.forceHttps admin.portUnification admin.needClientAuth
  ssl.quorum.keyStore.location ssl.quorum.keyStore.password ssl.quorum.keyStore.passwordPath ssl.quorum.keyStore.type
  ssl.quorum.trustStore.location ssl.quorum.trustStore.password ssl.quorum.trustStore.passwordPath
  ssl.quorum.trustStore.type ssl.quorum.enabledProtocols ssl.quorum.ciphersuites client.certReload admin.idleTimeout admin.commandURL metricsProvider.className
  metricsProvider.httpHost metricsProvider.httpPort nio.sessionlessCnxnTimeout datadir.autocreate
  connection_throttle_tokens connection_throttle_fill_time connection_throttle_fill_count
  request_throttle_max_requests java.security.auth.login.config sasl.serverconfig snapshot.compression.method db.autocreate
  allowSaslFailedClients letAnySaslUserDoX connection_throttle_freeze_time connection_throttle_drop_increase
  connection_throttle_drop_decrease connection_throttle_decrease_ratio connection_throttle_weight_enabled
  connection_throttle_global_session_weight connection_throttle_renew_session_weight throttled_op_wait_time
  largeRequestMaxBytes largeRequestThreshold secureClientPort secureClientPortAddress client.portUnification audit.enable
  netty.server.outstandingHandshake.limit X509AuthenticationProvider.superUser ssl.authProvider ssl.clientAuth
  ssl.keyStore.location ssl.keyStore.password ssl.keyStore.passwordPath ssl.keyStore.type ssl.trustStore.location
  ssl.trustStore.password ssl.trustStore.passwordPath ssl.trustStore.type ssl.protocol ssl.enabledProtocols
  ssl.ciphersuites ssl.crl ssl.hostnameVerification ssl.clientHostnameVerification`

const forEnsembles = `
  observerMasterPort syncEnabled observer.syncEnabled fastleader.minNotificationInterval
  fastleader.maxNotificationInterval enableEagerACLCheck leader.maxConcurrentSnapSyncs leader.maxConcurrentDiffSyncs
  electionAlg leader.maxTimeToWaitForEpoch initLimit connectToLearnerMasterLimit leaderServes server.1 syncLimit
  group.1 weight.1 cnxTimeout quorumCnxnTimeoutMs standaloneEnabled tcpKeepAlive electionPortBindRetry
  observer.reconnectDelayMs observer.election.DelayMs sslQuorum ssl.quorum.context.supplier.class
  ssl.quorum.clientAuth ssl.quorum.protocol sslQuorumReloadCertFiles portUnification multiAddress.enabled
  multiAddress.reachabilityCheckTimeoutMs multiAddress.reachabilityCheckEnabled readonlymode.enabled
  follower.skipLearnerRequestToNextProcessor quorumListenOnAllIPs messageTracker.BufferSize messageTracker.Enabled
  localSessionsEnabled localSessionsUpgradingEnabled peerType oraclePath quorum.auth.enableSasl
  quorum.cnxn.threads.size commitLogCount snapshotSizeFactor learner.asyncSending
  leader.closeSocketAsync observerMaster.sizeLimit forceSnapshotSync leaderConnectDelayDuringRetryMs
  forward_learner_requests_to_commit_processor_disabled superUser.1`

const idle = `
  maxResponseCacheSize maxGetChildrenResponseCacheSize emulate353TTLNodes
  watchManagerName watcherCleanThreadsNum watcherCleanThreshold watcherCleanIntervalInSeconds
  maxInProcessingDeadWatchers bitHashCacheSize connection_throttle_local_session_weight
  flushDelay maxWriteQueuePollTime maxBatchSize
  request_throttle_stall_time request_throttle_drop_stale request_stale_latency_check
  request_stale_connection_check request_throttler.shutdownTimeout
  netty.advancedFlowControl.enabled
  audit.impl.class ssl.context.supplier.class
  ssl.allowReverseDnsLookup ssl.ocsp ssl.handshakeDetectionTimeoutMillis ssl.sslProvider
  authProvider.1 authProvider.sasl jute.maxbuffer.extrasize
  nio.numSelectorThreads nio.numWorkerThreads nio.directBufferBytes commitProcessor.numWorkerThreads
  commitProcessor.maxReadBatchSize commitProcessor.maxCommitBatchSize
  admin.httpVersion metricsProvider.exportJvmInfo
  metricsProvider.numWorkerThreads metricsProvider.maxQueueSize metricsProvider.workerShutdownTimeoutMs
  jvm.pause.monitor jvm.pause.warn-threshold.ms closeSessionTxn.enabled serializeLastProcessedZxid.enabled
  intBufferStartingSizeBytes jmx.log4j.disable kerberos.removeHostFromPrincipal security.auth_to_local
  sasl.client clientCnxnSocket request.timeout netty.server.earlyDropSecureConnectionHandshakes pathStats.enabled`

const listed = (names: string): string[] => names.trim().split(/\s+/)
const property = (key: string) => ({ key, value: '', line: 0 })

test('this server honours what it says it does', () => {
  const not = listed(honoured).filter(key => settingOf(property(key)) === undefined)
  expect(not).toEqual([])
})

test('a server that stands alone passes over what is for ensembles, as Apache does', () => {
  const not = listed(forEnsembles).filter(
    key => settingOf(property(key)) || useOf(property(key)) !== 'ensemble',
  )
  expect(not).toEqual([])
  const lines = listed(forEnsembles).map(key => `${key}=1`)
  expect(parseConfig(['dataDir=/data', 'clientPort=0', ...lines].join('\n'))).toMatchObject({ warnings: [] })
})

test('whatever else Apache knows is named in one line with all that has no effect', () => {
  const not = listed(idle).filter(key => settingOf(property(key)) || useOf(property(key)) !== 'idle')
  expect(not).toEqual([])
  const lines = listed(idle).map(key => `${key}=1`)
  const config = parseConfig(['dataDir=/data', 'clientPort=0', ...lines].join('\n'))
  expect(config).toMatchObject({
    warnings: [{ text: expect.stringMatching(/^these settings have no effect/) }],
  })
})
