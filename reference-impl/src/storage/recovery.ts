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
import type { SessionId } from '../state/znode.ts'
import { keeperCode } from '../wire/errors.ts'
import { juteReader } from '../wire/jute.ts'
import { OpCode } from '../wire/opcodes.ts'
import { readTxn } from '../wire/txn.ts'
import { formatZxid, type Zxid } from '../wire/zxid.ts'
import type { Disk } from '../world/world.ts'
import { filesOf, folder, isStorageError, StorageError, type StoredFile, unknownAcl } from './files.ts'
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
}

export interface RecoveryRules {
  /** Start from an empty tree when there are logs and no snapshot (`snapshot.trust.empty`). */
  trustEmpty: boolean
  /** The longest entry that may stand in a log. */
  maxEntry: number
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
  const recovery = fromSnapshot(disks.snapshots)
  if (recovery.snapshotZxid === null && !rules.trustEmpty) {
    const log = logs.find(({ name }) => holdsAnEntry(disks.logs, name))
    if (log !== undefined) {
      throw new StorageError(
        `${folder}/${log.name} is there, but no snapshot that it goes on from: put the snapshots back, or set snapshot.trust.empty=true if there never was one`,
      )
    }
  }
  for (const log of logsAfter(logs, recovery.lastZxid)) replay(recovery, disks.logs, log, rules.maxEntry)
  for (const path of recovery.closed) {
    if (nodeAt(recovery.tree, path)?.acl !== unknownAcl) continue
    throw new StorageError(
      `snapshot.${recovery.snapshotZxid!.toString(16)} does not hold the ACL of ${path}, nor does the log after it: restore both from a backup`,
    )
  }
  endOrphans(recovery)
  const { closed: _, ...recovered } = recovery
  return recovered
}

interface Recovery extends Recovered {
  /** Nodes whose ACL the snapshot does not hold. */
  closed: string[]
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

function fromSnapshot(disk: Disk): Recovery {
  const passedOver: string[] = []
  for (const file of filesOf('snapshot', disk.list(folder)).reverse()) {
    const path = `${folder}/${file.name}`
    try {
      return { ...loaded(disk, path, file.zxid), passedOver }
    } catch (error) {
      if (!isStorageError(error)) throw error
      passedOver.push(`${path}: ${error.message}`)
    }
  }
  if (passedOver.length > 0) {
    throw new StorageError(
      `no snapshot can be used: restore one of them from a backup. ${passedOver.join('; ')}`,
    )
  }
  const tree = emptyTree()
  return {
    tree,
    sessions: new Map(),
    lastZxid: 0n,
    snapshotZxid: null,
    replayed: 0,
    logs: [],
    closed: [],
    passedOver,
  }
}

function loaded(disk: Disk, path: string, zxid: Zxid): Omit<Recovery, 'passedOver'> {
  const size = disk.size(path) ?? 0
  if (!looksComplete(disk.read(path, Math.max(0, size - 5), 5) ?? new Uint8Array(0))) {
    throw new StorageError('it was not written to its end')
  }
  const tree = emptyTree()
  const sessions = new Map<SessionId, number>()
  const closed: string[] = []
  readSnapshot(disk.read(path)!, {
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
  })
  return { tree, sessions, lastZxid: zxid, snapshotZxid: zxid, replayed: 0, logs: [], closed }
}

/** Applies what a log file holds beyond what is applied. */
function replay(recovery: Recovery, disk: Disk, log: StoredFile, maxEntry: number): void {
  const path = `${folder}/${log.name}`
  const before = recovery.replayed
  eachEntry(disk, path, maxEntry, payload => {
    if (!isNext(recovery.lastZxid, zxidIn(payload))) return
    const { header, txn } = readTxn(juteReader(payload, maxEntry))
    applyTxn(recovery.tree, txn, header.clientId, { zxid: header.zxid, time: header.time }, null)
    if (txn.type === OpCode.createSession) recovery.sessions.set(header.clientId, txn.record.timeOut)
    else if (txn.type === OpCode.closeSession) recovery.sessions.delete(header.clientId)
    recovery.lastZxid = header.zxid
    recovery.replayed++
  })
  if (recovery.replayed > before) recovery.logs.push(path)
}

/** Most of a log file is room claimed ahead, so it is read in parts. */
const readAtOnce = 1 << 20

/** Calls `take` for each entry in the file. What goes wrong is told with the file and the place in it. */
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
    for (let wanted = readAtOnce; ; ) {
      const bytes = disk.read(path, start, wanted)
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

/** Ephemeral nodes whose session is gone would stay forever: no session is left whose end could take them along. */
function endOrphans({ tree, sessions, lastZxid }: Recovery): void {
  for (const session of ephemeralOwners(tree)) {
    if (sessions.has(session)) continue
    for (const path of ephemeralsOf(tree, session)) deleteNode(tree, path, { zxid: lastZxid, time: 0n })
  }
}

/** For people: what a server starts with. */
export function described({ lastZxid, snapshotZxid, replayed }: Recovered): string {
  if (snapshotZxid === null && replayed === 0) return 'a new database'
  const snapshot = snapshotZxid === null ? 'no snapshot' : `the snapshot at ${formatZxid(snapshotZxid)}`
  return `the database at ${formatZxid(lastZxid)}: ${snapshot}, and ${replayed} transactions from the log`
}
