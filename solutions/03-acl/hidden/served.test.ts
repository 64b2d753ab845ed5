/**
 * The lists inside a whole server: which operation asks for what, of which node. A client that logs in needs all parts of
 * the lab, so all of this is the last part's.
 */
import { describe, expect, test } from 'vitest'
import type { ACL } from '#lab/wire/records.ts'
import { ADMIN, ALL, CREATE, DELETE, entry, READ, WRITE } from '../../../labs/03-acl/test/people.ts'
import { type Client, everyone, serve } from '../../served.ts'

const noAuth = -102
const password = 'ann:secret'
const mine = [entry(ALL, 'auth:')]
const superCfg = 'DigestAuthenticationProvider.superDigest=super:D/InIHSb7yEEbrWz8b9l71RjZJU=\n'

/** A server, somebody who has logged in on it, and somebody who has not. */
function scene(cfg = ''): { connect(host?: string): Client; ann: Client; stranger: Client } {
  const server = serve(cfg)
  const ann = server.connect()
  ann.logIn('digest', password)
  return { connect: server.connect, ann, stranger: server.connect() }
}

const went = (answer: unknown): string =>
  answer === noAuth ? 'NOAUTH' : typeof answer === 'number' && answer < 0 ? String(answer) : 'done'

describe('D. Secrets', () => {
  test.each([
    ['READ', READ, { read: 'done', list: 'done', acl: 'done', exists: 'done' }],
    ['WRITE', WRITE, { set: 'done' }],
    ['CREATE', CREATE, { create: 'done' }],
    ['DELETE', DELETE, { remove: 'done' }],
    ['ADMIN', ADMIN, { acl: 'done', setACL: 'done' }],
    ['nothing', 0, {}],
  ])('behind a client, who has %s on a node may do this and no more', (_, perms, allowed) => {
    const { ann, stranger } = scene()
    ann.create('/node', 0, '', [entry(ALL, 'auth:'), entry(perms, 'world:anyone')])
    ann.create('/node/child')
    const answers = {
      read: went(stranger.get('/node')),
      exists: went(stranger.stat('/node')),
      list: went(stranger.children('/node')),
      acl: went(stranger.getACL('/node')),
      set: went(stranger.set('/node', 'x')),
      create: went(stranger.create('/node/other')),
      remove: went(stranger.delete('/node/child')),
      setACL: went(stranger.setACL('/node')),
    }
    const refused = Object.fromEntries(Object.keys(answers).map(name => [name, 'NOAUTH']))
    const because = '/node has a child that anyone may use. (chapter 03, "Which permission, of which node")'
    expect(answers, because).toEqual({ ...refused, ...allowed })
  })

  test('behind a client, a child of a locked node is not locked', () => {
    const { ann, stranger } = scene()
    ann.create('/locked', 0, '', mine)
    ann.create('/locked/child', 0, 'open', everyone)
    const because = 'Nothing is inherited. (chapter 03, "One node, one list")'
    expect(stranger.get('/locked'), because).toBe(noAuth)
    expect(stranger.get('/locked/child'), because).toBe('open')
  })

  test('behind a client, one’s own node is deleted by who has DELETE on its parent', () => {
    const { ann, stranger } = scene()
    ann.create('/box')
    ann.create('/box/mine', 0, '', mine)
    const because = 'DELETE of the parent decides. (chapter 03, "Which permission, of which node")'
    expect(stranger.delete('/box/mine'), because).toBe(0)
    ann.create('/shut', 0, '', [entry(READ, 'world:anyone')])
    expect(ann.delete('/shut'), `${because} The root is open.`).toBe(0)
  })

  test('behind a client, logins add up and begin to count at once', () => {
    const { connect, ann } = scene()
    ann.create('/a', 0, 'of ann', mine)
    const client = connect()
    expect(client.get('/a')).toBe(noAuth)
    client.logIn('digest', 'bob:x')
    expect(client.get('/a'), 'bob is not ann').toBe(noAuth)
    client.logIn('digest', password)
    expect(client.get('/a'), 'now he is both').toBe('of ann')
  })

  test('behind a client, super may do what no list gives', () => {
    const { connect, ann } = scene(superCfg)
    ann.create('/none', 0, 'x', [entry(0, 'world:anyone')])
    expect([ann.get('/none'), ann.setACL('/none')], 'ann has locked herself out').toEqual([noAuth, noAuth])
    const operator = connect()
    operator.logIn('digest', 'super:test')
    expect(operator.get('/none'), 'chapter 03, "The way back in"').toBe('x')
    expect(operator.setACL('/none')).toBe(0)
    expect(ann.get('/none')).toBe('x')
  })

  test('behind a client, a watcher is told of what it may read, and of nothing else', () => {
    const { ann, stranger } = scene()
    stranger.addWatch('/', true)
    stranger.heard()
    ann.create('/hidden-name', 0, '', mine)
    ann.set('/hidden-name', 'x')
    ann.create('/shown', 0, '', [entry(READ, 'world:anyone'), entry(ALL, 'auth:')])
    ann.delete('/hidden-name')
    const because = 'A path is news too. (chapter 03, "Who is told")'
    expect(stranger.events(), because).toEqual(['NodeCreated /shown'])
    ann.setACL('/shown', mine)
    ann.set('/shown', 'x')
    expect(stranger.events(), `${because} The list in force when it happens decides.`).toEqual([])
    ann.setACL('/shown', everyone)
    ann.delete('/shown')
    expect(stranger.events(), `${because} Of a deleted node it is the last one.`).toEqual([
      'NodeDeleted /shown',
    ])
  })

  test('behind a client, a server that skips lists skips them for all', () => {
    const { ann, stranger } = scene('skipACL=yes\n')
    ann.create('/a', 0, 'x', mine)
    expect([stranger.get('/a'), stranger.delete('/a')]).toEqual(['x', 0])
  })

  test('behind a client, auth is whoever asks, and stays so for others', () => {
    const { ann, stranger } = scene()
    expect(stranger.create('/a', 0, '', mine), 'who has not logged in means nobody').toBe(-114)
    expect(ann.create('/a', 0, '', mine)).toBe('/a')
    expect(ann.getACL('/a'), 'auth has given way to ann').toEqual([
      entry(ALL, 'digest:ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM='),
    ])
  })

  test('behind a client, a list that makes no sense is refused before anything else is looked at', () => {
    const { ann } = scene()
    expect(ann.create('/none/below', 0, '', []), 'INVALIDACL comes before NONODE').toBe(-114)
    expect(ann.setACL('/none', [entry(ALL, 'kerberos:x')])).toBe(-114)
  })

  test('behind a client, the address is where the connection comes from', () => {
    const { connect, ann } = scene()
    ann.create('/lan', 0, 'x', [entry(READ, 'ip:10.1.0.0/16')])
    expect(connect('10.1.2.3').get('/lan')).toBe('x')
    expect(connect('10.2.2.3').get('/lan')).toBe(noAuth)
    expect(ann.get('/lan'), 'ann comes from elsewhere').toBe(noAuth)
  })

  test('behind a client, hashes are shown to those who may change the list', () => {
    const { ann, stranger } = scene()
    ann.create('/a', 0, '', [entry(ALL, 'auth:'), entry(READ, 'world:anyone')])
    const because = 'ADMIN sees hashes, READ does not. (chapter 03, "Passwords")'
    expect(stranger.getACL('/a'), because).toEqual([entry(ALL, 'digest:ann:x'), entry(READ, 'world:anyone')])
    expect((ann.getACL('/a') as ACL[])[0]!.id.id, because).not.toBe('ann:x')
  })
})
