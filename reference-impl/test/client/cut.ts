/**
 * A simulated network that cuts the n-th frame of a client's connections: before it has passed, in its middle, or just
 * behind it. It counts the frames of both directions, so that a test can try every one.
 */
import { frame, frameReader } from '../../src/wire/frames.ts'
import type { Connection, ConnectionHandler, Network } from '../../src/world/world.ts'

/** `nth`: counted from 1, over all connections; 0 cuts nothing. */
export interface Cut {
  nth: number
  where: 'before' | 'within' | 'behind'
  /** Called when it is cut. */
  happened?(): void
}

export type Way = 'out' | 'in'

/** A frame that came to the cable, and whether it is where the cable is cut. */
export interface Passing {
  way: Way
  payload: Uint8Array
  isCut: boolean
}

export interface CuttingNetwork {
  network: Network
  /** How many frames have passed or been cut. */
  frames(): number
}

/** `seen` is shown each frame. */
export function cutting(
  network: Network,
  cut: Cut,
  seen: (frame: Passing) => void = () => {},
): CuttingNetwork {
  let frames = 0

  /** What passes of one frame. Says whether the connection is to end then. */
  function pass(way: Way, payload: Uint8Array, through: (bytes: Uint8Array) => void): boolean {
    const bytes = frame(payload)
    const isCut = ++frames === cut.nth
    seen({ way, payload, isCut })
    if (!isCut || cut.where === 'behind') through(bytes)
    else if (cut.where === 'within') through(bytes.slice(0, bytes.length >> 1))
    if (isCut) cut.happened?.()
    return isCut
  }

  function connect(address: Parameters<Network['connect']>[0], handler: ConnectionHandler): Connection {
    const outward = frameReader(1 << 20)
    const inward = frameReader(1 << 20)
    let isCut = false
    const inner = network.connect(address, {
      ...(handler.opened === undefined ? {} : { opened: () => handler.opened!() }),
      data(chunk) {
        inward.push(chunk, payload => {
          if (isCut) return
          isCut = pass('in', payload, bytes => handler.data(bytes))
          if (isCut) inner.destroy()
        })
      },
      closed: error => handler.closed(error),
    })
    return {
      remote: inner.remote,
      queued: () => inner.queued(),
      pause: () => inner.pause(),
      resume: () => inner.resume(),
      end: () => inner.end(),
      destroy: () => inner.destroy(),
      write(chunk) {
        outward.push(chunk, payload => {
          if (isCut) return
          isCut = pass('out', payload, bytes => inner.write(bytes))
          // What has left arrives; then the connection is gone for both.
          if (isCut) inner.end()
        })
      },
    }
  }

  return { network: { ...network, connect }, frames: () => frames }
}
