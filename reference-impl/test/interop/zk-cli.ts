/**
 * Apache's command line client, `zkCli.sh`, held open as one session: starting a JVM for each command would cost
 * more than everything the commands do.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { zkCliScript } from './packages.ts'
import { collect, shortLived } from './servers.ts'

export interface ZkCli {
  /** What the client prints for one command, without the events that come in between. */
  ask(command: string): Promise<string[]>
  /** Waits until an event has been printed, e.g. `NodeDeleted path:/a`. */
  event(text: string): Promise<void>
  /** All events that have been printed so far. */
  events(): string[]
  /** Closes the session as a user does, with `quit`. */
  quit(): Promise<void>
  /** Ends the process without a goodbye: the session stays behind. */
  kill(): Promise<void>
}

/** A command that the client answers by itself: it marks where the reply to the command before it ends. */
const mark = 'version'
const isMark = (line: string) => line.startsWith('ZooKeeper CLI version')

const patience = 20_000

/** `flags` are Java's, like `-Dname=value`. */
export async function zkCli(
  address: string,
  { options = [], flags = [] }: { options?: readonly string[]; flags?: readonly string[] } = {},
): Promise<ZkCli> {
  const client = spawn(
    // One pipe for both voices, so that lines stand in the order in which they were printed.
    'sh',
    ['-c', 'exec "$0" "$@" 2>&1', zkCliScript, '-server', address, ...options],
    {
      // A process group of its own, because the script starts the JVM as a child.
      detached: true,
      // Java reads, prints and dates by these two.
      env: {
        ...process.env,
        LC_ALL: 'C.UTF-8',
        TZ: 'UTC',
        CLIENT_JVMFLAGS: [...shortLived, ...flags].join(' '),
      },
    },
  )
  const said = collect(client)
  const closed = once(client, 'close')
  let marks = 0

  const until = async (what: string, found: (lines: string[]) => boolean) => {
    for (const end = Date.now() + patience; Date.now() < end; await pause(5)) {
      if (found(lines(said()))) return
    }
    throw new Error(`zkCli.sh did not print ${what} within ${patience} ms. It printed:\n${said()}`)
  }

  const cli: ZkCli = {
    async ask(command) {
      client.stdin.write(`${command}\n${mark}\n`)
      marks++
      await until(`a reply to '${command}'`, lines => lines.filter(isMark).length >= marks)
      return replies(lines(said()))[marks - 1] ?? []
    },
    events: () => lines(said()).filter(isEvent),
    event: text =>
      until(`the event ${text}`, lines => lines.some(line => isEvent(line) && line.endsWith(text))),
    async quit() {
      client.stdin.end('quit\n')
      await closed
    },
    async kill() {
      process.kill(-client.pid!, 'SIGKILL')
      await closed
    },
  }
  await cli.event('state:SyncConnected type:None path:null').catch(async problem => {
    await cli.kill()
    throw problem
  })
  return cli
}

/** Whole lines, in order, without what the client says to everybody. */
function lines(text: string): string[] {
  return text
    .split('\n')
    .slice(0, -1)
    .filter(
      line => !/^(SLF4J: .*|Connecting to .*|Welcome to ZooKeeper!|JLine support .*|WATCHER::|)$/.test(line),
    )
}

function isEvent(line: string): boolean {
  return line.startsWith('WatchedEvent ')
}

/** The lines between one mark and the next, one list a command. */
function replies(lines: string[]): string[][] {
  const all: string[][] = [[]]
  for (const line of lines) {
    if (isMark(line)) all.push([])
    else if (!isEvent(line)) all.at(-1)!.push(line)
  }
  return all
}
