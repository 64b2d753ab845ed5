/**
 * Key stores and trust stores, as the settings of a server name them: PEM, PKCS12, and JKS, which is Java's own. What a
 * file is, its first bytes say; like Java, we do not mind when its name says another thing.
 * Source: Apache's X509Util, FileKeyStoreLoader and PEMFileLoader; sun.security.provider.JavaKeyStore for JKS.
 */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { elementsIn } from '../src/lib/der.ts'
import type { Settings } from '../src/server/settings.ts'
import type { TlsKeys } from '../src/world/world.ts'

/** What is in a store, as PEM. */
interface Store {
  key: string | null
  /** The certificate of the key, and those that vouch for it. */
  chain: string[]
  /** All that are in it. */
  certificates: string[]
}

/** What is wrong with a store, in words for its operator. */
class StoreFault extends Error {}

/** The files for some ports, and what the settings that name them begin with. */
export interface StoreFiles {
  prefix: 'ssl.' | 'ssl.quorum.'
  keyStore: StoreFile
  /** null: whom this machine trusts. */
  trustStore: StoreFile | null
}

export interface StoreFile {
  location: string
  password: string
  /** A file with the password in it, which counts more than the password. */
  passwordPath: string | null
}

/** For the clients' ports. */
export function clientFiles(settings: Settings): StoreFiles {
  const { keyStore, keyStorePassword, keyStorePasswordPath } = settings
  const { trustStore, trustStorePassword, trustStorePasswordPath } = settings
  return {
    prefix: 'ssl.',
    keyStore: fileOf(keyStore, keyStorePassword, keyStorePasswordPath)!,
    trustStore: fileOf(trustStore, trustStorePassword, trustStorePasswordPath),
  }
}

/** For the AdminServer. */
export function adminFiles(settings: Settings): StoreFiles {
  const { quorumKeyStore, quorumKeyStorePassword, quorumKeyStorePasswordPath } = settings
  const { quorumTrustStore, quorumTrustStorePassword, quorumTrustStorePasswordPath } = settings
  return {
    prefix: 'ssl.quorum.',
    keyStore: fileOf(quorumKeyStore, quorumKeyStorePassword, quorumKeyStorePasswordPath)!,
    trustStore: fileOf(quorumTrustStore, quorumTrustStorePassword, quorumTrustStorePasswordPath),
  }
}

function fileOf(location: string | null, password: string, passwordPath: string | null): StoreFile | null {
  return location === null ? null : { location, password, passwordPath }
}

/** All that is read for them. */
export function pathsOf({ keyStore, trustStore }: StoreFiles): string[] {
  return [keyStore, trustStore]
    .flatMap(store => [store?.location, store?.passwordPath])
    .filter(file => typeof file === 'string')
}

/** What is in the files, or what is wrong with them. */
export async function keysIn({
  prefix,
  keyStore,
  trustStore,
}: StoreFiles): Promise<TlsKeys | { error: string }> {
  const own = await ownIn(prefix, keyStore)
  if ('error' in own) return own
  const others = await trustedIn(prefix, trustStore)
  return 'error' in others ? others : { ...own, ...others }
}

/** The same for a client, which may have nothing to show. */
export async function clientKeysIn(
  prefix: string,
  keyStore: StoreFile | null,
  trustStore: StoreFile | null,
): Promise<Partial<TlsKeys> | { error: string }> {
  const own: Partial<TlsKeys> | { error: string } = keyStore === null ? {} : await ownIn(prefix, keyStore)
  if ('error' in own) return own
  const others = await trustedIn(prefix, trustStore)
  return 'error' in others ? others : { ...own, ...others }
}

/** The key, and the certificates that are to be shown with it. */
function ownIn(
  prefix: string,
  store: StoreFile,
): Promise<{ key: string; certificates: string } | { error: string }> {
  return reading(`${prefix}keyStore.location=${store.location}`, async () => {
    const { key, chain } = await storeAt(store)
    if (key === null || chain.length === 0) {
      throw new StoreFault('there is no private key in it together with its certificate')
    }
    if (!new X509Certificate(chain[0]!).checkPrivateKey(createPrivateKey(key))) {
      throw new StoreFault(
        'the first certificate in it is not of the key: put the certificate of the key first',
      )
    }
    return { key, certificates: chain.join('') }
  })
}

