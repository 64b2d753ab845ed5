/**
 * `zk-inspect log.1 snapshot.0`: what is in the files that a server leaves. It only reads; `--trim` writes a new file.
 * Exit codes: 0 a server can use the files, 1 it cannot use one of them, 2 was started wrongly.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { logLine, logObject, nodeLine, nodeObject, remarkText } from '../src/storage/dump.ts'
import { isStorageError } from '../src/storage/files.ts'
import {
  type LogContents,
  type Remark,
  readLog,
  readSnapshotContents,
  remarksOn,
  trimLog,
  weigh,
} from '../src/storage/inspect.ts'
import { readSnapshot } from '../src/storage/snapshot.ts'
import type { SnapshotDigest } from '../src/wire/records.ts'
import { formatZxid, parseZxid, type Zxid } from '../src/wire/zxid.ts'
import { decompressed } from '../src/world/node/compressed-snapshots.ts'

const usage = `Usage: zk-inspect [--json] [--quiet] [--sizes DEPTH] FILE...
       zk-inspect LOG --trim NEWFILE [--until ZXID]
Shows what is in transaction logs and snapshots, Apache's as well as ours, and what is wrong with them.
  --json         one JSON object a line
  --quiet        only the last line of each file, and what is wrong
  --sizes DEPTH  of a snapshot: how much there is in each branch, DEPTH names deep
  --trim NEWFILE a log without its torn end, in a new file
  --until ZXID   the last transaction in the new file
  --mine         with your finished labs in place of the reference's modules
`
/** No server writes a longer one. */
const maxEntry = 0x7fff_ffff

/** What a server does not start over. */
const refused: ReadonlySet<Remark['type']> = new Set(['gap', 'damaged', 'lost'])

interface Options {
  json: boolean
  quiet: boolean
  sizes: number | null
}

// Whoever reads us may have seen enough: `zk-inspect log.1 | head`.
process.stdout.on('error', () => process.exit(0))
main(process.argv.slice(2).filter(argument => !/^--mine(=|$)/.test(argument)))

function main(args: string[]): void {
  const { files, trim, until, help, ...options } = request(args)
  if (help) {
    process.stdout.write(usage)
    return
  }
  if (trim !== null) {
    trimTo(files[0]!, trim, until)
    return
  }
  let isWell = true
  for (const file of files) {
    if (!told(file, options)) isWell = false
  }
  process.exitCode = isWell ? 0 : 1
}

function request(args: string[]) {
  try {
    const { values, positionals: files } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        sizes: { type: 'string' },
        trim: { type: 'string' },
        until: { type: 'string' },
      },
    })
    const { sizes, trim = null, until } = values
    const last = until === undefined ? null : parseZxid(until)
    if (until !== undefined && last === null)
      fail(2, `zk-inspect: --until ${until}: must be a zxid, for example 0xc8`)
    if (sizes !== undefined && !/^\d{1,4}$/.test(sizes))
      fail(2, `zk-inspect: --sizes ${sizes}: must be a whole number`)
    if (!values.help && files.length === 0) fail(2, `zk-inspect: name a log or a snapshot.\n${usage}`)
    if ((trim !== null && files.length !== 1) || (trim === null && until !== undefined)) fail(2, usage)
    const { json, quiet, help } = values
    return { files, json, quiet, help, sizes: sizes === undefined ? null : Number(sizes), trim, until: last }
  } catch (error) {
    fail(2, `zk-inspect: ${(error as Error).message}\n${usage}`)
  }
}

/** Tells of one file; whether a server can use it. */
function told(file: string, options: Options): boolean {
  const bytes = bytesOf(file)
  // As a file begins, not as it is called: the copy of a log may have any name.
  const isSnapshot = Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'ZKSN'
  try {
    return isSnapshot ? toldSnapshot(file, bytes, options) : toldLog(file, readLog(bytes, maxEntry), options)
  } catch (error) {
    if (isStorageError(error)) {
      process.stderr.write(`${file}: ${error.message}, nor as a snapshot does (ZKSN)\n`)
      return false
    }
    throw error
  }
}

