/** What was measured, as a table: Apache's server, ours, what was aimed at and whether it was met. */
import { readFileSync } from 'node:fs'

export type Figures = Map<string, number | string>

/** What a figure of ours should be: a multiple of Apache's, or a number by itself. */
export interface Aim {
  text: string
  isMet(ours: number, theirs: number | null): boolean | null
}

export type Aims = Record<string, Aim>

/** Beside Apache's figure. */
export function aim(bound: 'at least' | 'at most', times: number): Aim {
  return {
    text: `${bound === 'at least' ? '≥' : '≤'} ${times}×`,
    isMet: (ours, theirs) =>
      theirs === null ? null : bound === 'at least' ? ours >= times * theirs : ours <= times * theirs,
  }
}

export function atMost(limit: number): Aim {
  return { text: `≤ ${limit}`, isMet: ours => ours <= limit }
}

export function printed(theirs: Figures | null, ours: Figures, aims: Aims): string {
  const rows = [...new Set([...(theirs?.keys() ?? []), ...ours.keys()])].map(name => {
    const [a, b] = [theirs?.get(name), ours.get(name)]
    const ratio = typeof a === 'number' && typeof b === 'number' && a > 0 ? `${(b / a).toFixed(2)}×` : ''
    const aimed = aims[name]
    const met =
      aimed === undefined || typeof b !== 'number' ? null : aimed.isMet(b, typeof a === 'number' ? a : null)
    return [name, shown(a), shown(b), ratio, aimed?.text ?? '', met === null ? '' : met ? 'met' : 'MISSED']
  })
  const table = [['', "Apache's server", 'our server', 'ours / theirs', 'aim', ''], ...rows]
  const widths = table[0]!.map((_, i) => Math.max(...table.map(row => row[i]!.length)))
  return table
    .map(row =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 2))).join(''),
    )
    .join('\n')
}

function shown(figure: number | string | undefined): string {
  return typeof figure === 'number' ? figure.toLocaleString('en') : (figure ?? '')
}

/** In MB, as Linux counts what a process holds and the most that it ever held; NaN where nobody tells. */
export function memoryOf({ pid }: { pid: number }): { now: number; peak: number } {
  let status = ''
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    // Only Linux has it.
  }
  const of = (key: string): number =>
    Math.round(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024)
  return { now: of('VmRSS'), peak: of('VmHWM') }
}

/** What a process has worked so far, all its threads together; NaN where nobody tells. */
export function cpuMillisOf({ pid }: { pid: number }): number {
  try {
    // What follows its name, which may hold anything, begins with the third field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return 10 * (Number(fields[11]) + Number(fields[12]))
  } catch {
    return Number.NaN
  }
}
