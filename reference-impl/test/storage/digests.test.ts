/** What a server makes of the digests in its files when it starts. */
import { describe, expect, test } from 'vitest'
import { treeDigest } from '../../src/state/tree-digest.ts'
import { zxidIn } from '../../src/storage/txn-log.ts'
import { formatZxid } from '../../src/wire/zxid.ts'
import { emptySnapshot, lived, logFile, recovered, snapshotFile } from './history.ts'

const { log, source } = lived()
/** A set; an error would have no digest. */
const last = log.length - 1

/** The log with another digest behind one of its transactions, which is the last thing in it. */
function lying(at: number): Uint8Array[] {
  return log.map((record, i) => {
    if (i !== at) return record
    const copy = record.slice()
    copy[copy.length - 1]! ^= 1
    return copy
  })
}

describe('a server that starts', () => {
  test('finds that its tree is the one that was meant, and goes on counting from there', () => {
    for (const files of [[emptySnapshot(), logFile(log)], [snapshotFile(source)]]) {
      const { mismatch, mismatches, digest, tree } = recovered(new Map(files), true)
      expect([mismatch, mismatches]).toEqual([null, 0])
      expect(digest!.value()).toBe(treeDigest(tree).value())
      expect(digest!.value()).toBe(source.digest!().digest)
    }
  })

  test('says from which transaction on the tree is another one', () => {
    const { mismatch, mismatches } = recovered(new Map([emptySnapshot(), logFile(lying(last))]), true)
    expect(mismatch).toContain(
      `from ${formatZxid(zxidIn(log[last]!))} on the tree is not the one that was written down there`,
    )
    expect(mismatches).toBe(1)
  })

  test('says so when a snapshot is not the tree that its digest is of', () => {
    const { zxid, digest } = source.digest!()
    const other = { ...source, digest: () => ({ zxid, digest: digest + 1n }) }
    expect(recovered(new Map([snapshotFile(other)]), true).mismatch).toContain(`its digest is ${digest}`)
  })

  test('says so when the log ends before the moment in which the snapshot was complete', () => {
    const { zxid, digest } = source.digest!()
    const later = { ...source, digest: () => ({ zxid: zxid + 5n, digest }) }
    expect(recovered(new Map([snapshotFile(later)]), true).mismatch).toBe(
      `the snapshot holds transactions up to ${formatZxid(zxid + 5n)}, and the log ends at ${formatZxid(zxid)}: what was between is there in part`,
    )
  })

  test('compares nothing when it is not to count', () => {
    const { mismatch, digest } = recovered(new Map([emptySnapshot(), logFile(lying(last))]))
    expect([mismatch, digest]).toEqual([null, null])
  })
})
