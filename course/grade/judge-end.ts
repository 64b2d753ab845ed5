/** The judge's end of the bridge; see bridge.ts. What it learns from the subject it takes for claims. */
import { Ask, Bridge, type Pipe, putBack } from './bridge.ts'
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
    return this.#withPartners(() =>
      super.call(args, writer => {
        writer.u8(Ask.invoke)
        writer.u32(index)
      }),
    )
  }

  /** Lets the subject's promises and timers go on; true when timers are left. */
  pump(): boolean {
    return this.ask(Ask.pump) === true
  }

  protected override call(args: readonly unknown[], head: (writer: Writer) => void): unknown {
    return this.#withPartners(() => super.call(args, head))
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
    const writer = new Writer(this.#looking)
    writer.start()
    try {
      writer.contents(copy)
    } catch {
      return null
    }
    return writer.length <= comparedUpTo ? writer.bytes() : null
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
