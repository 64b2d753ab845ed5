import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arena, longestInArena, type Span } from '../../src/lib/arena.ts'
import { hashKey, sipHash } from '../../src/lib/sip-hash.ts'
import { type NodeTable, nodeTable } from '../../src/state/node-table.ts'
import { nameOf, parentOf } from '../../src/state/paths.ts'
import { copyOf, type Znode } from '../../src/state/znode.ts'

const open = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
const closed = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }]

function node(seed: number, data: Uint8Array | null = new Uint8Array([seed])): Znode {
  const long = BigInt(seed) << 33n
  return {
    data,
    acl: seed % 2 === 0 ? open : closed,
    czxid: long,
    ctime: long + 1n,
    mzxid: long + 2n,
    mtime: long + 3n,
    pzxid: long + 4n,
    version: seed,
    cversion: 3 - seed,
    aversion: seed + 1,
    ephemeralOwner: -long,
  }
}

function tableOf(...nodes: [path: string, node: Znode][]): NodeTable {
  const table = nodeTable()
  for (const [path, each] of nodes) table.set(path, each)
  return table
}

/** What the table stands in for. */
type Model = Map<string, Znode & { children: Set<string> }>

/** All that a node shows, as plain data. */
function shown(each: (Znode & { children: Iterable<string> }) | undefined): object | undefined {
  if (each === undefined) return undefined
  const { data, acl, czxid, ctime, mzxid, mtime, pzxid, version, cversion, aversion, ephemeralOwner } = each
  return {
    data: data === null ? null : [...data],
    acl,
    czxid,
    ctime,
    mzxid,
    mtime,
    pzxid,
    version,
    cversion,
    aversion,
    ephemeralOwner,
    children: [...each.children],
  }
}

/** The bytes among others. */
function spanOf(content: string | Uint8Array): Span {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const room = new Uint8Array(bytes.length + 9).fill(0x2f)
  room.set(bytes, 5)
  return { bytes: room, from: 5, to: 5 + bytes.length }
}

function bytesIn({ bytes, from, to }: Span): Uint8Array {
  return bytes.slice(from, to)
}

const paths = [
  '',
  '/',
  '/a',
  '/b',
  '/a/b',
  '/ä',
  '/á',
  '/子',
  '/子/a',
  '/a\u0100',
  `/${'x'.repeat(300)}`,
  '/ab',
  '/ba',
]
/** With these, some of the nodes above are children of others. */
const names = ['a', 'b', 'ä', '子', 'none', 'x'.repeat(300)]
const datas = [
  null,
  new Uint8Array(0),
  new Uint8Array(100).fill(7),
  new Uint8Array(longestInArena + 1).fill(8),
]

