/**
 * `zk-server zoo.cfg`: a server in the foreground, until it is told to stop by SIGTERM or SIGINT.
 * Stdout has one line, when it listens; stderr has one line for each thing that an operator should know of.
 * Exit codes: 0 stopped as told, 1 could not serve, 2 was started wrongly.
 */
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { answerWord } from '../src/admin/four-letter.ts'
import { type AuditLine, auditOfServer } from '../src/server/audit.ts'
import { configOfArguments, parseConfig, parseProperties } from '../src/server/config.ts'
import { usersOf } from '../src/server/jaas.ts'
import { javaOptions, superUsersIn, systemProperties } from '../src/server/java-options.ts'
import { noMetrics } from '../src/server/metrics.ts'
import type { PortKeys } from '../src/server/ports.ts'
import { adminHasTls, hasTls, type Settings } from '../src/server/settings.ts'
import { startStandalone } from '../src/server/standalone.ts'
import type { Failure, Serving, StartEvent, Started, StartOptions } from '../src/server/start.ts'
import { folder as dataFolder, isStorageError } from '../src/storage/files.ts'
import type { Purged } from '../src/storage/purge.ts'
import { type Disks, described as databaseOf } from '../src/storage/recovery.ts'
import type { Restorable } from '../src/storage/restore.ts'
import type { Zxid } from '../src/wire/zxid.ts'
import { type Compression, compressedSnapshots } from '../src/world/node/compressed-snapshots.ts'
import { nodeWorld } from '../src/world/node/node-world.ts'
import type { Address, World } from '../src/world/world.ts'
import type { Beginning } from './admin.ts'
import { hostOf, userOf } from './host.ts'
import { type Level, logOf } from './log.ts'
import type { Running } from './restore.ts'
import type { StoreFiles } from './stores.ts'

const usage = `Usage: zk-server [-Dname=value ...] zoo.cfg
       zk-server [-Dname=value ...] PORT DATADIR [TICKTIME [MAXCLIENTCNXNS]]
  -Dname=value  a setting that the zoo.cfg does not make, by the name of the Java property;
                also in SERVER_JVMFLAGS and JVMFLAGS, as with Apache's zkServer.sh
  --mine        serve with your finished labs in place of the reference's modules
  --mine=04,06  serve with these labs of yours, finished or not
  --log-level=info|warn|error
  --log-format=text|json  what it says on stderr; text in a terminal, JSON elsewhere

A zoo.cfg has at least these lines:
  dataDir=/var/lib/zookeeper
  clientPort=2181
`

// What the server keeps lies outside the engine's heap (see node-table.ts). Inside are mostly things of the moment, and
// before it tidies up, the engine would let them grow to several times what is needed.
setFlagsFromString('--heap-growing-percent=50')

const opened = logOf(
  process.argv.slice(2).filter(argument => !/^--mine(=|$)/.test(argument)),
  process.stderr.isTTY === true,
  line => process.stderr.write(line),
)
if ('error' in opened) fail(2, `zk-server: ${opened.error}`)
const { log } = opened
main(opened.rest)

function main(args: string[]): void {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return
  }
  const { settings, ...beginning } = settingsOf(args)
  prepareFolder('dataDir', settings.dataDir, settings)
  if (settings.dataLogDir !== settings.dataDir) prepareFolder('dataLogDir', settings.dataLogDir, settings)
  if (hasTls(settings) || adminHasTls(settings)) void withKeys(settings, beginning)
  else serve(settings, beginning, { clients: null, admin: null })
}

/** What the ports with TLS need; null for those without. */
interface Keys {
  clients: PortKeys | null
  admin: PortKeys | null
}

/** Only who asks for TLS waits until its modules are loaded. */
async function withKeys(settings: Settings, beginning: Beginning): Promise<void> {
  const { adminFiles, clientFiles, keysIn } = await import('./stores.ts')
  const read = async (files: StoreFiles): Promise<PortKeys> => {
    const keys = await keysIn(files)
    if ('error' in keys) fail(2, `zk-server: ${keys.error}`)
    return keys
  }
  const keys: Keys = { clients: null, admin: null }
  if (adminHasTls(settings)) keys.admin = await read(adminFiles(settings))
  if (hasTls(settings)) {
    const files = clientFiles(settings)
    keys.clients = await read(files)
    if (settings.certReload) {
      const { keepFresh } = await import('./renewed-keys.ts')
      keepFresh(keys.clients, files, log)
    }
  }
  serve(settings, beginning, keys)
}

