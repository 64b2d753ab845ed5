/**
 * The kernel's filter for system calls, as the few instructions it takes to say: threads yes, processes no. A program
 * that cannot fork starts no fork bomb and leaves no daemon behind.
 */
import { constants } from 'node:os'

/** What differs by machine: AUDIT_ARCH_… and the numbers of the calls. */
const machines: Partial<Record<string, { audit: number; clone: number; fork?: number; vfork?: number }>> = {
  x64: { audit: 0xc000003e, clone: 56, fork: 57, vfork: 58 },
  arm64: { audit: 0xc00000b7, clone: 220 },
}
/** The same everywhere. Its flags lie in memory, where a filter cannot look: "there is no such call" makes libc use clone. */
const clone3 = 435
/** On x64 the same calls have second numbers from here on; Node uses none of them. */
const secondNumbers = 0x40000000
const CLONE_THREAD = 0x10000

const load = 0x20
const ifEqual = 0x15
const ifAtLeast = 0x35
const ifBits = 0x45
const answer = 0x06
const allow = 0x7fff0000
const kill = 0x80000000
const fail = (errno: number) => 0x00050000 | errno

/** Where in the kernel's description of a call its number, machine and first argument are. */
const callNumber = 0
const callMachine = 4
const firstArgument = 16

type Instruction = readonly [code: number, value: number, jumpIf?: number, jumpIfNot?: number]

/** The filter as bubblewrap wants it; null for a machine that we have no numbers for. */
export function noNewProcesses(): Buffer | null {
  const machine = machines[process.arch]
  if (process.platform !== 'linux' || !machine) return null
  const { EPERM, ENOSYS } = constants.errno
  const refused = [machine.fork, machine.vfork].filter(number => number !== undefined)
  const program: Instruction[] = [
    [load, callMachine],
    [ifEqual, machine.audit, 1, 0],
    [answer, kill],
    [load, callNumber],
    [ifAtLeast, secondNumbers, 0, 1],
    [answer, fail(ENOSYS)],
    [ifEqual, clone3, 0, 1],
    [answer, fail(ENOSYS)],
    ...refused.flatMap((number): Instruction[] => [
      [ifEqual, number, 0, 1],
      [answer, fail(EPERM)],
    ]),
    [ifEqual, machine.clone, 1, 0],
    [answer, allow],
    [load, firstArgument],
    [ifBits, CLONE_THREAD, 0, 1],
    [answer, allow],
    [answer, fail(EPERM)],
  ]
  const bytes = Buffer.alloc(8 * program.length)
  program.forEach(([code, value, jumpIf = 0, jumpIfNot = 0], index) => {
    bytes.writeUInt16LE(code, 8 * index)
    bytes.writeUInt8(jumpIf, 8 * index + 2)
    bytes.writeUInt8(jumpIfNot, 8 * index + 3)
    bytes.writeUInt32LE(value >>> 0, 8 * index + 4)
  })
  return bytes
}
