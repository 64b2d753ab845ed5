import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  childrenOf,
  countCreate,
  createNode,
  dataOf,
  deleteNode,
  emptyTree,
  ephemeralOwners,
  ephemeralsOf,
  nextSequence,
  nodeAt,
  nodeCount,
  restoreNode,
  setACL,
  setData,
  statOf,
  walk,
} from '#lab/state/data-tree.ts'
import { everyone, timeOf } from '../../../labs/01-data-model/test/history.ts'
import { above, childrenIn, emptyModel, ephemeralsIn, type Model, newNode, statIn } from './model.ts'

/** Few paths, so that histories meet again; one is the beginning of another without being its parent. */
const paths = ['/a', '/ab', '/b', '/a/b', '/a/c', '/ab/c', '/a/b/c', '/a/b/d']
const sessions = [0n, 0n, 7n, -0x7f00_0000_0000_0001n]

type Step =
  | { do: 'create'; path: string; owner: bigint; data: Uint8Array | null }
  | { do: 'delete' | 'setACL'; path: string }
  | { do: 'setData'; path: string; data: Uint8Array | null }

/** A transaction as the log holds it: with the results that the ordering stage worked out. */
type Txn = Step & { zxid: bigint; count: number }

const path = fc.constantFrom(...paths)
const data = fc.option(fc.uint8Array({ maxLength: 3 }), { freq: 3 })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      path,
      owner: fc.constantFrom(...sessions),
      data,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('setACL' as const), path }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('setData' as const), path, data }) },
)

/** Left alone, the library makes ten steps at most. */
const steps = (maxLength: number): fc.Arbitrary<Step[]> => fc.array(step, { maxLength, size: 'max' })

/** The same verdict for everybody: one seed. `includeErrorInReport` shows the history that went wrong. */
const fixed = { seed: 20_260_101, numRuns: 400, includeErrorInReport: true }

describe('A. Create a node', () => {
  test('after any history of creates the tree says what its history says', () => {
    agree(steps(20), step => step.do === 'create' && step.owner === 0n)
  })
})

describe('B. Delete a node', () => {
  test('after any history of creates and deletes the tree says what its history says', () => {
    agree(steps(40), step => step.do === 'delete' || (step.do === 'create' && step.owner === 0n))
  })
})

describe('D. Ephemeral and sequential nodes', () => {
  test('after any history at all the tree says what its history says', () => {
    agree(steps(60), () => true)
  })

  test('replaying the end of the log over a tree that has it already changes nothing', () => {
    fc.assert(
      fc.property(steps(60), fc.nat(), (steps, from) => {
        const log = ordered(steps)
        const tree = emptyTree()
        for (const txn of log) apply(tree, txn)
        const before = everything(tree)
        const again = log.slice(from % (log.length + 1))
        for (const txn of again) replay(tree, txn)
        const replayed = `Then a restart replays from zxid ${again[0]?.zxid ?? 'nowhere'}. It must end where it began.`
        same(everything(tree), before, told(log, replayed))
      }),
      fixed,
    )
  })

  test('a snapshot written while transactions went on is made whole by the log', () => {
    fc.assert(
      fc.property(steps(60), fc.nat(), fc.nat(), (steps, a, b) => {
        const log = ordered(steps)
        const [start, end] = [a % (log.length + 1), b % (log.length + 1)].sort((x, y) => x - y) as [
          number,
          number,
        ]
        const whole = emptyTree()
        for (const txn of log) apply(whole, txn)
        // The worst a fuzzy snapshot can be: named after `start`, and yet it has everything up to `end`.
        const tree = emptyTree()
        for (const txn of log.slice(0, end)) apply(tree, txn)
        for (const txn of log.slice(start)) replay(tree, txn)
        const snapshot = `The snapshot is named after transaction ${start} and has all up to ${end}.`
        same(everything(tree), everything(whole), told(log, snapshot))
      }),
      fixed,
    )
  })

  test('a tree that is walked, kept and put back node by node is the tree that it was', () => {
    fc.assert(
      fc.property(steps(60), steps => {
        const log = ordered(steps)
        const tree = emptyTree()
        for (const txn of log) apply(tree, txn)
        const back = emptyTree()
        const nodes = walk(tree)
        for (let next = nodes.next(); !next.done; next = nodes.next()) restoreNode(back, ...next.value)
        const rule = 'walk and restoreNode are how snapshots are written and read: nothing may be lost.'
        same(everything(back), everything(tree), told(log, rule))
      }),
      { ...fixed, numRuns: 100 },
    )
  })
})

