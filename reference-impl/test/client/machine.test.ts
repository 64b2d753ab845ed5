/** What stands beside a client's session, in a simulated world: looking for a server that writes, moving to other servers, and losing patience. */
import { describe, expect, test } from 'vitest'
import { serversIn } from '../../src/client/follow-config.ts'
import { steadyClient } from '../../src/client/steady.ts'
import { type ClientState, type ZooKeeperOptions, zooKeeper } from '../../src/client/zookeeper.ts'
import { clientCodec, type ServerMessage } from '../../src/server/connection.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { OpCode, Xid } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import type { ClientMessage } from '../../src/wire/words.ts'
import { type Driver, drive } from '../../src/world/driver.ts'
import type { Effect, Input } from '../../src/world/machine.ts'
import { type Simulation, simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import type { World } from '../../src/world/world.ts'
import { inTime, pass, serveStandalone } from '../server/in-simulation.ts'

interface Fake {
  driver: Driver
  /** The sessions that clients have asked to go on with, and when they asked `isro`. */
  asked: bigint[]
  words: number[]
}

/** A server that answers handshakes and pings, says that it only reads, and lets every request wait for ever. */
function serveFake(world: World, { readOnly = true, word = 'ro', asked = [] as bigint[] } = {}): Fake {
  const words: number[] = []
  const welcomed = new Set<number>()
  const step = (input: Input<ClientMessage>, out: Effect<ServerMessage>[]): void => {
    if (input.type !== 'message') return
    const { link, message } = input
    if (message.type === 'word') {
      words.push(world.clock.now())
      out.push({ type: 'send', link, message: word }, { type: 'close', link })
      return
    }
    const archive = juteWriter()
    if (welcomed.has(link)) {
      const { xid, type } = records.readRequestHeader(juteReader(message.bytes))
      if (type !== OpCode.ping && type !== OpCode.closeSession) return
      records.writeReplyHeader(archive, { xid: type === OpCode.ping ? Xid.ping : xid, zxid: 0n, err: 0 })
    } else {
      welcomed.add(link)
      const { sessionId, timeOut } = records.readConnectRequest(juteReader(message.bytes))
      asked.push(sessionId)
      const passwd = new Uint8Array(16)
      records.writeConnectResponse(archive, {
        protocolVersion: 0,
        timeOut,
        sessionId: sessionId || (readOnly ? 98n : 99n),
        passwd,
        readOnly,
      })
    }
    out.push({ type: 'send', link, message: archive.bytes() })
  }
  const listen = { client: { address: { host: '0.0.0.0', port: 2181 }, codec: () => clientCodec(1 << 20) } }
  return { driver: drive(world, { machine: { step }, tickEvery: 100, listen }), asked, words }
}

function clientIn(simulation: Simulation, servers: string, options: ZooKeeperOptions = {}) {
  const zk = zooKeeper(simulation.host('client'), servers, options)
  const states: ClientState[] = []
  zk.onState(state => states.push(state))
  return { zk, states, within: <T>(promise: Promise<T>) => inTime(simulation, promise) }
}

describe('while its server only reads, a client', () => {
  test('asks all hosts in turn, ever more rarely, and goes to the one that writes', async () => {
    const simulation = simulatedWorld({ seed: 'read-only' })
    const fakes = ['a', 'b'].map(name => serveFake(simulation.host(name)))
    const { zk, states, within } = clientIn(simulation, 'a,b,c', { canBeReadOnly: true })
    await within(zk.connected())
    expect(zk.state).toBe('read-only')
    const began = simulation.now()
    await pass(simulation, 20_000)
    // 100, 300, 700, 1500, 3100, 6300 and 12,700 ms after it began; every third question is for the host that is not there.
    const words = fakes.flatMap(({ words }) => words).sort((a, b) => a - b)
    const soon = (millis: number): boolean =>
      words.some(at => at - began >= millis && at - began < millis + 300)
    const due = [100, 300, 700, 1500, 3100, 6300, 12_700]
    expect(words.length).toBe(due.filter(soon).length)
    expect(words.length).toBeGreaterThanOrEqual(4)
    expect(fakes.every(({ words }) => words.length >= 2)).toBe(true)

    serveStandalone(simulation.host('c'), ['4lw.commands.whitelist=isro'])
    await pass(simulation, 120_000)
    expect(states).toEqual(['read-only', 'connecting', 'connected'])
    expect(
      fakes.flatMap(({ asked }) => asked),
      'one handshake, for a new session',
    ).toEqual([0n])
    // The session is a new one: nobody but the server that only reads knew the other.
    expect(zk.session.sessionId).not.toBe(98n)
    expect((await within(zk.create('/written', null, { ephemeral: true }))).path).toBe('/written')
    await within(zk.close())
  })

  test.each(['null', 'isro is not executed because it is not in the whitelist.\n', 'r'])(
    'stays where it is when the others say %j',
    async word => {
      const simulation = simulatedWorld({ seed: 'stays' })
      serveFake(simulation.host('a'))
      const { zk, states, within } = clientIn(simulation, 'a', { canBeReadOnly: true })
      await within(zk.connected())
      const other = serveFake(simulation.host('b'), { word })
      zk.updateServers('a,b')
      await pass(simulation, 10_000)
      expect(other.words.length).toBeGreaterThan(1)
      expect(states).toEqual(['read-only'])
      await within(zk.close())
    },
  )
})

describe('a client whose list of servers changes', () => {
  test('leaves a server that is no longer in it, and keeps its session', async () => {
    const simulation = simulatedWorld({ seed: 'moves' })
    serveStandalone(simulation.host('a'))
    const { zk, states, within } = clientIn(simulation, 'a/app')
    await within(zk.connected())
    const { sessionId } = zk.session
    const b = serveFake(simulation.host('b'), { readOnly: false })
    zk.updateServers('b')
    await pass(simulation, 100)
    expect(states).toEqual(['connected', 'connecting', 'connected'])
    expect(b.asked).toEqual([sessionId])
    expect(() => zk.updateServers('b/other')).toThrow('the chroot stays /app')
    expect(() => zk.updateServers('no server')).toThrow('is no host')
    await within(zk.close())
  })

  test('does not stay with a server that it has dialled meanwhile', async () => {
    const simulation = simulatedWorld({ seed: 'dialling' })
    const a = serveFake(simulation.host('a'), { readOnly: false })
    const b = serveFake(simulation.host('b'), { readOnly: false })
    const { zk, within } = clientIn(simulation, 'a')
    zk.updateServers('b')
    await within(zk.connected())
    expect([a.asked, b.asked]).toEqual([[], [0n]])
    await within(zk.close())
  })

  test('begins its next sessions there, too, if it is steady, and below the same node', async () => {
    const simulation = simulatedWorld({ seed: 'steady moves' })
    serveStandalone(simulation.host('a'))
    // Servers that begin in the same moment give out the same sessions.
    await pass(simulation, 1000)
    serveStandalone(simulation.host('b'))
    const writer = zooKeeper(simulation.host('writer'), 'b')
    await inTime(simulation, writer.create('/app'))
    const steady = steadyClient(simulation.host('client'), 'a/app')
    await inTime(simulation, steady.connected())
    const { zk } = steady
    steady.updateServers('b')
    // The two servers know nothing of each other: what the one has begun is over for the other.
    await pass(simulation, 5000)
    await inTime(
      simulation,
      steady.run((zk, call) => zk.children('/', call)),
    )
    expect(steady.zk).not.toBe(zk)
    await inTime(simulation, Promise.all([steady.create('/here'), writer.close()]))
    await inTime(simulation, steady.close())
  })

  test('stays where it is when servers have gone that it is not with', async () => {
    const simulation = simulatedWorld({ seed: 'remains' })
    const fakes = ['a', 'b', 'c'].map(name => serveFake(simulation.host(name), { readOnly: false }))
    const { zk, states, within } = clientIn(simulation, 'a,b,c')
    await within(zk.connected())
    const at = 'abc'[fakes.findIndex(({ asked }) => asked.length > 0)]!
    zk.updateServers(at)
    await pass(simulation, 5000)
    expect(states).toEqual(['connected'])
    await within(zk.close())
  })
})

describe('a client that follows its ensemble', () => {
  test('goes where the servers are now', async () => {
    const simulation = simulatedWorld({ seed: 'follows' })
    serveStandalone(simulation.host('a'), ['skipACL=yes'])
    const b = serveFake(simulation.host('b'), { readOnly: false })
    const { zk, states, within } = clientIn(simulation, 'a', { followsConfig: true })
    const stays = zooKeeper(simulation.host('another'), 'a')
    await within(zk.connected())
    const { sessionId } = zk.session
    await pass(simulation, 1000)
    const config = ['server.1=b:2888:3888:participant;0.0.0.0:2181', 'version=100000000']
    await within(stays.set('/zookeeper/config', config.join('\n')))
    await pass(simulation, 1000)
    expect(b.asked).toEqual([sessionId])
    expect(states).toEqual(['connected', 'connecting', 'connected'])
    expect(stays.state).toBe('connected')
    await within(Promise.all([zk.close(), stays.close()]))
  })

  test('reads where the servers are in each way in which it may be written', () => {
    expect(
      serversIn(
        [
          'server.1=zk1.example:2888:3888:participant;0.0.0.0:2181',
          'server.2=10.0.0.2:2888:3888:observer;10.1.0.2:2182',
          'server.3=[::3]:2888:3888;[::]:2183',
          'server.4=zk4:2888:3888|zk4b:2889:3889:participant;2184',
          'server.5=zk5:2888:3888;[::5]:2185',
          'server.6=zk6:2888:3888:participant',
          'version=100000003',
        ].join('\n'),
      ).map(({ host, port }) => `${host} ${port}`),
    ).toEqual(['zk1.example 2181', '10.1.0.2 2182', '::3 2183', 'zk4 2184', '::5 2185'])
    expect(serversIn('')).toEqual([])
  })
})

describe('a client that does not wait for ever', () => {
  test('fails a call that is not answered in time, leaves that server, and goes on with another', async () => {
    const simulation = simulatedWorld({ seed: 'silent' })
    serveFake(simulation.host('a'), { readOnly: false })
    const { zk, states, within } = clientIn(simulation, 'a', { requestTimeout: 3000 })
    const codes: [string, number][] = []
    const note = (name: string) => (error: KeeperError) => void codes.push([name, error.code])
    const first = zk.get('/late').catch(error => {
      expect(error.message).toBe('REQUESTTIMEOUT: getData /late: no answer within 3000 ms')
      note('late')(error)
    })
    await within(zk.connected())
    await pass(simulation, 1000)
    const second = zk.get('/behind').catch(note('behind'))
    await within(Promise.all([first, second]))
    expect(codes).toEqual([
      ['late', Code.REQUESTTIMEOUT],
      ['behind', Code.CONNECTIONLOSS],
    ])
    await within(zk.connected())
    expect(states).toEqual(['connected', 'connecting', 'connected'])
    await within(zk.close())
  })

  test('tries again elsewhere what was not answered in time, if it is steady', async () => {
    let late = 0
    for (let seed = 0; seed < 8; seed++) {
      const simulation = simulatedWorld({ seed: `steady and silent ${seed}` })
      const { asked } = serveFake(simulation.host('a'), { readOnly: false })
      serveStandalone(simulation.host('b'))
      const steady = steadyClient(simulation.host('client'), 'a,b', { requestTimeout: 3000 })
      const { children } = await inTime(
        simulation,
        steady.run((zk, call) => zk.children('/', call)),
      )
      expect(children).toEqual(['zookeeper'])
      if (asked.length > 0) late++
      await inTime(simulation, steady.close())
    }
    expect(late, 'clients that began with the server that does not answer').toBeGreaterThan(0)
  })

  test('does not send a call that was overdue before there was a server', async () => {
    const simulation = simulatedWorld({ seed: 'overdue' })
    const { zk, within } = clientIn(simulation, 'a', { requestTimeout: 1000 })
    await expect(within(zk.create('/late'))).rejects.toMatchObject({ code: Code.REQUESTTIMEOUT })
    serveStandalone(simulation.host('a'))
    await within(zk.connected())
    expect(await within(zk.exists('/late'))).toBe(null)
    await within(zk.close())
  })

  test('takes watches away without a server, if that will do', async () => {
    const simulation = simulatedWorld({ seed: 'local' })
    serveStandalone(simulation.host('a'))
    const { zk, states, within } = clientIn(simulation, 'a')
    const events: string[] = []
    const watch = ({ type }: { type: string }) => void events.push(type)
    await within(zk.get('/', { watch }))
    await within(zk.children('/', { watch }))
    simulation.partition(['a'], ['client'])
    await pass(simulation, 15_000)
    expect(states).toEqual(['connected', 'connecting'])
    await within(zk.removeWatches('/', { of: 'data', local: true }))
    expect(events).toEqual(['DataWatchRemoved'])
    const again = within(zk.removeWatches('/', { of: 'data', local: true }))
    await expect(again).rejects.toMatchObject({ code: Code.NOWATCHER })
    simulation.heal()
    await within(zk.connected())
    await within(zk.create('/x'))
    expect(events, 'the other is still there').toEqual(['DataWatchRemoved', 'NodeChildrenChanged'])
    await within(zk.close())
  })

  test('says which server it was that does not answer', async () => {
    const simulation = simulatedWorld({ seed: 'mute' })
    // Takes every connection, and says nothing.
    const mute = { step: () => {} }
    const listen = { client: { address: { host: '0.0.0.0', port: 2181 }, codec: () => clientCodec(1 << 20) } }
    drive(simulation.host('a'), { machine: mute, tickEvery: 1000, listen })
    const { zk, within } = clientIn(simulation, 'a', { timeout: 6000 })
    await expect(within(zk.connected({ within: 10_000 }))).rejects.toThrow('(a:2181: no answer)')
    await within(zk.abandon())
  })

  test('says why there is no server, when it has looked for one for so long', async () => {
    const simulation = simulatedWorld({ seed: 'nobody' })
    const { zk, within } = clientIn(simulation, '[::5]:2182')
    expect(zk.trouble).toBe(null)
    await expect(within(zk.connected({ within: 5000 }))).rejects.toMatchObject({
      code: Code.CONNECTIONLOSS,
      message: expect.stringMatching(/^CONNECTIONLOSS: no server within 5000 ms \(\[::5\]:2182: .+\)$/),
    })
    await within(zk.close())
  })
})

test('whatever the network and its program do, a client ends up with a server that writes', async () => {
  const network = {
    stall: 0.02,
    stallMillis: [100, 4000] as [number, number],
    break: 0.05,
    halfOpen: 0.3,
    refuse: 0.2,
  }
  for (let seed = 0; seed < 30; seed++) {
    const simulation = simulatedWorld({ seed: `moving about ${seed}`, faults: { network } })
    const dice = simulation.host('dice').random
    const handshakes: bigint[] = []
    serveFake(simulation.host('r'), { asked: handshakes })
    for (const name of ['a', 'b', 'c']) {
      serveFake(simulation.host(name), { readOnly: false, word: 'rw', asked: handshakes })
    }
    const options = { canBeReadOnly: true, requestTimeout: 2000, timeout: 20_000 }
    const { zk, states, within } = clientIn(simulation, 'r', options)
    const asked: Promise<unknown>[] = []
    for (let turn = 0; turn < 20; turn++) {
      const some = [...'rabc'].filter(() => dice.below(2) === 0)
      if (some.length > 0) zk.updateServers(some.join(','))
      if (dice.below(3) === 0) asked.push(zk.get('/').catch((error: KeeperError) => error.code))
      await pass(simulation, dice.below(4000))
    }
    zk.updateServers('r,a,b,c')
    for (let minutes = 0; zk.state !== 'connected' && minutes < 5; minutes++) await pass(simulation, 60_000)
    expect(zk.state, `seed ${seed}: ${states.join(', ')}`).toBe('connected')
    for (const code of await within(Promise.all(asked))) {
      expect([Code.REQUESTTIMEOUT, Code.CONNECTIONLOSS], `seed ${seed}`).toContain(code)
    }
    // That of the server which only reads is nobody else's business.
    expect([...new Set(handshakes)].sort(), `seed ${seed}`).toEqual([0n, 99n])
    expect(zk.session.sessionId, `seed ${seed}`).toBe(99n)
    await within(zk.abandon())
  }
})
