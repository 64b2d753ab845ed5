/** The program as its users start it: a process of its own, with a zoo.cfg in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { root } from '../../../course/paths.ts'

export const program = path.join(root, 'reference-impl', 'bin', 'zk-server.mjs')

export interface RunningServer extends AsyncDisposable {
  pid: number
  port: number
  /** The line that it printed when it listened. */
  greeting: string
  /** What it has said on stderr so far, by lines, as a terminal would show them. */
  log: string[]
  /** The line of its log with this in it, as soon as there is one. */
  said(text: string): Promise<string>
  /** Ends it as an operator would; answers with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface Start {
  /** Lines for its zoo.cfg. */
  cfg?: string
  /** What stands before the file. */
  args?: readonly string[]
  env?: NodeJS.ProcessEnv
}

/** `await using server = await startServer()`: a server on a free port, stopped at the end of the block. */
export async function startServer({ cfg = '', args = [], env = {} }: Start = {}): Promise<RunningServer> {
  const folder = temporaryFolder()
  const file = path.join(folder, 'zoo.cfg')
  // Java's format takes a backslash for an escape.
  const dataDir = path.join(folder, 'data').replaceAll('\\', '/')
  writeFileSync(file, `dataDir=${dataDir}\nclientPort=0\nclientPortAddress=127.0.0.1\ntickTime=2000\n${cfg}`)
  const child = spawn(process.execPath, [program, ...args, file], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  })
  const log: string[] = []
  createInterface(child.stderr).on('line', line => log.push(inText(line)))
  const greeting = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    once(child, 'exit').then(([code]) =>
      Promise.reject(new Error(`it ended with ${code}: ${log.join('\n')}`)),
    ),
  ])
  const port = Number(/:(\d+)\D/.exec(greeting)?.[1])
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    const code = await endOf(child, signal)
    rmSync(folder, { recursive: true, force: true })
    return code
  }
  const said = async (text: string): Promise<string> => {
    for (;;) {
      const line = log.find(each => each.includes(text))
      if (line !== undefined) return line
      await pause(10)
    }
  }
  return {
    pid: child.pid!,
    port,
    greeting,
    log,
    said,
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

/** A line of its log; before it serves, a line is text already. */
function inText(line: string): string {
  if (!line.startsWith('{')) return line
  const { time, message } = JSON.parse(line)
  return `${time} ${message}`
}

/** Runs the program to its end, for when it is not to serve. */
export async function runToEnd(
  args: readonly string[],
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', text => {
    said.out += text
  })
  child.stderr.setEncoding('utf8').on('data', text => {
    said.err += text
  })
  const [code] = await once(child, 'close')
  return { code, ...said }
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'zk-server-'))
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill(signal)
    await once(child, 'exit')
  }
  return child.exitCode
}
