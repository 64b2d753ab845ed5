/** How the shell shows what it has read: to people as Apache's zkCli does, to programs as plain JSON. */

import type { Acl, Stat, WatchEvent } from '../../src/client/zookeeper.ts'
import type { Change } from '../../src/recipes/tree-cache.ts'
import { formatZxid } from '../../src/wire/zxid.ts'

const perms = [
  ['c', 4],
  ['d', 8],
  ['r', 1],
  ['w', 2],
  ['a', 16],
] as const

export function statLines(stat: Stat): string[] {
  return [
    `cZxid = ${formatZxid(stat.czxid)}`,
    `ctime = ${dateText(stat.ctime)}`,
    `mZxid = ${formatZxid(stat.mzxid)}`,
    `mtime = ${dateText(stat.mtime)}`,
    `pZxid = ${formatZxid(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${hex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ]
}

/** `Sat Nov 21 05:25:14 UTC 2026`, as Java writes it; in one time zone, whoever reads it. */
function dateText(time: bigint): string {
  const [day, date, month, year, clock] = new Date(Number(time)).toUTCString().replace(',', '').split(' ')
  return `${day} ${month} ${date} ${clock} UTC ${year}`
}

export function statObject(stat: Stat): Record<string, unknown> {
  return {
    czxid: formatZxid(stat.czxid),
    mzxid: formatZxid(stat.mzxid),
    pzxid: formatZxid(stat.pzxid),
    ctime: new Date(Number(stat.ctime)).toISOString(),
    mtime: new Date(Number(stat.mtime)).toISOString(),
    version: stat.version,
    cversion: stat.cversion,
    aversion: stat.aversion,
    ephemeralOwner: hex(stat.ephemeralOwner),
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
  }
}

function hex(id: bigint): string {
  return `0x${BigInt.asUintN(64, id).toString(16)}`
}

export function changeLine(change: Change): string {
  const { type, path } = change
  return type === 'deleted' ? `${type} ${path}` : `${type} ${path} ${dataText(change.node.data)}`
}

/** Data as text where it is one; else in hexadecimal, because half a text helps nobody. */
export function dataText(data: Uint8Array | null): string {
  if (data === null) return 'null'
  return textOf(data) ?? `0x${Buffer.from(data).toString('hex')}`
}

export function base64Text(data: Uint8Array | null): string {
  return data === null ? 'null' : Buffer.from(data).toString('base64')
}

/** Sixteen bytes a line: where they are, what they are, and the letters among them. */
export function hexLines(data: Uint8Array | null): string[] {
  if (data === null) return ['null']
  const lines: string[] = []
  for (let at = 0; at < data.length; at += 16) {
    const bytes = Buffer.from(data.subarray(at, at + 16))
    const letters = bytes.toString('latin1').replace(/[^ -~]/g, '.')
    const digits = bytes.toString('hex').replace(/../g, '$& ').padEnd(48)
    lines.push(`${at.toString(16).padStart(8, '0')}  ${digits} ${letters}`)
  }
  return lines
}

export function dataObject(data: Uint8Array | null): Record<string, unknown> {
  if (data === null) return { data: null }
  const text = textOf(data)
  return text === null ? { base64: Buffer.from(data).toString('base64') } : { data: text }
}

function textOf(data: Uint8Array): string | null {
  try {
    return strict.decode(data)
  } catch {
    return null
  }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export function aclLines(acl: readonly Acl[]): string[] {
  return acl.flatMap(({ perms: held, id }) => [`'${id.scheme},'${id.id ?? ''}`, `: ${permLetters(held)}`])
}

export function aclText(acl: readonly Acl[]): string {
  return acl.map(({ perms: held, id }) => `${id.scheme}:${id.id ?? ''}:${permLetters(held)}`).join(',')
}

function permLetters(held: number): string {
  return perms.flatMap(([letter, bit]) => (held & bit ? [letter] : [])).join('')
}

/**
 * A list as people type it: `world:anyone:cdrwa,digest:user:hash:r`. What is between the first colon and the last is
 * the id. Null where it is not one.
 */
export function parseAcl(text: string): Acl[] | null {
  const acl: Acl[] = []
  for (const entry of text.split(',')) {
    const first = entry.indexOf(':')
    const last = entry.lastIndexOf(':')
    if (first === -1 || first === last) return null
    let held = 0
    for (const letter of entry.slice(last + 1)) {
      const bit = perms.find(([known]) => known === letter)?.[1]
      if (bit === undefined) return null
      held |= bit
    }
    acl.push({ perms: held, id: { scheme: entry.slice(0, first), id: entry.slice(first + 1, last) } })
  }
  return acl
}

export function eventLine({ type, path }: WatchEvent): string {
  return `WATCHER:: ${type} ${path}`
}
