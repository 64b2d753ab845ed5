/**
 * Servers as their users start them: a process with a zoo.cfg in a folder of its own.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { root } from '../../../course/paths.ts'
import { jettyJars, nettyJars, type Package, zookeeperJar } from './packages.ts'

export interface Server {
  pid: number
  port: number
  /** As a client wants to be told: `127.0.0.1:port`. */
  address: string
  /** All that it has said so far, on both streams. */
  output(): string
  stop(): Promise<void>
  /** As a loss of power ends it: at once. */
  kill(): Promise<void>
}

export interface Kind {
  name: string
  packages: readonly Package[]
  /** The program that serves by a zoo.cfg, and its arguments; `options` are Java's, like `-Dname=value`. */
  command: (config: string, options: readonly string[]) => [program: string, ...args: string[]]
}

/** Flags that halve the start of a JVM that lives for a few seconds. */
export const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

export const apache: Kind = {
  name: "Apache's server",
  packages: ['zookeeper'],
  command: (config, options) => [
    'java',
    ...shortLived,
    '-cp',
    [zookeeperJar, ...nettyJars, ...jettyJars].join(':'),
    ...options,
    'org.apache.zookeeper.server.ZooKeeperServerMain',
    config,
  ],
}

const zkServer = 'reference-impl/bin/zk-server.mjs'

export const ours: Kind = {
  name: 'our server',
  packages: [],
  command: (config, options) => [process.execPath, path.join(root, zkServer), ...options, config],
}

/** Our server with a student's labs in it: the finished ones, or those that are named. `desk`: where the student works. */
export function mine(desk: string, ...labs: string[]): Kind {
  return {
    name: 'the server of the student',
    packages: [],
    command: config => [
      process.execPath,
      path.join(desk, zkServer),
      labs.length === 0 ? '--mine' : `--mine=${labs.join(',')}`,
      config,
    ],
  }
}

/** Half a second, so that the shortest session (two ticks) dies while a test waits for it. */
const tickTime = 500

export interface StartOptions {
  dataDir?: string
  /** Lines of the zoo.cfg besides the usual ones. */
  settings?: readonly string[]
  /** Options of Java's, which our server takes as well. */
  options?: readonly string[]
  /** Milliseconds in which it must serve: a large database takes its time. */
  within?: number
}

/** Starts a server on a free port and answers when it serves (`imok` comes earlier). */
export async function startServer(
  kind: Kind,
  { dataDir, settings = [], options = [], within = 10_000 }: StartOptions = {},
): Promise<Server> {
  const folder = mkdtempSync(path.join(tmpdir(), 'interop-'))
  const port = await freePort()
  const config = path.join(folder, 'zoo.cfg')
  writeFileSync(
    config,
    [
      `dataDir=${dataDir ?? path.join(folder, 'data')}`,
      `clientPort=${port}`,
      'clientPortAddress=127.0.0.1',
      `tickTime=${tickTime}`,
      'admin.enableServer=false',
      '4lw.commands.whitelist=*',
      // of the password that kazoo's own tests use: `test`
      'DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
      ...settings,
      '',
    ].join('\n'),
  )
  const [program, ...args] = kind.command(config, options)
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = collect(server)
  // A test that runs out of time stops nothing; no server outlives the process of its test.
  const stopWithUs = () => server.kill('SIGKILL')
  process.once('exit', stopWithUs)
  server.once('exit', () => process.off('exit', stopWithUs))
  await untilItServes(kind, server, port, said, within)
  return {
    pid: server.pid!,
    port,
    address: `127.0.0.1:${port}`,
    output: said,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    await endProcess(server, signal)
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Sends one four-letter word and answers with the text that comes back before the server hangs up. Impatient,
 * because Apache's server now and then forgets a connection that reaches it in the moment of its start.
 */
export async function fourLetterWord(port: number, word: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  socket.setTimeout(500, () => socket.destroy(new Error(`no answer to ${word}`)))
  socket.write(word)
  let text = ''
  for await (const chunk of socket) text += chunk
  return text
}

/** Ends a process that we started, and waits until it is gone. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

/** All that a process says from now on, both of its voices in one. */
export function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', chunk => {
      text += chunk
    })
  }
  return () => text
}

async function untilItServes(
  kind: Kind,
  child: ChildProcess,
  port: number,
  said: () => string,
  within: number,
): Promise<void> {
  const giveUp = performance.now() + within
  while (performance.now() < giveUp) {
    if (child.exitCode !== null) throw new Error(`${kind.name} ended at once and said:\n${said()}`)
    const answer = await fourLetterWord(port, 'srvr').catch(() => '')
    if (answer.includes('Mode: ')) return
    await pause(25)
  }
  await endProcess(child, 'SIGKILL')
  throw new Error(`${kind.name} did not serve within ${within / 1000} seconds. It said:\n${said()}`)
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
