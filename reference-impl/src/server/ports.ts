/** Where a server with these settings listens for clients. */
import type { ClientMessage } from '../wire/words.ts'
import type { Port } from '../world/driver.ts'
import type { Millis, Tls } from '../world/world.ts'
import { clientCodec, type ServerMessage } from './connection.ts'
import type { Settings } from './settings.ts'

/** What stands in the files that the settings name, as PEM; and who tells when others stand there. */
export type PortKeys = Pick<Tls, 'key' | 'certificates' | 'trusted' | 'renewed'>

export type ClientPort = 'client' | 'secure'

/** Without `keys` there is no TLS. */
export function portsOf(
  settings: Settings,
  keys: PortKeys | null,
): Record<string, Port<ClientMessage, ServerMessage>> {
  const { clientPort, clientPortAddress, secureClientPort, secureClientPortAddress, portUnification } =
    settings
  const usual = {
    codec: () => clientCodec(settings.maxBuffer),
    maxConnections: settings.maxCnxns,
    maxConnectionsPerHost: settings.maxClientCnxns,
    maxUnread: settings.maxUnread,
  }
  const how = { backlog: settings.listenBacklog, keepAlive: settings.keepAlive }
  const tls = (letsPlainIn: boolean) =>
    keys === null ? {} : { tls: { ...tlsOf(settings, keys), letsPlainIn } }
  const ports: Partial<Record<ClientPort, Port<ClientMessage, ServerMessage>>> = {}
  if (clientPort >= 0) {
    const address = { host: clientPortAddress, port: clientPort, ...how }
    ports.client = { ...usual, address, ...(portUnification ? tls(true) : {}) }
  }
  if (secureClientPort >= 0) {
    ports.secure = {
      ...usual,
      address: { host: secureClientPortAddress, port: secureClientPort, ...how },
      ...tls(false),
    }
  }
  return ports
}

/** As long as Netty gives a handshake, on which Apache's server stands. */
const handshakeTime: Millis = 10_000

function tlsOf(settings: Settings, keys: PortKeys): Omit<Tls, 'refused' | 'letsPlainIn'> {
  const { tlsProtocol, tlsProtocols, cipherSuites, clientAuth } = settings
  return {
    ...keys,
    ...versions([...tlsProtocols, ...(tlsProtocols.size === 0 && tlsProtocol !== null ? [tlsProtocol] : [])]),
    peers: clientAuth.toLowerCase() as Tls['peers'],
    checksAddress: settings.clientHostnameVerification && settings.hostnameVerification,
    checksRevocation: settings.checksRevocation,
    cipherSuites: cipherSuites.size === 0 ? null : [...cipherSuites],
    handshakeTime,
    handshakesAtMost: settings.handshakesAtMost,
  }
}

/** The TLS of the AdminServer. */
export function tlsOfAdmin(settings: Settings, keys: PortKeys): Omit<Tls, 'refused'> {
  const { quorumTlsProtocols, quorumCipherSuites, adminNeedsCertificate, adminForcesTls } = settings
  return {
    ...keys,
    ...versions([...quorumTlsProtocols]),
    peers: adminNeedsCertificate ? 'need' : 'none',
    checksAddress: false,
    checksRevocation: false,
    cipherSuites: quorumCipherSuites.size === 0 ? null : [...quorumCipherSuites],
    handshakeTime,
    handshakesAtMost: 0,
    letsPlainIn: !adminForcesTls,
  }
}

function versions(named: readonly string[]): Pick<Tls, 'oldest' | 'newest'> {
  const has = (version: string): boolean => named.length === 0 || named.includes(version)
  return {
    oldest: has('TLSv1.2') ? 'TLSv1.2' : 'TLSv1.3',
    newest: has('TLSv1.3') ? 'TLSv1.3' : 'TLSv1.2',
  }
}
