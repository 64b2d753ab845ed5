/**
 * How large a tree is, all paths and all data together. A small one is measured when somebody asks. A large one would
 * keep everybody waiting meanwhile, so it is measured a piece at a time, and the answer is a while old.
 * Source: the name of the figure, `approximate_data_size`, is Apache's.
 */
import { type DataTree, nodeCount, walk } from '../state/data-tree.ts'
import type { Znode } from '../state/znode.ts'
import type { Millis } from '../world/world.ts'

export interface Measured {
  size(): number
  /** Measures a piece, if it is time for one. */
  goOn(now: Millis): void
}

/** So many nodes take about a millisecond, on a slow machine two. */
const piece = 4_000
const between: Millis = 100
/** After the whole tree has been measured. */
const rests: Millis = 60_000

export function measured(tree: DataTree): Measured {
  let last = 0
  let sum = 0
  let next: Millis = 0
  let rest: Iterator<[string, Readonly<Znode>]> | null = null

  /** Does it end within so many nodes? */
  function measure(atMost: number): boolean {
    rest ??= walk(tree)
    for (let left = atMost; left > 0; left--) {
      const next = rest.next()
      if (next.done === true) {
        last = sum
        sum = 0
        rest = null
        return true
      }
      const [path, { data }] = next.value
      sum += path.length + (data?.length ?? 0)
    }
    return false
  }

  return {
    size() {
      if (nodeCount(tree) < piece) {
        rest = null
        sum = 0
        measure(2 * piece)
      }
      return last
    },
    goOn(now) {
      if (now < next || nodeCount(tree) < piece) return
      next = now + (measure(piece) ? rests : between)
    },
  }
}
