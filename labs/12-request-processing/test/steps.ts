/** Lab 12's way to say what is ordered and what must come of it. */
import { expect } from 'vitest'
import type { Situation, Write } from '#lab/pipeline/request.ts'
import { type Identity, openAcl } from '#lab/state/identity.ts'
import { Code, type CodeName } from '#lab/wire/errors.ts'
import { CreateMode, OpCode, opName } from '#lab/wire/opcodes.ts'
import type { ACL } from '#lab/wire/records.ts'
import { history } from './history.inside.ts'

/** A node that is there from the beginning. `creates`: how many children were ever created in it. */
export interface Seed {
  path: string
  owner?: bigint
  acl?: readonly ACL[]
  version?: number
  creates?: number
}

export type Step =
  | { do: 'order'; write: Write; by?: bigint; as?: readonly Identity[]; where?: Partial<Situation> }
  | { do: 'apply'; count: number }
  | { do: 'look'; path: string }
  /** Of how many paths something is recorded. */
  | { do: 'count' }

// Writes

export const create = (
  path: string,
  flags: number = CreateMode.PERSISTENT,
  acl: ACL[] | null = openAcl,
): Write => ({
  type: OpCode.create,
  request: { path, data: null, acl, flags },
})
export const remove = (path: string, version = -1): Write => ({
  type: OpCode.delete,
  request: { path, version },
})
export const set = (path: string, version = -1, data: Uint8Array | null = null): Write => ({
  type: OpCode.setData,
  request: { path, data, version },
})
export const setAcl = (path: string, acl: ACL[] | null = openAcl, version = -1): Write => ({
  type: OpCode.setACL,
  request: { path, acl, version },
})
export const check = (path: string, version: number): Write => ({
  type: OpCode.check,
  request: { path, version },
})
export const multi = (...writes: Write[]): Write => ({ type: OpCode.multi, writes })
export const close: Write = { type: OpCode.closeSession }

// Steps

/** A write is ordered, by session 1 unless it is said. */
export const order = (write: Write, by: Partial<Extract<Step, { do: 'order' }>> = {}): Step => ({
  ...by,
  do: 'order',
  write,
})
export const apply = (count = 1): Step => ({ do: 'apply', count })
export const look = (path: string): Step => ({ do: 'look', path })

// What comes of them

export const fails = (code: CodeName): object => ({ type: OpCode.error, record: { err: Code[code] } })
export const isSet = (path: string, version: number): object => ({
  type: OpCode.setData,
  record: { path, version },
})
export const isCreated = (path: string, parentCVersion: number): object => ({
  type: OpCode.create,
  record: { path, parentCVersion },
})
export const isDeleted = (path: string): object => ({ type: OpCode.delete, record: { path } })
export const isMulti = (...txns: object[]): object => ({ type: OpCode.multi, txns })
export const isClosed = (...paths2Delete: string[]): object => ({
  type: OpCode.closeSession,
  record: { paths2Delete },
})
/** Whatever comes of it. */
export const anything: unknown = Symbol('anything')

/** Each step with what must come of it. A step that is a write is ordered by session 1. */
export function expectHistory(
  seeds: readonly (Seed | string)[],
  lines: readonly (readonly [Step | Write, unknown])[],
  because: string,
): void {
  const steps = lines.map(([step]) => ('do' in step ? step : order(step)))
  const nodes = seeds.map(seed => (typeof seed === 'string' ? { path: seed } : seed))
  const results = history(nodes, steps)
  for (const [at, [, expected]] of lines.entries()) {
    if (expected === anything) continue
    const told = story(nodes, steps.slice(0, at + 1), because)
    if (typeof expected === 'object' && expected !== null) expect(results[at], told).toMatchObject(expected)
    else expect(results[at], told).toEqual(expected)
  }
}

/** What a failure prints above expected and actual. */
export function story(seeds: readonly Seed[], steps: readonly Step[], because: string): string {
  const there = seeds.length === 0 ? '' : `    there are ${seeds.map(({ path }) => path).join(', ')}\n`
  const lines = steps.map((step, at) => `    ${at + 1}  ${shownStep(step)}\n`)
  return `\n${there}${lines.join('')}  ${because}\n `
}

function shownStep(step: Step): string {
  switch (step.do) {
    case 'order': {
      const by = step.by === undefined ? '' : `  by session ${step.by}`
      return `order ${shown(step.write)}${by}`
    }
    case 'apply':
      return `apply the oldest ${step.count}`
    case 'look':
      return `look what will be at ${step.path}`
    case 'count':
      return 'count what is outstanding'
  }
}

function shown(write: Write): string {
  if (write.type === OpCode.multi) return `multi [ ${write.writes.map(shown).join(', ')} ]`
  if (!('request' in write)) return opName(write.type)
  const { request } = write
  if (!('path' in request)) return opName(write.type)
  const version =
    'version' in request && request.version !== -1 ? ` if it has version ${request.version}` : ''
  const flags = 'flags' in request && request.flags !== 0 ? ` with flags ${request.flags}` : ''
  return `${opName(write.type)} ${request.path}${version}${flags}`
}