describe('the table of nodes', () => {
  test('finds every node when it grows large, shrinks, and grows large again', () => {
    const table = nodeTable()
    const path = (i: number): string => `/node-${i}`
    const kept = node(1)
    const expectAll = (from: number, to: number): void => {
      expect(table.size).toBe(to - from)
      for (let i = from - 50; i < to + 50; i++) {
        if (table.has(path(i)) !== (i >= from && i < to)) expect.fail(`${path(i)} of ${from} to ${to}`)
      }
    }
    for (let i = 0; i < 20_000; i++) table.set(path(i), kept)
    expectAll(0, 20_000)
    for (let i = 0; i < 15_000; i++) expect(table.delete(path(i))).toBe(true)
    expectAll(15_000, 20_000)
    for (let i = 20_000; i < 40_000; i++) table.set(path(i), kept)
    expectAll(15_000, 40_000)
  })

  test('does what a Map of nodes with Sets of names does, whatever is done to it', () => {
    const step = fc.record({
      what: fc.constantFrom(
        ...['set', 'set', 'delete', 'write', 'walk', 'step', 'add', 'add', 'remove', 'walk children'],
        ...['step of children', 'step of children', 'restore', 'restore'],
      ),
      path: fc.constantFrom(...paths),
      name: fc.constantFrom(...names),
      seed: fc.nat(1000),
      data: fc.constantFrom(...datas),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const table = nodeTable()
        const model: Model = new Map()
        let walks: Iterator<readonly [string, unknown]>[] = [table.entries(), model.entries()]
        // Of those that were there when it began.
        let walk = table.present()
        let ahead: string[] = []
        let walked = ''
        let childWalks: Iterator<string>[] = []
        for (const { what, path, name, seed, data } of steps) {
          const [ours, theirs] = [table.get(path), model.get(path)]
          if (what === 'set') {
            table.set(path, node(seed, data))
            model.set(path, { ...node(seed, data), children: theirs?.children ?? new Set() })
          } else if (what === 'restore') {
            const { data: _, acl, ...numbers } = node(seed)
            const restored = table.restore(spanOf(path), data === null ? null : spanOf(data), acl)
            const parent = model.get(parentOf(path))
            const isPlain = path.length > 1 && /^[\x20-\x7f]*$/.test(path)
            expect(restored !== undefined).toBe(isPlain && parent !== undefined)
            if (restored !== undefined) {
              Object.assign(restored, numbers)
              model.set(path, { ...node(seed, data), children: theirs?.children ?? new Set() })
              parent!.children.add(nameOf(path))
            }
          } else if (what === 'delete') {
            if (path === walked) childWalks = []
            expect(table.delete(path)).toBe(model.delete(path))
            ahead = ahead.filter(each => each !== path)
          } else if (what === 'write') {
            for (const each of [ours, theirs]) {
              if (each !== undefined) Object.assign(each, { data, version: seed, mzxid: 5n, acl: closed })
            }
          } else if (what === 'walk') {
            walks = [table.entries(), model.entries()]
            walk = table.present()
            ahead = [...model.keys()]
          } else if (what === 'step') {
            expect(walk.next().value?.[0]).toBe(ahead.shift())
            const steps = walks.map(walk => walk.next())
            expect(steps[0]!.done).toBe(steps[1]!.done)
            expect(steps[0]!.value?.[0]).toBe(steps[1]!.value?.[0])
          } else if (what === 'step of children') {
            const steps = childWalks.map(walk => walk.next())
            expect(steps[0]).toEqual(steps[1])
          } else if (ours !== undefined && theirs !== undefined && path !== '') {
            if (what === 'add') {
              ours.children.add(name)
              theirs.children.add(name)
            } else if (what === 'remove') {
              expect(ours.children.delete(name)).toBe(theirs.children.delete(name))
            } else {
              walked = path
              childWalks = [ours.children, theirs.children].map(names => names[Symbol.iterator]())
            }
            expect(ours.children.has(name)).toBe(theirs.children.has(name))
            expect(ours.children.list()).toEqual([...theirs.children])
            if (seed % 2 === 0) ours.children.list().push('of the caller')
            expect(ours.children.size).toBe(theirs.children.size)
          }
          expect(table.size).toBe(model.size)
          expect(table.has(path)).toBe(model.has(path))
          expect(shown(table.get(path))).toEqual(shown(model.get(path)))
        }
        expect([...table].map(([path, each]) => [path, shown(each)])).toEqual(
          [...model].map(([path, each]) => [path, shown(each)]),
        )
        const scanned = new Map<string, Znode>()
        table.scan((path, each, data) => {
          scanned.set(new TextDecoder().decode(bytesIn(path)), copyOf(each))
          expect(bytesIn(data)).toEqual(each.data ?? new Uint8Array(0))
        })
        expect(scanned).toEqual(new Map([...model].map(([path, each]) => [path, copyOf(each)])))
      }),
    )
  })

  test('is not slowed down by names that collide wherever hashes have no secret', () => {
    const names = Array.from({ length: 1 << 13 }, (_, bits) =>
      Array.from({ length: 13 }, (_, bit) => ((bits >> bit) & 1 ? 'BB' : 'Aa')).join(''),
    )
    const hashedAsByJava = (name: string): number =>
      [...name].reduce((hash, char) => (Math.imul(31, hash) + char.charCodeAt(0)) | 0, 0)
    expect(new Set(names.map(hashedAsByJava)).size).toBe(1)
    const bytes = names.map(name => new TextEncoder().encode(name))
    const hashes = (secret: number): number[] => {
      const key = hashKey(new Uint8Array(8).fill(secret))
      return bytes.map(name => sipHash(key, name, 0, name.length))
    }
    const [some, others] = [hashes(1), hashes(2)]
    // Two of eight thousand may well collide by chance, and then not with another secret.
    for (const each of [some, others]) expect(new Set(each).size).toBeGreaterThan(names.length - 5)
    expect(some.filter((hash, i) => hash === others[i])).toEqual([])

    const table = nodeTable(new Uint8Array(8).fill(3))
    for (const name of names) table.set(`/${name}`, node(1))
    expect(names.every(name => table.has(`/${name}`))).toBe(true)
    expect(table.has(`/${names[0]}Aa`)).toBe(false)
  })

  test('keeps the names of many children apart from their nodes', () => {
    const table = tableOf(['/a', node(1)])
    const { children } = table.get('/a')!
    const model = new Set<string>()
    for (let i = 0; i < 30_000; i++) {
      const name = `${(i * 7919) % 20_000}`
      if (i % 3 === 0) table.set(`/a/${name}`, node(i))
      if (i % 5 === 0) table.delete(`/a/${name}`)
      for (const set of [children, model]) {
        if (i % 4 === 0) set.delete(name)
        else set.add(name)
      }
    }
    expect(children.size).toBe(model.size)
    expect([...children]).toEqual([...model])
  })

  test('lists the children of many nodes as they are, also when it was asked for more names than it keeps', () => {
    const table = nodeTable()
    const folders = Array.from({ length: 300 }, (_, i) => `/${i}`)
    const expected = Array.from({ length: 200 }, (_, i) => `name-${i}`)
    for (const folder of folders) {
      table.set(folder, node(1))
      for (const name of expected) table.get(folder)!.children.add(name)
    }
    for (const late of ['late', 'later']) {
      for (const folder of folders) expect(table.get(folder)!.children.list()).toEqual(expected)
      for (const folder of folders) table.get(folder)!.children.add(late)
      expected.push(late)
    }
    for (const folder of folders) expect(table.get(folder)!.children.list()).toEqual(expected)
  })

  test('has no children for a node that comes again, nor names of those of the former', () => {
    const table = tableOf(['/a', node(1)])
    for (const name of ['b', 'c']) table.get('/a')!.children.add(name)
    table.set('/a/b', node(2))
    table.delete('/a')
    expect([table.has('/a/b'), table.has('/a/c')]).toEqual([true, false])
    table.set('/a', node(3))
    expect([...table.get('/a')!.children]).toEqual([])
    table.get('/a')!.children.add('b')
    expect([...table.get('/a')!.children]).toEqual(['b'])
  })

  test('says so when a node that is gone is asked for its children, or a child is no bare name', () => {
    const table = tableOf(['/a', node(1)])
    const gone = table.get('/a')!
    expect(() => gone.children.add('b/c')).toThrow('bare name')
    table.delete('/a')
    expect(() => gone.children).toThrow('before it is deleted')
  })

  test('finds each of many nodes, also when most of them are gone and others have come', () => {
    const table = nodeTable()
    for (let i = 0; i < 20_000; i++) table.set(`/many/${i}`, node(i))
    for (let i = 0; i < 20_000; i++) if (i % 10 !== 0) table.delete(`/many/${i}`)
    for (let i = 20_000; i < 30_000; i++) table.set(`/many/${i}`, node(i))
    const wrong: string[] = []
    for (let i = 0; i < 30_000; i++) {
      const found = table.get(`/many/${i}`)
      if ((found !== undefined) !== (i % 10 === 0 || i >= 20_000)) wrong.push(`/many/${i}`)
      else if (found !== undefined && found.version !== i) wrong.push(`/many/${i}`)
    }
    expect(wrong).toEqual([])
    expect(table.size).toBe(12_000)
  })

  test('gives back the very list that a node was given', () => {
    const table = tableOf(['/a', node(0)])
    expect(table.get('/a')!.acl).toBe(open)
    table.get('/a')!.acl = closed
    expect(table.get('/a')!.acl).toBe(closed)
  })
})

