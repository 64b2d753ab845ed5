import { describe, expect, test } from 'vitest'
import { password } from '#lab/session/handshake.ts'
import { folder } from '#lab/storage/files.ts'
import { simulatedWorld } from '#lab/world/simulated/simulated-world.ts'
import type { Clock, Disk } from '#lab/world/world.ts'
import { killed, sessions } from '../../../labs/07-standalone-start/test/apache.ts'
import {
  because,
  type Files,
  play,
  refusalOf,
  type Scene,
  sessionName,
  startedOn,
} from '../../../labs/07-standalone-start/test/scene.ts'
import { logs, snapshots, waiting } from './apache-folders.ts'

const step = 'Each step stands on the one before'
const asleep = 'Sessions that slept'
const badEnd = 'When it does not work'

function since(scene: Scene, rule: string, section: string): string {
  return because(scene.told.map(line => `told: ${line}`).join('\n') || 'nothing was told', rule, section)
}

/** A copy in which the byte at this place is another. */
function spoilt(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = copy[at]! ^ 0xff
  return copy
}

/** A disk on which a sync takes so much longer. */
function slow(disk: Disk, clock: Clock, millis: number): Disk {
  return { ...disk, sync: (path, done) => void clock.after(millis, () => disk.sync(path, done)) }
}

const wholeSnapshots = (...zxids: number[]): Files =>
  Object.fromEntries(zxids.map(zxid => [`snapshot.${zxid}`, killed['snapshot.0']!]))

