/** What `zk-inspect` says of the things in a file: of each a line for people and an object for programs. */
import type { Znode } from '../state/znode.ts'
import { Code } from '../wire/errors.ts'
import { opName } from '../wire/opcodes.ts'
import type { ACL } from '../wire/records.ts'
import type { Txn } from '../wire/txn.ts'
import { formatZxid } from '../wire/zxid.ts'
import type { LogItem, Remark } from './inspect.ts'

/** `0xc8 2026-11-21T03:32:53.101Z session 0x1a1fc29f1250000 cxid 199 setData /a data "x197" version 198` */
export function logLine(item: LogItem): string {
  if (item.type === 'damaged')
    return `(byte ${item.at}: an entry of ${item.next - item.at} bytes: ${item.what})`
  const { header, txn, digest } = item
  const { zxid, time, clientId, cxid } = header
  const end = digest === null ? '' : ` digest ${formatZxid(digest)}`
  return `${formatZxid(zxid)} ${dateOf(time)} session ${formatZxid(clientId)} cxid ${cxid} ${described(txn)}${end}`
}

export function logObject(item: LogItem): object {
  const { at, next } = item
  if (item.type === 'damaged') return { at, next, damaged: item.what }
  const { zxid, time, clientId, cxid } = item.header
  return {
    at,
    next,
    zxid: formatZxid(zxid),
    time: dateOf(time),
    session: formatZxid(clientId),
    cxid,
    ...txnObject(item.txn),
    ...(item.digest === null ? {} : { digest: formatZxid(item.digest) }),
  }
}

export function nodeLine(path: string, { data, acl, ...stat }: Znode): string {
  return `${path} ${fields({ data, acl, ...stat })}`
}

export function nodeObject(path: string, { data, acl, ...stat }: Znode): object {
  return { path, ...plain({ data, acl, ...stat }) }
}

export function remarkText({ type, at }: Remark): string {
  return `byte ${at}: ${remarks[type]}`
}

const remarks: Record<Remark['type'], string> = {
  misnamed: 'the first transaction is not the one that the file is named after: was the file renamed?',
  gap: 'transactions are missing in front of this one: a server refuses to start from here',
  backwards: 'this zxid is not above the one before: a server passes over this transaction',
  damaged:
    'an entry was changed after it was written: a server refuses to start from here. Restore the file from a backup',
  hole: 'the log ends here for a server, but something stands behind it: was a part of the file lost?',
  'cut short': 'the file ends inside an entry. That is what a crash leaves; nobody was promised that one',
  torn: 'the last entry was not written to its end. That is what a crash leaves; nobody was promised that one',
  lost: 'no entry has the length that stands here: a server refuses to start from here, and nobody can say what follows. Restore the file from a backup',
}

function described(txn: Txn): string {
  if ('txns' in txn) return `multi [${txn.txns.map(described).join('; ')}]`
  const { path, ...rest } = txn.record as { path?: string }
  return [opName(txn.type), path, fields(rest)].filter(part => part !== undefined && part !== '').join(' ')
}

function txnObject(txn: Txn): object {
  if ('txns' in txn) return { op: 'multi', txns: txn.txns.map(txnObject) }
  return { op: opName(txn.type), ...plain(txn.record) }
}

/** The fields of a record by name, those that are false, absent or empty left out. */
function fields(record: object): string {
  return Object.entries(record)
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([name, value]) => `${name} ${shown(name, value)}`)
    .join(' ')
}

function shown(name: string, value: unknown): string {
  if (value === true) return 'yes'
  if (ArrayBuffer.isView(value)) return dataText(value as Uint8Array)
  if (name === 'acl') return aclText(value as readonly ACL[])
  if (name === 'err') return errorText(value as number)
  if (Array.isArray(value)) return `[${value.join(' ')}]`
  return typeof value === 'bigint' ? bigText(name, value) : String(value)
}

function plain(record: object): object {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, plainValue(name, value)]),
  )
}

function plainValue(name: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return base64(value as Uint8Array)
  return typeof value === 'bigint' ? bigText(name, value) : value
}

/** Times are for people, and a time to live is a number; all else of 64 bits is a zxid or a session. */
function bigText(name: string, value: bigint): string {
  if (name === 'ttl') return String(value)
  return name === 'ctime' || name === 'mtime' ? dateOf(value) : formatZxid(value)
}

/** `2026-11-21T03:32:53.101Z`; a time that no calendar has is shown as its number. */
function dateOf(time: bigint): string {
  const date = new Date(Number(time))
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString()
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** As text when it is some; of what is long only the beginning. */
function dataText(data: Uint8Array): string {
  const start = data.subarray(0, longest)
  const more = data.length > longest ? `… (${data.length} bytes)` : ''
  try {
    const text = decoder.decode(start)
    if (!/\p{Cc}/u.test(text)) return JSON.stringify(text) + more
  } catch {
    // It is no text, or was cut inside a letter.
  }
  return `0x${Array.from(start, byte => byte.toString(16).padStart(2, '0')).join('')}${more}`
}

const longest = 60

function aclText(acl: readonly ACL[]): string {
  return acl.map(({ perms, id }) => `${id.scheme}:${id.id}:${letters(perms)}`).join(',')
}

function letters(perms: number): string {
  return [...'rwcda'].filter((_, bit) => (perms & (1 << bit)) !== 0).join('')
}

function errorText(err: number): string {
  const name = Object.entries(Code).find(([, code]) => code === err)?.[0]
  return name === undefined ? String(err) : `${err} ${name}`
}

function base64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
