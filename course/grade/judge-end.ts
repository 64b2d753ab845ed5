/** The judge's end of the bridge; see bridge.ts. What it learns from the subject it takes for claims. */
import { Ask, Bridge, type Call, type Pipe, putBack, writeCall } from './bridge.ts'
import { define, Malformed, type Sent, Writer } from './values.ts'

/** A copy of an object that lives with the subject. */
interface Shared {
  id: number
  /** What came, when it is short enough to compare with at every call. */
  print: Buffer | null
  stale: boolean
}

/** Is told what happens on the bridge. */
export interface Watcher {
  called(): void
  threw(error: unknown): void
  /** The subject said something impossible: what to throw for it. */
  broken(error: Malformed): Error
}

/** A call of the same name answered nothing so often: it will again. */
const quietEnough = 3
/** So many quiet calls it takes to forget one that was not. */
const banished = 3000

const keyOf = ({ kind, target, method }: Call) => (kind === Ask.call ? method : String(target))

/** The test went on from a call that had not gone as foreseen: whatever it finds now means nothing. */
export class ForesawWrongly extends Error {
  override readonly name = 'ForesawWrongly'
}

/** A copy is compared with what came, before it goes back, when that costs less than a call. */
const comparedUpTo = 512

export class JudgeEnd extends Bridge {
  readonly #shared = new WeakMap<object, Shared>()
  /** The copies that take part in the call being made. */
  #partners: object[] = []
  /** Something with a `then` has crossed: the subject needs turns of its event loop from now on. */
  thenables = false
  readonly #watcher: Watcher

  constructor(pipe: Pipe, watcher: Watcher) {
    super(pipe)
    this.#watcher = watcher
  }

  protected override failed(error: unknown): void {
    this.#watcher.threw(error)
  }

  protected override broken(error: Malformed): Error {
    return this.#watcher.broken(error)
  }

  protected override isFatal(error: unknown): boolean {
    return error instanceof Malformed || (error instanceof Error && error.name === 'SubjectGone')
  }

  protected override answer(): never {
    throw new Malformed('only the judge asks that')
  }

  protected override callee(): never {
    throw new Malformed('only the judge asks that')
  }

  /** What the judge's own functions do to what they are handed stays on this side. */
  protected override watch(): () => [] {
    return () => []
  }

  /** How the subject's exports are: `['function']`, or `['value', …]`. Throws what loading them threw. */
  hello(): unknown {
    return this.ask(Ask.hello)
  }

  invoke(index: number, args: readonly unknown[]): unknown {
    return this.call({ kind: Ask.invoke, target: index, method: '', args })
  }

  /** Lets the subject's promises and timers go on; true when timers are left. */
  pump(): boolean {
    return this.ask(Ask.pump) === true
  }

