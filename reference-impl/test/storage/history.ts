/** A small history with one of everything, the files that keep it, and a way to compare what recovery makes of them. */
import { childrenOf, type DataTree, emptyTree, walk } from '../../src/state/data-tree.ts'
import type { SessionId } from '../../src/state/znode.ts'
import { fileName, folder } from '../../src/storage/files.ts'
import { type Recovered, recover } from '../../src/storage/recovery.ts'
import { type SnapshotSource, snapshotWriter } from '../../src/storage/snapshot.ts'
import { entryLength, headLength, logHead, putEntry, zxidIn } from '../../src/storage/txn-log.ts'
import { CreateMode, OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import type { Disk } from '../../src/world/world.ts'
import { creating, InProcess, open, setting } from '../server/in-process.ts'

export type Files = Map<string, Uint8Array>

/** Just enough of a disk for recovery: files that are there. */
export function diskOf(files: Files): Disk {
  const no = (): never => {
    throw new Error('recovery only reads')
  }
  return {
    list: () => [...files.keys()].map(path => path.slice(folder.length + 1)).sort(),
    size: path => files.get(path)?.length ?? null,
    read: (path, offset = 0, length = Number.POSITIVE_INFINITY) =>
      files.get(path)?.slice(offset, offset + length) ?? null,
    append: no,
    write: no,
    sync: no,
    replace: no,
    truncate: no,
    remove: no,
  }
}

export function recovered(files: Files, digests = false): Recovered {
  const disk = diskOf(files)
  return recover({ snapshots: disk, logs: disk }, { trustEmpty: false, maxEntry: 1 << 20, digests })
}

/** All that there is to know of a state, in an order that says nothing: two states are the same when their texts are. */
export function stateOf({
  tree,
  sessions,
}: {
  tree: DataTree
  sessions: ReadonlyMap<SessionId, number>
}): string {
  const lines: string[] = []
  const nodes = walk(tree)
  for (let next = nodes.next(); next.done !== true; next = nodes.next()) {
    const [path, node] = next.value
    const { data, acl, czxid, ctime, mzxid, mtime, pzxid, version, cversion, aversion, ephemeralOwner } = node
    const stat = [czxid, ctime, mzxid, mtime, pzxid, version, cversion, aversion, ephemeralOwner].join(' ')
    const kept = data === null ? 'null' : Buffer.from(data).toString('hex')
    lines.push(`${path} ${kept} ${stat} ${JSON.stringify(acl)} ${childrenOf(tree, path).sort()}`)
  }
  for (const [id, timeout] of sessions) lines.push(`session ${id} ${timeout}`)
  return lines.sort().join('\n')
}

/** A server that lived for a while, and its records. */
export function lived(): { log: Uint8Array[]; source: SnapshotSource } {
  const server = new InProcess()
  const ann = server.session()
  const bob = server.session(6000)
  ann.create('/app', 'config')
  ann.create('/app/null', null)
  ann.create('/app/empty', '')
  ann.create('/app/worker-', 'ann', CreateMode.EPHEMERAL_SEQUENTIAL)
  bob.create('/app/worker-', 'bob', CreateMode.EPHEMERAL_SEQUENTIAL)
  server.pass(1000)
  ann.set('/app', 'changed')
  ann.create('/app', 'again')
  const secret = [{ perms: 31, id: { scheme: 'digest', id: 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=' } }]
  ann.ask(OpCode.setACL, out =>
    records.writeSetACLRequest(out, { path: '/app/empty', acl: secret, version: -1 }),
  )
  ann.ask(OpCode.createContainer, creating('/jobs', '', CreateMode.CONTAINER))
  multi(ann, ['/jobs/1', '/jobs/2'])
  multi(ann, ['/jobs/3', '/jobs/1'])
  ann.delete('/jobs/1')
  bob.create('/long', 'x'.repeat(1500))
  bob.ask(OpCode.closeSession)
  ann.ask(OpCode.setData, setting('/long', 'short'))
  return { log: server.log, source: server.snapshotSource() }
}

function multi(client: ReturnType<InProcess['session']>, paths: string[]): void {
  client.ask(OpCode.multi, out => {
    for (const path of paths) {
      records.writeMultiHeader(out, { type: OpCode.create, done: false, err: -1 })
      creating(path, path, 0, open)(out)
    }
    records.writeMultiHeader(out, { type: -1, done: true, err: -1 })
  })
}

/** A log file with these records and so many zeros behind them. */
export function logFile(payloads: readonly Uint8Array[], padding = 100): [path: string, bytes: Uint8Array] {
  const length = payloads.reduce((sum, payload) => sum + entryLength(payload), headLength)
  const bytes = new Uint8Array(length + padding)
  bytes.set(logHead())
  let at = headLength
  for (const payload of payloads) at = putEntry(bytes, at, payload)
  return [`${folder}/${fileName('log', zxidIn(payloads[0]!))}`, bytes]
}

export function snapshotFile(source: SnapshotSource): [path: string, bytes: Uint8Array] {
  return [`${folder}/${fileName('snapshot', source.zxid)}`, piecesOf(source, () => {})]
}

/** The whole file; `between` happens after each piece. */
export function piecesOf(
  source: SnapshotSource,
  between: () => void,
  limits = { nodes: 1000, bytes: 1 << 20 },
): Uint8Array {
  const writer = snapshotWriter(source, limits)
  const pieces: Uint8Array[] = []
  for (let piece = writer.next(); piece !== null; piece = writer.next()) {
    pieces.push(piece)
    between()
  }
  return new Uint8Array(Buffer.concat(pieces))
}

/** What every new database begins with. */
export function emptySnapshot(): [path: string, bytes: Uint8Array] {
  const tree = emptyTree()
  return snapshotFile({ zxid: 0n, sessions: new Map(), nodes: () => walk(tree) })
}
