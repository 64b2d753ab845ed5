/** The judge's hold on the subject's process: starts it in the sandbox, talks to it, says how it ended. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Pipe } from './bridge.ts'
import { JudgeEnd, type Watcher } from './judge-end.ts'
import type { Reason } from './model.ts'
import { Hangup, pipe } from './pipe.ts'
import { type Limits, openFilter, type Sandbox, sandboxed } from './sandbox.ts'
import type { Malformed } from './values.ts'
import { Cell, descendants, elapsed, endAll, Verdict, type WatchdogData } from './watchdog.ts'

/** The subject is no more, or no longer worth talking to. */
export class SubjectGone extends Error {
  override readonly name = 'SubjectGone'
  readonly reason: Reason
  /** As it was: a test on its way may have put its own story before the message. */
  readonly said: string

  constructor(reason: Reason, message: string) {
    super(message)
    this.reason = reason
    this.said = message
  }
}

export interface SubjectOptions {
  sandbox: Sandbox
  limits: Limits
  /** Holds `subject.mjs`, the program with the student's code. */
  program: string
  /** A private folder for pipes, output and status. */
  scratch: string
  watchdog: string
}

interface Running {
  child: ChildProcess
  end: JudgeEnd
  descriptors: number[]
  /** Its descriptors may belong to its successor by now: whoever still holds an object of it must not use them. */
  over: boolean
}

/** One subject after the other: a new one is started when the last one is gone. */
export class SubjectProcess {
  readonly #options: SubjectOptions
  readonly #watcher: Watcher
  readonly #cells = new Int32Array(new SharedArrayBuffer(32))
  readonly #since = performance.timeOrigin
  readonly #watchdog: Worker
  #running: Running | null = null
  /** Why the last one went; told again to whoever calls before `next`. */
  gone: SubjectGone | null = null

  constructor(options: SubjectOptions, watcher: Omit<Watcher, 'broken'>) {
    this.#options = options
    this.#watcher = { ...watcher, broken: error => this.lost(error) }
    const workerData: WatchdogData = {
      cells: this.#cells,
      since: this.#since,
      memoryMegabytes: options.limits.memoryMegabytes,
    }
    this.#watchdog = new Worker(options.watchdog, { workerData })
    this.#watchdog.unref()
  }

