/**
 * Looking for a server that writes, while the session is with one that only reads: each host in turn is asked `isro`, the
 * four-letter word, until one says `rw`. The first is asked after 100 ms, the next after twice that, up to a minute: a
 * cluster that has lost its quorum is not to be kept busy with questions.
 * Source: Apache's ClientCnxn.
 */
import type { Link } from '../world/machine.ts'
import type { Address, Millis } from '../world/world.ts'
import type { ClientEffect, ProgramInput, SessionState } from './messages.ts'

/** The name of the port that the seeker dials: what comes from there is text. */
export const wordPort = 'word'

export interface Seeker {
  /** When to ask next, and how long to wait after that. */
  next: Millis
  pause: Millis
  /** Which of the session's hosts was asked last. */
  host: number
  /** The question that is under way; its link is null until it stands. */
  asked: { since: Millis; remote: Address; link: Link | null; said: string } | null
}

const firstPause = 100
const longestPause = 60_000
const patience = 1000

/** Begins with the host behind the present one. */
export function newSeeker({ now, host }: SessionState): Seeker {
  return { next: now + firstPause, pause: 2 * firstPause, host, asked: null }
}

export function tickSeeker(
  seeker: Seeker,
  { now, options: { hosts } }: SessionState,
  out: ClientEffect[],
): void {
  if (seeker.asked !== null && now - seeker.asked.since >= patience) stopAsking(seeker, out)
  if (seeker.asked !== null || now < seeker.next) return
  seeker.next = now + seeker.pause
  seeker.pause = Math.min(2 * seeker.pause, longestPause)
  seeker.host = (seeker.host + 1) % hosts.length
  const remote = hosts[seeker.host]!
  seeker.asked = { since: now, remote, link: null, said: '' }
  out.push({ type: 'dial', port: wordPort, remote, within: patience })
}

/** Takes what comes by its own port. Returns the server that writes, when one has been found. */
export function stepSeeker(seeker: Seeker | null, input: ProgramInput, out: ClientEffect[]): Address | null {
  const asked = seeker?.asked ?? null
  switch (input.type) {
    case 'connected':
      if (asked === null || asked.link !== null || asked.remote !== input.remote) {
        // Nobody waits for it any more.
        out.push({ type: 'close', link: input.link })
        return null
      }
      asked.link = input.link
      out.push({ type: 'send', link: input.link, message: question })
      return null
    case 'unreachable':
      if (asked?.link === null && asked.remote === input.remote) seeker!.asked = null
      return null
    case 'broken':
      if (asked?.link === input.link) seeker!.asked = null
      return null
    case 'message': {
      if (asked?.link !== input.link) return null
      asked.said += new TextDecoder().decode(input.message)
      // `rw`, `ro`, or a sentence that says why not.
      if (asked.said.length < 2) return null
      const writes = asked.said.startsWith('rw')
      stopAsking(seeker!, out)
      return writes ? asked.remote : null
    }
    default:
      return null
  }
}

export function stopAsking(seeker: Seeker, out: ClientEffect[]): void {
  const link = seeker.asked?.link ?? null
  if (link !== null) out.push({ type: 'close', link })
  seeker.asked = null
}

const question = new TextEncoder().encode('isro')
