/**
 * A tree with a history: it makes each transaction as an ordering stage would (the next zxid, the time, the counters
 * that result), applies it and keeps a diary, so that a failure can tell the steps that led there.
 */
import {
  createNode,
  type DataTree,
  deleteNode,
  emptyTree,
  setACL,
  setData,
  statOf,
} from '#lab/state/data-tree.ts'
import type { Stamp } from '#lab/state/znode.ts'
import type { ACL, Stat } from '#lab/wire/records.ts'

export const everyone: ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]
export const readers: ACL[] = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }]

/** A time that nobody mistakes for a zxid: a second for each transaction, from a day in 2025 on. */
export const timeOf = (zxid: bigint): bigint => 1_760_000_000_000n + zxid * 1000n

export interface History {
  tree: DataTree
  /** The zxid of the last transaction. */
  zxid: bigint
  create(path: string, options?: { data?: Uint8Array | null; acl?: ACL[]; owner?: bigint }): History
  delete(path: string): History
  setData(path: string, data: Uint8Array | null): History
  setACL(path: string, acl: ACL[]): History
  stat(path: string): Stat
  /** For the second argument of `expect`: the steps so far, the rule, and where the chapter tells it. */
  because(rule: string, section: string): string
}

export function history(): History {
  const tree = emptyTree()
  const diary: string[] = []
  const created = new Map<string, number>()
  const versions = new Map<string, { data: number; acl: number }>()

  const next = (what: string): Stamp => {
    self.zxid += 1n
    diary.push(`zxid ${String(self.zxid).padStart(3)}  ${what}`)
    return { zxid: self.zxid, time: timeOf(self.zxid) }
  }
  const versionsOf = (path: string) => versions.get(path) ?? { data: 0, acl: 0 }

  const self: History = {
    tree,
    zxid: 0n,
    create(path, { data = new Uint8Array(0), acl = everyone, owner = 0n } = {}) {
      const kind = owner === 0n ? '' : `  owner ${hex(owner)}`
      const stamp = next(`create ${path}${kind}`)
      const parent = path.slice(0, path.lastIndexOf('/')) || '/'
      const count = (created.get(parent) ?? 0) + 1
      createNode(tree, path, { data, acl, ephemeralOwner: owner, parentCVersion: count }, stamp)
      created.set(parent, count)
      return self
    },
    delete(path) {
      deleteNode(tree, path, next(`delete ${path}`))
      created.delete(path)
      versions.delete(path)
      return self
    },
    setData(path, data) {
      const { data: version, acl } = versionsOf(path)
      const stamp = next(`set ${path} to ${data === null ? 'null' : `${data.length} bytes`}`)
      setData(tree, path, data, version + 1, stamp)
      versions.set(path, { data: version + 1, acl })
      return self
    },
    setACL(path, acl) {
      const { data, acl: version } = versionsOf(path)
      next(`setACL ${path}`)
      setACL(tree, path, acl, version + 1)
      versions.set(path, { data, acl: version + 1 })
      return self
    },
    stat: path => statOf(tree, path),
    because: (rule, section) =>
      ['', ...diary.slice(-20).map(line => `    ${line}`), `  ${rule} (chapter 01, "${section}")`, ''].join(
        '\n',
      ),
  }
  return self
}

/** What a call throws, as the name and the code that it carries; 'nothing' when it goes through. */
export function thrownBy(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    const { name, message } = error as Error
    if (name === 'Todo') throw error
    return name === 'KeeperError' ? message.replace(/:.*/, '') : `${name}: ${message}`
  }
  return 'nothing'
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

const hex = (value: bigint) => `0x${BigInt.asUintN(64, value).toString(16)}`
