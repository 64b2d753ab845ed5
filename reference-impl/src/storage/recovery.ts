/**
 * What a server knows when it starts: the newest snapshot that is whole, and the log from there on.
 *
 * The rule: the true tree, or none. A file that ends where the power went is normal. A file that was damaged, a hole in
 * the history or a log without a snapshot is not, and then the server says which file it is and refuses to start.
 * Source: Apache's FileTxnSnapLog.restore and ZKDatabase.loadDataBase.
 */
import { assert } from '../lib/assert.ts'
import { applyTxn } from '../state/apply.ts'
import {
  type DataTree,
  deleteNode,
  emptyTree,
  ephemeralOwners,
  ephemeralsOf,
  nodeAt,
  restoreNode,
} from '../state/data-tree.ts'
import type { NodeTable } from '../state/node-table.ts'
import { type TreeDigest, treeDigest } from '../state/tree-digest.ts'
import type { SessionId } from '../state/znode.ts'
import { keeperCode } from '../wire/errors.ts'
import { juteReader } from '../wire/jute.ts'
import { OpCode } from '../wire/opcodes.ts'
import type { SnapshotDigest } from '../wire/records.ts'
import { digestVersion, readDigest, readTxn } from '../wire/txn.ts'
import { formatZxid, type Zxid } from '../wire/zxid.ts'
import type { Disk } from '../world/world.ts'
import { filesOf, folder, isStorageError, StorageError, type StoredFile, unknownAcl } from './files.ts'
import { restoreNodes } from './restore-nodes.ts'
import { looksComplete, readSnapshot } from './snapshot.ts'
import { checkLogHead, headLength, isNext, logsAfter, readEntry, zxidIn } from './txn-log.ts'

export interface Recovered {
  tree: DataTree
  /** The sessions that are alive, and their timeouts in milliseconds. */
  sessions: Map<SessionId, number>
  /** Of the last transaction in the tree. */
  lastZxid: Zxid
  /** Of the snapshot that was loaded; null when there was none. */
  snapshotZxid: Zxid | null
  /** Transactions that came from the log, and the files that they were in. */
  replayed: number
  logs: string[]
  /** Snapshots that are newer and were passed over, each with the reason. */
  passedOver: string[]
  /** Counts along from here on; null when nobody wants it to. */
  digest: TreeDigest | null
  /** What is wrong with the tree, as the digests in the files say; null: it is the one that was meant, or no file says. */
  mismatch: string | null
  /** How many digests did not match. */
  mismatches: number
}

export interface RecoveryRules {
  /** Start from an empty tree when there are logs and no snapshot (`snapshot.trust.empty`). */
  trustEmpty: boolean
  /** Start from nothing when nothing is there, also without a file `initialize`? (`db.autocreate`) */
  autocreate?: boolean
  /** The longest entry that may stand in a log. */
  maxEntry: number
  /** Compare the tree with the digests in the files, and go on counting? (`digest.enabled`) */
  digests?: boolean
  /** Eight bytes that no client knows, for the table of nodes. */
  secret?: Uint8Array
}

/** Where the files are. Both may be the same disk. */
export interface Disks {
  snapshots: Disk
  logs: Disk
}

/** Reads what is there. Throws a StorageError that names the file when that cannot be the whole truth. */
export function recover(disks: Disks, rules: RecoveryRules): Recovered {
  checkPlaces(disks)
  const logs = filesOf('log', disks.logs.list(folder))
  const recovery = fromSnapshot(disks.snapshots, rules.secret)
  if (recovery.snapshotZxid === null && !rules.trustEmpty) {
    const log = logs.find(({ name }) => holdsAnEntry(disks.logs, name))
    if (log === undefined && rules.autocreate === false && disks.snapshots.size(marker) === null) {
      throw new StorageError(
        `nothing is there, and db.autocreate=false: put the files back, or make an empty file named ${marker} in the dataDir if this server is a new one`,
      )
    }
    if (log !== undefined) {
      throw new StorageError(
        `${folder}/${log.name} is there, but no snapshot that it goes on from: put the snapshots back, or set snapshot.trust.empty=true if there never was one`,
      )
    }
  }
  if (rules.digests === true) beginCounting(recovery)
  for (const log of logsAfter(logs, recovery.lastZxid)) replay(recovery, disks.logs, log, rules.maxEntry)
  for (const path of recovery.closed) {
    if (nodeAt(recovery.tree, path)?.acl !== unknownAcl) continue
    throw new StorageError(
      `snapshot.${recovery.snapshotZxid!.toString(16)} does not hold the ACL of ${path}, nor does the log after it: restore both from a backup`,
    )
  }
  const ended = endOrphans(recovery)
  if (rules.digests === true) endCounting(recovery, ended)
  const { closed: _, meant: __, ...recovered } = recovery
  return recovered
}

/** In the dataDir it says that the server is a new one and may start from nothing. Used once. */
export const marker = 'initialize'

