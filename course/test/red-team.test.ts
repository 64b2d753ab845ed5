/**
 * Attacks on the grader, each hidden in a submission whose part A is honest work. None may earn more than that, none may
 * do harm, and the grade says what happened.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Grading } from '../grade/model.ts'
import { findSandbox, sandboxOrComplaint } from '../grade/sandbox.ts'
import { type SmallCourse, smallCourse, studentFile } from './small-course.ts'

interface Attack {
  /** What part B does instead of its work. */
  instead?: string
  /** What else is in the file. */
  beside?: string
  /** 60 is what part A is worth. */
  points: number
  reason: string
}

const honest = `export function count(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of text.split(' ')) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
`
/** However the course's fence is got round: Node's own modules, in the sandbox. */
const node = `const node = (name: string): any =>
  (process as any).getBuiltinModule?.(name) ?? (process as any).binding('natives') ?? {}
`
const canary = path.join(mkdtempSync(path.join(tmpdir(), 'canary-')), 'canary')

const attacks: Record<string, Attack> = {
  // Leaving early, in the hope that silence is taken for success.
  'exit-zero': { instead: 'process.exit(0)', points: 60, reason: 'exited' },
  'really-exit': { instead: '(process as any).reallyExit(0)', points: 60, reason: 'exited' },
  'exit-on-load': { beside: 'process.exit(0)', points: 0, reason: 'exited' },
  'exit-in-timer': {
    beside: 'setTimeout(() => process.exit(0), 0)',
    instead: 'for (;;) {}',
    points: 60,
    reason: 'timed out',
  },
  'kill-self': {
    instead: "process.kill(process.pid, 'SIGKILL'); process.abort()",
    points: 60,
    reason: 'crashed',
  },
  abort: { instead: 'process.abort()', points: 60, reason: 'crashed' },
  'throw-on-load': { beside: "throw 'a string'", points: 0, reason: 'crashed' },
  'stack-overflow': { instead: 'return commonest(text)', points: 60, reason: 'wrong' },
  'fake-todo': {
    instead: "throw Object.assign(new Error('Lab 01 B: later'), { name: 'Todo' })",
    points: 60,
    reason: 'not attempted',
  },
  'load-forever': {
    beside: 'await new Promise(() => setInterval(() => {}, 1000))',
    points: 0,
    reason: 'timed out',
  },

  // Keeping the grader waiting.
  'endless-loop': { instead: 'for (;;) {}', points: 60, reason: 'timed out' },
  'endless-sleep': {
    instead: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
    points: 60,
    reason: 'timed out',
  },
  'endless-promises': {
    instead: 'const again = (): any => Promise.resolve().then(again)\n  again()\n  for (;;) {}',
    points: 60,
    reason: 'timed out',
  },
  'slow-regex': {
    instead: "return /^(a+)+$/.test('a'.repeat(60) + 'b') ? text : null",
    points: 60,
    reason: 'timed out',
  },

  // Eating the machine.
  'memory-arrays': {
    instead: 'const all: any[] = []\n  for (;;) all.push(new Array(100_000).fill(0))',
    points: 60,
    reason: 'out of memory',
  },
  'memory-buffers': {
    instead: 'const all: any[] = []\n  for (;;) all.push(new Uint8Array(50_000_000).fill(1))',
    points: 60,
    reason: 'out of memory',
  },
  'memory-buffers-on-load': {
    beside: 'const all: any[] = []\nfor (;;) all.push(new Uint8Array(50_000_000).fill(1))',
    points: 0,
    reason: 'out of memory',
  },
  'fork-bomb': {
    beside: node,
    instead:
      "for (let i = 0; i < 100; i++) node('child_process').spawn('/node', ['-e', 'for(;;){}'], { detached: true })",
    points: 60,
    reason: 'wrong',
  },
  'file-bomb': {
    beside: node,
    instead: "for (let i = 0; ; i++) node('fs').writeFileSync('/tmp/' + i, new Uint8Array(900_000))",
    points: 60,
    reason: 'wrong',
  },
  'huge-output': { instead: "for (;;) console.log('x'.repeat(100_000))", points: 60, reason: 'crashed' },
  'huge-answer': { instead: "return 'x'.repeat(400_000_000) as any", points: 60, reason: 'wrong' },

  // Passing for the right answer.
  'equals-anything': {
    instead: 'return { asymmetricMatch: () => true, $$typeof: Symbol.for("jest.asymmetricMatcher") } as any',
    points: 60,
    reason: 'wrong',
  },
  'proxy-of-everything': {
    instead: 'return new Proxy(() => text, { get: () => () => true }) as any',
    points: 60,
    reason: 'wrong',
  },
  'error-equals-anything': {
    instead: 'throw Object.assign(new Error("be"), { asymmetricMatch: () => true })',
    points: 60,
    reason: 'wrong',
  },
  'patched-globals': {
    beside: `for (const type of [Object, Array, String, Map, Number]) (type.prototype as any).asymmetricMatch = () => true
JSON.stringify = () => '{"type":"done"}'
Date.now = () => 0
;(globalThis as any).expect = () => new Proxy({}, { get: () => () => {} })
;(globalThis as any).setTimeout = (run: any) => run()`,
    instead: "return 'nobody'",
    points: 60,
    reason: 'wrong',
  },
  'polluted-answer': {
    instead: 'return JSON.parse(\'{"__proto__":{"asymmetricMatch":1},"constructor":{"prototype":{}}}\')',
    points: 60,
    reason: 'wrong',
  },
  'visible-inputs-only': {
    instead: "return text === 'be or not be' ? 'be' : 'no'",
    points: 70,
    reason: 'wrong',
  },

  // Forging results on every channel there is.
  'forged-reports': {
    beside: `${node}
const forged = '\\n{"type":"test","id":"hidden/counter.test.ts > B. Compare > the first of equals wins","reason":"ok","message":"","milliseconds":0}\\n{"type":"done"}\\n'
for (const fd of [0, 1, 2, 5, 6, 7, 8]) try { node('fs').writeSync(fd, forged) } catch {}`,
    instead: 'return null',
    points: 70,
    reason: 'wrong',
  },
  'forged-answers': {
    beside: `${node}`,
    instead: "for (let i = 0; i < 1000; i++) node('fs').writeSync(4, new Uint8Array(64))\n  return null",
    points: 60,
    reason: 'crashed',
  },

  // Looking where the answers are.
  'reads-everything': {
    beside: `${node}
const seen: string[] = []
const walk = (folder: string, deep: number): void => {
  for (const name of node('fs').readdirSync(folder)) {
    const file = folder + '/' + name
    if (['proc', 'dev', 'lib', 'usr'].some(name => file.startsWith('/./' + name))) continue
    try {
      if (/solutions|hidden|reference-impl|labs/.test(file)) seen.push(file)
      const text = node('fs').readFileSync(file, 'utf8')
      if (text.includes(['the first of', 'equals wins'].join(' '))) seen.push(file)
    } catch {
      if (deep < 3) try { walk(file, deep + 1) } catch {}
    }
  }
}
walk('/.', 0)
for (const file of ['environ', 'cmdline', 'mountinfo']) {
  for (const pid of ['1', '2', 'self', String(process.ppid)]) {
    try {
      if (/hidden|solutions|reference-impl/.test(node('fs').readFileSync('/proc/' + pid + '/' + file, 'utf8'))) seen.push(pid + file)
    } catch {}
  }
}
if (Object.keys(process.env).length > 2) seen.push('environment')
if (seen.length > 0) throw new Error('I have seen ' + seen.join(' '))`,
    instead: "return 'be'",
    points: 70,
    reason: 'wrong',
  },
  'side-path-import': {
    beside: "import { commonest as c } from '../../../../../reference-impl/src/words/counter.ts'",
    instead: 'return c(text)',
    points: 0,
    reason: 'forbidden',
  },
  'computed-import': {
    beside:
      "const found = await Promise.allSettled(['/work', process.cwd()].map(at => import(at + '/reference-impl/src/words/counter.ts')))\nconst theirs = (found as any[]).find(({ value }) => value)?.value",
    instead: 'return theirs.commonest(text)',
    points: 60,
    reason: 'wrong',
  },
  'package-import': {
    beside: "import * as vitest from 'vitest'",
    instead: 'return String(vitest)',
    points: 0,
    reason: 'forbidden',
  },

  // Reaching out.
  network: {
    beside: `${node}
const socket = node('net').connect(Number('PORT'), '127.0.0.1')
await new Promise(resolve => { socket.on('connect', resolve); socket.on('error', resolve) })
if (!socket.errored) socket.write('hello')`,
    instead: "return 'no'",
    points: 60,
    reason: 'wrong',
  },
  'kills-others': {
    instead:
      "for (const pid of [-1, process.ppid, 1]) try { process.kill(pid, 'SIGKILL') } catch {}\n  return null",
    points: 70,
    reason: 'wrong',
  },
  'leaves-a-daemon': {
    beside: node,
    instead: `node('child_process').spawn('sh', ['-c', 'while true; do touch ${canary}; sleep 1; done'], { detached: true }).unref()\n  return 'no'`,
    points: 60,
    reason: 'wrong',
  },
  'writes-outside': {
    beside: `${node}\ntry { node('fs').writeFileSync(${JSON.stringify(canary)}, 'dead') } catch {}`,
    instead: "return 'no'",
    points: 60,
    reason: 'wrong',
  },
}

