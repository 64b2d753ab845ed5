/**
 * The snapshot: the whole tree in one file, so that a restart need not replay history from its first day.
 *
 * It is fuzzy. Nobody stops the server while it is written: a piece goes to the disk, transactions are applied, the next
 * piece follows. So the file holds no state that ever was. It holds every change up to the zxid in its name and some
 * of those after it, and the replay of the log from that zxid on makes it right, because a transaction may be
 * applied twice.
 *
 * Its parts: head, sessions, ACLs, nodes, seal; digest of the tree, seal. A seal is the checksum of all before it.
 * Source: Apache's SerializeUtils, DataTree.serialize and FileSnap.
 */
import { adler32, adlerOfNothing } from '../lib/adler32.ts'
import { openAcl } from '../state/identity.ts'
import { sharedAcl } from '../state/shared-acl.ts'
import type { SessionId, Znode } from '../state/znode.ts'
import type { InputArchive } from '../wire/archive.ts'
import { juteReader, juteWriter } from '../wire/jute.ts'
import {
  type ACL,
  readAclEntry,
  readFileHeader,
  readSeal,
  readSessionTimeout,
  readSnapshotDigest,
  readStatPersisted,
  type SnapshotDigest,
  writeAclEntry,
  writeFileHeader,
  writeSeal,
  writeSessionTimeout,
  writeSnapshotDigest,
  writeStatPersisted,
} from '../wire/records.ts'
import { digestVersion } from '../wire/txn.ts'
import type { Zxid } from '../wire/zxid.ts'
import { StorageError, unknownAcl } from './files.ts'

/** What a snapshot is taken of. */
export interface SnapshotSource {
  /** The last transaction that is applied when the snapshot starts. */
  zxid: Zxid
  /** The sessions alive then, and their timeouts in milliseconds. */
  sessions: ReadonlyMap<SessionId, number>
  /** Of the tree at this moment, and which transaction it has come to; without it, nobody counts. */
  digest?(): Omit<SnapshotDigest, 'digestVersion'>
  /** All nodes with their paths, parents before children; goes on correctly while the tree changes. Walked twice. */
  nodes(): Iterator<[path: string, node: Readonly<Znode>]>
}

export interface SnapshotWriter {
  /** The next bytes of the file, now and then none; null when it is complete. */
  next(): Uint8Array | null
}

/** `ZKSN`, the version of the format, and a number for the database that is -1 in snapshots. */
const magic = 0x5a4b534e
const version = 2
const dbid = -1n
/** Says that no digest has been recorded: whoever reads it then has nothing to compare with. */
const noDigest = { zxid: 0n, digest: 0n }

/** Key of the ACL that lets everybody do everything. It is not in the table of ACLs. */
const openKey = -1n

/** What a piece may cost: so many nodes are looked at, or so many bytes are written, and a little more. */
export interface PieceLimits {
  nodes: number
  bytes: number
}

/** A millisecond or two, also on a slow machine; and the archive need not grow for it. */
const usualLimits: PieceLimits = { nodes: 400, bytes: 50_000 }

/** To look at an ACL takes a tenth of the time that writing a node takes. */
const surveyedPerWritten = 10

