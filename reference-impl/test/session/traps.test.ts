/**
 * The traps of chapter 09, each of them happening: our client and our server in a simulated world, a seed each. What is
 * printed in the chapter is what these runs say.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as microtasks } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { root } from '../../../course/paths.ts'
import { type ZooKeeper, type ZooKeeperOptions, zooKeeper } from '../../src/client/zookeeper.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import { type Simulation, simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import type { Connection, World } from '../../src/world/world.ts'
import { inTime, pass, serveStandalone } from '../server/in-simulation.ts'
import { type LocalSessions, serveTwo } from './two-servers.ts'

/** A simulated world with a server in it, or with two, whose ticks are a second; and what has been seen of it, line by line. */
class Scene {
  readonly lines: string[] = []
  readonly #simulation: Simulation

  constructor(seed: string, two?: { local: LocalSessions }) {
    this.#simulation = simulatedWorld({ seed })
    const world = this.#simulation.host('server')
    if (two !== undefined) serveTwo(world, { ...two, say: (server, what) => this.say(server, what) })
    else serveStandalone(world, [], () => this.say('server', 'the session has expired'))
  }

  /** To the tenth of a second: what takes a moment takes none. */
  say(who: string, what: string): void {
    this.lines.push(`${(this.#simulation.now() / 1000).toFixed(1).padStart(5)} s  ${who.padEnd(6)}  ${what}`)
  }

  world(name: string): World {
    return this.#simulation.host(name)
  }

  /** A client that tells of its states. */
  client(
    name: string,
    options: ZooKeeperOptions,
    world: World = this.world(name),
    servers = 'server',
  ): ZooKeeper {
    const client = zooKeeper(world, servers, options)
    client.onState(state => this.say(name, state))
    return client
  }

