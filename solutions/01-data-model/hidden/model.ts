/**
 * The tree as somebody would write it who cares about nothing but being right: it keeps what happened and counts it
 * again for every question. What the real tree keeps in counters, it finds by looking back.
 */
import type { Stat } from '#lab/wire/records.ts'

export interface Model {
  nodes: Map<string, ModelNode>
}

interface ModelNode {
  born: bigint
  ctime: bigint
  modified: { zxid: bigint; time: bigint }[]
  aclChanges: number
  /** Every create and delete of a child since the node was born. */
  children: { did: 'create' | 'delete'; zxid: bigint }[]
  data: Uint8Array | null
  owner: bigint
}

export const emptyModel = (): Model => ({ nodes: new Map([['', newNode(0n, 0n, null, 0n)]]) })

export function newNode(zxid: bigint, time: bigint, data: Uint8Array | null, owner: bigint): ModelNode {
  return { born: zxid, ctime: time, modified: [], aclChanges: 0, children: [], data, owner }
}

export const above = (path: string): string => path.slice(0, path.lastIndexOf('/'))

export function childrenIn(model: Model, path: string): string[] {
  const names = [...model.nodes.keys()].filter(other => other !== '' && above(other) === path)
  return names.map(other => other.slice(path.length + 1)).sort()
}

export function statIn(model: Model, path: string): Stat {
  const node = model.nodes.get(path)!
  const lastChange = node.modified.at(-1) ?? { zxid: node.born, time: node.ctime }
  return {
    czxid: node.born,
    mzxid: lastChange.zxid,
    ctime: node.ctime,
    mtime: lastChange.time,
    version: node.modified.length,
    cversion: node.children.length,
    aversion: node.aclChanges,
    ephemeralOwner: node.owner,
    dataLength: node.data?.length ?? 0,
    numChildren: childrenIn(model, path).length,
    pzxid: node.children.at(-1)?.zxid ?? node.born,
  }
}

export function ephemeralsIn(model: Model, session: bigint): string[] {
  return [...model.nodes.entries()]
    .filter(([, node]) => node.owner === session)
    .map(([path]) => path)
    .sort()
}