interface Recovery extends Recovered {
  /** Nodes whose ACL the snapshot does not hold. */
  closed: string[]
  /** What the snapshot says that the tree will be when the log has come so far; until then it is no tree that ever was. */
  meant: SnapshotDigest | null
}

/** Somebody who moved `dataLogDir` and forgot the files would lose what is in them. */
function checkPlaces({ snapshots, logs }: Disks): void {
  if (snapshots === logs) return
  const log = filesOf('log', snapshots.list(folder))[0]
  if (log !== undefined) {
    throw new StorageError(
      `the dataDir holds a transaction log, ${folder}/${log.name}: move the logs to the dataLogDir`,
    )
  }
  const snapshot = filesOf('snapshot', logs.list(folder))[0]
  if (snapshot !== undefined) {
    throw new StorageError(
      `the dataLogDir holds a snapshot, ${folder}/${snapshot.name}: move the snapshots to the dataDir`,
    )
  }
}

function fromSnapshot(disk: Disk, secret?: Uint8Array): Recovery {
  const passedOver: string[] = []
  const snapshots = filesOf('snapshot', disk.list(folder)).reverse()
  for (const file of snapshots) {
    const path = `${folder}/${file.name}`
    try {
      return { ...loaded(disk, path, file.zxid, secret), passedOver }
    } catch (error) {
      if (!isStorageError(error)) throw error
      passedOver.push(`${path}: ${error.message}`)
    }
  }
  // The snapshot at zero holds nothing. A first start that was cut short leaves a part of one, and nothing is lost with it.
  if (snapshots.some(({ zxid }) => zxid !== 0n)) {
    throw new StorageError(
      `no snapshot can be used: restore one of them from a backup. ${passedOver.join('; ')}`,
    )
  }
  const tree = emptyTree(secret)
  return {
    tree,
    sessions: new Map(),
    lastZxid: 0n,
    snapshotZxid: null,
    replayed: 0,
    logs: [],
    closed: [],
    passedOver,
    ...uncounted,
  }
}

const uncounted = { digest: null, meant: null, mismatch: null, mismatches: 0 }

function loaded(disk: Disk, path: string, zxid: Zxid, secret?: Uint8Array): Omit<Recovery, 'passedOver'> {
  const size = disk.size(path) ?? 0
  if (!looksComplete(disk.read(path, Math.max(0, size - 5), 5) ?? new Uint8Array(0))) {
    throw new StorageError('it was not written to its end')
  }
  const tree = emptyTree(secret)
  const sessions = new Map<SessionId, number>()
  const closed: string[] = []
  let meant: SnapshotDigest | null = null
  const bytes = disk.read(path)!
  // A tree of another making may keep its nodes otherwise, and be slower.
  const table = tree.nodes as NodeTable | undefined
  readSnapshot(bytes, {
    session: (id, timeout) => void sessions.set(id, timeout),
    node(at, node) {
      try {
        restoreNode(tree, at, node)
      } catch (error) {
        keeperCode(error)
        throw new StorageError(`${at} stands before its parent`)
      }
      if (node.acl === unknownAcl) closed.push(at)
    },
    skim(left, acls) {
      const at = bytes.length - left
      return table === undefined ? 0 : restoreNodes(table, bytes, at, acls) - at
    },
    digest(digest) {
      // Apache's servers write zeros while they have counted nothing.
      if (digest.digestVersion === digestVersion && digest.digest !== 0n) meant = digest
    },
  })
  return {
    tree,
    sessions,
    lastZxid: zxid,
    snapshotZxid: zxid,
    replayed: 0,
    logs: [],
    closed,
    ...uncounted,
    meant,
  }
}

/** Applies what a log file holds beyond what is applied. */
function replay(recovery: Recovery, disk: Disk, log: StoredFile, maxEntry: number): void {
  const path = `${folder}/${log.name}`
  const before = recovery.replayed
  eachEntry(disk, path, maxEntry, payload => {
    if (!isNext(recovery.lastZxid, zxidIn(payload))) return
    const input = juteReader(payload, maxEntry)
    const { header, txn } = readTxn(input)
    const digest = readDigest(input)
    const stamp = { zxid: header.zxid, time: header.time }
    recovery.digest?.foresee(txn, header.clientId, stamp)
    applyTxn(recovery.tree, txn, header.clientId, stamp, null)
    if (txn.type === OpCode.createSession) recovery.sessions.set(header.clientId, txn.record.timeOut)
    else if (txn.type === OpCode.closeSession) recovery.sessions.delete(header.clientId)
    recovery.lastZxid = header.zxid
    recovery.replayed++
    if (digest !== null) compare(recovery, digest)
    if (recovery.meant?.zxid === header.zxid) compareWithSnapshot(recovery)
  })
  if (recovery.replayed > before) recovery.logs.push(path)
}

/** Without a snapshot, or with one that was written before anything or while nothing happened, the tree is one that was meant. */
function beginCounting(recovery: Recovery): void {
  if (recovery.meant?.zxid === recovery.lastZxid) compareWithSnapshot(recovery)
  else if (recovery.lastZxid === 0n) recovery.digest = treeDigest(recovery.tree)
}

