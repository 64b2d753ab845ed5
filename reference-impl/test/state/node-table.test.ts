import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arena, longestInArena, type Span } from '../../src/lib/arena.ts'
import { type Node, nodeTable } from '../../src/state/node-table.ts'

const open = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
const closed = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }]

function node(seed: number, data: Uint8Array | null = new Uint8Array([seed])): Node {
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
    children: seed % 3 === 0 ? new Set([`child-${seed}`]) : null,
  }
}

/** All that a node shows, as plain data. */
function shown(each: Node | undefined): object | undefined {
  if (each === undefined) return undefined
  const { data, acl, czxid, ctime, mzxid, mtime, pzxid, version, cversion, aversion, ephemeralOwner } = each
  const children = each.children === null ? null : [...each.children]
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
    children,
  }
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

  test('does what a Map does, whatever is done to it', () => {
    const step = fc.record({
      what: fc.constantFrom('set', 'set', 'delete', 'write', 'walk', 'step'),
      path: fc.constantFrom(...paths),
      seed: fc.nat(1000),
      data: fc.constantFrom(...datas),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), steps => {
        const table = nodeTable()
        const model = new Map<string, Node>()
        let walks = [table.entries(), model.entries()] as const
        for (const { what, path, seed, data } of steps) {
          if (what === 'set') {
            table.set(path, node(seed, data))
            model.set(path, node(seed, data))
          } else if (what === 'delete') {
            expect(table.delete(path)).toBe(model.delete(path))
          } else if (what === 'write') {
            for (const each of [table.get(path), model.get(path)]) {
              if (each === undefined) continue
              Object.assign(each, { data, version: seed, mzxid: 5n, acl: closed, children: null })
              each.children ??= new Set()
              each.children.add('late')
            }
          } else if (what === 'walk') {
            walks = [table.entries(), model.entries()]
          } else {
            const [ours, theirs] = walks.map(walk => walk.next())
            expect(ours!.done).toBe(theirs!.done)
            expect(ours!.value?.[0]).toBe(theirs!.value?.[0])
          }
          expect(table.size).toBe(model.size)
          expect(table.has(path)).toBe(model.has(path))
          expect(shown(table.get(path))).toEqual(shown(model.get(path)))
        }
        expect([...table].map(([path, each]) => [path, shown(each)])).toEqual(
          [...model].map(([path, each]) => [path, shown(each)]),
        )
        const scanned = new Map<string, object | undefined>()
        table.scan((path, each, data) => {
          scanned.set(new TextDecoder().decode(bytesIn(path)), shown(each))
          expect(bytesIn(data)).toEqual(each.data ?? new Uint8Array(0))
        })
        expect(scanned).toEqual(new Map([...model].map(([path, each]) => [path, shown(each)])))
      }),
    )
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
    const table = nodeTable([['/a', node(0)]])
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
    for (let owner = 0; owner < 20_000; owner++) places[owner] = kept.put(owner, bytes(owner, 0), 100)
    const looked = kept.bytesAt(places[7]!)
    const rounds = Array.from({ length: 20_000 }, () => 0)
    // In an order in which every block keeps a few of its first arrays for long.
    for (let turn = 1; turn < 200_000; turn++) {
      const owner = (turn * 7919) % 20_000
      if (owner % 50 === 0) continue
      rounds[owner] = turn
      const place = kept.put(owner, bytes(owner, turn), 100)
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
