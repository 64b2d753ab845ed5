/**
 * Calls across a process boundary that look like calls. The judge's end runs the tests; the subject's end runs what a
 * student wrote. A call blocks until its answer is here, so that the very same tests run unchanged on both sides.
 * While one end waits, the other may call back, and so on inwards: whoever waits also serves.
 *
 * Data is copied (values.ts). Three things keep the copies from being noticed:
 * - what a call changed in an array or object that it was handed is put back into the caller's;
 * - plain objects that the subject made (its state, mostly) go back as the objects they were, not as copies of copies;
 * - the judge's copy of such an object is renewed when somebody looks into it after it took part in a call.
 */
import { define, Malformed, Reader, type References, type Sent, type Shape, Writer } from './values.ts'

export interface Pipe {
  send(message: Buffer): void
  /** Blocks. Throws when the other end is gone. */
  receive(): Buffer
}

const Message = { ask: 1, result: 2, failure: 3 } as const
export const Ask = {
  call: 1,
  get: 2,
  set: 3,
  keys: 4,
  release: 5,
  /** The rest are the judge's to ask. `read`: what is in a shared object now? `invoke`: an exported function. */
  read: 6,
  invoke: 7,
  hello: 8,
  /** Lets promises and timers go on; answers whether timers are left. */
  pump: 9,
  /** Calls that are expected to answer nothing, many in one message; answers whether they did. */
  batch: 10,
} as const

/** Names through which an object would give away more than itself. */
const withheld = new Set(['constructor', 'prototype', '__proto__', 'caller', 'callee', 'arguments'])
/** Names by which test libraries recognise friends: what comes from the other side is none. */
const disguises = new Set(['asymmetricMatch', '$$typeof', 'toJSON', 'nodeType'])

/** An argument that a call has changed. */
export interface Update {
  index: number
  value: unknown
}

/** `target`: an object's number, or for `invoke` an export's. `method` is '' for a function. */
export interface Call {
  kind: typeof Ask.call | typeof Ask.invoke
  target: number
  method: string
  args: readonly unknown[]
}

export function writeCall(writer: Writer, { kind, target, method, args }: Call): void {
  writer.u8(kind)
  writer.u32(target)
  if (kind === Ask.call) writer.name(method)
  writer.u32(args.length)
  for (const arg of args) writer.value(arg)
}

export abstract class Bridge implements References {
  readonly #pipe: Pipe
  readonly #reader = new Reader(this)
  readonly #writers: Writer[] = []
  #depth = 0
  /** How many questions of the other end are being answered, one inside the other. */
  protected serving = 0
  /** How many there have been. */
  protected asked = 0

  readonly #own = new Map<number, object>()
  readonly #ownIds = new WeakMap<object, number>()
  #nextId = 1

  readonly #theirs = new Map<number, WeakRef<object>>()
  readonly #theirIds = new WeakMap<object, number>()
  readonly #dropped: number[] = []
  readonly #finalization = new FinalizationRegistry<number>(id => this.#dropped.push(id))

  constructor(pipe: Pipe) {
    this.#pipe = pipe
  }

  // What the two ends do differently.
  /** How plain data goes: null for a copy. */
  protected abstract sendData(value: object): Sent | null
  /** Questions that only this end answers. */
  protected abstract answer(kind: number, reader: Reader): unknown
  protected abstract callee(reader: Reader): (args: unknown[]) => unknown
  /** Called with the arguments of a call; answers, after the call, which of them have changed. */
  protected abstract watch(args: readonly unknown[]): () => Update[]
  /** Nothing more can be said to the other end. */
  protected isFatal(error: unknown): boolean {
    return error instanceof Malformed
  }
  protected sawThenable(): void {}
  /** The other end threw this. */
  protected failed(_error: unknown): void {}
  /** What to throw when the other end said something impossible. */
  protected broken(error: Malformed): Error {
    return error
  }
  receivedShared(_id: number, copy: object): object {
    return copy
  }
  receivedLarge(_id: number, _keys: readonly string[]): object {
    throw new Malformed('nothing is shared in this direction')
  }
  returnedChanged(id: number, copy: object): object {
    const object = this.returned(id)
    putBack(object, copy)
    return object
  }
  tooLarge(_id: number): void {}

  toSend(value: object): Sent | null {
    const theirs = this.theirIdOf(value)
    if (theirs !== undefined) return { type: 'yours', id: theirs }
    const shape = shapeOf(value)
    if (shape === null) return this.sendData(value)
    if (shape.methods.includes('then')) this.sawThenable()
    return { type: 'mine', id: this.idOf(value), shape }
  }

