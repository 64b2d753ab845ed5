/**
 * Has an authority taken a certificate back? Each certificate says where the list is in which it would stand. Who says
 * nothing of that, or whose list cannot be had or believed, is not let in: else it would be enough to keep the list away.
 * Source: RFC 5280, section 6.3; Java's RevocationChecker, whose lists are as old as half a minute, too.
 */
import { verify, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type tls from 'node:tls'
import { issuerOf, listsFor, type RevocationList, readRevocationList } from '../../lib/crl.ts'
import type { Millis } from '../world.ts'

/** Why a peer is not let in; null: he may be. `sent`: as by `chainOf`; `trusted`: those whose word is taken. */
type RevocationCheck = (
  sent: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
) => Promise<string | null>

const keptFor: Millis = 30_000
/** Of lists, and of certificates between a peer and those whom we trust. */
const listsAtMost = 100
const longestChain = 10

/** `within`: how long it may take to fetch a list. */
export function revocationCheck(within: Millis): RevocationCheck {
  const kept = new Map<string, { at: Millis; list: Promise<RevocationList> }>()

  function listAt(address: string): Promise<RevocationList> {
    const known = kept.get(address)
    if (known !== undefined && performance.now() - known.at < keptFor) return known.list
    if (kept.size >= listsAtMost) kept.clear()
    const list = fetched(address, within)
    kept.set(address, { at: performance.now(), list })
    list.catch(() => kept.delete(address))
    return list
  }

  async function faultOf(certificate: X509Certificate, issuer: X509Certificate): Promise<string | null> {
    let reason = 'it does not say where that would stand'
    for (const address of listsFor(certificate.raw)) {
      try {
        const list = await listAt(address)
        reason = doubtOf(list, certificate, issuer) ?? ''
        if (reason !== '') continue
        const serial = certificate.serialNumber.replace(/^0+(?=.)/, '')
        return list.revoked.has(serial) ? 'its certificate has been taken back' : null
      } catch (error) {
        reason = `${address} cannot be read: ${(error as Error).message}`
      }
    }
    return `its certificate may have been taken back: ${reason}`
  }

  return async (sent, trusted) => {
    const anchors = new Set(trusted.map(each => each.fingerprint256))
    let certificate = sent[0]
    for (let length = 0; certificate !== undefined && length < longestChain; length++) {
      const { fingerprint256 } = certificate
      if (anchors.has(fingerprint256)) return null
      const issuer = [...trusted, ...sent].find(each => isOf(certificate!, each))
      if (issuer === undefined) break
      const fault = await faultOf(certificate, issuer)
      if (fault !== null) return fault
      certificate = issuer
    }
    return 'its certificate may have been taken back: nobody vouches for it'
  }
}

/**
 * The certificates that a peer has sent, its own first. Node 20 can tell of them only once, and not at all after
 * `getPeerX509Certificate`.
 */
export function chainOf(socket: tls.TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let next: tls.DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.raw !== undefined && chain.length < longestChain) {
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate === next ? undefined : next.issuerCertificate
  }
  return chain
}

function isOf(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

async function fetched(address: string, within: Millis): Promise<RevocationList> {
  const bytes = address.startsWith('file:')
    ? await readFile(new URL(address))
    : await downloaded(address, within)
  const list = readRevocationList(derOf(bytes))
  if (list === null) throw new Error('it is no list of certificates that can be understood here')
  return list
}

async function downloaded(address: string, within: Millis): Promise<Buffer> {
  const response = await fetch(address, { signal: AbortSignal.timeout(within) })
  if (!response.ok) throw new Error(`the answer is ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}

/** Such a list may also be PEM. */
function derOf(bytes: Buffer): Uint8Array {
  const [, text] = /^-----BEGIN X509 CRL-----([\s\S]+?)-----END/m.exec(bytes.toString('latin1')) ?? []
  return text === undefined ? bytes : Buffer.from(text, 'base64')
}

/** Why a list says nothing of this certificate; null: it does. */
function doubtOf(
  { issuer, since, until, signed, hash, signature }: RevocationList,
  certificate: X509Certificate,
  { publicKey }: X509Certificate,
): string | null {
  if (!Buffer.from(issuer).equals(issuerOf(certificate.raw))) return 'the list is not of its authority'
  if (hash === null || !verify(hash === '' ? null : hash, signed, publicKey, signature)) {
    return 'the list is not signed by its authority'
  }
  const now = Date.now()
  if (now < since || (until !== null && now > until)) return 'the list is out of date'
  return null
}
