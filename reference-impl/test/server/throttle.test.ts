/** Whom a server does not listen to for now. */
import { describe, expect, test } from 'vitest'
import { tokenBucket } from '../../src/server/token-bucket.ts'
import { Code } from '../../src/wire/errors.ts'
import { OpCode, Xid } from '../../src/wire/opcodes.ts'
import { creating, InProcess } from './in-process.ts'

describe('with too many writes on their way', () => {
  test('who has one of them waits, until one is answered and there are few enough; who has none may send one', () => {
    const server = new InProcess('globalOutstandingLimit=3')
    const [greedy, modest] = [server.session(), server.session()]
    server.pauses.length = 0
    server.holdUp()
    for (let i = 0; i < 3; i++) greedy.send(OpCode.create, creating(`/greedy-${i}`))
    expect(server.pauses, 'as many as are allowed').toEqual([])
    greedy.send(OpCode.create, creating('/greedy-3'))
    modest.send(OpCode.ping, undefined, Xid.ping)
    expect(modest.take()).toMatchObject({ xid: Xid.ping })
    modest.send(OpCode.create, creating('/modest'))
    expect(server.pauses.splice(0)).toEqual([
      { type: 'pause', link: 1 },
      { type: 'pause', link: 2 },
    ])
    server.resume(1)
    expect(server.pauses, 'four are on their way').toEqual([])
    server.resume(1)
    expect(server.pauses.splice(0)).toEqual([{ type: 'resume', link: 1 }])
    server.resume()
    expect(server.pauses).toEqual([{ type: 'resume', link: 2 }])
  })

  test('its silence ends no session', () => {
    const server = new InProcess('globalOutstandingLimit=1')
    const client = server.session(4000)
    server.holdUp()
    client.send(OpCode.create, creating('/a'))
    client.send(OpCode.create, creating('/b'))
    for (let seconds = 0; seconds < 20; seconds++) server.pass(1000)
    expect(server.events).toEqual([])
    server.resume()
    for (let seconds = 0; seconds < 20; seconds++) server.pass(1000)
    expect(server.events).toMatchObject([{ type: 'expired' }])
  })

  test('a connection that goes meanwhile is forgotten', () => {
    const server = new InProcess('globalOutstandingLimit=1')
    const client = server.session()
    server.holdUp()
    client.send(OpCode.create, creating('/a'))
    client.send(OpCode.create, creating('/b'))
    client.hangUp()
    server.pauses.length = 0
    server.resume()
    expect(server.pauses).toEqual([])
  })
})

describe('with as many requests begun as there may be', () => {
  test('no further one is, until one is answered; then they begin in the order in which they came', () => {
    const server = new InProcess('request_throttle_max_requests=2')
    const [first, second] = [server.session(), server.session()]
    server.holdUp()
    const before = server.log.length
    for (const name of ['a', 'b', 'c']) first.send(OpCode.create, creating(`/${name}`))
    const ping = second.send(OpCode.ping, undefined, Xid.ping)
    second.send(OpCode.create, creating('/d'))
    expect(server.log.length - before).toBe(2)
    expect(second.take(), 'one line for all, as with Apache').toBe(undefined)
    server.resume(1)
    expect(server.log.length - before).toBe(3)
    server.resume()
    expect(second.take()).toMatchObject({ xid: ping, err: 0 })
    expect(second.take()).toMatchObject({ err: 0 })
    first.inbox.length = 0
    expect(first.children('/')).toEqual(['a', 'b', 'c', 'd', 'zookeeper'])
  })

  test('who asks for much more waits, and nobody waits for ever', () => {
    const server = new InProcess('request_throttle_max_requests=1\nglobalOutstandingLimit=2')
    const client = server.session()
    server.holdUp()
    server.pauses.length = 0
    client.send(OpCode.create, creating('/a'))
    for (let i = 0; i < 3; i++) client.send(OpCode.ping, undefined, Xid.ping)
    expect(server.pauses).toEqual([{ type: 'pause', link: 1 }])
    server.resume()
    expect(server.pauses.slice(1)).toEqual([{ type: 'resume', link: 1 }])
    expect(client.inbox).toHaveLength(4)
  })

  test('what waits is dropped with its connection', () => {
    const server = new InProcess('request_throttle_max_requests=1')
    const [patient, gone] = [server.session(), server.session()]
    server.holdUp()
    patient.send(OpCode.create, creating('/first'))
    gone.send(OpCode.create, creating('/never'))
    gone.hangUp()
    server.resume()
    patient.inbox.length = 0
    expect(patient.children('/')).toEqual(['first', 'zookeeper'])
  })
})

test('no more clients are taken on at once than there are tokens, which come back with time', () => {
  const rules = ['tokens=2', 'fill_count=1', 'fill_time=1000'].map(each => `connection_throttle_${each}`)
  const server = new InProcess(rules.join('\n'))
  const come = (): boolean => server.connect().handshake() !== undefined
  expect([come(), come(), come()]).toEqual([true, true, false])
  expect(server.events).toMatchObject([
    { type: 'closed', reason: expect.stringContaining('connection_throttle') },
  ])
  server.pass(1001)
  expect([come(), come()]).toEqual([true, false])
  server.pass(10_000)
  expect([come(), come(), come()], 'no more than two are ever kept').toEqual([true, true, false])
})

