/** The same answers by a cursor that looks at the bytes itself. */
import { adler32 } from '../lib/adler32.ts'
import type { SessionId, Znode } from '../state/znode.ts'
import { juteReader } from '../wire/jute.ts'
import { readTxnDigest } from '../wire/records.ts'
import { readTxn, type Txn, type TxnHeader } from '../wire/txn.ts'
import { counterOf, epochOf, nextZxid, type Zxid } from '../wire/zxid.ts'
import { StorageError, zxidOf } from './files.ts'
import { readSnapshot } from './snapshot.ts'
import { checkLogHead, headLength, logHead } from './txn-log.ts'

export type LogItem =
  | { type: 'txn'; at: number; next: number; header: TxnHeader; txn: Txn; digest: bigint | null }
  | { type: 'damaged'; at: number; next: number; what: string }

export interface LogEnd {
  at: number
  type: 'end of file' | 'padding' | 'hole' | 'cut short' | 'torn' | 'lost'
}

export interface LogContents {
  items: LogItem[]
  end: LogEnd
}

export function readLog(bytes: Uint8Array, maxEntry: number): LogContents {
  const contents: LogContents = { items: [], end: { at: 0, type: 'cut short' } }
  const isLog = checkLogHead(bytes)
  let at = isLog ? headLength : 0
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const ends = (type: LogEnd['type']): LogContents => {
    contents.end = { at, type }
    return contents
  }
  for (;;) {
    if (at === bytes.length) return ends('end of file')
    if (isZero(bytes, at, bytes.length)) return ends('padding')
    if (!isLog || at + 12 > bytes.length) return ends('cut short')
    const length = view.getInt32(at + 8)
    if (length === 0) return ends(isZero(bytes, at, at + 12) ? 'hole' : 'cut short')
    if (length < 0 || length > maxEntry) return ends('lost')
    const mark = at + 12 + length
    if (mark >= bytes.length) return ends('cut short')
    if (bytes[mark] !== 0x42) return ends('torn')
    const payload = bytes.subarray(at + 12, mark)
    const next = mark + 1
    const isTrue = view.getBigInt64(at) === BigInt(adler32(payload))
    const txn = isTrue ? understood(payload) : 'its checksum is of other bytes'
    if (typeof txn === 'string') contents.items.push({ type: 'damaged', at, next, what: txn })
    else contents.items.push({ type: 'txn', at, next, ...txn })
    at = next
  }
}

function isZero(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false
  return true
}

function understood(payload: Uint8Array): { header: TxnHeader; txn: Txn; digest: bigint | null } | string {
  const input = juteReader(payload, payload.length)
  try {
    const txn = readTxn(input)
    return { ...txn, digest: input.remaining() === 0 ? null : readTxnDigest(input).treeDigest }
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'KeeperError') return message
    throw error
  }
}

export interface Remark {
  at: number
  type: 'misnamed' | 'gap' | 'backwards' | 'damaged' | 'hole' | 'cut short' | 'torn' | 'lost'
}

export function remarksOn(name: string, { items, end }: LogContents): Remark[] {
  const remarks: Remark[] = []
  const named = zxidOf('log', name)
  items.forEach((item, index) => {
    const before = items[index - 1]
    const { at } = item
    if (item.type === 'damaged') remarks.push({ at, type: 'damaged' })
    else if (before === undefined) {
      if (named !== null && named !== item.header.zxid) remarks.push({ at, type: 'misnamed' })
    } else if (before.type === 'txn') {
      const [last, zxid] = [before.header.zxid, item.header.zxid]
      if (zxid <= last) remarks.push({ at, type: 'backwards' })
      else if (epochOf(zxid) === epochOf(last) ? zxid !== nextZxid(last) : counterOf(zxid) > 1) {
        remarks.push({ at, type: 'gap' })
      }
    }
  })
  const { at, type } = end
  return type === 'end of file' || type === 'padding' ? remarks : [...remarks, { at, type }]
}

export function trimLog(bytes: Uint8Array, maxEntry: number, until: Zxid | null): Uint8Array {
  const { items, end } = readLog(bytes, maxEntry)
  const kept: Uint8Array[] = []
  let isOver = false
  for (const item of items) {
    if (item.type === 'damaged') throw new StorageError(`byte ${item.at} is damaged; restore a backup`)
    isOver = until !== null && item.header.zxid >= until
    if (until === null || item.header.zxid <= until) kept.push(bytes.subarray(item.at, item.next))
    if (isOver) break
  }
  if (!isOver && end.type === 'lost') throw new StorageError(`byte ${end.at} is damaged; restore a backup`)
  const trimmed = new Uint8Array(kept.reduce((sum, { length }) => sum + length, headLength))
  trimmed.set(logHead())
  let at = headLength
  for (const entry of kept) {
    trimmed.set(entry, at)
    at += entry.length
  }
  return trimmed
}

export interface SnapshotContents {
  sessions: Map<SessionId, number>
  nodes: [path: string, node: Znode][]
  fault: string | null
}

export function readSnapshotContents(bytes: Uint8Array): SnapshotContents {
  const sessions = new Map<SessionId, number>()
  const nodes: [path: string, node: Znode][] = []
  let fault: string | null = null
  try {
    readSnapshot(bytes, {
      session(id, timeout) {
        sessions.set(id, timeout)
      },
      node(path, node) {
        nodes.push([path, node])
      },
    })
  } catch (error) {
    if ((error as Error).name !== 'StorageError') throw error
    fault = (error as Error).message
  }
  return { sessions, nodes, fault }
}

export interface Weight {
  nodes: number
  bytes: number
}

export function weigh(nodes: readonly [path: string, node: Znode][], depth: number): Map<string, Weight> {
  const weights = new Map<string, Weight>()
  for (const [path, node] of nodes) {
    for (const branch of branches(path).slice(0, depth + 1)) {
      const { nodes, bytes } = weights.get(branch) ?? { nodes: 0, bytes: 0 }
      weights.set(branch, { nodes: nodes + 1, bytes: bytes + (node.data?.length ?? 0) })
    }
  }
  return weights
}

/** `/`, `/a`, `/a/b` for `/a/b`. */
function branches(path: string): string[] {
  const found = ['/']
  for (let at = path.indexOf('/', 1); path !== '/'; at = path.indexOf('/', at + 1)) {
    found.push(at === -1 ? path : path.slice(0, at))
    if (at === -1) break
  }
  return found
}