  protected override call(call: Call): unknown {
    if (this.#foresight && this.serving === 0 && this.#postpone(call)) return undefined
    return this.#withPartners(() => {
      const value = super.call(call)
      this.#learn(call, value === undefined)
      return value
    })
  }

  // A call costs two changes of process; most calls of a test that makes many answer nothing. So a call that has
  // always answered nothing is taken to do so again: it is kept back, and goes with the others as one message before
  // anything is asked. If one of them did answer or throw, the test has gone on as it must not, and is run again
  // without foresight. A verdict is only ever that of a run in which nothing was foreseen wrongly.

  #foresight = false
  #foresawWrongly = false
  /** Objects that the subject made before this test stay out of it: the test could not be run again on them. */
  #oldest = 0
  #latest = 0
  readonly #quiet = new Map<string, number>()
  readonly #batch: Buffer[] = []
  #batchKeys = new Set<string>()
  #batchBytes = 0
  #flushing = false
  #touchesOld = false
  readonly #later = new Writer(this)

  /** A test begins; `foresight` is false when it is run again. */
  begin(foresight: boolean): void {
    this.#foresight = foresight
    this.#foresawWrongly = false
    this.#oldest = this.#latest
  }

  /** The test is over, or nearly: sends what was kept back. False when the test must be run again. */
  settle(): boolean {
    this.beforeAsking()
    this.#foresight = false
    return !this.#foresawWrongly
  }

  #learn(call: Call, quiet: boolean): void {
    const key = keyOf(call)
    this.#quiet.set(key, quiet ? (this.#quiet.get(key) ?? 0) + 1 : -banished)
  }

  #postpone(call: Call): boolean {
    const key = keyOf(call)
    if ((this.#quiet.get(key) ?? 0) < quietEnough) return false
    if (call.kind === Ask.call && call.target <= this.#oldest) return false
    this.#touchesOld = false
    this.#later.start()
    this.#withPartners(() => writeCall(this.#later, call))
    if (this.#touchesOld) return false
    const bytes = Buffer.from(this.#later.bytes())
    this.#batch.push(bytes)
    this.#batchKeys.add(key)
    this.#batchBytes += bytes.length
    if (this.#batch.length >= 1024 || this.#batchBytes > 1 << 18) this.beforeAsking()
    return true
  }

  protected override beforeAsking(): void {
    if (this.#batch.length === 0 || this.#flushing) return
    const calls = this.#batch.splice(0)
    const keys = [...this.#batchKeys]
    this.#batchKeys.clear()
    this.#batchBytes = 0
    this.#flushing = true
    const asked = this.asked
    try {
      const quiet = this.ask(Ask.batch, writer => {
        writer.u32(calls.length)
        for (const bytes of calls) writer.raw(bytes)
      })
      if (quiet === true && asked === this.asked) return
    } finally {
      this.#flushing = false
    }
    this.#foresawWrongly = true
    this.#foresight = false
    for (const key of keys) this.#quiet.set(key, (this.#quiet.get(key) ?? 0) - banished / 3)
    throw new ForesawWrongly()
  }

  protected override remember(id: number, object: object): void {
    this.#latest = Math.max(this.#latest, id)
    super.remember(id, object)
  }

  #withPartners(call: () => unknown): unknown {
    const outer = this.#partners
    const mine: object[] = []
    this.#partners = mine
    try {
      return call()
    } finally {
      this.#partners = outer
      for (const copy of mine) this.#outdate(copy, Object.keys(copy))
      this.#watcher.called()
    }
  }

  override toSend(value: object): Sent | null {
    const id = this.theirIdOf(value)
    if (id !== undefined && id <= this.#oldest) this.#touchesOld = true
    const shared = this.#shared.get(value)
    if (shared === undefined) return super.toSend(value)
    this.#partners.push(value)
    const changed =
      !shared.stale && shared.print !== null && !shared.print.equals(this.#print(value) ?? shared.print)
    return { type: 'yours', id: shared.id, changed }
  }

  protected override sendData(): null {
    return null
  }

  protected override sawThenable(): void {
    this.thenables = true
  }

  override receivedShared(id: number, copy: object): object {
    const known = this.known(id)
    const object = known ?? copy
    if (known !== undefined) putBack(known, copy)
    else this.remember(id, object)
    this.#shared.set(object, { id, print: this.#print(object), stale: false })
    return object
  }

  override receivedLarge(id: number, keys: readonly string[]): object {
    const object = this.known(id) ?? {}
    if (this.known(id) === undefined) this.remember(id, object)
    if (!this.#shared.has(object)) this.#shared.set(object, { id, print: null, stale: false })
    this.#outdate(object, keys)
    return object
  }

  override returnedChanged(): object {
    throw new Malformed('the judge shares nothing')
  }

  #print(copy: object): Buffer | null {
    if (Object.keys(copy).length > 32) return null
    this.#printer.start()
    try {
      this.#printer.contents(copy)
    } catch {
      return null
    }
    return this.#printer.length <= comparedUpTo ? Buffer.from(this.#printer.bytes()) : null
  }

  /** For a copy that is only looked at: nothing may be asked for on the way. */
  readonly #looking = {
    toSend: (value: object): Sent | null => {
      const id = this.theirIdOf(value)
      return id === undefined || this.#shared.get(value)?.stale === false ? null : { type: 'yours', id }
    },
    received: never,
    returned: never,
    receivedShared: never,
    receivedLarge: never,
    returnedChanged: never,
    tooLarge: never,
  }

  readonly #printer = new Writer(this.#looking)

  /** From now on whoever reads a field makes the copy ask for all of them first. */
  #outdate(copy: object, keys: readonly string[]): void {
    const shared = this.#shared.get(copy)!
    if (shared.stale) return
    shared.stale = true
    for (const key of keys) {
      Object.defineProperty(copy, key, {
        enumerable: true,
        configurable: true,
        get: () => {
          this.#refresh(copy, shared)
          return Reflect.get(copy, key)
        },
        set: value => {
          this.#refresh(copy, shared)
          define(copy, key, value, true)
        },
      })
    }
  }

  #refresh(copy: object, shared: Shared): void {
    const entries = this.ask(Ask.read, writer => writer.u32(shared.id))
    if (!Array.isArray(entries)) throw new Malformed('not the fields of an object')
    const fresh = {}
    for (let i = 0; i + 1 < entries.length; i += 2) define(fresh, String(entries[i]), entries[i + 1], true)
    putBack(copy, fresh)
    shared.stale = false
    shared.print = this.#print(copy)
  }
}

function never(): never {
  throw new Malformed('nothing is read here')
}
