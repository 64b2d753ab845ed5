/** The driver, over each world: what it promises to a machine. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { frame, frameReader } from '../../src/wire/frames.ts'
import type { Codec, Effect, Input, Machine } from '../../src/world/driver.ts'
import { drive } from '../../src/world/driver.ts'
import { nodeWorld } from '../../src/world/node/node-world.ts'
import type { Address } from '../../src/world/world.ts'

const text = new TextEncoder()
const words = new TextDecoder()

function textCodec(): Codec<string, string> {
  const reader = frameReader(1000)
  return {
    decode: (chunk, deliver) => reader.push(chunk, payload => deliver(words.decode(payload))),
    encode: message => frame(text.encode(message)),
  }
}

test('a machine answers over a socket', async () => {
  const world = nodeWorld({ folder: mkdtempSync(path.join(tmpdir(), 'zk-')) })
  const seen: Input<string>[] = []
  const machine: Machine<string, string> = {
    step(input: Input<string>, out: Effect<string>[]) {
      seen.push(input)
      if (input.type === 'message') {
        out.push({ type: 'send', link: input.link, message: `${input.message}!` })
        if (input.message === 'bye') out.push({ type: 'close', link: input.link })
      }
    },
  }
  const answer = await new Promise<string>((resolve, reject) => {
    const driver = drive(world, {
      machine,
      tickEvery: 1000,
      listen: { client: { address: { host: '127.0.0.1', port: 0 }, codec: textCodec } },
      ready(result) {
        if ('error' in result) return reject(result.error)
        const answers: string[] = []
        const reader = frameReader(1000)
        const connection = world.network.connect(result.addresses.client as Address, {
          opened: () => {
            connection.write(frame(text.encode('hello')))
            connection.write(frame(text.encode('bye')))
          },
          data: chunk => reader.push(chunk, payload => answers.push(words.decode(payload))),
          closed: () => {
            connection.end()
            driver.stop(() => resolve(answers.join(' ')))
          },
        })
      },
    })
  })
  expect(answer).toBe('hello! bye!')
  expect(seen.map(input => input.type).filter(type => type !== 'tick')).toEqual([
    'connected',
    'message',
    'message',
  ])
  expect(seen[0]?.type).toBe('tick')
})
