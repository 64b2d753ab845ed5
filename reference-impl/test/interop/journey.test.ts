/**
 * A data folder travels: Apache's server fills it, ours goes on, Apache's goes on from there. Each reads all that the one
 * before it wrote, every Stat, every ACL, every byte; and clients of each go on with their sessions wherever the folder is.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { password } from '../../src/session/handshake.ts'
import { CreateMode, OpCode, Xid } from '../../src/wire/opcodes.ts'
import { writeCreateRequest } from '../../src/wire/records.ts'
import { patience, tellingOf } from './conversation.ts'
import { interopRequired, missingPackages, python } from './packages.ts'
import { type RawClient, rawClient, requestFrame } from './raw-client.ts'
import { apache, fourLetterWord, type Kind, ours, startServer } from './servers.ts'

const missing = missingPackages(['zookeeper', 'python3-kazoo'])
const script = path.join(import.meta.dirname, 'journey-talk.py')

describe.skipIf(missing.length > 0 && !interopRequired)('a data folder', () => {
  test('goes from server to server with every Stat, ACL, byte and session', {
    timeout: 3 * patience,
  }, async () => {
    expect(missing, `apt-get install ${missing.join(' ')}`).toEqual([])
    const folder = mkdtempSync(path.join(tmpdir(), 'journey-'))
    const travellers: Traveller[] = []
    try {
      let before = await stay(apache, folder, 'none', 1, 'snappy', travellers)
      for (const [kind, number, compression] of [
        [ours, 2, 'gz'],
        [apache, 3, 'gz'],
        [ours, 4, 'snappy'],
        [apache, 5, ''],
      ] as [Kind, number, string][]) {
        const after = await stay(kind, folder, 'all', number, compression, travellers)
        expect(after.found, `what ${kind.name} finds`).toEqual(before.left)
        before = after
      }
      expect(Object.keys(before.left).length).toBeGreaterThan(40)
      expect(before.left['/held'], 'the node of the first traveller').toBeDefined()
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** One server's time with the folder, and the way in which it compresses its snapshots; `finds` says whether there is something to find. It ends as by a loss of power. */
async function stay(
  kind: Kind,
  folder: string,
  finds: 'none' | 'all',
  number: number,
  compression: string,
  travellers: Traveller[],
): Promise<{ found: unknown; left: Record<string, unknown> }> {
  const server = await startServer(kind, {
    dataDir: folder,
    settings: [
      'snapCount=20',
      'preAllocSize=64',
      'maxSessionTimeout=40000',
      `snapshot.compression.method=${compression}`,
    ],
  })
  try {
    for (const each of travellers) await goOn(each, server.port)
    travellers.push(await setOut(server.port, travellers.length === 0))
    const told = await tellingOf(python, script, server.address, String(number))
    const figures = await fourLetterWord(server.port, 'mntr')
    expect(figures, `${kind.name} finds every digest right`).toMatch(/^zk_digest_mismatches_count\t0$/m)
    expect(server.output()).not.toMatch(/mismatch|digest/i)
    return {
      found: finds === 'none' ? null : JSON.parse(told.get('found')!),
      left: JSON.parse(told.get('left')!),
    }
  } finally {
    await server.kill()
    const suffix = compression === '' ? '' : `\\.${compression}`
    expect(readdirSync(path.join(folder, 'version-2')).join('\n')).toMatch(
      RegExp(`snapshot\\.[0-9a-f]+${suffix}$`, 'm'),
    )
  }
}

/** A client that goes with the folder, and knows what clients know. */
interface Traveller {
  sessionId: bigint
  passwd: Uint8Array | null
  lastZxidSeen: bigint
}

async function setOut(port: number, withNode: boolean): Promise<Traveller> {
  const client = await rawClient(port)
  const { sessionId, passwd } = (await client.connect({ timeOut: 40_000 }))!
  expect(sessionId >> 56n, 'the number of a server that stands alone').toBe(1n)
  expect(passwd).toEqual(password(sessionId))
  const node = { path: '/held', data: new Uint8Array(0), acl: open, flags: CreateMode.EPHEMERAL }
  if (withNode) client.send(requestFrame(1, OpCode.create, out => writeCreateRequest(out, node)))
  return { sessionId, passwd, lastZxidSeen: await leave(client) }
}

async function goOn(traveller: Traveller, port: number): Promise<void> {
  const client = await rawClient(port)
  const granted = await client.connect({ ...traveller, timeOut: 40_000 })
  expect(granted).toMatchObject({ sessionId: traveller.sessionId, passwd: traveller.passwd, timeOut: 40_000 })
  traveller.lastZxidSeen = await leave(client)
}

/** Answers with the last zxid that it has been told. */
async function leave(client: RawClient): Promise<bigint> {
  client.send(requestFrame(Xid.ping, OpCode.ping))
  let reply = await client.reply()
  while (reply !== null && reply.xid !== Xid.ping) reply = await client.reply()
  client.hangUp()
  return reply!.zxid
}

const open = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
