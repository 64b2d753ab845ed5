/** A snapshot from elsewhere, and what a server may make of it. */
import { describe, expect, test } from 'vitest'
import { isStorageError } from '../../src/storage/files.ts'
import { restorable } from '../../src/storage/restore.ts'
import { lived, recovered, snapshotFile } from './history.ts'

const { source } = lived()
const [, bytes] = snapshotFile(source)

describe('what is restored', () => {
  test('is the same tree at its own zxid, where that is ahead', () => {
    const { behind, nodes, doubt } = restorable(bytes)
    expect([behind(0n).zxid, doubt]).toEqual([source.zxid, null])
    const tree = recovered(new Map([snapshotFile(behind(0n))]), true)
    expect([tree.mismatch, tree.sessions]).toEqual([null, new Map(source.sessions)])
    expect([...snapshotFile(behind(0n))[1]]).toEqual([...bytes])
    expect(nodes).toBeGreaterThan(3)
  })

  test('stands behind all that was here, where that is ahead', () => {
    const later = restorable(bytes).behind(source.zxid + 7n)
    expect(later.zxid).toBe(source.zxid + 8n)
    const tree = recovered(new Map([snapshotFile(later)]), true)
    expect([tree.mismatch, tree.lastZxid]).toEqual([null, source.zxid + 8n])
  })

  test('may be no tree that ever was, and says so, when it was taken while writes went on', () => {
    const digest = () => ({ zxid: source.zxid + 3n, digest: 12345n })
    const { doubt, behind } = restorable(snapshotFile({ ...source, digest })[1])
    expect(doubt).toContain('should be 12345')
    expect(behind(0n).zxid, 'some of what it holds may be as new').toBe(source.zxid + 3n)
  })

  test('is never a part of a snapshot, nor anything else', () => {
    for (let end = 0; end < bytes.length; end += 7) {
      expect(() => restorable(bytes.slice(0, end)), `${end} bytes`).toThrow(expect.toSatisfy(isStorageError))
    }
    const changed = bytes.slice()
    changed[bytes.length >> 1]! ^= 1
    for (const other of [changed, new TextEncoder().encode('PK is no snapshot')]) {
      expect(() => restorable(other)).toThrow(expect.toSatisfy(isStorageError))
    }
  })
})