/** Writes a snapshot piece by piece; however large the tree, a piece is small. */
export function snapshotWriter(source: SnapshotSource, limits: PieceLimits = usualLimits): SnapshotWriter {
  const out = juteWriter()
  const acls = new AclTable()
  /** Of all pieces before this one; of this piece too, up to `summed`. */
  let checksum = adlerOfNothing
  let summed = 0
  let nodes = source.nodes()
  let stage: 'survey' | 'head' | 'nodes' | 'tail' | 'done' = 'survey'

  /** The ACLs come first in the file, so they are collected first. */
  function survey(): void {
    for (let count = 0; count < limits.nodes * surveyedPerWritten; count++) {
      const { done, value } = nodes.next()
      if (done === true) {
        nodes = source.nodes()
        stage = 'head'
        return
      }
      acls.add(value[1].acl)
    }
  }

  function head(): void {
    // #region lab 32: D. write head, sessions and ACLs
    writeFileHeader(out, { magic, version, dbid })
    out.int(source.sessions.size)
    for (const [sessionId, timeOut] of source.sessions) writeSessionTimeout(out, { sessionId, timeOut })
    out.int(acls.entries.length)
    for (const entry of acls.entries) writeAclEntry(out, entry)
    stage = 'nodes'
    // #endregion
  }

  function someNodes(): void {
    // #region lab 32: D. write the nodes of a piece
    for (let written = 0; written < limits.nodes && out.bytes().length < limits.bytes; ) {
      const { done, value } = nodes.next()
      if (done === true) {
        out.ustring('/')
        stage = 'tail'
        return
      }
      const [path, node] = value
      // The replay creates it. It does not count, or a writer might never catch up with a busy client.
      if (node.czxid > source.zxid) continue
      written++
      out.ustring(path === '/' ? '' : path)
      out.buffer(node.data)
      out.long(acls.keyOf(node.acl))
      writeStatPersisted(out, node)
    }
    // #endregion
  }

  function tail(): void {
    // #region lab 32: D. seal the file
    seal()
    writeSnapshotDigest(out, digestNow())
    seal()
    stage = 'done'
    // #endregion
  }

  /** What the tree has come to by now: a replay that comes to the same transaction must find the same. */
  function digestNow(): SnapshotDigest {
    return { ...(source.digest?.() ?? noDigest), digestVersion }
  }

  /** Writes the checksum of all bytes of the file up to here. */
  function seal(): void {
    // #region lab 32: D. write the checksum of all bytes so far
    sum()
    writeSeal(out, { adler32: BigInt(checksum), path: '/' })
    // #endregion
  }

  /** Brings the checksum up to the last byte written. */
  function sum(): void {
    const bytes = out.bytes()
    checksum = adler32(bytes.subarray(summed), checksum)
    summed = bytes.length
  }

  return {
    next() {
      if (stage === 'done') return null
      out.reset()
      summed = 0
      if (stage === 'survey') survey()
      else if (stage === 'head') head()
      else if (stage === 'nodes') someNodes()
      else tail()
      sum()
      return out.bytes()
    },
  }
}

/** Gives each ACL a number, so that a node need not repeat it. Most trees have a handful of them. */
class AclTable {
  readonly entries: { key: bigint; acl: ACL[] }[] = []
  readonly #keys = new Map<string, bigint>()
  /** Nodes share their lists, so most are known at first sight. */
  readonly #seen = new Map<readonly ACL[], bigint>()

