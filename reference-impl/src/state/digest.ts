/**
 * The digest scheme: a user logs in with a password, and ACLs hold its hash. Who can read an ACL does not learn the
 * password; but SHA-1 without salt only keeps out the honest, and an unencrypted login keeps out nobody.
 * Source: Apache's DigestAuthenticationProvider.
 */
import { sha1 } from '@noble/hashes/legacy.js'

/** `user:password` → the id that stands in ACLs: `user:` and the hash of both, in base 64. */
export function digestOf(userAndPassword: string): string {
  const user = userAndPassword.split(':', 1)[0]
  const hash = sha1(new TextEncoder().encode(userAndPassword))
  return `${user}:${btoa(String.fromCharCode(...hash))}`
}
