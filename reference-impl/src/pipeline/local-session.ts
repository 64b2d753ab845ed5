/**
 * Local sessions: known to no server but the one that their client is connected to. Neither their beginning nor their end is
 * a transaction, so thousands that only read cost the ensemble nothing. For the same reason no node can be theirs: who
 * would take it away on the other servers? The first time that one asks for such a node it becomes a session like any other,
 * by a createSession with the id that it has, which is ordered before the write; or it is refused, as the settings say.
 * Source: Apache's QuorumZooKeeperServer.checkUpgradeSession.
 */
import { KeeperError } from '../wire/errors.ts'
import { CreateMode, OpCode } from '../wire/opcodes.ts'
import type { Write } from './request.ts'

/** Must the session be known to all before this is ordered? Throws where it must and may not. */
export function mustUpgrade(write: Write, isUpgradingEnabled: boolean): boolean {
  if (!createsEphemeral(write)) return false
  if (!isUpgradingEnabled) {
    throw new KeeperError('EPHEMERALONLOCALSESSION', 'its session is local, and may not become another')
  }
  return true
}

function createsEphemeral(write: Write): boolean {
  switch (write.type) {
    case OpCode.create:
    case OpCode.create2: {
      const { flags } = write.request
      return flags === CreateMode.EPHEMERAL || flags === CreateMode.EPHEMERAL_SEQUENTIAL
    }
    case OpCode.multi:
      return write.writes.some(createsEphemeral)
    default:
      return false
  }
}
