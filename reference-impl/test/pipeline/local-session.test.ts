import { expect, test } from 'vitest'
import { mustUpgrade } from '../../src/pipeline/local-session.ts'
import type { Write } from '../../src/pipeline/request.ts'
import { Code } from '../../src/wire/errors.ts'
import { CreateMode, OpCode } from '../../src/wire/opcodes.ts'

const node = { path: '/a', data: null, acl: [] }
const creating = (flags: number, type: 1 | 15 = OpCode.create): Write => ({
  type,
  request: { ...node, flags },
})
const container: Write = { type: OpCode.createContainer, request: { ...node, flags: 4 } }
const withTtl: Write = { type: OpCode.createTTL, request: { ...node, flags: 5, ttl: 1n } }
const setting: Write = { type: OpCode.setData, request: { path: '/a', data: null, version: -1 } }
const multi = (...writes: Write[]): Write => ({ type: OpCode.multi, writes })

test.each([
  creating(CreateMode.EPHEMERAL),
  creating(CreateMode.EPHEMERAL_SEQUENTIAL, OpCode.create2),
  multi(setting, creating(CreateMode.EPHEMERAL), setting),
])('a local session becomes one that all know, or is refused, before %j', write => {
  expect(mustUpgrade(write, true)).toBe(true)
  expect(() => mustUpgrade(write, false)).toThrow(
    expect.objectContaining({ code: Code.EPHEMERALONLOCALSESSION }),
  )
})

test.each([
  creating(CreateMode.PERSISTENT),
  creating(CreateMode.PERSISTENT_SEQUENTIAL, OpCode.create2),
  container,
  // The mode decides, and there is none with this number.
  creating(99),
  multi(setting, creating(CreateMode.PERSISTENT)),
  multi(),
  setting,
  { type: OpCode.closeSession } as const,
])('and stays local before %j', write => {
  expect([mustUpgrade(write, true), mustUpgrade(write, false)]).toEqual([false, false])
})

// By itself, because what has a bigint in it cannot stand in a name.
test('and before a node with a time to live', () => {
  expect(mustUpgrade(withTtl, false)).toBe(false)
})
