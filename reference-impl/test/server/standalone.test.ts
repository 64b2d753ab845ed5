/** The rules of a whole server that no single module can keep: orders of replies and events, lives of sessions. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutputArchive } from '../../src/wire/archive.ts'
import { Code } from '../../src/wire/errors.ts'
import { juteReader } from '../../src/wire/jute.ts'
import { EventType, OpCode, Xid } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { readTxn } from '../../src/wire/txn.ts'
import { type Client, creating, InProcess, setting, startTime } from './in-process.ts'

const reading =
  (path: string, watch = false) =>
  (out: Parameters<typeof records.writeGetDataRequest>[0]) =>
    records.writeGetDataRequest(out, { path, watch })
const syncing = (path: string) => (out: Parameters<typeof records.writeSyncRequest>[0]) =>
  records.writeSyncRequest(out, { path })

/** The xids of what has come, in order. */
function arrived(client: Client): number[] {
  const xids: number[] = []
  for (let reply = client.take(); reply !== undefined; reply = client.take()) xids.push(reply.xid)
  return xids
}

describe('replies', () => {
  test('wait for the log, and come in the order of the requests, reads among the writes', () => {
    const server = new InProcess()
    const client = server.session()
    server.holdUp()
    const xids = [
      client.send(OpCode.create, creating('/a', '1')),
      client.send(OpCode.getData, reading('/a')),
      client.send(OpCode.setData, setting('/a', '2')),
      client.send(OpCode.ping, undefined, Xid.ping),
      client.send(OpCode.getData, reading('/a')),
    ]
    expect(client.inbox).toEqual([])
    server.resume(1)
    expect(client.take()).toMatchObject({ xid: xids[0], err: 0 })
    expect(records.readGetDataResponse(juteReader(client.take()!.body)).data).toEqual(Uint8Array.of(0x31))
    expect(client.inbox).toEqual([])
    server.resume()
    expect(arrived(client)).toEqual(xids.slice(2))
  })

  test("of one session do not wait for another's writes, and do not see them either", () => {
    const server = new InProcess()
    const [writer, reader] = [server.session(), server.session()]
    server.holdUp()
    writer.send(OpCode.create, creating('/a'))
    expect(reader.exists('/a')).toBe(Code.NONODE)
    expect(reader.ask(OpCode.ping, undefined, Xid.ping)).toMatchObject({ err: 0, zxid: 2n })
    server.resume()
    expect(reader.exists('/a')).toMatchObject({ czxid: 3n })
  })

  test('to a sync come when everything ordered before it is applied, whoever ordered it', () => {
    const server = new InProcess()
    const [writer, reader] = [server.session(), server.session()]
    server.holdUp()
    writer.send(OpCode.create, creating('/a'))
    const sync = reader.send(OpCode.sync, syncing('/a'))
    const read = reader.send(OpCode.getData, reading('/a'))
    writer.send(OpCode.create, creating('/b'))
    expect(reader.inbox).toEqual([])
    server.resume(1)
    expect(reader.take()).toMatchObject({ xid: sync, err: 0, zxid: 3n })
    expect(reader.take()).toMatchObject({ xid: read, err: 0 })
  })

  test('to a login come at once, so that what is asked next is judged by it', () => {
    const server = new InProcess()
    const client = server.session()
    server.holdUp()
    client.send(OpCode.create, creating('/a'))
    client.send(
      OpCode.auth,
      out => records.writeAuthPacket(out, { type: 0, scheme: 'digest', auth: Buffer.from('u:p') }),
      Xid.auth,
    )
    const mine = [{ perms: 31, id: { scheme: 'auth', id: '' } }]
    client.send(OpCode.create, creating('/mine', '', 0, mine))
    expect(client.take()).toMatchObject({ xid: Xid.auth, err: 0, zxid: 0n })
    server.resume()
    expect(arrived(client)).toHaveLength(2)
    expect(server.session().ask(OpCode.getData, reading('/mine')).err).toBe(Code.NOAUTH)
  })

  test('to an unknown operation wait their turn, and are the last', () => {
    const server = new InProcess()
    const client = server.session()
    server.holdUp()
    const create = client.send(OpCode.create, creating('/a'))
    const unknown = client.send(999)
    client.send(OpCode.create, creating('/b'))
    server.resume()
    expect(arrived(client)).toEqual([create, unknown])
    expect(client.isOpen).toBe(false)
    // It was ordered, and the client cannot know: that is what a lost connection means.
    expect(server.session().exists('/b')).toMatchObject({ version: 0 })
  })
})

