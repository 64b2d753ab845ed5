/**
 * `zk-cli -server host:port`: a shell to an ensemble; with a command behind, that command alone; with a file on stdin,
 * its lines. In a terminal it has a history and completes commands and paths with the tab key.
 * Exit codes, as zkCli.sh has them: 0 all went well, 1 something was refused, 2 was started wrongly, 127 there is no such
 * command. Of several lines the last that went wrong counts.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import readline from 'node:readline'
import { parseArgs } from 'node:util'
import { commandNames, runWords } from './shell/commands.ts'
import { clientOptions, propertiesOf, StartError } from './shell/settings.ts'
import { type Options, styled, Terminal } from './shell/terminal.ts'

const usage = `Usage: zk-cli [-server HOST:PORT[,HOST:PORT][/CHROOT]] [-timeout MS] [-r] [--json] [COMMAND [WORD...]]
  -server    where the ensemble is; 127.0.0.1:2181 unless told otherwise
  -timeout   the session timeout to ask for, in milliseconds (30000); also how long to look for a server
  -r         be content with a server that only reads, until one is found that writes
  -waitforconnection  leave when there is no server, also when you sit before it; one command always does
  -tls       connect with TLS, to a secureClientPort; so do these, files in PEM:
  -ca FILE   whom to believe that a server is who it says (whom this machine trusts)
  -cert FILE, -key FILE  to show when a server asks who comes
  -client-configuration FILE  Java properties, as zkCli.sh takes them: zookeeper.client.secure, zookeeper.ssl.keyStore.location
             and its like, zookeeper.request.timeout
  -Dname=value  such a property; also in CLIENT_JVMFLAGS and JVMFLAGS. A JAAS file (java.security.auth.login.config) with
             a section Client logs in by SASL with DIGEST-MD5
  --json     one JSON object for each command
  --mine     with your finished labs in place of the reference's modules
Without a command it reads them: from you, or from what is piped in. help lists them.
`

const historyLength = 1000

// Whoever reads us may have seen enough: `zk-cli ls -R / | head`.
process.stdout.on('error', () => process.exit(0))
await main(process.argv.slice(2).filter(argument => !/^--mine(=|$)/.test(argument)))

async function main(args: readonly string[]): Promise<void> {
  const { options, servers, waits, command } = await request(args)
  const shell = new Terminal(options)
  const isTalk = command.length === 0 && process.stdin.isTTY === true
  if (isTalk && !waits) {
    await converse(shell, servers)
    return
  }
  try {
    await shell.connect(servers)
  } catch (error) {
    fail(1, `zk-cli: ${(error as Error).message}`)
  }
  if (isTalk) {
    await converse(shell, null)
  } else if (command.length > 0) {
    await shell.take(() => runWords(command, shell))
    // Whoever follows something has not had enough when all was shown that is there.
    if (shell.isFollowing && shell.exitCode === 0) await new Promise(() => {})
  } else {
    for await (const line of readline.createInterface({ input: process.stdin })) {
      await shell.enter(line)
      if (shell.isLeaving) break
    }
  }
  await shell.close()
  process.exitCode = shell.exitCode
}

interface Request {
  options: Options
  servers: string
  waits: boolean
  command: readonly string[]
}

/** Its own flags come first and have one dash, as with Apache's; all behind them is the command. */
async function request(args: readonly string[]): Promise<Request> {
  const own: string[] = []
  const properties: string[] = []
  let at = 0
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    const flag = args[at]!
    if (/^-[DX]/.test(flag)) {
      properties.push(flag)
      continue
    }
    own.push(flag.replace(/^-(?=\w\w)/, '--'))
    if (!/^--?(server|timeout|ca|cert|key|client-configuration)$/.test(flag)) continue
    const value = args[++at]
    if (value === undefined) fail(2, `zk-cli: ${flag} must be followed by a value\n${usage}`)
    // Joined, because it may begin with a dash.
    own[own.length - 1] += `=${value}`
  }
  try {
    const { values } = parseArgs({
      args: own,
      options: {
        server: { type: 'string', default: '127.0.0.1:2181' },
        timeout: { type: 'string', default: '30000' },
        waitforconnection: { type: 'boolean', default: false },
        tls: { type: 'boolean', default: false },
        ca: { type: 'string' },
        cert: { type: 'string' },
        key: { type: 'string' },
        'client-configuration': { type: 'string' },
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
    const flags = [process.env.CLIENT_JVMFLAGS, process.env.JVMFLAGS]
    const said = await propertiesOf(flags, properties, values['client-configuration'], warn)
    const client = {
      ...(await clientOptions(said, warn)),
      ...(tls === undefined ? {} : { tls }),
      timeout,
      canBeReadOnly: values.r,
    }
    return {
      options: { client, json: values.json },
      servers: values.server,
      waits: values.waitforconnection,
      command: args.slice(at),
    }
  } catch (error) {
    const { message } = error as Error
    fail(2, error instanceof StartError ? `zk-cli: ${message}` : `zk-cli: ${message}\n${usage}`)
  }
}

function warn(text: string): void {
  process.stderr.write(`zk-cli: ${text}\n`)
}

/** Talks with whoever sits before it; null: it is connected already. */
async function converse(shell: Terminal, servers: string | null): Promise<void> {
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
    if (servers !== null) await shell.connect(servers)
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
  if (servers !== null) await shell.close()
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
function tlsOf(given: { tls: boolean; ca?: string; cert?: string; key?: string }): Options['client']['tls'] {
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
