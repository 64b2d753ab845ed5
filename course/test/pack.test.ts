import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { labFolder, labs } from '../manifest.ts'
import { referenceSource, root, solutionRoot } from '../paths.ts'
import { regionsOf } from '../stubs.ts'
import { referenceFile } from '../swap.ts'
import { linkPackages, type Outcome, runIn } from './copy.ts'

describe('the handout', { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'handout-'))
  const at = (...parts: string[]) => path.join(folder, ...parts)
  let outcome: Outcome
  let files: string[]

  beforeAll(async () => {
    outcome = await runIn(root, ['pack', at('one')])
    files = filesIn(at('one'))
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('has nothing of any solution: no file of solutions/, no line of a hole', () => {
    expect(outcome.code, outcome.output).toBe(0)
    const made = labs.filter(lab => lab.status === 'made')
    const hidden = made.flatMap(lab =>
      filesIn(solutionRoot(lab)).map(name => readFileSync(path.join(solutionRoot(lab), name), 'utf8')),
    )
    const lines = labs.flatMap(lab =>
      lab.solved ? [] : lab.swaps.flatMap(swap => regionsOf(lab, source(swap)).flatMap(({ lines }) => lines)),
    )
    const tell = lines.map(line => line.trim()).filter(line => line.length > 30)
    const stubs = files.filter(name => /^labs\/.*\/src\//.test(name)).map(read)
    const unasked = filesIn(referenceSource)
      .filter(name => name.endsWith('.ts'))
      .map(name => readFileSync(path.join(referenceSource, name), 'utf8'))
      .filter(text => !text.includes('#region lab '))
    const open = [...stubs, ...unasked].join('\n')
    const secret = tell.filter(line => !open.includes(line))
    expect(secret.length).toBeGreaterThan(20)
    for (const name of files.filter(name => !name.endsWith('/hints.md'))) {
      const text = read(name)
      expect(hidden.includes(text), `${name} is a file of solutions/`).toBe(false)
      expect(
        secret.filter(line => text.includes(line)),
        name,
      ).toEqual([])
      if (!name.startsWith('course/')) expect(text.includes('#region lab '), name).toBe(false)
    }
    expect(files.filter(name => /solutions|hidden|mutants|grade|^course\/pack/.test(name))).toEqual([])
  })

  test('has a workflow that runs every lab, and nothing hidden, where the student keeps the work', () => {
    const text = read('.github/workflows/labs.yml')
    const ids = labs.filter(({ status, solved }) => status === 'made' && !solved).map(({ id }) => id)
    expect([...text.matchAll(/command: npm test (\d\d)/g)].map(([, id]) => id)).toEqual(ids)
    expect(text).toContain(`runners: ${ids.map(id => `lab${id}`).join(',')}\n`)
  })

  test('is the same, byte for byte, when it is made again', async () => {
    await runIn(root, ['pack', at('two')])
    expect(filesIn(at('two'))).toEqual(files)
    for (const name of files) {
      expect(readFileSync(at('two', name)).equals(readFileSync(at('one', name))), name).toBe(true)
    }
  })

  test('takes the place of an older handout, and of nothing else', async () => {
    const ours = at('one', 'README.md')
    writeFileSync(ours, 'older')
    expect((await runIn(root, ['pack', at('one')])).code).toBe(0)
    expect(readFileSync(ours, 'utf8')).toContain('npm ci')
    const theirs = mkdtempSync(path.join(folder, 'theirs-'))
    writeFileSync(path.join(theirs, 'thesis.txt'), 'years of work')
    const { code, output } = await runIn(root, ['pack', theirs])
    expect(code).toBe(2)
    expect(output).toContain('is not empty and holds no older handout')
    expect(readdirSync(theirs)).toEqual(['thesis.txt'])
  })

  test('is a course: the solved lab passes, a stub says what is to be done, types hold', async () => {
    linkPackages(at('one', 'node_modules'))
    const solved = await runIn(at('one'), ['test', '00'])
    expect(solved.output).toMatch(/(\d+) of \1 tests pass/)
    const stub = await runIn(at('one'), ['test', '04'])
    expect(stub.output).toContain('not written yet: A: write an int')
    expect(stub.output).not.toContain('TypeScript')
    const grade = await runIn(at('one'), ['grade', '.'])
    expect(grade.output).toContain("this is the students' handout")
  })

  test("the reference's solution passes there, on the built reference", async () => {
    const lab = labs.find(({ id }) => id === '04')!
    writeFileSync(at('one', 'labs', labFolder(lab), 'src/wire/jute.ts'), source('wire/jute'))
    const { code, output } = await runIn(at('one'), ['test', '04'])
    expect(code, output).toBe(0)
  })

  test('has programs that start, and a client to import, on the built reference', () => {
    const bin = at('one', 'reference-impl', 'bin')
    const programs = readdirSync(bin).filter(name => /^zk-.*\.mjs$/.test(name))
    expect(programs).toContain('zk-cli.mjs')
    for (const program of programs) {
      const said = execFileSync(process.execPath, [path.join(bin, program), '--help'], { encoding: 'utf8' })
      expect(said, program).toContain(`Usage: ${program.replace('.mjs', '')}`)
    }
    const use = `import { connect } from ${JSON.stringify(pathToFileURL(path.join(bin, 'client.mjs')).href)}
      try { await connect('no:server') } catch ({ name }) { console.log(name) }`
    const args = ['--input-type=module', '--eval', use]
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('KeeperError\n')
  })

  function read(name: string): string {
    return readFileSync(at('one', name), 'utf8')
  }
})

function source(swap: string): string {
  const file = referenceFile(swap)
  return file === null ? '' : readFileSync(file, 'utf8')
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort()
}