describe('events', () => {
  test('leave before the reply of the write that causes them, to its own session too, and once', () => {
    const server = new InProcess()
    const [client, other] = [server.session(), server.session()]
    client.create('/a')
    client.ask(OpCode.getData, reading('/a', true))
    client.children('/', true)
    other.exists('/a', true)
    const set = client.send(OpCode.setData, setting('/a', 'x'))
    expect(client.takeEvent()).toEqual({ type: EventType.NodeDataChanged, state: 3, path: '/a', zxid: 4n })
    expect(client.take()).toMatchObject({ xid: set, zxid: 4n })
    expect(other.takeEvent()).toMatchObject({ type: EventType.NodeDataChanged, path: '/a' })
    client.set('/a', 'y')
    const remove = client.send(OpCode.delete, out =>
      records.writeDeleteRequest(out, { path: '/a', version: -1 }),
    )
    expect(client.takeEvent()).toMatchObject({ type: EventType.NodeChildrenChanged, path: '/', zxid: 6n })
    expect(client.take()).toMatchObject({ xid: remove })
    expect(other.inbox).toEqual([])
  })

  test('of a multi leave in the order of its parts, before its reply', () => {
    const server = new InProcess()
    const client = server.session()
    client.exists('/a', true)
    client.exists('/b', true)
    client.send(OpCode.multi, out => {
      for (const path of ['/b', '/a']) {
        records.writeMultiHeader(out, { type: OpCode.create, done: false, err: -1 })
        creating(path)(out)
      }
      records.writeMultiHeader(out, { type: -1, done: true, err: -1 })
    })
    expect([client.takeEvent().path, client.takeEvent().path]).toEqual(['/b', '/a'])
    expect(client.take()).toMatchObject({ err: 0 })
  })

  test('go to nobody who may not read the node, not even when it is deleted', () => {
    const server = new InProcess()
    const [owner, stranger] = [server.session(), server.session()]
    owner.send(
      OpCode.auth,
      out => records.writeAuthPacket(out, { type: 0, scheme: 'digest', auth: Buffer.from('u:p') }),
      Xid.auth,
    )
    owner.take()
    stranger.exists('/secret', true)
    owner.create('/secret', '', 0, [{ perms: 31, id: { scheme: 'auth', id: '' } }])
    expect(stranger.inbox).toEqual([])
    expect(stranger.exists('/secret', true)).toBe(Code.NOAUTH)
    owner.delete('/secret')
    expect(stranger.inbox).toEqual([])
  })

  test('go to no connection that is closed', () => {
    const server = new InProcess()
    const [client, other] = [server.session(), server.session()]
    other.exists('/a', true)
    other.hangUp()
    expect(client.create('/a').err).toBe(0)
  })

  test('that a client missed while it was away are made up for by setWatches', () => {
    const server = new InProcess()
    const [client, other] = [server.session(), server.session()]
    for (const path of ['/same', '/set', '/gone', '/parent']) client.create(path)
    const seen = client.ask(OpCode.ping, undefined, Xid.ping).zxid
    client.hangUp()
    other.set('/set', 'x')
    other.delete('/gone')
    other.create('/parent/child')
    other.create('/new')
    const back = server.connect()
    back.handshake({ ...client.granted, lastZxidSeen: seen })
    back.send(
      OpCode.setWatches,
      out =>
        records.writeSetWatches(out, {
          relativeZxid: seen,
          dataWatches: ['/same', '/set', '/gone'],
          existWatches: ['/new', '/never'],
          childWatches: ['/same', '/parent', '/gone'],
        }),
      Xid.setWatches,
    )
    const events = Array.from({ length: 5 }, () => back.takeEvent())
    expect(events.map(({ type, path, zxid }) => `${type} ${path} ${zxid}`)).toEqual([
      '3 /set -1',
      '2 /gone -1',
      '1 /new -1',
      '4 /parent -1',
      '2 /gone -1',
    ])
    expect(back.take()).toMatchObject({ xid: Xid.setWatches, err: 0 })
    other.set('/same', 'x')
    other.create('/never')
    expect([back.takeEvent().path, back.takeEvent().path]).toEqual(['/same', '/never'])
  })
})

