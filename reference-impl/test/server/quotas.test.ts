/** Quotas in a whole server: what is counted, what is refused, and what a restart makes of it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { emptyTree } from '../../src/state/data-tree.ts'
import { figuresOf, quotasOf } from '../../src/state/quotas.ts'
import { Code } from '../../src/wire/errors.ts'
import { juteReader } from '../../src/wire/jute.ts'
import { CreateMode, OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { type Client, creating, InProcess, setting } from './in-process.ts'

const text = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? undefined)

function dataOf(client: Client, path: string): string {
  const reply = client.ask(OpCode.getData, out => records.writeGetDataRequest(out, { path, watch: false }))
  return text(records.readGetDataResponse(juteReader(reply.body)).data)
}

const statsOf = (client: Client, path: string): string =>
  dataOf(client, `/zookeeper/quota${path}/zookeeper_stats`)

/** As Apache's clients set one. */
function setQuota(client: Client, path: string, limits: string): void {
  let at = '/zookeeper/quota'
  for (const name of path.split('/').slice(1)) {
    at += `/${name}`
    client.create(at)
  }
  client.create(`${at}/zookeeper_limits`, limits)
  client.create(`${at}/zookeeper_stats`, 'count=0,bytes=0')
}

/** The codes that the parts of a multi came to. */
function multi(client: Client, ...parts: [type: number, write: Parameters<Client['send']>[1]][]): number[] {
  const reply = client.ask(OpCode.multi, out => {
    for (const [type, write] of parts) {
      records.writeMultiHeader(out, { type, done: false, err: -1 })
      write?.(out)
    }
    records.writeMultiHeader(out, { type: -1, done: true, err: -1 })
  })
  const input = juteReader(reply.body)
  const errs: number[] = []
  for (let header = records.readMultiHeader(input); !header.done; header = records.readMultiHeader(input)) {
    errs.push(header.type === OpCode.error ? input.int() : 0)
    if (header.type === OpCode.create) input.ustring()
    if (header.type === OpCode.setData) records.readStat(input)
  }
  return errs
}

describe('the stats of a quota', () => {
  test('begin with what is there, and follow every change at its path and below', () => {
    const client = new InProcess().session()
    client.create('/q', 'abc')
    client.create('/q/old', 'de')
    client.create('/other', 'far away')
    setQuota(client, '/q', 'count=100,bytes=1000')
    expect(statsOf(client, '/q')).toBe('count=2,bytes=5')
    client.create('/q/old/deep', '1234')
    client.set('/q/old', 'longer than before')
    client.set('/q', '')
    client.create('/qq', 'a longer name is another path')
    expect(statsOf(client, '/q')).toBe('count=3,bytes=22')
    client.delete('/q/old/deep')
    expect(
      multi(client, [OpCode.create, creating('/q/m', 'xy')], [OpCode.setData, setting('/q/m', 'xyz')]),
    ).toEqual([0, 0])
    expect(statsOf(client, '/q')).toBe('count=3,bytes=21')
    expect(client.exists('/zookeeper/quota/q/zookeeper_stats'), 'no transaction touches it').toMatchObject({
      version: 0,
      dataLength: 16,
    })
  })

  test('lose what goes by itself: the nodes of a session, and containers', () => {
    const server = new InProcess('znode.container.checkIntervalMs=1000')
    const client = server.session()
    client.create('/q')
    setQuota(client, '/q', 'count=100,bytes=-1')
    const other = server.session()
    other.create('/q/mine', 'abc', CreateMode.EPHEMERAL)
    client.ask(OpCode.createContainer, creating('/q/box', 'abc', CreateMode.CONTAINER))
    client.create('/q/box/thing')
    expect(statsOf(client, '/q')).toBe('count=4,bytes=6')
    other.ask(OpCode.closeSession)
    client.delete('/q/box/thing')
    for (let rounds = 0; rounds < 3; rounds++) server.pass(1000)
    expect(client.exists('/q/box')).toBe(Code.NONODE)
    expect(statsOf(client, '/q')).toBe('count=1,bytes=0')
  })

  test('of the nearest quota count alone, until its limits are gone', () => {
    const client = new InProcess().session()
    client.create('/a')
    client.create('/a/b')
    setQuota(client, '/a', 'count=100,bytes=-1')
    setQuota(client, '/a/b', 'count=100,bytes=-1')
    client.create('/a/b/c', '123')
    expect([statsOf(client, '/a'), statsOf(client, '/a/b')]).toEqual(['count=2,bytes=0', 'count=2,bytes=3'])
    client.delete('/zookeeper/quota/a/b/zookeeper_limits')
    client.create('/a/b/d', '4')
    expect([statsOf(client, '/a'), statsOf(client, '/a/b')]).toEqual(['count=3,bytes=1', 'count=2,bytes=3'])
  })

  test('are what a count of the tree gives, after any writes', () => {
    const name = fc.constantFrom('/a', '/a/b', '/a/b/c', '/a/d', '/e')
    const step = fc.record({
      what: fc.constantFrom('create', 'set', 'delete'),
      path: name,
      data: fc.string(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), steps => {
        const client = new InProcess().session()
        client.create('/a')
        setQuota(client, '/a', 'count=-1,bytes=-1')
        for (const { what, path, data } of steps) {
          if (what === 'create') client.create(path, data)
          else if (what === 'set') client.set(path, data)
          else client.delete(path)
        }
        const kept = statsOf(client, '/a')
        client.delete('/zookeeper/quota/a/zookeeper_stats')
        client.create('/zookeeper/quota/a/zookeeper_stats')
        expect(statsOf(client, '/a')).toBe(kept)
      }),
      { numRuns: 50 },
    )
  })

  test('are counted anew from a tree that comes from files', () => {
    const server = new InProcess()
    const client = server.session()
    client.create('/q', 'abc')
    setQuota(client, '/q', 'count=100,bytes=-1')
    client.set('/zookeeper/quota/q/zookeeper_stats', 'count=77,bytes=77')
    expect(quotasOf(server.tree).paths).toEqual(new Set(['/q']))
    expect(statsOf(client, '/q')).toBe('count=1,bytes=3')
    expect(quotasOf(emptyTree()).paths.size).toBe(0)
  })
})

