/** Our shell, at work on Apache's server and on ours; and beside Apache's shell, which must say the same of what is there. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../../../course/paths.ts'
import { wordsOf } from '../../bin/shell/words.ts'
import { patience, withEachServer } from './conversation.ts'
import { zkCli } from './zk-cli.ts'

interface Ran {
  code: number
  said: string[]
  complained: string[]
}

const lines = (text: string): string[] => text.split('\n').filter(line => line !== '')

/** Runs the shell with these arguments; `input` is piped in. */
function shell(args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const program = path.join(root, 'reference-impl', 'bin', 'zk-cli.mjs')
    const child = execFile(
      process.execPath,
      [program, ...args],
      { timeout: patience },
      (error, out, complaints) => {
        const code = error === null ? 0 : error.code
        if (typeof code !== 'number') reject(error)
        else resolve({ code, said: lines(out), complained: lines(complaints) })
      },
    )
    child.stdin!.end(input)
  })
}

withEachServer('zk-cli', [], server => {
  const told = (...commands: string[]): Promise<Ran> =>
    shell(['-server', server().address], commands.map(command => `${command}\n`).join(''))

  test('does what it is told line by line, and says what was refused', async () => {
    const { code, said, complained } = await told(
      'create /shell "two words"',
      'get /shell',
      'set -v 0 /shell new',
      'set -v 0 /shell newer',
      '# a remark',
      'create -s /shell/n-',
      'create -e /shell/here',
      'ls /shell',
      'delete /shell',
      'create /missing/node',
      'getEphemerals /shell',
      'getAllChildrenNumber /shell',
      'deleteall /shell',
      'stat /shell',
      'sett /shell',
      'get',
      'quit',
      'ls /',
    )
    expect(said).toEqual([
      'Created /shell',
      'two words',
      'Created /shell/n-0000000000',
      'Created /shell/here',
      '[here, n-0000000000]',
      '[/shell/here]',
      '2',
    ])
    expect(complained).toEqual([
      'setData /shell: the node has another version, so somebody has changed it since (BADVERSION)',
      'delete /shell: it has children; deleteall deletes them too (NOTEMPTY)',
      'create2 /missing/node: there is no such node, or none above it (NONODE)',
      'there is no node /shell',
      'there is no command sett: did you mean set, setAcl, setquota?',
      'something is missing: get [-s] [-w] [-b|-x] path',
    ])
    expect(code).toBe(1)
  })

  test('shows events as they come, and none that were taken back', async () => {
    const { code, said } = await told(
      'create /seen',
      'get -w /seen',
      'set /seen x',
      'addWatch /seen',
      'create /seen/child y',
      'removewatches /seen',
      'set /seen/child z',
      'printwatches off',
      'get -w /seen',
      'deleteall /seen',
    )
    expect(code).toBe(0)
    expect(said).toEqual([
      'Created /seen',
      'null',
      'WATCHER:: NodeDataChanged /seen',
      'WATCHER:: NodeCreated /seen/child',
      'Created /seen/child',
      'WATCHER:: PersistentWatchRemoved /seen',
      'printwatches is off',
      'x',
    ])
  })

  test('follows a branch with a client that outlives its sessions', async () => {
    const { code, said } = await told(
      'create /followed one',
      'create /followed/child two',
      'follow /followed',
      'deleteall /followed',
    )
    expect(code).toBe(0)
    expect(said.slice(2, 5)).toEqual([
      'The connection is CONNECTED',
      'created /followed one',
      'created /followed/child two',
    ])
  })

  test('takes and shows what is no text, and waits for what others have written', async () => {
    const { code, said, complained } = await told(
      'create /bytes',
      'set -b /bytes AAH/aGVsbG8=',
      'get -b /bytes',
      'get -x /bytes',
      'get /bytes',
      'set -b /bytes no!',
      'sync /',
      'reconfig -members server.1=a:1:2;3 -add server.2=b:1:2;3',
      'removewatches -l /bytes',
      'delete /bytes',
      'exit',
      'ls /',
    )
    expect(said).toEqual([
      'Created /bytes',
      'AAH/aGVsbG8=',
      `00000000  00 01 ff 68 65 6c 6c 6f${' '.repeat(26)}...hello`,
      '0x0001ff68656c6c6f',
      'Sync is OK',
    ])
    expect(complained).toEqual([
      'no! is no base64',
      '-members and -file name all servers: nobody is left for -add or -remove',
      'removeWatches /bytes: this session has no such watch on it (NOWATCHER)',
    ])
    expect(code).toBe(1)
  })

  test('does several writes at once or none', async () => {
    const { said, complained } = await told(
      'multi "create /all 1" "set -v 0 /all 2" "check -v 1 /all"',
      'multi "create /none" "delete /all -v 9"',
      'multi "ls /"',
      'ls /',
      'delete /all',
    )
    expect(said).toEqual(['Created /all', 'set', 'check', '[all, zookeeper]'])
    expect(complained).toEqual([
      'write 2 of 2, delete /all: the node has another version, so somebody has changed it since (BADVERSION)',
      'ls cannot be a part of multi: only create, set, delete and check can',
    ])
  })

  test('guards nodes by lists, and knows who it is', async () => {
    const { said, complained } = await told(
      'create /guarded x',
      'addauth digest ann:secret',
      'setAcl /guarded auth::cdrwa,world:anyone:r',
      'getAcl /guarded',
      'setAcl /guarded nobody',
      'setAcl /guarded world:anyone:x',
      'delete /guarded',
    )
    expect(said[0]).toBe('Created /guarded')
    expect(said.slice(1).sort()).toEqual(
      [': cdrwa', ': r', "'digest,'ann:7RJfAeIvrl4zdj6sS2fXrQHDvHM=", "'world,'anyone"].sort(),
    )
    expect(complained).toEqual([
      'nobody is no list of scheme:id:perms, with perms of the letters cdrwa',
      'world:anyone:x is no list of scheme:id:perms, with perms of the letters cdrwa',
    ])
  })

  test('answers one command for a program, as JSON', async () => {
    const at = ['-server', server().address]
    const made = await shell([...at, '--json', 'create', '/json', '{"a":1}'])
    expect(made.code).toBe(0)
    expect(JSON.parse(made.said[0]!)).toMatchObject({ path: '/json', stat: { dataLength: 7, version: 0 } })
    const read = await shell([...at, '--json', 'get', '/json'])
    expect(JSON.parse(read.said[0]!)).toMatchObject({ path: '/json', data: '{"a":1}' })
    const refused = await shell([...at, '--json', 'get', '/nowhere'])
    expect(refused).toMatchObject({ code: 1, said: [] })
    expect(JSON.parse(refused.complained[0]!)).toMatchObject({ code: -101 })
    await shell([...at, 'delete', '/json'])
    expect((await shell([...at, 'sett', '/json'])).code, 'as with zkCli.sh').toBe(127)
  })
})

