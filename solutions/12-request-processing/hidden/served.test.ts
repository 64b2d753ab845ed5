import { describe, expect, test } from 'vitest'
import { Code } from '#lab/wire/errors.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import * as records from '#lab/wire/records.ts'
import { everyone, type Request, serve } from '../../served.ts'

const create = (path: string, flags = 0): Request => [
  OpCode.create,
  out => records.writeCreateRequest(out, { path, data: null, acl: everyone, flags }),
]
const set = (path: string, version: number): Request => [
  OpCode.setData,
  out => records.writeSetDataRequest(out, { path, data: null, version }),
]
const remove = (path: string): Request => [
  OpCode.delete,
  out => records.writeDeleteRequest(out, { path, version: -1 }),
]
/** Creates both, or neither. */
const both = (...paths: string[]): Request => [
  OpCode.multi,
  out => {
    for (const path of paths) {
      records.writeMultiHeader(out, { type: OpCode.create, done: false, err: -1 })
      records.writeCreateRequest(out, { path, data: null, acl: everyone, flags: 0 })
    }
    records.writeMultiHeader(out, { type: -1, done: true, err: -1 })
  },
]

const OK = 0

describe('A. Change what is there', () => {
  test("of three clients' wishes for version 1 that come in one packet, one is granted", () => {
    const client = serve().connect()
    client.create('/a')
    expect(
      client.burst(set('/a', 0), set('/a', 0), set('/a', 0), set('/a', 1)),
      'setData /a if it has version 0, three times, then if it has version 1. (chapter 12, "The tree as it will be")',
    ).toEqual([OK, Code.BADVERSION, Code.BADVERSION, OK])
    expect(client.stat('/a')).toMatchObject({ version: 2 })
  })
})

describe('B. Create a node', () => {
  test('in one packet a parent, its child, the child again and two in sequence', () => {
    const client = serve().connect()
    expect(
      client.burst(create('/a'), create('/a/b'), create('/a/b'), create('/a/s-', 2), create('/a/s-', 2)),
      'create /a, /a/b, /a/b again, /a/s- twice. (chapter 12, "The tree as it will be")',
    ).toEqual([OK, OK, Code.NODEEXISTS, OK, OK])
    expect((client.children('/a') as string[]).sort()).toEqual(['b', 's-0000000001', 's-0000000002'])
  })

  test('a write that fails takes a zxid like any other', () => {
    const client = serve().connect()
    client.burst(create('/a'), create('/a'), create('/b'))
    const [a, b] = ['/a', '/b'].map(path => (client.stat(path) as records.Stat).czxid)
    expect(b! - a!, 'between /a and /b one create failed. (chapter 12, "Failures are transactions")').toBe(2n)
  })
})

describe('C. Delete a node', () => {
  test('in one packet a node comes, goes, and comes again', () => {
    const client = serve().connect()
    expect(
      client.burst(
        create('/a'),
        create('/a/b'),
        remove('/a'),
        remove('/a/b'),
        remove('/a'),
        remove('/a'),
        create('/a'),
      ),
      'create /a, /a/b; delete /a, /a/b, /a, /a; create /a. (chapter 12, "The tree as it will be")',
    ).toEqual([OK, OK, Code.NOTEMPTY, OK, OK, Code.NONODE, OK])
    expect(client.children('/a')).toEqual([])
  })
})

describe('D. All or nothing', () => {
  test('in one packet a multi that fails leaves nothing for those behind it', () => {
    const client = serve().connect()
    const codes = client.burst(both('/a', '/a/b', '/none/c'), both('/b', '/b/c'), create('/a'), remove('/b'))
    // The header of a multi's reply says OK either way; the errors are in its parts.
    expect(
      codes,
      'multi [/a, /a/b, /none/c], multi [/b, /b/c], create /a, delete /b. (chapter 12, "All or nothing")',
    ).toEqual([OK, OK, OK, Code.NOTEMPTY])
    expect(client.children('/a')).toEqual([])
    expect(client.children('/b')).toEqual(['c'])
  })
})

describe('E. End a session', () => {
  test('ephemeral nodes that were created in the last packet of a session go with it', () => {
    const server = serve()
    const watching = server.connect()
    watching.create('/p')
    const leaving = server.connect()
    leaving.create('/p/early', 1)
    expect(
      leaving.burst(create('/p/late', 1), [OpCode.closeSession, () => {}]),
      'create /p/late as an ephemeral node, close the session. (chapter 12, "The end of a session")',
    ).toEqual([OK, OK])
    expect(watching.children('/p')).toEqual([])
    expect(watching.burst(remove('/p'))).toEqual([OK])
  })
})
