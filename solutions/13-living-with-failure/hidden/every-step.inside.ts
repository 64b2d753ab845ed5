/**
 * A client with the code under test in it, whose connection is cut at every frame. The grader runs this beside that
 * code: thousands of messages pass, and the answers are small.
 */
import { type SteadyClient, steadyClient } from '#lab/client/steady.ts'
import { type Scene, timeout, withEveryCut } from '../../../reference-impl/test/client/every-cut.ts'
import { pass } from '../../../reference-impl/test/server/in-simulation.ts'

/** What all the runs of a story came to: how often a cut was noticed, and what was not as it should be. */
export interface Told {
  cuts: number
  wrong: string[]
}

async function tell(
  story: (scene: Scene, say: (line: string) => void) => Promise<void>,
  gone = 0,
): Promise<Told> {
  const wrong: string[] = []
  const { cuts } = await withEveryCut(
    (scene, cut) => story(scene, line => wrong.push(`${cut}: ${line}`)),
    gone,
  )
  return { cuts, wrong }
}

const decoder = new TextDecoder()
const text = (data: Uint8Array | null): string => decoder.decode(data ?? new Uint8Array())

/** One job, by number, protected. */
export function oneJob(): Promise<Told> {
  return tell(async ({ client, other, within }, say) => {
    const options = { sequential: true, ephemeral: true, protect: true, parents: 'persistent' } as const
    const { path } = await within(client.create('/jobs/job-', 'mine', options))
    const { children } = await within(other.children('/jobs'))
    if (children.length !== 1 || `/jobs/${children[0]}` !== path)
      say(`${path} was made, there are ${children}`)
  })
}

/** A job in a session that is lost on the way. */
export function oneJobInTheNextSession(): Promise<Told> {
  return tell(async ({ client, other, within, simulation, states }, say) => {
    await within(client.connected())
    const { path } = await within(
      client.create('/job-', null, { sequential: true, ephemeral: true, protect: true }),
    )
    const stat = await within(other.exists(path))
    if (stat?.ephemeralOwner !== client.zk.session.sessionId) say('the job belongs to a session that is over')
    await pass(simulation, 2 * timeout)
    await within(client.connected())
    if (client.zk.session.sessionId === stat?.ephemeralOwner) {
      const jobs = (await within(other.children('/'))).children.filter(name => name.includes('job-'))
      if (jobs.length !== 1) say(`there are ${jobs.length} jobs`)
    }
    const told = states.join(' ')
    if (!/^CONNECTED( SUSPENDED( LOST)? RECONNECTED)?$/.test(told)) say(`the listener was told ${told}`)
  }, 6000)
}

/** A node that is made, set and deleted. */
export function oneLife(): Promise<Told> {
  return tell(async ({ client, other, within }, say) => {
    await within(client.create('/node', 'one'))
    const { version } = await within(client.set('/node', 'two', { version: 0 }))
    if (version !== 1) say(`the version is ${version}`)
    const { data } = await within(other.get('/node'))
    if (text(data) !== 'two') say(`it holds ${text(data)}`)
    await within(client.delete('/node', { version: 1 }))
    if ((await within(other.exists('/node'))) !== null) say('it is still there')
  })
}

/** Two who count. */
export function twoWhoCount(): Promise<Told> {
  return tell(async ({ client, simulation, other, within }, say) => {
    await within(other.create('/count', '0'))
    const second = steadyClient(simulation.host('second'), 'server')
    const more = (data: Uint8Array | null): string => String(Number(text(data)) + 1)
    const count = async (who: SteadyClient): Promise<void> => {
      for (let i = 0; i < 2; i++) await who.update('/count', more, { receipts: '/receipts' })
    }
    await within(Promise.all([count(client), count(second)]))
    const { data } = await within(other.get('/count'))
    if (text(data) !== '4') say(`4 were counted, and it says ${text(data)}`)
    await within(second.close())
  })
}
