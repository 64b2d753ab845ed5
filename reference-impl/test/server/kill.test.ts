/**
 * `kill -9` in the middle of a load, again and again: what was confirmed is there, and of a multi either all or nothing.
 * `KILL_ROUNDS=200 npx vitest run …/kill.test.ts` does it as often.
 */
import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Code } from '../../src/wire/errors.ts'
import { juteReader } from '../../src/wire/jute.ts'
import { CreateMode, OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { type RawClient, rawClient, requestFrame } from '../interop/raw-client.ts'
import { creating, setting } from './in-process.ts'
import { startServer, temporaryFolder } from './start.ts'

const rounds = Number(process.env.KILL_ROUNDS ?? 5)

/** What the clients of all rounds have sent, and what was confirmed to them. */
const asked = { sets: 0, multis: 0 }
const confirmed = { sets: 0, multis: new Set<number>() }

test(`nothing confirmed is lost, and no half of a multi is seen, in ${rounds} rounds`, {
  timeout: rounds * 20_000,
}, async () => {
  const dataDir = temporaryFolder()
  // Small enough that kills meet files that begin and snapshots under way.
  const cfg = `dataDir=${dataDir.replaceAll('\\', '/')}\nsnapCount=300\npreAllocSize=64\n`
  try {
    for (let round = 1; round <= rounds; round++) {
      const server = await startServer({ cfg })
      const client = await rawClient(server.port)
      await client.connect({ timeOut: 10_000 })
      await lookBack(client, round)
      const load = keepBusy(client)
      await new Promise(resolve => setTimeout(resolve, 20 + 280 * Math.random()))
      await server.stop('SIGKILL')
      await load
    }
    expect(confirmed.sets, 'the clients came to something').toBeGreaterThan(20 * rounds)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
})

async function lookBack(client: RawClient, round: number): Promise<void> {
  const exists = async (path: string): Promise<records.Stat | null> => {
    client.send(
      requestFrame(1, OpCode.exists, out => records.writeExistsRequest(out, { path, watch: false })),
    )
    const reply = await client.reply()
    if (reply?.err === Code.NONODE) return null
    expect(reply?.err).toBe(Code.OK)
    return records.readStat(juteReader(Buffer.from(reply!.body, 'hex')))
  }
  if (round === 1) {
    client.send(requestFrame(1, OpCode.create, creating('/counter')))
    expect((await client.reply())?.err).toBe(Code.OK)
    return
  }
  const version = (await exists('/counter'))?.version ?? -1
  expect(version, `sets confirmed before round ${round}`).toBeGreaterThanOrEqual(confirmed.sets)
  expect(version, `sets sent before round ${round}`).toBeLessThanOrEqual(asked.sets)
  // What was under way has been decided, one way or the other.
  asked.sets = version
  confirmed.sets = version
  for (let i = Math.max(0, asked.multis - 100); i < asked.multis; i++) {
    const halves = [await exists(`/multi-${i}-a`), await exists(`/multi-${i}-b`)].map(stat => stat !== null)
    expect(halves[0], `both halves of multi ${i}`).toBe(halves[1])
    if (confirmed.multis.has(i)) expect(halves, `multi ${i}, which was confirmed`).toEqual([true, true])
  }
}

/** Sends sets and multis, a few dozen ahead of the replies, until the connection breaks. */
async function keepBusy(client: RawClient): Promise<void> {
  const waiting: (() => void)[] = []
  for (;;) {
    while (waiting.length < 40) {
      if (waiting.length % 4 === 3) {
        const number = asked.multis++
        client.send(
          requestFrame(2, OpCode.multi, out => {
            for (const half of ['a', 'b']) {
              records.writeMultiHeader(out, { type: OpCode.create, done: false, err: -1 })
              creating(`/multi-${number}-${half}`, '', CreateMode.PERSISTENT)(out)
            }
            records.writeMultiHeader(out, { type: -1, done: true, err: -1 })
          }),
        )
        waiting.push(() => {
          confirmed.multis.add(number)
        })
      } else {
        asked.sets++
        client.send(requestFrame(3, OpCode.setData, setting('/counter', 'x'.repeat(200))))
        waiting.push(() => {
          confirmed.sets++
        })
      }
    }
    const reply = await client.reply().catch(() => null)
    if (reply === null) return
    expect(reply.err).toBe(Code.OK)
    waiting.shift()!()
  }
}
