/**
 * A data folder travels: Apache's server fills it, ours goes on, Apache's goes on from there. Each reads all that the one
 * before it wrote, every Stat, every ACL, every byte.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
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
      let before = await stay(apache, folder, 'none', 1, 'snappy')
      for (const [kind, number, compression] of [
        [ours, 2, 'gz'],
        [apache, 3, 'gz'],
        [ours, 4, 'snappy'],
        [apache, 5, ''],
      ] as [Kind, number, string][]) {
        const after = await stay(kind, folder, 'all', number, compression)
        expect(after.found, `what ${kind.name} finds`).toEqual(before.left)
        before = after
      }
      expect(Object.keys(before.left).length).toBeGreaterThan(40)
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
): Promise<{ found: unknown; left: Record<string, unknown> }> {
  const server = await startServer(kind, {
    dataDir: folder,
    settings: ['snapCount=20', 'preAllocSize=64', `snapshot.compression.method=${compression}`],
  })
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
    const suffix = compression === '' ? '' : `\\.${compression}`
    expect(readdirSync(path.join(folder, 'version-2')).join('\n')).toMatch(
      RegExp(`snapshot\\.[0-9a-f]+${suffix}$`, 'm'),
    )
  }
}
