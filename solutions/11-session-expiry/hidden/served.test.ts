import { describe, expect, test } from 'vitest'
import { serve } from '../../served.ts'

const told = (rule: string) =>
  `ticks of 2000, sessions of 10000. ${rule} (chapter 11, "The end of a session")`

describe('B. Move, and leave', () => {
  test('in a running server a client that says something now and then keeps its nodes', () => {
    const server = serve('tickTime=2000\n')
    const client = server.connect()
    client.create('/mine', 1)
    for (let time = 0; time < 8; time++) {
      server.wait(6000)
      client.stat('/')
    }
    expect(client.stat('/mine'), told('Something every 6 seconds.')).toMatchObject({ version: 0 })
  })
})

describe('C. Expire', () => {
  test('in a running server the nodes of a silent client are gone when its bucket is due, and watchers hear of it', () => {
    const server = serve('tickTime=2000\n')
    const watching = server.connect()
    const silent = server.connect()
    silent.create('/mine', 1)
    watching.stat('/mine', true)
    silent.hangUp()
    server.wait(5000)
    watching.stat('/')
    server.wait(4000)
    expect(watching.events(), told('9 seconds of silence.')).toEqual([])
    watching.stat('/')
    server.wait(6000)
    expect(watching.events(), told('15 seconds of silence: 10, a tick, half a tick and a little.')).toEqual([
      'NodeDeleted /mine',
    ])
  })

  test('in a running server a session that was closed does not expire as well', () => {
    const server = serve('tickTime=2000\n4lw.commands.whitelist=*\n')
    const client = server.connect()
    client.close()
    server.wait(30_000)
    expect(server.answerTo('mntr'), told('It said goodbye.')).toContain('zk_stale_sessions_expired\t0\n')
  })
})

describe('D. Show who waits', () => {
  test('in a running server dump has the buckets', () => {
    const server = serve('tickTime=2000\n4lw.commands.whitelist=*\n')
    server.connect()
    server.connect()
    expect(server.answerTo('dump'), told('Two sessions, of one moment.')).toContain(
      'Session Sets (1)/(2):\n2 expire at ',
    )
  })
})
