/**
 * A broken invariant: the program is wrong, not its input. It stops the server, because a replica that
 * goes on after a wrong step spreads the mistake. Broken input is a `KeeperError` instead.
 */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
}

/** Stops the program when `condition` does not hold. `claim` says what should have been true. */
export function assert(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new AssertionError(claim)
}
