/**
 * What programs come to that live with failure in one way or another: good and bad habits of chapter 13, in a simulated
 * world. What is printed in the chapter is what these runs say.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../../course/paths.ts'
import { isUncertain } from '../../src/client/retry.ts'
import { type SteadyClient, steadyClient } from '../../src/client/steady.ts'
import { type ZooKeeper, zooKeeper } from '../../src/client/zookeeper.ts'
import { treeCache } from '../../src/recipes/tree-cache.ts'
import { Code, keeperCode } from '../../src/wire/errors.ts'
import { simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import { inTime, pass, serveStandalone } from '../server/in-simulation.ts'
import { withEveryCut } from './every-cut.ts'

const patience = 60_000
const chapter = readFileSync(path.join(root, 'chapters', '13-living-with-failure.md'), 'utf8')

function expectInChapter(lines: readonly string[]): void {
  expect(chapter, `chapter 13 does not show these runs:\n${lines.join('\n')}\n`).toContain(lines.join('\n'))
}

/** Asks until somebody answers, whatever it is that it asks. */
async function stubbornly<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isUncertain(keeperCode(error))) throw error
    }
  }
}

/** How often each thing was said, and of how many runs. */
class Tally {
  readonly #counts = new Map<string, number>()
  runs = 0

  add(what: string): void {
    this.runs++
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  line(name: string): string {
    const said = [...this.#counts].sort().map(([what, count]) => `${String(count).padStart(2)} ${what}`)
    return `${name.padEnd(28)}${String(this.runs).padStart(3)} runs: ${said.join(', ')}`
  }
}

type Habit = (client: SteadyClient) => Promise<boolean>

test('a job is made twice by who asks again, and is given up though it is there by who does not', {
  timeout: patience,
}, async () => {
  const lines: string[] = []
  const sequential = true
  const habits: [string, Habit][] = [
    [
      'asks again until it works',
      ({ zk }) => stubbornly(() => zk.create('/job-', null, { sequential })).then(() => true),
    ],
    [
      'takes a loss for a "no"',
      ({ zk }) =>
        zk.create('/job-', null, { sequential }).then(
          () => true,
          () => false,
        ),
    ],
    [
      'makes its node findable',
      client => client.create('/job-', null, { sequential, protect: true }).then(() => true),
    ],
  ]
  for (const [name, habit] of habits) {
    const tally = new Tally()
    await withEveryCut(async ({ client, other, within }) => {
      await within(client.connected())
      const isDone = await within(habit(client))
      const { children } = await within(other.children('/'))
      const jobs = children.filter(child => child.includes('job-')).length
      if (jobs === Number(isDone)) tally.add('right')
      else tally.add(isDone ? 'with two jobs' : 'with a job that was given up')
    })
    lines.push(tally.line(name))
  }
  expectInChapter(lines)
})

test('a counter counts too much when it asks again, and too little when it believes its data', {
  timeout: patience,
}, async () => {
  const lines: string[] = []
  const decoder = new TextDecoder()
  const more = (data: Uint8Array | null): string => String(Number(decoder.decode(data!)) + 1)
  /** Once; again when somebody else was faster, and when the version has gone by for any other reason. */
  async function countOnce(
    zk: ZooKeeper,
    set: (data: string, version: number) => Promise<unknown>,
  ): Promise<boolean> {
    for (;;) {
      const { data, stat } = await stubbornly(() => zk.get('/count'))
      try {
        await set(more(data), stat.version)
        return true
      } catch (error) {
        if (keeperCode(error) !== Code.BADVERSION) return false
      }
    }
  }
  const habits: [string, Habit][] = [
    [
      'asks again until it works',
      ({ zk }) => countOnce(zk, (data, version) => stubbornly(() => zk.set('/count', data, { version }))),
    ],
    [
      'looks for its own data',
      client => countOnce(client.zk, (data, version) => client.set('/count', data, { version })),
    ],
    ['leaves a receipt', client => client.update('/count', more, { receipts: '/receipts' }).then(() => true)],
  ]
  for (const [name, habit] of habits) {
    const tally = new Tally()
    await withEveryCut(async ({ client, other, within }) => {
      await within(client.connected())
      await within(other.create('/count', '0'))
      const both = [
        habit(client),
        countOnce(other, (data, version) => other.set('/count', data, { version })),
      ]
      const confirmed = (await within(Promise.all(both))).filter(isDone => isDone).length
      const counted = Number(decoder.decode((await within(other.get('/count'))).data!))
      if (counted === confirmed && confirmed === 2) tally.add('right')
      else if (confirmed < 2) tally.add('that do not know')
      else tally.add(counted > confirmed ? 'too high' : 'too low')
    })
    lines.push(tally.line(name))
  }
  expectInChapter(lines)
})

test('a copy that believes its watch is wrong after a loss, and one that only adds keeps what has gone', {
  timeout: patience,
}, async () => {
  const lines: string[] = []
  const decoder = new TextDecoder()
  const text = (data: Uint8Array | null): string => decoder.decode(data ?? new Uint8Array())
  type Copy = Map<string, string>

  interface Naive {
    watchesFirst: boolean
    readsAgain: boolean
    sweeps: boolean
  }

  /** The members and their data, as somebody would write it. */
  async function copyOf(client: SteadyClient, { watchesFirst, readsAgain, sweeps }: Naive): Promise<Copy> {
    const copy: Copy = new Map()
    const readOne = async (member: string): Promise<void> => {
      try {
        const { data } = await client.run(zk => zk.get(`/members/${member}`))
        copy.set(member, text(data))
      } catch {
        copy.delete(member)
      }
    }
    const readAll = async (): Promise<void> => {
      const { children } = await client.run(zk => zk.children('/members'))
      for (const member of copy.keys()) if (sweeps && !children.includes(member)) copy.delete(member)
      await Promise.all(children.map(readOne))
    }
    /** A watch that stays, set as often as it takes. */
    const follow = async (): Promise<void> => {
      for (;;) {
        try {
          for await (const { path: changed } of client.zk.watch('/members', { recursive: true })) {
            if (changed !== '/members') void readOne(changed.slice('/members/'.length))
          }
          return
        } catch (error) {
          if (!isUncertain(keeperCode(error))) return
        }
      }
    }
    client.onState(state => {
      if (state === 'RECONNECTED' && readsAgain) void readAll().catch(() => {})
    })
    if (watchesFirst) void follow()
    await readAll()
    if (!watchesFirst) void follow()
    return copy
  }

  const naive = (habit: Naive) => (client: SteadyClient) => copyOf(client, habit)
  const habits: [string, (client: SteadyClient) => Promise<Copy>][] = [
    ['reads first, then watches', naive({ watchesFirst: false, readsAgain: false, sweeps: false })],
    ['watches first, then reads', naive({ watchesFirst: true, readsAgain: false, sweeps: false })],
    ['reads again after a loss', naive({ watchesFirst: true, readsAgain: true, sweeps: false })],
    [
      'treeCache',
      async client => {
        const cache = await treeCache(client, '/members')
        const copy: Copy = new Map()
        cache.onChange(change => {
          if (change.path === '/members') return
          const member = change.path.slice('/members/'.length)
          if (change.type === 'deleted') copy.delete(member)
          else copy.set(member, text(change.node.data))
        })
        return copy
      },
    ],
  ]
  for (const [name, habit] of habits) {
    const tally = new Tally()
    await withEveryCut(async ({ client, other, simulation, within }) => {
      await within(client.connected())
      await within(other.create('/members'))
      for (const member of ['ann', 'bob']) await within(other.create(`/members/${member}`, 'idle'))
      const opening = habit(client)
      await within(other.set('/members/ann', 'works'))
      const copy = await within(opening)
      await within(other.delete('/members/bob'))
      await within(other.create('/members/eve', 'idle'))
      await pass(simulation, 2500)
      const held = [...copy].sort().map(([member, data]) => `${member} ${data}`)
      const missing = held.includes('eve idle') ? 0 : 1
      if (held.join() === 'ann works,eve idle') tally.add('right')
      else if (held.some(each => each.startsWith('bob'))) tally.add('with one that is gone')
      else tally.add(missing > 0 ? 'with one missing' : 'with old data')
    })
    lines.push(tally.line(name))
  }
  expectInChapter(lines)
})

test('a lock is somebody else’s before its holder is told that the session is lost', async () => {
  const lines: string[] = []
  const simulation = simulatedWorld({ seed: 'lost' })
  const say = (who: string, what: string): void => {
    lines.push(`${(simulation.now() / 1000).toFixed(1).padStart(5)} s  ${who.padEnd(6)}  ${what}`)
  }
  serveStandalone(simulation.host('server'), [], () =>
    say('server', 'the session has expired; /lock is gone'),
  )
  const ann = steadyClient(simulation.host('ann'), 'server', { timeout: 4000 })
  ann.onState(state => say('ann', state))
  const bob = zooKeeper(simulation.host('bob'), 'server', { timeout: 10_000 })
  void ann.create('/lock', null, { ephemeral: true }).then(() => say('ann', 'has /lock'))
  await pass(simulation, 1000)
  simulation.partition(['server', 'bob'], ['ann'])
  say('ann', 'is cut off')
  const watch = (): void => {
    void bob.create('/lock', null, { ephemeral: true }).then(() => say('bob', 'has /lock'))
  }
  await inTime(simulation, bob.exists('/lock', { watch }))
  await pass(simulation, 11_000)
  simulation.heal()
  say('ann', 'is back on the network')
  await pass(simulation, 4000)
  await inTime(simulation, Promise.all([ann.close(), bob.close()]))
  expectInChapter(lines)
})