describe('D. Start in order', () => {
  test('folders that Apache’s server left on two disks are opened, and each file goes where its kind is', () => {
    const scene = startedOn({ files: snapshots, logs })
    scene.until('ready')
    expect(scene.told, since(scene, 'snapshot.8 and what log.9 has behind it.', step)).toEqual([
      'ready on 2181 with 15',
    ])
    const client = scene.visit()
    expect(client.get('/orders')).toBe('busy')
    expect(client.stat('/orders')).toMatchObject({ czxid: 2n, mzxid: 12n, cversion: 7, numChildren: 5 })
    expect(client.children('/orders')).toEqual([
      'multi',
      'o-0000000000',
      'o-0000000002',
      'o-0000000003',
      'o-0000000005',
    ])
    expect(client.stat('/lock/n-0000000000')).toMatchObject({ ephemeralOwner: waiting })
    client.create('/after')
    scene.pass(100)
    expect(scene.names(), since(scene, 'Snapshots to the dataDir, logs to the dataLogDir.', step)).toEqual([
      'snapshot.0',
      'snapshot.8',
      'snapshot.f',
      'log.1',
      'log.10',
      'log.9',
    ])
  })

  test('logs in the wrong folder are refused', () => {
    const refusal = refusalOf(() => startedOn({ files: killed, logs: {} }))
    expect(refusal, because('log.1 in the dataDir, and a dataLogDir', 'They would be lost.', step)).toMatch(
      /^StorageError: the dataDir holds a transaction log/,
    )
  })

  test('the next write has the next number', () => {
    const scene = startedOn({ files: killed })
    scene.until('ready')
    const client = scene.visit()
    client.create('/next')
    const rule = '15 is in the files, 16 is the session, 17 the create.'
    expect(client.stat('/next'), since(scene, rule, step)).toMatchObject({ czxid: 17n })
  })

  test('whoever knocks while the server starts is refused, or served by the whole tree', () => {
    for (const files of [{}, killed]) {
      const scene = startedOn({ files, seed: 3 })
      const visitors = []
      for (let moment = 0; moment < 12; moment++) {
        visitors.push(scene.visit())
        scene.pass(0.4)
      }
      scene.until('ready')
      scene.pass(5000)
      const states = visitors.map(({ state }) => state)
      const rule = `In turn they were ${states.join(', ')}.`
      expect(
        states.filter(state => state !== 'refused' && state !== 'served'),
        since(scene, rule, step),
      ).toEqual([])
      for (const visitor of visitors.filter(({ state }) => state === 'served')) {
        expect(visitor.stat(files === killed ? '/jobs' : '/'), since(scene, rule, step)).not.toBe(-101)
      }
    }
  })

  test('a slow disk keeps the door shut for as long as it takes', () => {
    const scene = startedOn({ files: killed, disk: (disk, { clock }) => slow(disk, clock, 3000) })
    scene.pass(2500)
    const early = scene.visit()
    scene.pass(300)
    const rule = 'What was replayed is made durable first: what follows will stand on it.'
    expect([early.state, scene.told.length], since(scene, rule, step)).toEqual(['refused', 0])
    scene.until('ready')
  })

  test('wherever the power goes, the next start finds what was there', () => {
    for (let steps = 0; steps <= 24; steps += 3) {
      const simulation = simulatedWorld({ seed: steps })
      const first = startedOn({ files: killed, seed: steps })
      for (let at = 0; at < steps && first.simulation.step(); at++);
      first.startAgain()
      first.until('ready')
      const rule = `The power went after ${steps} events of the first start.`
      expect(first.told.at(-1), since(first, rule, step)).toBe('ready on 2181 with 15')
      const fresh = play(simulation)
      for (let at = 0; at < steps && simulation.step(); at++);
      fresh.startAgain()
      fresh.until('ready')
      expect(fresh.told.at(-1), since(fresh, rule, step)).toBe('ready on 2181 with 0')
    }
  })

  test('what was confirmed after a start is there after the next', () => {
    const scene = startedOn({ files: killed })
    scene.until('ready')
    const client = scene.visit()
    for (let number = 0; number < 5; number++) client.create(`/n${number}`)
    scene.startAgain()
    scene.until('ready')
    expect(scene.visit().children('/'), since(scene, 'Five creates were answered.', step)).toEqual([
      'config',
      'jobs',
      'n0',
      'n1',
      'n2',
      'n3',
      'n4',
      'workers',
      'zookeeper',
    ])
  })

  test('a client of before comes back to its session, and its nodes with it', () => {
    const scene = startedOn({ files: killed })
    scene.until('ready')
    scene.pass(9000)
    const { other } = sessions
    const back = scene.visit({ sessionId: other, passwd: password(other), timeOut: 30_000 })
    scene.pass(100)
    expect(back.state, since(scene, 'Its session is alive.', asleep)).toBe('served')
    expect(back.stat('/workers/w1')).toMatchObject({ ephemeralOwner: other })
  })

  test('time that passes before the server serves is not taken from the sessions', () => {
    const scene = startedOn({ files: killed, disk: (disk, { clock }) => slow(disk, clock, 25_000) })
    scene.until('ready')
    scene.pass(9000)
    expect(scene.told, since(scene, 'It took 25 seconds to start.', asleep)).not.toContain(
      `expired ${sessionName(sessions.kazoo)}`,
    )
  })

  test('a session ends at most one and a half ticks after its time', () => {
    for (const offset of [100, 700, 997, 998]) {
      const simulation = simulatedWorld({ seed: 1 })
      simulation.run(offset)
      const scene = play(simulation, { settings: { maxSessionTimeout: 4000 } })
      scene.until('ready')
      const client = scene.visit({ timeOut: 3000 })
      client.create('/mine', 1)
      const heard = simulation.now()
      client.hangUp()
      scene.until('expired')
      const took = simulation.now() - heard
      const rule = `It took ${Math.round(took)} ms for a timeout of 3000 and ticks of 1000.`
      expect(took > 2990 && took < 4520, since(scene, rule, asleep)).toBe(true)
    }
  })

  test('a snapshot that cannot be used is told of before the server is ready', () => {
    const newest = snapshots['snapshot.8']!
    const scene = startedOn({ files: { ...snapshots, 'snapshot.8': spoilt(newest, 400) }, logs })
    scene.until('ready')
    expect(scene.told, since(scene, 'snapshot.0, and both logs.', step)).toEqual([
      expect.stringMatching(/^passed over .*snapshot\.8/),
      'ready on 2181 with 15',
    ])
    expect(scene.started.summary('startup_txns_loaded'), 'transactions replayed').toMatchObject({ sum: 15 })
  })

  test('the start is measured', () => {
    const scene = startedOn({ files: killed, from: 50_000 })
    scene.until('ready')
    const { summary } = scene.started
    const rule = 'One start, in which no time passed, and 15 transactions.'
    expect([summary('dbinittime'), summary('startup_txns_loaded')], since(scene, rule, step)).toEqual([
      { count: 1, sum: 0, max: 0 },
      { count: 1, sum: 15, max: 15 },
    ])
    expect(summary('fsynctime').count, 'nothing was synced yet for a promise').toBe(0)
    scene.visit().create('/a')
    expect(summary('fsynctime'), 'a session, a create').toMatchObject({ count: 2 })
    expect(summary('fsynctime').max, 'milliseconds').toBeLessThan(100)
    expect(summary('snapshottime').count, 'what was replayed is put into a snapshot').toBe(1)
  })

  test('a slow sync is told of, and is no snapshot', () => {
    const scene = startedOn({
      settings: { slowSync: 100 },
      disk: (disk, { clock }) => slow(disk, clock, 300),
    })
    scene.until('ready')
    scene.visit().create('/a')
    expect(scene.told, since(scene, 'The storage says so, and the start passes it on.', step)).toContain(
      'slow sync',
    )
    expect(scene.started.summary('snapshottime').count, 'the first one').toBe(1)
  })

  test('what was replayed is put into a snapshot once the server serves, and only then', () => {
    const scene = startedOn({ files: killed })
    scene.until('ready')
    scene.pass(1000)
    expect(scene.told, since(scene, '`serving` comes with `ready`.', step)).toEqual([
      'ready on 2181 with 15',
      'snapshot taken',
    ])
    const again = startedOn({ files: { 'snapshot.0': killed['snapshot.0']! } })
    again.until('ready')
    again.pass(1000)
    expect(again.told, since(again, 'Nothing was replayed.', step)).toEqual(['ready on 2181 with 0'])
  })

  test('connections beyond the limit are refused, told of and counted', () => {
    const scene = startedOn({ settings: { maxCnxns: 1 } })
    scene.until('ready')
    scene.visit().create('/a')
    scene.visit()
    scene.pass(1000)
    expect(scene.told, since(scene, 'Where it listens, and how, is in `portsOf`.', step)).toContain('refused')
    expect(scene.started.rejected()).toBe(1)
    const other = startedOn()
    other.until('ready')
    const port = { host: 'server', port: 2181 }
    const connection = other.simulation.host('noise').network.connect(port, { data() {}, closed() {} })
    connection.write(new Uint8Array([0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]))
    other.pass(1000)
    expect(other.told, since(other, 'Garbage is another matter.', step)).toContain('dropped')
    expect(other.started.rejected()).toBe(0)
  })

  test('a start that is refused has removed nothing', () => {
    const files = { ...wholeSnapshots(0, 1, 2, 3, 4), 'log.5': spoilt(killed['log.1']!, 200) }
    const simulation = simulatedWorld({ seed: 7 })
    const { disk } = simulation.host('server')
    for (const [name, bytes] of Object.entries<Uint8Array>(files)) {
      disk.append(`${folder}/${name}`, bytes, () => {})
      disk.sync(`${folder}/${name}`, () => {})
    }
    while (simulation.step());
    const before = disk.list(folder)
    const refusal = refusalOf(() => play(simulation, { settings: { purgeInterval: 1000 } }))
    const late = simulation.host('late').network
    let isOpen = false
    late.connect(
      { host: 'server', port: 2181 },
      {
        opened: () => {
          isOpen = true
        },
        data() {},
        closed() {},
      },
    )
    simulation.run(simulation.now() + 10_000)
    expect(refusal, because(before.join(', '), 'A byte of log.5 is not what it was.', step)).toMatch(
      /^StorageError/,
    )
    expect(
      disk.list(folder),
      because(before.join(', '), 'A purge is for a server that serves.', step),
    ).toEqual(before)
    expect(isOpen, 'nobody listens').toBe(false)
  })

  test('the purge comes again and again, and keeps what it is told to keep', () => {
    const files = wholeSnapshots(0, 1, 2, 3, 4, 5)
    const asked: string[] = []
    const scene = startedOn({
      files,
      settings: { purgeInterval: 5000, snapRetainCount: 4 },
      disk: disk => ({
        ...disk,
        remove: (path, done) => {
          asked.push(path)
          disk.remove(path, done)
        },
      }),
    })
    scene.until('ready')
    expect(asked, since(scene, 'First serve, then tidy up.', step)).toEqual([])
    scene.pass(12_000)
    expect(scene.told.slice(1), since(scene, 'At once, and every 5 seconds.', step)).toEqual([
      'purged snapshot.0 snapshot.1',
      'purged ',
      'purged ',
    ])
  })

  test('logs are purged from the disk of logs', () => {
    const [oldest, second] = [snapshots['snapshot.0']!, snapshots['snapshot.8']!]
    const files = { 'snapshot.0': oldest, 'snapshot.8': second, 'snapshot.9': second, 'snapshot.a': second }
    const scene = startedOn({ files, logs, settings: { purgeInterval: 3_600_000 } })
    scene.until('purged')
    expect(scene.told.at(-1), since(scene, 'snapshot.8 goes on in log.1, so the log stays.', step)).toBe(
      'purged snapshot.0',
    )
    expect(scene.names()).toContain('log.1')
  })

  test('a purge that fails is told of, and the server serves on', () => {
    const scene = startedOn({
      files: wholeSnapshots(0, 1, 2, 3),
      settings: { purgeInterval: 3_600_000 },
      disk: disk => ({ ...disk, remove: (_path, done) => done(new Error('EPERM')) }),
    })
    scene.until('purged')
    expect(scene.told.at(-1), since(scene, '', step)).toBe('purged  until it failed')
    expect(scene.visit().create('/a')).toBe('/a')
  })

  test('without an interval nothing is purged', () => {
    const scene = startedOn({ files: wholeSnapshots(0, 1, 2, 3, 4), settings: { purgeInterval: 0 } })
    scene.until('ready')
    scene.pass(60_000)
    expect(scene.names(), since(scene, '0 is never.', step)).toHaveLength(5)
  })
})

