/**
 * The one loop that runs any machine over any world. A machine is a step function over plain data: it takes an
 * input, changes its own state and pushes effects. The driver turns what the world does into inputs and carries
 * the effects out.
 */
import type { Millis } from './world.ts'

/** A connection as a machine knows it: a number that the driver hands out and never uses twice. */
export type Link = number

/** What the world tells a machine; `In` is what the codec of a link makes of its bytes. */
export type Input<In> =
  /** Comes before any other input whenever time has passed. `now` only grows; `wall` is what people's clocks show. */
  | { type: 'tick'; now: Millis; wall: Millis }
  | { type: 'connected'; link: Link; port: string; remote: { host: string; port: number } }
  | { type: 'message'; link: Link; message: In }
  /** The link is gone; nothing more comes from it and nothing can be sent. */
  | { type: 'broken'; link: Link; reason?: string }
  /** Every record appended so far, up to and including the `count`-th of this run, is durable. */
  | { type: 'appended'; count: number }

/** What a machine wants done, in this order. */
export type Effect<Out> =
  | { type: 'send'; link: Link; message: Out }
  /** What was sent before still leaves; `broken` does not follow. */
  | { type: 'close'; link: Link }
  /** To the log, in order; one `appended` may answer many. A promise must wait for it. */
  | { type: 'append'; record: Uint8Array }

export interface Machine<In, Out> {
  step(input: Input<In>, out: Effect<Out>[]): void
}

/** Turns the bytes of one link into messages and back: all that stands between a machine and a socket. */
export interface Codec<In, Out> {
  /** The messages that `chunk` completes. Throws KeeperError when no honest peer could have sent these bytes. */
  decode(chunk: Uint8Array): In[]
  encode(message: Out): Uint8Array
}
