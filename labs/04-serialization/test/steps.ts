/**
 * Lab 04's way of asking: a list of steps goes through an archive, and a failure tells the steps that led to it.
 * Bytes are written in hex; blanks in it are for the reader and mean nothing.
 */
import { expect } from 'vitest'
import type { OutputArchive } from '#lab/wire/archive.ts'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'

/** A call of an archive's method with its argument, or, when reading, with what it should return. */
export type Step =
  | ['byte' | 'int' | 'float' | 'double', number]
  | ['bool', boolean]
  | ['long', bigint]
  | ['buffer', Uint8Array | null]
  | ['ustring', string | null]
  | ['vector', number | null]

export function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

/** Runs the steps on a new archive: its bytes must be `hex`. `because` says why, and where the chapter tells more. */
export function expectWritten(steps: readonly Step[], hex: string, because: string): void {
  const done = ['out = juteWriter()']
  telling(done, because, () => {
    const out = juteWriter()
    for (const step of steps) {
      done.push(`out.${step[0]}(${shown(step[1])})`)
      write(out, step)
    }
    done.push('out.bytes()')
    expectBytes(out.bytes(), hex)
  })
}

/** Reads the bytes step by step: each must return its value, and nothing may be left. */
export function expectRead(bytes: Uint8Array | string, steps: readonly Step[], because: string): void {
  const archive = typeof bytes === 'string' ? bytesOf(bytes) : bytes
  const done = [`input = juteReader(${shown(archive)})`]
  telling(done, because, () => {
    const input = juteReader(archive)
    for (const [type, value] of steps) {
      done.push(`input.${type}()`)
      expect(input[type]()).toStrictEqual(value)
    }
    done.push('input.remaining()')
    expect(input.remaining()).toBe(0)
  })
}

/** The call must throw KeeperError MARSHALLINGERROR, and no other error. `told` is how one would write it. */
export function expectRefused(call: () => unknown, told: string, because = ''): void {
  telling([told], `It must throw KeeperError MARSHALLINGERROR. ${because}`, () => {
    let refusal: unknown
    try {
      refusal = `it returned ${shown(call())}`
    } catch (error) {
      if (isTodo(error)) throw error
      refusal = error
    }
    expect(refusal).toMatchObject({ name: 'KeeperError', code: -5 })
  })
}

/** Long archives are compared where they first differ. */
export function expectBytes(bytes: Uint8Array, hex: string): void {
  const [found, expected] = [hexOf(bytes), hex.replaceAll(' ', '')]
  let at = 0
  while (at < expected.length && found.slice(at, at + 2) === expected.slice(at, at + 2)) at += 2
  const from = Math.max(0, at - 32)
  const part = (text: string) => {
    const where = from === 0 ? '' : `from byte ${from / 2}: … `
    return where + text.slice(from, at + 64) + (text.length > at + 64 ? ' …' : '')
  }
  expect(part(found)).toBe(part(expected))
}

/** Runs `check`; what it throws is told with the steps that led there and the reason for what was expected. */
export function telling(steps: readonly string[], because: string, check: () => void): void {
  try {
    check()
  } catch (error) {
    if (error instanceof Error && !isTodo(error)) error.message = story(steps, because) + error.message
    throw error
  }
}

export function write(out: OutputArchive, [type, value]: Step): void {
  const method = out[type] as (this: OutputArchive, value: unknown) => void
  method.call(out, value)
}

function isTodo(error: unknown): boolean {
  return error instanceof Error && error.name === 'Todo'
}

function story(steps: readonly string[], because: string): string {
  const lines =
    steps.length > 12 ? [...steps.slice(0, 3), `… ${steps.length - 11} more …`, ...steps.slice(-8)] : steps
  return `\n${lines.map(line => `    ${line}\n`).join('')}  ${because}\n  `
}

function shown(value: unknown): string {
  if (value instanceof Uint8Array) {
    return value.length > 48
      ? `<${hexOf(value.subarray(0, 32))}… ${value.length} bytes>`
      : `<${hexOf(value)}>`
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string' && value.length > 48) {
    return `${JSON.stringify(value.slice(0, 32))}… ${value.length} characters`
  }
  return JSON.stringify(value)
}
