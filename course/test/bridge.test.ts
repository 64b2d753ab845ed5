import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchdogCode } from '../grade/bundles.ts'
import { usualLimits } from '../grade/sandbox.ts'
import { SubjectProcess } from '../grade/subject-process.ts'
import { root } from '../paths.ts'

/** What runs in the other process. Its functions are called by their place in `names`. */
const subjectSource = `
import { readSync, writeSync } from 'node:fs'
import { serve } from './course/grade/subject.ts'

class Counter {
  #count = 0
  step = 1
  add() { this.#count += this.step }
  get count() { return this.#count }
  *[Symbol.iterator]() { for (let i = 0; i < this.#count; i++) yield i }
}

const exports = {
  echo: value => value,
  fill: (array, entry) => { array.push(1); entry.seen = true; entry.inner.list.push('x') },
  makeState: () => ({ turns: 0, log: [] }),
  turn: state => { state.turns++; state.log.push(state.turns) },
  turnsOf: state => state.turns,
  makeLarge: () => ({ nodes: new Map(Array.from({ length: 5000 }, (_, i) => [i, 'node ' + i])), size: 5000 }),
  grow: large => { large.nodes.set('more', 1); large.size++ },
  counter: () => new Counter(),
  fail: () => { throw Object.assign(new RangeError('too far'), { code: -110 }) },
  failOddly: () => { throw 'a string' },
  callBack: (each, items) => items.map(item => each(item)),
  useWriter: writer => { writer.put(7); return writer.size() },
  later: async value => { await new Promise(resolve => setTimeout(resolve, 5)); return value * 2 },
  afterwards: async promised => (await promised) + 1,
  firstByteOf: view => [new Uint8Array(view.buffer)[0], view.byteOffset, view[0]],
  quiet: () => {},
  seldom: value => value > 5 ? value : undefined,
  disguised: () => ({ asymmetricMatch: () => true, $$typeof: 1 }),
  // Speaks on the channel itself: asks for a property of the judge's first object.
  pry: (_object, name) => {
    const bytes = Buffer.from(name)
    const message = Buffer.alloc(14 + bytes.length)
    message.writeUInt32LE(10 + bytes.length, 0)
    message[4] = 1
    message[5] = 2
    message.writeUInt32LE(1, 6)
    message.writeUInt32LE(bytes.length, 10)
    bytes.copy(message, 14)
    writeSync(4, message)
    const answer = Buffer.alloc(1000)
    return [...answer.subarray(4, readSync(3, answer))]
  },
  babble: () => { writeSync(4, Buffer.from([3, 0, 0, 0, 2, 99, 99])); return 1 },
  leave: () => process.exit(3),
  loop: () => { for (;;) {} },
}
await serve({ it: async () => exports }, Object.keys(exports).map(name => ['it', name]))
`

const names = [...subjectSource.matchAll(/^ {2}(\w+): /gm)].map(([, name]) => name!)

