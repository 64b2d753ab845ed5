/** What the program says and does besides serving. */
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { OpCode, Xid } from '../../src/wire/opcodes.ts'
import { connectFrame, rawClient, requestFrame } from '../interop/raw-client.ts'
import { runToEnd, startServer, temporaryFolder } from './start.ts'

const folder = temporaryFolder()

function file(name: string, text: string): string {
  const full = path.join(folder, name)
  writeFileSync(full, text)
  return full
}

describe('a server that cannot start says why and what to do, in one line', () => {
  test.each<[string, () => string[], string, number]>([
    [
      'no configuration',
      () => [path.join(folder, 'none.cfg')],
      `zk-server: there is no file ${path.join(folder, 'none.cfg')}: name another one, or write one with the lines dataDir=/var/lib/zookeeper and clientPort=2181\n`,
      2,
    ],
    [
      'a folder instead of one',
      () => [folder],
      `zk-server: ${folder} is a folder: name the zoo.cfg in it\n`,
      2,
    ],
    [
      'a bad line',
      () => [file('bad.cfg', 'dataDir=/tmp\n\nclientPort=many\n')],
      `${path.join(folder, 'bad.cfg')}:3: clientPort=many: must be a whole number from 0 to 65535, for example 2181\n`,
      2,
    ],
    [
      'bad arguments',
      () => ['2181', ''],
      'zk-server: dataDir=: needs a value, for example /var/lib/zookeeper\n',
      2,
    ],
    [
      'a data folder that is a file',
      () => [file('file.cfg', `dataDir=${file('data', '').replaceAll('\\', '/')}\nclientPort=0\n`)],
      `zk-server: the dataDir ${path.join(folder, 'data')} cannot be used (EEXIST): choose another dataDir, or make it a folder that this user may write to\n`,
      1,
    ],
  ])('%s', async (_, args, err, code) => {
    expect(await runToEnd(args())).toEqual({ code, out: '', err })
  })

  test('a port in use', async () => {
    const other = net.createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as net.AddressInfo
    mkdirSync(path.join(folder, 'free'))
    const free = path.join(folder, 'free').replaceAll('\\', '/')
    const cfg = file('used.cfg', `dataDir=${free}\nclientPort=${port}\nclientPortAddress=127.0.0.1\n`)
    expect(await runToEnd([cfg])).toEqual({
      code: 1,
      out: '',
      err: `zk-server: port ${port} is in use: stop the program that listens there, or choose another clientPort\n`,
    })
    other.close()
  })

  test('no argument at all: then it says how it is used', async () => {
    const { code, err } = await runToEnd([])
    expect(code).toBe(2)
    expect(err).toContain('Usage: zk-server [-Dname=value ...] zoo.cfg\n')
  })
})

describe('a server that serves', () => {
  test('says so in one line, and ends well when it is told to', async () => {
    const server = await startServer()
    expect(server.greeting).toBe(`zk-server listens on 127.0.0.1:${server.port}, with a new database`)
    const client = await rawClient(server.port)
    expect(await client.connect()).toMatchObject({ timeOut: 4000 })
    expect(await server.stop()).toBe(0)
    expect(await client.receive()).toBe(null)
    expect(server.log).toEqual([])
  })

  test('names settings that it cannot honour, and serves', async () => {
    await using server = await startServer({ cfg: 'audit.impl.class=true\nmispelt=1\n' })
    expect(server.log.map(line => line.replace(/^\S+ .*zoo\.cfg:/, ''))).toEqual([
      '5: these settings have no effect in this server: audit.impl.class (line 5)',
      '6: these settings are unknown (misspelled?) and ignored: mispelt (line 6)',
    ])
  })

  test('says in one line what was wrong with a connection that it drops, and goes on', async () => {
    await using server = await startServer({ cfg: 'maxClientCnxns=1\n' })
    const first = await rawClient(server.port)
    const ping = requestFrame(Xid.ping, OpCode.ping)
    first.send(Buffer.concat([connectFrame(), ping, Buffer.from('ffffffff', 'hex')]))
    expect(await first.receive(), 'what is good is answered').toHaveLength(37)
    expect(await first.reply()).toMatchObject({ xid: Xid.ping })
    expect(await first.receive()).toBe(null)
    const second = await rawClient(server.port)
    expect(await second.connect()).toMatchObject({ timeOut: 4000 })
    const third = await rawClient(server.port)
    expect(await third.receive()).toBe(null)
    expect(server.log.map(line => line.replace(/^\S+ /, '').replace(/:\d+:/, ':PORT:'))).toEqual([
      'dropped the connection from 127.0.0.1:PORT: MARSHALLINGERROR: a frame of -1 bytes, where 0 to 1048575 are allowed',
      'refused a connection from 127.0.0.1:PORT: the limit of 1 for 127.0.0.1 is reached',
    ])
    second.hangUp()
  })
})