describe('E. Fail, and stop', () => {
  const endOf = (scene: Scene) => scene.told.filter(line => /^(ready|failed)/.test(line))

  test('whenever a server is stopped, it is over at once and its folder can be opened again', () => {
    for (let steps = 0; steps <= 20; steps += 2) {
      const scene = startedOn({ files: killed, seed: steps, settings: { purgeInterval: 10 } })
      for (let at = 0; at < steps && scene.simulation.step(); at++);
      const before = endOf(scene)
      let ends = 0
      scene.started.stop(() => ends++)
      const purges = scene.told.filter(line => line.startsWith('purged')).length
      scene.pass(3000)
      const rule = `It was stopped after ${steps} events.`
      expect(ends, since(scene, `${rule} \`done\` is called, once.`, badEnd)).toBe(1)
      expect(endOf(scene), since(scene, rule, badEnd)).toEqual(before)
      expect(
        scene.told.filter(line => line.startsWith('purged')).length - purges,
        since(scene, `${rule} One purge may have been under way.`, badEnd),
      ).toBeLessThan(2)
      const late = scene.visit()
      scene.pass(1000)
      expect(late.state, since(scene, `${rule} Nobody listens.`, badEnd)).toBe('refused')
      const next = play(scene.simulation)
      next.until('ready')
      expect(next.told.at(-1), since(next, `${rule} Then another one was started.`, badEnd)).toBe(
        'ready on 2181 with 15',
      )
    }
  })

  test('what was answered before a stop is on its way, and stays true', () => {
    const scene = startedOn()
    scene.until('ready')
    const client = scene.visit()
    client.create('/a')
    scene.started.stop()
    scene.pass(3000)
    const next = play(scene.simulation)
    next.until('ready')
    expect(next.visit().children('/'), since(next, '/a was confirmed.', badEnd)).toEqual(['a', 'zookeeper'])
  })

  test('a stop in the very moment of ready is a stop', () => {
    const scene = startedOn({ files: wholeSnapshots(0, 1, 2, 3), settings: { purgeInterval: 1000 } })
    scene.until('ready')
    scene.started.stop()
    scene.pass(10_000)
    const rule = 'The purge is among what has begun.'
    expect(scene.told, since(scene, rule, badEnd)).toEqual(['ready on 2181 with 3'])
  })

  test('a server that could not listen lets nobody in, purges nothing and can be stopped', () => {
    const files = wholeSnapshots(0, 1, 2, 3)
    const scene = startedOn({ files, settings: { purgeInterval: 1000 } })
    const { network } = scene.simulation.host('server')
    let other = 0
    const listener = network.listen(
      { host: '', port: 2181 },
      () => {
        other++
        return { data() {}, closed() {} }
      },
      () => {},
    )
    scene.until('failed')
    scene.pass(10_000)
    expect(endOf(scene), since(scene, 'Neither ready nor purged.', badEnd)).toEqual([
      expect.stringMatching(/^failed while listening: /),
    ])
    expect(scene.names(), since(scene, 'Its folder is as it was.', badEnd)).toEqual(Object.keys(files))
    scene.visit()
    scene.pass(100)
    expect(other, 'the port is still that of the other one').toBe(1)
    let ends = 0
    scene.started.stop(() => ends++)
    listener.close()
    scene.pass(1000)
    expect(ends, since(scene, 'A stop is answered in any case.', badEnd)).toBe(1)
  })

  test('when opening fails, the reason is told once, and a stop is answered', () => {
    let isBroken = true
    const scene = startedOn({
      files: killed,
      disk: disk => ({
        ...disk,
        sync: (path, done) => (isBroken ? done(new Error('EIO')) : disk.sync(path, done)),
      }),
    })
    scene.until('failed')
    let ends = 0
    scene.started.stop(() => ends++)
    scene.pass(1000)
    expect(scene.told, since(scene, 'What was replayed cannot be made durable.', badEnd)).toEqual([
      'failed while opening: EIO',
    ])
    expect(ends, since(scene, '', badEnd)).toBe(1)
    isBroken = false
    scene.startAgain()
    scene.until('ready')
  })

  test('when the log fails, what was confirmed is kept, what was not is not, and the purge ends', () => {
    let isBroken = false
    let removals = 0
    const broken = (disk: Disk): Disk => ({
      ...disk,
      sync: (path, done) => (isBroken ? done(new Error('EIO')) : disk.sync(path, done)),
      list: name => {
        if (isBroken) removals++
        return disk.list(name)
      },
    })
    const scene = startedOn({ files: killed, settings: { purgeInterval: 1000 }, disk: broken })
    scene.until('purged')
    const [one, two] = [scene.visit(), scene.visit()]
    one.create('/confirmed')
    two.create('/too')
    isBroken = true
    one.ask('/lost')
    two.ask('/lost-too')
    scene.until('failed')
    const looks = removals
    scene.pass(10_000)
    expect(endOf(scene).slice(1), since(scene, 'Once.', badEnd)).toEqual(['failed while serving: EIO'])
    expect([one.state, two.state], since(scene, 'They learn that something is wrong.', badEnd)).toEqual([
      'gone',
      'gone',
    ])
    expect(removals, since(scene, 'Nobody looks for files to purge.', badEnd)).toBe(looks)
    isBroken = false
    scene.startAgain()
    scene.until('ready')
    expect(scene.visit().children('/')).toEqual(expect.arrayContaining(['confirmed', 'too']))
  })

  test('a failure after a stop is nobody’s business', () => {
    let isBroken = false
    const scene = startedOn({
      disk: (disk, { clock }) => ({
        ...disk,
        sync: (path, done) =>
          void clock.after(500, () => (isBroken ? done(new Error('EIO')) : disk.sync(path, done))),
      }),
    })
    scene.pass(600)
    scene.until('ready')
    const client = scene.visit()
    scene.pass(1000)
    client.ask('/a')
    scene.pass(100)
    isBroken = true
    scene.started.stop()
    scene.pass(5000)
    expect(endOf(scene), since(scene, 'A stop ends what there is to tell.', badEnd)).toEqual([
      'ready on 2181 with 0',
    ])
  })
})
