/** A data folder in a few words, on a disk of a simulated world: no file of yours is touched. */
import { fileName, folder } from '#lab/storage/files.ts'
import { type FoundSnapshot, type Purged, purge } from '#lab/storage/purge.ts'
import { simulatedWorld } from '#lab/world/simulated/simulated-world.ts'
import type { Disk } from '#lab/world/world.ts'

/** How each complete snapshot ends. */
export const completeEnd: readonly number[] = [0, 0, 0, 1, 0x2f]

export const log = (zxid: bigint | number) => ({
  name: fileName('log', BigInt(zxid)),
  zxid: BigInt(zxid),
})

export const snapshot = (zxid: bigint | number): FoundSnapshot => ({
  name: fileName('snapshot', BigInt(zxid)),
  zxid: BigInt(zxid),
  isComplete: true,
})

/** One that was not written to its end. */
export const half = (zxid: bigint | number): FoundSnapshot => ({ ...snapshot(zxid), isComplete: false })

export const namesOf = (files: readonly { name: string }[]): string[] => files.map(({ name }) => name)

/** The bytes of a snapshot, as far as a purge looks at them. */
export function snapshotBytes({ isComplete }: { isComplete: boolean }): Uint8Array {
  return new Uint8Array([0x5a, 0x4b, 0x53, 0x4e, ...(isComplete ? completeEnd : completeEnd.slice(0, 3))])
}

export interface DataFolder {
  disk: Disk
  /** What is in the folder. */
  names(): string[]
  /** Purges, and lets time pass until it is over. */
  purge(keep: number): Purged
}

/** A folder that holds these snapshots, and logs or whatever else by their names. */
export function dataFolder(snapshots: readonly FoundSnapshot[], others: readonly string[]): DataFolder {
  const simulation = simulatedWorld({ seed: 27 })
  const { disk } = simulation.host('server')
  const files: [name: string, bytes: Uint8Array][] = [
    ...snapshots.map((file): [string, Uint8Array] => [file.name, snapshotBytes(file)]),
    ...others.map((name): [string, Uint8Array] => [name, new Uint8Array(100)]),
  ]
  for (const [name, bytes] of files) {
    disk.append(`${folder}/${name}`, bytes, () => {})
    disk.sync(`${folder}/${name}`, () => {})
  }
  while (simulation.step());
  return {
    disk,
    names: () => disk.list(folder),
    purge(keep) {
      const results: Purged[] = []
      purge({ snapshots: disk, logs: disk }, keep, result => results.push(result))
      while (simulation.step());
      if (results.length !== 1) throw new Error(`purge called done ${results.length} times`)
      return results[0]!
    },
  }
}

/** For the second argument of `expect`: what is in the folder, the rule, and where the chapter tells it. */
export function because(
  files: readonly { name: string; isComplete?: boolean }[],
  rule: string,
  section: string,
) {
  const listed = files.map(
    ({ name, isComplete }) => `    ${name}${isComplete === false ? '   (not written to its end)' : ''}`,
  )
  return ['', ...listed, `  ${rule} (chapter 27, "${section}")`, ''].join('\n')
}
