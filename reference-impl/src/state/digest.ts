/**
 * Hashes of passwords. ACLs of the digest scheme hold them, so that who reads an ACL does not learn the password. But
 * a hash without salt only keeps out the honest, and an unencrypted login keeps out nobody.
 * Source: Apache's DigestAuthenticationProvider.
 */
import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js'

/** By the names that Java gives them, in capitals: Java does not mind the case. */
const algorithms = new Map([
  ['SHA1', sha1],
  ['SHA-1', sha1],
  ['MD5', md5],
  ['SHA-224', sha224],
  ['SHA-256', sha256],
  ['SHA-384', sha384],
  ['SHA-512', sha512],
  ['SHA3-224', sha3_224],
  ['SHA3-256', sha3_256],
  ['SHA3-384', sha3_384],
  ['SHA3-512', sha3_512],
])

export function isDigestAlgorithm(name: string): boolean {
  return algorithms.has(name.toUpperCase())
}

/** The hash of a text, in base 64. */
export function hashOf(text: string, algorithm: string): string {
  const hash = algorithms.get(algorithm.toUpperCase())!
  return btoa(String.fromCharCode(...hash(new TextEncoder().encode(text))))
}
