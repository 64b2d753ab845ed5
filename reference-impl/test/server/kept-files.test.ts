/** What the program keeps on its disk, and what it says about it. */
import { existsSync, mkdirSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { Code } from '../../src/wire/errors.ts'
import { juteReader } from '../../src/wire/jute.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { rawClient, requestFrame } from '../interop/raw-client.ts'
import { creating, setting } from './in-process.ts'
import { type RunningServer, runToEnd, startServer, temporaryFolder } from './start.ts'

// Java's format takes a backslash for an escape.
const folder = temporaryFolder().replaceAll('\\', '/')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// Much more than it takes, for machines that are busy with other things.
vi.setConfig({ testTimeout: 60_000 })

test('old files are purged from a server that goes on, and the next start has everything', async () => {
  const dataDir = path.join(folder, 'purged')
  const cfg = `dataDir=${dataDir}\nsnapCount=10\npreAllocSize=64\nautopurge.purgeInterval=100ms\nsnapshot.compression.method=gz\n`
  const files = (kind: string): string[] =>
    readdirSync(path.join(dataDir, 'version-2')).filter(name => name.startsWith(`${kind}.`))
  {
    await using server = await startServer({ cfg })
    await writing(server, 150)
    await server.said('purged')
    for (let tries = 0; tries < 100 && files('snapshot').length > 3; tries++) await pause(50)
    expect(files('snapshot')).toHaveLength(3)
    expect(files('snapshot').every(name => name.endsWith('.gz'))).toBe(true)
    expect(files('log').length).toBeLessThan(10)
    await server.stop('SIGKILL')
  }
  await using server = await startServer({ cfg })
  expect(await versionOf(server)).toBe(150)
})

test('db.autocreate=false: an empty folder is refused, unless a file says that the server is a new one', async () => {
  const dataDir = path.join(folder, 'new')
  mkdirSync(dataDir)
  const cfg = path.join(folder, 'new.cfg')
  writeFileSync(cfg, `dataDir=${dataDir}\nclientPort=0\nclientPortAddress=127.0.0.1\ndb.autocreate=false\n`)
  expect(await runToEnd([cfg])).toEqual({
    code: 1,
    out: '',
    err: 'zk-server: nothing is there, and db.autocreate=false: put the files back, or make an empty file named initialize in the dataDir if this server is a new one\n',
  })
  const marker = path.join(dataDir, 'initialize')
  writeFileSync(marker, '')
  const lines = `dataDir=${dataDir}\ndb.autocreate=false\n`
  {
    await using server = await startServer({ cfg: lines })
    await writing(server, 1)
    expect(existsSync(marker), 'it is used once').toBe(false)
  }
  await using again = await startServer({ cfg: lines })
  expect(await versionOf(again)).toBe(1)
})

test('a log without a snapshot is refused, unless somebody says that there never was one', async () => {
  const dataDir = path.join(folder, 'no-snapshot')
  {
    await using server = await startServer({ cfg: `dataDir=${dataDir}\n` })
    await writing(server, 3)
  }
  unlinkSync(path.join(dataDir, 'version-2', 'snapshot.0'))
  await expect(startServer({ cfg: `dataDir=${dataDir}\n` })).rejects.toThrow('put the snapshots back')
  await using server = await startServer({ cfg: `dataDir=${dataDir}\nsnapshot.trust.empty=true\n` })
  expect(await versionOf(server)).toBe(3)
})

test('a server that does not wait for the disk says so, and one whose disk is slow does, too', async () => {
  {
    await using server = await startServer({ cfg: 'forceSync=no\n' })
    await server.said('forceSync=no: a loss of power can take back what was confirmed')
    await writing(server, 10)
    expect(await versionOf(server)).toBe(10)
  }
  await using server = await startServer({ cfg: 'fsync.warningthresholdms=0\n' })
  await writing(server, 1)
  await server.said('writes waited for it: is the disk busy or broken?')
})

/** Sets one node so often, one after the other. */
async function writing(server: RunningServer, times: number): Promise<void> {
  const client = await rawClient(server.port)
  await client.connect({ timeOut: 10_000 })
  client.send(requestFrame(1, OpCode.create, creating('/counter')))
  expect((await client.reply())?.err).toBe(Code.OK)
  for (let i = 0; i < times; i++) {
    client.send(requestFrame(2, OpCode.setData, setting('/counter', `${i}`)))
    expect((await client.reply())?.err).toBe(Code.OK)
  }
  client.hangUp()
}

/** How often it was set. */
async function versionOf(server: RunningServer): Promise<number> {
  const client = await rawClient(server.port)
  await client.connect({ timeOut: 10_000 })
  client.send(
    requestFrame(1, OpCode.exists, out =>
      records.writeExistsRequest(out, { path: '/counter', watch: false }),
    ),
  )
  const reply = await client.reply()
  client.hangUp()
  return records.readStat(juteReader(Buffer.from(reply!.body, 'hex'))).version
}
