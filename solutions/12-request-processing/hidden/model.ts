/**
 * The naive server: it does one thing at a time and knows nothing of what is outstanding, because nothing ever is. What
 * it answers is right, and the pipeline has to come to the same.
 */
import type { Write } from '#lab/pipeline/request.ts'
import { Code, type CodeName } from '#lab/wire/errors.ts'
import { CreateMode, OpCode } from '#lab/wire/opcodes.ts'

interface Node {
  version: number
  aversion: number
  creates: number
  owner: bigint
}

class No extends Error {
  readonly code: CodeName

  constructor(code: CodeName) {
    super(code)
    this.code = code
  }
}

export class Naive {
  #nodes = new Map<string, Node>([
    ['/', { version: 0, aversion: 0, creates: 0, owner: 0n }],
    ['/zookeeper', { version: 0, aversion: 0, creates: 0, owner: 0n }],
  ])

  /** What `write` comes to; short: `setData /a 3`, `NONODE`, or a list of these. */
  take(write: Write, session: bigint): string | string[] {
    if (write.type === OpCode.multi) return this.#all(write.writes, session)
    try {
      return this.#one(write, session)
    } catch (error) {
      return (error as No).code
    }
  }

  #all(writes: readonly Write[], session: bigint): string[] {
    const before = structuredClone(this.#nodes)
    const results: string[] = []
    for (const write of writes) {
      const failed = results.at(-1) !== undefined && isFailure(results.at(-1)!)
      results.push(failed ? 'RUNTIMEINCONSISTENCY' : (this.take(write, session) as string))
    }
    if (results.some(isFailure)) this.#nodes = before
    return results
  }

  #one(write: Write, session: bigint): string {
    switch (write.type) {
      case OpCode.create: {
        const { path: asked, flags } = write.request
        const above = parent(asked)
        const node = this.#at(above)
        const isSequential =
          flags === CreateMode.PERSISTENT_SEQUENTIAL || flags === CreateMode.EPHEMERAL_SEQUENTIAL
        const path = isSequential ? asked + String(node.creates).padStart(10, '0') : asked
        if (this.#nodes.has(path)) throw new No('NODEEXISTS')
        if (node.owner !== 0n) throw new No('NOCHILDRENFOREPHEMERALS')
        const owner =
          flags === CreateMode.EPHEMERAL || flags === CreateMode.EPHEMERAL_SEQUENTIAL ? session : 0n
        node.creates++
        this.#nodes.set(path, { version: 0, aversion: 0, creates: 0, owner })
        return `create ${path} ${node.creates}${owner === 0n ? '' : ' ephemeral'}`
      }
      case OpCode.delete: {
        const { path, version } = write.request
        const node = this.#at(path)
        compare(node.version, version)
        if ([...this.#nodes.keys()].some(each => each !== path && parent(each) === path))
          throw new No('NOTEMPTY')
        this.#nodes.delete(path)
        return `delete ${path}`
      }
      case OpCode.setData: {
        const { path, version } = write.request
        const node = this.#at(path)
        compare(node.version, version)
        return `setData ${path} ${++node.version}`
      }
      case OpCode.setACL: {
        const { path, version } = write.request
        const node = this.#at(path)
        compare(node.aversion, version)
        return `setACL ${path} ${++node.aversion}`
      }
      case OpCode.check: {
        const { path, version } = write.request
        compare(this.#at(path).version, version)
        return `check ${path}`
      }
      case OpCode.closeSession: {
        const paths = [...this.#nodes].filter(([, { owner }]) => owner === session).map(([path]) => path)
        for (const path of paths) this.#nodes.delete(path)
        return `closeSession ${paths.sort().join(' ')}`
      }
      default:
        throw new Error(`the naive server does not know ${write.type}`)
    }
  }

  #at(path: string): Node {
    const node = this.#nodes.get(path)
    if (node === undefined) throw new No('NONODE')
    return node
  }
}

const isFailure = (result: string): boolean => result in Code

const parent = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/'

function compare(current: number, expected: number): void {
  if (expected !== -1 && expected !== current) throw new No('BADVERSION')
}