/** As `file` or the arguments say, and how they say it; ends the program when they do not say it well. */
function settingsOf(args: string[]): Beginning & { settings: Settings } {
  const options = javaOptions(args, [process.env.SERVER_JVMFLAGS, process.env.JVMFLAGS])
  if ('error' in options) fail(2, `zk-server: ${options.error}`)
  const { properties, rest } = options
  const [file, ...others] = rest
  if (file === undefined) fail(2, `zk-server: tell it which configuration to serve by.\n${usage}`)
  const configText = others.length > 0 ? '' : textOf(file)
  const config = others.length > 0 ? configOfArguments(rest, properties) : parseConfig(configText, properties)
  const name = others.length > 0 ? 'zk-server' : file
  if ('errors' in config) fail(2, config.errors.map(remark => located(name, remark)).join('\n'))
  for (const warning of config.warnings) log('warn', located(name, warning))
  if (!config.settings.forceSync) {
    log(
      'warn',
      'forceSync=no: a loss of power can take back what was confirmed; leave the line out to be safe',
    )
  }
  const { settings } = config
  return { settings, configText, properties: systemProperties(properties, parseProperties(configText)) }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const remedy = 'write one with the lines dataDir=/var/lib/zookeeper and clientPort=2181'
    if (code === 'ENOENT') fail(2, `zk-server: there is no file ${file}: name another one, or ${remedy}`)
    if (code === 'EISDIR') fail(2, `zk-server: ${file} is a folder: name the zoo.cfg in it`)
    fail(2, `zk-server: ${file} cannot be read (${code}): change its permissions, or name another file`)
  }
}

function located(file: string, { line, text }: { line: number; text: string }): string {
  return line === 0 ? `${file}: ${text}` : `${file}:${line}: ${text}`
}

function prepareFolder(key: string, folder: string, { makeFolders }: Settings): void {
  const needed = path.join(folder, dataFolder)
  if (!makeFolders && !existsSync(needed)) {
    const remedy = 'make it, or leave out datadir.autocreate=false'
    fail(1, `zk-server: the ${key} has no folder ${needed}, and none may be made: ${remedy}`)
  }
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const remedy = `choose another ${key}, or make it a folder that this user may write to`
    fail(1, `zk-server: the ${key} ${folder} cannot be used (${code}): ${remedy}`)
  }
}

