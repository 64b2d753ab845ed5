import { describe, expect, test } from 'vitest'
import { killed, sessions } from './apache.ts'
import { because, refusalOf, type Scene, sessionName, startedOn } from './scene.ts'

/** For a failure: how it came to this. */
function since(scene: Scene, rule: string, section: string): string {
  return because(scene.told.map(line => `told: ${line}`).join('\n') || 'nothing was told', rule, section)
}

const step = 'Each step stands on the one before'

describe('D. Start in order', () => {
  test('a server in an empty folder makes a snapshot, listens, and says so', () => {
    const scene = startedOn()
    scene.until('ready')
    expect(scene.told, since(scene, 'The first snapshot comes before the first client.', step)).toEqual([
      'snapshot taken',
      'ready on 2181 with 0',
    ])
    expect(scene.names()).toEqual(['snapshot.0'])
  })

  test('who comes before the server is ready is refused, and who comes after is served', () => {
    const scene = startedOn()
    const early = scene.visit()
    scene.until('ready')
    expect(early.state, since(scene, 'Nobody is let in before the folder is fit to go on from.', step)).toBe(
      'refused',
    )
    expect(scene.visit().create('/a'), since(scene, '', step)).toBe('/a')
  })

  test('a folder that Apache’s server left is opened, with all that is in it', () => {
    const scene = startedOn({ files: killed })
    scene.until('ready')
    expect(scene.told.at(-1), since(scene, 'snapshot.0, and 15 transactions from log.1.', step)).toBe(
      'ready on 2181 with 15',
    )
    const client = scene.visit()
    expect(client.children('/')).toEqual(['config', 'jobs', 'workers', 'zookeeper'])
    expect(client.get('/config')).toBe('{"retries": 3}')
    expect(client.stat('/jobs')).toMatchObject({ version: 1, cversion: 4, numChildren: 2, czxid: 4n })
    expect(client.create('/jobs/job-', 2), 'the number goes on where it stood').toBe('/jobs/job-0000000003')
  })

  test('sessions of before live on, each with its whole timeout from when the server serves', () => {
    const scene = startedOn({ files: killed })
    scene.until('ready')
    scene.pass(9500)
    const rule = 'Nobody could send a sign of life while there was no server.'
    expect(scene.told, since(scene, rule, 'Sessions that slept')).not.toContain(
      `expired ${sessionName(sessions.kazoo)}`,
    )
    expect(scene.visit().children('/workers'), since(scene, rule, 'Sessions that slept')).toEqual(['w1'])
    scene.pass(3000)
    expect(scene.told, since(scene, '10 seconds without a sign.', 'Sessions that slept')).toContain(
      `expired ${sessionName(sessions.kazoo)}`,
    )
    scene.pass(20_000)
    expect(
      scene.visit().children('/workers'),
      since(scene, 'w1 goes with its session.', 'Sessions that slept'),
    ).toEqual([])
  })

  test('a folder that cannot be the whole truth is refused, and stays as it is', () => {
    const { 'log.1': log } = killed
    const before = { 'log.1': log! }
    let scene: Scene | null = null
    const refusal = refusalOf(() => {
      scene = startedOn({ files: before })
    })
    const rule = 'A log without a snapshot: somebody has lost a file. The start throws what `storage` throws.'
    expect(refusal, because('log.1 and no snapshot', rule, step)).toMatch(/^StorageError: .*no snapshot/)
    expect(scene).toBe(null)
  })

  test('old files are purged when the server serves, and what was removed is told', () => {
    const names = ['snapshot.0', 'snapshot.1', 'snapshot.2', 'snapshot.3']
    const files = Object.fromEntries(names.map(name => [name, killed['snapshot.0']!]))
    const scene = startedOn({ files, settings: { purgeInterval: 3_600_000 } })
    expect(scene.names(), since(scene, 'Not before it serves.', step)).toEqual(names)
    scene.until('purged')
    expect(scene.told, since(scene, 'Three snapshots stay.', step)).toEqual([
      'ready on 2181 with 3',
      'purged snapshot.0',
    ])
  })
})

const badEnd = 'When it does not work'

describe('E. Fail, and stop', () => {
  test('when the port is taken, that is told, and nothing else happens', () => {
    const scene = startedOn({ settings: { purgeInterval: 1000 } })
    scene.simulation.host('server').network.listen(
      { host: '', port: 2181 },
      () => ({ data() {}, closed() {} }),
      () => {},
    )
    scene.until('failed')
    scene.pass(5000)
    expect(scene.told.slice(1), since(scene, 'One word, and it is over.', badEnd)).toEqual([
      expect.stringMatching(/^failed while listening: .*2181/),
    ])
  })

  test('when the disk refuses the first snapshot, that is told, and nobody listens', () => {
    const scene = startedOn({
      disk: disk => ({ ...disk, append: (_path, _bytes, done) => done(new Error('ENOSPC')) }),
    })
    scene.until('failed')
    expect(scene.told.at(-1), since(scene, 'The folder is not fit to go on from.', badEnd)).toBe(
      'failed while opening: ENOSPC',
    )
    const late = scene.visit()
    scene.pass(1000)
    expect(late.state, since(scene, 'It is over.', badEnd)).toBe('refused')
  })

  test('when the log cannot be written, that is told, and nothing more is promised', () => {
    let isBroken = false
    const scene = startedOn({
      disk: disk => ({
        ...disk,
        sync: (path, done) => (isBroken ? done(new Error('EIO')) : disk.sync(path, done)),
      }),
    })
    scene.until('ready')
    const client = scene.visit()
    client.create('/a')
    isBroken = true
    client.ask('/b')
    scene.until('failed')
    scene.pass(1000)
    expect(scene.told.at(-1), since(scene, 'Told once.', badEnd)).toBe('failed while serving: EIO')
    expect(client.state, since(scene, 'Who was connected is hung up on.', badEnd)).toBe('gone')
  })

  test('a server that is stopped hangs up, and its port is free', () => {
    const scene = startedOn()
    scene.until('ready')
    const client = scene.visit()
    client.create('/a')
    let isDone = false
    scene.started.stop(() => {
      isDone = true
    })
    scene.pass(1000)
    expect([isDone, client.state], since(scene, '`done` is called when all are gone.', badEnd)).toEqual([
      true,
      'gone',
    ])
    const late = scene.visit()
    scene.pass(1000)
    expect(late.state, since(scene, 'Nobody listens any more.', badEnd)).toBe('refused')
  })

  test('a server that is stopped before it is ready never is', () => {
    const scene = startedOn()
    let isDone = false
    scene.started.stop(() => {
      isDone = true
    })
    scene.pass(5000)
    expect(isDone, since(scene, '`done` is called in any case.', badEnd)).toBe(true)
    expect(
      scene.told.filter(line => /^(ready|failed)/.test(line)),
      since(scene, 'Neither is called after a stop.', badEnd),
    ).toEqual([])
  })
})
