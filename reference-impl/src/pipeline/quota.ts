/**
 * Judges a write by the quota over its path, besides all else that it is judged by. For a create that is the last check;
 * for new data it comes before that of the version.
 *
 * What counts is what is applied, as with Apache's server: writes that are on their way together may exceed a limit
 * together, and the next one is refused. Source: Apache's ZooKeeperServer.checkQuota.
 */

import { nodeAt } from '../state/data-tree.ts'
import { excesses } from '../state/quotas.ts'
import { Code, KeeperError } from '../wire/errors.ts'
import { OpCode } from '../wire/opcodes.ts'
import type { Txn } from '../wire/txn.ts'
import type { Zxid } from '../wire/zxid.ts'
import { factsOf, type Outstanding, rollBack } from './outstanding.ts'
import type { QuotaRules, Write } from './request.ts'

/** `judge` does all the rest. */
export function withinQuota(
  outstanding: Outstanding,
  rules: QuotaRules,
  zxid: Zxid,
  write: Write,
  judge: () => Txn,
): Txn {
  if (write.type === OpCode.setData) {
    const { path, data } = write.request
    const growth = lengthOf(data) - dataLengthAhead(outstanding, path)
    let txn: Txn
    try {
      txn = judge()
    } catch (error) {
      if ((error as KeeperError).code === Code.BADVERSION) check(rules, path, 0, growth)
      throw error
    }
    checkOrRollBack(outstanding, rules, zxid, path, 0, growth)
    remember(outstanding, path, data)
    return txn
  }
  const txn = judge()
  switch (txn.type) {
    case OpCode.create:
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL: {
      const { path, data } = txn.record
      checkOrRollBack(outstanding, rules, zxid, path, 1, lengthOf(data))
      remember(outstanding, path, data)
    }
  }
  return txn
}

/** A write that is refused has recorded already what it would have changed. In a multi all before it fail with it. */
function checkOrRollBack(
  outstanding: Outstanding,
  rules: QuotaRules,
  zxid: Zxid,
  path: string,
  nodes: number,
  bytes: number,
): void {
  try {
    check(rules, path, nodes, bytes)
  } catch (error) {
    rollBack(outstanding, zxid)
    throw error
  }
}

function check({ quotas, isEnforced, report }: QuotaRules, path: string, nodes: number, bytes: number): void {
  for (const excess of excesses(quotas, path, nodes, bytes)) {
    report(excess)
    if (excess.isHard && isEnforced) throw new KeeperError('QUOTAEXCEEDED', excess.path)
  }
}

/** What the node's data will be when all that was ordered so far is applied. */
function dataLengthAhead(outstanding: Outstanding, path: string): number {
  return factsOf(outstanding, path)?.dataLength ?? lengthOf(nodeAt(outstanding.tree, path)?.data)
}

function remember(outstanding: Outstanding, path: string, data: Uint8Array | null): void {
  const facts = outstanding.latest.get(path)?.facts
  if (facts != null) facts.dataLength = lengthOf(data)
}

function lengthOf(data: Uint8Array | null | undefined): number {
  return data?.length ?? 0
}
