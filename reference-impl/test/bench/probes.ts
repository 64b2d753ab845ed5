/** What a server of ours can tell of itself while it is measured: each probe is loaded into it with `--import`. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { root } from '../../../course/paths.ts'
import type { Kind, Server } from '../interop/servers.ts'

export type Probe = 'stall-probe' | 'memory-probe'

/** The longest of each since the probe was asked last, in milliseconds. */
export interface Stalls {
  wall: number
  ran: number
  collection: number
}

/** The server with a probe in it, which writes to the file PROBED when it is asked. */
export function watched(kind: Kind, probe: Probe): Kind {
  const file = path.join(root, 'reference-impl', 'test', 'bench', `${probe}.mjs`)
  const flags = probe === 'memory-probe' ? ['--expose-gc'] : []
  return {
    ...kind,
    command: (config, options) => {
      const [node, ...rest] = kind.command(config, options)
      return [node, ...flags, '--import', file, ...rest]
    },
  }
}

/** Asks the probe of a server, and waits for its note. */
export async function probed<Note>(server: Server): Promise<Note> {
  const file = process.env.PROBED!
  rmSync(file, { force: true })
  process.kill(server.pid, 'SIGUSR2')
  for (let tries = 0; tries < 100 && !existsSync(file); tries++) await pause(50)
  return JSON.parse(readFileSync(file, 'utf8')) as Note
}
