/**
 * What a login is good for. A connection begins with one identity, its address; each login that succeeds adds to what
 * it has, and nothing takes away. Source: Apache's AuthenticationProviders and AuthenticationHelper.
 */
import { digestId } from '../state/acl.ts'
import { hashOf } from '../state/digest.ts'
import { subjectOf } from '../state/distinguished-name.ts'
import type { Identity } from '../state/identity.ts'
import type { SaslUsers } from './digest-md5.ts'

export interface LoginOptions {
  /** The digest id that may do everything, if there is one. */
  superDigest: string | null
  /** May passwords be used at all, and how are they hashed? */
  digestEnabled: boolean
  digestAlgorithm: string
  /** What clients that want to be sure whom they talk to may call the ensemble; null: they cannot ask. */
  ensembleNames: ReadonlySet<string> | null
}

/** The identities that a client gains by logging in; null when there is no such login. */
export function logIn(
  scheme: string,
  proof: Uint8Array | null,
  address: string,
  { superDigest, digestEnabled, digestAlgorithm, ensembleNames }: LoginOptions,
): Identity[] | null {
  const said = new TextDecoder().decode(proof ?? new Uint8Array(0))
  switch (scheme) {
    case 'ip':
      return [{ scheme, id: address }]
    case 'digest': {
      if (!digestEnabled) return null
      const id = digestId(said, text => hashOf(text, digestAlgorithm))
      const identity = { scheme, id }
      return id === superDigest ? [{ scheme: 'super', id: '' }, identity] : [identity]
    }
    case 'ensemble': // without names to compare with, any will do
      return ensembleNames?.size === 0 || ensembleNames?.has(said) ? [] : null
    default:
      return null
  }
}

export interface SaslOptions {
  /** null: there is no login by SASL, and whoever tries hears nothing. */
  sasl: SaslUsers | null
  /** Who of the users may do everything; null: nobody. */
  saslSuperUser: string | null
  /** An id of the scheme that every user passes for. */
  saslEverybody: string | null
  /** May somebody stay whose exchange has failed, as a stranger? */
  saslFailuresAllowed: boolean
}

/** The identities that a client gains by an exchange that ended with this name. */
export function saslIdentities(user: string, options: SaslOptions): Identity[] {
  const { sasl, saslSuperUser, saslEverybody } = options
  const identity: Identity = { scheme: 'sasl', id: user }
  // A name that Apache's server knows, whoever has it.
  if (user === 'super') identity.passesFor = 'all'
  else if (saslEverybody !== null) identity.passesFor = [saslEverybody]
  const mayAll = user === saslSuperUser || sasl?.superUsers?.has(user) === true
  return mayAll ? [{ scheme: 'super', id: '' }, identity] : [identity]
}

export interface X509Options {
  /** Who may do everything, by the subject of his certificate; null: nobody. */
  x509SuperUser: string | null
}

/** The identities that a client has by its certificate (DER), which TLS has checked; null when it names nobody. */
export function x509Identities(certificate: Uint8Array, { x509SuperUser }: X509Options): Identity[] | null {
  const id = subjectOf(certificate)
  if (id === null) return null
  const identity = { scheme: 'x509', id }
  return id === x509SuperUser ? [{ scheme: 'super', id }, identity] : [identity]
}