describe.skipIf(process.platform === 'win32')('the bridge', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'bridge-'))
  let subject: SubjectProcess

  beforeAll(async () => {
    const { outputFiles } = await build({
      absWorkingDir: root,
      stdin: { contents: subjectSource, resolveDir: root },
      bundle: true,
      write: false,
      platform: 'node',
      format: 'esm',
    })
    const at = (name: string) => path.join(folder, name)
    mkdirSync(at('scratch'))
    writeFileSync(at('subject.mjs'), outputFiles[0]!.text)
    writeFileSync(at('watchdog.mjs'), await watchdogCode())
    subject = new SubjectProcess(
      {
        sandbox: { kind: 'none', user: null, filtered: false, limited: false, setAside: 0 },
        limits: usualLimits,
        program: folder,
        scratch: at('scratch'),
        watchdog: at('watchdog.mjs'),
      },
      { called() {}, threw() {} },
    )
    subject.allow(20_000)
  })
  afterAll(() => {
    subject.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  // biome-ignore lint/suspicious/noExplicitAny: the functions of the other process are of every type
  const call = (name: string, ...args: unknown[]): any => subject.end.invoke(names.indexOf(name), args)

  test("an object of the tests shows its fields and methods, and no way to anything else's", () => {
    // The first object that the judge lends: `pry` relies on its number.
    const object = { open: 5, act() {} }
    const answerOf = (name: string) => call('pry', object, name).slice(0, 3)
    expect(answerOf('open')).toEqual([2, 4, 5])
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(answerOf(name), name).toEqual([2, 0, 0]) // undefined
    }
  })

  test('any plain data comes back as it went', () => {
    const data = fc.anything({
      withBigInt: true,
      withMap: true,
      withSet: true,
      withDate: true,
      withTypedArray: true,
      key: fc.string().filter(key => key !== 'then'),
    })
    fc.assert(
      fc.property(data, value => {
        expect(call('echo', value)).toEqual(value)
      }),
      { numRuns: 500 },
    )
    for (const text of ['\ud800', '😀', 'é\udc00', '']) expect(call('echo', text)).toBe(text)
    for (const number of [-0, Number.NaN, 2 ** 53, -(2n ** 63n), 2n ** 200n])
      expect(call('echo', number)).toBe(number)
    const round: unknown[] = []
    round.push(round)
    expect(call('echo', round)[0][0]).toHaveLength(1)
    expect(Object.keys(call('echo', JSON.parse('{"__proto__":1}')))).toEqual(['__proto__'])
  })

  test('what a call changes in its arguments is changed for the caller, in the same objects', () => {
    const array: number[] = []
    const list: string[] = []
    const entry = { inner: { list } }
    call('fill', array, entry)
    expect(array).toEqual([1])
    expect(entry).toEqual({ seen: true, inner: { list: ['x'] } })
    expect(entry.inner.list).toBe(list)
  })

  test('state that the subject made stays its own, and shows what became of it', () => {
    const state = call('makeState')
    const other = call('makeState')
    for (let i = 0; i < 3; i++) call('turn', state)
    expect(state).toEqual({ turns: 3, log: [1, 2, 3] })
    expect(other.turns).toBe(0)
    state.turns = 10
    expect(call('turnsOf', state)).toBe(10)
    expect(call('echo', state)).toBe(state)
  })

  test('a large object crosses when somebody looks into it', () => {
    const large = call('makeLarge')
    call('grow', large)
    expect(large.size).toBe(5001)
    expect(large.nodes.get('more')).toBe(1)
  })

  test('an object with methods is called where it lives, and its fields are read there', () => {
    const counter = call('counter')
    counter.add()
    counter.step = 4
    counter.add()
    expect(counter.count).toBe(5)
    expect([...counter]).toEqual([0, 1, 2, 3, 4])
    expect(call('echo', counter)).toBe(counter)
  })

  test('errors arrive with their class, code and message, and a thrown string as a string', () => {
    expect(() => call('fail')).toThrow(RangeError)
    expect(() => call('fail')).toThrow(expect.objectContaining({ code: -110, message: 'too far' }))
    let thrown: unknown
    try {
      call('failOddly')
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBe('a string')
  })

  test('functions and objects of the tests are called back, however deep', () => {
    expect(call('callBack', (item: number) => call('echo', item) * 2, [1, 2, 3])).toEqual([2, 4, 6])
    const written: number[] = []
    const writer = { put: (value: number) => void written.push(value), size: () => written.length }
    expect(call('useWriter', writer)).toBe(1)
    expect(written).toEqual([7])
    expect(() =>
      call('callBack', () => {
        throw new Error('from the test')
      }, [1]),
    ).toThrow('from the test')
  })

  test('promises go on when the subject gets turns', async () => {
    const turns = setInterval(() => subject.end.pump(), 1)
    expect(await call('later', 21)).toBe(42)
    expect(await call('afterwards', Promise.resolve(1))).toBe(2)
    clearInterval(turns)
  })

  test('a view stays a view: its memory begins elsewhere', () => {
    const memory = Uint8Array.from([1, 2, 3, 4])
    expect(call('firstByteOf', memory)).toEqual([1, 0, 1])
    const [first, offset, own] = call('firstByteOf', memory.subarray(2))
    expect([own, first === own, offset > 0]).toEqual([3, false, true])
  })

  test('calls that answer nothing go together; one that answers after all is noticed', () => {
    subject.end.begin(true)
    for (let i = 0; i < 2000; i++) call('quiet')
    expect(subject.end.settle()).toBe(true)
    subject.end.begin(true)
    for (let i = 0; i < 5; i++) call('seldom', i)
    expect(call('seldom', 6)).toBeUndefined() // foreseen wrongly
    expect(() => subject.end.settle()).toThrow('')
    expect(subject.end.settle()).toBe(false)
    subject.end.begin(false)
    expect(call('seldom', 6)).toBe(6)
  })

  test('nothing of the subject passes for an asymmetric matcher', () => {
    expect(call('disguised')).not.toEqual('anything')
    expect(call('disguised').asymmetricMatch).toBeUndefined()
  })

  test('a subject that ends, loops or babbles is told apart, and the next one serves', () => {
    const reasonOf = (name: string, time = 20_000) => {
      subject.allow(time)
      const old = call('counter')
      let reason: unknown
      try {
        call(name)
      } catch (error) {
        reason = (error as { reason?: string }).reason
      }
      subject.next()
      subject.allow(20_000)
      expect(call('echo', 1)).toBe(1)
      expect(() => old.add()).toThrow('lost with the process of an earlier test')
      return reason
    }
    expect(reasonOf('leave')).toBe('exited')
    expect(reasonOf('loop', 300)).toBe('timed out')
    expect(reasonOf('babble')).toBe('crashed')
  })
})
