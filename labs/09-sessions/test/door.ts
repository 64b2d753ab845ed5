/** Lab 09's server as far as a handshake needs it, and the way to say what went wrong. */
import type { Host } from '#lab/session/handshake.ts'
import type { ConnectRequest } from '#lab/wire/records.ts'

/** The one session that lives. */
export const alive = 0x100000000000001n

export const host: Host = {
  lastZxid: 100n,
  minSessionTimeout: 4000,
  maxSessionTimeout: 40_000,
  isAlive: session => session === alive,
}

/** A handshake of a client that is new and knows nothing, but for these. */
export function asking(changes: Partial<ConnectRequest>): ConnectRequest {
  return {
    protocolVersion: 0,
    lastZxidSeen: 0n,
    timeOut: 10_000,
    sessionId: 0n,
    passwd: new Uint8Array(16),
    ...changes,
  }
}

/** Bytes in pairs, an id as people write it. */
export function hex(value: bigint | Uint8Array): string {
  if (typeof value === 'bigint') return `0x${BigInt.asUintN(64, value).toString(16)}`
  return Array.from(value, byte => byte.toString(16).padStart(2, '0')).join('')
}

export function because(given: string, rule: string, section: string): string {
  return `\n    ${given}\n  ${rule}. (chapter 09, "${section}")\n `
}
