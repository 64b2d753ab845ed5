/** Thousands of sessions that run out in one tick, as after a start whose clients never come back. */
import { describe, expect, test } from 'vitest'
import { CreateMode, OpCode, Xid } from '../../src/wire/opcodes.ts'
import { type Client, InProcess } from '../server/in-process.ts'

const many = 1000
/** More than a log needs to be busy, less than anybody would wait for. */
const atOnce = 500

/** A server with a session that stays, and many with an ephemeral node that have lost their clients. */
function crowd(): { server: InProcess; staying: Client; gone: Client[] } {
  const server = new InProcess()
  const staying = server.session(40_000)
  staying.create('/members')
  const gone = Array.from({ length: many }, (_, at) => {
    const client = server.session(10_000)
    client.create(`/members/${at}`, '', CreateMode.EPHEMERAL)
    client.hangUp()
    return client
  })
  return { server, staying, gone }
}

describe('sessions that all expire in one tick', () => {
  test('end a few at a time, with each sync of the log some more, and others are served between', () => {
    const { server, staying } = crowd()
    staying.children('/members', true)
    const before = server.log.length
    server.holdUp()
    server.pass(12_000)
    let applied = before
    let turns = 0
    while (server.log.length < before + many) {
      const waiting = server.log.length - applied
      expect(waiting).toBeGreaterThan(1)
      expect(waiting).toBeLessThan(atOnce)
      expect(staying.ask(OpCode.ping, undefined, Xid.ping).err).toBe(0)
      // All but one: as long as something waits, the log is held up.
      server.resume(waiting - 1)
      applied += waiting - 1
      if (turns++ === 0) expect(staying.takeEvent()).toMatchObject({ path: '/members' })
    }
    server.resume()
    expect(turns).toBeGreaterThan(many / atOnce)
    expect(server.log.length).toBe(before + many)
    expect(staying.children('/members')).toEqual([])
    expect(server.events.filter(({ type }) => type === 'expired')).toHaveLength(many)
  })

  test('live on if their client comes back before their end is ordered', () => {
    const { server, staying, gone } = crowd()
    server.holdUp()
    server.pass(12_000)
    const [first, last] = [gone[0]!, gone.at(-1)!].map(client => client.granted!)
    const back = server.connect()
    expect(back.handshake(last)).toMatchObject({ sessionId: last!.sessionId, timeOut: 10_000 })
    expect(server.connect().handshake(first)).toMatchObject({ sessionId: 0n, timeOut: 0 })
    server.resume()
    expect(staying.children('/members')).toEqual([String(many - 1)])
    server.pass(12_000)
    expect(staying.children('/members')).toEqual([])
  })
})
