/**
 * Where a student's code runs: a process that sees its own program and Node, and nothing else. No files but those, no
 * network, no other process, no way to start one, and an end to time, memory and output. Bubblewrap builds it.
 * Where bubblewrap cannot, as in most containers, there is a weaker way for a machine that is thrown away afterwards:
 * another user, to whom the course is closed, and Node's own permissions.
 */
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Complaint } from '../complaint.ts'
import { root } from '../paths.ts'
import { noNewProcesses } from './seccomp.ts'

export interface Sandbox {
  kind: 'bubblewrap' | 'user' | 'none'
  /** Run as this user, when whoever grades is root. */
  user: number | null
  /** System calls that start processes are refused. */
  filtered: boolean
  /** `prlimit` is there to set limits with. */
  limited: boolean
  /** Megabytes that this Node sets aside when it starts and does not use; measured, because it differs by version. */
  setAside: number
}

export interface Limits {
  /** The JavaScript heap. */
  heapMegabytes: number
  /** All memory of the process. */
  memoryMegabytes: number
  cpuSeconds: number
  /** What it may print, and the size of any file it makes. */
  outputBytes: number
}

export const usualLimits: Limits = {
  heapMegabytes: 256,
  memoryMegabytes: 640,
  cpuSeconds: 120,
  outputBytes: 1 << 20,
}

/** The user who owns nothing. */
const nobody = 65534

/** The descriptors that the sandbox itself reads and writes; those of the bridge are 3 and 4. */
export const filterDescriptor = 5
export const statusDescriptor = 6

/** What a sandboxed program may see of this machine: the libraries that Node is linked with. */
const libraries = [
  '/lib',
  '/lib64',
  '/lib32',
  '/usr/lib',
  '/usr/lib64',
  '/usr/local/lib',
  '/etc/ld.so.cache',
  '/nix/store',
]

/** The command that runs `program` (a file in `folder`) in the sandbox. It writes its fate to the status descriptor. */
export function sandboxed(sandbox: Sandbox, folder: string, program: string, limits: Limits): string[] {
  const node = realpathSync(process.execPath)
  const flags = [`--max-old-space-size=${limits.heapMegabytes}`, '--no-warnings']
  // Permissions are given by the name that a file has when no link is on the way.
  const file = path.join(realpathSync(folder), program)
  if (sandbox.kind !== 'bubblewrap') {
    return [
      ...(sandbox.user === null
        ? []
        : [
            'setpriv',
            `--reuid=${sandbox.user}`,
            `--regid=${sandbox.user}`,
            '--clear-groups',
            '--no-new-privs',
          ]),
      ...limiting(sandbox, limits),
      ...[...tellingHowItEnds, node, ...flags, permissionFlag, `--allow-fs-read=${file}`, file],
    ]
  }
  return [
    ...(sandbox.user === null
      ? []
      : ['setpriv', `--reuid=${sandbox.user}`, `--regid=${sandbox.user}`, '--clear-groups']),
    ...limiting(sandbox, limits),
    'bwrap',
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    '--as-pid-1',
    '--cap-drop',
    'ALL',
    '--uid',
    '65534',
    '--gid',
    '65534',
    '--clearenv',
    ...libraries.filter(existsSync).flatMap(library => ['--ro-bind', library, library]),
    '--ro-bind',
    node,
    '/node',
    '--ro-bind',
    folder,
    '/subject',
    '--proc',
    '/proc',
    '--dev',
    '/dev',
    '--size',
    String(16 << 20),
    '--tmpfs',
    '/tmp',
    '--remount-ro',
    '/',
    '--chdir',
    '/tmp',
    ...(sandbox.filtered ? ['--seccomp', String(filterDescriptor)] : []),
    '--json-status-fd',
    String(statusDescriptor),
    '/node',
    ...flags,
    `/subject/${program}`,
  ]
}

/** A shell that writes to the status descriptor what bubblewrap would; its child does not have that descriptor. */
const tellingHowItEnds = ['sh', '-c', '"$@" 6>&-; echo "{ \\"exit-code\\": $? }" >&6', 'sh']

/** With it Node opens no file, starts no process and no thread. It is a fence, not a wall: native code could climb it. */
const permissionFlag =
  Number.parseInt(process.versions.node, 10) < 23 ? '--experimental-permission' : '--permission'

/**
 * The kernel counts what a process has set aside, not what it uses; that the watchdog limits, a moment later. Node 20 and 22
 * set aside 3 to 40 MB more than they use, Node 24 and 26 about 520 MB, all of it when they start.
 */