  protected theirIdOf(value: object): number | undefined {
    return this.#theirIds.get(value)
  }

  protected idOf(value: object): number {
    let id = this.#ownIds.get(value)
    if (id === undefined || !this.#own.has(id)) {
      id = this.#nextId++
      this.#ownIds.set(value, id)
      this.#own.set(id, value)
    }
    return id
  }

  protected isOwn(value: object): boolean {
    return this.#ownIds.has(value)
  }

  returned(id: number): object {
    const object = this.#own.get(id)
    if (object === undefined) throw new Malformed('an object that was never lent')
    return object
  }

  received(id: number, shape: Shape): object {
    const known = this.known(id)
    if (known !== undefined) return known
    if (shape.methods.includes('then')) this.sawThenable()
    const proxy = shape.callable
      ? (...args: unknown[]) => this.#callObject(id, '', args)
      : objectOf(
          shape,
          (name, args) => this.#callObject(id, name, args),
          (kind, body) =>
            this.ask(kind, writer => {
              writer.u32(id)
              body(writer)
            }),
        )
    this.remember(id, proxy)
    return proxy
  }

  protected known(id: number): object | undefined {
    return this.#theirs.get(id)?.deref()
  }

  protected remember(id: number, object: object): void {
    this.#theirIds.set(object, id)
    this.#theirs.set(id, new WeakRef(object))
    this.#finalization.register(object, id)
  }

  #callObject(id: number, method: string, args: readonly unknown[]): unknown {
    return this.call({ kind: Ask.call, target: id, method, args })
  }

  /** Asks for a call; what it changed in the arguments is put back into them. */
  protected call(call: Call): unknown {
    return this.#exchange(call.args, writer => writeCall(writer, call))
  }

  protected ask(kind: number, body: (writer: Writer) => void = () => {}): unknown {
    return this.#exchange([], writer => {
      writer.u8(kind)
      body(writer)
    })
  }

  /** Comes before any question. */
  protected beforeAsking(): void {}

  #exchange(args: readonly unknown[], body: (writer: Writer) => void): unknown {
    this.beforeAsking()
    if (this.#dropped.length >= 256) this.#release()
    try {
      this.#send(Message.ask, body)
      const { type, value, updates } = this.#awaitAnswer()
      for (const [index, update] of updates) putBack(args[index], update)
      if (type === Message.result) return value
      this.failed(value)
      throw value
    } catch (error) {
      throw error instanceof Malformed ? this.broken(error) : error
    }
  }

  /** Serves what the other end asks on the way. */
  #awaitAnswer() {
    const reader = this.#reader
    for (;;) {
      reader.start(this.#pipe.receive())
      const type = reader.u8()
      if (type === Message.ask) {
        this.asked++
        this.serving++
        this.#serve(reader.u8())
        this.serving--
        continue
      }
      if (type !== Message.result && type !== Message.failure) throw new Malformed('no such message')
      const value = reader.value()
      const updates = Array.from({ length: reader.count() }, () => [reader.u32(), reader.value()] as const)
      return { type, value, updates }
    }
  }

  /** Tells the other end what nobody here holds any more. */
  #release(): void {
    const ids = this.#dropped.splice(0).filter(id => this.known(id) === undefined)
    for (const id of ids) this.#theirs.delete(id)
    this.ask(Ask.release, writer => {
      writer.u32(ids.length)
      for (const id of ids) writer.u32(id)
    })
  }

  #send(type: number, body: (writer: Writer) => void): void {
    // Encoding may run a getter, and that may ask something: each of them needs a writer.
    this.#writers[this.#depth] ??= new Writer(this)
    const writer = this.#writers[this.#depth]!
    this.#depth++
    try {
      writer.start()
      writer.u8(type)
      body(writer)
      this.#pipe.send(writer.bytes())
    } finally {
      this.#depth--
    }
  }

  #serve(kind: number): void {
    const reader = this.#reader
    let updates: Update[] = []
    try {
      let value: unknown
      if (kind === Ask.call || kind === Ask.invoke) {
        value = this.carryOut(kind, reader, changes => {
          updates = changes
        })
      } else value = this.#look(kind)
      this.#reply(Message.result, value, updates)
    } catch (error) {
      if (this.isFatal(error)) throw error
      this.#reply(Message.failure, error, updates)
    }
  }

  /** The call that the reader is at. */
  protected carryOut(kind: number, reader: Reader, changed: (updates: Update[]) => void): unknown {
    const callee = kind === Ask.call ? this.#calleeByName(reader) : this.callee(reader)
    const args = Array.from({ length: reader.count() }, () => reader.value())
    const changes = this.watch(args)
    try {
      return callee(args)
    } finally {
      changed(changes())
    }
  }

  #reply(type: number, value: unknown, updates: readonly Update[]): void {
    this.#send(type, writer => {
      writer.value(value)
      writer.u32(updates.length)
      for (const update of updates) {
        writer.u32(update.index)
        this.copying(() => writer.value(update.value))
      }
    })
  }

  /** Runs `encode` with plain data going as copies only. */
  protected copying(encode: () => void): void {
    encode()
  }

  #calleeByName(reader: Reader): (args: unknown[]) => unknown {
    const object = this.returned(reader.u32())
    const method = reader.name()
    if (method === '' && typeof object === 'function') return args => object(...args)
    if (!shapeOf(object)?.methods.includes(method)) throw new TypeError(`${method} is not a function`)
    const key = symbols.get(method) ?? method
    return args => Reflect.apply(Reflect.get(object, key) as () => unknown, object, args)
  }

  #look(kind: number): unknown {
    const reader = this.#reader
    switch (kind) {
      case Ask.get: {
        const object = this.returned(reader.u32())
        const name = reader.name()
        return isOpen(object, name) ? Reflect.get(object, name) : undefined
      }
      case Ask.set: {
        const object = this.returned(reader.u32())
        const name = reader.name()
        const value = reader.value()
        if (!isOpen(object, name)) throw new TypeError(`${name} cannot be set from here`)
        Reflect.set(object, name, value)
        return undefined
      }
      case Ask.keys:
        return Object.keys(this.returned(reader.u32())).filter(name => !withheld.has(name))
      case Ask.release:
        for (let left = reader.u32(); left > 0; left--) this.#own.delete(reader.u32())
        return undefined
      default:
        return this.answer(kind, reader)
    }
  }

  /** Answers one question after the other, until the other end is gone. */
  async serve(): Promise<never> {
    for (;;) {
      this.#reader.start(this.#pipe.receive())
      if (this.#reader.u8() !== Message.ask) throw new Malformed('an answer that nobody asked for')
      const kind = this.#reader.u8()
      if (kind !== Ask.pump) {
        this.#serve(kind)
        continue
      }
      await new Promise(resolve => setImmediate(resolve))
      this.#reply(Message.result, process.getActiveResourcesInfo().includes('Timeout'), [])
    }
  }
}

