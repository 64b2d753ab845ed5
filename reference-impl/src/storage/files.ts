/**
 * What the files of a server are called, and how we say that one of them cannot be used.
 * A transaction log is named after the first transaction in it, a snapshot after the last one that it surely holds.
 */
import type { ACL } from '../wire/records.ts'
import { parseZxid, type Zxid } from '../wire/zxid.ts'

/** The folder below `dataDir` and `dataLogDir`, named after the version of the formats. */
export const folder = 'version-2'

export type Kind = 'log' | 'snapshot'

export interface StoredFile {
  name: string
  zxid: Zxid
}

export function fileName(kind: Kind, zxid: Zxid): string {
  return `${kind}.${BigInt.asUintN(64, zxid).toString(16)}`
}

/** The zxid in a file's name; null for a file of another kind. */
export function zxidOf(kind: Kind, name: string): Zxid | null {
  return name.startsWith(`${kind}.`) ? parseZxid(name.slice(kind.length + 1)) : null
}

/** The files of a kind among these names, the oldest first. */
export function filesOf(kind: Kind, names: readonly string[]): StoredFile[] {
  return names
    .map(name => ({ name, zxid: zxidOf(kind, name) }))
    .filter((file): file is StoredFile => file.zxid !== null)
    .sort((a, b) => (a.zxid < b.zxid ? -1 : a.zxid > b.zxid ? 1 : 0))
}

/**
 * Stored bytes that cannot be true, or are not all there. `message` names the file and says what to do. Told apart by
 * its name, never by its class.
 */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

export function isStorageError(error: unknown): error is StorageError {
  return (error as Error | undefined)?.name === 'StorageError'
}

/**
 * Stands for an ACL that a snapshot names and does not hold: the node got it while the snapshot was being written, and
 * the log knows it. Until the replay has set it, nobody gets in.
 */
export const unknownAcl: readonly ACL[] = Object.freeze([{ perms: 0, id: { scheme: 'world', id: 'anyone' } }])
