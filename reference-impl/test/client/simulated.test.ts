/**
 * The client in a simulated world, where a connection is cut at every one of its frames, before it, in its middle and
 * behind it: no operation is lost, answered twice or left hanging, and no watch is forgotten.
 */
import { expect, test } from 'vitest'
import { type ClientState, zooKeeper } from '../../src/client/zookeeper.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import { type SimulationOptions, simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import { inTime, serveStandalone } from '../server/in-simulation.ts'
import { type Cut, cutting } from './cut.ts'

/** What came of an operation: done, refused with a code, or nobody knows. */
type Outcome = 'done' | 'unknown' | Code

interface Story {
  outcomes: Outcome[]
  /** What the journal holds in the end: the number of the entry, in the order in which they were made. */
  journal: number[]
  states: ClientState[]
  events: string[]
  settled: number[]
  frames: number
  sessions: Set<bigint>
  ephemerals: string[] | null
  hash: string
}

const entries = 12

/** Long enough for a session to outlive what the network does to it. */
const timeout = 60_000

/**
 * A client that writes a journal of `entries` nodes, several on their way at a time, watches a node that another client
 * changes, and keeps an ephemeral node.
 */
async function story(cut: Cut, options: Partial<SimulationOptions> = {}): Promise<Story> {
  const simulation = simulatedWorld({ seed: 'a client', ...options })
  serveStandalone(simulation.host('server'), ['maxSessionTimeout=60000'])
  const other = zooKeeper(simulation.host('other'), 'server', { timeout })
  await inTime(
    simulation,
    again(() => other.create('/journal'), Code.NODEEXISTS),
  )
  await inTime(
    simulation,
    again(() => other.create('/watched', '0'), Code.NODEEXISTS),
  )

  const world = simulation.host('client')
  const { network, frames } = cutting(world.network, cut)
  const client = zooKeeper({ ...world, network }, 'server', { timeout })
  const states: ClientState[] = []
  const events: string[] = []
  const outcomes: Outcome[] = []
  const settled: number[] = Array.from({ length: entries }, () => 0)
  const sessions = new Set<bigint>()
  client.onState(state => {
    states.push(state)
    if (state === 'connected') sessions.add(client.session.sessionId)
  })

  await inTime(
    simulation,
    again(() => client.create('/alive', null, { ephemeral: true }), Code.NODEEXISTS),
  )
  const watch = (): Promise<unknown> => client.get('/watched', { watch: ({ type }) => events.push(type) })
  await inTime(simulation, again(watch))
  const asked = Array.from({ length: entries }, (_, entry) =>
    client.create('/journal/entry-', String(entry), { sequential: true }).then(
      () => {
        outcomes[entry] = 'done'
        settled[entry]!++
      },
      ({ code }: KeeperError) => {
        outcomes[entry] = code === Code.CONNECTIONLOSS ? 'unknown' : code
        settled[entry]!++
      },
    ),
  )
  await inTime(
    simulation,
    again(() => other.set('/watched', '1', { version: 0 }), Code.BADVERSION),
  )
  await inTime(simulation, Promise.all(asked))
  // A read that is answered has been overtaken by no event.
  await inTime(
    simulation,
    again(() => client.get('/watched')),
  )
  const ephemerals = await inTime(
    simulation,
    again(() => client.ephemerals()),
  )
  const names = (await inTime(
    simulation,
    again(() => other.children('/journal')),
  ))!.children
  const journal: number[] = []
  for (const name of names) {
    const entry = await inTime(
      simulation,
      again(() => other.get(`/journal/${name}`)),
    )
    journal.push(Number(new TextDecoder().decode(entry!.data!)))
  }
  await inTime(simulation, Promise.all([client.close(), other.close()]))
  const hash = simulation.trace.hash()
  return { outcomes, journal, states, events, settled, frames: frames(), sessions, ephemerals, hash }
}

/** Asks until there is an answer. */
async function again<T>(ask: () => Promise<T>, ...fine: Code[]): Promise<T | null> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const { code } = error as KeeperError
      if (fine.includes(code)) return null
      if (code !== Code.CONNECTIONLOSS) throw error
    }
  }
}

/** What must be true of every story, however it went. */
function expectNothingLost({ outcomes, journal, settled, events, sessions, ephemerals }: Story): void {
  expect(settled, 'each operation is answered once').toEqual(Array.from({ length: entries }, () => 1))
  const done = outcomes.flatMap((outcome, entry) => (outcome === 'done' ? [entry] : []))
  const unknown = outcomes.flatMap((outcome, entry) => (outcome === 'unknown' ? [entry] : []))
  expect(done.length + unknown.length, 'nothing was refused').toBe(entries)
  expect(journal, 'what was made stands in the order in which it was asked for, and once').toEqual(
    [...new Set(journal)].sort((a, b) => a - b),
  )
  expect(journal, 'what was confirmed is there').toEqual(expect.arrayContaining(done))
  expect(events, 'the watch has told of the one change, once').toEqual(['NodeDataChanged'])
  expect(sessions.size, 'it is one session, however often it was cut off').toBe(1)
  expect(ephemerals).toEqual(['/alive'])
}

test('a connection that nobody cuts loses nothing and knows everything', async () => {
  const told = await story({ nth: 0, where: 'before' })
  expectNothingLost(told)
  expect(told.outcomes).toEqual(Array.from({ length: entries }, () => 'done'))
  expect(told.states).toEqual(['connected', 'closed'])
  expect((await story({ nth: 0, where: 'before' })).hash, 'the same seed, the same story').toBe(told.hash)
})

for (const where of ['before', 'within', 'behind'] as const) {
  test(`nothing is lost, done twice or left hanging when the connection is cut ${where} any of its frames`, async () => {
    const { frames } = await story({ nth: 0, where })
    let cuts = 0
    let unknown = 0
    for (let nth = 1; nth <= frames; nth++) {
      const told = await story({ nth, where })
      try {
        expectNothingLost(told)
      } catch (error) {
        throw new Error(`cut ${where} frame ${nth}: ${(error as Error).message}`, { cause: error })
      }
      if (told.states.includes('connecting')) cuts++
      unknown += told.outcomes.filter(outcome => outcome === 'unknown').length
    }
    // All but those in the first handshake and in the goodbye.
    expect(cuts, 'cuts that the client has noticed').toBeGreaterThanOrEqual(frames - 4)
    expect(unknown, 'operations of which nobody knows').toBeGreaterThan(entries)
  })
}

test('nothing is lost over a network that delays, stalls and breaks as it likes', async () => {
  const network = {
    stall: 0.02,
    stallMillis: [100, 4000] as [number, number],
    break: 0.03,
    halfOpen: 0.3,
    refuse: 0.1,
  }
  let cuts = 0
  for (let seed = 0; seed < 40; seed++) {
    const told = await story({ nth: 0, where: 'before' }, { seed: `rough ${seed}`, faults: { network } })
    expect(told.settled, `seed ${seed}`).toEqual(Array.from({ length: entries }, () => 1))
    expect(told.journal, `seed ${seed}`).toEqual([...new Set(told.journal)].sort((a, b) => a - b))
    expect(told.sessions.size, `seed ${seed}`).toBe(1)
    cuts += told.states.filter(state => state === 'connecting').length
  }
  expect(cuts).toBeGreaterThan(10)
})