  /** Lets a promise come true. A refusal is told. */
  async until(name: string, promise: Promise<unknown>): Promise<void> {
    let isSettled = false
    const told = promise
      .catch((error: KeeperError) => this.say(name, error.message))
      .then(() => {
        isSettled = true
      })
    await microtasks()
    while (!isSettled && this.#simulation.step()) await microtasks()
    await told
  }

  of<T>(promise: Promise<T>): Promise<T> {
    return inTime(this.#simulation, promise)
  }

  pass(seconds: number): Promise<void> {
    return pass(this.#simulation, seconds * 1000)
  }
}

/** A world whose owner can be stopped: nothing reaches it until it goes on, and then everything at once. */
function pausable(world: World): { world: World; pause(): void; resume(): void } {
  let isPaused = false
  const held: (() => void)[] = []
  const whenAwake = (fire: () => void): void => {
    if (isPaused) held.push(fire)
    else fire()
  }
  const { clock, network } = world
  return {
    pause() {
      isPaused = true
    },
    resume() {
      isPaused = false
      for (const fire of held.splice(0)) fire()
    },
    world: {
      ...world,
      clock: {
        now: () => clock.now(),
        wall: () => clock.wall(),
        after: (delay, fire) => clock.after(delay, () => whenAwake(fire)),
        soon: fire => clock.soon(() => whenAwake(fire)),
      },
      network: {
        ...network,
        connect: (address, handler) =>
          network.connect(address, {
            opened: () => whenAwake(() => handler.opened?.()),
            data: chunk => whenAwake(() => handler.data(chunk)),
            drained: () => whenAwake(() => handler.drained?.()),
            closed: error => whenAwake(() => handler.closed(error)),
          }),
      },
    },
  }
}

/** A world whose open connections can be held up: what leaves by them is not lost, and arrives later. */
function delayable(world: World): { world: World; holdUp(): void; letGo(): void } {
  const open: { held: (() => void)[] | null }[] = []
  return {
    holdUp() {
      for (const each of open) each.held = []
    },
    letGo() {
      for (const each of open) {
        for (const leave of each.held?.splice(0) ?? []) leave()
        each.held = null
      }
    },
    world: {
      ...world,
      network: {
        ...world.network,
        connect(address, handler) {
          const way: (typeof open)[number] = { held: null }
          open.push(way)
          const connection = world.network.connect(address, handler)
          const inTurn = (leave: () => void): void => {
            if (way.held === null) leave()
            else way.held.push(leave)
          }
          const delayed: Connection = {
            remote: connection.remote,
            queued: () => connection.queued(),
            pause: () => connection.pause(),
            resume: () => connection.resume(),
            write: bytes => inTurn(() => connection.write(bytes)),
            end: () => inTurn(() => connection.end()),
            // Its owner is gone; what it has sent is on its way all the same.
            destroy: () => inTurn(() => connection.end()),
          }
          return delayed
        },
      },
    },
  }
}

const chapter = readFileSync(path.join(root, 'chapters', '09-sessions.md'), 'utf8')

function expectInChapter({ lines }: Scene): void {
  expect(chapter, `chapter 09 does not show this run:\n${lines.join('\n')}\n`).toContain(lines.join('\n'))
}

test('a server that raises the timeout lets a dead client hold its lock for longer', async () => {
  const scene = new Scene('raised')
  const ann = scene.client('ann', { timeout: 500 })
  await scene.until('ann', ann.create('/lock', null, { ephemeral: true }))
  scene.say('ann', `asked for 500 ms, has ${ann.timeout}; holds /lock; dies`)
  await scene.until('ann', ann.abandon())
  const bob = scene.client('bob', { timeout: 10_000 })
  const isFree = new Promise<void>(resolve => {
    void bob.exists('/lock', { watch: () => resolve() })
  })
  await scene.until('bob', isFree)
  scene.say('bob', '/lock is free')
  expectInChapter(scene)
})

test('a session whose password is lost lives on, and is nobody’s', async () => {
  const scene = new Scene('lost')
  const ann = scene.client('ann', { timeout: 4000 })
  await scene.until('ann', ann.create('/lock', null, { ephemeral: true }))
  const { session } = ann
  await scene.until('ann', ann.abandon())
  const again = scene.client('ann', { timeout: 4000, resume: { ...session, passwd: new Uint8Array(16) } })
  await scene.until('ann', again.connected())
  const bob = scene.client('bob', { timeout: 10_000 })
  await scene.until('bob', bob.create('/lock', null, { ephemeral: true }))
  await scene.pass(6)
  await scene.until('bob', bob.create('/lock', null, { ephemeral: true }))
  scene.say('bob', 'has /lock')
  expectInChapter(scene)
})

test('a client that is stopped for longer than its timeout wakes up with a lock that is somebody else’s', async () => {
  const scene = new Scene('paused')
  const { world, pause, resume } = pausable(scene.world('ann'))
  const ann = scene.client('ann', { timeout: 4000 }, world)
  const bob = scene.client('bob', { timeout: 10_000 })
  await scene.until('ann', ann.create('/lock', null, { ephemeral: true }))
  scene.say('ann', 'has /lock, and is stopped')
  pause()
  await scene.pass(6)
  await scene.until('bob', bob.create('/lock', null, { ephemeral: true }))
  scene.say('bob', 'has /lock')
  scene.say('ann', `goes on; thinks that it is ${ann.state}`)
  resume()
  await scene.until('ann', ann.set('/lock', 'mine'))
  await scene.pass(1)
  expectInChapter(scene)
})

test('two clients of one session take it from each other for ever', async () => {
  const scene = new Scene('twice')
  const ann = scene.client('ann', { timeout: 4000 })
  await scene.until('ann', ann.connected())
  const { session } = ann
  const twin = scene.client('twin', { timeout: 4000, resume: session })
  await scene.until('twin', twin.connected())
  let lost = 0
  ann.onState(state => {
    if (state === 'connecting') lost++
  })
  const told = scene.lines.length
  await scene.pass(60)
  scene.lines.length = told
  scene.say('ann', `has lost its connection ${lost} times in a minute`)
  expectInChapter(scene)
})

test('a write that is late does not count when its client has gone to another server', async () => {
  const scene = new Scene('moved', { local: 'none' })
  const { world, holdUp, letGo } = delayable(scene.world('ann'))
  const ann = scene.client('ann', { timeout: 4000 }, world, 'server:2181,server:2182')
  await scene.until('ann', ann.create('/owner', 'nobody'))
  holdUp()
  await scene.until('ann', ann.set('/owner', 'ann, at first'))
  await scene.until('ann', ann.set('/owner', 'ann'))
  scene.say('ann', 'has written, through the other server; now the first write arrives')
  letGo()
  await scene.pass(1)
  const bob = scene.client('bob', { timeout: 10_000 })
  const { data } = await scene.of(bob.get('/owner'))
  scene.say('bob', `reads: ${new TextDecoder().decode(data!)}`)
  expectInChapter(scene)
})

test('a local session is lost with its server, unless a node of its own has made it one that all servers know', async () => {
  const scene = new Scene('local', { local: 'upgraded' })
  for (const name of ['ann', 'bob']) {
    const client = scene.client(name, { timeout: 4000 }, undefined, 'server:2181')
    if (name === 'ann') await scene.until(name, client.create('/seen', null))
    else await scene.until(name, client.create('/lock', null, { ephemeral: true }))
    const { session: resume } = client
    await scene.until(name, client.abandon())
    scene.say(name, 'comes back, to the other server')
    const again = scene.client(name, { timeout: 4000, resume }, undefined, 'server:2182')
    await scene.until(name, again.connected())
  }
  expectInChapter(scene)
})

test('a local session gets no node of its own where it may not become another', async () => {
  const scene = new Scene('forever', { local: 'forever' })
  const ann = scene.client('ann', { timeout: 4000 })
  await expect(scene.of(ann.create('/lock', null, { ephemeral: true }))).rejects.toMatchObject({
    code: Code.EPHEMERALONLOCALSESSION,
  })
  const both = ann.transaction().create('/seen').create('/lock', null, { ephemeral: true })
  await expect(scene.of(both.commit())).rejects.toMatchObject({ code: Code.EPHEMERALONLOCALSESSION })
  await scene.until('ann', ann.create('/seen', null))
  await scene.until('ann', ann.close())
  expect(scene.lines.map(line => line.slice(17))).toEqual(['connected', 'closed'])
})
