/**
 * A log that the reference's server has written, on a simulated disk, and what the reference makes of it when it is
 * damaged: what a server says that starts from it, and what `zk-inspect` sees in it.
 */
import { zooKeeper } from '../../../reference-impl/src/client/zookeeper.ts'
import { walk } from '../../../reference-impl/src/state/data-tree.ts'
import { remarkText } from '../../../reference-impl/src/storage/dump.ts'
import { fileName, folder, isStorageError } from '../../../reference-impl/src/storage/files.ts'
import { readLog, remarksOn } from '../../../reference-impl/src/storage/inspect.ts'
import { recover } from '../../../reference-impl/src/storage/recovery.ts'
import { headLength } from '../../../reference-impl/src/storage/txn-log.ts'
import { opName } from '../../../reference-impl/src/wire/opcodes.ts'
import type { Txn } from '../../../reference-impl/src/wire/txn.ts'
import { simulatedWorld } from '../../../reference-impl/src/world/simulated/simulated-world.ts'
import type { Disk } from '../../../reference-impl/src/world/world.ts'
import { inTime, macrotasks, startServer } from '../simulation.ts'
import type { Choice } from './choice.ts'

/** One transaction, and the bytes that keep it: `from` to before `next`. */
export interface Entry {
  from: number
  next: number
  zxid: bigint
  what: string
}

export interface Log {
  bytes: Uint8Array
  entries: Entry[]
  /** The snapshot that every new server writes first. */
  snapshot: Uint8Array
}

/** Enough of the room ahead to see that it is there. */
const roomShown = 32
const longestEntry = 1 << 20
const logName = fileName('log', 1n)
const snapshotName = fileName('snapshot', 0n)

/** The morning of a server: a session, a node that is set twice, an ephemeral one beside it, and the end of the session. */
export async function writeLog(): Promise<Log> {
  const simulation = simulatedWorld({ seed: 'a log' })
  const letGo = macrotasks()
  try {
    const { world, stop } = startServer(simulation, 'server')
    const client = zooKeeper(simulation.host('client'), 'server')
    const life = async (): Promise<void> => {
      await client.create('/config', 'v1')
      await client.set('/config', 'v2')
      await client.create('/owner', 'ann', { ephemeral: true })
      await client.close()
    }
    await inTime(simulation, life(), letGo)
    stop()
    const whole = world.disk.read(`${folder}/${logName}`)!
    const { items, end } = readLog(whole, longestEntry)
    const entries = items.flatMap(item =>
      item.type === 'txn'
        ? [{ from: item.at, next: item.next, zxid: item.header.zxid, what: nameOf(item.txn) }]
        : [],
    )
    return {
      bytes: whole.slice(0, end.at + roomShown),
      entries,
      snapshot: world.disk.read(`${folder}/${snapshotName}`)!,
    }
  } finally {
    letGo.end()
  }
}

function nameOf(txn: Txn): string {
  const { path } = 'record' in txn ? (txn.record as { path?: string }) : {}
  return path === undefined ? opName(txn.type) : `${opName(txn.type)} ${path}`
}

export function damaged(bytes: Uint8Array, { at, kind }: Choice): Uint8Array {
  if (at === null) return bytes
  if (kind === 'end') return bytes.slice(0, at)
  const changed = bytes.slice()
  if (kind === 'zeros') changed.fill(0, at)
  else changed[at]! ^= 1
  return changed
}

export interface Examined {
  log: Log
  bytes: Uint8Array
  verdict: Verdict
}

/** Writes the log, damages it, and asks what it is still good for. */
export async function examine(choice: Choice): Promise<Examined> {
  const log = await writeLog()
  const bytes = damaged(log.bytes, choice)
  return { log, bytes, verdict: judge(log, bytes) }
}

export interface Verdict {
  /** How many of the transactions a server begins with; null: it refuses to start. */
  applied: number | null
  /** In the words of the refusal. */
  refusal: string | null
  /** The nodes that it has then, besides those of every server. */
  nodes: { path: string; data: string }[]
  remarks: string[]
}

export function judge(log: Log, bytes: Uint8Array): Verdict {
  const remarks = remarksIn(bytes)
  const disk = diskOf({ [logName]: bytes, [snapshotName]: log.snapshot })
  try {
    const { tree, replayed } = recover(
      { snapshots: disk, logs: disk },
      { trustEmpty: false, maxEntry: longestEntry },
    )
    const nodes: Verdict['nodes'] = []
    const all = walk(tree)
    for (let next = all.next(); next.done !== true; next = all.next()) {
      const [path, { data }] = next.value
      if (path === '/' || path.startsWith('/zookeeper')) continue
      nodes.push({ path, data: new TextDecoder().decode(data ?? undefined) })
    }
    return { applied: replayed, refusal: null, nodes, remarks }
  } catch (error) {
    if (!isStorageError(error)) throw error
    return { applied: null, refusal: error.message, nodes: [], remarks }
  }
}

function remarksIn(bytes: Uint8Array): string[] {
  try {
    return remarksOn(logName, readLog(bytes, longestEntry)).map(remarkText)
  } catch (error) {
    if (!isStorageError(error)) throw error
    return [error.message]
  }
}

/** Just enough of a disk for recovery: files that are there. */
function diskOf(files: Record<string, Uint8Array>): Disk {
  const no = (): never => {
    throw new Error('recovery only reads')
  }
  const at = (path: string): Uint8Array | null => files[path.slice(folder.length + 1)] ?? null
  return {
    list: () => Object.keys(files),
    size: path => at(path)?.length ?? null,
    read: (path, offset = 0, length = Number.POSITIVE_INFINITY) =>
      at(path)?.slice(offset, offset + length) ?? null,
    append: no,
    write: no,
    sync: no,
    replace: no,
    truncate: no,
    remove: no,
  }
}

export type Part = 'magic' | 'version' | 'database' | 'checksum' | 'length' | 'payload' | 'mark' | 'room'

/** Which bytes are what, in the order of the file. `entry`: the number of the entry, from 0; null in the head and behind the last. */
export function partsOf({
  bytes,
  entries,
}: Log): { part: Part; entry: number | null; start: number; end: number }[] {
  const last = entries.at(-1)?.next ?? headLength
  return [
    { part: 'magic', entry: null, start: 0, end: 4 },
    { part: 'version', entry: null, start: 4, end: 8 },
    { part: 'database', entry: null, start: 8, end: headLength },
    ...entries.flatMap(({ from, next }, entry) => [
      { part: 'checksum' as const, entry, start: from, end: from + 8 },
      { part: 'length' as const, entry, start: from + 8, end: from + 12 },
      { part: 'payload' as const, entry, start: from + 12, end: next - 1 },
      { part: 'mark' as const, entry, start: next - 1, end: next },
    ]),
    { part: 'room', entry: null, start: last, end: bytes.length },
  ]
}
