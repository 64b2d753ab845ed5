/**
 * Records conversations between real clients and Apache's server, through a proxy that stands between them.
 * Run it with `npm run capture` when a conversation changes; the recordings are checked in.
 */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../../course/paths.ts'
import { missingPackages, python } from '../interop/packages.ts'
import { apache, startServer } from '../interop/servers.ts'
import { zkCli } from '../interop/zk-cli.ts'
import { type Frame, recordingText } from './captured.ts'

const here = path.join(root, 'reference-impl/test/captured')
const interop = path.join(root, 'reference-impl/test/interop')

const run = (program: string, ...args: string[]) => promisify(execFile)(program, args)

const missing = missingPackages(['zookeeper', 'python3-kazoo', 'libzookeeper-st-dev', 'gcc'])
if (missing.length > 0) throw new Error(`first apt-get install ${missing.join(' ')}`)

await record('zkCli.sh', ['zk-cli'], async address => {
  const cli = await zkCli(address)
  const commands = [
    'create /a hello',
    'create -e /a-session "here today"',
    'create -s /a/job-',
    'create -s -e /a/job-',
    'create /a again',
    'create /none/child',
    'stat -w /a',
    'get -s -w /a',
    'set -v 0 /a world',
    'set -v 0 /a again',
    'ls -w /a',
    'ls -s /a',
    'delete /a/job-0000000000',
    'delete /a',
    'sync /',
    'delete /a/job-0000000001',
    'delete /a',
    'get /a',
  ]
  for (const command of commands) await cli.ask(command)
  await cli.quit()
})

/** The connections of `kazoo-talk.py`, in its order; those without a name hold nothing new. */
await record(
  'kazoo',
  ['kazoo', null, 'kazoo-reconnect', 'kazoo-closed-session', null, 'kazoo-wrong-password'],
  address => run(python, path.join(interop, 'kazoo-talk.py'), address),
)

await record('the C client', ['c-client'], async address => {
  const folder = mkdtempSync(path.join(tmpdir(), 'capture-'))
  const program = path.join(folder, 'talk')
  await run('cc', '-o', program, path.join(interop, 'c-client-talk.c'), '-lzookeeper_st')
  await run(program, address)
  rmSync(folder, { recursive: true })
})

/** Lets a client talk through the proxy and writes one file for each connection that has a name. */
async function record(client: string, names: (string | null)[], talk: (address: string) => Promise<unknown>) {
  const server = await startServer(apache)
  const { address, connections, close } = await recordingProxy(server.port)
  await talk(address)
  await close()
  await server.stop()
  names.forEach((name, index) => {
    const frames = connections[index]
    if (name === null || frames === undefined) return
    const text = recordingText(`${client} and Apache's server, both of version 3.8.0`, frames)
    writeFileSync(path.join(here, `${name}.txt`), text)
    console.log(`${name}: ${frames.length} frames`)
  })
}

/** Passes everything on and remembers the frames of each connection. */
async function recordingProxy(target: number) {
  const connections: Frame[][] = []
  const proxy = net.createServer(client => {
    const frames: Frame[] = []
    connections.push(frames)
    const server = net.connect(target, '127.0.0.1')
    pass(client, server, 'client', frames)
    pass(server, client, 'server', frames)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  return {
    address: `127.0.0.1:${(proxy.address() as net.AddressInfo).port}`,
    connections,
    async close() {
      proxy.close()
      await once(proxy, 'close')
    },
  }
}

function pass(source: net.Socket, target: net.Socket, from: Frame['from'], frames: Frame[]): void {
  let pending = Buffer.alloc(0)
  source.on('data', chunk => {
    pending = Buffer.concat([pending, chunk])
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE()) {
      const length = 4 + pending.readInt32BE()
      frames.push({ from, bytes: pending.subarray(0, length) })
      pending = pending.subarray(length)
    }
    target.write(chunk)
  })
  source.on('end', () => target.end())
  source.on('error', () => target.destroy())
}
