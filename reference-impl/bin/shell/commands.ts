/**
 * The commands of `zk-cli`: what Apache's zkCli.sh knows, by the same names and flags, `multi` and `follow`.
 */
import { deleteTree, listTree } from '../../src/client/trees.ts'
import type { CallOptions, CreateOptions, Transaction } from '../../src/client/zookeeper.ts'
import {
  type Command,
  type Given,
  given,
  type Said,
  type Shell,
  UnknownCommand,
  UsageError,
  usageOf,
  version,
  watching,
  whole,
} from './command.ts'
import { config, reconfig } from './ensemble.ts'
import { deleteQuota, type LimitFlag, limitNames, quotaOf, setQuota } from './quota.ts'
import {
  aclLines,
  aclText,
  base64Text,
  dataObject,
  dataText,
  hexLines,
  parseAcl,
  statLines,
  statObject,
} from './shown.ts'
import { wordsOf } from './words.ts'

const done: Said = { lines: [], object: null }

const commands: readonly Command[] = [
  {
    name: 'addWatch',
    usage: '[-m PERSISTENT|PERSISTENT_RECURSIVE] path',
    help: 'shows each change of a node, and unless told otherwise of all below it, until the watch is removed',
    valued: ['m'],
    words: [1, 1],
    async run({ words: [path], value }, shell) {
      const mode = value('m') ?? 'PERSISTENT_RECURSIVE'
      if (mode !== 'PERSISTENT' && mode !== 'PERSISTENT_RECURSIVE') {
        throw new UsageError(`-m is PERSISTENT or PERSISTENT_RECURSIVE, not ${mode}`)
      }
      const events = shell.zk.watch(path!, { recursive: mode === 'PERSISTENT_RECURSIVE' })
      const tell = async (): Promise<void> => {
        for await (const event of events) shell.watched(event)
      }
      tell().catch(error => shell.complain(error))
      return done
    },
  },
  {
    name: 'addauth',
    usage: 'scheme auth',
    help: 'logs in, e.g. addauth digest user:password',
    words: [1, 2],
    async run({ words: [scheme, auth = ''] }, { zk }) {
      await zk.addAuth(scheme!, auth)
      return done
    },
  },
  {
    name: 'close',
    usage: '',
    help: 'ends the session; connect begins another',
    words: [0, 0],
    async run(_given, shell) {
      await shell.close()
      return done
    },
  },
  config,
  {
    name: 'connect',
    usage: 'host:port[,host:port][/chroot]',
    help: 'ends the session and begins one elsewhere',
    words: [1, 1],
    async run({ words: [servers] }, shell) {
      await shell.connect(servers!)
      return done
    },
  },
  {
    name: 'create',
    usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
    help: 'makes a node: -s numbered, -e ephemeral, -c container, -t gone after so many idle milliseconds',
    flags: ['s', 'e', 'c'],
    valued: ['t'],
    words: [1, 3],
    async run({ words: [path, data, acl], has, value }, { zk }) {
      const options = createOptions(has, value, acl)
      const made = await zk.create(path!, data ?? null, options)
      return { lines: [`Created ${made.path}`], object: { path: made.path, stat: statObject(made.stat) } }
    },
  },
  {
    name: 'delete',
    usage: '[-v version] path',
    help: 'deletes a node that has no children',
    valued: ['v'],
    words: [1, 1],
    async run({ words: [path], value }, { zk }) {
      await zk.delete(path!, version(value))
      return done
    },
  },
  {
    name: 'deleteall',
    usage: '[-b size] path',
    help: 'deletes a node and all below it, -b nodes at a time',
    valued: ['b'],
    words: [1, 1],
    async run({ words: [path], value }, { zk }) {
      const batch = value('b')
      const options = batch === undefined ? {} : { batch: whole('-b', batch, 1) }
      return { lines: [], object: { deleted: await deleteTree(zk, path!, options) } }
    },
  },
  {
    name: 'delquota',
    usage: '[-n|-b|-N|-B] path',
    help: 'removes limits from a branch: all, or those named',
    flags: ['n', 'b', 'N', 'B'],
    words: [1, 1],
    async run({ words: [path], has }, { zk }) {
      const flags = limitFlags.filter(has)
      if (!(await deleteQuota(zk, path!, flags))) throw new UsageError(`there is no quota on ${path}`)
      return done
    },
  },
  {
    name: 'exit',
    usage: '',
    help: 'ends the session and leaves, as quit does',
    words: [0, 0],
    async run(_given, shell) {
      shell.leave()
      return done
    },
  },
  {
    name: 'follow',
    usage: 'path',
    help: 'shows a node and all below it, and each change from then on, whatever becomes of the connection',
    words: [1, 1],
    async run({ words: [path] }, shell) {
      await shell.follow(path!)
      return done
    },
  },
  {
    name: 'get',
    usage: '[-s] [-w] [-b|-x] path',
    help: "shows a node's data: -b in base64, -x in hexadecimal, -s with its Stat, -w watches for a change",
    flags: ['s', 'w', 'b', 'x'],
    words: [1, 1],
    async run({ words: [path], has }, shell) {
      const { data, stat } = await shell.zk.get(path!, watching(has, shell))
      const shown = has('b') ? [base64Text(data)] : has('x') ? hexLines(data) : [dataText(data)]
      return {
        lines: [...shown, ...(has('s') ? statLines(stat) : [])],
        object: { path, ...dataObject(data), stat: statObject(stat) },
      }
    },
  },
  {
    name: 'getAcl',
    usage: '[-s] path',
    help: 'shows who may do what with a node',
    flags: ['s'],
    words: [1, 1],
    async run({ words: [path], has }, { zk }) {
      const { acl, stat } = await zk.getAcl(path!)
      return {
        lines: [...aclLines(acl), ...(has('s') ? statLines(stat) : [])],
        object: { path, acl: aclText(acl), stat: statObject(stat) },
      }
    },
  },
  {
    name: 'getAllChildrenNumber',
    usage: 'path',
    help: 'counts the nodes below a node, however deep',
    words: [1, 1],
    async run({ words: [path] }, { zk }) {
      const count = await zk.countDescendants(path!)
      return { lines: [String(count)], object: { path, count } }
    },
  },
  {
    name: 'getEphemerals',
    usage: '[path]',
    help: 'shows the ephemeral nodes of this session',
    words: [0, 1],
    async run({ words: [path] }, { zk }) {
      const ephemerals = await zk.ephemerals(path)
      return { lines: [list(ephemerals)], object: { ephemerals } }
    },
  },
  {
    name: 'help',
    usage: '[command]',
    help: 'shows this list, or one command',
    words: [0, 1],
    async run({ words: [name] }) {
      if (name !== undefined)
        return { lines: helpOn(commandNamed(name)), object: { usage: usageOf(commandNamed(name)) } }
      const lines = commands.map(command => `  ${usageOf(command)}`)
      return { lines: [...lines, '', 'help COMMAND says more.'], object: { commands: commands.map(usageOf) } }
    },
  },
  {
    name: 'history',
    usage: '',
    help: 'shows what was entered last, by number',
    words: [0, 0],
    async run(_given, { history }) {
      const first = Math.max(0, history.length - 11)
      return {
        lines: history.slice(first).map((line, at) => `${first + at} - ${line}`),
        object: { history },
      }
    },
  },
  {
    name: 'listquota',
    usage: 'path',
    help: 'shows the limits on a branch, and how much is there',
    words: [1, 1],
    async run({ words: [path] }, { zk }) {
      const quota = await quotaOf(zk, path!)
      if (quota === null) return { lines: [`There is no quota on ${path}`], object: { path, quota: null } }
      const shown = (figures: ReadonlyMap<string, number>): string =>
        [...figures].map(([name, figure]) => `${name}=${figure}`).join(',')
      return {
        lines: [`limits of ${path}: ${shown(quota.limits)}`, `there is: ${shown(quota.stats)}`],
        object: { path, limits: Object.fromEntries(quota.limits), stats: Object.fromEntries(quota.stats) },
      }
    },
  },
  {
    name: 'ls',
    usage: '[-s] [-w] [-R] path',
    help: 'lists children: -s with the Stat, -w watches for a change, -R all that is below',
    flags: ['s', 'w', 'R'],
    words: [1, 1],
    async run({ words: [path], has }, shell) {
      if (has('R')) {
        const paths = await listTree(shell.zk, path!)
        return { lines: paths, object: { paths } }
      }
      const { children, stat } = await shell.zk.children(path!, watching(has, shell))
      return {
        lines: [list(children), ...(has('s') ? statLines(stat) : [])],
        object: { path, children, stat: statObject(stat) },
      }
    },
  },
  {
    name: 'multi',
    usage: '"command" "command" …',
    help: 'does several of create, set, delete and check at once or not at all: multi "create /a x" "check -v 3 /b"',
    words: [1, null],
    async run({ words }, { zk }) {
      const transaction = zk.transaction()
      for (const line of words) addWrite(transaction, line)
      const results = await transaction.commit()
      const lines = results.map(result => (result.type === 'create' ? `Created ${result.path}` : result.type))
      return {
        lines,
        object: {
          results: results.map(({ type, ...rest }) =>
            'path' in rest ? { type, path: rest.path } : { type },
          ),
        },
      }
    },
  },
  {
    name: 'printwatches',
    usage: '[on|off]',
    help: 'shows events as they come, or does not',
    words: [0, 1],
    async run({ words: [to] }, shell) {
      if (to !== undefined && to !== 'on' && to !== 'off') throw new UsageError('printwatches is on or off')
      if (to !== undefined) shell.printWatches = to === 'on'
      const text = shell.printWatches ? 'on' : 'off'
      return { lines: [`printwatches is ${text}`], object: { printwatches: text } }
    },
  },
  {
    name: 'quit',
    usage: '',
    help: 'ends the session and leaves',
    words: [0, 0],
    async run(_given, shell) {
      shell.leave()
      return done
    },
  },
  reconfig,
  {
    name: 'redo',
    usage: 'number',
    help: 'enters again what history shows under a number',
    words: [1, 1],
    async run({ words: [number] }, shell) {
      const line = shell.history[whole('the number', number!, 0)]
      if (line === undefined) throw new UsageError(`nothing was entered under ${number}; see history`)
      return run(line, shell)
    },
  },
  {
    name: 'removewatches',
    usage: '[-c|-d|-a] [-l] path',
    help: "takes this session's watches off a path: -c of its children, -d of its data, -a all; -l also without a server",
    flags: ['c', 'd', 'a', 'l'],
    words: [1, 1],
    async run({ words: [path], has }, { zk }) {
      const of = has('c') ? 'children' : has('d') ? 'data' : 'any'
      await zk.removeWatches(path!, { of, local: has('l') })
      return done
    },
  },
  {
    name: 'set',
    usage: '[-s] [-v version] [-b] path data',
    help: "replaces a node's data: -v only if it has this version, -b the data is base64, -s shows the Stat then",
    flags: ['s', 'b'],
    valued: ['v'],
    words: [2, 2],
    async run({ words: [path, data], has, value }, { zk }) {
      const bytes = has('b') ? fromBase64(data!) : data!
      const stat = await zk.set(path!, bytes, version(value))
      return { lines: has('s') ? statLines(stat) : [], object: { path, stat: statObject(stat) } }
    },
  },
  {
    name: 'setAcl',
    usage: '[-s] [-v version] [-R] path acl',
    help: 'says who may do what with a node, -R also below it: setAcl /a world:anyone:r,auth::cdrwa',
    flags: ['s', 'R'],
    valued: ['v'],
    words: [2, 2],
    async run({ words: [path, text], has, value }, { zk }) {
      const acl = aclGiven(text!)
      const paths = has('R') ? await listTree(zk, path!) : [path!]
      const stats = await Promise.all(paths.map(each => zk.setAcl(each, acl, version(value))))
      return { lines: has('s') ? statLines(stats[0]!) : [], object: { paths, stat: statObject(stats[0]!) } }
    },
  },
  {
    name: 'setquota',
    usage: '-n|-b|-N|-B limit path',
    help: 'limits a branch: -n nodes or -b bytes to warn of, -N nodes or -B bytes to refuse',
    valued: ['n', 'b', 'N', 'B'],
    words: [1, 1],
    async run({ words: [path], value }, { zk }) {
      const flags = limitFlags.filter(flag => value(flag) !== undefined)
      if (flags.length === 0) throw new UsageError('say what to limit: -n, -b, -N or -B')
      for (const flag of flags) {
        const refusal = await setQuota(zk, path!, flag, whole(`-${flag}`, value(flag)!, 0))
        if (refusal !== null) throw new UsageError(refusal)
      }
      return done
    },
  },
  {
    name: 'stat',
    usage: '[-w] path',
    help: "shows a node's Stat: -w watches for a change",
    flags: ['w'],
    words: [1, 1],
    async run({ words: [path], has }, shell) {
      const stat = await shell.zk.exists(path!, watching(has, shell))
      if (stat === null) throw new UsageError(`there is no node ${path}`)
      return { lines: statLines(stat), object: { path, stat: statObject(stat) } }
    },
  },
  {
    name: 'sync',
    usage: 'path',
    help: 'waits until the server has seen all that was written anywhere',
    words: [1, 1],
    async run({ words: [path] }, { zk }) {
      await zk.sync(path)
      return { lines: ['Sync is OK'], object: null }
    },
  },
  {
    name: 'version',
    usage: '',
    help: 'shows which version of ZooKeeper the commands are of',
    words: [0, 0],
    run: async () => ({ lines: ['ZooKeeper CLI version: 3.9'], object: { version: '3.9' } }),
  },
  {
    name: 'whoami',
    usage: '',
    help: 'shows as whom the server knows this session',
    words: [0, 0],
    async run(_given, { zk }) {
      const infos = await zk.whoAmI()
      return {
        lines: ['Auth scheme: User', ...infos.map(({ authScheme, user }) => `${authScheme}: ${user}`)],
        object: { identities: infos },
      }
    },
  },
]

