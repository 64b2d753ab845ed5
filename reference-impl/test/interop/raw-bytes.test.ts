/** What no well-behaved client sends, and what well-behaved clients never look at: our server does as Apache's. */
import { expect, test } from 'vitest'
import { Code } from '../../src/wire/errors.ts'
import { OpCode, Perms, Xid } from '../../src/wire/opcodes.ts'
import {
  writeCreateRequest,
  writeExistsRequest,
  writeGetDataRequest,
  writeSetDataRequest,
} from '../../src/wire/records.ts'
import { bytesOf } from '../wire/codecs.ts'
import { withEachServer } from './conversation.ts'
import { connectFrame, type RawClient, rawClient, requestFrame } from './raw-client.ts'
import { fourLetterWord } from './servers.ts'

withEachServer('raw bytes', [], server => {
  const open = () => rawClient(server().port)
  /** The server goes on serving others. */
  const goesOn = async () => expect(await fourLetterWord(server().port, 'ruok')).toBe('imok')

  test('ruok and srvr answer and hang up', async () => {
    await goesOn()
    const lines = (await fourLetterWord(server().port, 'srvr')).trimEnd().split('\n')
    expect(lines.map(line => line.split(': ')[0])).toEqual([
      'Zookeeper version',
      'Latency min/avg/max',
      'Received',
      'Sent',
      'Connections',
      'Outstanding',
      'Zxid',
      'Mode',
      'Node count',
    ])
    expect(lines).toContain('Mode: standalone')
    expect(lines).toContain('Node count: 5')
  })

  test.each([
    ['a negative length', '80000000'],
    ['the length -1', 'ffffffff'],
    ['an enormous length', '7fffffff'],
    ['a length just beyond jute.maxbuffer', '00200000'],
    ['a word that nobody knows', Buffer.from('what').toString('hex')],
  ])('%s ends its own connection and no other', async (_, bytes) => {
    const client = await open()
    client.send(bytesOf(bytes))
    expect(await client.receive()).toBe(null)
    await goesOn()
  })

  test('a handshake is answered, also when a bad length comes behind it in one write', async () => {
    const client = await open()
    const ping = requestFrame(Xid.ping, OpCode.ping)
    client.send(Buffer.concat([connectFrame(), ping, bytesOf('ffffffff'), ping]))
    expect(await client.receive()).toHaveLength(37)
    // Whether Apache's answers the ping as well is a race among its threads.
    const next = await client.reply()
    if (next !== null) {
      expect(next).toMatchObject({ xid: Xid.ping, err: 0 })
      expect(await client.receive()).toBe(null)
    }
    await goesOn()
  })

  test('half a frame and a hang-up harm nobody', async () => {
    for (const part of [1, 3, 4, 20, 48]) {
      const client = await open()
      client.send(connectFrame().subarray(0, part))
      client.hangUp()
    }
    await goesOn()
  })

  test('a connect request that comes byte by byte is answered like any other', async () => {
    const client = await open()
    for (const byte of connectFrame()) {
      client.send(Uint8Array.of(byte))
      await new Promise(setImmediate)
    }
    expect(await client.receive()).toHaveLength(37)
    client.hangUp()
  })

  test('only a client that says whether it may be read-only is told whether it is', async () => {
    expect(await (await open()).connect({ readOnly: false })).toMatchObject({ readOnly: false, length: 37 })
    expect(await (await open()).connect({ readOnly: undefined })).toMatchObject({ length: 36 })
  })

  test('a timeout is kept between 2 and 20 ticks', async () => {
    expect(await (await open()).connect({ timeOut: 1 })).toMatchObject({ timeOut: 1000 })
    expect(await (await open()).connect({ timeOut: 3456 })).toMatchObject({ timeOut: 3456 })
    expect(await (await open()).connect({ timeOut: 1_000_000 })).toMatchObject({ timeOut: 10_000 })
  })

  test('a session that was never there, and a wrong password, get all zeros and a hang-up', async () => {
    const alive = await open()
    const { sessionId } = (await alive.connect())!
    for (const claim of [{ sessionId: 0x1234n }, { sessionId, passwd: new Uint8Array(16).fill(7) }]) {
      const client = await open()
      expect(await client.connect(claim)).toMatchObject({
        timeOut: 0,
        sessionId: 0n,
        passwd: new Uint8Array(16),
      })
      expect(await client.receive()).toBe(null)
    }
  })

  test('a client that has seen the future is sent away without a word', async () => {
    const client = await open()
    expect(await client.connect({ lastZxidSeen: 1n << 40n })).toBe(null)
  })

  test('a session that comes by a second connection leaves the first', async () => {
    const first = await open()
    const { sessionId, passwd } = (await first.connect())!
    const second = await open()
    expect(await second.connect({ sessionId, passwd })).toMatchObject({ sessionId, passwd })
    expect(await first.receive()).toBe(null)
    second.send(requestFrame(Xid.ping, OpCode.ping))
    expect(await second.reply()).toMatchObject({ xid: Xid.ping, err: 0 })
  })

  test('a request type that nobody knows is refused with -6, and the connection ends', async () => {
    const client = await inSession(open)
    client.send(requestFrame(1, 999))
    expect(await client.reply()).toEqual({ xid: 1, zxid: -1n, err: Code.UNIMPLEMENTED, body: '' })
    expect(await client.receive()).toBe(null)
  })

  test('a request whose body is cut short is refused with -5, and the connection goes on', async () => {
    const client = await inSession(open)
    client.send(requestFrame(1, OpCode.getData, out => out.byte(0)))
    expect(await client.reply()).toMatchObject({ xid: 1, err: Code.MARSHALLINGERROR, body: '' })
    client.send(requestFrame(2, OpCode.create, out => out.int(1000)))
    expect(await client.reply()).toMatchObject({ xid: 2, err: Code.MARSHALLINGERROR, body: '' })
    client.send(requestFrame(3, OpCode.exists, out => writeExistsRequest(out, { path: '/', watch: false })))
    expect(await client.reply()).toMatchObject({ xid: 3, err: 0 })
  })

  test('many requests in one packet are answered one by one, in order, pings among them', async () => {
    const client = await inSession(open)
    const frames: Uint8Array[] = []
    for (let xid = 1; xid <= 50; xid++) {
      frames.push(
        requestFrame(xid, OpCode.exists, out => writeExistsRequest(out, { path: '/', watch: false })),
      )
    }
    frames.splice(25, 0, requestFrame(Xid.ping, OpCode.ping))
    client.send(Buffer.concat(frames))
    const xids: number[] = []
    for (let count = 0; count < frames.length; count++) xids.push((await client.reply())!.xid)
    expect(xids.filter(xid => xid !== Xid.ping)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    expect(xids).toContain(Xid.ping)
  })

  test('a read that follows a write in the same packet sees it', async () => {
    const client = await inSession(open)
    client.send(
      Buffer.concat([
        create(1, '/pipelined'),
        requestFrame(2, OpCode.setData, out =>
          writeSetDataRequest(out, { path: '/pipelined', data: Uint8Array.of(7), version: 0 }),
        ),
        requestFrame(3, OpCode.getData, out =>
          writeGetDataRequest(out, { path: '/pipelined', watch: false }),
        ),
      ]),
    )
    expect(await client.reply()).toMatchObject({ xid: 1, err: 0 })
    expect(await client.reply()).toMatchObject({ xid: 2, err: 0 })
    const read = await client.reply()
    expect(read).toMatchObject({ xid: 3, err: 0 })
    expect(read?.body).toMatch(/^0000000107/)
  })

  test('the event of a write comes before the reply to that write', async () => {
    const client = await inSession(open)
    client.send(
      requestFrame(1, OpCode.exists, out => writeExistsRequest(out, { path: '/evented', watch: true })),
    )
    expect(await client.reply()).toMatchObject({ xid: 1, err: Code.NONODE })
    client.send(create(2, '/evented'))
    const event = (await client.reply())!
    expect(event).toMatchObject({ xid: Xid.notification, err: 0 })
    const reply = (await client.reply())!
    expect(reply).toMatchObject({ xid: 2, err: 0 })
    expect([-1n, reply.zxid], "-1 up to Apache's 3.8, since then the zxid of the write").toContain(event.zxid)
  })

  test('a failed write takes a zxid like any other, and a read takes none', async () => {
    const client = await inSession(open)
    client.send(create(1, '/counted'))
    const { zxid } = (await client.reply())!
    client.send(create(2, '/counted'))
    expect(await client.reply()).toMatchObject({ err: Code.NODEEXISTS, zxid: zxid + 1n })
    client.send(
      requestFrame(3, OpCode.exists, out => writeExistsRequest(out, { path: '/counted', watch: false })),
    )
    expect(await client.reply()).toMatchObject({ err: 0, zxid: zxid + 1n })
  })

  test('closing a session is answered before the server hangs up', async () => {
    const client = await inSession(open)
    client.send(requestFrame(1, OpCode.closeSession))
    expect(await client.reply()).toMatchObject({ xid: 1, err: 0, body: '' })
    expect(await client.receive()).toBe(null)
  })
})

async function inSession(open: () => Promise<RawClient>): Promise<RawClient> {
  const client = await open()
  expect(await client.connect()).toMatchObject({ timeOut: 4000 })
  return client
}

function create(xid: number, path: string): Uint8Array {
  return requestFrame(xid, OpCode.create, out =>
    writeCreateRequest(out, {
      path,
      data: new Uint8Array(0),
      acl: [{ perms: Perms.ALL, id: { scheme: 'world', id: 'anyone' } }],
      flags: 0,
    }),
  )
}