const symbols = new Map<string, symbol>([
  ['@@iterator', Symbol.iterator],
  ['@@asyncIterator', Symbol.asyncIterator],
])

/** Stands here for an object with methods over there. Its other properties are asked for whenever they are read. */
function objectOf(
  shape: Shape,
  call: (name: string, args: unknown[]) => unknown,
  ask: (kind: number, body: (writer: Writer) => void) => unknown,
): object {
  const methods = new Map<string | symbol, unknown>()
  for (const name of shape.methods) {
    if (disguises.has(name) || withheld.has(name)) continue
    methods.set(symbols.get(name) ?? name, (...args: unknown[]) => call(name, args))
  }
  const keys = () => {
    const names = ask(Ask.keys, () => {})
    const honest = Array.isArray(names) ? names.filter(name => typeof name === 'string') : []
    return [...new Set(honest)].filter(name => !disguises.has(name) && !withheld.has(name))
  }
  const get = (key: string | symbol): unknown => {
    if (methods.has(key)) return methods.get(key)
    if (typeof key === 'symbol' || disguises.has(key) || key === 'then') return undefined
    if (key in Object.prototype) return Reflect.get(Object.prototype, key)
    return ask(Ask.get, writer => writer.name(key))
  }
  return new Proxy(
    {},
    {
      get: (_, key) => get(key),
      has: (_, key) =>
        methods.has(key) || (typeof key === 'string' && (key in Object.prototype || keys().includes(key))),
      ownKeys: keys,
      getOwnPropertyDescriptor: (_, key) =>
        typeof key === 'string' && keys().includes(key)
          ? { value: get(key), enumerable: true, configurable: true, writable: true }
          : undefined,
      set: (_, key, value) => {
        if (typeof key === 'symbol') return false
        ask(Ask.set, writer => {
          writer.name(key)
          writer.value(value)
        })
        return true
      },
      defineProperty: () => false,
      deleteProperty: () => false,
      setPrototypeOf: () => false,
      preventExtensions: () => false,
    },
  )
}