describe('the arena', () => {
  test('keeps what it has, and not much more memory than that, however often everything is replaced', () => {
    const places: number[] = []
    const kept = arena((owner, place) => {
      places[owner] = place
    })
    const bytes = (owner: number, round: number) => new Uint8Array(100).fill(owner * 31 + round)
    for (let owner = 0; owner < 20_000; owner++) places[owner] = kept.put(owner, bytes(owner, 0), 0, 100)
    const looked = kept.bytesAt(places[7]!)
    const rounds = Array.from({ length: 20_000 }, () => 0)
    // In an order in which every block keeps a few of its first arrays for long.
    for (let turn = 1; turn < 200_000; turn++) {
      const owner = (turn * 7919) % 20_000
      if (owner % 50 === 0) continue
      rounds[owner] = turn
      const place = kept.put(owner, bytes(owner, turn), 0, 100)
      kept.free(places[owner]!)
      places[owner] = place
    }
    const wrong = places.filter((place, owner) => {
      const there = kept.bytesAt(place)
      return there.length !== 100 || there.some(byte => byte !== ((owner * 31 + rounds[owner]!) & 0xff))
    })
    expect(wrong).toEqual([])
    expect(kept.held()).toBeLessThan(2.2 * 20_000 * 108 + 17 * 65_536)
    expect([...looked]).toEqual([...bytes(7, 0)])
  })
})
