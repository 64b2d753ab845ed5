/**
 * Attacks on the grader, each hidden in a submission whose part A (60 points) is honest work. None may earn more than its
 * honest part deserves, none may do harm, and the grade says what happened. Part B has five tests of 8 points: one
 * that wants null and one that wants `be` are passed by who answers just that.
 */
import type { Reason } from '../grade/model.ts'

export interface Attack {
  /** What it tries, for people. */
  tries: string
  /** What else is in the file. */
  beside?: string
  /** What part B does instead of its work. */
  instead?: string
  points: number
  reason: Reason
  /** Another that the same end may have, by the version of Node. */
  or?: Reason
  /** What stopped it, in the sandbox. */
  stopped: string
  /** Where bubblewrap is missing and things go otherwise. */
  without?: Partial<Pick<Attack, 'points' | 'reason' | 'stopped'>>
}

export const honest = `export function count(text: string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of text.split(' ')) if (word !== '') counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
`

/** However the course's fence is got round: Node's own modules, where the student's code runs. */
const node = `const node = (name: string): any =>
  (process as any).getBuiltinModule?.(name) ?? (process as any).binding('natives') ?? {}
`

/** What attacks find in their way, so that a test can look at it afterwards. */
export interface Places {
  /** A file of the grader's user that nobody else may make. */
  canary: string
  /** Of a server that counts who calls. */
  port: number
}