describe('by chance', () => {
  const rules = { tokens: 2, fillCount: 1, fillTime: 1000, newSession: 1, renewedSession: 1 }
  const blue = { freezeTime: 10, dropIncrease: 0.5, dropDecrease: 0.25, decreaseRatio: 0.5 }

  test('more and more are turned away while there is no token, fewer and fewer while there are enough', () => {
    const rolls: number[] = []
    const bucket = tokenBucket({ ...rules, ...blue, chance: () => rolls.shift() ?? 0.99 })
    expect([bucket.take(false, 0), bucket.take(false, 0), bucket.deficit()]).toEqual([true, true, 2])
    expect([bucket.take(false, 11), bucket.dropped()], 'all are away').toEqual([false, 0.5])
    expect([bucket.take(false, 12), bucket.dropped()], 'not again so soon').toEqual([false, 0.5])
    rolls.push(0.24)
    expect([bucket.take(false, 2001), bucket.dropped()], 'both are back').toEqual([false, 0.25])
    expect([bucket.take(false, 2012), bucket.dropped()]).toEqual([true, 0])
  })

  test('nobody is while that is not asked for, and who comes back may take fewer tokens', () => {
    const bucket = tokenBucket({ ...rules, ...blue, freezeTime: -1, newSession: 2, chance: () => 0 })
    expect([bucket.take(true, 0), bucket.take(false, 0), bucket.take(true, 0)]).toEqual([true, false, true])
    expect([bucket.take(true, 100), bucket.dropped()]).toEqual([false, 0])
  })

  test('clients are turned away by a server that is told to, which tells how likely that is', () => {
    const cfg = ['tokens=1', 'fill_time=100000', 'freeze_time=1', 'drop_increase=1'].map(
      each => `connection_throttle_${each}`,
    )
    const server = new InProcess(cfg.join('\n').concat('\n4lw.commands.whitelist=*'), { chance: () => 0 })
    expect(server.connect().handshake()).toBeDefined()
    server.pass(10)
    expect(server.connect().handshake()).toBeUndefined()
    expect(String(server.connect().word('mntr'))).toContain('zk_connection_drop_probability\t1.0\n')
  })
})

test('who has waited too long for his turn hears that it is over, and keeps his session', () => {
  const server = new InProcess('request_throttle_max_requests=1\nthrottled_op_wait_time=1000')
  const client = server.session()
  server.holdUp()
  client.send(OpCode.create, creating('/in-time'))
  client.send(OpCode.create, creating('/late'))
  client.send(OpCode.ping, undefined, Xid.ping)
  server.pass(1001)
  server.resume()
  expect([client.take()?.err, client.take()?.err, client.take()?.err]).toEqual([0, Code.THROTTLEDOP, 0])
  expect(client.children('/'), 'it was never begun').toEqual(['in-time', 'zookeeper'])
})

describe('large requests', () => {
  const large = (path: string) => creating(path, 'x'.repeat(600))
  const cfg = 'largeRequestThreshold=500\nlargeRequestMaxBytes=1500\n4lw.commands.whitelist=*'

  test('have so much room together, and give it back', () => {
    const server = new InProcess(cfg)
    const [one, two, three] = [server.session(), server.session(), server.session()]
    server.holdUp()
    one.send(OpCode.create, large('/a'))
    two.send(OpCode.create, large('/b'))
    three.send(OpCode.create, creating('/small'))
    expect([one.isOpen, two.isOpen, three.isOpen]).toEqual([true, true, true])
    three.send(OpCode.create, large('/c'))
    expect(three.isOpen).toBe(false)
    one.hangUp()
    server.resume()
    two.inbox.length = 0
    for (const name of ['d', 'e', 'f']) expect(two.create(`/${name}`, 'x'.repeat(600)).err).toBe(0)
    expect(String(server.connect().word('mntr'))).toContain('zk_large_requests_rejected\t1\n')
  })

  test('give it back as well when their session ends before they are served', () => {
    const server = new InProcess(cfg)
    for (let times = 0; times < 3; times++) {
      const client = server.session()
      server.holdUp()
      client.send(OpCode.closeSession)
      client.send(OpCode.exists, out => out.buffer(new Uint8Array(600)))
      server.resume()
    }
    const last = server.session()
    expect(last.create('/last', 'x'.repeat(600)).err).toBe(0)
  })
})

test('what comes behind a handshake waits until there is a session', () => {
  const server = new InProcess()
  server.holdUp()
  server.connect().handshake()
  expect(server.pauses).toEqual([{ type: 'pause', link: 1 }])
  server.resume()
  expect(server.pauses.slice(1)).toEqual([{ type: 'resume', link: 1 }])
})
