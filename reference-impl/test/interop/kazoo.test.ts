/** The Python client, with a recipe of its own on top, cannot tell whose server answers. */
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { patience, type Told, tellingOf, withEachServer } from './conversation.ts'
import { python } from './packages.ts'

withEachServer('kazoo', ['python3-kazoo'], server => {
  let told: Told
  beforeAll(async () => {
    told = await tellingOf(python, path.join(import.meta.dirname, 'kazoo-talk.py'), server().address)
  }, patience)

  /** The answers to these steps, in the script's words. */
  const said = (...steps: string[]) => Object.fromEntries(steps.map(step => [step, told.get(step)]))

  test('what was created is read back, with its Stat', () => {
    expect(said('create', 'create2', 'read', 'read version', 'read children', 'age below a minute')).toEqual({
      create: '/kazoo',
      create2: '/kazoo/two',
      read: 'first',
      'read version': '0',
      'read children': '1',
      'age below a minute': 'True',
    })
  })

  test('a set replaces the data, whatever its bytes, and counts the version up', () => {
    expect(said('set version', 'read again', 'empty data', 'large data')).toEqual({
      'set version': '1',
      'read again': 'zweites ✓',
      'empty data': 'True',
      'large data': '900000',
    })
  })

  test('children are listed, sync answers with the path, and what is deleted is gone', () => {
    expect(said('children', 'children with stat', 'sync', 'delete', 'exists after delete')).toEqual({
      children: "['one', 'two']",
      'children with stat': '2',
      sync: '/kazoo',
      delete: 'True',
      'exists after delete': 'None',
    })
  })

  test('a list lets in those whom it means, holds for its node alone and hides its hashes', () => {
    const expected = {
      'own node read by its owner': 'hers',
      'own node read by another': 'NoAuthError',
      'own node set by another': 'NoAuthError',
      'child made by another': 'NoAuthError',
      'list read by another': 'NoAuthError',
      'stored list is the one asked for': 'True',
      'nothing is inherited': '0',
      'child deleted by another': 'NoAuthError',
      'hash shown to a reader': 'ann:x',
      'auth has become the owner': 'True',
      'auth of nobody': 'InvalidACLError',
      'no list': 'InvalidACLError',
      'list version': '1',
      'logged in later': '1',
      'shut for its maker': 'NoAuthError',
      'open for super': '0',
    }
    expect(said(...Object.keys(expected))).toEqual(expected)
  })

  test('what cannot be done is refused by name', () => {
    expect(
      said(
        'create again',
        'create without parent',
        'get missing',
        'set wrong version',
        'delete wrong version',
        'delete with children',
        'child of an ephemeral',
      ),
    ).toEqual({
      'create again': 'NodeExistsError',
      'create without parent': 'NoNodeError',
      'get missing': 'NoNodeError',
      'set wrong version': 'BadVersionError',
      'delete wrong version': 'BadVersionError',
      'delete with children': 'NotEmptyError',
      'child of an ephemeral': 'NoChildrenForEphemeralsError',
    })
  })

  test('a transaction happens as a whole, or not at all and says which part is to blame', () => {
    expect(said('transaction', 'transaction that fails', 'nothing of it happened')).toEqual({
      transaction: "['/whole', 1, True, '/whole/n-0000000000']",
      'transaction that fails': "['RolledBackError', 'BadVersionError', 'RuntimeInconsistency']",
      'nothing of it happened': "[None, ['n-0000000000']]",
    })
  })

  test('sequential names count up, persistent and ephemeral alike', () => {
    expect(said('sequence', 'ephemeral sequence')).toEqual({
      sequence: "['0000000000', '0000000001', '0000000002']",
      'ephemeral sequence': '/sequence/e-0000000003',
    })
  })

  test('each watch fires once, for the first change', () => {
    expect(
      said(
        'watch for creation',
        'watch for data',
        'watch for children',
        'watch for deletion',
        'events of each watch',
      ),
    ).toEqual({
      'watch for creation': 'CREATED /soon',
      'watch for data': 'CHANGED /soon',
      'watch for children': 'CHILD /soon',
      'watch for deletion': 'DELETED /soon/child',
      'events of each watch': '[1, 1, 1, 1, 1]',
    })
  })

  test('two hundred requests under way at once are answered in order', () => {
    expect(said('200 under way')).toEqual({ '200 under way': 'True' })
  })

  test('the lock recipe shuts a second session out until the first lets go', () => {
    expect(said('lock', 'lock taken', 'lock contenders', 'lock free again')).toEqual({
      lock: 'True',
      'lock taken': 'False',
      'lock contenders': "['first']",
      'lock free again': 'True',
    })
  })

  test('a session that only pings outlives its timeout', () => {
    expect(said('idle beyond the timeout')).toEqual({ 'idle beyond the timeout': 'True' })
  })

  test('a broken connection costs neither the session nor its ephemeral nodes', () => {
    expect(said('after the break', 'session after the break', 'ephemeral after the break')).toEqual({
      'after the break': "['SUSPENDED', 'CONNECTED']",
      'session after the break': 'True',
      'ephemeral after the break': 'True',
    })
  })

  test('a goodbye takes the ephemeral nodes along, and the session stays closed', () => {
    expect(said('ephemeral after a goodbye', 'closed session stays closed')).toEqual({
      'ephemeral after a goodbye': 'DELETED /mine',
      'closed session stays closed': 'True',
    })
  })

  test('a wrong password does not take over a living session', () => {
    expect(said('wrong password gets another session', 'session after the theft')).toEqual({
      'wrong password gets another session': 'True',
      'session after the theft': 'True',
    })
  })

  test('the talk comes to its end', () => {
    expect(told.get('end')).toBe('of the talk')
  })
})
