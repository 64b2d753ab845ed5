/**
 * The command `restore`: the snapshot in the body of a request takes the place of all that a server has. What was there
 * before stays beside it, in a folder of its own, until its operator takes it away.
 *
 * Nothing is touched before the snapshot has proved to be whole. From then on a loss of power leaves one or the other:
 * the new snapshot counts once it has been written to its end, and what is older is moved only after that.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, unlink } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Settings } from '../src/server/settings.ts'
import type { StandaloneMachine } from '../src/server/standalone-machine.ts'
import { fileName, folder } from '../src/storage/files.ts'
import type { Disks } from '../src/storage/recovery.ts'
import type { Restorable } from '../src/storage/restore.ts'
import type { SnapshotSource } from '../src/storage/snapshot.ts'
import { writeSnapshot } from '../src/storage/snapshot-files.ts'
import type { Zxid } from '../src/wire/zxid.ts'
import type { Clock, Disk } from '../src/world/world.ts'

/** A server, whichever start of it is running. */
export interface Running {
  readonly machine: StandaloneMachine
  /** Goes on with this in place of what it has, and breaks all connections. Answers with the zxid that it stands at then. */
  restore(snapshot: Restorable): Promise<Zxid>
}

/** All that is sent, by way of a file: memory is for the tree that it becomes. */
export async function uploaded(body: Readable, { dataDir }: Settings): Promise<Uint8Array> {
  const part = path.join(dataDir, folder, '.restore.part')
  try {
    await pipeline(body, createWriteStream(part))
    return await readFile(part)
  } finally {
    await unlink(part).catch(() => {})
  }
}

/**
 * Answers with the folder that has the older files now, or why it has not all of them: then they stand behind what is new,
 * and nobody reads them. The server must not write any more.
 */
export async function putInPlace(
  source: SnapshotSource,
  { dataDir, dataLogDir }: Settings,
  disks: Disks,
  clock: Clock,
): Promise<{ aside: string; error?: Error }> {
  await settled(disks.logs)
  await new Promise<void>((resolve, reject) =>
    writeSnapshot(disks.snapshots, clock, source, result =>
      'error' in result ? reject(result.error) : resolve(),
    ),
  )
  const zxid = BigInt.asUintN(64, source.zxid).toString(16)
  const name = `before.${zxid}`
  const aside = path.join(dataLogDir, folder, name)
  try {
    for (const each of new Set([dataDir, dataLogDir])) {
      const here = path.join(each, folder)
      await mkdir(path.join(here, name), { recursive: true })
      for (const file of await readdir(here)) {
        const isNew = file === fileName('snapshot', source.zxid) || file.startsWith(`snapshot.${zxid}.`)
        if (isNew || !/^(log|snapshot)\./.test(file)) continue
        await rename(path.join(here, file), path.join(here, name, file))
      }
    }
    return { aside }
  } catch (error) {
    return { aside, error: error as Error }
  }
}

/** What the log has been given may still be on its way. */
async function settled(disk: Disk): Promise<void> {
  for (const name of disk.list(folder).filter(each => each.startsWith('log.'))) {
    await new Promise<void>(resolve => disk.sync(`${folder}/${name}`, () => resolve()))
  }
}
