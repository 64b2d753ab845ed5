/**
 * What zkCli.sh once said to Apache's server, said again to a fresh one, cut into pieces as no client cuts it: the
 * answers are the recorded ones, but for what clocks and dice have a part in.
 */
import { expect, test } from 'vitest'
import { captured, type Frame } from '../captured/captured.ts'
import { messagesOf } from '../captured/messages.ts'
import { withEachServer } from './conversation.ts'
import { rawClient } from './raw-client.ts'

withEachServer('a recording of zkCli.sh', [], server => {
  test('is answered as it was when it was recorded', async () => {
    const recorded = captured('zk-cli')
    const client = await rawClient(server().port)
    const replayed: Frame[] = []
    for (const { from, bytes } of recorded) {
      if (from === 'client') {
        for (const piece of pieces(bytes)) {
          client.send(piece)
          await new Promise(setImmediate)
        }
        replayed.push({ from, bytes })
      } else {
        const payload = await client.receive()
        if (payload === null) break
        replayed.push({ from, bytes: Uint8Array.of(0, 0, 0, 0, ...payload) })
      }
    }
    client.hangUp()
    expect(comparable(replayed)).toEqual(comparable(recorded))
  })
})

/** Cuts at places that depend on nothing but the bytes, so that every run is the same. */
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + ((bytes[at]! + at) % 7)
    yield bytes.subarray(at, at + size)
    at += size
  }
}

/** Fields that no two runs have in common. An owner is still told from none. */
const byChance = new Set(['ctime', 'mtime', 'sessionId', 'passwd', 'ephemeralOwner'])

function comparable(frames: readonly Frame[]): string[] {
  return messagesOf(frames).map(({ name, parts }) => {
    const text = JSON.stringify(parts, (key, value) => {
      if (byChance.has(key)) return value === 0n ? 'none' : 'some'
      // A notification carried -1 up to Apache's 3.8; since 3.9, and here, the zxid of the write that fired it.
      if (name === 'notification' && key === 'zxid') return 'either'
      // Children come in no order that anybody has promised.
      if (key === 'children') return [...value].sort()
      if (typeof value === 'bigint') return `${value}n`
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
    })
    return `${name} ${text}`
  })
}
