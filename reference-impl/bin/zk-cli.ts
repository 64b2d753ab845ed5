/**
 * `zk-cli -server host:port`: a shell to an ensemble; with a command behind, that command alone; with a file on stdin,
 * its lines. In a terminal it has a history and completes commands and paths with the tab key.
 * Exit codes: 0 all went well, 1 something was refused, 2 was started wrongly.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { parseArgs } from 'node:util'
import { commandNames, runWords } from './shell/commands.ts'
import { type Options, styled, Terminal } from './shell/terminal.ts'

const usage = `Usage: zk-cli [-server HOST:PORT[,HOST:PORT][/CHROOT]] [-timeout MS] [-r] [--json] [COMMAND [WORD...]]
  -server    where the ensemble is; 127.0.0.1:2181 unless told otherwise
  -timeout   the session timeout to ask for, in milliseconds (30000); also how long to look for a server
  -r         be content with a server that only reads
  -tls       connect with TLS, to a secureClientPort; so do these, files in PEM:
  -ca FILE   whom to believe that a server is who it says (whom this machine trusts)
  -cert FILE, -key FILE  to show when a server asks who comes
  --json     one JSON object for each command
  --mine     with your finished labs in place of the reference's modules
Without a command it reads them: from you, or from what is piped in. help lists them.
`

const historyLength = 1000

// Whoever reads us may have seen enough: `zk-cli ls -R / | head`.
process.stdout.on('error', () => process.exit(0))
await main(process.argv.slice(2).filter(argument => !/^--mine(=|$)/.test(argument)))

async function main(args: readonly string[]): Promise<void> {
  const options = request(args)
  const shell = new Terminal(options)
  if (options.command.length === 0 && process.stdin.isTTY === true) {
    await converse(shell, options)
    return
  }
  try {
    await shell.connect(options.servers)
  } catch (error) {
    fail(1, `zk-cli: ${(error as Error).message}`)
  }
  if (options.command.length > 0) {
    await shell.take(() => runWords(options.command, shell))
  } else {
    for await (const line of readline.createInterface({ input: process.stdin })) {
      await shell.enter(line)
      if (shell.isLeaving) break
    }
  }
  await shell.close()
  process.exitCode = shell.hasFailed ? 1 : 0
}

/** Its own flags come first and have one dash, as with Apache's; all behind them is the command. */
function request(args: readonly string[]): Options {
  const own: string[] = []
  let at = 0
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    own.push(args[at]!.replace(/^-(?=\w\w)/, '--'))
    if (/^--?(server|timeout|ca|cert|key)$/.test(args[at]!)) own.push(args[++at] ?? '')
  }
  try {
    const { values } = parseArgs({
      args: own,
      options: {
        server: { type: 'string', default: '127.0.0.1:2181' },
        timeout: { type: 'string', default: '30000' },
        tls: { type: 'boolean', default: false },
        ca: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        r: { type: 'boolean', short: 'r', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) {
      process.stdout.write(usage)
      process.exit(0)
    }
    const timeout = Number(values.timeout)
    if (!Number.isInteger(timeout) || timeout < 1)
      throw new Error(`-timeout must be a number of milliseconds`)
    const tls = tlsOf(values)
    return {
      ...(tls === undefined ? {} : { tls }),
      servers: values.server,
      timeout,
      readOnly: values.r,
      json: values.json,
      command: args.slice(at),
    }
  } catch (error) {
    fail(2, `zk-cli: ${(error as Error).message}\n${usage}`)
  }
}

async function converse(shell: Terminal, { servers }: Options): Promise<void> {
  const file = historyFile()
  const terminal = readline.createInterface({
    input: process.stdin,
    output: process.stdout,
    completer: (line: string, answer: (error: null, found: [string[], string]) => void) => {
      void completed(shell, line).then(found => answer(null, found))
    },
    history: remembered(file),
    historySize: historyLength,
    removeHistoryDuplicates: true,
  })
  terminal.on('history', (lines: readonly string[]) => remember(file, lines))
  const ask = (): void => {
    terminal.setPrompt(
      styled(shell.state === 'connected' ? 'green' : 'yellow', `[zk: ${shell.servers}(${shell.state})] `),
    )
    terminal.prompt(true)
  }
  await shell.take(async () => {
    await shell.connect(servers)
    return {
      lines: [`Connected to ${shell.servers}. help lists the commands.`],
      object: { connected: shell.servers },
    }
  })
  shell.prompt = ask
  ask()
  for await (const line of terminal) {
    shell.prompt = () => {}
    await shell.enter(line)
    if (shell.isLeaving) break
    shell.prompt = ask
    ask()
  }
  terminal.close()
  await shell.close()
}

/** Commands for the first word, paths for those that begin with a slash. */
async function completed(shell: Terminal, line: string): Promise<[string[], string]> {
  const last = /\S*$/.exec(line)![0]
  if (last === line.trimStart())
    return [commandNames.filter(name => name.startsWith(last)).map(name => `${name} `), last]
  if (!last.startsWith('/')) return [[], last]
  const folder = last.slice(0, last.lastIndexOf('/')) || '/'
  try {
    const { children } = await shell.zk.children(folder, { signal: AbortSignal.timeout(2000) })
    const paths = children.map(name => (folder === '/' ? `/${name}` : `${folder}/${name}`))
    return [paths.filter(each => each.startsWith(last)), last]
  } catch {
    return [[], last]
  }
}

/** Undefined where nothing asks for TLS. */
function tlsOf(given: { tls: boolean; ca?: string; cert?: string; key?: string }): Options['tls'] {
  const { ca, cert, key } = given
  if (!given.tls && ca === undefined && cert === undefined && key === undefined) return undefined
  if ((cert === undefined) !== (key === undefined)) throw new Error('-cert and -key go together')
  return {
    ...(ca === undefined ? {} : { trusted: readFileSync(ca, 'utf8') }),
    ...(cert === undefined ? {} : { certificates: readFileSync(cert, 'utf8') }),
    ...(key === undefined ? {} : { key: readFileSync(key, 'utf8') }),
  }
}

// The history of all sessions, the newest line first, as readline keeps it.

function historyFile(): string {
  const folder = process.env.XDG_STATE_HOME ?? path.join(homedir(), '.local', 'state')
  return path.join(folder, 'zk-cli', 'history')
}

function remembered(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
}

function remember(file: string, lines: readonly string[]): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    // Passwords may have been typed: nobody else's business.
    const harmless = lines.filter(line => !/^\s*addauth\b/i.test(line))
    writeFileSync(file, `${harmless.slice(0, historyLength).join('\n')}\n`, { mode: 0o600 })
  } catch {
    // A history that cannot be kept is no reason to stop.
  }
}

function fail(code: 1 | 2, message: string): never {
  process.stderr.write(message.endsWith('\n') ? message : `${message}\n`)
  process.exit(code)
}
