/** The commands about the ensemble itself: which servers there are, and which there are to be. */
import { readFileSync } from 'node:fs'
import { serversIn } from '../../src/client/follow-config.ts'
import { hostText } from '../../src/client/hosts.ts'
import { parseZxid } from '../../src/wire/zxid.ts'
import { type Command, UsageError, watching } from './command.ts'
import { dataText, statLines, statObject } from './shown.ts'

export const config: Command = {
  name: 'config',
  usage: '[-c] [-w] [-s]',
  help: 'shows the servers of the ensemble: -c for clients, -w watches for a change, -s with the Stat',
  flags: ['c', 'w', 's'],
  words: [0, 0],
  async run({ has }, shell) {
    const { data, stat } = await shell.zk.config(watching(has, shell))
    const text = dataText(data)
    // A list that `connect` takes.
    const shown = has('c') ? serversIn(text).map(hostText).join(',') : text
    return {
      lines: [shown, ...(has('s') ? statLines(stat) : [])],
      object: { config: shown, ...(has('s') ? { stat: statObject(stat) } : {}) },
    }
  },
}

export const reconfig: Command = {
  name: 'reconfig',
  usage: '[-s] [-v version] ([-add servers] [-remove ids] | -members servers | -file path)',
  help: 'changes which servers there are: some join (-add) and leave (-remove), or -members are all; -file names a file of them',
  flags: ['s'],
  valued: ['v', 'add', 'remove', 'members', 'file'],
  words: [0, 0],
  async run({ has, value }, { zk }) {
    const change: { joining?: string; leaving?: string; members?: string; fromVersion?: bigint } = {}
    const [joining, leaving, from, file] = [value('add'), value('remove'), value('v'), value('file')]
    const members = file === undefined ? value('members') : membersIn(file)
    if (joining === undefined && leaving === undefined && members === undefined) {
      throw new UsageError('say which servers: -add, -remove, -members or -file')
    }
    if (members !== undefined && (joining !== undefined || leaving !== undefined)) {
      throw new UsageError('-members and -file name all servers: nobody is left for -add or -remove')
    }
    if (joining !== undefined) change.joining = joining
    if (leaving !== undefined) change.leaving = leaving
    if (members !== undefined) change.members = members
    if (from !== undefined) {
      const fromVersion = parseZxid(`0x${from.replace(/^0x/, '')}`)
      if (fromVersion === null) throw new UsageError(`-v must be a version in hexadecimal, not ${from}`)
      change.fromVersion = fromVersion
    }
    const { data, stat } = await zk.reconfig(change)
    return {
      lines: ['Committed new configuration:', dataText(data), ...(has('s') ? statLines(stat) : [])],
      object: { config: dataText(data), stat: statObject(stat) },
    }
  },
}

/** The servers in a dynamic configuration file, as `-members` takes them. */
function membersIn(file: string): string {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
  }
  const lines = text.split('\n').filter(line => /^\s*server\.\d+\s*=/.test(line))
  if (lines.length === 0) throw new UsageError(`there is no line server.N=… in ${file}`)
  return lines.map(line => line.replace(/\s/g, '')).join(',')
}
