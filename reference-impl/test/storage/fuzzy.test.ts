/** A snapshot that is written while the tree changes, piece by piece, with the log behind it, is the tree. */
import { describe, expect, test } from 'vitest'
import { prng } from '../../src/lib/prng.ts'
import { fileName, folder } from '../../src/storage/files.ts'
import { CreateMode, OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { type Client, InProcess } from '../server/in-process.ts'
import { logFile, piecesOf, recovered, stateOf } from './history.ts'

/** Clients that do at random whatever may go wrong with a snapshot under way. */
function crowd(server: InProcess, seed: number): () => void {
  const dice = prng(seed)
  let clients: Client[] = [server.session()]
  const path = (): string => {
    const depth = dice.between(1, 3)
    return Array.from({ length: depth }, () => `/${'abcd'[dice.below(4)]}`).join('')
  }
  return () => {
    const client = clients[dice.below(clients.length)]!
    switch (dice.below(9)) {
      case 0:
      case 1:
      case 2:
        client.create(path(), 'born', dice.chance(0.2) ? CreateMode.EPHEMERAL : CreateMode.PERSISTENT)
        break
      case 3:
        client.create(`${path()}-`, 'counted', CreateMode.PERSISTENT_SEQUENTIAL)
        break
      case 4:
        client.set(path(), `set ${dice.below(100)}`)
        break
      case 5:
      case 6:
        client.delete(path())
        break
      case 7: {
        const acl = [{ perms: 31, id: { scheme: 'ip', id: `10.0.0.${dice.below(50)}` } }]
        client.ask(OpCode.setACL, out => records.writeSetACLRequest(out, { path: path(), acl, version: -1 }))
        break
      }
      case 8:
        clients = clients.filter(each => each !== client)
        client.ask(OpCode.closeSession)
        while (clients.length < 3) clients.push(server.session())
    }
  }
}

const seeds = Array.from({ length: 60 }, (_, seed) => seed)

describe('a snapshot taken while transactions are applied', () => {
  test.each(seeds)('with the log behind it is the tree, with the seed %i', seed => {
    const server = new InProcess('skipACL=yes\n')
    const dice = prng(`pieces ${seed}`)
    const act = crowd(server, seed)
    for (let i = 0; i < 60; i++) act()
    const source = server.snapshotSource()
    const bytes = piecesOf(
      source,
      () => {
        for (let i = dice.below(12); i > 0; i--) act()
      },
      { nodes: 3, bytes: 500 },
    )
    const found = recovered(
      new Map([[`${folder}/${fileName('snapshot', source.zxid)}`, bytes], logFile(server.log)]),
    )
    const now = server.snapshotSource()
    expect(found.lastZxid).toBe(now.zxid)
    const lines = stateOf({ tree: found.tree, sessions: found.sessions }).split('\n')
    expect(lines).toEqual(stateOfSource(now))
    expect(found.replayed, 'the snapshot spares the replay of what came before it').toBe(
      server.log.length - Number(source.zxid),
    )
  })
})

function stateOfSource(source: ReturnType<InProcess['snapshotSource']>): string[] {
  const snapshot = piecesOf(source, () => {})
  const path = `${folder}/${fileName('snapshot', source.zxid)}`
  return stateOf(recovered(new Map([[path, snapshot]]))).split('\n')
}
