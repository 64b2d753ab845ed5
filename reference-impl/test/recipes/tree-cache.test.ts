/**
 * The caches in a simulated world: others write while the reader's connection is cut at every frame, or its network is
 * rough. (That its session is lost at every frame is in the hidden tests of lab 13.)
 */
import { describe, expect, test } from 'vitest'
import { scene, withEveryCut } from '../client/every-cut.ts'
import { cachedStory } from './cached-story.ts'

describe('a cached tree is the tree', { timeout: 30_000 }, () => {
  test('whichever frame the connection is cut at', async () => {
    const { cuts } = await withEveryCut(async at => {
      await cachedStory(at, 'cache 9', 10)
    })
    expect(cuts).toBeGreaterThan(100)
  })

  test('over a network that delays, stalls and breaks as it likes', async () => {
    const network = {
      stall: 0.02,
      stallMillis: [100, 4000] as [number, number],
      break: 0.03,
      halfOpen: 0.3,
      refuse: 0.1,
    }
    let [losses, told] = [0, 0]
    for (let i = 0; i < 40; i++) {
      const rough = `rough ${i}`
      const at = scene({ nth: 0, where: 'before' }, 0, { seed: rough, faults: { network } })
      try {
        told += (await cachedStory(at, rough, 40)).told
      } catch (error) {
        throw new Error(`seed ${i}: ${(error as Error).message}`, { cause: error })
      }
      losses += at.states.filter(state => state === 'SUSPENDED').length
      await at.within(Promise.all([at.client.close(), at.other.close()]))
    }
    expect(losses).toBeGreaterThan(40)
    expect(told).toBeGreaterThan(400)
  })
})
