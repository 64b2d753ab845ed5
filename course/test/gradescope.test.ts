/** The autograder as Gradescope would run it: unpacked into a folder like its own, one submission after the other. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findSandbox } from '../grade/sandbox.ts'
import type { GradescopeResults } from '../grade/writers/gradescope.ts'
import { referenceSource, root } from '../paths.ts'
import { linkPackages, type Outcome, runIn } from './copy.ts'
import { readZip, type ZipEntry } from './zip.ts'

const solution = readFileSync(path.join(referenceSource, 'wire/jute.ts'), 'utf8')

describe.skipIf(findSandbox().kind === 'none')('the autograder for Gradescope', { timeout: 120_000 }, () => {
  const place = mkdtempSync(path.join(tmpdir(), 'autograder-'))
  const at = (...parts: string[]) => path.join(place, ...parts)
  let entries: ZipEntry[]
  let packed: Outcome

  beforeAll(async () => {
    packed = await runIn(root, ['pack', '--gradescope', at('bundle.zip'), '--labs', '04'])
    entries = await readZip(readFileSync(at('bundle.zip')))
    for (const { name, contents, mode } of entries) {
      mkdirSync(path.dirname(at('source', name)), { recursive: true })
      writeFileSync(at('source', name), contents)
      chmodSync(at('source', name), mode)
    }
    mkdirSync(at('results'))
    linkPackages(at('source', 'course-files', 'node_modules'))
    // Bubblewrap as it is in most containers: there, and of no use.
    mkdirSync(at('bin'))
    writeFileSync(at('bin', 'bwrap'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  }, 120_000)
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  function run(text: string, variables: Record<string, string> = {}): { code: number | null; said: string } {
    rmSync(at('submission'), { recursive: true, force: true })
    mkdirSync(at('submission'))
    writeFileSync(at('submission', 'jute.ts'), text)
    const { status, stdout, stderr } = spawnSync(at('source', 'run_autograder'), [], {
      cwd: place,
      encoding: 'utf8',
      env: {
        ...process.env,
        AUTOGRADER: place,
        NO_COLOR: '1',
        FORCE_COLOR: undefined,
        VITEST: undefined,
        ...variables,
      },
    })
    return { code: status, said: stdout + stderr }
  }

  const results = () => JSON.parse(readFileSync(at('results', 'results.json'), 'utf8')) as GradescopeResults
  const isRoot = process.getuid?.() === 0
  const container = { PATH: `${at('bin')}:${process.env.PATH}` }

  test('has its two scripts at the root, the hidden tests, and nothing of solutions that grading does not take', () => {
    expect(packed.code, packed.output).toBe(0)
    const names = entries.map(({ name }) => name)
    expect(names.filter(name => !name.startsWith('course-files/'))).toEqual(['setup.sh', 'run_autograder'])
    expect(names).toContain('course-files/solutions/04-serialization/hidden/reader.test.ts')
    expect(
      names.filter(name =>
        /solutions\/.*(mutants\.ts|alternative)|solutions\/.*README|node_modules/.test(name),
      ),
    ).toEqual([])
    for (const script of ['setup.sh', 'run_autograder']) {
      expect(statSync(at('source', script)).mode & 0o777).toBe(0o755)
      execFileSync('bash', ['-n', at('source', script)])
      expect(readFileSync(at('source', script), 'utf8')).not.toContain('LABS')
    }
  })

  test('gives a perfect submission all points, and the course is closed to other users', () => {
    const { code, said } = run(solution)
    expect(code, said).toBe(0)
    expect(results().score).toBe(100)
    expect(said).toContain('Sandbox: bubblewrap')
    for (const folder of ['source', 'results', 'submission'])
      expect(statSync(at(folder)).mode & 0o777).toBe(0o700)
  })

  test.runIf(isRoot)(
    'in a container without bubblewrap, a submission reads no hidden test and forges no result',
    () => {
      const hidden = at('source', 'course-files', 'solutions', '04-serialization', 'hidden', 'reader.test.ts')
      const spy = `${solution}
const node = (name: string): any => (process as any).getBuiltinModule(name)
const tries = [
  () => node('fs').readFileSync(${JSON.stringify(hidden)}),
  () => node('fs').writeFileSync(${JSON.stringify(at('results', 'results.json'))}, '{"score":1000}'),
  () => node('child_process').execFileSync('cat', [${JSON.stringify(hidden)}]),
  () => node('fs').readFileSync('/proc/' + process.ppid + '/environ'),
]
const got = tries.filter(each => { try { each(); return true } catch { return false } })
if (got.length > 0) throw new Error(got.join(', '))`
      const { code, said } = run(spy, container)
      expect(code, said).toBe(0)
      expect(results().score, said).toBe(100)
      expect(said).toContain("Sandbox: user 65534 and Node's permissions")
    },
  )

  test.runIf(isRoot)(
    'where the hidden tests would lie open it grades nobody, and leaves no result behind',
    () => {
      writeFileSync(at('bin', 'chmod'), '#!/bin/sh\nexit 0\n', { mode: 0o755 })
      chmodSync(at('source'), 0o755)
      chmodSync(place, 0o755)
      const { code, said } = run(solution, container)
      rmSync(at('bin', 'chmod'))
      expect(code).toBe(2)
      expect(said).toContain('close the course to others:\nchmod 700 ')
      expect(existsSync(at('results', 'results.json'))).toBe(false)
    },
  )
})
