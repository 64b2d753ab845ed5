/**
 * The writes of a client as its program puts them, and as they travel: alone, or as parts of a transaction.
 */
import type { InputArchive, OutputArchive } from '../wire/archive.ts'
import { KeeperError } from '../wire/errors.ts'
import { CreateMode, OpCode, Perms } from '../wire/opcodes.ts'
import {
  type ACL,
  readCreate2Response,
  readCreateResponse,
  readSetDataResponse,
  type Stat,
  writeCheckVersionRequest,
  writeCreateRequest,
  writeCreateTTLRequest,
  writeDeleteRequest,
  writeSetDataRequest,
} from '../wire/records.ts'
import type { Millis } from '../world/world.ts'

/** What a node may hold: bytes, a text that is stored as UTF-8, or nothing at all, which is not the same as no bytes. */
export type Data = Uint8Array | string | null

export interface CreateOptions {
  /** Gone when the session is. */
  ephemeral?: boolean
  /** Ten digits that count up are added to the name. */
  sequential?: boolean
  /** Removed by the server some time after its last child is gone. */
  container?: boolean
  /** Removed by the server when nothing has changed it for so many milliseconds and it has no children. */
  ttl?: Millis
  /** Who may do what with it; everybody everything, if not given. */
  acl?: readonly ACL[]
}

/** The version that any version is right for. */
export const anyVersion = -1

export type Write =
  | { type: 'create'; path: string; data: Data; options: CreateOptions }
  | { type: 'set'; path: string; data: Data; version: number }
  | { type: 'delete'; path: string; version: number }
  | { type: 'check'; path: string; version: number }

/** What came of a write: for `create` the path that the node got, and its Stat, which servers leave out in transactions. */
export type WriteResult =
  | { type: 'create'; path: string; stat: Stat | null }
  | { type: 'set'; stat: Stat }
  | { type: 'delete' }
  | { type: 'check' }

/** Everybody may do everything. */
export const openAcl: readonly ACL[] = [{ perms: Perms.ALL, id: { scheme: 'world', id: 'anyone' } }]

export function bytesOf(data: Data): Uint8Array | null {
  return typeof data === 'string' ? encoder.encode(data) : data
}

const encoder = new TextEncoder()

/** The operation code of a write. Throws KeeperError BADARGUMENTS for a node of two kinds that exclude each other. */
export function opOf(write: Write): number {
  switch (write.type) {
    case 'create':
      return createOp(write.options)
    case 'set':
      return OpCode.setData
    case 'delete':
      return OpCode.delete
    case 'check':
      return OpCode.check
  }
}

function createOp({ container, ttl, ephemeral, sequential }: CreateOptions): number {
  if (container && (ttl !== undefined || ephemeral || sequential)) {
    throw new KeeperError('BADARGUMENTS', 'a container is neither ephemeral nor sequential, and has no ttl')
  }
  if (ttl !== undefined && ephemeral) {
    throw new KeeperError('BADARGUMENTS', 'an ephemeral node lives as long as its session, and has no ttl')
  }
  if (container) return OpCode.createContainer
  return ttl === undefined ? OpCode.create2 : OpCode.createTTL
}

/** Puts the record of a write; `path` as the server knows it. */
export function putWrite(out: OutputArchive, write: Write, path: string): void {
  switch (write.type) {
    case 'create': {
      const { acl = openAcl, ttl } = write.options
      const flags = modeOf(write.options)
      const request = { path, data: bytesOf(write.data), acl: [...acl], flags }
      if (ttl === undefined) writeCreateRequest(out, request)
      else writeCreateTTLRequest(out, { ...request, ttl: BigInt(ttl) })
      return
    }
    case 'set':
      writeSetDataRequest(out, { path, data: bytesOf(write.data), version: write.version })
      return
    case 'delete':
      writeDeleteRequest(out, { path, version: write.version })
      return
    case 'check':
      writeCheckVersionRequest(out, { path, version: write.version })
  }
}

function modeOf({ ephemeral, sequential, container, ttl }: CreateOptions): CreateMode {
  if (container) return CreateMode.CONTAINER
  if (ttl !== undefined) {
    return sequential ? CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL : CreateMode.PERSISTENT_WITH_TTL
  }
  if (ephemeral) return sequential ? CreateMode.EPHEMERAL_SEQUENTIAL : CreateMode.EPHEMERAL
  return sequential ? CreateMode.PERSISTENT_SEQUENTIAL : CreateMode.PERSISTENT
}

/**
 * Reads what the server says of a write that it has done: `op` is what it calls it. `seen` makes the client's path of
 * the server's.
 */
export function takeResult(input: InputArchive, op: number, seen: (path: string) => string): WriteResult {
  switch (op) {
    case OpCode.create:
      return { type: 'create', path: seen(readCreateResponse(input).path), stat: null }
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL: {
      const { path, stat } = readCreate2Response(input)
      return { type: 'create', path: seen(path), stat }
    }
    case OpCode.setData:
      return { type: 'set', stat: readSetDataResponse(input).stat }
    case OpCode.delete:
      return { type: 'delete' }
    case OpCode.check:
      return { type: 'check' }
    default:
      throw new KeeperError('MARSHALLINGERROR', `a result of operation ${op}, which is no write`)
  }
}
