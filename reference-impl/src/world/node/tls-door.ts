/**
 * What stands between a socket and a connection on a port with TLS: the handshake. It belongs to the world, because
 * nobody who has not got through it is anybody's peer yet. It keeps no one for longer than `handshakeTime`.
 */
import { constants, X509Certificate } from 'node:crypto'
import type net from 'node:net'
import { isIP } from 'node:net'
import type tls from 'node:tls'
import type { Address, ClientTls, Tls } from '../world.ts'
import { chainOf, revocationCheck } from './revocation.ts'

export interface Door {
  /** From here on the socket is the door's, until it is handed on or closed. */
  knock(socket: net.Socket, remote: Address): void
  /** Nobody gets through any more. */
  close(): void
}

/** The first byte of a handshake: no frame that a server reads and no four-letter word begins with it. */
const handshake = 0x16

/** Throws when the key, the certificates or the suites cannot be used. */
export function tlsDoor(
  options: Tls,
  enter: (socket: net.Socket, remote: Address, certificate?: Uint8Array) => void,
): Door {
  const { handshakeTime, handshakesAtMost, letsPlainIn, refused } = options
  const server = serverOf(options)
  let trusted = certificatesIn(options.trusted)
  const renewals = options.renewed?.(keys => {
    server.setSecureContext(contextOf({ ...options, ...keys }))
    trusted = certificatesIn(keys.trusted)
  })
  /** Those who are in their handshakes, by address. */
  const waiting = new Map<string, { socket: net.Socket; remote: Address }>()

  function leave(socket: net.Socket): Address | null {
    const key = keyOf(socket)
    const remote = waiting.get(key)?.remote ?? null
    waiting.delete(key)
    return remote
  }

  /** `fault`: why he is not let in; null: he is. */
  function decide(
    socket: tls.TLSSocket,
    certificate: X509Certificate | undefined,
    fault: string | null,
  ): void {
    const remote = leave(socket)
    if (fault === null && remote !== null) {
      enter(socket, remote, certificate && Uint8Array.from(certificate.raw))
      return
    }
    socket.on('error', () => {})
    socket.destroy()
    if (remote !== null && fault !== null) refused(remote, fault, 'handshake')
  }

  const isRevoked = options.checksRevocation ? revocationCheck(handshakeTime) : null

  server.on('secureConnection', socket => {
    socket.allowHalfOpen = true
    const remote = waiting.get(keyOf(socket))?.remote
    const chain = isRevoked === null ? [] : chainOf(socket)
    const certificate = isRevoked === null ? socket.getPeerX509Certificate() : chain[0]
    const fault =
      remote === undefined ? 'it is too late' : faultOf(socket, certificate, remote, options, trusted)
    if (isRevoked === null || certificate === undefined || fault !== null) {
      decide(socket, certificate, fault)
      return
    }
    // Who leaves meanwhile is not there any more when it is decided.
    socket.on('error', () => {})
    void isRevoked(chain, options.trusted === null ? machines() : trusted)
      .catch((error: Error) => `its certificate cannot be checked: ${error.message}`)
      .then(found => decide(socket, certificate, found))
  })
  server.on('tlsClientError', (error, socket) => {
    const remote = leave(socket)
    // Node leaves it to us to end what came to nothing.
    socket.on('error', () => {})
    socket.destroy()
    if (remote !== null) refused(remote, reasonOf(error), 'handshake')
  })

  /** Whoever says goodbye before it is over has nothing to wait for. */
  function shakeHands(socket: net.Socket): void {
    socket.allowHalfOpen = false
    server.emit('connection', socket)
  }

  function peek(socket: net.Socket, remote: Address): void {
    const timer = setTimeout(() => socket.destroy(), handshakeTime)
    socket.once('close', () => clearTimeout(timer))
    socket.once('readable', () => {
      clearTimeout(timer)
      const first: Uint8Array | null = socket.read()
      if (first === null) return void socket.destroy()
      socket.unshift(first)
      if (first[0] === handshake) return shakeHands(socket)
      leave(socket)
      enter(socket, remote)
    })
  }

  return {
    knock(socket, remote) {
      const key = keyOf(socket)
      if (handshakesAtMost > 0 && waiting.size >= handshakesAtMost) {
        socket.destroy()
        refused(remote, `the limit of ${handshakesAtMost} handshakes under way is reached`, 'crowd')
        return
      }
      waiting.set(key, { socket, remote })
      socket.on('error', () => {})
      // Who leaves before it is over has not been refused.
      socket.once('close', () => {
        if (waiting.get(key)?.socket === socket) waiting.delete(key)
      })
      if (letsPlainIn) peek(socket, remote)
      else shakeHands(socket)
    },
    close() {
      renewals?.()
      for (const { socket } of waiting.values()) socket.destroy()
    },
  }
}