const dataPrototypes = new Set<unknown>(
  [Array, Map, Set, Date, Uint8Array, ArrayBuffer, DataView, Object, Buffer].map(
    ({ prototype }) => prototype,
  ),
)
const methodsOf = new WeakMap<object, { methods: string[]; active: boolean }>()

/** What can be done with `value`; null when it is nothing but data. */
export function shapeOf(value: object): Shape | null {
  if (typeof value === 'function') return { callable: true, methods: [] }
  if (ArrayBuffer.isView(value) || value instanceof Error) return null
  const prototype: object | null = Object.getPrototypeOf(value)
  if (dataPrototypes.has(prototype) && prototype !== Object.prototype) return null
  const inherited = prototype === null ? nothing : inheritedMethods(prototype)
  let own: string[] | null = null
  let active = inherited.active
  for (const name of Object.keys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, name)!
    if (descriptor.get !== undefined) active = true
    else if (typeof descriptor.value === 'function' && !withheld.has(name)) {
      own ??= []
      own.push(name)
    }
  }
  if (own === null && !active && inherited.methods.length === 0) return null
  return { callable: false, methods: own === null ? inherited.methods : [...inherited.methods, ...own] }
}

const nothing = { methods: [], active: false }

function inheritedMethods(prototype: object): { methods: string[]; active: boolean } {
  const known = methodsOf.get(prototype)
  if (known) return known
  const methods = new Set<string>()
  let active = false
  for (
    let level: object | null = prototype;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (withheld.has(name)) continue
      if (descriptor.get !== undefined) active = true
      else if (typeof descriptor.value === 'function') methods.add(name)
    }
    for (const [name, symbol] of symbols) if (Object.hasOwn(level, symbol)) methods.add(name)
  }
  const found = { methods: [...methods], active }
  methodsOf.set(prototype, found)
  return found
}

/** May the other end read and write this property? Its own ones and getters, but nothing that leads elsewhere. */
function isOpen(object: object, name: string): boolean {
  if (typeof object === 'function' || withheld.has(name)) return false
  if (Object.hasOwn(object, name)) return true
  for (let level = Object.getPrototypeOf(object); level && level !== Object.prototype; ) {
    const descriptor = Object.getOwnPropertyDescriptor(level, name)
    if (descriptor) return descriptor.get !== undefined
    level = Object.getPrototypeOf(level)
  }
  return false
}

/** A plain object, or an instance that has nothing but fields. */
export function isRecord(value: object): boolean {
  const prototype = Object.getPrototypeOf(value)
  return (
    !ArrayBuffer.isView(value) &&
    !(value instanceof Error) &&
    (prototype === Object.prototype || !dataPrototypes.has(prototype))
  )
}

/** Makes `target` hold what `update` holds, keeping the arrays and objects inside that are of the same kind. */
export function putBack(target: unknown, update: unknown): void {
  if (Array.isArray(target) && Array.isArray(update)) {
    target.length = update.length
    for (let i = 0; i < update.length; i++) target[i] = merged(target[i], update[i])
  } else if (target instanceof Map && update instanceof Map) {
    const old = new Map(target)
    target.clear()
    for (const [key, value] of update) target.set(key, merged(old.get(key), value))
  } else if (target instanceof Set && update instanceof Set) {
    target.clear()
    for (const value of update) target.add(value)
  } else if (target instanceof Uint8Array && update instanceof Uint8Array) {
    target.set(update.subarray(0, target.length))
  } else if (isObject(target) && isObject(update) && isRecord(target) && isRecord(update)) {
    for (const key of Object.keys(target))
      if (!Object.hasOwn(update, key)) Reflect.deleteProperty(target, key)
    for (const key of Object.keys(update)) {
      const old = Object.getOwnPropertyDescriptor(target, key)?.value
      define(target, key, merged(old, Reflect.get(update, key)), true)
    }
  }
}

function merged(old: unknown, value: unknown): unknown {
  if (old === value) return value
  if (!isObject(old) || !isObject(value) || kindOf(old) !== kindOf(value) || kindOf(old) === null)
    return value
  putBack(old, value)
  return old
}

function kindOf(value: object): string | null {
  if (Array.isArray(value)) return 'array'
  if (value instanceof Map) return 'map'
  return Object.getPrototypeOf(value) === Object.prototype && shapeOf(value) === null ? 'record' : null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