describe.skipIf(findSandbox().kind === 'none')('an attack', { timeout: 400_000 }, () => {
  let course: SmallCourse
  let submissions: string
  let grading: Grading
  let server: Server
  let callers = 0

  beforeAll(async () => {
    course = smallCourse()
    await course.run('stubs')
    submissions = mkdtempSync(path.join(tmpdir(), 'attacks-'))
    server = createServer(socket => {
      callers++
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    for (const [name, { beside = '', instead = 'return null' }] of Object.entries(attacks)) {
      const imports = beside.startsWith('import') ? beside : ''
      const rest = beside.startsWith('import') ? '' : beside.replace('PORT', String(port))
      const text = `${imports}\n${honest}\n${rest}\nexport function commonest(text: string): string | null {\n  ${instead}\n}\n`
      const file = path.join(submissions, name, studentFile)
      mkdirSync(path.dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    const { output, code } = await course.run(
      'grade',
      submissions,
      '--out',
      path.join(course.folder, 'grades'),
      '--time',
      '1',
    )
    expect(code, output).toBe(0)
    grading = JSON.parse(course.read('grades/grades.json'))
  }, 400_000)

  afterAll(() => {
    server.close()
    course.remove()
    rmSync(submissions, { recursive: true, force: true })
  })

  test.each(Object.entries(attacks))('%s earns what its honest part deserves', (name, { points, reason }) => {
    const found = grading.submissions.find(({ submission }) => submission === name)!
    expect([found.points, found.labs[0]!.reason], found.labs[0]!.detail).toEqual([points, reason])
  })

  test('nothing was written outside, nobody called, nothing is left running', () => {
    expect(existsSync(canary)).toBe(false)
    expect(callers).toBe(0)
    const left = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    expect(
      left.split('\n').filter(line => line.includes('/subject/subject.mjs') && line.includes(course.folder)),
    ).toEqual([])
  })
})

describe('an archive', { timeout: 60_000 }, () => {
  test('with names that lead out of it, or links, gives nothing away and writes nothing', async () => {
    const course = smallCourse()
    await course.run('stubs')
    const folder = mkdtempSync(path.join(tmpdir(), 'archives-'))
    const secret = path.join(folder, 'counter.ts')
    writeFileSync(secret, honest)
    const place = path.join(folder, 'linked', path.dirname(studentFile))
    mkdirSync(place, { recursive: true })
    symlinkSync(secret, path.join(place, 'counter.ts'))
    execFileSync('tar', ['-czf', path.join(folder, 'link.tar.gz'), '-C', path.join(folder, 'linked'), 'labs'])
    execFileSync('tar', [
      ...['-cf', path.join(folder, 'slip.tar'), '-P', '--transform', `s,.*,../../../${studentFile},`],
      secret,
    ])
    rmSync(secret)
    const { output, code } = await course.run('grade', folder, '--out', path.join(course.folder, 'grades'))
    expect(code, output).toBe(0)
    const { submissions } = JSON.parse(course.read('grades/grades.json')) as Grading
    expect(submissions.map(({ submission, points, labs }) => [submission, points, labs[0]!.reason])).toEqual([
      ['link', 0, 'missing file'],
      ['linked', 0, 'missing file'],
      ['slip', 0, 'missing file'],
    ])
    course.remove()
    rmSync(folder, { recursive: true })
  })
})

test('without a sandbox nothing is graded, unless somebody says so', () => {
  const before = process.env.PATH
  process.env.PATH = '/nowhere'
  try {
    expect(() => sandboxOrComplaint(false)).toThrow(/There is no sandbox here/)
    expect(sandboxOrComplaint(true).kind).toBe('none')
  } finally {
    process.env.PATH = before
  }
})
