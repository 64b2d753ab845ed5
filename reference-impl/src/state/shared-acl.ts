/**
 * One list for all nodes that have the same ACL. A million nodes with a list each would need as much memory for them as
 * for everything else, and a snapshot would have to compare the lists one by one.
 * Source: Apache's ReferenceCountedACLCache.
 */
import type { ACL } from '../wire/records.ts'
import { openAcl } from './identity.ts'

/** Never changed once it is in, so it may be shared by all trees of the process. */
const known = new Map<string, readonly ACL[]>()

/** Somebody who invents a new list for each node gets no help; what is forgotten is only not shared any more. */
const knownAtMost = 10_000

/** A list equal to `acl`, the same one whenever it is asked for. Lists that are handed in must not change afterwards. */
export function sharedAcl(acl: readonly ACL[]): readonly ACL[] {
  if (acl === openAcl || isOpen(acl)) return openAcl
  const text = JSON.stringify(acl)
  const found = known.get(text)
  if (found !== undefined) return found
  if (known.size >= knownAtMost) known.clear()
  known.set(text, acl)
  return acl
}

function isOpen(acl: readonly ACL[]): boolean {
  const only = acl[0]
  if (acl.length !== 1 || only === undefined) return false
  return only.perms === 31 && only.id.scheme === 'world' && only.id.id === 'anyone'
}