/** By what they are after. */
export const attacksOn = ({ canary, port }: Places): Record<string, Record<string, Attack>> => ({
  'Ending early, in the hope that silence is taken for success': {
    'exit-zero': {
      tries: 'ends its process with success',
      instead: 'process.exit(0)',
      points: 60,
      reason: 'exited',
      stopped: 'a test passes only when the judge says so',
    },
    'really-exit': {
      tries: 'ends its process past all handlers',
      instead: '(process as any).reallyExit(0)',
      points: 60,
      reason: 'exited',
      stopped: 'a test passes only when the judge says so',
    },
    'exit-on-load': {
      tries: 'ends its process before any test',
      beside: 'process.exit(0)',
      points: 0,
      reason: 'exited',
      stopped: 'what cannot be loaded passes no test',
    },
    'exit-in-timer': {
      tries: 'answers, then ends its process behind the test’s back',
      instead: 'setTimeout(() => process.exit(0), 0)\n  return Promise.resolve(text) as any',
      points: 60,
      reason: 'wrong',
      stopped: 'the test has its answer; the next one gets a new process',
    },
    'kill-self': {
      tries: 'ends or stops its process with signals',
      instead:
        "for (const signal of ['SIGKILL', 'SIGTERM', 'SIGSTOP']) process.kill(process.pid, signal)\n  process.abort()",
      points: 60,
      reason: 'crashed',
      stopped: 'the first process of a sandbox gets no signals from inside; the judge hears how it ends',
      without: { reason: 'wrong', stopped: 'the power to send signals is taken away' },
    },
    abort: {
      tries: 'aborts, with a core dump',
      instead: 'process.abort()',
      points: 60,
      reason: 'crashed',
      stopped: 'no core is written; the sandbox reports how it ended',
    },
    'throw-on-load': {
      tries: 'throws something that is no error, before any test',
      beside: "throw 'a string'",
      points: 0,
      reason: 'crashed',
      stopped: 'what cannot be loaded passes no test',
    },
    'throw-later': {
      tries: 'throws where nobody catches',
      instead:
        'process.nextTick(() => { throw new Error("nobody catches this") })\n  return Promise.resolve(text) as any',
      points: 60,
      reason: 'wrong',
      stopped: 'the test has its answer; the next one gets a new process',
    },
    'reject-later': {
      tries: 'leaves a rejected promise behind',
      instead: 'void Promise.reject(new Error("nobody catches this"))\n  return Promise.resolve(text) as any',
      points: 60,
      reason: 'wrong',
      stopped: 'the test has its answer; the next one gets a new process',
    },
    'close-channel': {
      tries: 'closes the pipes to the judge',
      beside: node,
      instead: "for (const fd of [3, 4]) node('fs').closeSync(fd)\n  return null",
      points: 60,
      reason: 'exited',
      stopped: 'a channel that ends is the end of the subject',
    },
    'become-another': {
      tries: 'turns into another program, or ends where Node cannot',
      instead: "(process as any).execve?.('/node', ['/node', '-e', ''], {})\n  process.exit(0)",
      points: 60,
      reason: 'exited',
      stopped: 'the other program does not speak to the judge',
    },
    'stack-overflow': {
      tries: 'calls itself without end',
      instead: 'return commonest(text)',
      points: 60,
      reason: 'wrong',
      stopped: 'an error like any other',
    },
    'fake-todo': {
      tries: 'says that it was not attempted',
      instead: "throw Object.assign(new Error('Lab 01 B: later'), { name: 'Todo' })",
      points: 60,
      reason: 'not attempted',
      stopped: 'it is taken at its word: no points',
    },
  },

  'Keeping the grader waiting': {
    'endless-loop': {
      tries: 'loops',
      instead: 'for (;;) {}',
      points: 60,
      reason: 'timed out',
      stopped: 'the judge’s watchdog, a thread that looks at the processor’s time',
    },
    'endless-sleep': {
      tries: 'sleeps',
      instead: 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)',
      points: 60,
      reason: 'timed out',
      stopped: 'the watchdog looks at the clock as well',
    },
    'endless-promises': {
      tries: 'never lets the event loop go on',
      instead: 'const again = (): any => Promise.resolve().then(again)\n  return again()',
      points: 60,
      reason: 'wrong',
      stopped: 'the test has its answer; the watchdog ends the rest',
    },
    'endless-callbacks': {
      tries: 'answers every question of the judge with another',
      instead: 'return new Proxy({}, { get: () => () => {}, ownKeys: () => { for (;;) {} } }) as any',
      points: 60,
      reason: 'timed out',
      stopped: 'the watchdog',
    },
    'slow-regex': {
      tries: 'matches a regular expression that backtracks for years',
      instead: "return /^(a+)+$/.test('a'.repeat(60) + 'b') ? text : null",
      points: 60,
      reason: 'timed out',
      stopped: 'the watchdog',
    },
    'load-forever': {
      tries: 'is never done with loading',
      beside: 'await new Promise(() => setInterval(() => {}, 1000))',
      points: 0,
      reason: 'timed out',
      stopped: 'loading has the time of a test',
    },
  },

  'Eating the machine': {
    'memory-arrays': {
      tries: 'fills the heap',
      instead: 'const all: any[] = []\n  for (;;) all.push(new Array(100_000).fill(0))',
      points: 60,
      reason: 'out of memory',
      stopped: 'Node’s limit on the heap, 256 MB',
    },
    'memory-buffers': {
      tries: 'fills the memory beside the heap',
      instead: 'const all: any[] = []\n  for (;;) all.push(new Uint8Array(50_000_000).fill(1))',
      points: 60,
      reason: 'out of memory',
      stopped: 'the watchdog and the kernel’s limit, 640 MB',
    },
    'memory-on-load': {
      tries: 'fills it before any test',
      beside: 'const all: any[] = []\nfor (;;) all.push(new Uint8Array(50_000_000).fill(1))',
      points: 0,
      reason: 'out of memory',
      stopped: 'the watchdog and the kernel’s limit, 640 MB',
    },
    'fork-bomb': {
      tries: 'starts a hundred processes that loop',
      beside: node,
      instead:
        "for (let i = 0; i < 100; i++) node('child_process').spawnSync(process.execPath, ['-e', 'for (;;) {}'], { detached: true, timeout: 1 })\n  throw new Error('started')",
      points: 60,
      reason: 'wrong',
      stopped: 'the kernel’s filter: no call that starts a process',
      without: { stopped: 'Node’s permissions: no child processes' },
    },
    'thread-bomb': {
      tries: 'starts threads that loop',
      beside: node,
      instead:
        "for (let i = 0; i < 8; i++) new (node('worker_threads').Worker)('for (;;) {}', { eval: true })\n  for (;;) {}",
      points: 60,
      reason: 'timed out',
      or: 'out of memory',
      stopped: 'threads are the process’s, and so is their time',
      without: { reason: 'wrong', stopped: 'Node’s permissions: no workers' },
    },
    'file-bomb': {
      tries: 'fills the disk',
      beside: node,
      instead: "for (let i = 0; ; i++) node('fs').writeFileSync('/tmp/' + i, new Uint8Array(900_000))",
      points: 60,
      reason: 'wrong',
      stopped: 'a disk of its own, in memory, 16 MB',
      without: { stopped: 'Node’s permissions: no writing' },
    },
    'large-file': {
      tries: 'writes one file without end',
      beside: node,
      instead:
        "const file = node('fs').openSync('/tmp/large', 'a')\n  for (;;) node('fs').writeSync(file, new Uint8Array(500_000))",
      points: 60,
      reason: 'wrong',
      stopped: 'the kernel’s limit on files, 1 MB',
      without: { reason: 'wrong', stopped: 'Node’s permissions: no writing' },
    },
    'huge-output': {
      tries: 'prints without end',
      instead: "for (;;) console.log('x'.repeat(100_000))",
      points: 60,
      reason: 'crashed',
      or: 'out of memory',
      stopped: 'the kernel’s limit on output, 1 MB',
    },
    'huge-answer': {
      tries: 'answers with 400 MB',
      instead: "return 'x'.repeat(400_000_000) as any",
      points: 60,
      reason: 'wrong',
      stopped: 'the longest message that the bridge takes',
    },
  },

  'Passing for the right answer': {
    'equals-anything': {
      tries: 'answers with what test libraries take for equal to anything',
      instead:
        'return { asymmetricMatch: () => true, $$typeof: Symbol.for("jest.asymmetricMatcher") } as any',
      points: 60,
      reason: 'wrong',
      stopped: 'the bridge withholds such names',
    },
    'proxy-of-everything': {
      tries: 'answers with an object that says yes to everything',
      instead: 'return new Proxy(() => text, { get: () => () => true }) as any',
      points: 60,
      reason: 'wrong',
      stopped: 'what arrives in the judge is the judge’s own object',
    },
    'error-equals-anything': {
      tries: 'throws such an object',
      instead: 'throw Object.assign(new Error("be"), { asymmetricMatch: () => true })',
      points: 60,
      reason: 'wrong',
      stopped: 'the bridge withholds such names',
    },
    'polluted-answer': {
      tries: 'answers with names that poison prototypes',
      instead: 'return JSON.parse(\'{"__proto__":{"asymmetricMatch":1},"constructor":{"prototype":{}}}\')',
      points: 60,
      reason: 'wrong',
      stopped: 'fields are defined, never assigned',
    },
    'visible-inputs-only': {
      tries: 'knows the visible tests’ inputs, and nothing else',
      instead: "return text === 'be or not be' ? 'be' : 'no'",
      points: 68,
      reason: 'wrong',
      stopped: 'hidden tests',
    },
    'every-fixed-input': {
      tries: 'knows the inputs of all tests, hidden ones too, as if they had leaked',
      instead:
        "return ({ 'be or not be': 'be', 'b a a b': 'b', a: 'a' } as Record<string, string>)[text] ?? null",
      points: 92,
      reason: 'wrong',
      stopped: 'inputs that are made anew for every submission',
    },
  },

  'Patching what judges': {
    'patched-globals': {
      tries: 'patches prototypes, JSON, Date, timers and expect',
      beside: `for (const type of [Object, Array, String, Map, Number]) (type.prototype as any).asymmetricMatch = () => true
JSON.stringify = () => '{"type":"done"}'
Date.now = () => 0
;(globalThis as any).expect = () => new Proxy({}, { get: () => () => {} })
;(globalThis as any).setTimeout = (run: any) => run()`,
      instead: "return 'nobody'",
      points: 60,
      reason: 'wrong',
      stopped: 'they are the subject’s own; the judge has others',
    },
    'patched-prototypes': {
      tries: 'patches what the bridge itself uses',
      instead: `for (const type of [Map, Set, WeakMap, Array, Buffer]) {
    for (const name of Object.getOwnPropertyNames(type.prototype)) {
      if (name === 'constructor') continue
      try { (type.prototype as any)[name] = () => 'be' } catch {}
    }
  }
  return 'be'`,
      points: 60,
      reason: 'crashed',
      stopped: 'it breaks its own end of the bridge only',
    },
    'patched-modules': {
      tries: 'patches Node’s modules and the module cache',
      beside: node,
      instead: `const { syncBuiltinESMExports, _cache } = node('module')
  for (const name of Object.keys(_cache ?? {})) delete _cache[name]
  for (const name of ['readSync', 'writeSync', 'readFileSync']) node('fs')[name] = () => 0
  syncBuiltinESMExports()
  return 'be'`,
      points: 60,
      reason: 'timed out',
      stopped: 'they are the subject’s own; now it cannot even answer',
    },
  },

  'Forging results on every channel': {
    'forged-reports': {
      tries: 'writes reports of passed tests to every descriptor but the bridge’s',
      beside: `${node}
const forged = '\\n{"type":"test","id":"hidden/counter.test.ts > B. Compare > the first of equals wins","reason":"ok","message":"","milliseconds":0}\\n{"type":"done"}\\n'
for (const fd of [0, 1, 2, 5, 6, 7, 8, 9]) try { node('fs').writeSync(fd, forged) } catch {}`,
      points: 68,
      reason: 'wrong',
      stopped: 'the judge’s channel to the grader is not open in the subject',
    },
    'forged-answers': {
      tries: 'writes to the bridge out of turn',
      beside: node,
      instead: "for (let i = 0; i < 1000; i++) node('fs').writeSync(4, new Uint8Array(64))\n  return null",
      points: 60,
      reason: 'crashed',
      stopped: 'the judge knows when it is whose turn, and ends who babbles',
    },
    'forged-end': {
      tries: 'writes to the sandbox’s status that all went well, and dies',
      beside: node,
      instead: "try { node('fs').writeSync(6, '{ \"exit-code\": 0 }') } catch {}\n  process.abort()",
      points: 60,
      reason: 'crashed',
      stopped: 'the status descriptor is the sandbox’s, not the subject’s',
    },
    'forged-grades': {
      tries: 'writes to the folders where grades and programs are kept',
      beside: `${node}
for (const folder of ['/subject', '/proc/1/cwd', '/proc/self/cwd', process.cwd(), '..', '/tmp/grades/kept']) {
  try { node('fs').writeFileSync(folder + '/subject.mjs', 'forged') } catch {}
}`,
      points: 68,
      reason: 'wrong',
      stopped: 'they are not in the sandbox; its own program is read-only',
      without: { stopped: 'Node’s permissions: no writing' },
    },
  },

  'Looking where the answers are': {
    'reads-everything': {
      tries: 'looks for hidden tests and solutions in all files, its parents’ environment and command lines',
      beside: `${node}
const seen: string[] = []
const walk = (folder: string, deep: number): void => {
  for (const name of node('fs').readdirSync(folder)) {
    const file = folder + '/' + name
    if (['proc', 'sys', 'dev', 'lib', 'usr'].some(name => file.startsWith('/./' + name))) continue
    try {
      if (/solutions|hidden|reference-impl|labs/.test(file)) seen.push(file)
      if (node('fs').statSync(file).size > 1e6) continue
      const text = node('fs').readFileSync(file, 'utf8')
      if (text.includes(['the first of', 'equals wins'].join(' '))) seen.push(file)
    } catch {
      if (deep < 3) try { walk(file, deep + 1) } catch {}
    }
  }
}
try { walk('/.', 0) } catch {}
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
      points: 68,
      reason: 'wrong',
      stopped: 'a file system that has Node, its libraries and the subject, and nothing else',
      without: { stopped: 'Node’s permissions: no reading' },
    },
    'reads-memory': {
      tries: 'looks for other processes, to read their memory and their descriptors',
      beside: `${node}
const others: string[] = []
try {
  for (const pid of node('fs').readdirSync('/proc')) {
    if (!/^\\d+$/.test(pid) || Number(pid) === process.pid) continue
    for (const part of ['mem', 'maps', 'fd', 'root', 'cwd']) {
      try {
        if (part === 'fd') node('fs').readdirSync('/proc/' + pid + '/fd')
        else node('fs').openSync('/proc/' + pid + '/' + part)
        others.push(pid + part)
      } catch {}
    }
  }
} catch {}
if (others.length > 0) throw new Error('I have opened ' + others.join(' '))`,
      instead: "return 'be'",
      points: 68,
      reason: 'wrong',
      stopped: 'there is no other process in its /proc',
      without: { stopped: 'Node’s permissions: no reading' },
    },
    'opens-debugger': {
      tries: 'makes the judge open its debugger, to take it over',
      beside: `${node}
for (const pid of [process.ppid, process.ppid - 1, process.pid - 1]) {
  if (pid > 1) try { (process as any)._debugProcess(pid) } catch {}
}
await new Promise(resolve => setTimeout(resolve, 50))
const opened = await new Promise(resolve => {
  try {
    const socket = node('net').connect(9229, '127.0.0.1')
    socket.on('connect', () => resolve(true))
    socket.on('error', () => resolve(false))
  } catch { resolve(false) }
})
if (opened) throw new Error('I have opened the debugger')`,
      points: 68,
      reason: 'wrong',
      stopped: 'there is no other process to send a signal to',
      without: { stopped: 'the power to signal processes is taken away' },
    },
    'side-path-import': {
      tries: 'imports the reference by a path past the swap',
      beside: "import { commonest as c } from '../../../../../reference-impl/src/words/counter.ts'",
      instead: 'return c(text)',
      points: 0,
      reason: 'forbidden',
      stopped: 'the fence round the bundle',
    },
    'computed-import': {
      tries: 'imports the reference by a path that is known only when it runs',
      beside:
        "const found = await Promise.allSettled(['/work', process.cwd(), '..', 'COURSE'].map(at => import(at + '/reference-impl/src/words/counter.ts')))\nconst theirs = (found as any[]).find(({ value }) => value)?.value",
      instead: 'return theirs.commonest(text)',
      points: 60,
      reason: 'wrong',
      stopped: 'the reference is not in the sandbox',
      without: { stopped: 'Node’s permissions: no reading' },
    },
    'package-import': {
      tries: 'imports the test library',
      beside: "import * as vitest from 'vitest'",
      instead: 'return String(vitest)',
      points: 0,
      reason: 'forbidden',
      stopped: 'the fence round the bundle',
    },
  },

  'Reaching out': {
    network: {
      tries: 'calls a server on this machine',
      beside: `${node}
await new Promise(resolve => {
  try {
    const socket = node('net').connect(${port}, '127.0.0.1')
    socket.on('connect', () => socket.end('hello'))
    for (const end of ['close', 'error']) socket.on(end, resolve)
  } catch (error) { resolve(error) }
})`,
      instead: "return 'no'",
      points: 60,
      reason: 'wrong',
      stopped: 'a network of its own, with nobody in it',
      without: { stopped: 'nothing before Node 25, whose permissions know networks: the server was called' },
    },
    'kills-others': {
      tries: 'ends every process that it may: the judge, the grader, its user’s',
      instead:
        "for (const pid of [process.ppid, 1, -1]) try { process.kill(pid, 'SIGKILL') } catch {}\n  return null",
      points: 68,
      reason: 'wrong',
      stopped: 'there is no other process to send a signal to',
      without: { stopped: 'the power to end processes is taken away' },
    },
    'leaves-a-daemon': {
      tries: 'leaves a process behind that goes on after the grading',
      beside: node,
      instead: `node('child_process').spawn('sh', ['-c', 'while true; do touch ${canary}; sleep 1; done'], { detached: true }).unref()\n  return 'no'`,
      points: 60,
      reason: 'wrong',
      stopped: 'no call that starts a process; all of a sandbox ends with its first',
      without: { stopped: 'Node’s permissions: no child processes' },
    },
    'writes-outside': {
      tries: 'writes where it has no business',
      beside: `${node}\ntry { node('fs').writeFileSync(${JSON.stringify(canary)}, 'dead') } catch {}`,
      instead: "return 'no'",
      points: 60,
      reason: 'wrong',
      stopped: 'the place is not in the sandbox',
      without: { stopped: 'Node’s permissions: no writing' },
    },
    'native-code': {
      tries: 'loads native code, past all of Node’s own fences',
      beside: node,
      instead: `for (const load of [
  () => (process as any).dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6'),
  () => (process as any).binding('spawn_sync').spawn({ file: '/bin/sh', args: ['sh', '-c', 'touch ${canary}'], stdio: [] }),
  () => node('vm').runInThisContext('process').binding('fs').internalModuleReadJSON('/etc/passwd'),
]) try { load() } catch {}
  return 'no'`,
      points: 60,
      reason: 'crashed',
      stopped: 'whatever it loads is in the sandbox with it',
      without: { reason: 'wrong', stopped: 'Node’s permissions: no addons, no internals' },
    },
  },
})
