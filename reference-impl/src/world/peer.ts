/**
 * The state of one link: what waits to leave, what has arrived and may not be taken yet, and why. The rule: from a peer
 * that does not take its answers nothing more is taken.
 */
import type { Codec, Input, Link } from './machine.ts'
import type { Connection } from './world.ts'

/** One link, as the driver knows it. */
export interface Peer<In, Out> {
  link: Link
  port: string
  /** Counts against the limits of its port; null for a link that we dialled. */
  host: string | null
  connection: Connection
  codec: Codec<In, Out>
  /** `broken`: nothing more is read, but the machine has yet to take what came before. */
  state: 'open' | 'broken' | 'closed'
  deliver: (message: In) => void
  /** What the machine has sent in this turn, and how many bytes that are. */
  outgoing: Uint8Array[]
  unwritten: number
  /** Too much of its output waits, from before this turn. */
  isFull: boolean
  /** The machine wants nothing more from it. */
  isPaused: boolean
  /** What has arrived and has to wait because of that, the oldest first. */
  held: Input<In, never>[]
  maxUnread: number
}

/** Is there reason to hold back what comes from this link? That it broke waits as well, but not for its peer to read. */
export function mustWait<In, Out>(peer: Peer<In, Out>, maxQueued: number): boolean {
  return peer.isPaused || (peer.state === 'open' && (peer.isFull || peer.unwritten > maxQueued))
}

/** How many bytes its peer has yet to take from us. */
export function unreadOf<In, Out>({ unwritten, connection }: Peer<In, Out>): number {
  return unwritten + connection.queued()
}

/** All that was sent in one turn leaves in one write; when too much waits by then, nothing more is read. */
export function flush<In, Out>(peer: Peer<In, Out>, maxQueued: number): void {
  const { outgoing, connection } = peer
  connection.write(outgoing.length === 1 ? outgoing[0]! : joined(outgoing))
  outgoing.length = 0
  peer.unwritten = 0
  if (!peer.isFull && connection.queued() > maxQueued) {
    peer.isFull = true
    connection.pause()
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
