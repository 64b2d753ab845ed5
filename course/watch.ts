/** `npm run watch 04`: a verdict after every save, and the next step one key away. */
import { emitKeypressEvents } from 'node:readline'
import pc from 'picocolors'
import { Complaint } from './complaint.ts'
import { hintsOf, hintText } from './hint.ts'
import { labNamed, madeLabs } from './labs.ts'
import type { Lab } from './manifest.ts'
import { lastVerdict } from './memory.ts'
import { labRoot } from './paths.ts'
import { nextLab, report } from './report.ts'
import { openRunner } from './runner.ts'
import { tryLab } from './trial.ts'
import { type Watcher, watchFolder } from './watcher.ts'

export async function watch(name?: string): Promise<number> {
  const screen = await openScreen(name === undefined ? unfinishedLab() : labNamed(name))
  await screen.closed
  return 0
}

/** The lab that a student should turn to: the first that is not done, or else the last. */
export function unfinishedLab(): Lab {
  return madeLabs.find(lab => !lastVerdict(lab)?.done) ?? madeLabs.at(-1)!
}

export interface Screen {
  /** A line that stays above the verdict; and from now on, where the chapters are read. */
  announce(line: string, chapter?: (lab: Lab) => string): void
  /** Settles when the student leaves. */
  closed: Promise<void>
}

export async function openScreen(first: Lab): Promise<Screen> {
  const runner = await openRunner({ quickAgain: true })
  let lab = first
  let watcher: Watcher = watchFolder(labRoot(lab), saved)
  let announcement = ''
  let chapterLink: ((lab: Lab) => string) | undefined
  let verdict = () => ''
  let hintsShown = 0
  let running: Promise<void> | null = null
  let again = false
  let leave = () => {}
  const left = new Promise<void>(resolve => {
    leave = resolve
  })

  /** One run at a time; a save while one is under way ends it, since nobody waits for its answer any more. */
  function saved(files: readonly string[] = []): void {
    runner.changed(files)
    if (running) {
      again = true
      runner.stop()
      return
    }
    running = runOnce().finally(() => {
      running = null
      if (again) saved()
    })
  }

  async function runOnce(): Promise<void> {
    again = false
    // Whatever happens in a run, the next save must find somebody watching.
    const next = await tryLab(lab, runner).then(
      trial => () => report(trial, { onward: 'press n', ...(chapterLink && { chapter: chapterLink }) }),
      (error: Error) => () => `${error instanceof Complaint ? error.message : error.stack}\n`,
    )
    if (again) return
    verdict = next
    hintsShown = 0
    draw()
  }

  function draw(): void {
    if (process.stdout.isTTY) process.stdout.write('\x1b[2J\x1b[3J\x1b[H')
    console.log([...(announcement === '' ? [] : [announcement, '']), verdict(), keysLine].join('\n'))
  }

  function turnTo(next: Lab): void {
    lab = next
    watcher.close()
    watcher = watchFolder(labRoot(lab), saved)
    saved()
  }

  const keys: Record<string, () => void> = {
    h() {
      const hints = hintsOf(lab)
      if (hintsShown < hints.length) hintsShown++
      console.log(`\n${hintText(lab, hintsShown, hints[hintsShown - 1]!)}`)
      console.log(hintsShown < hints.length ? keysLine : `That was the last one. ${keysLine}`)
    },
    n: () => turnTo(nextLab(lab) ?? madeLabs[(madeLabs.indexOf(lab) + 1) % madeLabs.length]!),
    r: saved,
    q: leave,
  }
  const stopListening = listenToKeys(key => keys[key]?.())
  process.once('SIGINT', leave).once('SIGTERM', leave)
  saved()

  return {
    announce(line, chapter) {
      announcement = line
      chapterLink = chapter
      if (verdict() === '') console.log(line)
      else draw()
    },
    closed: left.then(async () => {
      stopListening()
      watcher.close()
      again = false
      runner.stop()
      await running
      await runner.close()
    }),
  }
}

const keysLine = ['h hint', 'n next lab', 'r run again', 'q quit']
  .map(key => `${pc.bold(key[0])}${pc.dim(key.slice(1))}`)
  .join(pc.dim(' · '))

/** Keys work in a terminal as they are pressed, and from a pipe as they come. */
function listenToKeys(onKey: (key: string) => void): () => void {
  const { stdin } = process
  if (!stdin.isTTY) {
    stdin.setEncoding('utf8').on('data', text => {
      for (const key of String(text)) onKey(key)
    })
    return () => stdin.destroy()
  }
  emitKeypressEvents(stdin)
  stdin.setRawMode(true).on('keypress', (_text, key: { name?: string; ctrl?: boolean }) => {
    onKey(key.ctrl && key.name === 'c' ? 'q' : (key.name ?? ''))
  })
  return () => {
    stdin.setRawMode(false)
    stdin.destroy()
  }
}
