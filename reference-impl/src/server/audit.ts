/**
 * Who changed what, for those who must be able to tell later: a line for each change and each attempt, in the words of
 * Apache's audit log, `name=value` with tabs between them. Reads leave no line.
 * Source: Apache's AuditHelper, AuditEvent and AuthUtil.
 */
import { readWrite, type Write } from '../pipeline/request.ts'
import type { Outcome } from '../state/apply.ts'
import type { Identity } from '../state/identity.ts'
import type { SessionId } from '../state/znode.ts'
import { juteReader } from '../wire/jute.ts'
import { CreateMode, OpCode, Perms } from '../wire/opcodes.ts'
import * as records from '../wire/records.ts'

export interface AuditLine {
  text: string
  isFailure: boolean
}

/** Somebody whose request has been judged. */
export interface Asker {
  session: SessionId
  identities: readonly Identity[]
  address: string
}

type Fields = Readonly<Record<string, string | null>>

/** What is written down of a request, whose frame this was, and of what it came to. Of garbage there is nothing to tell. */
export function auditOf(asker: Asker, frame: Uint8Array, outcome: Outcome): AuditLine[] {
  try {
    const input = juteReader(frame)
    const write = readWrite(records.readRequestHeader(input).type, input)
    return told(write, outcome).map(({ isFailure, ...fields }) => {
      const { session, identities, address } = asker
      const who = { session: hex(session), user: usersOf(identities), ip: address }
      return line({ ...who, ...(fields as Fields) }, isFailure ? 'failure' : 'success')
    })
  } catch (error) {
    if ((error as Error).name === 'KeeperError') return []
    throw error
  }
}

/** A session that ends takes its nodes with it; that is the server's doing. */
export function auditOfEnd(session: SessionId, serverUser: string, paths: readonly string[]): AuditLine[] {
  const operation = 'ephemeralZNodeDeletionOnSessionCloseOrExpire'
  return paths.map(znode => line({ session: hex(session), user: serverUser, operation, znode }, 'success'))
}

/** A server starts, or is told to stop. */
export function auditOfServer(
  serverUser: string,
  operation: 'serverStart' | 'serverStop',
  result: 'success' | 'failure' | 'invoked',
): AuditLine {
  return line({ user: serverUser, operation }, result)
}

function line(fields: Fields, result: string): AuditLine {
  const parts = Object.entries({ ...fields, result }).filter(([, value]) => value !== null)
  // A path that was refused may be anything, and must not look like another field.
  const text = parts.map(([name, value]) => `${name}=${value!.replaceAll(/\p{Cc}/gu, ' ')}`).join('\t')
  return { text, isFailure: result === 'failure' }
}

interface Told {
  operation: string
  znode: string | null
  znode_type?: string
  acl?: string
  isFailure: boolean
}

function told(write: Write, outcome: Outcome): Told[] {
  const isFailure = outcome.type === OpCode.error
  switch (write.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL: {
      const { path, flags } = write.request
      const znode_type = modes.get(flags)
      if (znode_type === undefined) return []
      return [{ operation: 'create', znode: outcome.path ?? path, znode_type, isFailure }]
    }
    case OpCode.delete:
      return [{ operation: 'delete', znode: write.request.path, isFailure }]
    case OpCode.setData:
      return [{ operation: 'setData', znode: write.request.path, isFailure }]
    case OpCode.setACL: {
      const { path, acl } = write.request
      return [{ operation: 'setAcl', znode: path, acl: (acl ?? []).map(shown).join(''), isFailure }]
    }
    case OpCode.multi: {
      const { parts = [] } = outcome
      // None of it has happened, whichever part was to blame.
      if (isFailure || parts.some(({ type }) => type === OpCode.error)) {
        return [{ operation: 'multiOperation', znode: null, isFailure: true }]
      }
      return write.writes.flatMap((each, at) => told(each, parts[at]!))
    }
    case OpCode.reconfig:
      return [{ operation: 'reconfig', znode: null, isFailure }]
    default:
      return []
  }
}

const modes = new Map<number, string>(
  Object.entries(CreateMode).map(([name, flags]) => [flags, name.toLowerCase()]),
)

/** One after the other, with nothing between them: so Apache's server writes lists. */
function shown({ perms, id: { scheme, id } }: records.ACL): string {
  const letters = permLetters.filter(([, bit]) => (perms & bit) !== 0).map(([letter]) => letter)
  return `${scheme}:${id}:${letters.join('')}`
}

const permLetters = [
  ['c', Perms.CREATE],
  ['d', Perms.DELETE],
  ['r', Perms.READ],
  ['w', Perms.WRITE],
  ['a', Perms.ADMIN],
] as const

/** Names without schemes, the address last; a password's hash is no name. */
function usersOf(identities: readonly Identity[]): string | null {
  const names = [...identities]
    .sort((one, other) => Number(one.scheme === 'ip') - Number(other.scheme === 'ip'))
    .map(({ scheme, id }) => (scheme === 'digest' ? id.split(':')[0]! : scheme === 'super' ? '' : id))
  return names.filter(name => name.trim() !== '').join(',') || null
}

function hex(session: SessionId): string {
  return `0x${BigInt.asUintN(64, session).toString(16)}`
}
