/**
 * A long conversation that was held with Apache's server, held again: every kind of request, every way to fail that the
 * protocol has a code for. The answers are the recorded ones, byte for byte, but for the clock, for the order of
 * children, and for what later versions of ZooKeeper do otherwise.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Client, InProcess } from './in-process.ts'

/** Stands for the end of the connection. */
const hangUp = '(hangup)'

/** Requests that version 3.9 answers otherwise than 3.8.0 did when this was recorded. */
const sinceThen: Record<string, { because: string; frames: string[] }> = {
  'create child with persistent+recursive watches': {
    because: 'a persistent and a recursive watch of one path now live side by side',
    frames: [
      'ffffffff (zxid) 00000000 00000001 00000003 00000004 2f612f6b',
      'ffffffff (zxid) 00000000 00000004 00000003 00000002 2f61',
      '00000036 0000000000000027 00000000 00000004 2f612f6b',
    ],
  },
  'standalone check op': {
    because: 'a check outside of a multi is no request any more',
    frames: ['00000003 ffffffffffffffff fffffffa', hangUp],
  },
}

/** Their answers list children, which come in no order that anybody has promised. */
const listing = ['getChildren / + watch', 'getChildren2', 'multiRead']

describe("a conversation with Apache's server goes the same way with ours", () => {
  const server = new InProcess('reconfigEnabled=true')
  for (let count = 1; count <= 3; count++) server.session()

  recorded().forEach((exchanges, index) => {
    describe(`on connection ${index + 1}`, () => {
      let client: Client
      test('a session begins', () => {
        // The lone check, which took a zxid when it still was a request.
        if (index === 2) server.session()
        client = server.session()
        expect(client.granted).toMatchObject({ timeOut: 10_000, readOnly: false })
      })
      test.each(exchanges)('$title is answered as it was then', ({ title, request, answers }) => {
        client.sendFrame(Buffer.from(request, 'hex'))
        const frames = client.inbox
          .splice(0)
          .map(message => Buffer.from(message as Uint8Array).toString('hex'))
        if (!client.isOpen) frames.push(hangUp)
        const expected = sinceThen[title]?.frames.map(frame => frame.replaceAll(' ', '')) ?? answers
        expect(frames.map(comparable)).toEqual(expected.map(comparable))

        function comparable(frame: string): string {
          // Up to 3.8 an event came with the zxid -1, since then with that of its transaction.
          const event = frame.replace(/^ffffffff[0-9a-f]{16}/, 'ffffffff(zxid)')
          // Any moment of the year 2024, in which our clock begins, or of the day of the recording.
          const timeless = event.replaceAll(/0000018[c-f][0-9a-f]{8}|000001a1f99[0-9a-f]{5}/g, '(time)')
          return listing.includes(title) ? [...timeless].sort().join('') : timeless
        }
      })
    })
  })
})

interface Exchange {
  title: string
  request: string
  answers: string[]
}

/** What was said on each connection, in order. */
function recorded(): Exchange[][] {
  const text = readFileSync(path.join(import.meta.dirname, 'apache-3.8.0.txt'), 'utf8')
  const connections: Exchange[][] = []
  let title = ''
  for (const line of text.split('\n')) {
    const rest = line.slice(2).trim()
    const exchanges = connections.at(-1)
    if (line.startsWith('## ')) title = line.slice(3)
    else if (line === '@') connections.push([])
    else if (line.startsWith('> ')) exchanges!.push({ title, request: rest, answers: [] })
    else if (line.startsWith('< ')) exchanges!.at(-1)!.answers.push(rest)
    else if (line === 'x') exchanges!.at(-1)!.answers.push(hangUp)
  }
  return connections
}
