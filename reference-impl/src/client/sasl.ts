/**
 * Logging in by SASL: on each connection, after the handshake and before anything else. The server's welcome is held back
 * until the server believes us and has shown that it knows the password, too; so a session that has a server has one that
 * knows who is asking.
 * Source: Apache's ZooKeeperSaslClient.
 */

import { utf8 } from '../session/digest-md5.ts'
import { answerChallenge, type SaslLogin, saltLength } from '../session/digest-md5-client.ts'
import { Code } from '../wire/errors.ts'
import { juteReader, juteWriter } from '../wire/jute.ts'
import { OpCode } from '../wire/opcodes.ts'
import {
  readConnectResponse,
  readReplyHeader,
  readSetSASLResponse,
  writeGetSASLRequest,
  writeRequestHeader,
} from '../wire/records.ts'
import type { Link } from '../world/machine.ts'
import type { ClientEffect } from './messages.ts'

/** The login on one connection. */
export interface SaslExchange {
  link: Link
  /** What the server said to the handshake. */
  welcome: Uint8Array
  /** What the server must say in the end; null before its challenge. */
  proof: Uint8Array | null
}

/** Begins when a server lets us in. Returns null when it does not: then there is nobody to log in to. */
export function beginSasl(link: Link, welcome: Uint8Array, out: ClientEffect[]): SaslExchange | null {
  if (readConnectResponse(juteReader(welcome)).timeOut <= 0) return null
  sendToken(link, 1, new Uint8Array(0), out)
  return { link, welcome, proof: null }
}

/** Takes the server's next token. Throws KeeperError where that is no answer at all. */
export function continueSasl(
  exchange: SaslExchange,
  message: Uint8Array,
  login: SaslLogin,
  random: (count: number) => Uint8Array,
  out: ClientEffect[],
): 'goes on' | 'logged in' | 'refused' {
  const input = juteReader(message)
  if (readReplyHeader(input).err !== Code.OK) return 'refused'
  const { token } = readSetSASLResponse(input)
  // A server that knows nothing of SASL has nothing to say.
  if (token === null) return 'refused'
  if (exchange.proof !== null) return isSame(token, exchange.proof) ? 'logged in' : 'refused'
  const answer = answerChallenge(token, login, random(saltLength))
  if (answer === null) return 'refused'
  exchange.proof = utf8(answer.proof)
  sendToken(exchange.link, 2, answer.response, out)
  return 'goes on'
}

function sendToken(link: Link, xid: number, token: Uint8Array, out: ClientEffect[]): void {
  const archive = juteWriter()
  writeRequestHeader(archive, { xid, type: OpCode.sasl })
  writeGetSASLRequest(archive, { token })
  out.push({ type: 'send', link, message: archive.bytes() })
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at])
}
