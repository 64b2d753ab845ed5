/**
 * The error codes that travel in a reply header, and the one error class that carries them.
 * Source: Apache's KeeperException.Code. Codes above -100 are the system's fault, those below the caller's.
 */
export const Code = {
  OK: 0,
  SYSTEMERROR: -1,
  RUNTIMEINCONSISTENCY: -2,
  DATAINCONSISTENCY: -3,
  CONNECTIONLOSS: -4,
  MARSHALLINGERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATIONTIMEOUT: -7,
  BADARGUMENTS: -8,
  UNKNOWNSESSION: -12,
  NEWCONFIGNOQUORUM: -13,
  RECONFIGINPROGRESS: -14,
  APIERROR: -100,
  NONODE: -101,
  NOAUTH: -102,
  BADVERSION: -103,
  NOCHILDRENFOREPHEMERALS: -108,
  NODEEXISTS: -110,
  NOTEMPTY: -111,
  SESSIONEXPIRED: -112,
  INVALIDCALLBACK: -113,
  INVALIDACL: -114,
  AUTHFAILED: -115,
  SESSIONMOVED: -118,
  NOTREADONLY: -119,
  EPHEMERALONLOCALSESSION: -120,
  NOWATCHER: -121,
  REQUESTTIMEOUT: -122,
  RECONFIGDISABLED: -123,
  SESSIONCLOSEDREQUIRESASLAUTH: -124,
  QUOTAEXCEEDED: -125,
  THROTTLEDOP: -127,
} as const

export type CodeName = keyof typeof Code
export type Code = (typeof Code)[CodeName]

const names = new Map<number, CodeName>(Object.entries(Code).map(([name, code]) => [code, name as CodeName]))

/** The name of a code as ZooKeeper's documentation writes it; an unknown code is shown as its number. */
export function codeName(code: number): string {
  return names.get(code) ?? String(code)
}

/** Broken input, told with ZooKeeper's own code. Compare `code`, never the class. */
export class KeeperError extends Error {
  override readonly name = 'KeeperError'
  readonly code: Code

  constructor(code: CodeName, detail?: string) {
    super(detail === undefined ? code : `${code}: ${detail}`)
    this.code = Code[code]
  }
}

/** The code of a KeeperError; anything else is the program's fault, and is thrown on. */
export function keeperCode(error: unknown): Code {
  const { name, code } = error as KeeperError
  if (name === 'KeeperError') return code
  throw error
}