describe('where a login is required', () => {
  const required = 'enforce.auth.enabled=true\nenforce.auth.schemes=digest\n'
  const logIn = (out: OutputArchive) =>
    records.writeAuthPacket(out, { type: 0, scheme: 'digest', auth: Buffer.from('u:p') })

  test('who has not logged in may stay and go, and is sent away for anything else', () => {
    const client = new InProcess(required).session()
    expect(client.ask(OpCode.ping, undefined, Xid.ping).err).toBe(0)
    expect(client.create('/a')).toMatchObject({ err: -124, zxid: 0n })
    expect(client.isOpen).toBe(false)
    const other = new InProcess(required).session()
    expect(other.ask(OpCode.closeSession).err).toBe(0)
  })

  test('who has logged in is served', () => {
    const client = new InProcess(required).session()
    expect(client.ask(OpCode.auth, logIn, Xid.auth).err).toBe(0)
    expect(client.create('/a').err).toBe(0)
  })
})

describe('a session', () => {
  test('expires when nothing is heard of it for its timeout, and its nodes go at that moment', () => {
    const server = new InProcess()
    const [client, other] = [server.session(4000), server.session(40_000)]
    client.create('/e', '', 1)
    other.exists('/e', true)
    server.pass(3999)
    expect(client.ask(OpCode.ping, undefined, Xid.ping).err).toBe(0)
    server.pass(4000)
    expect(other.exists('/e', true)).toMatchObject({ ephemeralOwner: client.granted!.sessionId })
    server.pass(2000)
    expect(client.isOpen).toBe(false)
    expect(other.takeEvent()).toMatchObject({ type: EventType.NodeDeleted, path: '/e' })
    expect(other.exists('/e')).toBe(Code.NONODE)
    expect(server.events).toEqual([{ type: 'expired', session: client.granted!.sessionId, timeout: 4000 }])
    const late = server.connect()
    expect(late.handshake({ ...client.granted })).toMatchObject({ timeOut: 0, sessionId: 0n })
    expect(late.isOpen).toBe(false)
  })

  test('that has lost its connection lives on, and comes back to its nodes', () => {
    const server = new InProcess()
    const client = server.session(4000)
    client.create('/e', '', 1)
    client.hangUp()
    server.pass(3000)
    const back = server.connect()
    expect(back.handshake({ ...client.granted, timeOut: 10_000 })).toMatchObject({
      sessionId: client.granted!.sessionId,
      passwd: client.granted!.passwd,
      timeOut: 10_000,
    })
    server.pass(9000)
    expect(back.isOpen).toBe(true)
    expect(back.exists('/e')).toMatchObject({ version: 0 })
    server.pass(12_000)
    expect(back.isOpen).toBe(false)
  })

  test('that comes by a second connection leaves the first, even with a wrong password', () => {
    const server = new InProcess()
    const first = server.session()
    const second = server.connect()
    expect(second.handshake({ ...first.granted, passwd: new Uint8Array(16) })).toMatchObject({ timeOut: 0 })
    expect([first.isOpen, second.isOpen]).toEqual([false, false])
    const third = server.connect()
    expect(third.handshake({ ...first.granted })).toMatchObject({ sessionId: first.granted!.sessionId })
  })

  test('that moves to a new connection is told so when the writes it left behind are applied', () => {
    const server = new InProcess()
    const first = server.session()
    server.holdUp()
    first.send(OpCode.create, creating('/a'))
    const second = server.connect()
    second.handshake({ ...first.granted })
    const read = second.send(OpCode.getData, reading('/a'))
    expect(second.inbox).toEqual([])
    server.resume()
    expect(first.inbox).toEqual([])
    expect(second.takeGrant()).toMatchObject({ sessionId: first.granted!.sessionId })
    expect(second.take()).toMatchObject({ xid: read, err: 0 })
  })

  test('that its client closes is answered, then the server hangs up; what it still asks is not', () => {
    const server = new InProcess()
    const [client, other] = [server.session(), server.session()]
    client.create('/e', '', 1)
    server.holdUp()
    const close = client.send(OpCode.closeSession)
    client.send(OpCode.create, creating('/too-late'))
    client.send(OpCode.getData, reading('/e'))
    server.resume()
    expect(arrived(client)).toEqual([close])
    expect(client.isOpen).toBe(false)
    expect([other.exists('/e'), other.exists('/too-late')]).toEqual([Code.NONODE, Code.NONODE])
    expect(server.connect().handshake({ ...client.granted })).toMatchObject({ timeOut: 0 })
  })

  test('is none for a connection that never asks for one: that is dropped', () => {
    const server = new InProcess('nio.sessionlessCnxnTimeout=1000')
    const [silent, talking] = [server.connect(), server.session()]
    server.pass(999)
    expect(silent.isOpen).toBe(true)
    server.pass(1)
    expect([silent.isOpen, talking.isOpen]).toEqual([false, true])
    expect(server.events).toMatchObject([{ type: 'closed', session: null }])
  })
})

