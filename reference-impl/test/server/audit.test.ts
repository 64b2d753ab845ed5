/** What the audit log tells of requests that are not as they should be, and of what nobody asks for. */
import { describe, expect, test } from 'vitest'
import { OpCode } from '../../src/wire/opcodes.ts'
import * as records from '../../src/wire/records.ts'
import { creating, InProcess, open } from './in-process.ts'

function audited(): InProcess {
  return new InProcess('audit.enable=true\nextendedTypesEnabled=true\n', { serverUser: 'zookeeper' })
}

/** The audit log so far, without the session and the address. */
function linesOf(server: InProcess): string[] {
  return server.events
    .flatMap(event => (event.type === 'audit' ? [event.text] : []))
    .map(line => line.replace(/^session=\S+\t/, '').replace('user=127.0.0.1\tip=127.0.0.1\t', ''))
}

describe('an audit log', () => {
  test('tells of every kind of node that is made', () => {
    const server = audited()
    const client = server.session()
    for (const flags of [0, 1, 2, 3]) client.create('/a', '', flags)
    client.ask(OpCode.createContainer, creating('/c', '', 4))
    client.ask(OpCode.createTTL, out =>
      records.writeCreateTTLRequest(out, { path: '/t', data: null, acl: open, flags: 5, ttl: 1000n }),
    )
    expect(linesOf(server)).toEqual([
      'operation=create\tznode=/a\tznode_type=persistent\tresult=success',
      'operation=create\tznode=/a\tznode_type=ephemeral\tresult=failure',
      'operation=create\tznode=/a0000000001\tznode_type=persistent_sequential\tresult=success',
      'operation=create\tznode=/a0000000002\tznode_type=ephemeral_sequential\tresult=success',
      'operation=create\tznode=/c\tznode_type=container\tresult=success',
      'operation=create\tznode=/t\tznode_type=persistent_with_ttl\tresult=success',
    ])
  })

  test('tells of nodes that go with their session, in the name of the server', () => {
    const server = audited()
    server.session(4000).create('/a', '', 1)
    server.pass(10_000)
    expect(linesOf(server).slice(1)).toEqual([
      'user=zookeeper\toperation=ephemeralZNodeDeletionOnSessionCloseOrExpire\tznode=/a\tresult=success',
    ])
  })

  test('cannot be made to say what did not happen', () => {
    const server = audited()
    server.session().create('/a\tresult=success\nsession=0x1')
    expect(linesOf(server)).toEqual([
      'operation=create\tznode=/a result=success session=0x1\tznode_type=persistent\tresult=failure',
    ])
  })

  test('says nothing of reads and of garbage, and is not written unless it is asked for', () => {
    const server = audited()
    const client = server.session()
    client.exists('/')
    client.ask(OpCode.create)
    client.ask(OpCode.multi, out => out.int(7))
    expect(linesOf(server)).toEqual([])
    const silent = new InProcess()
    silent.session().create('/a')
    expect(linesOf(silent)).toEqual([])
  })
})