/** The replay has come to where the snapshot was complete: from here on each transaction can be compared. */
function compareWithSnapshot(recovery: Recovery): void {
  const { digest } = recovery.meant!
  recovery.meant = null
  recovery.digest = treeDigest(recovery.tree)
  compare(recovery, digest)
}

function compare(recovery: Recovery, meant: bigint): void {
  const { digest, lastZxid } = recovery
  if (digest === null) return
  digest.settle(lastZxid)
  if (digest.value() === meant) return
  recovery.mismatches++
  recovery.mismatch ??= `from ${formatZxid(lastZxid)} on the tree is not the one that was written down there: its digest is ${digest.value()}, and should be ${meant}`
}

/** What was replayed may have come to no digest; and `isChanged`: nodes went that no transaction took along. */
function endCounting(recovery: Recovery, isChanged: boolean): void {
  if (recovery.meant !== null && recovery.meant.zxid > recovery.lastZxid) {
    recovery.mismatches++
    recovery.mismatch ??= `the snapshot holds transactions up to ${formatZxid(recovery.meant.zxid)}, and the log ends at ${formatZxid(recovery.lastZxid)}: what was between is there in part`
  }
  if (isChanged || recovery.digest === null) recovery.digest = treeDigest(recovery.tree)
}

/** Most of a log file is room claimed ahead, so it is read in parts. */
const readAtOnce = 1 << 20

/**
 * Calls `take` for each entry in the file; a payload is there until `take` returns. What goes wrong is told with the file and
 * the place in it.
 */
export function eachEntry(
  disk: Disk,
  path: string,
  maxEntry: number,
  take: (payload: Uint8Array) => void,
): void {
  const size = disk.size(path) ?? 0
  let start = 0
  let at = 0
  try {
    if (!checkLogHead(disk.read(path, 0, sectorLength) ?? new Uint8Array(0))) return
    start = headLength
    const room = new Uint8Array(Math.min(readAtOnce, size))
    for (let wanted = readAtOnce; ; ) {
      const bytes = disk.read(path, start, wanted, room)
      assert(bytes !== null, 'a log does not vanish while it is read')
      at = 0
      let reading = readEntry(bytes, at, maxEntry)
      for (; reading.type === 'entry'; reading = readEntry(bytes, at, maxEntry)) {
        take(reading.payload)
        at = reading.next
      }
      if (reading.type === 'damaged') {
        if (lacksASector(bytes, at, reading.end, start)) return
        throw new StorageError(reading.what)
      }
      if (reading.type !== 'cut short' || start + bytes.length >= size) return
      // What is cut short here goes on in the next part; an entry that is longer than a part needs a larger one.
      wanted = at === 0 ? wanted * 2 : readAtOnce
      start += at
      at = 0
    }
  } catch (error) {
    const { name, message } = error as Error
    if (name !== 'StorageError' && name !== 'KeeperError') throw error
    throw new StorageError(
      `${path}, byte ${start + at}: ${message}. Restore the file from a backup, or, to go on without what is behind this place, remove the file and those after it`,
    )
  }
}

/**
 * Was the entry from `at` to `end` never wholly written? A disk writes sector by sector, in any order, and a sector that
 * it had not come to when the power went reads as zeros. So an entry may have its end and lack its middle. Apache's
 * server refuses to start then; but nobody was promised an entry whose sync had not come back.
 */
function lacksASector(bytes: Uint8Array, at: number, end: number, start: number): boolean {
  // The first four bytes of an entry are zeros anyway.
  for (let from = at + 4; from < end; ) {
    const to = Math.min(end, from + sectorLength - ((start + from) % sectorLength))
    const isCut = from > at + 4 || to < end
    if (isCut && bytes.subarray(from, to).every(byte => byte === 0)) return true
    from = to
  }
  return false
}

const sectorLength = 512

function holdsAnEntry(disk: Disk, name: string): boolean {
  const path = `${folder}/${name}`
  const bytes = disk.read(path, 0, headLength + 12) ?? new Uint8Array(0)
  return bytes.length > headLength && bytes.subarray(headLength).some(byte => byte !== 0)
}

/**
 * Ephemeral nodes whose session is gone would stay forever: no session is left whose end could take them along.
 * Answers whether there were any.
 */
function endOrphans({ tree, sessions, lastZxid }: Recovery): boolean {
  const orphaned = ephemeralOwners(tree).filter(session => !sessions.has(session))
  for (const session of orphaned) {
    for (const path of ephemeralsOf(tree, session)) deleteNode(tree, path, { zxid: lastZxid, time: 0n })
  }
  return orphaned.length > 0
}

/** For people: what a server starts with. */
export function described({ lastZxid, snapshotZxid, replayed }: Recovered): string {
  if (snapshotZxid === null && replayed === 0) return 'a new database'
  const snapshot = snapshotZxid === null ? 'no snapshot' : `the snapshot at ${formatZxid(snapshotZxid)}`
  return `the database at ${formatZxid(lastZxid)}: ${snapshot}, and ${replayed} transactions from the log`
}
