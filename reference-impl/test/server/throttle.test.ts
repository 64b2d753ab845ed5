/** Whom a server does not listen to for now. */
import { describe, expect, test } from 'vitest'
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

test('what comes behind a handshake waits until there is a session', () => {
  const server = new InProcess()
  server.holdUp()
  server.connect().handshake()
  expect(server.pauses).toEqual([{ type: 'pause', link: 1 }])
  server.resume()
  expect(server.pauses.slice(1)).toEqual([{ type: 'resume', link: 1 }])
})
