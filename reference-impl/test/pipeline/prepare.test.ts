/** What a write becomes, judged by what was ordered before it and is not applied yet. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { factsOf, nothingOutstanding, settle } from '../../src/pipeline/outstanding.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import type { Write } from '../../src/pipeline/request.ts'
import { applyTxn } from '../../src/state/apply.ts'
import { childrenOf, emptyTree, ephemeralsOf, nodeAt } from '../../src/state/data-tree.ts'
import { openAcl, usualSchemes } from '../../src/state/identity.ts'
import { Code } from '../../src/wire/errors.ts'
import { CreateMode, OpCode } from '../../src/wire/opcodes.ts'
import type { Txn } from '../../src/wire/txn.ts'

const create = (path: string, flags: number = CreateMode.PERSISTENT): Write => ({
  type: OpCode.create,
  request: { path, data: null, acl: openAcl, flags },
})
const remove = (path: string, version = -1): Write => ({ type: OpCode.delete, request: { path, version } })
const set = (path: string, version = -1): Write => ({
  type: OpCode.setData,
  request: { path, data: null, version },
})
const check = (path: string, version: number): Write => ({ type: OpCode.check, request: { path, version } })
const multi = (...writes: Write[]): Write => ({ type: OpCode.multi, writes })
const close: Write = { type: OpCode.closeSession }

/** A server that orders at once and applies only when told to. */
class Ahead {
  readonly tree = emptyTree()
  readonly outstanding = nothingOutstanding(this.tree)
  readonly #waiting: { zxid: bigint; session: bigint; txn: Txn }[] = []
  #zxid = 0n

  order(write: Write, session = 1n, isAlive = true): Txn {
    const zxid = ++this.#zxid
    const situation = {
      zxid,
      isAlive,
      skipAcl: false,
      schemes: usualSchemes,
      extendedTypes: false,
      reconfigEnabled: false,
    }
    const txn = prepare(this.outstanding, write, { session, identities: [] }, situation)
    this.#waiting.push({ zxid, session, txn })
    return txn
  }

  /** The error that a write is ordered with; 0 for none. */
  fault(write: Write, session?: bigint, isAlive?: boolean): number {
    const txn = this.order(write, session, isAlive)
    return txn.type === OpCode.error ? txn.record.err : Code.OK
  }

  applyNext(): boolean {
    const next = this.#waiting.shift()
    if (next === undefined) return false
    const { zxid, session, txn } = next
    const outcome = applyTxn(this.tree, txn, session, { zxid, time: 0n }, null)
    const ordered = txn.type === OpCode.error ? txn.record.err : Code.OK
    expect(outcome.err, `transaction ${zxid} comes to what was foreseen`).toBe(ordered)
    settle(this.outstanding, zxid)
    return true
  }

  applyAll(): void {
    while (this.applyNext());
  }
}

describe('a write is judged by those ordered before it', () => {
  test('a node that is about to be created is there', () => {
    const ahead = new Ahead()
    expect(ahead.fault(create('/a'))).toBe(Code.OK)
    expect(ahead.fault(create('/a'))).toBe(Code.NODEEXISTS)
    expect(ahead.fault(create('/a/b'))).toBe(Code.OK)
    expect(ahead.fault(remove('/a'))).toBe(Code.NOTEMPTY)
  })

  test('a node that is about to be deleted is gone', () => {
    const ahead = new Ahead()
    ahead.order(create('/a'))
    ahead.applyAll()
    expect(ahead.fault(remove('/a'))).toBe(Code.OK)
    expect(ahead.fault(set('/a'))).toBe(Code.NONODE)
    expect(ahead.fault(create('/a/b'))).toBe(Code.NONODE)
    expect(ahead.fault(create('/a'))).toBe(Code.OK)
  })

  test('versions go on from those that are not applied', () => {
    const ahead = new Ahead()
    ahead.order(create('/a'))
    expect(ahead.order(set('/a', 0))).toMatchObject({ record: { version: 1 } })
    expect(ahead.fault(set('/a', 0))).toBe(Code.BADVERSION)
    expect(ahead.order(set('/a', 1))).toMatchObject({ record: { version: 2 } })
  })

  test('sequence numbers do not repeat, whether or not those before are applied or even deleted', () => {
    const ahead = new Ahead()
    const paths = [1, 2, 3, 4].map(round => {
      const txn = ahead.order(create('/s-', CreateMode.PERSISTENT_SEQUENTIAL))
      if (round === 2) ahead.applyAll()
      if (round === 3) ahead.order(remove('/s-0000000000'))
      return txn.type === OpCode.create ? txn.record.path : ''
    })
    expect(paths).toEqual(['/s-0000000000', '/s-0000000001', '/s-0000000002', '/s-0000000003'])
  })

  test('what was recorded is dropped when the tree has caught up', () => {
    const ahead = new Ahead()
    ahead.order(create('/a'))
    ahead.order(set('/a'))
    ahead.applyNext()
    expect(factsOf(ahead.outstanding, '/a')).toMatchObject({ version: 1 })
    ahead.applyAll()
    expect(ahead.outstanding.latest.size).toBe(0)
    expect(factsOf(ahead.outstanding, '/a')).toMatchObject({ version: 1 })
  })
})

