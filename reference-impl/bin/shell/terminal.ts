/** The session of a shell, and what is said about it. */
import readline from 'node:readline'
import { styleText } from 'node:util'
import { type SteadyClient, steadyClient } from '../../src/client/steady.ts'
import {
  type WatchEvent,
  type ZooKeeper,
  type ZooKeeperOptions,
  zooKeeper,
} from '../../src/client/zookeeper.ts'
import { type Change, treeCache } from '../../src/recipes/tree-cache.ts'
import { Code, KeeperError } from '../../src/wire/errors.ts'
import { nodeWorld } from '../../src/world/node/node-world.ts'
import { type Said, type Shell, UnknownCommand, UsageError } from './command.ts'
import { run } from './commands.ts'
import { complaint } from './complaint.ts'
import { changeLine, dataText, eventLine } from './shown.ts'

export interface Options {
  client: ZooKeeperOptions & { timeout: number }
  json: boolean
}

const colours = process.stdout.isTTY === true && process.env.NO_COLOR === undefined
const world = nodeWorld({ folder: '.' })

/** One session at a time, and what is said about it. */
export class Terminal implements Shell {
  readonly history: string[] = []
  printWatches = true
  isLeaving = false
  /** What a program is to be told in the end. */
  exitCode: 0 | 1 | 127 = 0
  /** What stands at the beginning of the line while it waits for input. */
  prompt: () => void = () => {}
  readonly #options: Options
  #zk: ZooKeeper | null = null
  #servers = ''
  readonly #followers: SteadyClient[] = []

  constructor(options: Options) {
    this.#options = options
  }

  get zk(): ZooKeeper {
    if (this.#zk === null) throw new UsageError('there is no session: connect HOST:PORT begins one')
    return this.#zk
  }

  get servers(): string {
    return this.#servers
  }

  get state(): string {
    return this.#zk?.state ?? 'closed'
  }

  get isFollowing(): boolean {
    return this.#followers.length > 0
  }

  async connect(servers: string): Promise<void> {
    await this.close()
    const { client } = this.#options
    let zk: ZooKeeper
    try {
      zk = zooKeeper(world, servers, client)
    } catch (error) {
      throw new UsageError((error as Error).message)
    }
    this.#servers = servers
    try {
      await zk.connected({ within: client.timeout })
    } catch (error) {
      const why = whyNot(servers, zk, error as KeeperError, client)
      await zk.abandon()
      throw new UsageError(why)
    }
    this.#zk = zk
    zk.onState(state => {
      if (state !== 'closed') this.#aside(styled('yellow', `The session is ${state}`))
    })
  }

  async close(): Promise<void> {
    const zk = this.#zk
    this.#zk = null
    await Promise.all([zk?.close(), ...this.#followers.splice(0).map(follower => follower.close())])
  }

  async follow(path: string): Promise<void> {
    const { client, json } = this.#options
    const follower = steadyClient(world, this.#servers, client)
    this.#followers.push(follower)
    follower.onState(state =>
      this.#aside(json ? JSON.stringify({ state }) : styled('yellow', `The connection is ${state}`)),
    )
    const cache = await treeCache(follower, path)
    const say = (change: Change): void => {
      const { type, path: at } = change
      const data = type === 'deleted' ? undefined : dataText(change.node.data)
      this.#aside(
        json ? JSON.stringify({ change: type, path: at, data }) : styled('cyan', changeLine(change)),
      )
    }
    cache.onChange(say)
  }

  leave(): void {
    this.isLeaving = true
  }

  watched(event: WatchEvent): void {
    if (!this.printWatches) return
    const { type, path: at } = event
    this.#aside(
      this.#options.json ? JSON.stringify({ event: type, path: at }) : styled('cyan', eventLine(event)),
    )
  }

  complain(error: unknown): void {
    this.exitCode = error instanceof UnknownCommand ? 127 : 1
    const text = complaint(error)
    if (this.#options.json) process.stderr.write(`${JSON.stringify({ error: text, ...codeOf(error) })}\n`)
    else process.stderr.write(`${styled('red', text)}\n`)
  }

  /** A line that was entered. */
  async enter(line: string): Promise<void> {
    if (line.trim() === '' || line.trim().startsWith('#')) return
    await this.take(() => run(line, this))
    this.history.push(line.trim())
  }

  async take(command: () => Promise<Said>): Promise<void> {
    try {
      const { lines, object } = await command()
      if (this.#options.json) process.stdout.write(`${JSON.stringify(object)}\n`)
      else for (const line of lines) process.stdout.write(`${line}\n`)
    } catch (error) {
      this.complain(error)
    }
  }

  /** Something to say while a line is being typed: above it. */
  #aside(text: string): void {
    if (process.stdin.isTTY === true && process.stdout.isTTY === true) {
      readline.clearLine(process.stdout, 0)
      readline.cursorTo(process.stdout, 0)
    }
    process.stdout.write(`${text}\n`)
    this.prompt()
  }
}

function whyNot(
  servers: string,
  { trouble }: ZooKeeper,
  { code }: KeeperError,
  { timeout, sasl }: Options['client'],
): string {
  if (code === Code.AUTHFAILED) {
    return `${servers} does not take the login of ${sasl?.username}: is the password right, and does the server know SASL?`
  }
  const last = trouble === null ? 'is it running, and is that its client port?' : trouble
  return `no server of ${servers} has answered in ${timeout} ms: ${last}`
}

function codeOf(error: unknown): { code?: number } {
  return error instanceof KeeperError ? { code: error.code } : {}
}

export function styled(style: 'red' | 'green' | 'yellow' | 'cyan', text: string): string {
  return colours ? styleText(style, text) : text
}
