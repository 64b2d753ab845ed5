/**
 * Servers as their users start them: a process with a zoo.cfg in a folder of its own. A conversation is written once
 * and held with two of them: Apache's, which proves that the conversation is right, and ours, which it is about.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { interopRequired, missingPackages, type Package, zookeeperJar } from './packages.ts'

export interface Server {
  port: number
  /** As a client wants to be told: `127.0.0.1:port`. */
  address: string
  stop(): Promise<void>
}

export interface Kind {
  name: string
  packages: readonly Package[]
  /** The program that serves by a zoo.cfg, and its arguments. */
  command: (config: string) => [program: string, ...args: string[]]
}

/** Flags that halve the start of a JVM that lives for a few seconds. */
export const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

export const apache: Kind = {
  name: "Apache's server",
  packages: ['zookeeper'],
  command: config => [
    'java',
    ...shortLived,
    '-cp',
    zookeeperJar,
    'org.apache.zookeeper.server.ZooKeeperServerMain',
    config,
  ],
}

/** Half a second, so that the shortest session (two ticks) dies while a test waits for it. */
const tickTime = 500

/** Starts a server on a free port and answers when it says `imok`. */
export async function startServer(kind: Kind): Promise<Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'interop-'))
  const port = await freePort()
  const config = path.join(folder, 'zoo.cfg')
  writeFileSync(
    config,
    [
      `dataDir=${path.join(folder, 'data')}`,
      `clientPort=${port}`,
      'clientPortAddress=127.0.0.1',
      `tickTime=${tickTime}`,
      'admin.enableServer=false',
      '4lw.commands.whitelist=*',
      '',
    ].join('\n'),
  )
  const [program, ...args] = kind.command(config)
  const process = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = collect(process)
  await untilItSaysImok(kind, process, port, said)
  return {
    port,
    address: `127.0.0.1:${port}`,
    async stop() {
      await ended(process)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/**
 * Holds one conversation with each server. `talk` registers the tests; the server it is given answers from the
 * first `beforeAll` on, and every test begins with what the tests before it have left there.
 */
export function withEachServer(
  client: string,
  packages: readonly Package[],
  talk: (server: () => Server) => void,
): void {
  for (const kind of [apache]) {
    const title = `${client} and ${kind.name}`
    const missing = missingPackages([...packages, ...kind.packages])
    if (missing.length > 0) {
      const remedy = `apt-get install ${missing.join(' ')}`
      if (interopRequired) test(`${title} can meet`, () => expect(missing, remedy).toEqual([]))
      else {
        console.warn(`Skipped: ${title} need Debian's packages: ${remedy}`)
        describe.skip(`${title} (${remedy})`, () => talk(neverStarted))
      }
      continue
    }
    describe(title, () => {
      let server: Server | undefined
      beforeAll(async () => {
        server = await startServer(kind)
      })
      afterAll(() => server?.stop())
      talk(() => server ?? neverStarted())
    })
  }
}

/** Sends one four-letter word and answers with the text that comes back before the server hangs up. */
export async function fourLetterWord(port: number, word: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.end(word)
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

/** Ends a process that we started, and waits until it is gone. */
export async function ended(process: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return
  process.kill(signal)
  await once(process, 'exit')
}

/** All that a process says from now on, both of its voices in one. */
export function collect(process: ChildProcess): () => string {
  let text = ''
  for (const stream of [process.stdout, process.stderr]) {
    stream?.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
  }
  return () => text
}

async function untilItSaysImok(
  kind: Kind,
  process: ChildProcess,
  port: number,
  said: () => string,
): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (process.exitCode !== null) throw new Error(`${kind.name} ended at once and said:\n${said()}`)
    const answer = await fourLetterWord(port, 'ruok').catch(() => '')
    if (answer === 'imok') return
    await pause(25)
  }
  await ended(process, 'SIGKILL')
  throw new Error(`${kind.name} did not say imok within 10 seconds. It said:\n${said()}`)
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function neverStarted(): never {
  throw new Error('the server has not been started')
}
