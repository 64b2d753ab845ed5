/**
 * The judge's second thread. The first one stands still while it waits for an answer, so somebody else must look at the
 * clock and at the memory, and end a subject that goes beyond either. They talk through a few numbers in shared memory.
 */
import { readFileSync } from 'node:fs'
import { workerData } from 'node:worker_threads'

/** Places in the shared numbers. */
export const Cell = {
  /** The process to watch, 0 for none. Everything below it counts too. */
  pid: 0,
  /** When it was last given time, in milliseconds of `since`, and how much. */
  begun: 1,
  allowance: 2,
  /** Why it was ended. */
  verdict: 3,
  /** The most memory that it was seen to use, in megabytes. */
  megabytes: 4,
} as const

export const Verdict = { none: 0, late: 1, large: 2 } as const

export interface WatchdogData {
  cells: Int32Array
  since: number
  memoryMegabytes: number
}

export const elapsed = (since: number): number =>
  Math.round(performance.timeOrigin + performance.now() - since)

/** On a busy machine little work takes long: what counts is the processor's time, and the clock's only when this is over. */
export const patience = 5

function watch({ cells, since, memoryMegabytes }: WatchdogData): void {
  const grader = process.ppid
  let begun = -1
  let spentBefore = 0
  setInterval(() => {
    const pid = Atomics.load(cells, Cell.pid)
    // A grader that was killed could not end its judges: without it nobody reads the verdict.
    if (process.ppid !== grader) endAll([...(pid === 0 ? [] : [pid, ...descendants(pid)]), process.pid])
    if (pid === 0 || Atomics.load(cells, Cell.verdict) !== Verdict.none) return
    const family = [pid, ...descendants(pid)]
    const megabytes = family.reduce((sum, each) => sum + residentMegabytes(each), 0)
    Atomics.store(cells, Cell.megabytes, Math.max(megabytes, Atomics.load(cells, Cell.megabytes)))
    const spent = family.reduce((sum, each) => sum + processorMilliseconds(each), 0)
    const now = Atomics.load(cells, Cell.begun)
    if (now !== begun) {
      begun = now
      spentBefore = spent
    }
    const allowance = Atomics.load(cells, Cell.allowance)
    if (megabytes > memoryMegabytes) end(family, Verdict.large)
    else if (spent - spentBefore > allowance || elapsed(since) - begun > patience * allowance) {
      end(family, Verdict.late)
    }
  }, 20)

  function end(family: readonly number[], verdict: number): void {
    Atomics.store(cells, Cell.verdict, verdict)
    endAll(family)
  }
}

export function endAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {}
  }
}

export function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`)?.split(' ').filter(Boolean).map(Number) ?? []
  return children.flatMap(child => [child, ...descendants(child)])
}

function residentMegabytes(pid: number): number {
  const pages = Number(read(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0)
  return (pages * 4096) >> 20
}

/** The kernel counts in hundredths of a second. Where it does not tell, only the clock counts. */
function processorMilliseconds(pid: number): number {
  const fields = read(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')
  return 10 * (Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0))
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

if (workerData?.cells) watch(workerData)
