/** Containers and nodes with a time to live, on a server where time passes as it is told to. */
import { describe, expect, test } from 'vitest'
import { Code } from '../../src/wire/errors.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import { writeCreateRequest, writeCreateTTLRequest } from '../../src/wire/records.ts'
import { type Client, InProcess, open } from './in-process.ts'

const empty = new Uint8Array(0)
const minute = 60_000

function container(client: Client, path: string): void {
  const record = { path, data: empty, acl: open, flags: 4 }
  expect(client.ask(OpCode.createContainer, out => writeCreateRequest(out, record)).err).toBe(0)
}

function withTtl(client: Client, path: string, ttl: bigint): void {
  const record = { path, data: empty, acl: open, flags: 5, ttl }
  expect(client.ask(OpCode.createTTL, out => writeCreateTTLRequest(out, record)).err).toBe(0)
}

/** Lets time pass as clients see it: a second at a time, and none of them expires. */
function pass(server: InProcess, client: Client, millis: number): void {
  for (let passed = 0; passed < millis; passed += 1000) {
    server.pass(1000)
    client.ask(OpCode.ping, () => {}, -2)
  }
}

describe('a container', () => {
  test('ends when its last child is gone, and not while it has one or has had none', () => {
    const server = new InProcess()
    const client = server.session()
    for (const path of ['/used', '/full', '/fresh']) container(client, path)
    for (const path of ['/used/a', '/full/a']) client.create(path)
    client.delete('/used/a')
    pass(server, client, minute + 2000)
    expect(client.children('/')).toEqual(['fresh', 'full', 'zookeeper'])
  })

  test('that never had a child ends too, once the configuration sets a limit', () => {
    const server = new InProcess(
      'znode.container.maxNeverUsedIntervalMs=5000\nznode.container.checkIntervalMs=2000\n',
    )
    const client = server.session()
    container(client, '/fresh')
    pass(server, client, 4000)
    expect(client.exists('/fresh')).toMatchObject({ version: 0 })
    pass(server, client, 4000)
    expect(client.exists('/fresh')).toBe(Code.NONODE)
  })

  test('ends with an event for those who watch it', () => {
    const server = new InProcess('znode.container.checkIntervalMs=1000\n')
    const client = server.session()
    container(client, '/c')
    client.create('/c/a')
    client.delete('/c/a')
    client.exists('/c', true)
    server.pass(1000)
    server.pass(1000)
    expect(client.takeEvent()).toMatchObject({ path: '/c', type: 2 })
  })
})

describe('a node with a time to live', () => {
  const cfg = 'extendedTypesEnabled=true\nznode.container.checkIntervalMs=1000\n'

  test('ends when it was left alone for so long, and setting it renews it', () => {
    const server = new InProcess(cfg)
    const client = server.session()
    withTtl(client, '/left', 5000n)
    withTtl(client, '/renewed', 5000n)
    pass(server, client, 4000)
    client.set('/renewed', 'again')
    pass(server, client, 4000)
    expect(client.children('/')).toEqual(['renewed', 'zookeeper'])
    pass(server, client, 4000)
    expect(client.children('/')).toEqual(['zookeeper'])
  })

  test('stays while it has a child', () => {
    const server = new InProcess(cfg)
    const client = server.session()
    withTtl(client, '/parent', 1n)
    client.create('/parent/child')
    pass(server, client, 5000)
    expect(client.children('/')).toEqual(['parent', 'zookeeper'])
  })
})

test('no more nodes end in a minute than the configuration allows', () => {
  const server = new InProcess('znode.container.maxPerMinute=2\n')
  const client = server.session()
  for (const path of ['/a', '/b', '/c']) {
    container(client, path)
    client.create(`${path}/child`)
    client.delete(`${path}/child`)
  }
  pass(server, client, minute + 2000)
  expect(client.children('/')).toEqual(['c', 'zookeeper'])
  pass(server, client, minute)
  expect(client.children('/')).toEqual(['zookeeper'])
})
