/** The same snapshot in another style: the writer is a generator, the reader a list of steps. */
import { adler32 } from '../lib/adler32.ts'
import { openAcl } from '../state/identity.ts'
import type { SessionId, Znode } from '../state/znode.ts'
import type { OutputArchive } from '../wire/archive.ts'
import { juteReader, juteWriter } from '../wire/jute.ts'
import * as records from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'
import { StorageError, unknownAcl } from './files.ts'

export interface SnapshotSource {
  zxid: Zxid
  sessions: ReadonlyMap<SessionId, number>
  nodes(): Iterator<[path: string, node: Readonly<Znode>]>
}

export interface SnapshotWriter {
  next(): Uint8Array | null
}

export interface PieceLimits {
  nodes: number
  bytes: number
}

export interface SnapshotReader {
  session(id: SessionId, timeout: number): void
  node(path: string, node: Znode): void
}

const head = { magic: 0x5a4b534e, version: 2, dbid: -1n }

export function snapshotWriter(
  source: SnapshotSource,
  limits: PieceLimits = { nodes: 500, bytes: 100_000 },
): SnapshotWriter {
  const out = juteWriter()
  const pieces = piecesOf(source, limits, out)
  return {
    next() {
      const { done, value } = pieces.next()
      return done === true ? null : value
    },
  }
}

function* piecesOf(source: SnapshotSource, limits: PieceLimits, out: OutputArchive): Generator<Uint8Array> {
  const keys = new Map<string, number>([[textOf(openAcl), -1]])
  const table: records.AclEntry[] = []
  let sum = 1

  const cut = (): Uint8Array => {
    const piece = out.bytes()
    sum = adler32(piece, sum)
    out.reset()
    return piece
  }

  const lists = source.nodes()
  for (let seen = 1, next = lists.next(); next.done !== true; seen++, next = lists.next()) {
    const acl = [...next.value[1].acl]
    const text = textOf(acl)
    if (!keys.has(text)) {
      keys.set(text, table.length + 1)
      table.push({ key: BigInt(table.length + 1), acl })
    }
    if (seen % (20 * limits.nodes) === 0) yield new Uint8Array(0)
  }
  yield new Uint8Array(0)

  records.writeFileHeader(out, head)
  out.int(source.sessions.size)
  source.sessions.forEach((timeOut, sessionId) => {
    records.writeSessionTimeout(out, { sessionId, timeOut })
  })
  out.int(table.length)
  for (const entry of table) records.writeAclEntry(out, entry)

  const nodes = source.nodes()
  let written = 0
  for (let next = nodes.next(); next.done !== true; next = nodes.next()) {
    const [path, node] = next.value
    if (node.czxid > source.zxid) continue
    const acl = BigInt(keys.get(textOf(node.acl)) ?? table.length + 1)
    out.ustring(path.slice(path === '/' ? 1 : 0))
    records.writeDataNode(out, { data: node.data, acl, stat: node })
    written += 1
    if (written % limits.nodes === 0 || out.bytes().length >= limits.bytes) yield cut()
  }
  out.ustring('/')
  yield cut()
  records.writeSeal(out, { adler32: BigInt(sum), path: '/' })
  const { zxid, digest } = source.digest?.() ?? { zxid: 0n, digest: 0n }
  records.writeSnapshotDigest(out, { zxid, digestVersion: 2, digest })
  yield cut()
  records.writeSeal(out, { adler32: BigInt(sum), path: '/' })
  yield cut()
}

function textOf(acl: readonly records.ACL[]): string {
  return acl.map(({ perms, id }) => [perms, id.scheme, id.id].join('\0')).join('\n')
}

export function looksComplete(lastBytes: Uint8Array): boolean {
  return [...lastBytes].slice(-5).join(' ') === '0 0 0 1 47'
}

export function readSnapshot(bytes: Uint8Array, reader: SnapshotReader): void {
  try {
    read(bytes, reader)
  } catch (error) {
    const { name, message } = error as Error
    throw name === 'KeeperError' ? new StorageError(message) : error
  }
}

function read(bytes: Uint8Array, reader: SnapshotReader): void {
  const input = juteReader(bytes, bytes.length)
  const seal = (): void => {
    const sum = adler32(bytes.subarray(0, bytes.length - input.remaining()))
    const found = records.readSeal(input)
    if (found.path !== '/' || found.adler32 !== BigInt(sum)) throw new StorageError('a wrong checksum')
  }
  const many = (): number => {
    const count = input.int()
    if (count < 0 || count > input.remaining()) throw new StorageError(`a count of ${count}`)
    return count
  }

  const { magic, version } = records.readFileHeader(input)
  if (magic !== head.magic || version !== head.version) throw new StorageError('no snapshot')
  for (let left = many(); left > 0; left--) {
    const { sessionId, timeOut } = records.readSessionTimeout(input)
    reader.session(sessionId, timeOut)
  }
  const acls = new Map<bigint, readonly records.ACL[]>([[-1n, openAcl]])
  for (let left = many(); left > 0; left--) {
    const { key, acl } = records.readAclEntry(input)
    acls.set(key, acl)
  }
  for (let path = input.ustring(); path !== '/'; path = input.ustring()) {
    if (path === null) throw new StorageError('a node without a path')
    const { data, acl, stat } = records.readDataNode(input)
    reader.node(path || '/', { data, acl: acls.get(acl) ?? unknownAcl, ...stat })
  }
  seal()
  if (input.remaining() === 0) return
  const digest = records.readSnapshotDigest(input)
  seal()
  reader.digest?.(digest)
  if (input.remaining() === 0) return
  input.long()
  seal()
  if (input.remaining() > 0) throw new StorageError('too long')
}
