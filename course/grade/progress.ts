/** How far a grading has come: a line that rewrites itself on a terminal, a line for each result elsewhere. */
export interface Progress {
  step(done: number, total: number, line: string): void
  end(): void
}

const width = 30

export function progress(out: NodeJS.WriteStream = process.stderr): Progress {
  const began = performance.now()
  if (!out.isTTY) {
    return {
      step: (done, total, line) =>
        void out.write(`${String(done).padStart(String(total).length)}/${total}  ${line}\n`),
      end() {},
    }
  }
  return {
    step(done, total, line) {
      const filled = Math.round((width * done) / total)
      const left = ((performance.now() - began) / done) * (total - done)
      const text = `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${done}/${total}  ${time(left)} left  ${line}`
      out.write(`\r\x1b[2K${text.slice(0, out.columns - 1)}`)
    },
    end: () => void out.write('\r\x1b[2K'),
  }
}

export function time(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
