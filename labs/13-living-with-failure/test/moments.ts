/** Lab 13's way to tell what happened: to a connection line by line, and of a failure or a write in a sentence. */
import { expect } from 'vitest'
import {
  backOff,
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  type Failure,
  type Found,
  type Repeatable,
  type RetryPolicy,
  type Verdict,
} from '#lab/client/failure.ts'
import type { ClientState } from '#lab/client/messages.ts'
import { judge, newConnection, notice, pauseBefore } from '#lab/client/retry.ts'
import { Code, type CodeName } from '#lab/wire/errors.ts'

// A

export interface FailureLike extends Partial<Omit<Failure, 'code'>> {
  code?: CodeName
}

/** The pause after a failure: CONNECTIONLOSS of a first attempt, 10 ms after it began, if nothing else is said. */
export function pause(
  policy: RetryPolicy,
  { code = 'CONNECTIONLOSS', ...like }: FailureLike = {},
): number | null {
  const usual = { isNewSession: false, retries: 0, elapsed: 10, luck: 0 }
  return pauseBefore(policy, { ...usual, ...like, code: Code[code] })
}

/** For the second argument of `expect`. */
export function because(policy: RetryPolicy, like: FailureLike, rule: string): string {
  const { code = 'CONNECTIONLOSS', isNewSession = false, retries = 0, elapsed = 10, luck = 0 } = like
  const session = isNewSession ? ', and there is a new session' : ''
  return [
    '',
    `    policy: ${show(policy)}`,
    `    ${code} after ${retries} retries and ${elapsed} ms${session}; luck is ${luck}`,
    `  ${rule} (chapter 13, "When to try again")`,
    '',
  ].join('\n')
}

function show({ times, within, pause: first, isGrowing, longest }: RetryPolicy): string {
  const pauses = isGrowing ? `pauses from ${first} ms on, growing` : `pauses of ${first} ms`
  const most = longest === Infinity ? '' : `, none longer than ${longest}`
  const end = within === Infinity ? '' : `, within ${within} ms`
  return `${times} times, ${pauses}${most}${end}`
}

/** All that growing pauses can be after so many retries, with the luck in equal steps. */
export function pauses(retries: number, steps: number, policy = backOff(Infinity, 100)): (number | null)[] {
  return Array.from({ length: steps }, (_, step) => pause(policy, { retries, luck: step / steps }))
}

// B

/** A connection, what happens to it, and what is told of it. */
export class Watchman {
  readonly connection: Connection = newConnection()
  readonly #out: ConnectionEffect[] = []
  readonly #lines: string[] = []

  /** The client changes its state. */
  client(state: ClientState, now: number, timeout = 4000): this {
    return this.#take({ type: 'client', state, timeout, now }, `at ${now}   the client is ${state}`)
  }

  time(now: number): this {
    return this.#take({ type: 'time', now }, `at ${now}   somebody looks at the clock`)
  }

  #take(input: ConnectionInput, line: string): this {
    const before = this.#out.length
    notice(this.connection, input, this.#out)
    const done = this.#out.slice(before).map(lineOf)
    this.#lines.push(done.length === 0 ? line : `${line} →  ${done.join(', ')}`)
    return this
  }

  /** All that was done since this was last asked. */
  done(): string[] {
    return this.#out.splice(0).map(lineOf)
  }

  expect(done: readonly string[], rule: string): this {
    expect(this.done(), this.because(rule)).toEqual(done)
    return this
  }

  because(rule: string): string {
    const lines = this.#lines.slice(-12).map(line => `    ${line}`)
    return ['', ...lines, `  ${rule} (chapter 13, "Suspended, and lost")`, ''].join('\n')
  }
}

function lineOf(effect: ConnectionEffect): string {
  return effect.type === 'tell' ? effect.state : effect.type
}

// D

const encoder = new TextEncoder()

/** A text as bytes; null as null. */
export function data(text: string | null): Uint8Array | null {
  return text === null ? null : encoder.encode(text)
}

export function found(text: string | null, version = 0, owner = 0n): Found {
  return { data: data(text), version, owner }
}

export const session = 7n

/** What the judge says of a write whose last attempt was refused. */
export function expectVerdict(
  write: Repeatable,
  refusal: CodeName,
  node: Found | null,
  verdict: Verdict,
  rule: string,
): void {
  const told = node === null ? 'no node' : `a node of version ${node.version}, owner ${node.owner}`
  const message = [
    '',
    `    ${write.type}${write.type === 'set' ? ` over version ${write.version}` : ''}: CONNECTIONLOSS`,
    `    again: ${refusal}; there is ${told}`,
    `  ${rule} (chapter 13, "What has become of it")`,
    '',
  ].join('\n')
  expect(judge(write, Code[refusal], node, session), message).toBe(verdict)
}

export const create = (text: string | null, isEphemeral = false): Repeatable => ({
  type: 'create',
  data: data(text),
  isEphemeral,
})
export const set = (text: string | null, version: number): Repeatable => ({
  type: 'set',
  data: data(text),
  version,
})