async function trustedIn(
  prefix: string,
  store: StoreFile | null,
): Promise<{ trusted: string | null } | { error: string }> {
  if (store === null) return { trusted: null }
  return reading(`${prefix}trustStore.location=${store.location}`, async () => {
    const { certificates } = await storeAt(store)
    if (certificates.length === 0) throw new StoreFault('there is no certificate in it')
    return { trusted: certificates.join('') }
  })
}

/** What `read` finds, or what is wrong with the file that a setting names. */
async function reading<T>(where: string, read: () => Promise<T>): Promise<T | { error: string }> {
  try {
    return await read()
  } catch (error) {
    const { code, path, message } = error as NodeJS.ErrnoException
    if (error instanceof StoreFault) return { error: `${where}: ${message}` }
    if (code === undefined) throw error
    return { error: `${where}: ${path ?? 'it'} cannot be read (${code})` }
  }
}

async function storeAt({ location: file, password, passwordPath }: StoreFile): Promise<Store> {
  const secret = passwordPath === null ? password : readFileSync(passwordPath, 'utf8').trim()
  const bytes = readFileSync(file)
  switch (bytes.length < 4 ? 0 : bytes.readUInt32BE()) {
    case 0xfeedfeed:
      return fromJks(bytes, secret)
    case 0xcececece:
      throw new StoreFault(`it is of the type JCEKS: ${convert(file, 'JCEKS')}`)
    default:
      return bytes[0] === sequence
        ? fromPkcs12(bytes, secret, file)
        : fromPem(bytes.toString('latin1'), secret)
  }
}

function convert(file: string, type: string): string {
  return `make another with keytool -importkeystore -srckeystore ${file} -srcstoretype ${type} -destkeystore ${file}.p12 -deststoretype PKCS12`
}

// PEM

function fromPem(text: string, password: string): Store {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g) ?? []
  const key = blocks.find(block => /^-----BEGIN [A-Z ]*PRIVATE KEY/.test(block))
  const certificates = blocks.filter(block => /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE/.test(block))
  if (key === undefined && certificates.length === 0) {
    throw new StoreFault('it is neither PEM nor PKCS12 nor JKS')
  }
  const all = certificates.map(pemCertificate)
  return { key: key === undefined ? null : pemKey(key, password), chain: all, certificates: all }
}