function agree(steps: fc.Arbitrary<Step[]>, wanted: (step: Step) => boolean): void {
  fc.assert(
    fc.property(steps, steps => {
      const tree = emptyTree()
      const model = emptyModel()
      const log = ordered(steps.filter(wanted), model)
      for (const txn of log) apply(tree, txn)
      for (const path of ['/a', '/ab', '/b', ...paths]) {
        const node = model.nodes.get(path)
        const because = told(
          log,
          `${path} as a look back over this history sees it (chapter 01, "The Stat, field by field")`,
        )
        if (node === undefined) {
          expect(nodeAt(tree, path), because).toBeUndefined()
          continue
        }
        same(line(path, statOf(tree, path)), line(path, statIn(model, path)), because)
        expect(dataOf(tree, path), because).toEqual(node.data)
        expect(childrenOf(tree, path).sort(), because).toEqual(childrenIn(model, path))
      }
      expect(
        nodeCount(tree),
        told(log, 'all nodes and the four built-in ones, less the root counted twice'),
      ).toBe(model.nodes.size + 3)
      for (const session of new Set(sessions)) {
        if (session === 0n || !log.some(txn => txn.do === 'create' && txn.owner === session)) continue
        expect(
          ephemeralsOf(tree, session).sort(),
          told(log, `what dies with session ${session} (chapter 01, "Nodes that die with their session")`),
        ).toEqual(ephemeralsIn(model, session))
      }
    }),
    fixed,
  )
}

/** What the ordering stage lets through, with its results: it never creates twice nor deletes what has children. */
function ordered(steps: readonly Step[], model: Model = emptyModel()): Txn[] {
  const log: Txn[] = []
  for (const step of steps) {
    const zxid = BigInt(log.length + 1)
    const time = timeOf(zxid)
    const node = model.nodes.get(step.path)
    const parent = model.nodes.get(above(step.path))
    if (step.do === 'create') {
      if (node !== undefined || parent === undefined || parent.owner !== 0n) continue
      model.nodes.set(step.path, newNode(zxid, time, step.data, step.owner))
      parent.children.push({ did: 'create', zxid })
      log.push({ ...step, zxid, count: parent.children.filter(child => child.did === 'create').length })
    } else if (node !== undefined && step.do === 'delete') {
      if (childrenIn(model, step.path).length > 0) continue
      model.nodes.delete(step.path)
      parent!.children.push({ did: 'delete', zxid })
      log.push({ ...step, zxid, count: 0 })
    } else if (node !== undefined && step.do === 'setData') {
      node.data = step.data
      node.modified.push({ zxid, time })
      log.push({ ...step, zxid, count: node.modified.length })
    } else if (node !== undefined) {
      log.push({ ...step, zxid, count: ++node.aclChanges })
    }
  }
  return log
}

type Tree = ReturnType<typeof emptyTree>

function apply(tree: Tree, txn: Txn): void {
  const stamp = { zxid: txn.zxid, time: timeOf(txn.zxid) }
  if (txn.do === 'create') {
    const { data, owner, count } = txn
    createNode(tree, txn.path, { data, acl: everyone, ephemeralOwner: owner, parentCVersion: count }, stamp)
  } else if (txn.do === 'delete') deleteNode(tree, txn.path, stamp)
  else if (txn.do === 'setData') setData(tree, txn.path, txn.data, txn.count, stamp)
  else setACL(tree, txn.path, everyone, txn.count)
}

/** As a restart does it: what is in already is no fault, and an existing node's parent counts the create all the same. */
function replay(tree: Tree, txn: Txn): void {
  try {
    apply(tree, txn)
  } catch (error) {
    const { message } = error as Error
    if (message.startsWith('NODEEXISTS')) countCreate(tree, above(txn.path) || '/', txn.count, txn.zxid)
    else if (!message.startsWith('NONODE')) throw error
  }
}

/** The whole tree, a line a node, and the index of the ephemeral nodes. */
function everything(tree: Tree): string {
  const below = (path: string): string[] => [
    line(path, { ...statOf(tree, path), next: nextSequence(tree, path), data: String(dataOf(tree, path)) }),
    ...childrenOf(tree, path)
      .sort()
      .flatMap(name => below(path === '/' ? `/${name}` : `${path}/${name}`)),
  ]
  const owners = ephemeralOwners(tree).map(session => `${session} owns ${ephemeralsOf(tree, session).sort()}`)
  return [...below('/'), `${nodeCount(tree)} nodes`, ...owners.sort()].join('\n')
}

const line = (path: string, fields: object): string =>
  `${path} ${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join(' ')}`

/** Fails with the first line that differs: a property's report has no room for a whole tree. */
function same(actual: string, expected: string, because: string): void {
  const expectedLines = expected.split('\n')
  for (const [index, found] of actual.split('\n').entries()) expect(found, because).toBe(expectedLines[index])
  expect(actual, because).toBe(expected)
}

function told(log: readonly Txn[], rule: string): string {
  const lines = log.map(txn => {
    const what = txn.do === 'create' && txn.owner !== 0n ? `create ephemeral of ${txn.owner}` : txn.do
    return `    zxid ${String(txn.zxid).padStart(3)}  ${what} ${txn.path}`
  })
  return ['', ...lines, `  ${rule}`, ''].join('\n')
}
