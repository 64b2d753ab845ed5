/**
 * A data folder travels: Apache's server fills it, ours goes on, Apache's goes on from there. Each reads all that the one
 * before it wrote, every Stat, every ACL, every byte.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { patience, tellingOf } from './conversation.ts'
import { interopRequired, missingPackages, python } from './packages.ts'
import { apache, fourLetterWord, type Kind, ours, startServer } from './servers.ts'

const missing = missingPackages(['zookeeper', 'python3-kazoo'])
const script = path.join(import.meta.dirname, 'journey-talk.py')

describe.skipIf(missing.length > 0 && !interopRequired)('a data folder', () => {
  test('goes from server to server with every Stat, ACL and byte', { timeout: 3 * patience }, async () => {
    expect(missing, `apt-get install ${missing.join(' ')}`).toEqual([])
    const folder = mkdtempSync(path.join(tmpdir(), 'journey-'))
    try {
      let before = await stay(apache, folder, 'none', 1)
      for (const [kind, number] of [
        [ours, 2],
        [apache, 3],
        [ours, 4],
      ] as [Kind, number][]) {
        const after = await stay(kind, folder, 'all', number)
        expect(after.found, `what ${kind.name} finds`).toEqual(before.left)
        before = after
      }
      expect(Object.keys(before.left).length).toBeGreaterThan(40)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

/** One server's time with the folder; `finds` says whether there is something to find. It ends as by a loss of power. */
async function stay(
  kind: Kind,
  folder: string,
  finds: 'none' | 'all',
  number: number,
): Promise<{ found: unknown; left: Record<string, unknown> }> {
  const server = await startServer(kind, { dataDir: folder, settings: ['snapCount=20', 'preAllocSize=64'] })
  try {
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
  }
}