function limiting(sandbox: Sandbox, limits: Limits): string[] {
  if (!sandbox.limited) return []
  return [
    'prlimit',
    `--data=${(limits.memoryMegabytes + sandbox.setAside) * 2 ** 20}`,
    `--cpu=${limits.cpuSeconds}`,
    `--fsize=${limits.outputBytes}`,
    '--core=0',
    '--nofile=256',
    // Without a filter this is what stops a fork bomb. It counts threads too, and all of this user's.
    ...(sandbox.filtered || sandbox.kind === 'none' ? [] : ['--nproc=512']),
  ]
}

/** The strongest sandbox that works here: `thrownAway` lets it be the one of containers. */
export function findSandbox({ thrownAway = false } = {}): Sandbox {
  const none = unprotected()
  if (process.platform !== 'linux') return none
  const strong = runs('bwrap', '--version') ? findBubblewrap(none) : null
  if (strong || !thrownAway) return strong ?? none
  const weak = asNobody(none)
  return weak.user === null ? none : { ...weak, kind: 'user' }
}

function unprotected(): Sandbox {
  const limited = runs('prlimit', '--version')
  const setAside = limited ? megabytesSetAside() : 0
  return { kind: 'none', user: null, filtered: false, limited, setAside }
}

function findBubblewrap(none: Sandbox): Sandbox | null {
  const users = process.getuid?.() === 0 ? [nobody, null] : [null]
  const filters = noNewProcesses() === null ? [false] : [true, false]
  for (const filtered of filters) {
    for (const user of users) {
      const sandbox: Sandbox = { ...none, kind: 'bubblewrap', user, filtered }
      if (works(sandbox)) return sandbox
    }
  }
  return null
}

/** The same as somebody who owns nothing, where root grades. */
function asNobody(sandbox: Sandbox): Sandbox {
  const other = { ...sandbox, user: nobody }
  return process.getuid?.() === 0 && works(other) ? other : sandbox
}

export const noSandbox =
  'There is no sandbox here, and what students send in must not run without one: it could read, change and delete\n' +
  'whatever you can. On Linux install bubblewrap (the package is called so nearly everywhere) and see that\n' +
  '`bwrap --unshare-all --ro-bind / / true` succeeds. In a container that is thrown away after one submission:\n' +
  '--container. If you know and trust every submission: --no-sandbox.'

export const openContainer =
  `In a container without bubblewrap a submission is run as a user who owns nothing (${nobody}), and that user must not\n` +
  'read the hidden tests. Grade as root, with `setpriv` installed, and close the course to others:\n' +
  `chmod 700 ${root}`

/**
 * `thrownAway` says that this machine is a container for one submission: there, where bubblewrap does not work, a user of
 * its own will do.
 */
export function sandboxOrComplaint(allowNone: boolean, thrownAway = false): Sandbox {
  if (allowNone) return asNobody(unprotected())
  const sandbox = findSandbox({ thrownAway })
  if (sandbox.kind === 'none') throw new Complaint(thrownAway ? openContainer : noSandbox)
  if (sandbox.kind === 'user' && readableTo(nobody, path.join(root, 'package.json')))
    throw new Complaint(openContainer)
  return sandbox
}

function readableTo(user: number, file: string): boolean {
  return runs('setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups', 'cat', file)
}

function runs(...[command, ...args]: [string, ...string[]]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** What a process of this Node that does nothing has set aside, less what it uses. */
function megabytesSetAside(): number {
  const { stdout } = spawnSync(
    process.execPath,
    ['-e', "process.stdout.write(require('fs').readFileSync('/proc/self/status'))"],
    { encoding: 'utf8', env: {} },
  )
  const [all, used] = ['VmData', 'VmRSS'].map(name =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(stdout ?? '')?.[1] ?? 0),
  )
  return Math.max(0, Math.ceil((all! - used!) / 1024))
}

/** Runs a program in it that does nothing but end well. */
function works(sandbox: Sandbox): boolean {
  const folder = mkdtempSync(path.join(tmpdir(), 'sandbox-'))
  openTo(folder)
  writeFileSync(path.join(folder, 'nothing.mjs'), 'process.exitCode = 7\n')
  const filter = openFilter(folder)
  try {
    const [command, ...args] = sandboxed(sandbox, folder, 'nothing.mjs', usualLimits)
    const stdio = ['ignore', 'ignore', 'ignore', 'ignore', 'ignore', filter, 'pipe'] as const
    const ran = spawnSync(command!, args, { stdio: [...stdio], timeout: 20_000 })
    return ran.status === 7 || /"exit-code": 7/.test(String(ran.output?.[statusDescriptor] ?? ''))
  } finally {
    closeSync(filter)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Others may look in, as the user of the sandbox must. */
export function openTo(folder: string): void {
  chmodSync(folder, 0o755)
}

/** A descriptor to read the filter from; empty where there is none. */
export function openFilter(folder: string): number {
  const file = path.join(folder, 'filter.bpf')
  writeFileSync(file, noNewProcesses() ?? '')
  return openSync(file, 'r')
}
