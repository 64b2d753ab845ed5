/**
 * The whole server, framing and files included, over a network that delays, stalls and breaks and a disk that loses what
 * was not synced when the power goes, fills up and fails.
 * Clients come back to their sessions as often as they are cut off, and hold the server to its promises.
 */
import { describe, expect, test } from 'vitest'
import { answerWord } from '../../src/admin/four-letter.ts'
import { prng } from '../../src/lib/prng.ts'
import { parseConfig } from '../../src/server/config.ts'
import { clientCodec } from '../../src/server/connection.ts'
import { storageOptions } from '../../src/server/settings.ts'
import { standaloneMachine } from '../../src/server/standalone-machine.ts'
import { storage } from '../../src/storage/storage.ts'
import type { OutputArchive } from '../../src/wire/archive.ts'
import { Code } from '../../src/wire/errors.ts'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { juteReader, juteWriter } from '../../src/wire/jute.ts'
import { CreateMode, EventType, OpCode, Xid } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { drive } from '../../src/world/driver.ts'
import { type SimulationOptions, simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import type { Connection, World } from '../../src/world/world.ts'
import { open } from './in-process.ts'

const port = 2181
const minutes = 60_000

interface Expected {
  xid: number
  check(reply: records.ReplyHeader, body: Uint8Array): void
}

/**
 * Owns the node `/<name>`, sets it again and again and reads it back, watches it, and keeps an ephemeral node beside it.
 */
class Owner {
  sessions = 0
  /** Sets that were sent, and the highest version that the server has admitted to. */
  sent = 0
  acknowledged = 0
  reads = 0
  events = 0
  /** A watch was set on this connection, and nobody has told of a change since. */
  #isWatching = false
  #session: records.ConnectResponse | null = null
  /** The server has confirmed the session's ephemeral node. */
  #hasNode = false
  #lastZxid = 0n
  #xid = 0
  #waiting: Expected[] = []
  #connection: Connection | null = null
  #heardAt = 0
  /** Which connection is the present one: callbacks of older ones have nothing to say. */
  #life = 0
  readonly #world: World
  readonly #path: string

  constructor(world: World, name: string) {
    this.#world = world
    this.#path = `/${name}`
    this.#call()
  }

  #call(): void {
    const life = ++this.#life
    const reader = frameReader(1 << 20)
    let isGreeted = false
    this.#waiting = []
    this.#isWatching = false
    const connection = this.#world.network.connect(
      { host: 'server', port },
      {
        opened: () => this.#greet(connection),
        data: chunk =>
          reader.push(chunk, payload => {
            if (life !== this.#life) return
            this.#heardAt = this.#world.clock.now()
            if (isGreeted) this.#heard(payload)
            else this.#welcomed(payload)
            isGreeted = true
          }),
        closed: () => {
          connection.end()
          this.#callAgain(life)
        },
      },
    )
    this.#connection = connection
    this.#heardAt = this.#world.clock.now()
    const listen = (): void => {
      if (life !== this.#life) return
      const isSilent = this.#world.clock.now() - this.#heardAt > 2500
      if (isSilent && (!isGreeted || this.#waiting.length > 0)) {
        connection.destroy()
        this.#callAgain(life)
      } else this.#world.clock.after(500, listen)
    }
    listen()
  }

  #callAgain(life: number): void {
    if (life !== this.#life) return
    this.#life++
    this.#world.clock.after(this.#world.random.below(300), () => this.#call())
  }

  #greet(connection: Connection): void {
    const out = juteWriter()
    const { sessionId = 0n, passwd = new Uint8Array(16) } = this.#session ?? {}
    const lastZxidSeen = this.#lastZxid
    records.writeConnectRequest(out, { protocolVersion: 0, lastZxidSeen, timeOut: 4000, sessionId, passwd })
    connection.write(frame(out.bytes()))
  }

  #welcomed(payload: Uint8Array): void {
    const response = records.readConnectResponse(juteReader(payload))
    if (response.timeOut === 0) {
      this.#session = null
      this.#hasNode = false
      return
    }
    const ephemeral = `${this.#path}-here`
    this.#ask(OpCode.exists, exists(ephemeral), ({ err }, body) => {
      const owner = err === Code.OK ? records.readStat(juteReader(body)).ephemeralOwner : null
      // A create that was cut off may have happened or not; one that was confirmed has, and only its session keeps it.
      if (this.#hasNode || owner !== null)
        expect(owner, 'the owner of an ephemeral node').toBe(response.sessionId)
    })
    if (this.#session === null) this.sessions++
    else expect(response.sessionId, 'a session keeps its id').toBe(this.#session.sessionId)
    this.#session = response
    this.#create(this.#path, CreateMode.PERSISTENT, () => {})
    this.#create(ephemeral, CreateMode.EPHEMERAL, () => {
      this.#hasNode = true
    })
    this.#work(this.#life)
  }

  #create(path: string, flags: number, done: () => void): void {
    const body = (out: OutputArchive) =>
      records.writeCreateRequest(out, { path, data: null, acl: open, flags })
    this.#ask(OpCode.create, body, ({ err }) => {
      expect([Code.OK, Code.NODEEXISTS], `creating ${path}`).toContain(err)
      done()
    })
  }

  /** A burst of requests, then a pause: now and then longer than the session's timeout. */
  #work(life: number): void {
    if (life !== this.#life) return
    const { random, clock } = this.#world
    for (let count = random.below(6); count > 0; count--) {
      if (random.below(2) === 0) this.#set()
      else this.#get()
    }
    clock.after(random.below(20) === 0 ? 5000 : random.below(200), () => this.#work(life))
  }

  #set(): void {
    this.sent++
    const data = new Uint8Array(this.#world.random.below(300))
    const body = (out: OutputArchive) =>
      records.writeSetDataRequest(out, { path: this.#path, data, version: -1 })
    this.#ask(OpCode.setData, body, (_, reply) => {
      const { version } = records.readStat(juteReader(reply))
      expect(this.#isWatching, 'an event comes before the reply to the write that caused it').toBe(false)
      this.#admit(version)
    })
  }

  #get(): void {
    const body = (out: OutputArchive) => records.writeGetDataRequest(out, { path: this.#path, watch: true })
    this.#ask(OpCode.getData, body, (_, reply) => {
      this.reads++
      this.#isWatching = true
      this.#admit(records.readGetDataResponse(juteReader(reply)).stat.version)
    })
  }

  /** What the server shows never goes back behind what it has shown, and is never more than was asked of it. */
  #admit(version: number): void {
    expect(version, `the version of ${this.#path}`).toBeGreaterThanOrEqual(this.acknowledged)
    expect(version, `the version of ${this.#path}`).toBeLessThanOrEqual(this.sent)
    this.acknowledged = version
  }

  #ask(type: number, body: (out: OutputArchive) => void, check: Expected['check']): void {
    const out = juteWriter()
    const xid = ++this.#xid
    records.writeRequestHeader(out, { xid, type })
    body(out)
    this.#connection!.write(frame(out.bytes()))
    this.#waiting.push({ xid, check })
  }

  #heard(payload: Uint8Array): void {
    const header = records.readReplyHeader(juteReader(payload))
    const body = payload.subarray(16)
    if (header.xid === Xid.notification) {
      const { type, path } = records.readWatcherEvent(juteReader(body))
      expect({ type, path }).toEqual({ type: EventType.NodeDataChanged, path: this.#path })
      expect(this.#isWatching, 'one watch tells once').toBe(true)
      this.#isWatching = false
      this.events++
      return
    }
    expect(header.zxid, 'a session never sees time go back').toBeGreaterThanOrEqual(this.#lastZxid)
    this.#lastZxid = header.zxid
    const expected = this.#waiting.shift()!
    expect(header.xid, 'replies come in the order of the requests').toBe(expected.xid)
    expected.check(header, body)
  }
}

const exists = (path: string) => (out: OutputArchive) =>
  records.writeExistsRequest(out, { path, watch: false })

interface Run {
  faults?: NonNullable<SimulationOptions['faults']>
  /** How long the server stays up, at least and at most, before its power goes; without it, for ever. */
  upMillis?: [number, number]
}

function simulate(seed: number, { faults = {}, upMillis }: Run = {}) {
  const simulation = simulatedWorld({ seed, faults })
  const config = parseConfig(
    `dataDir=/data\nclientPort=${port}\ntickTime=1000\nsnapCount=60\npreAllocSize=4\n`,
  )
  if ('errors' in config) throw new Error('a bad configuration')
  const { settings } = config
  let expired = 0
  let starts = 0
  let snapshots = 0
  /** The server has stopped by itself, because its disk failed. */
  let hasFailed = false

  function start(): void {
    starts++
    hasFailed = false
    const world = simulation.host('server')
    const fail = (): void => {
      hasFailed = true
    }
    const disks = { snapshots: world.disk, logs: world.disk }
    const files = storage(world, disks, storageOptions(settings), event => {
      if (event.type === 'snapshot taken') snapshots++
    })
    const machine = standaloneMachine({
      settings,
      answerWord,
      recovered: files.recovered,
      report: event => {
        if (event.type === 'expired') expired++
      },
    })
    const listen = {
      client: { address: { host: '0.0.0.0', port }, codec: () => clientCodec(settings.maxBuffer) },
    }
    files.open(
      () => machine.snapshotSource(),
      error => {
        if (error !== undefined) return fail()
        const ready = (): void => files.serving()
        drive(world, { machine, tickEvery: 500, listen, log: files.log, failed: fail, ready })
      },
    )
  }

  start()
  const owners = ['ann', 'bob', 'cleo', 'dan'].map(name => new Owner(simulation.host(name), name))
  const dice = prng(`outages ${seed}`)
  while (simulation.now() < 2 * minutes) {
    const until = upMillis === undefined ? 2 * minutes : simulation.now() + dice.between(...upMillis)
    while (simulation.now() < Math.min(until, 2 * minutes) && !hasFailed)
      simulation.run(simulation.now() + 10)
    if (upMillis === undefined && !hasFailed) break
    simulation.crash('server')
    simulation.run(simulation.now() + dice.below(1000))
    start()
  }
  return { owners, expired, starts, snapshots, hash: simulation.trace.hash() }
}

const rough: NonNullable<SimulationOptions['faults']> = {
  network: { stall: 0.01, stallMillis: [100, 6000], break: 0.01, halfOpen: 0.3, refuse: 0.1 },
}

describe('a server in a simulated world', () => {
  test('keeps its promises while nothing goes wrong', () => {
    const { owners } = simulate(1)
    for (const owner of owners) {
      expect(owner.acknowledged).toBeGreaterThan(300)
      expect(owner.events).toBeGreaterThan(100)
    }
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('keeps them while links stall and break, with the seed %i', seed => {
    const { owners, expired } = simulate(seed, { faults: rough })
    for (const owner of owners) expect(owner.reads).toBeGreaterThan(20)
    expect(expired, 'sessions that were cut off for too long').toBeGreaterThan(0)
    expect(owners.some(owner => owner.sessions > 1)).toBe(true)
  })

  test.each(Array.from({ length: 12 }, (_, i) => i + 1))(
    'keeps them while its power fails again and again, with the seed %i',
    seed => {
      const { owners, starts, snapshots } = simulate(seed, { faults: rough, upMillis: [100, 6000] })
      expect(starts).toBeGreaterThan(20)
      expect(snapshots).toBeGreaterThan(starts / 2)
      for (const owner of owners) expect(owner.acknowledged).toBeGreaterThan(20)
    },
  )

  test.each([1, 2, 3, 4, 5, 6])('keeps them while its disk fills up and breaks, with the seed %i', seed => {
    const disk = { full: 0.002, broken: 0.002 }
    const { owners, starts } = simulate(seed, { faults: { ...rough, disk }, upMillis: [1000, 20_000] })
    expect(starts).toBeGreaterThan(8)
    for (const owner of owners) expect(owner.acknowledged).toBeGreaterThan(20)
  })

  test('goes the same way each time it starts from the same seed', () => {
    const first = simulate(3, { faults: rough })
    expect(simulate(3, { faults: rough }).hash).toBe(first.hash)
    expect(simulate(4, { faults: rough }).hash).not.toBe(first.hash)
  })
})