describe('the log', () => {
  test('gets every write as a transaction with its zxid, failures and garbage among them, and no read', () => {
    const server = new InProcess()
    const client = server.session(5000)
    client.create('/a', 'x', 1)
    client.exists('/a')
    client.create('/a')
    client.ask(OpCode.create, out => out.int(1000))
    client.ask(OpCode.closeSession)
    const session = client.granted!.sessionId
    const stamp = { clientId: session, time: BigInt(startTime) + 1n }
    expect(server.log.map(record => readTxn(juteReader(record)))).toMatchObject([
      {
        header: { ...stamp, zxid: 1n, cxid: 0, type: OpCode.createSession },
        txn: { record: { timeOut: 5000 } },
      },
      {
        header: { ...stamp, zxid: 2n, cxid: 1, type: OpCode.create },
        txn: { record: { path: '/a', ephemeral: true, parentCVersion: 1 } },
      },
      { header: { ...stamp, zxid: 3n, type: OpCode.error }, txn: { record: { err: Code.NODEEXISTS } } },
      { header: { ...stamp, zxid: 4n, type: OpCode.error }, txn: { record: { err: Code.MARSHALLINGERROR } } },
      {
        header: { ...stamp, zxid: 5n, type: OpCode.closeSession },
        txn: { record: { paths2Delete: ['/a'] } },
      },
    ])
  })
})

describe('four-letter words', () => {
  test('are answered when the configuration allows them, and srvr always', () => {
    expect(new InProcess().connect().word('ruok')).toBe(
      'ruok is not executed because it is not in the whitelist.\n',
    )
    expect(new InProcess('4lw.commands.whitelist=ruok').connect().word('ruok')).toBe('imok')
    const asked = new InProcess('4lw.commands.whitelist=*').connect()
    expect(asked.word('isro')).toBe('rw')
    expect(asked.isOpen).toBe(false)
    expect(new InProcess('4lw.commands.whitelist=ruok').connect().word('srvr')).toMatch(
      /^Zookeeper version: 3\.9\./,
    )
  })

  test('srvr counts', () => {
    const server = new InProcess()
    const client = server.session()
    client.create('/a')
    server.holdUp()
    client.send(OpCode.setData, setting('/a', 'x'))
    server.pass(5)
    server.resume()
    const lines = (server.connect().word('srvr') as string).split('\n')
    expect(lines.slice(1)).toEqual([
      'Latency min/avg/max: 0/1.6667/5',
      'Received: 4',
      'Sent: 3',
      'Connections: 2',
      'Outstanding: 0',
      'Zxid: 0x3',
      'Mode: standalone',
      'Node count: 6',
      '',
    ])
  })
})

describe('garbage', () => {
  test('instead of a handshake or of a header ends its own connection with one line of log, and no other', () => {
    const server = new InProcess()
    const good = server.session()
    const strangers = [server.connect(), server.session()]
    for (const stranger of strangers) stranger.sendFrame(Uint8Array.of(1, 2, 3))
    expect(strangers.map(stranger => stranger.isOpen)).toEqual([false, false])
    expect(server.events.map(event => event.type)).toEqual(['closed', 'closed'])
    expect(good.create('/a').err).toBe(0)
  })

  test('of any kind brings down nobody', () => {
    const types = Object.values(OpCode).filter(type => type !== OpCode.closeSession)
    const frame = fc.record({
      type: fc.oneof(fc.constantFrom(...types), fc.integer({ min: -20, max: 120 })),
      body: fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        // Nearly a path and what follows it.
        fc.tuple(fc.string({ maxLength: 9 }), fc.uint8Array({ maxLength: 40 })).map(([text, rest]) => {
          const path = Buffer.from(`/${text}`)
          return Uint8Array.from([0, 0, 0, path.length, ...path, ...rest])
        }),
      ),
    })
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), frames => {
        const server = new InProcess('extendedTypesEnabled=true')
        const witness = server.session()
        let client = server.session()
        for (const { type, body } of frames) {
          if (!client.isOpen) client = server.session()
          client.send(type, out => {
            for (const byte of body) out.byte((byte << 24) >> 24)
          })
          server.pass(1)
        }
        expect(witness.exists('/')).toMatchObject({ czxid: 0n })
      }),
      { numRuns: 300 },
    )
  })
})
