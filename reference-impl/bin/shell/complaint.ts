/** What went wrong, in words for who sits before the shell. */
import { type CodeName, codeName, type KeeperError } from '../../src/wire/errors.ts'
import { UsageError } from './command.ts'

/** An error as the shell tells it: what was refused, why, and the name under which the documentation has it. */
export function complaint(error: unknown): string {
  const { name, message, code } = error as KeeperError
  if (error instanceof UsageError) return message
  if (name !== 'KeeperError') throw error
  const codeText = codeName(code)
  const what = message.slice(codeText.length + 2)
  // The words behind it say it all.
  if (codeText === 'BADARGUMENTS') return what
  const why = reasons[codeText as CodeName]
  if (why === undefined || what === '') return message
  return `${what}: ${why} (${codeText})`
}

const reasons: Partial<Record<CodeName, string>> = {
  CONNECTIONLOSS: 'the connection was lost; it may have happened or not',
  UNIMPLEMENTED: 'this server does not know or not allow it',
  NONODE: 'there is no such node, or none above it',
  NOAUTH: 'this session may not do that; see getAcl and addauth',
  BADVERSION: 'the node has another version, so somebody has changed it since',
  NOCHILDRENFOREPHEMERALS: 'an ephemeral node has no children',
  NODEEXISTS: 'it is there already',
  NOTEMPTY: 'it has children; deleteall deletes them too',
  SESSIONEXPIRED: 'the session is over; connect begins another',
  INVALIDACL: 'the list is empty, or of a scheme that the server does not know, or auth without a login',
  AUTHFAILED: 'the login was refused',
  NOTREADONLY: 'this server has no quorum and only reads',
  NOWATCHER: 'this session has no such watch on it',
  RECONFIGDISABLED: 'the servers do not allow it (reconfigEnabled)',
  QUOTAEXCEEDED: 'a quota does not allow more; see listquota',
}