/** The key without its password. */
function pemKey(key: string | Buffer, passphrase = ''): string {
  try {
    const options =
      typeof key === 'string' ? { key, passphrase } : ({ key, format: 'der', type: 'pkcs8' } as const)
    return createPrivateKey(options).export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch {
    throw new StoreFault('its key cannot be read: is the password right?')
  }
}

function pemCertificate(certificate: string | Buffer): string {
  try {
    return new X509Certificate(certificate).toString()
  } catch {
    throw new StoreFault('a certificate in it cannot be read')
  }
}

// PKCS12

/** As which all of DER begins, and so a PKCS12. */
const sequence = 0x30

async function fromPkcs12(bytes: Buffer, password: string, file: string): Promise<Store> {
  const { default: forge } = await import('node-forge')
  const { asn1, pkcs12, pki } = forge
  let store: import('node-forge').pkcs12.Pkcs12Pfx
  try {
    store = pkcs12.pkcs12FromAsn1(asn1.fromDer(bytes.toString('latin1')), password)
  } catch (error) {
    const { message } = error as Error
    if (/MAC|password/i.test(message)) throw new StoreFault('its password is another, or the file is damaged')
    throw new StoreFault(`it is no PKCS12 that can be read here (${message}): ${convert(file, 'BCFKS')}`)
  }
  const bagsOf = (type: string) => store.getBags({ bagType: type })[type] ?? []
  const der = (node: import('node-forge').asn1.Asn1) => Buffer.from(asn1.toDer(node).getBytes(), 'latin1')
  const [key] = [...bagsOf(pki.oids.pkcs8ShroudedKeyBag!), ...bagsOf(pki.oids.keyBag!)]
  // What is not of RSA the library hands on as it is.
  const certificates = bagsOf(pki.oids.certBag!).map(({ cert, asn1 }) =>
    pemCertificate(cert == null ? der(asn1) : pki.certificateToPem(cert)),
  )
  if (key === undefined) return { key: null, chain: [], certificates }
  const pem = key.key == null ? pemKey(der(key.asn1)) : pki.privateKeyToPem(key.key)
  return { key: pem, chain: chainOf(pem, certificates), certificates }
}

/** The key's own certificate first, then whoever vouches for the one before: in the file they may stand anyhow. */
function chainOf(key: string, certificates: readonly string[]): string[] {
  const left = certificates.map(pem => new X509Certificate(pem))
  const own = createPrivateKey(key)
  const chain: X509Certificate[] = []
  for (;;) {
    const last = chain.at(-1)
    const at = left.findIndex(each =>
      last === undefined ? each.checkPrivateKey(own) : last.checkIssued(each),
    )
    if (at === -1) return chain.map(String)
    chain.push(...left.splice(at, 1))
  }
}

// JKS

/** Numbers with their highest byte first; a key is hidden under a stream of hashes, and a hash over all stands at the end. */
function fromJks(bytes: Buffer, password: string): Store {
  const secret = Buffer.from(password, 'utf16le').swap16()
  const body = bytes.subarray(0, -sha1Length)
  const hash = sha1(secret, Buffer.from('Mighty Aphrodite'), body)
  if (!hash.equals(bytes.subarray(-sha1Length))) {
    throw new StoreFault('its password is another, or the file is damaged')
  }
  let at = 4
  const take = (length: number): Buffer => {
    at += length
    return body.subarray(at - length, at)
  }
  const int = (): number => take(4).readInt32BE()
  const skipText = (): Buffer => take(take(2).readUInt16BE())
  const version = int()
  const certificate = (): string => {
    if (version > 1) skipText()
    return pemCertificate(take(int()))
  }
  const store: Store = { key: null, chain: [], certificates: [] }
  for (let left = int(); left > 0; left--) {
    const isKey = int() === 1
    skipText()
    take(dateLength)
    if (!isKey) {
      store.certificates.push(certificate())
      continue
    }
    const key = pemKey(unhidden(take(int()), secret))
    const chain = Array.from({ length: int() }, certificate)
    store.certificates.push(...chain)
    if (store.key === null) Object.assign(store, { key, chain })
  }
  return store
}

const sha1Length = 20
const dateLength = 8

function sha1(...parts: readonly Buffer[]): Buffer {
  return createHash('sha1').update(Buffer.concat(parts)).digest()
}

/** What a JKS hides: an algorithm, and in it a salt, the bytes under the stream, and a hash that tells whether it went well. */
function unhidden(info: Buffer, secret: Buffer): Buffer {
  const [outer] = elementsIn(info, 0, info.length) ?? []
  const [, octets] = (outer && elementsIn(info, outer.start, outer.end)) ?? []
  if (octets === undefined) throw new StoreFault('its key is damaged')
  const hidden = info.subarray(octets.start, octets.end)
  const salt = hidden.subarray(0, sha1Length)
  const key = Buffer.from(hidden.subarray(sha1Length, -sha1Length))
  let stream = salt
  for (let at = 0; at < key.length; at++) {
    if (at % sha1Length === 0) stream = sha1(secret, stream)
    key[at]! ^= stream[at % sha1Length]!
  }
  if (!sha1(secret, key).equals(hidden.subarray(-sha1Length))) {
    throw new StoreFault(
      'its key has another password than the store: give both the same with keytool -keypasswd',
    )
  }
  return key
}
