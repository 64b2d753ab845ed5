/** Apache's C client cannot tell whose server answers. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { patience, type Told, tellingOf, withEachServer } from './conversation.ts'

withEachServer('the C client', ['libzookeeper-st-dev', 'gcc'], server => {
  let folder: string
  let told: Told
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'interop-c-'))
    const program = path.join(folder, 'talk')
    const source = path.join(import.meta.dirname, 'c-client-talk.c')
    execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', program, source, '-lzookeeper_st'])
    told = await tellingOf(program, server().address)
  }, patience)
  afterAll(() => rmSync(folder, { recursive: true }))

  /** The answers to these steps, in the program's words. */
  const said = (...steps: string[]) => steps.map(step => told.get(step))

  test('the session gets the timeout it asks for', () => {
    expect(said('timeout')).toEqual(['4000'])
  })

  test('what was created is read back; no data, empty data and some data are three things', () => {
    expect(said('create', 'create with null data', 'create with no data')).toEqual([
      '/c',
      '/c/null',
      '/c/empty',
    ])
    expect(said('get', 'get null data', 'get no data')).toEqual([
      "'first', version 0",
      'null, version 0',
      "'', version 0",
    ])
  })

  test('a set answers with the new Stat, and so does exists', () => {
    const stat = 'version 1, cversion 2, 6 bytes, 2 children, persistent'
    expect(said('set', 'get again', 'exists')).toEqual([stat, "'second', version 1", stat])
  })

  test('children are listed with and without the Stat, and sync answers with the path', () => {
    expect(said('children', 'children with stat', 'sync')).toEqual([
      'empty null',
      'version 1, cversion 2, 6 bytes, 2 children, persistent',
      '/c',
    ])
  })

  test("a sequential name counts the parent's children so far", () => {
    expect(said('sequential')).toEqual(['/c/n-0000000002'])
  })

  test('what cannot be done is refused by name', () => {
    expect(said('create again', 'create without parent', 'get missing')).toEqual([
      'node exists',
      'no node',
      'no node',
    ])
    expect(said('set wrong version', 'delete wrong version')).toEqual(['bad version', 'bad version'])
    expect(said('delete with children')).toEqual(['not empty'])
  })

  test('what was deleted is gone', () => {
    expect(said('delete', 'exists after delete')).toEqual(['ok', 'no node'])
  })

  test('a multi happens as a whole, or not at all and says which part is to blame', () => {
    expect(said('multi', "multi's answers")).toEqual(['ok, ok, ok, ok', '/c/multi, version 1'])
    expect(said('multi that fails', 'nothing of it happened')).toEqual([
      'no node, ok, no node, run time inconsistency',
      "'22', version 1",
    ])
  })

  test('a watch on a missing node fires when it is created', () => {
    expect(said('watch a missing node', 'create the missing node', 'watch for creation')).toEqual([
      'no node',
      '/c/soon',
      'created /c/soon, connected',
    ])
  })

  test('watches fire for data, children and deletion', () => {
    expect(said('watch for data', 'watch for children', 'watch for deletion')).toEqual([
      'changed /c/soon, connected',
      'child /c/soon, connected',
      'deleted /c/soon/child, connected',
    ])
  })

  test('an ephemeral node goes when the session that made it says goodbye', () => {
    expect(said('create ephemeral', 'watch the ephemeral', 'ephemeral after a goodbye')).toEqual([
      '/c/brief',
      'version 0, cversion 0, 0 bytes, 0 children, ephemeral',
      'deleted /c/brief, connected',
    ])
  })

  test('the talk comes to its end', () => {
    expect(said('end')).toEqual(['of the talk'])
  })
})
