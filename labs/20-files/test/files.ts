/** Logs and snapshots made in memory, and broken on purpose. */
import { createNode, emptyTree, walk } from '#lab/state/data-tree.ts'
import type { LogContents, LogItem } from '#lab/storage/inspect.ts'
import { snapshotWriter } from '#lab/storage/snapshot.ts'
import { entryLength, headLength, logHead, putEntry } from '#lab/storage/txn-log.ts'
import { juteWriter } from '#lab/wire/jute.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import { writeTxnDigest } from '#lab/wire/records.ts'
import { type Txn, writeTxn } from '#lab/wire/txn.ts'

/** No entry of these tests is longer. */
export const maxEntry = 10_000

/** The payload of a log entry: a set of `/a`. */
export function setting(
  zxid: bigint | number,
  data = `as of ${zxid}`,
  digest: bigint | null = null,
): Uint8Array {
  const txn: Txn = {
    type: OpCode.setData,
    record: { path: '/a', data: new TextEncoder().encode(data), version: 1 },
  }
  const out = juteWriter()
  writeTxn(out, { clientId: 0x77n, cxid: 5, zxid: BigInt(zxid), time: 1000n, type: txn.type }, txn)
  if (digest !== null) writeTxnDigest(out, { version: 2, treeDigest: digest })
  return out.bytes().slice()
}

/** A log file with these entries, and so many zeros behind them. */
export function logOf(payloads: readonly Uint8Array[], padding = 0): Uint8Array {
  const length = payloads.reduce((sum, payload) => sum + entryLength(payload), headLength)
  const bytes = new Uint8Array(length + padding)
  bytes.set(logHead())
  let at = headLength
  for (const payload of payloads) at = putEntry(bytes, at, payload)
  return bytes
}

export const logOfZxids = (zxids: readonly (bigint | number)[], padding = 0): Uint8Array =>
  logOf(
    zxids.map(zxid => setting(zxid)),
    padding,
  )

/** Where the entries of such a log begin, and where the last one ends. */
export function places(zxids: readonly (bigint | number)[]): number[] {
  const all = [headLength]
  for (const zxid of zxids) all.push(all.at(-1)! + entryLength(setting(zxid)))
  return all
}

/** A copy in which one byte is another. */
export function changed(bytes: Uint8Array, at: number, to?: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = to ?? copy[at]! ^ 0xff
  return copy
}

/** The log in short: `1 2 (damaged) 4 | padding at 200`. */
export function shortly({ items, end }: LogContents): string {
  return `${items.map(name).join(' ')} | ${end.type} at ${end.at}`.trim()
}

const name = (item: LogItem): string => (item.type === 'txn' ? String(item.header.zxid) : '(damaged)')

/** A snapshot of a small tree: besides what every tree holds four nodes, with fifteen bytes of data. */
export function smallSnapshot(): Uint8Array {
  const tree = emptyTree()
  const acl = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
  const make = (path: string, text: string): void => {
    const data = new TextEncoder().encode(text)
    createNode(tree, path, { data, acl, ephemeralOwner: 0n, parentCVersion: 1 }, { zxid: 7n, time: 0n })
  }
  make('/app', 'abc')
  make('/app/db', 'abcd')
  make('/app/db/url', 'abcdefg')
  make('/apple', 'a')
  const source = { zxid: 7n, sessions: new Map([[0x77n, 4000]]), nodes: () => walk(tree) }
  const writer = snapshotWriter(source)
  const bytes: number[] = []
  for (let piece = writer.next(); piece !== null; piece = writer.next()) bytes.push(...piece)
  return new Uint8Array(bytes)
}

/** The name of the error that refuses: `StorageError`. Null when nothing is refused; all other errors go on their way. */
export function refusal(take: () => unknown): string | null {
  try {
    take()
    return null
  } catch (error) {
    if ((error as Error).name === 'StorageError') return 'StorageError'
    throw error
  }
}

/** For the second argument of `expect`: what was done, the rule, and where the chapter tells it. */
export function because(steps: string, rule: string, section: string): string {
  return `\n    ${steps}\n  ${rule} (chapter 20, "${section}")\n`
}