withEachServer('zk-cli beside zkCli.sh', ['zookeeper'], server => {
  test('says the same of what is there', { timeout: patience }, async () => {
    const commands = [
      'create /both "a text"',
      'create /both/one 1',
      'create -s /both/two- 2',
      'ls -R /',
      'ls /both',
      'ls -s /both',
      'get -s /both/one',
      'stat /both/two-0000000001',
      'getAcl /both',
      'getAcl -s /both',
      'getAllChildrenNumber /both',
      'whoami',
    ]
    const { said } = await shell(['-server', server().address], commands.join('\n'))
    const cli = await zkCli(server().address)
    const theirs: string[] = []
    for (const command of commands) {
      if (command.startsWith('create')) continue
      theirs.push(...(await cli.ask(command)))
    }
    await cli.quit()
    // Theirs lists a whole tree by levels.
    const sorted = (all: readonly string[]): string[] => [...all].sort()
    expect(sorted(said.slice(3))).toEqual(sorted(theirs))
  })
})

describe('a line of the shell', () => {
  test.each([
    ['get /a', ['get', '/a']],
    ['  set /a  "b c" ', ['set', '/a', 'b c']],
    ['set /a \'it is "so"\'', ['set', '/a', 'it is "so"']],
    ['set /a "a \\"b\\" \\\\"', ['set', '/a', 'a "b" \\']],
    ["set /a ''", ['set', '/a', '']],
    ['a\\ b', ['a b']],
    ['', []],
  ])('%j is the words %j', (line, words) => {
    expect(wordsOf(line)).toEqual({ words })
  })

  test.each([
    ['get "/a', 'a " is not closed'],
    ["get '/a", "a ' is not closed"],
    ['get /a\\', 'there is nothing behind the \\ at the end'],
  ])('%j is refused: %s', (line, error) => {
    expect(wordsOf(line)).toEqual({ error })
  })
})
