/**
 * What a login is good for. A connection begins with one identity, its address; each login that succeeds adds to what
 * it has, and nothing takes away. Source: Apache's AuthenticationProviders and AuthenticationHelper.
 */
import { digestId } from '../state/acl.ts'
import { hashOf } from '../state/digest.ts'
import type { Identity } from '../state/identity.ts'

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
