/**
 * How many handshakes a server takes on: each needs a token, and tokens come back with time. After a failure of the network
 * all clients return at once, and a server that tries to serve them all serves none in time.
 * Source: Apache's BlueThrottle, without the chance by which that one may drop connections even before there is no token left.
 */
import type { Millis } from '../world/world.ts'

export interface BucketRules {
  /** Tokens at most; 0: none are needed. */
  tokens: number
  /** So many come back in each such time. */
  fillCount: number
  fillTime: Millis
}

/** Answers whether there was a token, and takes it. */
export function tokenBucket({ tokens: most, fillCount, fillTime }: BucketRules): (now: Millis) => boolean {
  let tokens = most
  let filled = Number.NEGATIVE_INFINITY
  return now => {
    if (most === 0) return true
    const passed = now - filled
    if (passed > fillTime) {
      tokens = Math.min(most, tokens + Math.floor((passed * fillCount) / fillTime))
      filled = now
    }
    if (tokens === 0) return false
    tokens--
    return true
  }
}
