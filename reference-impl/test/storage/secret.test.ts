import { expect, test } from 'vitest'
import { parseConfig } from '../../src/server/config.ts'
import { storageOptions } from '../../src/server/settings.ts'
import { storage } from '../../src/storage/storage.ts'
import { simulatedWorld } from '../../src/world/simulated/simulated-world.ts'

test('a server throws dice for the secret by which it hashes paths', () => {
  const config = parseConfig('dataDir=/data\nclientPort=2181\n')
  if ('errors' in config) throw new Error('a bad configuration')
  const world = simulatedWorld({ seed: 1 }).host('server')
  const thrown: number[] = []
  const random = {
    below: (below: number) => world.random.below(below),
    bytes(count: number) {
      thrown.push(count)
      return world.random.bytes(count)
    },
  }
  const disks = { snapshots: world.disk, logs: world.disk }
  storage({ clock: world.clock, random }, disks, storageOptions(config.settings), () => {})
  expect(thrown).toEqual([8])
})
