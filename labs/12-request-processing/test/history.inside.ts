/**
 * Orders writes and applies them, as the pipeline does, but only when it is told to. The grader runs this beside the
 * code under test: a tree and what is outstanding over it are large, and the answers are small.
 */
import { factsOf, nothingOutstanding, settle } from '#lab/pipeline/outstanding.ts'
import { prepare } from '#lab/pipeline/prepare.ts'
import { applyTxn } from '#lab/state/apply.ts'
import { countCreate, emptyTree, nextSequence, setData } from '#lab/state/data-tree.ts'
import { openAcl, usualSchemes } from '#lab/state/identity.ts'
import { parentOf } from '#lab/state/paths.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import type { Txn } from '#lab/wire/txn.ts'
import type { Seed, Step } from './steps.ts'

/** What each step came to: of a write its transaction, of `apply` the errors, of a look what will be at the path. */
export function history(seeds: readonly Seed[], steps: readonly Step[]): unknown[] {
  const tree = emptyTree()
  const outstanding = nothingOutstanding(tree)
  const waiting: { zxid: bigint; session: bigint; txn: Txn }[] = []
  let zxid = 0n
  for (const { path, owner = 0n, acl = openAcl, version = 0, creates = 0 } of seeds) {
    const record = {
      path,
      data: null,
      acl: [...acl],
      ephemeral: owner !== 0n,
      parentCVersion: (nextSequence(tree, parentOf(path)) + 1) | 0,
    }
    const stamp = { zxid: ++zxid, time: 0n }
    applyTxn(tree, { type: OpCode.create, record }, owner, stamp, null)
    setData(tree, path, null, version, stamp)
    if (creates !== 0) countCreate(tree, path, creates, zxid)
  }

  function order({ write, by = 1n, as = [], where = {} }: Extract<Step, { do: 'order' }>): unknown {
    const situation = {
      zxid: ++zxid,
      isAlive: true,
      skipAcl: false,
      schemes: usualSchemes,
      extendedTypes: false,
      reconfigEnabled: false,
      ...where,
    }
    try {
      const txn = prepare(outstanding, write, { session: by, identities: as }, situation)
      waiting.push({ zxid, session: by, txn })
      // As it is now: whoever changes it later changes what another server was told.
      return structuredClone(txn)
    } catch (error) {
      const { name } = error as Error
      if (name === 'Todo') throw error
      return `threw a ${name}`
    }
  }

  function applyOldest(): number | undefined {
    const next = waiting.shift()
    if (next === undefined) return undefined
    const { err } = applyTxn(tree, next.txn, next.session, { zxid: next.zxid, time: 0n }, null)
    settle(outstanding, next.zxid)
    return err
  }

  function take(step: Step): unknown {
    switch (step.do) {
      case 'order':
        return order(step)
      case 'apply':
        return Array.from({ length: Math.min(step.count, waiting.length) }, applyOldest)
      case 'look':
        return structuredClone(factsOf(outstanding, step.path))
      case 'count':
        return outstanding.latest.size
    }
  }
  return steps.map(take)
}
