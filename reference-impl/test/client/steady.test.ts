/**
 * The steady client in a simulated world, with its connection cut at every frame, and with its session lost there: what
 * it repeats happens once, and where it cannot know it says so.
 */
import { describe, expect, test } from 'vitest'
import { retryTimes, retryWithin } from '../../src/client/failure.ts'
import { type SteadyClient, steadyClient } from '../../src/client/steady.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import { patience } from '../interop/conversation.ts'
import { pass } from '../server/in-simulation.ts'
import { scene, timeout, withEveryCut } from './every-cut.ts'

const text = (data: Uint8Array | null): string => new TextDecoder().decode(data ?? new Uint8Array())

describe('a connection that is cut at any frame', { timeout: patience }, () => {
  test('makes a protected sequential node once, and its path is known', async () => {
    const { cuts } = await withEveryCut(async ({ client, other, within }) => {
      const options = { sequential: true, ephemeral: true, protect: true, parents: 'containers' } as const
      const { path } = await within(client.create('/jobs/job-', 'mine', options))
      const { children } = await within(other.children('/jobs'))
      expect(children.map(name => `/jobs/${name}`)).toEqual([path])
    })
    expect(cuts).toBeGreaterThan(6)
  })

  test('makes, changes and deletes a node once, and knows that it was itself', async () => {
    const { cuts } = await withEveryCut(async ({ client, other, within }) => {
      await within(client.create('/a/b', 'one', { parents: 'persistent' }))
      expect((await within(client.set('/a/b', 'two', { version: 0 }))).version).toBe(1)
      expect(text((await within(other.get('/a/b'))).data)).toBe('two')
      await within(client.delete('/a/b', { version: 1 }))
      expect(await within(other.exists('/a/b'))).toBe(null)
    })
    expect(cuts).toBeGreaterThan(12)
  })

  test('counts right, with receipts, while another counts too', async () => {
    const { cuts } = await withEveryCut(async ({ client, simulation, other, within }) => {
      await within(other.create('/count', '0'))
      const second = steadyClient(simulation.host('second'), 'server')
      const more = (data: Uint8Array | null): string => String(Number(text(data)) + 1)
      const count = async (who: SteadyClient): Promise<void> => {
        for (let i = 0; i < 2; i++) await who.update('/count', more, { receipts: '/receipts' })
      }
      await within(Promise.all([count(client), count(second)]))
      expect(text((await within(other.get('/count'))).data)).toBe('4')
      await within(second.close())
    })
    expect(cuts).toBeGreaterThan(20)
  })

  test('says CONNECTIONLOSS of what nobody can know: a count without receipts, a job without protection', async () => {
    let unknown = 0
    await withEveryCut(async ({ client, other, within }) => {
      await within(other.create('/count', '0'))
      let [done, doubtful] = [0, 0]
      const ask = async (operation: Promise<unknown>): Promise<void> => {
        try {
          await within(operation)
          done++
        } catch (error) {
          expect((error as KeeperError).code).toBe(Code.CONNECTIONLOSS)
          doubtful++
        }
      }
      await ask(client.update('/count', data => String(Number(text(data)) + 1)))
      const counted = Number(text((await within(other.get('/count'))).data))
      expect(counted).toBeGreaterThanOrEqual(done)
      expect(counted).toBeLessThanOrEqual(done + doubtful)
      await ask(client.create('/job-', null, { sequential: true }))
      unknown += doubtful
    })
    expect(unknown).toBeGreaterThan(4)
  })
})

describe('a session that is lost at any frame', { timeout: patience }, () => {
  test('is followed by another, and its ephemeral node is never taken for one of the new session', async () => {
    const lost = { LOST: 0 }
    await withEveryCut(async ({ client, other, within, simulation, states }) => {
      await within(client.connected())
      const { path } = await within(
        client.create('/job-', null, { sequential: true, ephemeral: true, protect: true }),
      )
      const stat = await within(other.exists(path))
      expect(stat?.ephemeralOwner, 'it belongs to the present session').toBe(client.zk.session.sessionId)
      // Longer than the old session may live on at the server.
      await pass(simulation, 2 * timeout)
      await within(client.connected())
      const { children } = await within(other.children('/'))
      if (client.zk.session.sessionId === stat?.ephemeralOwner) {
        expect(children.filter(name => name.includes('job-')).map(name => `/${name}`)).toEqual([path])
      }
      if (states.includes('LOST')) {
        lost.LOST++
        expect(states.join(' ')).toMatch(/^CONNECTED SUSPENDED LOST RECONNECTED$/)
      }
    }, 6000)
    expect(lost.LOST).toBeGreaterThan(6)
  })
})

describe('time', () => {
  test('passes from SUSPENDED to LOST when no server was there for the session’s timeout', async () => {
    const { client, within, simulation, states } = scene({ nth: 0, where: 'before' })
    await within(client.connected())
    const first = client.zk
    simulation.partition(['server'])
    // Two thirds of the timeout until the silence is noticed, then the whole of it.
    await pass(simulation, 4000)
    expect(states).toEqual(['CONNECTED', 'SUSPENDED'])
    await pass(simulation, 4000)
    expect(states).toEqual(['CONNECTED', 'SUSPENDED', 'LOST'])
    expect(client.zk).not.toBe(first)
    simulation.heal()
    await within(client.connected())
    expect(states.at(-1)).toBe('RECONNECTED')
    await within(client.close())
    expect(states).toHaveLength(4)
  })

  test('ends what a policy gives only so long, whether there is a server or not', async () => {
    const { client, within, simulation } = scene({ nth: 0, where: 'before' })
    await within(client.connected())
    simulation.partition(['server'])
    const asked = simulation.now()
    await expect(
      within(client.run((zk, call) => zk.get('/', call), { retry: retryWithin(3000, 100) })),
    ).rejects.toMatchObject({ code: Code.OPERATIONTIMEOUT })
    expect(simulation.now() - asked).toBe(3000)
    simulation.heal()
    await within(client.close())
  })

  test('a delete that is guaranteed goes on when its policy has had enough', async () => {
    const { client, other, within, simulation } = scene({ nth: 0, where: 'before' })
    await within(client.create('/mine'))
    simulation.partition(['server', 'other'], ['client'])
    const retry = retryTimes(0, 0)
    await expect(within(client.delete('/mine', { guaranteed: true, retry }))).rejects.toThrow(
      'CONNECTIONLOSS',
    )
    expect(await within(other.exists('/mine'))).not.toBe(null)
    simulation.heal()
    await pass(simulation, 5000)
    expect(await within(other.exists('/mine'))).toBe(null)
    await within(Promise.all([client.close(), other.close()]))
  })

  test('a closed client tries nothing any more', async () => {
    const { client, within, simulation } = scene({ nth: 0, where: 'before' })
    await within(client.connected())
    simulation.partition(['server'])
    const asked = client.run((zk, call) => zk.get('/', call))
    await pass(simulation, 1000)
    const refused = expect(asked).rejects.toMatchObject({ code: Code.SESSIONEXPIRED })
    await within(client.close())
    await refused
  })
})
