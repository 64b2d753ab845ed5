/**
 * Long histories of a cache: of the machine in a small world, and of a running client with it. The grader runs this beside
 * the code under test: many thousand steps pass, and the answers are small.
 */
import { prng } from '#lab/lib/prng.ts'
import { childrenOf } from '#lab/recipes/cache.ts'
import { SmallWorld } from '../../../labs/13-living-with-failure/test/small-world.ts'
import { withEveryCut } from '../../../reference-impl/test/client/every-cut.ts'
import { cachedStory } from '../../../reference-impl/test/recipes/cached-story.ts'

type Dice = ReturnType<typeof prng>

const paths = ['/r', '/r/a', '/r/a/x', '/r/a/x/1', '/r/a/y', '/r/b', '/r/b/z']

/** Plays so many histories, and says what was wrong in the first that went wrong; null if none did. */
export function randomHistories(count: number): string | null {
  for (let seed = 0; seed < count; seed++) {
    let fault: string | null
    try {
      fault = history(prng(`history ${seed}`))
    } catch (error) {
      if ((error as Error).name === 'Todo') throw error
      fault = (error as Error).message
    }
    if (fault !== null) return `history ${seed}: ${fault}`
  }
  return null
}

function history(dice: Dice): string | null {
  const depth = [0, 1, 2, Infinity, Infinity, Infinity][dice.below(6)]!
  const world = new SmallWorld({ depth, saysZxid: dice.below(3) > 0 })
  let before = world.snapshot()
  for (let i = 0; i < 60; i++) {
    const deed = dice.below(20)
    if (deed < 6) write(world, dice)
    else if (deed < 11) world.serve()
    else if (deed < 15) world.deliver()
    else if (deed === 15) world.deliverNext(dice.below(2) === 0 ? 'event' : 'answer')
    else if (deed === 16) before = world.snapshot()
    else if (deed === 17) world.settle()
    else if (!world.isConnected) {
      world.connect(dice.below(3) === 0 ? { behind: before, isReadOnly: dice.below(2) === 0 } : {})
    } else if (deed === 19) world.lose()
    const fault = world.faultInTold() ?? world.faultInQuestions()
    if (fault !== null) return world.story(fault)
    if (!world.isConnected && world.cache.phase !== 'away')
      return world.story('it is away, and does not know it')
  }
  world.settle()
  const fault = world.isServed ? faultAtRest(world) : null
  if (fault !== null) return fault
  if (world.isConnected) world.lose()
  return faultAtRest(world.connect().settle())
}

function write(world: SmallWorld, dice: Dice): void {
  const path = paths[dice.below(paths.length)]!
  const branch = paths.filter(each => (each === path || each.startsWith(`${path}/`)) && world.has(each))
  const remove = (): void => {
    for (const each of branch.toReversed()) world.delete(each)
  }
  if (branch.length === 0) {
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (path === '/r' || world.has(parent)) world.create(path, String(dice.below(100)))
    return
  }
  switch (dice.below(4)) {
    case 0:
      remove()
      return
    case 1:
      world.together(remove)
      return
    case 2:
      remove()
      for (const each of branch) world.create(each, 'anew')
      return
    default:
      world.set(path, String(dice.below(100)))
  }
}

/** Nothing is on its way any more. */
function faultAtRest(world: SmallWorld): string | null {
  const { cache } = world
  const held = world.held()
  const tree = world.tree()
  if (held.join('\n') !== tree.join('\n'))
    return world.story(`held: ${held.join(', ')}; tree: ${tree.join(', ')}`)
  if (cache.phase !== 'current') return world.story(`nothing is on its way, and the phase is ${cache.phase}`)
  if (world.ready !== 1) return world.story(`ready was told ${world.ready} times`)
  for (const path of cache.held.keys()) {
    const names = childrenOf(cache, path).map(name => `${path}/${name}`)
    const below = [...cache.held.keys()].filter(each => each.slice(0, each.lastIndexOf('/')) === path).sort()
    if (names.join() !== below.join()) return world.story(`the children of ${path}: ${names}; held: ${below}`)
  }
  const fault = world.faultInTold()
  return fault === null ? null : world.story(fault)
}

/** What is asked of a server for a node with so many children, in the first walk and in the second. */
export function walks(children: number): { questions: number; different: number }[] {
  const world = new SmallWorld().create('/r')
  for (let i = 0; i < children; i++) world.create(`/r/${i}`)
  return ['first', 'second'].map(() => {
    world.happened()
    world
      .connect()
      .settle(5 * children)
      .lose()
    const asked = world.happened().filter(line => /^(read|list) /.test(line))
    return { questions: asked.length, different: new Set(asked).size }
  })
}

/** A running client with a cache, whose session is lost at each of its frames. */
export async function lostSessions(): Promise<{ cuts: number; wrong: string | null }> {
  try {
    const { cuts } = await withEveryCut(async at => {
      await cachedStory(at, 'cache 9', 6)
    }, 9000)
    return { cuts, wrong: null }
  } catch (error) {
    return { cuts: 0, wrong: (error as Error).message }
  }
}
