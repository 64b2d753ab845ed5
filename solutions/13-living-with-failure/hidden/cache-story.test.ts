import { describe, expect, test } from 'vitest'
import { lostSessions, randomHistories, walks } from './cache-story.inside.ts'

const chapter = '(chapter 13, "A copy that is right")'

describe('F. Hear, and take what was read', () => {
  test('in sixty steps by chance, a thousand times, nothing is told wrong, and at rest the cache is the tree', () => {
    expect(randomHistories(1000), `What was told adds up to what is held. ${chapter}`).toBe(null)
  })
})

describe('G. Walk, and find what has gone', () => {
  test('a thousand children cost a thousand reads and one list, also the next time', () => {
    const each = { questions: 1002, different: 1002 }
    expect(walks(1000), 'the node, its list, and each child once').toEqual([each, each])
  })

  test('in a running client the cache is the tree, whichever frame its session is lost at', {
    timeout: 60_000,
  }, async () => {
    const { cuts, wrong } = await lostSessions()
    expect(wrong, `Others write all the while. ${chapter}`).toBe(null)
    expect(cuts, 'how many cuts the client has noticed').toBeGreaterThan(60)
  })
})