describe('a limit', () => {
  const hard = 'count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3'

  test('that is hard refuses the write that exceeds it, when quotas are enforced, and nothing is left of that write', () => {
    const server = new InProcess('enforceQuota=true')
    const client = server.session()
    client.create('/q', '123')
    setQuota(client, '/q', hard)
    expect(client.create('/q/a', '45678').err).toBe(Code.OK)
    expect(client.create('/q/b', '901').err, 'bytes').toBe(Code.QUOTAEXCEEDED)
    expect(client.set('/q/a', '45678901').err).toBe(Code.QUOTAEXCEEDED)
    expect(client.set('/q/a', '4567890').err, 'as much as is allowed').toBe(Code.OK)
    expect(client.create('/q/b').err).toBe(Code.OK)
    expect(client.create('/q/c').err, 'count').toBe(Code.QUOTAEXCEEDED)
    expect(client.exists('/q')).toMatchObject({ numChildren: 2, cversion: 2 })
    expect(statsOf(client, '/q')).toBe('count=3,bytes=10')
    expect(client.set('/q/a', 'a').err, 'less').toBe(Code.OK)
    expect(server.events).toContainEqual({
      type: 'over quota',
      path: '/q',
      what: 'count',
      value: 4,
      limit: 3,
      isHard: true,
      isRefused: true,
    })
  })

  test('comes behind the other checks of a create, and before the version of a set', () => {
    const client = new InProcess('enforceQuota=true').session()
    client.create('/q', '123')
    setQuota(client, '/q', 'count=-1,bytes=-1=;byteHardLimit=1;countHardLimit=1')
    expect(client.create('/q').err).toBe(Code.NODEEXISTS)
    expect(client.create('/q/no/parent').err).toBe(Code.NONODE)
    expect(client.set('/q/none', 'long').err).toBe(Code.NONODE)
    expect(client.set('/q', 'longer', 77).err).toBe(Code.QUOTAEXCEEDED)
    expect(client.set('/q', '12').err, 'less than before, and still too much').toBe(Code.QUOTAEXCEEDED)
    expect(client.set('/q', '1', 77).err).toBe(Code.BADVERSION)
    expect(client.create('/q/x', '', 0, []).err).toBe(Code.INVALIDACL)
  })

  test('fails a multi at the part that exceeds it', () => {
    const client = new InProcess('enforceQuota=true').session()
    client.create('/q', '123')
    setQuota(client, '/q', hard)
    const parts = (data: string): Parameters<typeof multi>[1][] => [
      [OpCode.setData, setting('/q', '1')],
      [OpCode.create, creating('/q/a', data)],
      [OpCode.create, creating('/q/b', '')],
    ]
    expect(multi(client, ...parts('12345678'))).toEqual([0, Code.QUOTAEXCEEDED, Code.RUNTIMEINCONSISTENCY])
    expect(dataOf(client, '/q')).toBe('123')
    expect(multi(client, ...parts('12'))).toEqual([0, 0, 0])
    expect(statsOf(client, '/q')).toBe('count=3,bytes=3')
  })

  test('only warns when it is soft, or when quotas are not enforced: once a minute', () => {
    const server = new InProcess()
    const client = server.session()
    for (const path of ['/soft', '/hard']) client.create(path)
    setQuota(client, '/soft', 'count=1,bytes=-1')
    setQuota(client, '/hard', 'count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=1')
    const excess = { type: 'over quota', what: 'count', value: 2, limit: 1, isRefused: false }
    expect(client.create('/soft/a').err).toBe(0)
    expect(client.create('/soft/b').err).toBe(0)
    expect(client.create('/hard/a').err).toBe(0)
    expect(server.events.splice(0)).toEqual([
      { ...excess, path: '/soft', isHard: false },
      { ...excess, path: '/hard', isHard: true },
    ])
    for (let seconds = 0; seconds < 60; seconds += 5) {
      server.pass(5000)
      client.ask(OpCode.ping, undefined, -2)
    }
    client.create('/soft/c')
    expect(server.events).toMatchObject([{ value: 4 }])
  })
})

test('what is no number in a text of figures stands for none', () => {
  expect([...figuresOf('count=5,bytes=6=;byteHardLimit=7;countHardLimit=')]).toEqual([
    ['count', 5],
    ['bytes', 6],
    ['byteHardLimit', 7],
    ['countHardLimit', -1],
  ])
  expect([...figuresOf('garbage;;x=y=z,,')]).toEqual([
    ['garbage', -1],
    ['x', -1],
  ])
  expect(figuresOf('').size).toBe(0)
})
