/**
 * Which connections are not listened to for now. While the log is busy, clients that do not wait for answers could pile up
 * any number of writes in our memory. So when too many are on their way, whoever has one among them must wait; who has
 * none may always send one. A new session's requests wait as well until there is that session.
 * Source: Apache's ServerCnxn (incrOutstandingAndCheckThrottle) and ZooKeeperServer.shouldThrottle.
 */
import type { Effect } from '../world/machine.ts'
import type { Connection, ServerMessage } from './connection.ts'

export interface Throttle {
  /** A request has come that is not answered at once; so many of its connection wait for an answer. */
  came(connection: Connection, waiting: number, out: Effect<ServerMessage>[]): void
  /** A request has been answered. */
  answered(connection: Connection, waiting: number, out: Effect<ServerMessage>[]): void
  /** Nothing is to come until the next answer. */
  pause(connection: Connection, out: Effect<ServerMessage>[]): void
  forget(connection: Connection): void
  /** Connections whose silence says nothing about their clients. */
  readonly paused: ReadonlySet<Connection>
}

/** `outstanding` says how many writes are on their way in all; more than `limit` are too many. */
export function throttle(limit: number, outstanding: () => number): Throttle {
  const paused = new Set<Connection>()

  function pause(connection: Connection, out: Effect<ServerMessage>[]): void {
    if (!connection.isOpen || paused.has(connection)) return
    paused.add(connection)
    out.push({ type: 'pause', link: connection.link })
  }

  return {
    came(connection, waiting, out) {
      if (waiting > 0 && outstanding() > limit) pause(connection, out)
    },
    answered(connection, waiting, out) {
      if (paused.size === 0 || (waiting > 0 && outstanding() > limit) || !paused.delete(connection)) return
      out.push({ type: 'resume', link: connection.link })
    },
    pause,
    forget: connection => paused.delete(connection),
    paused,
  }
}