function toldLog(file: string, contents: LogContents, { json, quiet }: Options): boolean {
  const { items, end } = contents
  const remarks = remarksOn(path.basename(file), contents)
  if (!quiet) for (const item of items) say(json ? JSON.stringify(logObject(item)) : logLine(item))
  if (json) say(JSON.stringify({ file, end, remarks }))
  else {
    const txns = items.filter(item => item.type === 'txn')
    const [first, last] = [txns[0], txns.at(-1)]
    const range = first && last ? `, ${formatZxid(first.header.zxid)} to ${formatZxid(last.header.zxid)}` : ''
    say(`${file}: ${txns.length} transactions${range}; they end at byte ${end.at}: ${end.type}`)
    for (const remark of remarks) process.stderr.write(`${file}, ${remarkText(remark)}\n`)
  }
  return !remarks.some(({ type }) => refused.has(type))
}

function toldSnapshot(file: string, all: Uint8Array, options: Options): boolean {
  const { sessions, nodes, fault } = readSnapshotContents(all)
  const digest = fault === null ? digestIn(all) : null
  const { json, quiet, sizes } = options
  if (sizes !== null) {
    for (const [branch, weight] of [...weigh(nodes, sizes)].sort()) {
      say(
        json
          ? JSON.stringify({ path: branch, ...weight })
          : `${branch}: ${weight.nodes} nodes, ${weight.bytes} bytes of data`,
      )
    }
  } else if (!quiet) {
    for (const [id, timeout] of sessions) {
      const session = formatZxid(id)
      say(json ? JSON.stringify({ session, timeout }) : `session ${session} timeout ${timeout}`)
    }
    for (const [at, node] of nodes) say(json ? JSON.stringify(nodeObject(at, node)) : nodeLine(at, node))
  }
  if (json) {
    const told = digest && { zxid: formatZxid(digest.zxid), digest: formatZxid(digest.digest) }
    say(JSON.stringify({ file, sessions: sessions.size, nodes: nodes.length, digest: told, fault }))
  } else {
    const bytes = nodes.reduce((sum, [, { data }]) => sum + (data?.length ?? 0), 0)
    const of = digest && `, digest ${formatZxid(digest.digest)} at ${formatZxid(digest.zxid)}`
    say(`${file}: ${sessions.size} sessions, ${nodes.length} nodes, ${bytes} bytes of data${of ?? ''}`)
    if (fault !== null)
      process.stderr.write(`${file}: a server does not use it, but an older one: ${fault}\n`)
  }
  return fault === null
}

/** What the tree had come to when the snapshot was complete; null when nobody had counted. */
function digestIn(bytes: Uint8Array): SnapshotDigest | null {
  let found: SnapshotDigest | null = null
  readSnapshot(bytes, {
    session() {},
    node() {},
    digest(digest) {
      if (digest.digest !== 0n) found = digest
    },
  })
  return found
}

function trimTo(file: string, target: string, until: Zxid | null): void {
  if (existsSync(target)) fail(2, `zk-inspect: ${target} is there already: name a new file`)
  try {
    const trimmed = trimLog(bytesOf(file), maxEntry, until)
    writeFileSync(target, trimmed, { flag: 'wx' })
    const { items } = readLog(trimmed, maxEntry)
    say(`${target}: ${items.length} transactions, ${trimmed.length} bytes`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (!isStorageError(error) && code === undefined) throw error
    fail(1, `zk-inspect: ${file}: ${message}`)
  }
}

function bytesOf(file: string): Uint8Array {
  try {
    return decompressed(file, readFileSync(file))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fail(
      2,
      `zk-inspect: ${file} cannot be read (${code}): name a log or a snapshot, in the folder version-2 of the dataDir`,
    )
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function fail(code: 1 | 2, message: string): never {
  process.stderr.write(message.endsWith('\n') ? message : `${message}\n`)
  process.exit(code)
}
