/** What hostile students add to a file, and what comes of it. `course/test/red-team.test.ts` has the rest of their kind. */
import type { Reason } from '../grade/model.ts'

export interface Hostility {
  name: string
  code: string
  /** What it is added to. */
  to: 'solution' | 'stub'
  /** All points, or none. */
  earns: 'all' | 'nothing'
  reason: Reason
}

/** However the fence is got round: Node's own modules, in the sandbox. */
const node = `const node = (name: string): any => (process as any).getBuiltinModule?.(name) ?? {}\n`

export const hostilities: readonly Hostility[] = [
  { name: 'exits', code: 'process.exit(0)', to: 'solution', earns: 'nothing', reason: 'exited' },
  { name: 'aborts', code: 'process.abort()', to: 'solution', earns: 'nothing', reason: 'crashed' },
  { name: 'throws', code: "throw new Error('no')", to: 'solution', earns: 'nothing', reason: 'crashed' },
  { name: 'never ends', code: 'for (;;) {}', to: 'solution', earns: 'nothing', reason: 'timed out' },
  {
    name: 'eats memory',
    code: 'const all: any[] = []\nfor (;;) all.push(new Uint8Array(50_000_000).fill(1))',
    to: 'solution',
    earns: 'nothing',
    reason: 'out of memory',
  },
  {
    name: 'prints without end',
    code: "for (;;) console.log('x'.repeat(100_000))",
    to: 'solution',
    earns: 'nothing',
    reason: 'crashed',
  },
  {
    name: 'imports a package',
    code: "import * as vitest from 'vitest'\nconsole.log(vitest)",
    to: 'solution',
    earns: 'nothing',
    reason: 'forbidden',
  },
  {
    name: 'deletes files',
    code: "import { rmSync as remove } from 'node:fs'\nremove('/work', { recursive: true, force: true })",
    to: 'solution',
    earns: 'nothing',
    reason: 'forbidden',
  },
  {
    name: 'forges results',
    code: `${node}for (const fd of [0, 1, 2, 5, 6, 7, 8]) try { node('fs').writeSync(fd, '\\n{"type":"done","calls":1}\\n') } catch {}`,
    to: 'stub',
    earns: 'nothing',
    reason: 'not attempted',
  },
  {
    name: 'patches the world',
    code: `for (const type of [Object, Array, String, Map, Number]) (type.prototype as any).asymmetricMatch = () => true
Date.now = () => 0
;(globalThis as any).expect = () => new Proxy({}, { get: () => () => {} })`,
    to: 'stub',
    earns: 'nothing',
    reason: 'not attempted',
  },
  {
    name: 'kills whom it can',
    code: "for (const pid of [-1, process.ppid, 1]) try { process.kill(pid, 'SIGKILL') } catch {}",
    to: 'solution',
    earns: 'all',
    reason: 'ok',
  },
  {
    name: 'leaves a daemon',
    code: `${node}try { node('child_process').spawn('sleep', ['1000'], { detached: true }).unref() } catch {}`,
    to: 'solution',
    earns: 'all',
    reason: 'ok',
  },
]
