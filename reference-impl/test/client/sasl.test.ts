/** A client that logs in by SASL, in a simulated world: it has proved who it is before anything is asked of the server. */
import { describe, expect, test } from 'vitest'
import { continueSasl } from '../../src/client/sasl.ts'
import { type ClientState, type ZooKeeperOptions, zooKeeper } from '../../src/client/zookeeper.ts'
import { Code, type KeeperError } from '../../src/wire/errors.ts'
import { juteWriter } from '../../src/wire/jute.ts'
import { Perms } from '../../src/wire/opcodes.ts'
import { writeReplyHeader, writeSetSASLResponse } from '../../src/wire/records.ts'
import { simulatedWorld } from '../../src/world/simulated/simulated-world.ts'
import { inTime, serveStandalone } from '../server/in-simulation.ts'
import { type Cut, cutting } from './cut.ts'

const ann = { username: 'ann', password: 'geheim' }
const onlyAnn = [{ perms: Perms.ALL, id: { scheme: 'sasl', id: 'ann' } }]

function scene(options: ZooKeeperOptions, cut: Cut = { nth: 0, where: 'before' }, users?: object) {
  const simulation = simulatedWorld({ seed: 'sasl' })
  serveStandalone(
    simulation.host('server'),
    ['authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider'],
    undefined,
    users as Record<string, string> | undefined,
  )
  const world = simulation.host('client')
  const { network, frames } = cutting(world.network, cut)
  const zk = zooKeeper({ ...world, network }, 'server', { timeout: 20_000, ...options })
  const states: ClientState[] = []
  zk.onState(state => states.push(state))
  return { zk, states, frames, within: <T>(promise: Promise<T>) => inTime(simulation, promise) }
}

const users = { ann: 'geheim' }

/** Asks until no connection is lost over it. */
async function again<T>(ask: () => Promise<T>, fine?: Code): Promise<T | null> {
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const { code } = error as KeeperError
      if (code === fine) return null
      if (code !== Code.CONNECTIONLOSS) throw error
    }
  }
}

describe('a client with a login by SASL', () => {
  test('is known on every connection before its first request is judged, wherever the one before was cut', async () => {
    const story = async (cut: Cut): Promise<{ frames: number; losses: number }> => {
      const { zk, states, frames, within } = scene({ sasl: ann }, cut, users)
      await within(again(() => zk.create('/hers', 'x', { acl: onlyAnn }), Code.NODEEXISTS))
      // Sent together with whatever a new connection is told first.
      const reads = Array.from({ length: 3 }, () => again(() => zk.get('/hers')))
      await within(Promise.all(reads))
      expect(await within(again(() => zk.whoAmI()))).toContainEqual({ authScheme: 'sasl', user: 'ann' })
      const all = frames()
      await within(zk.close())
      return { frames: all, losses: states.filter(state => state === 'connecting').length }
    }
    const { frames } = await story({ nth: 0, where: 'before' })
    let losses = 0
    for (let nth = 1; nth <= frames; nth++) {
      for (const where of ['before', 'within', 'behind'] as const)
        losses += (await story({ nth, where })).losses
    }
    expect(losses, 'the cuts after the first login').toBeGreaterThan(frames)
  })

  test.each([
    ['the password is wrong', { sasl: { ...ann, password: 'x' } }, users],
    ['nobody has this name', { sasl: { ...ann, username: 'eve' } }, users],
    ['it is meant for another service', { sasl: { ...ann, service: 'imap' } }, users],
    ['it is meant for another host', { sasl: { ...ann, host: 'zk1' } }, users],
    ['the server knows nothing of SASL', { sasl: ann }, undefined],
  ])('has failed for good when %s', async (_, options, known) => {
    const { zk, states, within } = scene(options, undefined, known)
    const asked = zk.create('/never').catch((error: KeeperError) => error.code)
    await expect(within(zk.connected())).rejects.toMatchObject({ code: Code.AUTHFAILED })
    expect(await asked).toBe(Code.AUTHFAILED)
    await expect(within(zk.get('/'))).rejects.toMatchObject({ code: Code.AUTHFAILED })
    expect(states).toEqual(['auth failed'])
    await within(zk.close())
  })

  test('does not believe a server that cannot prove that it knows the password', () => {
    const said = (token: string): Uint8Array => {
      const out = juteWriter()
      writeReplyHeader(out, { xid: 2, zxid: 0n, err: 0 })
      writeSetSASLResponse(out, { token: new TextEncoder().encode(token) })
      return out.bytes()
    }
    const random = (count: number) => new Uint8Array(count)
    const exchange = { link: 1, welcome: new Uint8Array(), proof: null }
    const challenge = said('realm="zk-sasl-md5",nonce="abc",charset=utf-8,algorithm=md5-sess')
    expect(continueSasl(exchange, challenge, ann, random, [])).toBe('goes on')
    expect(continueSasl(exchange, said('rspauth=0123'), ann, random, [])).toBe('refused')
    expect(continueSasl(exchange, said(''), ann, random, [])).toBe('refused')
  })
})
