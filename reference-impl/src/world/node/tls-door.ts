/**
 * What stands between a socket and a connection on a port with TLS: the handshake. It belongs to the world, because
 * nobody who has not got through it is anybody's peer yet. It keeps no one for longer than `handshakeTime`.
 */
import { X509Certificate } from 'node:crypto'
import type net from 'node:net'
import { isIP } from 'node:net'
import type tls from 'node:tls'
import type { Address, ClientTls, Tls, TlsKeys } from '../world.ts'

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
  let named = namedIn(options)
  const renewals = options.renewed?.(keys => {
    server.setSecureContext(contextOf({ ...options, ...keys }))
    named = namedIn(keys)
  })
  /** Those who are in their handshakes, by address. */
  const waiting = new Map<string, { socket: net.Socket; remote: Address }>()

  function leave(socket: net.Socket): Address | null {
    const key = keyOf(socket)
    const remote = waiting.get(key)?.remote ?? null
    waiting.delete(key)
    return remote
  }

  server.on('secureConnection', socket => {
    socket.allowHalfOpen = true
    const remote = leave(socket)
    const certificate = socket.getPeerX509Certificate()
    const fault = remote === null ? 'it is too late' : faultOf(socket, certificate, remote, options, named)
    if (fault === null) return enter(socket, remote!, certificate && Uint8Array.from(certificate.raw))
    socket.on('error', () => {})
    socket.destroy()
    if (remote !== null) refused(remote, fault, 'handshake')
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
  const { key, certificates, trusted, oldest, newest, cipherSuites } = options
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
  }
}

/** Why a peer with this certificate does not come in; null: he does. */
function faultOf(
  socket: tls.TLSSocket,
  certificate: X509Certificate | undefined,
  remote: Address,
  { peers, checksAddress }: Tls,
  named: ReadonlySet<string>,
): string | null {
  if (peers === 'none') return null
  if (certificate === undefined) return peers === 'need' ? 'it has no certificate' : null
  if (!socket.authorized && !isNamed(socket, certificate, named)) {
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
  named: ReadonlySet<string>,
): boolean {
  const isUnvouched = unvouched.has(`${authorizationError}`)
  const now = Date.now()
  const isValid = Date.parse(validFrom) <= now && now <= Date.parse(validTo)
  return isUnvouched && isValid && named.has(fingerprint256)
}

/** What OpenSSL says of a chain that ends with nobody whom we trust. */
const unvouched = new Set([
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
])

/** Fingerprints of those who are trusted themselves. */
function namedIn({ trusted }: TlsKeys): Set<string> {
  const blocks = trusted?.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  return new Set(blocks.map(block => new X509Certificate(block).fingerprint256))
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