  /** From now on it may use so much of the processor's time. */
  allow(milliseconds: number): void {
    Atomics.store(this.#cells, Cell.allowance, milliseconds)
    Atomics.store(this.#cells, Cell.begun, elapsed(this.#since))
  }

  /** After the end of one subject, lets there be another. */
  next(): void {
    this.gone = null
  }

  /** The end of the bridge; starts a subject when there is none. */
  get end(): JudgeEnd {
    if (this.gone) throw this.gone
    this.#running ??= this.#start()
    return this.#running.end
  }

  get started(): boolean {
    return this.#running !== null
  }

  stop(): void {
    if (this.#running) this.#clear(this.#running)
    void this.#watchdog.terminate()
  }

  #start(): Running {
    const { sandbox, limits, program, scratch } = this.#options
    const at = (name: string) => path.join(scratch, name)
    spawnSync('mkfifo', [at('asks'), at('answers')])
    // Opening one end of a pipe waits for the other, unless both are opened at once, as `r+` does.
    const asks = openSync(at('asks'), 'r+')
    const answers = openSync(at('answers'), 'r+')
    const from = openSync(at('answers'), 'r')
    const to = openSync(at('asks'), 'w')
    rmSync(at('asks'))
    rmSync(at('answers'))
    const output = openSync(at('output'), 'w')
    const status = openSync(at('status'), 'w')
    const filter = openFilter(scratch)
    Atomics.store(this.#cells, Cell.verdict, Verdict.none)
    Atomics.store(this.#cells, Cell.megabytes, 0)
    const [command, ...args] = sandboxed(sandbox, program, 'subject.mjs', limits)
    const child = spawn(command!, args, {
      stdio: ['ignore', output, output, asks, answers, filter, status],
      env: sandbox.kind === 'bubblewrap' ? process.env : {},
      cwd: scratch,
      detached: true,
    })
    child.on('error', () => {})
    child.unref()
    for (const descriptor of [asks, answers, output, status, filter]) closeSync(descriptor)
    // For whoever must clean up after a judge that was killed.
    writeFileSync(at('pid'), String(child.pid ?? ''))
    Atomics.store(this.#cells, Cell.pid, child.pid ?? 0)
    const channel = pipe(from, to)
    const guarded: Pipe = {
      send: message => this.#guard(running, () => channel.send(message)),
      receive: () => this.#guard(running, () => channel.receive()),
    }
    const end = new JudgeEnd(guarded, this.#watcher)
    const running: Running = { child, end, descriptors: [from, to], over: false }
    return running
  }

  #guard<T>(running: Running, talk: () => T): T {
    if (this.gone) throw this.gone
    if (running.over)
      throw new SubjectGone('crashed', 'this object was lost with the process of an earlier test')
    try {
      return talk()
    } catch (error) {
      throw error instanceof Hangup ? this.lost() : error
    }
  }

  /** It is gone, or we are done with it. */
  lost(malformed?: Malformed): SubjectGone {
    if (this.gone) return this.gone
    const running = this.#running
    if (!running) return new SubjectGone('crashed', 'it was not running')
    const gone = malformed
      ? new SubjectGone('crashed', `it answered with something that is no answer (${malformed.message})`)
      : this.#obituary()
    this.#clear(running)
    this.gone = gone
    return gone
  }

  #clear(running: Running): void {
    const { child, descriptors } = running
    running.over = true
    Atomics.store(this.#cells, Cell.pid, 0)
    if (child.pid !== undefined) endAll([-child.pid, child.pid, ...descendants(child.pid)])
    for (const descriptor of descriptors) closeSync(descriptor)
    this.#running = null
  }

  #obituary(): SubjectGone {
    const verdict = Atomics.load(this.#cells, Cell.verdict)
    if (verdict === Verdict.late)
      return new SubjectGone('timed out', 'it was still busy when its time was up')
    if (verdict === Verdict.large) return new SubjectGone('out of memory', this.#memory())
    const code = this.#exitCode()
    const output = this.output()
    if (/heap out of memory|Out of memory|Array buffer allocation failed/i.test(output)) {
      return new SubjectGone('out of memory', this.#memory())
    }
    if (code === null) return new SubjectGone('crashed', 'its process ended without a word')
    if (code === 70) return new SubjectGone('crashed', 'it broke the channel to the tests')
    if (code < 128) {
      const why = /^(?:Uncaught )?(\w*Error: .*)$/m.exec(output)?.[1]
      return why === undefined
        ? new SubjectGone('exited', `it ended its own process (exit code ${code})`)
        : new SubjectGone('crashed', `an error that nobody caught: ${why.slice(0, 500)}`)
    }
    const signal = signals[code - 128] ?? `signal ${code - 128}`
    if (signal === 'SIGXFSZ') return new SubjectGone('crashed', 'it printed or wrote more than it may')
    if (signal === 'SIGXCPU') return new SubjectGone('timed out', 'it used up its processor time')
    return new SubjectGone('crashed', `its process was ended by ${signal}`)
  }

  #memory(): string {
    return `it needed more than the ${this.#options.limits.memoryMegabytes} MB that a lab may use`
  }

  /** What the sandbox wrote about the end; it comes a moment after the channel has closed. */
  #exitCode(): number | null {
    for (let tries = 0; tries < 100; tries++) {
      const found = /"exit-code": (\d+)/.exec(
        readFileSync(path.join(this.#options.scratch, 'status'), 'utf8'),
      )
      if (found) return Number(found[1])
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
    return null
  }

  /** The end of what it printed. */
  output(): string {
    return readFileSync(path.join(this.#options.scratch, 'output'), 'utf8').slice(-4000)
  }
}

const signals: Record<number, string> = {
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
}
