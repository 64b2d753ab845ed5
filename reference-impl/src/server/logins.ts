/**
 * What becomes of a connection's logins: what it gains by each, and what its client is answered. Logins do not wait behind
 * its other requests: what is ordered after one must be judged with it.
 * Source: Apache's AuthenticationHelper and ZooKeeperServer.processSasl.
 */
import { digestMd5 } from '../session/digest-md5.ts'
import {
  type LoginOptions,
  logIn,
  type SaslOptions,
  saslIdentities,
  type X509Options,
  x509Identities,
} from '../session/login.ts'
import { type Identity, isSame } from '../state/identity.ts'
import { Code, KeeperError } from '../wire/errors.ts'
import { OpCode } from '../wire/opcodes.ts'
import type { AuthPacket } from '../wire/records.ts'
import type { Connection } from './connection.ts'

export interface LoginsOptions extends LoginOptions, SaslOptions, X509Options {
  /** Is only he served who has an identity of one of these schemes? */
  schemesEnforced: ReadonlySet<string> | null
}

/** What is answered, and why the connection ends with it; null: it goes on. */
export interface LoginAnswer {
  err: Code
  refusal: string | null
}

/** By a certificate (DER) that TLS has checked. False: it cannot be read. */
export function enterBy(certificate: Uint8Array, connection: Connection, options: X509Options): boolean {
  const gained = x509Identities(certificate, options)
  if (gained !== null) gain(connection, gained)
  return gained !== null
}

export function answerAuth(
  { scheme, auth }: AuthPacket,
  connection: Connection,
  options: LoginOptions,
): LoginAnswer {
  const gained = logIn(scheme, auth, connection.remote.host, options)
  if (gained === null) {
    const named = JSON.stringify(scheme.slice(0, 40))
    return { err: Code.AUTHFAILED, refusal: `it logs in with the scheme ${named}, and is refused` }
  }
  gain(connection, gained)
  return { err: Code.OK, refusal: null }
}

/** One step of a login by SASL, which takes several. */
export function answerSasl(
  token: Uint8Array | null,
  connection: Connection,
  options: LoginsOptions,
): LoginAnswer & { token: Uint8Array | null } {
  if (token === null) throw new KeeperError('MARSHALLINGERROR', 'a step of SASL without a token')
  const { sasl, saslFailuresAllowed, schemesEnforced } = options
  if (sasl === null) return { err: Code.OK, token: null, refusal: null }
  connection.exchange ??= digestMd5(sasl)
  const answer = connection.exchange.evaluate(token)
  const isRequired = schemesEnforced?.has('sasl') === true
  if (answer !== null || (saslFailuresAllowed && !isRequired)) {
    const user = connection.exchange.user()
    if (user !== null) gain(connection, saslIdentities(user, options))
    return { err: Code.OK, token: answer, refusal: null }
  }
  const err = isRequired ? Code.SESSIONCLOSEDREQUIRESASLAUTH : Code.AUTHFAILED
  return { err, token: null, refusal: 'its login by SASL has failed' }
}

/** Where a login is required, those who have none may only keep their session alive, or end it. */
export function isWelcome(
  { requester }: Connection,
  type: number,
  { schemesEnforced }: LoginsOptions,
): boolean {
  return (
    schemesEnforced === null ||
    type === OpCode.ping ||
    type === OpCode.closeSession ||
    requester.identities.some(({ scheme }) => schemesEnforced.has(scheme))
  )
}

function gain({ requester: { identities } }: Connection, gained: readonly Identity[]): void {
  for (const identity of gained) {
    if (!identities.some(known => isSame(known, identity))) identities.push(identity)
  }
}