function keyOf({ remoteAddress, remotePort }: net.Socket): string {
  return `${remoteAddress} ${remotePort}`
}

/** It listens nowhere: sockets are given to it. */
function serverOf(options: Tls): tls.Server {
  // A server without TLS starts sooner without the module.
  const { createServer } = process.getBuiltinModule('node:tls')
  return createServer({
    ...contextOf(options),
    requestCert: options.peers !== 'none',
    // We judge by ourselves, and know then whom, and what was wrong.
    rejectUnauthorized: false,
    handshakeTimeout: options.handshakeTime,
  })
}

/** What may change while it serves, and what is said anew when that does. */
function contextOf(options: Tls): tls.SecureContextOptions {
  const { getCiphers } = process.getBuiltinModule('node:tls')
  const { key, certificates, trusted, oldest, newest, cipherSuites, checksRevocation } = options
  const known = new Set(getCiphers())
  return {
    key,
    cert: certificates,
    ...(trusted === null ? {} : { ca: trusted }),
    minVersion: oldest,
    maxVersion: newest,
    ...(cipherSuites === null
      ? {}
      : { ciphers: cipherSuites.map(name => openSslName(name, known)).join(':') }),
    honorCipherOrder: true,
    // Who goes on with a session shows no certificates again, and they may have been taken back meanwhile.
    ...(checksRevocation ? { secureOptions: constants.SSL_OP_NO_TICKET } : {}),
  }
}

/** Why a peer with this certificate does not come in; null: he does. */
function faultOf(
  socket: tls.TLSSocket,
  certificate: X509Certificate | undefined,
  remote: Address,
  { peers, checksAddress }: Tls,
  trusted: readonly X509Certificate[],
): string | null {
  if (peers === 'none') return null
  if (certificate === undefined) return peers === 'need' ? 'it has no certificate' : null
  if (!socket.authorized && !isNamed(socket, certificate, trusted)) {
    return `its certificate is not good: ${socket.authorizationError}`
  }
  if (checksAddress && certificate.checkIP(remote.host) === undefined) {
    return `its certificate is for ${certificate.subjectAltName ?? 'no address'}`
  }
  return null
}

/** As with Java, it is enough to be among the trusted oneself, whoever else would have to vouch. */
function isNamed(
  { authorizationError }: tls.TLSSocket,
  { fingerprint256, validFrom, validTo }: X509Certificate,
  trusted: readonly X509Certificate[],
): boolean {
  const isUnvouched = unvouched.has(`${authorizationError}`)
  const now = Date.now()
  const isValid = Date.parse(validFrom) <= now && now <= Date.parse(validTo)
  return isUnvouched && isValid && trusted.some(each => each.fingerprint256 === fingerprint256)
}

/** What OpenSSL says of a chain that ends with nobody whom we trust. */
const unvouched = new Set([
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
])

/** Whom this machine trusts. */
function machines(): X509Certificate[] {
  return process.getBuiltinModule('node:tls').rootCertificates.map(each => new X509Certificate(each))
}

function certificatesIn(pem: string | null): X509Certificate[] {
  const blocks = pem?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return blocks.map(block => new X509Certificate(block))
}

/** In words, without what only somebody needs who debugs OpenSSL. */
function reasonOf(error: NodeJS.ErrnoException & { reason?: string }): string {
  if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return 'its handshake takes too long'
  return `its handshake fails: ${error.reason ?? error.message}`
}

/** `ECDHE-RSA-AES128-GCM-SHA256` for `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`; the names of TLS 1.3 are the same. */
function openSslName(name: string, known: ReadonlySet<string>): string {
  const older = name
    .replace(/^TLS_(RSA_WITH_)?/, '')
    .replace('_WITH_', '_')
    .replace(/(AES|CAMELLIA|ARIA)_(\d+)_(CBC_)?/, '$1$2_')
    .replace(/POLY1305_SHA256$/, 'POLY1305')
    .replaceAll('_', '-')
  const found = [name, older].find(each => known.has(each.toLowerCase()))
  if (found === undefined) throw new Error(`there is no cipher suite ${name} here`)
  return found
}

/** A socket that is on its way to a server with TLS. What cannot be used as key or certificate is told as its error. */
export function tlsSocket(
  { host, port }: Address,
  { trusted, key, certificates, checksHost }: ClientTls,
  lookup: net.LookupFunction,
): tls.TLSSocket {
  const { connect } = process.getBuiltinModule('node:tls')
  return connect({
    host,
    port,
    lookup,
    // An address is no name to ask for.
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(trusted === null ? {} : { ca: trusted }),
    ...(key === null || certificates === null ? {} : { key, cert: certificates }),
    ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
  })
}
