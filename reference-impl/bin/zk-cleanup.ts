/**
 * `zk-cleanup -n 3 DIR`: removes the snapshots and logs that no recovery needs. The server may be running meanwhile.
 * Exit codes: 0 done, 1 something could not be removed, 2 was started wrongly.
 */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { folder } from '../src/storage/files.ts'
import { fewestKept, foundSnapshots, purge } from '../src/storage/purge.ts'
import { compressedSnapshots } from '../src/world/node/compressed-snapshots.ts'
import { nodeWorld } from '../src/world/node/node-world.ts'

const usage = `Usage: zk-cleanup -n COUNT DIR
       zk-cleanup -n COUNT DATALOGDIR SNAPDIR
Keeps the newest COUNT snapshots (at least ${fewestKept}) and every log that they need, and removes what is older.
DIR is the dataDir of a zoo.cfg; with a dataLogDir name that first.
  --mine         with your finished labs in place of the reference's modules
`

main(process.argv.slice(2).filter(argument => !/^--mine(=|$)/.test(argument)))

function main(args: string[]): void {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(usage)
    return
  }
  const { keep, folders } = request(args)
  for (const folder of folders) mustBeDataFolder(folder)
  const [logFolder, snapshotFolder = logFolder] = folders as [string, string?]
  const snapshots = compressedSnapshots(nodeWorld({ folder: snapshotFolder }).disk, '')
  const logs = snapshotFolder === logFolder ? snapshots : nodeWorld({ folder: logFolder }).disk
  const complete = foundSnapshots(snapshots).filter(({ isComplete }) => isComplete).length
  purge({ snapshots, logs }, keep, ({ removed, error }) => {
    for (const file of removed) {
      const inFolder = file.startsWith(`${folder}/log.`) ? logFolder : snapshotFolder
      process.stdout.write(`removed ${path.join(inFolder, file)}\n`)
    }
    if (error !== undefined) {
      fail(
        1,
        `zk-cleanup: stopped, because a file could not be removed: ${error.message}. What is left is whole; run it again as the user of the server`,
      )
    }
    if (removed.length === 0)
      process.stdout.write(`nothing to remove: ${complete} complete snapshots, and ${keep} are kept\n`)
  })
}

/** `-n COUNT` may stand in front or behind, as in Apache's zkCleanup.sh. */
function request(args: string[]): { keep: number; folders: string[] } {
  const at = args.indexOf('-n')
  if (at === -1) fail(2, `zk-cleanup: say how many snapshots to keep.\n${usage}`)
  const [, count = ''] = args.splice(at, 2)
  const keep = /^\d{1,9}$/.test(count) ? Number(count) : Number.NaN
  if (!(keep >= fewestKept)) fail(2, `zk-cleanup: -n ${count}: must be a whole number, ${fewestKept} or more`)
  if (args.length < 1 || args.length > 2 || args.some(arg => arg.startsWith('-'))) fail(2, usage)
  return { keep, folders: args.map(folder => path.resolve(folder)) }
}

function mustBeDataFolder(where: string): void {
  try {
    readdirSync(path.join(where, folder))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    fail(
      2,
      `zk-cleanup: there is no folder ${folder} to read in ${where} (${code}): name the dataDir or dataLogDir of the server`,
    )
  }
}

function fail(code: 1 | 2, message: string): never {
  process.stderr.write(message.endsWith('\n') ? message : `${message}\n`)
  process.exit(code)
}