export const commandNames = commands.map(({ name }) => name)

/** Runs a line. Throws UsageError where it is none, and the KeeperError of what was refused. */
export async function run(line: string, shell: Shell): Promise<Said> {
  const parsed = wordsOf(line)
  if ('error' in parsed) throw new UsageError(parsed.error)
  return runWords(parsed.words, shell)
}

export async function runWords([name, ...rest]: readonly string[], shell: Shell): Promise<Said> {
  if (name === undefined) return done
  const command = commandNamed(name)
  return command.run(given(command, rest), shell)
}

function commandNamed(name: string): Command {
  const command = commands.find(each => each.name.toLowerCase() === name.toLowerCase())
  if (command !== undefined) return command
  const like = commandNames.filter(each => each.toLowerCase().startsWith(name.slice(0, 2).toLowerCase()))
  const hint = like.length > 0 ? `did you mean ${like.join(', ')}?` : 'help lists the commands'
  throw new UnknownCommand(`there is no command ${name}: ${hint}`)
}

function helpOn(command: Command): string[] {
  return [usageOf(command), `  ${command.help}`]
}

// What is given

const limitFlags = Object.keys(limitNames) as LimitFlag[]

function createOptions(
  has: Given['has'],
  value: Given['value'],
  acl: string | undefined,
): CreateOptions & CallOptions {
  const options: CreateOptions = {}
  if (has('s')) options.sequential = true
  if (has('e')) options.ephemeral = true
  if (has('c')) options.container = true
  const ttl = value('t')
  if (ttl !== undefined) options.ttl = whole('-t', ttl, 1)
  if (acl !== undefined) options.acl = aclGiven(acl)
  return options
}

