/**
 * The whole machine of a client: the session, and beside it what the session need not know of. Before a server is the
 * session's, who asks has proved who he is.
 */
import type { SaslLogin } from '../session/digest-md5-client.ts'
import type { ClientEffect, ClientInput, SessionOptions, SessionState } from './messages.ts'
import { beginSasl, continueSasl, type SaslExchange } from './sasl.ts'
import { newSession, step } from './session.ts'

export interface ClientMachineOptions extends SessionOptions {
  sasl?: SaslLogin
  /** Bytes that nobody can guess, different every time. */
  random(count: number): Uint8Array
}

export interface ClientMachineState {
  readonly options: ClientMachineOptions
  readonly session: SessionState
  sasl: SaslExchange | null
}

export function newClientMachine(options: ClientMachineOptions): ClientMachineState {
  return { options, session: newSession(options), sasl: null }
}

export function stepClient(client: ClientMachineState, input: ClientInput, out: ClientEffect[]): void {
  const { session, options } = client
  if (input.type === 'message' && options.sasl !== undefined && input.link === session.link) {
    if (session.phase === 'greeting') {
      logIn(client, options.sasl, input, out)
      return
    }
  }
  step(session, input, out)
}

type Message = ClientInput & { type: 'message' }

/** What comes from a server that has not welcomed the session yet. */
function logIn(client: ClientMachineState, login: SaslLogin, input: Message, out: ClientEffect[]): void {
  const { session, options } = client
  const { link, message } = input
  try {
    if (client.sasl?.link !== link) {
      client.sasl = beginSasl(link, message, out)
      if (client.sasl === null) step(session, input, out)
      return
    }
    switch (continueSasl(client.sasl, message, login, options.random, out)) {
      case 'goes on':
        return
      case 'refused':
        step(session, { type: 'request', request: { type: 'refused' } }, out)
        return
      case 'logged in':
        step(session, { type: 'message', link, message: client.sasl.welcome }, out)
    }
  } catch (error) {
    if ((error as Error).name !== 'KeeperError') throw error
    leave(session, out)
  }
}

/** The server is no good: it is lost to the session as if the connection had broken. */
function leave(session: SessionState, out: ClientEffect[]): void {
  const { link } = session
  if (link === null) return
  out.push({ type: 'close', link })
  step(session, { type: 'broken', link }, out)
}
