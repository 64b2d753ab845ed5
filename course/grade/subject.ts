/**
 * Runs in the sandbox, beside what a student wrote, and answers the judge's calls. Nothing here decides anything: whoever
 * takes this process over can only answer calls wrongly, and that the student's code may do anyhow.
 */
import { Ask, Bridge, isRecord, shapeOf, type Update } from './bridge.ts'
import { Hangup, pipe } from './pipe.ts'
import { Malformed, Reader, type Sent, Writer } from './values.ts'

/** Where the sandbox puts the two ends that are ours. */
export const fromJudge = 3
export const toJudge = 4

const sharedInMessage = 64

class SubjectEnd extends Bridge {
  readonly #load: () => readonly unknown[]
  readonly #large = new Set<number>()
  readonly #printer = new Writer(this)
  #shared = 0
  #onlyCopies = false

  /** `load` gives the exports in the order of the judge's list, or throws what loading them threw. */
  constructor(load: () => readonly unknown[]) {
    super(pipe(fromJudge, toJudge))
    this.#load = load
  }

  protected override sendData(value: object): Sent | null {
    if (this.#onlyCopies || !isRecord(value) || ++this.#shared > sharedInMessage) return null
    const id = this.idOf(value)
    return { type: 'shared', id, large: this.#large.has(id) }
  }

  override tooLarge(id: number): void {
    this.#large.add(id)
  }

  protected override copying(encode: () => void): void {
    this.#onlyCopies = true
    try {
      encode()
    } finally {
      this.#onlyCopies = false
    }
  }

  protected override watch(args: readonly unknown[]): () => Update[] {
    const before = args.map(arg => this.#print(arg))
    return () =>
      args.flatMap((value, index) => {
        const was = before[index]
        return was && !was.equals(this.#print(value) ?? was) ? [{ index, value }] : []
      })
  }

  /** The bytes of an argument that came as a copy; null for all others. */
  #print(arg: unknown): Buffer | null {
    if (typeof arg !== 'object' || arg === null) return null
    if (this.isOwn(arg) || this.theirIdOf(arg) !== undefined || shapeOf(arg) !== null) return null
    this.#printer.start()
    this.copying(() => this.#printer.contents(arg))
    return Buffer.from(this.#printer.bytes())
  }

  protected override callee(reader: Reader): (args: unknown[]) => unknown {
    const index = reader.u32()
    this.#shared = 0
    return args => {
      const value = this.#load()[index]
      if (typeof value !== 'function') throw new TypeError(`${typeof value} is not a function`)
      return value(...args)
    }
  }

  protected override answer(kind: number, reader: Reader): unknown {
    this.#shared = 0
    if (kind === Ask.hello) {
      return this.#load().map(value => (typeof value === 'function' ? ['function'] : ['value', value]))
    }
    if (kind === Ask.batch) return this.#batch(reader)
    if (kind !== Ask.read) throw new Malformed('no such question')
    return Object.entries(this.returned(reader.u32())).flat()
  }

  /** Stops at the first call that answers, throws or changes something: the judge must not have gone on after it. */
  #batch(whole: Reader): boolean {
    const reader = new Reader(this)
    let quiet = true
    for (const bytes of Array.from({ length: whole.count() }, () => Buffer.from(whole.raw()))) {
      reader.start(bytes)
      try {
        const value = this.carryOut(reader.u8(), reader, updates => {
          quiet &&= updates.length === 0
        })
        quiet &&= value === undefined
      } catch (error) {
        if (this.isFatal(error)) throw error
        return false
      }
      if (!quiet) return false
    }
    return true
  }
}

/**
 * Where there is no sandbox but Node's permissions, a process could still end its judge, or make it open a debugger: Node
 * leaves signals to everybody. Under these permissions nothing leads back to what is taken away here.
 */
function takeSignalsAway(): void {
  if (!('permission' in process)) return
  for (const name of ['kill', '_kill', '_debugProcess', '_debugEnd']) Reflect.deleteProperty(process, name)
}

/** `names` lists the exports as `module name`, in the judge's order. */
export async function serve(
  modules: Record<string, () => Promise<Record<string, unknown>>>,
  names: readonly (readonly [module: string, name: string])[],
): Promise<void> {
  const loaded: Record<string, Record<string, unknown>> = {}
  let failure: { error: unknown } | null = null
  takeSignalsAway()
  try {
    for (const [name, load] of Object.entries(modules)) loaded[name] = await load()
  } catch (error) {
    failure = { error }
  }
  const end = new SubjectEnd(() => {
    if (failure) throw failure.error
    return names.map(([module, name]) => loaded[module]?.[name])
  })
  try {
    await end.serve()
  } catch (error) {
    process.exit(error instanceof Hangup ? 0 : 70)
  }
}