function aclGiven(text: string): NonNullable<CreateOptions['acl']> {
  const acl = parseAcl(text)
  if (acl === null)
    throw new UsageError(`${text} is no list of scheme:id:perms, with perms of the letters cdrwa`)
  return acl
}

/** Adds one of the commands that may stand in a transaction. */
function addWrite(transaction: Transaction, line: string): void {
  const parsed = wordsOf(line)
  if ('error' in parsed) throw new UsageError(`${line}: ${parsed.error}`)
  const [name, ...rest] = parsed.words
  const command = name === 'check' ? checkCommand : commandNamed(name ?? '')
  const { words, has, value } = given(command, rest)
  const [path, data] = words as [string, string?, string?]
  switch (command.name) {
    case 'create':
      transaction.create(path, data ?? null, createOptions(has, value, words[2]))
      return
    case 'set':
      transaction.set(path, data!, version(value))
      return
    case 'delete':
      transaction.delete(path, version(value))
      return
    case 'check':
      transaction.check(path, version(value))
      return
    default:
      throw new UsageError(
        `${command.name} cannot be a part of multi: only create, set, delete and check can`,
      )
  }
}

/** Stands only in a multi: servers refuse it alone. */
const checkCommand: Command = {
  name: 'check',
  usage: '[-v version] path',
  help: '',
  valued: ['v'],
  words: [1, 1],
  run: async () => done,
}

function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64').replace(/=+$/, '') !== text.replace(/=+$/, '')) {
    throw new UsageError(`${text} is no base64`)
  }
  return bytes
}

// What is shown

function list(names: readonly string[]): string {
  return `[${names.join(', ')}]`
}
