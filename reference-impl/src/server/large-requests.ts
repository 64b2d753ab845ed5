/**
 * Requests that are large, and how much memory they may take together while they are on their way: what would be too much
 * is not taken on. Source: Apache's ZooKeeperServer (largeRequestMaxBytes).
 */
export interface LargeRequests {
  /** A request of so many bytes has come: is there room? If so, it counts until `leave`. */
  enter(bytes: number): boolean
  /** One that has entered is over. */
  leave(bytes: number): void
}

/** One of more than `threshold` bytes is large, 0: none is; together they may have `most` bytes. */
export function largeRequests(threshold: number, most: number): LargeRequests {
  let sum = 0
  const isLarge = (bytes: number): boolean => threshold > 0 && bytes > threshold
  return {
    enter(bytes) {
      if (!isLarge(bytes)) return true
      if (sum + bytes > most) return false
      sum += bytes
      return true
    },
    leave(bytes) {
      if (isLarge(bytes)) sum -= bytes
    },
  }
}
