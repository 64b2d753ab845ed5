/**
 * Requests, as the stages of the pipeline hand them on, and which of them are writes: those that every server must
 * see in the same order. All others are answered by the server that gets them, from what it has applied.
 */
import type { Identity } from '../state/identity.ts'
import type { Excess, Quotas } from '../state/quotas.ts'
import type { SessionId } from '../state/znode.ts'
import type { InputArchive } from '../wire/archive.ts'
import { KeeperError } from '../wire/errors.ts'
import { CreateMode, OpCode, opName } from '../wire/opcodes.ts'
import * as records from '../wire/records.ts'
import type { Zxid } from '../wire/zxid.ts'

/** Who asks. */
export interface Requester {
  session: SessionId
  identities: readonly Identity[]
}

/** What the judgement of a write depends on besides the tree, the write and who asks. */
export interface Situation {
  zxid: Zxid
  /** Has the session neither expired nor been closed, nor begun to be? */
  isAlive: boolean
  /** Has its client gone to another server, and this write been late? Without it, no. */
  hasMoved?: boolean
  /** No access is refused. */
  skipAcl: boolean
  /** What ids in access control lists may be of. */
  schemes: ReadonlySet<string>
  /** Nodes with a time to live are allowed. */
  extendedTypes: boolean
  reconfigEnabled: boolean
  /** What there may be how much of; without it, anything. */
  quota?: QuotaRules
}

export interface QuotaRules {
  readonly quotas: Quotas
  /** Is a write beyond a hard limit refused? Else it is only told of. */
  readonly isEnforced: boolean
  readonly report: (excess: Excess) => void
}

/** What a request asks to change. */
export type Write =
  | { type: typeof OpCode.create | typeof OpCode.create2; request: records.CreateRequest }
  | { type: typeof OpCode.createContainer; request: records.CreateRequest }
  | { type: typeof OpCode.createTTL; request: records.CreateTTLRequest }
  | { type: typeof OpCode.delete; request: records.DeleteRequest }
  | { type: typeof OpCode.setData; request: records.SetDataRequest }
  | { type: typeof OpCode.setACL; request: records.SetACLRequest }
  | { type: typeof OpCode.check; request: records.CheckVersionRequest }
  | { type: typeof OpCode.reconfig; request: records.ReconfigRequest }
  | { type: typeof OpCode.multi; writes: readonly Write[] }
  | { type: typeof OpCode.createSession; timeout: number }
  | { type: typeof OpCode.closeSession }

export function isWrite(type: number): boolean {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
    case OpCode.delete:
    case OpCode.setData:
    case OpCode.setACL:
    case OpCode.multi:
    case OpCode.reconfig:
    case OpCode.closeSession:
      return true
    default:
      return false
  }
}

/** Reads the record that follows a request's header. Throws MARSHALLINGERROR when it is not one of the type. */
export function readWrite(type: number, input: InputArchive): Write {
  switch (type) {
    case OpCode.reconfig:
      return { type, request: records.readReconfigRequest(input) }
    case OpCode.multi:
      return { type, writes: readMulti(input) }
    case OpCode.closeSession:
      return { type }
    default:
      return readSingle(type, input)
  }
}

/** One of the writes that may stand alone or in a multi; `check` may only stand in one. */
function readSingle(type: number, input: InputArchive): Write {
  switch (type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
      return { type, request: records.readCreateRequest(input) }
    case OpCode.createTTL:
      return { type, request: records.readCreateTTLRequest(input) }
    case OpCode.delete:
      return { type, request: records.readDeleteRequest(input) }
    case OpCode.setData:
      return { type, request: records.readSetDataRequest(input) }
    case OpCode.setACL:
      return { type, request: records.readSetACLRequest(input) }
    case OpCode.check:
      return { type, request: records.readCheckVersionRequest(input) }
    default:
      throw new KeeperError('MARSHALLINGERROR', `${opName(type)} is not a write`)
  }
}

function readMulti(input: InputArchive): Write[] {
  const writes: Write[] = []
  for (let header = records.readMultiHeader(input); !header.done; header = records.readMultiHeader(input)) {
    switch (header.type) {
      case OpCode.create:
      case OpCode.create2:
      case OpCode.createContainer:
        writes.push(createByMode(records.readCreateRequest(input)))
        break
      case OpCode.createTTL: {
        const request = records.readCreateTTLRequest(input)
        writes.push(hasTtl(request) ? { type: header.type, request } : createByMode(request))
        break
      }
      case OpCode.setACL:
        throw new KeeperError('MARSHALLINGERROR', 'setACL in a multi')
      default:
        writes.push(readSingle(header.type, input))
    }
  }
  return writes
}

/** In a multi the mode alone tells what is created; and a create2 is answered as a create is, without a Stat. */
function createByMode(request: records.CreateRequest): Write {
  if (hasTtl(request)) throw new KeeperError('MARSHALLINGERROR', 'a time to live, and no place for it')
  const isContainer = request.flags === CreateMode.CONTAINER
  return { type: isContainer ? OpCode.createContainer : OpCode.create, request }
}

function hasTtl({ flags }: records.CreateRequest): boolean {
  return flags === CreateMode.PERSISTENT_WITH_TTL || flags === CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL
}
