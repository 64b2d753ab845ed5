/**
 * A conversation is written once and held with two servers: Apache's, which proves that the conversation is right,
 * and ours, which it is about.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { interopRequired, missingPackages, type Package } from './packages.ts'
import { apache, ours, type Server, type StartOptions, startServer } from './servers.ts'

/** Much more than anything here takes, for machines that are busy with other things. */
export const patience = 60_000

/**
 * Registers the tests of one conversation for each server. The server may be asked for from the first `beforeAll`
 * on; what one test leaves there the next one finds. `options` are asked for when it starts.
 */
export function withEachServer(
  client: string,
  packages: readonly Package[],
  converse: (server: () => Server) => void,
  options: () => StartOptions = () => ({}),
): void {
  for (const kind of [apache, ours]) {
    const title = `${client} and ${kind.name}`
    const missing = missingPackages([...packages, ...kind.packages])
    if (missing.length === 0) {
      describe(title, { timeout: patience }, () => {
        let server: Server | undefined
        beforeAll(async () => {
          server = await startServer(kind, options())
        }, patience)
        afterAll(() => server?.stop(), patience)
        converse(() => server ?? notThere())
      })
    } else if (interopRequired) {
      test(`${title} can meet`, () => {
        expect(missing, `apt-get install ${missing.join(' ')}`).toEqual([])
      })
    } else {
      console.warn(`Skipped: ${title}. They need Debian's packages: apt-get install ${missing.join(' ')}`)
      describe.skip(title, () => converse(notThere))
    }
  }
}

function notThere(): never {
  throw new Error('ask for the server in a test or in beforeAll, not before')
}

/** What a program told: its lines `what: value`, in order. */
export type Told = ReadonlyMap<string, string>

/** Runs a program that holds a conversation and tells it line by line. */
export async function tellingOf(program: string, ...args: string[]): Promise<Told> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: patience }).catch(
    (problem: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(`${problem.message}\nBefore that it told:\n${problem.stdout}`)
    },
  )
  return new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map(line => line.split(/: (.*)/, 2) as [string, string]),
  )
}
