/** A listener who has begun with nothing and looks closely at each change that a cache tells. */
import type { Change } from '#lab/recipes/cache-messages.ts'
import type { Zxid } from '#lab/wire/zxid.ts'

interface Known {
  data: string
  czxid: Zxid
  mzxid: Zxid
}

export class Listener {
  readonly #root: string
  readonly #known = new Map<string, Known>()
  /** The newest state of each path that it was ever told of. */
  readonly #newest = new Map<string, Zxid>()
  /** How many changes it was told. */
  told = 0
  /** What was wrong with the first change that was; null if none was. */
  fault: string | null = null

  /** Of a cache of `root`. */
  constructor(root: string) {
    this.#root = root
  }

  hear(change: Change): void {
    this.told++
    this.fault ??= this.#look(change)
  }

  /** What it knows by now, a line for each node. */
  lines(shown: (path: string, known: Known) => string): string[] {
    return [...this.#known].map(([path, known]) => shown(path, known)).sort()
  }

  /** No node without its parent, nothing twice, nothing older than before. */
  #look(change: Change): string | null {
    const { type, path } = change
    const before = this.#known.get(path)
    if (type === 'deleted') {
      if (before?.mzxid !== change.old.stat.mzxid) return `${path} was told as deleted and was not there`
      const isBelow = (each: string): boolean => each.startsWith(`${path}/`)
      if ([...this.#known.keys()].some(isBelow)) return `${path} went before its children`
      this.#known.delete(path)
      return null
    }
    const { czxid, mzxid } = change.node.stat
    if (type === 'created') {
      const parent = path.slice(0, path.lastIndexOf('/'))
      if (before !== undefined) return `${path} was told as created twice`
      if (path !== this.#root && !this.#known.has(parent)) return `${path} came before its parent`
    } else {
      if (before?.czxid !== czxid) return `${path} was told as changed and is another node`
      if (before.mzxid !== change.old.stat.mzxid) return `${path}: the old node is not what was told before`
      if (before.mzxid >= mzxid) return `${path} was told as changed and is no newer`
    }
    if (mzxid < (this.#newest.get(path) ?? 0n)) return `${path} became older`
    this.#newest.set(path, mzxid)
    const data = new TextDecoder().decode(change.node.data ?? new Uint8Array())
    this.#known.set(path, { data, czxid, mzxid })
    return null
  }
}
