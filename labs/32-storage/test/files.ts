/**
 * Lab 32's way of asking: transactions with a zxid and a text in them, logs and snapshots as bytes, and a failure that
 * tells what was in the file.
 */
import { createNode, type DataTree, emptyTree, walk } from '#lab/state/data-tree.ts'
import type { Znode } from '#lab/state/znode.ts'
import { readSnapshot, type SnapshotSource, snapshotWriter } from '#lab/storage/snapshot.ts'
import { entryLength, logHead, putEntry, readEntry } from '#lab/storage/txn-log.ts'
import { juteWriter } from '#lab/wire/jute.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import type { SnapshotDigest } from '#lab/wire/records.ts'
import { writeTxn } from '#lab/wire/txn.ts'

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** What a leader proposed when a session was opened: a header, a timeout of 8000 ms, and the digest of the tree. */
export const session = bytesOf(
  '0200001403bd0000 00000000 0000000100000001 000001a1f996b3f0 fffffff6 00001f40 00000002 0000000051c6d660',
)

/** A transaction: session 7 sets `/app` to this text. */
export function payload(zxid: bigint, text = 'data'): Uint8Array {
  const out = juteWriter()
  const header = { clientId: 7n, cxid: 1, zxid, time: 1_700_000_000_000n, type: OpCode.setData }
  const data = new TextEncoder().encode(text)
  writeTxn(out, header, { type: OpCode.setData, record: { path: '/app', data, version: 1 } })
  return out.bytes().slice()
}

/** Head, entries, and so many zeros. */
export function logOf(payloads: readonly Uint8Array[], padding = 0): Uint8Array {
  const head = logHead()
  const length = payloads.reduce((sum, each) => sum + entryLength(each), head.length)
  const bytes = new Uint8Array(length + padding)
  bytes.set(head)
  let at = head.length
  for (const each of payloads) at = putEntry(bytes, at, each)
  return bytes
}

/** The payloads from `at` on, in hex, and how the reading ended. */
export function reading(bytes: Uint8Array, at: number, maxLength = 1 << 20): string[] {
  const found: string[] = []
  for (;;) {
    const here = readEntry(bytes, at, maxLength)
    if (here.type !== 'entry') return [...found, here.type]
    found.push(hexOf(here.payload))
    at = here.next
  }
}

/** Nodes with the zxids that made them; the text is the data. */
export function sourceOf(
  zxid: bigint,
  nodes: readonly [path: string, czxid: bigint, text: string][],
): SnapshotSource & { tree: DataTree } {
  const tree = emptyTree()
  let created = 1
  for (const [path, czxid, text] of nodes) {
    const birth = {
      data: new TextEncoder().encode(text),
      acl: open,
      ephemeralOwner: 0n,
      parentCVersion: created++,
    }
    createNode(tree, path, birth, { zxid: czxid, time: 1n })
  }
  return { tree, zxid, sessions: new Map([[7n, 4000]]), nodes: () => walk(tree) }
}

export const open = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]

/** The whole file. `between` happens after each piece. */
export function snapshotOf(source: SnapshotSource, nodes = 1000, between = () => {}): Uint8Array {
  const writer = snapshotWriter(source, { nodes, bytes: 1 << 20 })
  const pieces: Uint8Array[] = []
  for (let piece = writer.next(); piece !== null; piece = writer.next()) {
    pieces.push(piece.slice())
    between()
  }
  return Uint8Array.from(Buffer.concat(pieces))
}

export interface Content {
  sessions: [bigint, number][]
  nodes: [string, Znode][]
  digest?: SnapshotDigest
}

export function contentOf(bytes: Uint8Array): Content {
  const content: Content = { sessions: [], nodes: [] }
  readSnapshot(bytes, {
    session: (id, timeout) => void content.sessions.push([id, timeout]),
    node: (path, node) => void content.nodes.push([path, node]),
    digest(digest) {
      content.digest = digest
    },
  })
  return content
}

/** How a call was refused, in a word; a Todo goes on to who runs the test. */
export function refusalOf(call: () => unknown): string {
  try {
    return `no refusal: ${String(call())}`
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'Todo') throw error
    return name === 'StorageError' ? 'refused' : `${name}: ${message}`
  }
}
