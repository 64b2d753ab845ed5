/**
 * The program on a disk that fails: one that is full (a small file system in memory, inside bubblewrap), and one with
 * errors (a library that is loaded in front of the system's). It stops and says why, confirms nothing more, and the next
 * start has all that was confirmed. Both ways work for any user.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, expect, test } from 'vitest'
import { Code } from '../../src/wire/errors.ts'
import { juteReader } from '../../src/wire/jute.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { interopRequired } from '../interop/packages.ts'
import { rawClient, requestFrame } from '../interop/raw-client.ts'
import { collect } from '../interop/servers.ts'
import { creating, setting } from './in-process.ts'
import { program, startServer, temporaryFolder } from './start.ts'

const folder = temporaryFolder()
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bubblewrap = '/usr/bin/bwrap'
const compiler = ['/usr/bin/cc', '/usr/bin/gcc'].find(existsSync)

test.skipIf(!interopRequired && !existsSync(bubblewrap))(
  'a full disk: the server stops, and what was confirmed is there when it has room again',
  { timeout: 60_000 },
  async () => {
    const [small, kept] = [path.join(folder, 'small'), path.join(folder, 'kept')]
    mkdirSync(small)
    const cfg = path.join(folder, 'full.cfg')
    writeFileSync(
      cfg,
      `dataDir=${small}/data\nclientPort=0\nclientPortAddress=127.0.0.1\nsnapCount=1000\npreAllocSize=64\n`,
    )
    const whatToDo = '"$0" "$1" "$2"; code=$?; cp -r "$3/data" "$4"; exit $code'
    const child = spawn(
      bubblewrap,
      ['--bind', '/', '/', '--dev-bind', '/dev', '/dev', '--size', String(2 << 20), '--tmpfs', small].concat([
        '/bin/sh',
        '-c',
        whatToDo,
        process.execPath,
        program,
        cfg,
        small,
        kept,
      ]),
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const said = collect(child)
    const [greeting] = await once(createInterface(child.stdout), 'line')
    const ended = once(child, 'exit')
    const load = await untilItBreaks(Number(/:(\d+)\D/.exec(greeting)?.[1]))
    expect(await ended, said()).toEqual([1, null])
    expect(said()).toMatch(
      /stopped, because .* cannot be written: ENOSPC.*Nothing that was confirmed is lost: make room on its disk and start again/,
    )
    await expectAll(load, kept)
  },
)

test.skipIf(!interopRequired && compiler === undefined).each([
  ['fdatasync', 40],
  ['pwrite', 80],
])(
  'an error of %s: the server stops, and what was confirmed is there at the next start',
  {
    timeout: 60_000,
  },
  async (call, after) => {
    const library = path.join(folder, 'failing-disk.so')
    const source = path.join(import.meta.dirname, 'failing-disk.c')
    if (!existsSync(library))
      execFileSync(compiler!, ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl'])
    const dataDir = path.join(folder, call)
    await using server = await startServer({
      cfg: `dataDir=${dataDir}\npreAllocSize=64\n`,
      env: { LD_PRELOAD: library, FAILING: call, FAILING_AFTER: String(after) },
    })
    const load = await untilItBreaks(server.port)
    await server.said('cannot be written: EIO')
    expect(await server.stop()).toBe(1)
    await expectAll(load, dataDir)
  },
)

interface Load {
  sent: number
  confirmed: number
}

/** Sets one node, some dozen times ahead of the replies, until the server is gone. */
async function untilItBreaks(port: number): Promise<Load> {
  const client = await rawClient(port)
  await client.connect({ timeOut: 10_000 })
  client.send(requestFrame(1, OpCode.create, creating('/counter')))
  expect((await client.reply())?.err).toBe(Code.OK)
  const load = { sent: 0, confirmed: 0 }
  for (;;) {
    for (; load.sent < load.confirmed + 40; load.sent++) {
      client.send(requestFrame(2, OpCode.setData, setting('/counter', 'x'.repeat(500))))
    }
    const reply = await client.reply().catch(() => null)
    if (reply === null) return load
    expect(reply.err).toBe(Code.OK)
    load.confirmed++
  }
}

async function expectAll({ sent, confirmed }: Load, dataDir: string): Promise<void> {
  expect(confirmed, 'sets before the disk failed').toBeGreaterThan(20)
  await using server = await startServer({ cfg: `dataDir=${dataDir}\n` })
  const client = await rawClient(server.port)
  await client.connect({ timeOut: 10_000 })
  client.send(
    requestFrame(1, OpCode.exists, out =>
      records.writeExistsRequest(out, { path: '/counter', watch: false }),
    ),
  )
  const reply = await client.reply()
  const { version } = records.readStat(juteReader(Buffer.from(reply!.body, 'hex')))
  expect(version).toBeGreaterThanOrEqual(confirmed)
  expect(version).toBeLessThanOrEqual(sent)
  client.hangUp()
}
