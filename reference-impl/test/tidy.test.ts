import { describe, expect, test } from 'vitest'
import { labs } from '../../course/manifest.ts'
import {
  badNames,
  bannedWords,
  cycles,
  deadExports,
  focusedTests,
  referenceSources,
  repositorySources,
  type Source,
  scan,
  untracked,
  wrongFloors,
} from './tidy.ts'

describe('the house is tidy', () => {
  const sources = referenceSources()
  const repository = repositorySources()

  test('every import points downward, and to the file itself', () => {
    expect(wrongFloors(sources)).toEqual([])
  })

  test('no files import each other in a ring', () => {
    expect(cycles(sources)).toEqual([])
  })

  test('nothing below the client waits, reads a clock, rolls dice or touches the system', () => {
    expect(bannedWords(sources)).toEqual([])
  })

  test('every file is named in kebab-case', () => {
    expect(badNames(sources)).toEqual([])
  })

  test('no test runs alone', () => {
    expect(focusedTests(repository.filter(({ file }) => file.endsWith('.test.ts')))).toEqual([])
  })

  test('somebody uses what is exported', () => {
    // The stubs use Todo; the compiler's output and what a lab asks for are complete, used by our server or not.
    const apart = ['lib/todo', 'wire/records', ...labs.flatMap(({ swaps }) => swaps)]
    const written = sources.filter(({ file }) => !apart.includes(file.replace('.ts', '')))
    expect(deadExports(written, repository)).toEqual([])
  })

  test('every file that somebody might need is tracked', () => {
    expect(untracked()).toEqual([])
  })
})

describe('the rules catch what they are for', () => {
  const source = (file: string, ...lines: string[]): Source => ({ file, text: lines.join('\n') })

  test('an import of a floor above, of another world and of a package', () => {
    const complaints = wrongFloors([
      source(
        'state/data-tree.ts',
        "import { a } from '../wire/records.ts'",
        "import type { b } from '../server/config.ts'",
      ),
      source('server/standalone.ts', 'import {', '  nodeWorld,', "} from '../world/node/node-world.ts'"),
      source(
        'storage/snapshot.ts',
        "import fs from 'node:fs'",
        "import 'lodash'",
        "// from '../server/x.ts'",
      ),
      source('protocols/paxos.ts', "import { Code } from '../wire/errors.ts'"),
      source('attic/x.ts', ''),
    ])
    expect(complaints.map(complaint => complaint.split(':').slice(0, 2).join(':'))).toEqual([
      'state/data-tree.ts:2',
      'server/standalone.ts:1',
      'storage/snapshot.ts:1',
      'storage/snapshot.ts:2',
      'protocols/paxos.ts:1',
      'attic/x.ts: stands on no floor; the floors are sim, recipes, client, admin, server, pipeline, zab, election, session, storage, state, protocols, wire, world, lib',
    ])
  })

  test('a ring of three files, once', () => {
    const ring = [
      source('wire/a.ts', "import { b } from './b.ts'"),
      source('wire/b.ts', "export { c } from './c.ts'"),
      source('wire/c.ts', "import type { a } from './a.ts'"),
    ]
    expect(cycles(ring)).toHaveLength(1)
    expect(cycles(ring)[0]).toContain('wire/a.ts → wire/b.ts → wire/c.ts → wire/a.ts')
  })

  test('a banned word in code, with its line and what to use instead', () => {
    const complaints = bannedWords([
      source('zab/leader.ts', '/** Date.now is banned. */', "const text = 'await'", 'const now = Date.now()'),
      source('world/node/node-clock.ts', 'const now = Date.now()'),
    ])
    expect(complaints).toHaveLength(1)
    expect(complaints[0]).toMatch(/^zab\/leader\.ts:3: Date\.now is banned here\. Use .*tick/)
  })

  test('code inside a template, but not its text, nor a quote inside a regular expression', () => {
    const { code } = scan(`const a = \`await \${b(process.pid)}\`; const c = /['"]/g; f(c) // await`)
    expect(code).toContain('process.')
    expect(code).toContain('f(c)')
    expect(code).not.toContain('await')
  })

  test('a test that runs alone', () => {
    expect(focusedTests([source('labs/x.test.ts', "test.only('a', () => {})")])).toHaveLength(1)
  })

  test('an export that nobody uses, though a comment names it', () => {
    const wire = source(
      'wire/zxid.ts',
      'export function epochOf() {}',
      'export const used = 1 // not epochOf',
    )
    const user = source('state/znode.ts', "import { used } from '../wire/zxid.ts'")
    expect(deadExports([wire], [wire, user])).toEqual(['wire/zxid.ts:1: nobody uses epochOf; take it out'])
  })

  test('a name with capitals', () => {
    expect(badNames([source('state/DataTree.ts', ''), source('state/data-tree.ts', '')])).toHaveLength(1)
  })
})
