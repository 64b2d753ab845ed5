import { crc32 as theirCrc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { crc32, crcStart } from '../../src/lib/crc32.ts'
import { applyTxn } from '../../src/state/apply.ts'
import { emptyTree, nextSequence, nodeAt, statOf } from '../../src/state/data-tree.ts'
import { openAcl } from '../../src/state/identity.ts'
import { treeDigest } from '../../src/state/tree-digest.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import { errorTxn, type Txn } from '../../src/wire/txn.ts'

describe('CRC-32', () => {
  test('is that of zip files, from any place on and in any pieces', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, a, b) => {
        const from = Math.min(a, bytes.length)
        const cut = Math.min(from + b, bytes.length)
        const whole = crc32(bytes, cut, bytes.length, crc32(bytes, from, cut, crcStart))
        expect(~whole >>> 0).toBe(theirCrc32(bytes.subarray(from)))
      }),
    )
  })
})

describe('the digest of a tree', () => {
  test('is for a new one what an Apache server of 3.8 wrote', () => {
    expect(treeDigest(emptyTree()).value()).toBe(1371985504n)
  })

  test('foreseen for what is ordered is that of the tree once it is applied, however late that is', () => {
    const paths = ['/a', '/b', '/a/c', '/a/d', '/ä子', '/zookeeper/quota/a', '/a/c/e']
    const step = fc.record({
      op: fc.constantFrom('create', 'create', 'ephemeral', 'container', 'ttl', 'set', 'set', 'acl', 'delete'),
      path: fc.constantFrom(...paths),
      data: fc.constantFrom(null, new Uint8Array(0), new Uint8Array(30).fill(9)),
      multi: fc.constantFrom('alone', 'alone', 'multi', 'failed', 'close'),
      waits: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        // One tree is always up to date and decides what is possible; the other one is late.
        const [ahead, late] = [emptyTree(), emptyTree()]
        const digest = treeDigest(late)
        const waiting: (() => void)[] = []
        let zxid = 0n
        for (const { op, path, data, multi, waits } of steps) {
          zxid++
          const stamp = { zxid, time: 1000n + zxid }
          const parent = path.slice(0, path.lastIndexOf('/')) || '/'
          const isThere = nodeAt(ahead, path) !== undefined
          // Nobody gets a node below an ephemeral one.
          const canBe = nodeAt(ahead, parent) !== undefined && !statOf(ahead, parent).ephemeralOwner
          let txn: Txn | null = null
          const acl = [...openAcl]
          if (['set', 'acl', 'delete'].includes(op)) {
            if (!isThere) continue
            if (op === 'set') txn = { type: OpCode.setData, record: { path, data, version: 7 } }
            else if (op === 'acl') txn = { type: OpCode.setACL, record: { path, acl, version: 3 } }
            else if (statOf(ahead, path).numChildren === 0) txn = { type: OpCode.delete, record: { path } }
          } else if (!isThere && canBe) {
            const record = { path, data, acl, parentCVersion: nextSequence(ahead, parent) + 1 }
            if (op === 'container') txn = { type: OpCode.createContainer, record }
            else if (op === 'ttl') txn = { type: OpCode.createTTL, record: { ...record, ttl: 5000n } }
            else txn = { type: OpCode.create, record: { ...record, ephemeral: op === 'ephemeral' } }
          }
          if (txn === null) continue
          if (multi === 'multi') txn = { type: OpCode.multi, txns: [txn] }
          else if (multi === 'failed') txn = { type: OpCode.multi, txns: [txn, errorTxn(-110)] }
          else if (multi === 'close') {
            const paths2Delete = paths.filter(each => nodeAt(ahead, each)?.ephemeralOwner === 5n)
            txn = { type: OpCode.closeSession, record: { paths2Delete } }
          }
          const ordered = txn
          digest.foresee(ordered, 5n, stamp)
          applyTxn(ahead, ordered, 5n, stamp, null)
          expect(digest.value()).toBe(treeDigest(ahead).value())
          waiting.push(() => {
            applyTxn(late, ordered, 5n, stamp, null)
            digest.settle(stamp.zxid)
          })
          if (!waits) for (const apply of waiting.splice(0)) apply()
        }
      }),
    )
  })

  test('forgets what is applied, and still counts right', () => {
    const tree = emptyTree()
    const digest = treeDigest(tree)
    for (let i = 1; i <= 2000; i++) {
      const path = `/n${i % 700}`
      const stamp = { zxid: BigInt(i), time: 5n }
      const txn: Txn =
        i <= 700
          ? {
              type: OpCode.create,
              record: { path, data: null, acl: [...openAcl], parentCVersion: i, ephemeral: false },
            }
          : { type: OpCode.setData, record: { path, data: new Uint8Array([i]), version: i } }
      digest.foresee(txn, 1n, stamp)
      applyTxn(tree, txn, 1n, stamp, null)
      digest.settle(stamp.zxid)
    }
    expect(digest.value()).toBe(treeDigest(tree).value())
  })
})
