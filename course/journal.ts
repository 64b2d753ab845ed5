/** What a process that runs tests writes down as it goes (in-worker.ts), read by the one that waits for it. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

export type JournalLine =
  | { type: 'load'; file: string; time: number }
  | { type: 'start'; file: string; test: string; timeout: number; time: number }
  | { type: 'end'; file: string; test: string; failure: string | null; time: number }
  | { type: 'done'; file: string }

/** One process: its number, and what it wrote. */
export interface Journal {
  pid: number
  lines: readonly JournalLine[]
}

export function readJournals(folder: string): Journal[] {
  return readdirSync(folder).map(name => ({
    pid: Number.parseInt(name, 10),
    // The last line may be half written: it is whole the next time.
    lines: readFileSync(path.join(folder, name), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as JournalLine),
  }))
}

/** What a process was doing when it last wrote: a line that nothing has closed. */
export type Open = Exclude<JournalLine, { type: 'done' }>

export function openIn(journal: Journal): Open | null {
  const last = journal.lines.at(-1)
  return last === undefined || last.type === 'done' ? null : last
}

/** Past its own timeout a test that still waits is failed by the test runner; one that is still busy, by us. */
const graceMs = 1_000
const loadTimeoutMs = 5_000
const hookTimeoutMs = 10_000

/** How long a process may be at what it is doing. */
export function limitOf(open: Open): number {
  if (open.type === 'start') return open.timeout + graceMs
  return (open.type === 'load' ? loadTimeoutMs : hookTimeoutMs) + graceMs
}
