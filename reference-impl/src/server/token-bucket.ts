/**
 * How many handshakes a server takes on: each needs tokens, and tokens come back with time. After a failure of the network
 * all clients return at once, and a server that tries to serve them all serves none in time.
 *
 * Where `freezeTime` is not -1, some are dropped by chance before there is no token left: more and more while the bucket is
 * empty, fewer and fewer while it is full enough. So clients that come again and again at the same moments are spread.
 * Source: Apache's BlueThrottle; Feng, Kandlur, Saha, Shin: BLUE, a new class of active queue management algorithms.
 */
import type { Millis } from '../world/world.ts'
import type { Settings } from './settings.ts'

export interface BucketRules {
  /** Tokens at most; 0: none are needed. */
  tokens: number
  /** So many come back in each such time. */
  fillCount: number
  fillTime: Millis
  /** How many it takes to make a session, and to come back to one. */
  newSession: number
  renewedSession: number
  /** The share that is dropped by chance changes no sooner than after this time; -1: nobody is. */
  freezeTime: Millis
  dropIncrease: number
  dropDecrease: number
  /** It shrinks while no greater share of the tokens than this is away. */
  decreaseRatio: number
  /** Dice: a number from 0 on and below 1. */
  chance(): number
}

export function bucketRules(settings: Settings, chance: () => number): BucketRules {
  const { newSessionWeight, renewedSessionWeight, handshakesHaveWeights } = settings
  // The settings count in sessions that are made.
  const weight = handshakesHaveWeights ? newSessionWeight : 1
  return {
    tokens: settings.handshakeTokens * weight,
    fillCount: settings.handshakeFillCount * weight,
    fillTime: settings.handshakeFillTime,
    newSession: weight,
    renewedSession: handshakesHaveWeights ? renewedSessionWeight : 1,
    freezeTime: settings.handshakeFreezeTime,
    dropIncrease: Number(settings.handshakeDropIncrease),
    dropDecrease: Number(settings.handshakeDropDecrease),
    decreaseRatio: Number(settings.handshakeDecreaseRatio),
    chance,
  }
}

export interface TokenBucket {
  /** Takes the tokens for a handshake; false: he must come again. */
  take(isRenewal: boolean, now: Millis): boolean
  /** How many tokens are away. */
  deficit(): number
  /** The share of handshakes that is dropped by chance. */
  dropped(): number
}

export function tokenBucket(rules: BucketRules): TokenBucket {
  const { tokens: most, fillCount, fillTime, freezeTime, chance } = rules
  let tokens = most
  let filled = Number.NEGATIVE_INFINITY
  let drop = 0
  let changed = Number.NEGATIVE_INFINITY

  function fill(now: Millis): void {
    const passed = now - filled
    if (passed <= fillTime) return
    tokens = Math.min(most, tokens + Math.floor((passed * fillCount) / fillTime))
    filled = now
  }

  function changeDrop(now: Millis): void {
    if (now - changed <= freezeTime) return
    changed = now
    const away = most - tokens
    if (away === most) drop = Math.min(drop + rules.dropIncrease, 1)
    else if (away <= Math.round(most * rules.decreaseRatio)) drop = Math.max(drop - rules.dropDecrease, 0)
  }

  return {
    take(isRenewal, now) {
      if (most === 0) return true
      fill(now)
      if (freezeTime !== -1) {
        changeDrop(now)
        if (drop > 0 && chance() < drop) return false
      }
      const needed = isRenewal ? rules.renewedSession : rules.newSession
      if (tokens < needed) return false
      tokens -= needed
      return true
    },
    deficit: () => most - tokens,
    dropped: () => drop,
  }
}
