/**
 * Can this machine do what the course needs? Each failure says what to do about it. Nothing here is graded.
 */
import { once } from 'node:events'
import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { transform } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { engines } from '../../../package.json'

describe('D. Your machine', () => {
  test('Node is new enough', () => {
    const needed = engines.node.replace('>=', '')
    const isNewEnough = process.versions.node.localeCompare(needed, 'en', { numeric: true }) >= 0
    expect(
      isNewEnough,
      `This is Node ${process.versions.node}, and the course needs ${needed} or newer. Install a current one from\n` +
        'https://nodejs.org (or `nvm install 22`), then run `npm ci` again.',
    ).toBe(true)
  })

  test('TypeScript is turned into JavaScript that runs', async () => {
    await orSay(
      'The packages in node_modules do not fit this machine. They do not survive a copy from another system, nor another\n' +
        'kind of processor: delete the folder node_modules and run `npm ci` here.',
      async () => {
        const { code } = await transform('export const answer: number = 6 * 7', { loader: 'ts' })
        const module = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)
        expect(module.answer).toBe(42)
      },
    )
  })

  test('a port of this machine can be opened and reached', async () => {
    await orSay(
      'Servers and clients of this course meet on 127.0.0.1. Something forbids that here: look for a firewall or a sandbox\n' +
        'that knows no loopback, and let `node` listen on 127.0.0.1 and connect to it.',
      async () => {
        const server = createServer(socket => socket.end('imok'))
        server.listen(0, '127.0.0.1')
        await once(server, 'listening')
        const { port } = server.address() as { port: number }
        let heard = ''
        for await (const chunk of connect(port, '127.0.0.1')) heard += chunk
        server.close()
        expect(heard).toBe('imok')
      },
    )
  })

  test('a file can be written and forced to the disk', async () => {
    await orSay(
      `A server must be able to say "it is on the disk". Writing to ${tmpdir()} failed: free some space there, or let the\n` +
        'environment variable TMPDIR (on Windows: TEMP) name a folder on a local disk that you may write to.',
      async () => {
        const folder = mkdtempSync(path.join(tmpdir(), 'zookeeper-from-scratch-'))
        try {
          const file = path.join(folder, 'log')
          const descriptor = openSync(file, 'w')
          writeSync(descriptor, 'durable')
          fsyncSync(descriptor)
          closeSync(descriptor)
          expect(readFileSync(file, 'utf8')).toBe('durable')
        } finally {
          rmSync(folder, { recursive: true, force: true })
        }
      },
    )
  })
})

/** Does it, and when that fails says first what can be done about it. */
async function orSay(remedy: string, attempt: () => Promise<void>): Promise<void> {
  try {
    await attempt()
  } catch (error) {
    throw new Error(`${remedy}\n(What went wrong: ${(error as Error).message})`, { cause: error })
  }
}
