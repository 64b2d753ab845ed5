/** What can be seen only from beside the code under test: whether what it gives away shares memory with what it was given. */
import { trimLog } from '#lab/storage/inspect.ts'

/** The trimmed log, looked at when the one that it was made from is overwritten. */
export function trimmedOfOverwritten(log: Uint8Array, maxEntry: number): Uint8Array {
  const trimmed = trimLog(log, maxEntry, null)
  log.fill(0)
  return trimmed
}