function serve(settings: Settings, beginning: Beginning, { clients: keys, admin }: Keys): void {
  const users = saslUsers(settings)
  const superUsers = superUsersIn(beginning.properties)
  const serverUser = userOf().username
  const world = nodeWorld({ folder: settings.dataDir })
  const options: Omit<StartOptions, 'settings' | 'ready'> = {
    disks: disksOf(world, settings),
    metrics: noMetrics(),
    answerWord,
    host: hostOf(settings),
    ...(keys === null ? {} : { keys }),
    ...(users === null ? {} : { sasl: { passwords: users, random: world.random.bytes, superUsers } }),
    serverUser,
    chance: () => world.random.below(1 << 30) / (1 << 30),
    report: tellOf,
    failed(failure) {
      if (settings.audit && failure.during !== 'serving') {
        audit(auditOfServer(serverUser, 'serverStart', 'failure'))
      }
      fail(1, whyFailed(failure, settings))
    },
  }
  const running = runningBy(world, options, settings, ({ addresses, recovered }) => {
    const where = [addresses.client && shown(addresses.client), secureOf(addresses)]
      .filter(Boolean)
      .join(' and ')
    process.stdout.write(`zk-server listens on ${where}, with ${databaseOf(recovered)}\n`)
    if (settings.audit) audit(auditOfServer(serverUser, 'serverStart', 'success'))
    openHttp(settings, running, beginning, admin)
  })
  const stop = (): void => {
    if (settings.audit) audit(auditOfServer(serverUser, 'serverStop', 'invoked'))
    running.stop(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** Starts the server. It may be started anew, on other files and by the ports that it has got. */
function runningBy(
  world: World,
  options: Omit<StartOptions, 'settings' | 'ready'>,
  settings: Settings,
  ready: StartOptions['ready'],
): Running & Started {
  let serving: Serving
  const begin = (by: Settings, done: StartOptions['ready']): Started =>
    started(world, {
      ...options,
      settings: by,
      ready(now) {
        serving = now
        done(now)
      },
    })
  let server = begin(settings, ready)

  let isRestoring = false

  async function restore(snapshot: Restorable): Promise<Zxid> {
    if (isRestoring) throw new Error('another snapshot is being restored')
    isRestoring = true
    const { putInPlace } = await import('./restore.ts')
    await new Promise<void>(resolve => server.stop(resolve))
    const { zxid, outstanding } = serving.machine.inspect()
    const source = snapshot.behind(zxid + BigInt(outstanding))
    try {
      const { aside, error } = await putInPlace(source, settings, options.disks, world.clock)
      const before =
        error === undefined
          ? `what was here before is in ${aside}`
          : `what was here before could not be moved to ${aside}: ${error.message}`
      log('warn', `restored ${snapshot.nodes} nodes from a snapshot; ${before}`)
      if (snapshot.doubt !== null)
        log('warn', `the snapshot was taken while writes went on: ${snapshot.doubt}`)
    } finally {
      const { client, secure } = serving.addresses
      const ports = {
        ...(client && { clientPort: client.port }),
        ...(secure && { secureClientPort: secure.port }),
      }
      await new Promise<void>(resolve => {
        server = begin({ ...settings, ...ports }, () => resolve())
      })
      isRestoring = false
    }
    return source.zxid
  }

  return {
    get machine() {
      return serving.machine
    },
    restore,
    stop: done => server.stop(done),
  }
}

/** Who may log in by SASL, with their passwords; null: nobody. Ends the program when that is asked for and cannot be. */
function saslUsers(settings: Settings): ReadonlyMap<string, string> | null {
  const { jaasFile, jaasSection, saslSuperPassword, fipsMode } = settings
  if (jaasFile === null) return null
  const where = `java.security.auth.login.config=${jaasFile}`
  let text: string
  try {
    text = readFileSync(jaasFile, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fail(2, `zk-server: ${where}: the file cannot be read (${code}): name another one, or leave it out`)
  }
  const read = usersOf(text, jaasSection)
  if ('error' in read) fail(2, `zk-server: ${where}: ${read.error}`)
  const { users } = read
  if (users === null) {
    log('warn', `${where}: there is no section ${jaasSection} in it, so nobody can log in by SASL`)
    return null
  }
  if (fipsMode) {
    fail(2, `zk-server: ${where}: DIGEST-MD5 is forbidden by fips-mode=true: take out one of the two`)
  }
  if (saslSuperPassword === null || !users.has('super')) return users
  return new Map([...users, ['super', saslSuperPassword]])
}

function disksOf({ disk }: World, { dataDir, dataLogDir, snapshotCompression }: Settings): Disks {
  const snapshots = compressedSnapshots(disk, snapshotCompression as Compression)
  return { snapshots, logs: dataLogDir === dataDir ? snapshots : nodeWorld({ folder: dataLogDir }).disk }
}

/** Ends the program when what the folders hold cannot be trusted. */
function started(world: World, options: StartOptions): Started {
  try {
    const server = startStandalone(world, options)
    giveBack()
    return server
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    if (isStorageError(error)) fail(1, `zk-server: ${message}`)
    if (code === undefined) throw error
    fail(1, `zk-server: the files in ${options.settings.dataDir} cannot be read: ${message}`)
  }
}

/**
 * Gives back the memory that the files were read into, which may be as large as the tree. The engine would get to it when its
 * own heap has grown, and on a server that nobody talks to that may be never.
 */
function giveBack(): void {
  if (process.memoryUsage().arrayBuffers < worthwhile) return
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
}

const worthwhile = 64 << 20

function whyFailed(failure: Failure, settings: Settings): string {
  if (failure.during !== 'listening') return cannotWrite(settings, failure.error)
  const { clientPortAddress, clientPort, secureClientPortAddress, secureClientPort } = settings
  return failure.port === 'secure'
    ? cannotListen(
        { host: secureClientPortAddress, port: secureClientPort },
        'secureClientPort',
        failure.error,
      )
    : cannotListen({ host: clientPortAddress, port: clientPort }, 'clientPort', failure.error)
}

function secureOf({ secure }: Record<string, Address>): string | null {
  return secure === undefined ? null : `with TLS on ${shown(secure)}`
}

/** Opens the ports for monitoring, if there are any; only then is what serves them loaded. */
function openHttp(settings: Settings, running: Running, beginning: Beginning, keys: PortKeys | null): void {
  if (!settings.adminEnabled && !settings.prometheus) return
  void import('./http.ts').then(({ httpPorts, listenHttp }) => {
    for (const port of httpPorts(settings, running, beginning, keys)) {
      const opened: Parameters<typeof listenHttp>[1] = result => {
        if ('error' in result) {
          const { host, port: number } = port.address
          const { message, code } = result.error
          const remedy = code === undefined ? '' : `: free it, or choose another ${port.setting}`
          fail(
            1,
            `zk-server: the ${port.name} cannot listen on ${shown({ host, port: number })}: ${message}${remedy}`,
          )
        }
        log('info', `the ${port.name} listens on ${shown(result.address)}`)
      }
      listenHttp(port, opened, (remote, reason) =>
        tellOf({ type: 'refused', port: port.name, remote, reason }),
      )
    }
  })
}

function cannotWrite({ dataDir, dataLogDir }: Settings, { message, code }: NodeJS.ErrnoException): string {
  const where = dataLogDir === dataDir ? dataDir : `${dataDir} or ${dataLogDir}`
  const remedy = code === 'ENOSPC' ? 'make room on its disk' : 'look after its disk'
  return `zk-server: stopped, because ${where} cannot be written: ${message}. Nothing that was confirmed is lost: ${remedy} and start again`
}

/** null for what goes as it should. */
function toldOfPurge({ removed, error }: Purged): string | null {
  const what = `purged ${removed.length} old files`
  if (error !== undefined)
    return `${what} and then stopped: ${error.message}; nothing is lost, and the next purge tries again`
  return removed.length > 0 ? `${what}: ${removed.join(', ')}` : null
}

function cannotListen(
  { host, port }: Address,
  setting: string,
  { code, message }: NodeJS.ErrnoException,
): string {
  switch (code) {
    case 'EADDRINUSE':
      return `zk-server: port ${port} is in use: stop the program that listens there, or choose another ${setting}`
    case 'EACCES':
      return `zk-server: this user may not listen on port ${port}: choose a ${setting} of 1024 or more`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `zk-server: ${host} is no address of this machine: change ${setting}Address, or leave it out to listen on all`
    default:
      return `zk-server: cannot listen on ${shown({ host, port })}: ${message}`
  }
}

/** A client that leaves is what happens; one that is turned away is worth a look. */
function tellOf(event: StartEvent): void {
  if (event.type === 'audit') {
    audit(event)
    return
  }
  const text = described(event)
  if (text === null) return
  const session = 'session' in event && event.session !== null ? { session: hex(event.session) } : {}
  const remote = 'remote' in event ? { remote: shown(event.remote) } : {}
  log(levelOf(event.type), text, { event: event.type, ...session, ...remote })
}

function audit({ text, isFailure }: AuditLine): void {
  log(isFailure ? 'error' : 'info', text, { event: 'audit' })
}

function levelOf(type: StartEvent['type']): Level {
  if (type === 'snapshot failed') return 'error'
  return type === 'expired' || type === 'closed' ? 'info' : 'warn'
}

/** What a person should know of; null for what goes as it should. */
function described(event: Exclude<StartEvent, { type: 'audit' }>): string | null {
  switch (event.type) {
    case 'expired':
      return `session ${hex(event.session)} has expired: nothing was heard of it for ${event.timeout} ms`
    case 'over quota': {
      const { path, what, value, limit, isHard, isRefused } = event
      const kind = isHard ? 'hard' : 'soft'
      const end = isRefused ? 'and is refused' : 'and is let through'
      return `a write below ${path} makes its ${what} ${value}, over the ${kind} limit of ${limit}, ${end}`
    }
    case 'closed': {
      const whose = event.session === null ? '' : ` of session ${hex(event.session)}`
      return `closed the connection from ${shown(event.remote)}${whose}: ${event.reason}`
    }
    case 'dropped':
      return `dropped the connection from ${shown(event.remote)}: ${event.reason}`
    case 'refused':
      return `refused a connection from ${shown(event.remote)}: ${event.reason}`
    case 'passed over':
      return `passed over ${event.what}`
    case 'digest mismatch':
      return `${event.what} (${event.count} such differences). The server serves what it has: compare it with a backup, or with another server`
    case 'purged':
      return toldOfPurge(event)
    case 'snapshot taken':
      return null
    case 'snapshot failed':
      return `could not write ${event.file}: ${event.error.message}; the log has everything, and the next snapshot will be tried in time`
    case 'slow sync':
      return `syncing ${event.file} took ${Math.round(event.took)} ms, and writes waited for it: is the disk busy or broken?`
  }
}

function shown({ host, port }: Address): string {
  if (host === '' || host === '::' || host === '0.0.0.0') return `port ${port} of every address`
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

function hex(session: bigint): string {
  return `0x${BigInt.asUintN(64, session).toString(16)}`
}

function fail(code: 1 | 2, message: string): never {
  process.stderr.write(message.endsWith('\n') ? message : `${message}\n`)
  process.exit(code)
}