describe('a multi', () => {
  test('that succeeds lets its later writes see the earlier', () => {
    const ahead = new Ahead()
    const txn = ahead.order(multi(create('/a'), create('/a/b'), set('/a', 0), check('/a', 1), remove('/a/b')))
    expect(txn).toMatchObject({
      type: OpCode.multi,
      txns: [{ type: 1 }, { type: 1 }, { type: 5 }, { type: 13 }, { type: 2 }],
    })
    ahead.applyAll()
    expect(nodeAt(ahead.tree, '/a')).toMatchObject({ version: 1, cversion: 1 })
    expect(childrenOf(ahead.tree, '/a')).toEqual([])
  })

  test('that fails leaves no trace, and what was outstanding before it stands', () => {
    const ahead = new Ahead()
    ahead.order(create('/a'))
    ahead.order(set('/a'))
    const failed = ahead.order(
      multi(set('/a'), create('/b'), remove('/a'), create('/a'), check('/b', 7), create('/c')),
    )
    expect(failed).toMatchObject({
      txns: [
        { type: OpCode.setData },
        { type: OpCode.create },
        { type: OpCode.delete },
        { type: OpCode.create },
        { type: OpCode.error, record: { err: Code.BADVERSION } },
        { type: OpCode.error, record: { err: Code.RUNTIMEINCONSISTENCY } },
      ],
    })
    expect(factsOf(ahead.outstanding, '/a')).toMatchObject({ version: 1 })
    expect(factsOf(ahead.outstanding, '/b')).toBe(null)
    expect(ahead.fault(set('/a', 1))).toBe(Code.OK)
    ahead.applyAll()
    expect(childrenOf(ahead.tree, '/').sort()).toEqual(['a', 'zookeeper'])
    expect(nodeAt(ahead.tree, '/a')).toMatchObject({ version: 2 })
  })
})

describe('the end of a session', () => {
  test('takes its ephemeral nodes along, those included that are only on their way', () => {
    const ahead = new Ahead()
    ahead.order(create('/p'))
    ahead.order(create('/p/applied', CreateMode.EPHEMERAL), 1n)
    ahead.order(create('/p/deleted', CreateMode.EPHEMERAL), 1n)
    ahead.applyAll()
    ahead.order(create('/p/waiting', CreateMode.EPHEMERAL), 1n)
    ahead.order(create('/p/other', CreateMode.EPHEMERAL), 2n)
    ahead.order(remove('/p/deleted'))
    const txn = ahead.order(close, 1n)
    expect(txn).toMatchObject({ record: { paths2Delete: ['/p/applied', '/p/waiting'] } })
    expect(ahead.fault(create('/p/applied'), 2n)).toBe(Code.OK)
    ahead.applyAll()
    expect(childrenOf(ahead.tree, '/p').sort()).toEqual(['applied', 'other'])
    expect(ephemeralsOf(ahead.tree, 1n)).toEqual([])
  })

  test('leaves a parent that can be deleted', () => {
    const ahead = new Ahead()
    ahead.order(create('/p'))
    ahead.order(create('/p/e', CreateMode.EPHEMERAL))
    ahead.order(close)
    expect(ahead.fault(remove('/p'), 2n)).toBe(Code.OK)
    ahead.applyAll()
  })

  test('makes its later writes fail', () => {
    const ahead = new Ahead()
    expect(ahead.fault(create('/a'), 1n, false)).toBe(Code.SESSIONEXPIRED)
    expect(ahead.fault(set('/'), 1n, false)).toBe(Code.SESSIONEXPIRED)
  })
})

test('whatever is ordered, however late it is applied, comes to what was foreseen', () => {
  const path = fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/b/x', '/a/x/z')
  const version = fc.constantFrom(-1, -1, 0, 1)
  const single: fc.Arbitrary<Write> = fc.oneof(
    fc.tuple(path, fc.integer({ min: 0, max: 3 })).map(([at, flags]) => create(at, flags)),
    fc.tuple(path, version).map(([at, expected]) => remove(at, expected)),
    fc.tuple(path, version).map(([at, expected]) => set(at, expected)),
  )
  const write = fc.oneof(
    { weight: 8, arbitrary: single },
    { weight: 3, arbitrary: fc.array(single, { maxLength: 4 }).map(writes => multi(...writes)) },
    { weight: 1, arbitrary: fc.constant(close) },
  )
  const step = fc.record({ write, session: fc.constantFrom(1n, 2n), applied: fc.integer({ min: 0, max: 3 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), script => {
      const late = new Ahead()
      const early = new Ahead()
      for (const { write, session, applied } of script) {
        // What one of them foresees, the other one has before its eyes.
        expect(late.order(write, session)).toEqual(early.order(write, session))
        early.applyAll()
        for (let count = 0; count < applied; count++) late.applyNext()
      }
      late.applyAll()
      expect(late.tree).toEqual(early.tree)
      expect(late.outstanding.latest.size).toBe(0)
    }),
    { numRuns: 500 },
  )
})
