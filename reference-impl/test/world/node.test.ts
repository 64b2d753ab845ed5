/** What only the real world can show: other programs at the far end, and files between two lives. */
import dns from 'node:dns'
import fs from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { lookUp } from '../../src/world/node/node-network.ts'
import { nodeWorld } from '../../src/world/node/node-world.ts'
import type { Address } from '../../src/world/world.ts'

let folder: string
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'node-world-'))
})
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }))

test('a program that asks, says goodbye and waits is still answered, as with `echo ruok | nc`', async () => {
  const { network, clock } = nodeWorld({ folder })
  let asked = ''
  let remote: Address | null = null
  const port = await new Promise<number>(resolve => {
    const listener = network.listen(
      { host: '::', port: 0 },
      connection => {
        remote = connection.remote
        return {
          data: chunk => {
            asked += new TextDecoder().decode(chunk)
          },
          closed: () => {
            // Not at once: a machine gets its turn first.
            clock.after(10, () => {
              connection.write(new TextEncoder().encode(`you said ${asked}`))
              connection.end()
              listener.close()
            })
          },
        }
      },
      result => resolve('address' in result ? result.address.port : 0),
    )
  })
  const answer = await new Promise<string>((resolve, reject) => {
    let heard = ''
    const socket = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true })
    socket.on('data', chunk => {
      heard += chunk
    })
    socket.on('end', () => {
      socket.end()
      resolve(heard)
    })
    socket.on('error', reject)
    socket.end('ruok')
  })
  expect(answer).toBe('you said ruok')
  expect(remote!.host, 'an IPv4 caller of a socket for both kinds of address').toBe('127.0.0.1')
})

test('a file that a crash left unfinished is not listed', () => {
  fs.writeFileSync(path.join(folder, 'currentEpoch.unfinished'), '7')
  fs.writeFileSync(path.join(folder, 'currentEpoch'), '6')
  expect(nodeWorld({ folder }).disk.list('')).toEqual(['currentEpoch'])
})

test('an append that the system refuses says why', async () => {
  fs.writeFileSync(path.join(folder, 'file'), '')
  const { disk } = nodeWorld({ folder })
  const error = await new Promise<Error | undefined>(resolve =>
    disk.append('file/below', new Uint8Array(1), resolve),
  )
  expect((error as NodeJS.ErrnoException).code).toMatch(/ENOTDIR|EEXIST|ENOENT/)
})

test('of the addresses of a name each is tried first now and then, and the next when one does not answer', async () => {
  const server = net.createServer(socket => socket.end()).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as net.AddressInfo
  const addresses = ['127.0.0.1', '::1', '127.0.0.9'].map(address => ({ address, family: net.isIP(address) }))
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((...args: unknown[]) => {
    const found = args.at(-1) as (error: null, addresses: dns.LookupAddress[]) => void
    setImmediate(() => found(null, addresses))
  }) as never)
  const firsts = new Set<string>()
  const { network } = nodeWorld({ folder })
  try {
    for (let i = 0; i < 40; i++) {
      lookUp('zk', { all: true }, (_, found) => firsts.add((found as dns.LookupAddress[])[0]!.address))
    }
    const closed = await Promise.all(
      Array.from(
        { length: 10 },
        () =>
          new Promise<Error | undefined>(resolve => {
            const handler = { data: () => {}, closed: resolve }
            const connection = network.connect(
              { host: 'zk', port },
              { ...handler, opened: () => connection.end() },
            )
          }),
      ),
    )
    expect([...firsts].sort()).toEqual(['127.0.0.1', '127.0.0.9', '::1'])
    expect(closed).toEqual(Array.from({ length: 10 }, () => undefined))
  } finally {
    lookup.mockRestore()
    server.close()
  }
})