  add(acl: readonly ACL[]): void {
    if (this.#seen.has(acl)) return
    const text = textOf(acl)
    let key = text === openText ? openKey : this.#keys.get(text)
    if (key === undefined) {
      key = BigInt(this.entries.length + 1)
      this.entries.push({ key, acl: [...acl] })
      this.#keys.set(text, key)
    }
    this.#seen.set(acl, key)
  }

  /** For an ACL that was set since the table was written: a key that is not in it. The log has the ACL. */
  keyOf(acl: readonly ACL[]): bigint {
    const seen = this.#seen.get(acl)
    if (seen !== undefined) return seen
    const text = textOf(acl)
    if (text === openText) return openKey
    return this.#keys.get(text) ?? BigInt(this.entries.length + 1)
  }
}

const openText = textOf(openAcl)

function textOf(acl: readonly ACL[]): string {
  return JSON.stringify(acl.map(({ perms, id }) => [perms, id.scheme, id.id]))
}

/** Takes what a snapshot holds. */
export interface SnapshotReader {
  session(id: SessionId, timeout: number): void
  /** Parents come before their children; the first is `/`. A node whose ACL is not in the file has `unknownAcl`. */
  node(path: string, node: Znode): void
  /**
   * Offers to take nodes from the bytes itself, which is faster. `left`: how many bytes there are from the next node to the end
   * of the file. Answers how many of them it has taken, which may be none; the node behind those is to be read.
   */
  skim?(left: number, acls: ReadonlyMap<bigint, readonly ACL[]>): number
  /** What the tree had come to when its last node was written. */
  digest?(digest: SnapshotDigest): void
}

/** How every complete snapshot ends: with the path of its last seal. A look at five bytes spares reading the rest in vain. */
export function looksComplete(lastBytes: Uint8Array): boolean {
  // #region lab 32: E. tell a complete snapshot by its end
  const end = [0, 0, 0, 1, 0x2f]
  return lastBytes.length >= end.length && end.every((byte, i) => lastBytes.at(i - end.length) === byte)
  // #endregion
}

/** Reads a snapshot. Throws a StorageError when it is not one, is not all there, or does not match a seal. */
export function readSnapshot(bytes: Uint8Array, reader: SnapshotReader): void {
  const input = juteReader(bytes, bytes.length)
  let checksum = adlerOfNothing
  let summed = 0

  /** Reads the seal that must stand here, and compares it with all bytes before it. */
  function checkSeal(): void {
    // #region lab 32: E. check a seal
    const here = bytes.length - input.remaining()
    checksum = adler32(bytes.subarray(summed, here), checksum)
    summed = here
    const seal = readSeal(input)
    if (seal.adler32 !== BigInt(checksum) || seal.path !== '/') {
      throw new StorageError('the snapshot does not match its checksum')
    }
    // #endregion
  }

  try {
    // #region lab 32: E. read the parts of a snapshot
    const head = readFileHeader(input)
    if (head.magic !== magic || head.version !== version) {
      throw new StorageError('it does not begin as a snapshot does (ZKSN, version 2)')
    }
    readSessions(input, reader)
    readNodes(input, readAcls(input), reader)
    checkSeal()
    // What servers before 3.6 wrote ends here.
    if (input.remaining() > 0) {
      const digest = readSnapshotDigest(input)
      checkSeal()
      reader.digest?.(digest)
    }
    // Since 3.9 the zxid may follow once more.
    if (input.remaining() > 0) {
      input.long()
      checkSeal()
    }
    if (input.remaining() > 0) throw new StorageError('something follows the end of the snapshot')
    // #endregion
  } catch (error) {
    const { name, message } = error as Error
    if (name !== 'KeeperError') throw error
    throw new StorageError(`the snapshot cannot be read: ${message}`)
  }
}

function readSessions(input: InputArchive, reader: SnapshotReader): void {
  for (let count = countIn(input); count > 0; count--) {
    const { sessionId, timeOut } = readSessionTimeout(input)
    reader.session(sessionId, timeOut)
  }
}

function readAcls(input: InputArchive): Map<bigint, readonly ACL[]> {
  const acls = new Map<bigint, readonly ACL[]>([[openKey, openAcl]])
  for (let count = countIn(input); count > 0; count--) {
    const { key, acl } = readAclEntry(input)
    acls.set(key, sharedAcl(acl))
  }
  return acls
}

function readNodes(
  input: InputArchive,
  acls: ReadonlyMap<bigint, readonly ACL[]>,
  reader: SnapshotReader,
): void {
  // #region lab 32: E. read the nodes
  for (;;) {
    if (reader.skim !== undefined) input.skip(reader.skim(input.remaining(), acls))
    const path = input.ustring()
    if (path === '/') return
    if (path === null) throw new StorageError('a node in the snapshot has no path')
    const data = input.buffer()
    const acl = acls.get(input.long()) ?? unknownAcl
    reader.node(path === '' ? '/' : path, { data, acl, ...readStatPersisted(input) })
  }
  // #endregion
}

/** Of entries of at least eight bytes; so a count that was damaged is found out before it costs anything. */
function countIn(input: InputArchive): number {
  const count = input.int()
  if (count < 0 || count * 8 > input.remaining()) {
    throw new StorageError(`the snapshot cannot hold ${count} entries`)
  }
  return count
}
