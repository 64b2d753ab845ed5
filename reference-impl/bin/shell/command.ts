/** What a command of the shell is, and how it reads what is given to it. */
import { parseArgs } from 'node:util'
import type { WatchEvent, ZooKeeper } from '../../src/client/zookeeper.ts'

/** What a command says: to people, and to programs. */
export interface Said {
  lines: readonly string[]
  object: unknown
}

/** What a command may do to the shell that it runs in. */
export interface Shell {
  zk: ZooKeeper
  /** What was entered so far, the oldest first. */
  history: readonly string[]
  connect(servers: string): Promise<void>
  close(): Promise<void>
  leave(): void
  /** Shows a node and all below it, and each change, with a client of its own that outlives its sessions. */
  follow(path: string): Promise<void>
  printWatches: boolean
  watched(event: WatchEvent): void
  /** Something that went on in the background has failed. */
  complain(error: unknown): void
}

export interface Command {
  name: string
  /** What follows the name. */
  usage: string
  help: string
  /** Flags, without the dash; those of the second list take a value. */
  flags?: readonly string[]
  valued?: readonly string[]
  /** How many words must and may follow, besides flags; `null`: any number. */
  words: readonly [least: number, most: number | null]
  run(given: Given, shell: Shell): Promise<Said>
}

export interface Given {
  words: readonly string[]
  has(flag: string): boolean
  value(flag: string): string | undefined
}

/** Somebody has entered what is no command. */
export class UsageError extends Error {}

export class UnknownCommand extends UsageError {}

/** Reads what follows the name of a command. Throws UsageError where that is not what the command takes. */
export function given(command: Command, rest: readonly string[]): Given {
  const {
    flags = [],
    valued = [],
    words: [least, most],
  } = command
  const options: Record<string, { type: 'boolean' | 'string' }> = {}
  for (const flag of flags) options[flag] = { type: 'boolean' }
  for (const flag of valued) options[flag] = { type: 'string' }
  // A path or data may begin with a dash only behind `--`; a negative version is a value, not a flag.
  const args = joinValues(rest, valued)
  let parsed: ReturnType<typeof parseArgs>
  try {
    parsed = parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}. Usage: ${usageOf(command)}`)
  }
  const { positionals, values } = parsed
  if (positionals.length < least || (most !== null && positionals.length > most)) {
    const what = positionals.length < least ? 'something is missing' : 'there is too much'
    throw new UsageError(`${what}: ${usageOf(command)}`)
  }
  return {
    words: positionals,
    has: flag => values[flag] === true,
    value: flag => values[flag] as string | undefined,
  }
}

/** `-v 3` and `-add x` as `--v=3` and `--add=x`: flags here have one dash and any length. */
function joinValues(words: readonly string[], valued: readonly string[]): string[] {
  const joined: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (word === '--') return [...joined, ...words.slice(at)]
    const flag = /^-(\w+)$/.exec(word)?.[1]
    if (flag !== undefined && valued.includes(flag) && at + 1 < words.length)
      joined.push(`--${flag}=${words[++at]}`)
    else if (flag !== undefined) joined.push(`--${flag}`)
    else joined.push(word)
  }
  return joined
}

export function usageOf({ name, usage }: Command): string {
  return `${name} ${usage}`.trimEnd()
}

/** The version that -v asks for. */
export function version(value: Given['value']): { version?: number } {
  const given = value('v')
  return given === undefined ? {} : { version: whole('-v', given, -1) }
}

/** A whole number of at least `least`; `what` is its name in a complaint. */
export function whole(what: string, text: string, least: number): number {
  const number = Number(text)
  if (!/^-?\d+$/.test(text) || number < least) {
    throw new UsageError(`${what} must be a whole number of at least ${least}, not ${text}`)
  }
  return number
}

/** -w: the change is told as it comes. */
export function watching(has: Given['has'], shell: Shell): { watch?: (event: WatchEvent) => void } {
  return has('w') ? { watch: event => shell.watched(event) } : {}
}
