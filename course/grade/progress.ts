/** How far a grading has come: a line that rewrites itself on a terminal, a line for each result elsewhere. */
import type { Step } from './grading.ts'

export interface Progress {
  step(step: Step): void
  end(): void
  /** How many results are new, and how many were known from an earlier grading. */
  readonly fresh: number
  readonly known: number
}

const width = 30

export function progress(out: NodeJS.WriteStream = process.stderr): Progress {
  let began = performance.now()
  let phase: Step['phase'] = 'preparing'
  let last = began
  let fresh = 0
  let known = 0
  return {
    step(step) {
      const { done, total, line } = step
      if (step.phase !== phase) began = last
      phase = step.phase
      last = performance.now()
      if (phase === 'grading' && step.fresh) fresh++
      if (phase === 'grading' && !step.fresh) known++
      if (!out.isTTY) {
        if (phase === 'preparing' && !step.fresh) return
        out.write(`${String(done).padStart(String(total).length)}/${total}  ${line}\n`)
        return
      }
      const filled = Math.round((width * done) / total)
      const text = `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${total}  ${left(step)}${line}`
      out.write(`\r\x1b[2K${text.slice(0, out.columns - 1)}`)
    },
    end() {
      if (out.isTTY) out.write('\r\x1b[2K')
    },
    get fresh() {
      return fresh
    },
    get known() {
      return known
    },
  }

  /** Nothing before the first result that took work: what was known says nothing about the rest. */
  function left({ worked, ahead }: Step): string {
    if (worked === 0 || ahead === 0) return ''
    return `about ${time(((performance.now() - began) / worked) * ahead)} left  `
  }
}

export function time(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes} min ${seconds % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
