import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Write } from '#lab/pipeline/request.ts'
import { codeName } from '#lab/wire/errors.ts'
import { CreateMode, OpCode } from '#lab/wire/opcodes.ts'
import type { Txn } from '#lab/wire/txn.ts'
import { history } from '../../../labs/12-request-processing/test/history.inside.ts'
import {
  apply,
  check,
  close,
  create,
  multi,
  order,
  remove,
  type Step,
  set,
  setAcl,
  story,
} from '../../../labs/12-request-processing/test/steps.ts'
import { Naive } from './model.ts'

/** A transaction as the naive server tells it. */
function short(txn: Txn): string | string[] {
  switch (txn.type) {
    case OpCode.create:
      return `create ${txn.record.path} ${txn.record.parentCVersion}${txn.record.ephemeral ? ' ephemeral' : ''}`
    case OpCode.delete:
      return `delete ${txn.record.path}`
    case OpCode.setData:
      return `setData ${txn.record.path} ${txn.record.version}`
    case OpCode.setACL:
      return `setACL ${txn.record.path} ${txn.record.version}`
    case OpCode.check:
      return `check ${txn.record.path}`
    case OpCode.closeSession:
      return `closeSession ${[...txn.record.paths2Delete!].sort().join(' ')}`
    case OpCode.error:
      return codeName(txn.record.err)
    case OpCode.multi:
      return txn.txns.map(each => short(each) as string)
    default:
      return `a transaction of type ${txn.type}`
  }
}

const path = fc.constantFrom('/a', '/b', '/a/x', '/a/y', '/b/x', '/a/x/z')
const version = fc.constantFrom(-1, -1, -1, 0, 1, 2)
const changes = fc.oneof(
  fc.tuple(path, version).map(([at, expected]) => set(at, expected)),
  fc.tuple(path, version).map(([at, expected]) => setAcl(at, undefined, expected)),
)
const creates = fc
  .tuple(path, fc.constantFrom(0, 0, 0, CreateMode.EPHEMERAL, CreateMode.PERSISTENT_SEQUENTIAL, 3))
  .map(([at, flags]) => create(at, flags))
const deletes = fc.tuple(path, version).map(([at, expected]) => remove(at, expected))
const checks = fc.tuple(path, version).map(([at, expected]) => check(at, expected))
const multis = fc
  .array(fc.oneof(creates, creates, creates, changes, deletes, checks), { maxLength: 5 })
  .map(writes => multi(...writes))

/** Whatever is ordered, and however late it is applied, comes to what the naive server says. */
function agree(write: fc.Arbitrary<Write>, section: string, runs = 60): void {
  const turn = fc.record({ write, by: fc.constantFrom(1n, 2n), applied: fc.integer({ min: 0, max: 2 }) })
  fc.assert(
    // Left alone, the library takes twelve turns at most.
    fc.property(fc.array(turn, { minLength: 1, maxLength: 30, size: 'max' }), turns => {
      const naive = new Naive()
      const steps = turns.flatMap(({ write, by, applied }): Step[] => [order(write, { by }), apply(applied)])
      const results = history([], steps)
      for (const [i, { write, by }] of turns.entries()) {
        const told = story(
          [],
          steps.slice(0, 2 * i + 1),
          `A server that does one thing at a time answers this. ${section}`,
        )
        expect(short(results[2 * i] as Txn), told).toEqual(naive.take(write, by))
      }
    }),
    { numRuns: runs },
  )
}

const ahead = '(chapter 12, "The tree as it will be")'

describe('B. Create a node', () => {
  test('creates and changes come to what a server says that does one thing at a time', () => {
    agree(fc.oneof(creates, creates, changes), ahead)
  })
})

describe('C. Delete a node', () => {
  test('deletes among creates come to what a server says that does one thing at a time', () => {
    agree(fc.oneof(creates, creates, changes, deletes), ahead)
  })
})

describe('D. All or nothing', () => {
  test('multis come to what a server says that does one thing at a time', () => {
    agree(fc.oneof(creates, changes, deletes, multis, multis), '(chapter 12, "All or nothing")', 150)
  })
})

describe('E. End a session', () => {
  test('whatever is ordered comes to what a server says that does one thing at a time', () => {
    agree(
      fc.oneof(creates, creates, deletes, multis, fc.constant(close)),
      '(chapter 12, "The end of a session")',
      150,
    )
  })
})
