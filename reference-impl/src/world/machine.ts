/**
 * What a machine is: a step function over plain data. It takes an input, changes its own state and pushes effects. The
 * driver turns what the world does into inputs and carries the effects out, so a machine knows no world.
 */
import type { Address, Millis } from './world.ts'

/** A connection as a machine knows it: a number that the driver hands out and never uses twice. */
export type Link = number

/**
 * What the world tells a machine; `In` is what the codec of a link makes of its bytes, `Request` what the program around
 * the machine may ask of it.
 */
export type Input<In, Request = never> =
  /** Comes before any other input whenever time has passed. `now` only grows; `wall` is what people's clocks show. */
  | { type: 'tick'; now: Millis; wall: Millis }
  /**
   * Somebody came in through `port`, or a `dial` of it succeeded; then `remote` is the address that was dialled. The
   * `certificate` (DER) is there where TLS has proved that it is his.
   */
  | { type: 'connected'; link: Link; port: string; remote: Address; certificate?: Uint8Array }
  | { type: 'message'; link: Link; message: In }
  /** The link is gone; nothing more comes from it and nothing can be sent. */
  | { type: 'broken'; link: Link; reason?: string }
  /** A `dial` failed. */
  | { type: 'unreachable'; port: string; remote: Address; reason: string }
  /** Every record appended so far, up to and including the `count`-th of this run, is durable. */
  | { type: 'appended'; count: number }
  /** From the program that runs the machine, through `submit`. */
  | { type: 'request'; request: Request }

/** What a machine wants done, in this order; `Reply` is what it tells the program around it. */
export type Effect<Out, Reply = never> =
  | { type: 'send'; link: Link; message: Out }
  /** What was sent before still leaves; `broken` does not follow. */
  | { type: 'close'; link: Link }
  /** Nothing comes from the link until `resume`, neither what has arrived already nor that it broke. */
  | { type: 'pause'; link: Link }
  | { type: 'resume'; link: Link }
  /**
   * Asks for a link to `remote`; `connected` or `unreachable` answers, the latter after `within` at the latest, where
   * it is given. `port` names the codec that the link will use.
   */
  | { type: 'dial'; port: string; remote: Address; within?: Millis }
  /** To the log, in order; one `appended` may answer many. A promise must wait for it. */
  | { type: 'append'; record: Uint8Array }
  /** To the program that runs the machine. */
  | { type: 'reply'; reply: Reply }

export interface Machine<In, Out, Request = never, Reply = never> {
  step(input: Input<In, Request>, out: Effect<Out, Reply>[]): void
}

/** Turns the bytes of one link into messages and back: all that stands between a machine and a socket. */
export interface Codec<In, Out> {
  /**
   * Gives the messages that `chunk` completes to `deliver`. Throws KeeperError when no honest peer could have sent
   * these bytes; what came before them has been delivered by then.
   */
  decode(chunk: Uint8Array, deliver: (message: In) => void): void
  encode(message: Out): Uint8Array
}
