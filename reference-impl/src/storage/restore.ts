/**
 * A snapshot from elsewhere, made the new beginning of a server that has a history of its own.
 *
 * The rule: zxids only grow. A client remembers the newest that it has seen, and no server takes it in that is behind it;
 * and a log goes on where the snapshot before it ends. So what is restored stands behind all that was here, and the
 * snapshot is written anew under a later name.
 * Source: the command of the same name of Apache's AdminServer, which leaves the files as they are and loses what was
 * restored with the next restart.
 */
import { assert } from '../lib/assert.ts'
import { nodeCount, walk } from '../state/data-tree.ts'
import { nextZxid, type Zxid } from '../wire/zxid.ts'
import type { Disk } from '../world/world.ts'
import { fileName, StorageError } from './files.ts'
import { recover } from './recovery.ts'
import { readSnapshot, type SnapshotSource } from './snapshot.ts'

export interface Restorable {
  /** The same tree, sessions and all, for a snapshot to be written of. `ahead`: the newest zxid that was given out here. */
  behind(ahead: Zxid): SnapshotSource
  nodes: number
  /** Why it may be no tree that ever was: it was taken while writes went on, and the log that belongs to it is missing. */
  doubt: string | null
}

/** Throws a StorageError when this is no snapshot that is whole. */
export function restorable(bytes: Uint8Array): Restorable {
  const newest = newestIn(bytes)
  const disk = diskOf(bytes, newest)
  const rules = { trustEmpty: false, maxEntry: 0, digests: true }
  const {
    tree,
    sessions,
    digest,
    mismatch: doubt,
    passedOver,
  } = recover({ snapshots: disk, logs: disk }, rules)
  if (passedOver.length > 0) throw new StorageError(passedOver.join('; '))
  assert(digest !== null, 'a recovery counts when it is told to')
  const behind = (ahead: Zxid): SnapshotSource => {
    const zxid = newest > ahead ? newest : nextZxid(ahead)
    return { zxid, sessions, digest: () => ({ zxid, digest: digest.value() }), nodes: () => walk(tree) }
  }
  return { behind, nodes: nodeCount(tree), doubt }
}

/** Of the last transaction of which there is a trace. */
function newestIn(bytes: Uint8Array): Zxid {
  let newest = 0n
  const see = (zxid: Zxid): void => {
    if (zxid > newest) newest = zxid
  }
  readSnapshot(bytes, {
    session() {},
    node(_, { czxid, mzxid, pzxid }) {
      see(czxid)
      see(mzxid)
      see(pzxid)
    },
    digest: ({ zxid }) => see(zxid),
  })
  return newest
}

/** A disk with this snapshot on it and nothing else. */
function diskOf(bytes: Uint8Array, zxid: Zxid): Disk {
  const refuse = (): void => assert(false, 'what is to be restored is only read')
  return {
    list: () => [fileName('snapshot', zxid)],
    size: () => bytes.length,
    read: (_, offset = 0, length = bytes.length) => bytes.subarray(offset, offset + length),
    append: refuse,
    write: refuse,
    sync: refuse,
    replace: refuse,
    truncate: refuse,
    remove: refuse,
  }
}
