/**
 * Messages over a pair of blocking file descriptors: a length and as many bytes. Nothing here waits on the event
 * loop, which is the point: whoever calls across the bridge stands still until the answer is there.
 */
import { readSync, writeSync } from 'node:fs'
import type { Pipe } from './bridge.ts'
import { longestMessage, Malformed } from './values.ts'

/** The other end has closed its side, or was closed. */
export class Hangup extends Error {
  override readonly name = 'Hangup'
}

export function pipe(from: number, to: number): Pipe {
  let room = Buffer.allocUnsafe(1 << 16)
  const header = Buffer.allocUnsafe(4)

  function write(bytes: Uint8Array): void {
    let at = 0
    try {
      while (at < bytes.length) at += writeSync(to, bytes, at)
    } catch {
      throw new Hangup()
    }
  }

  /** At least one more byte, behind those that are there. */
  function more(filled: number): number {
    let count = 0
    try {
      count = readSync(from, room, filled, room.length - filled, null)
    } catch {}
    if (count === 0) throw new Hangup()
    return filled + count
  }

  return {
    send(message) {
      header.writeUInt32LE(message.length)
      if (message.length > 1 << 15) {
        write(header)
        write(message)
      } else write(Buffer.concat([header, message]))
    },
    receive() {
      let filled = more(0)
      while (filled < 4) filled = more(filled)
      const end = 4 + room.readUInt32LE(0)
      if (end - 4 > longestMessage) throw new Malformed('a message too long')
      if (end > room.length) {
        const larger = Buffer.allocUnsafe(Math.min(2 * end, 4 + longestMessage))
        room.copy(larger, 0, 0, filled)
        room = larger
      }
      while (filled < end) filled = more(filled)
      if (filled > end) throw new Malformed('talks out of turn')
      return room.subarray(4, end)
    },
  }
}
