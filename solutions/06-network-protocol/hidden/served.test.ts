import { describe, expect, test } from 'vitest'
import { answerWord } from '#lab/admin/four-letter.ts'
import { parseConfig } from '#lab/server/config.ts'
import { clientCodec } from '#lab/server/connection.ts'
import { standaloneMachine } from '#lab/server/standalone-machine.ts'
import { type DriverEvent, drive } from '#lab/world/driver.ts'
import { simulatedWorld } from '#lab/world/simulated/simulated-world.ts'
import type { Connection } from '#lab/world/world.ts'
import { ascii, bytesOf, hexOf } from '../../../labs/06-network-protocol/test/bytes.ts'
import { captured } from '../../../reference-impl/test/captured/captured.ts'
import { cutAt } from './recordings.ts'

const maxBuffer = 1000

/** The whole server on the code under test, behind a network that delays, cuts and joins as its seed says. */
function serve(seed: number) {
  const simulation = simulatedWorld({ seed })
  const config = parseConfig('dataDir=/data\nclientPort=2181\n4lw.commands.whitelist=*\n')
  if ('errors' in config) throw new Error(config.errors.map(({ text }) => text).join('\n'))
  const { settings } = config
  const events: DriverEvent[] = []
  drive(simulation.host('server'), {
    machine: standaloneMachine({ settings, answerWord }),
    tickEvery: 1000,
    listen: { client: { address: { host: '0.0.0.0', port: 2181 }, codec: () => clientCodec(maxBuffer) } },
    report: event => events.push(event),
  })
  return {
    events,
    run: (millis: number) => simulation.run(simulation.now() + millis),
    /** Connects and speaks; what comes back is gathered as one stream. */
    call(speak: (connection: Connection) => void) {
      const heard = { bytes: Buffer.alloc(0), isOver: false }
      const connection = simulation.host('client').network.connect(
        { host: 'server', port: 2181 },
        {
          opened: () => speak(connection),
          data: chunk => {
            heard.bytes = Buffer.concat([heard.bytes, chunk])
          },
          closed: () => {
            heard.isOver = true
            connection.end()
          },
        },
      )
      return { connection, heard }
    },
  }
}

/** The xids of the replies in a stream, after the answer to the handshake. Read by hand: no code under test here. */
function xidsIn(stream: Uint8Array): number[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength)
  const xids: number[] = []
  for (let at = 0; at + 4 <= stream.length; at += 4 + view.getInt32(at)) xids.push(view.getInt32(at + 4))
  return xids.slice(1)
}

const connect =
  '0000002d 00000000 0000000000000000 00002710 0000000000000000 00000010 00000000000000000000000000000000 00'
const ping = '00000008 fffffffe 0000000b'

describe('C. Cut the stream into frames', () => {
  test('the whole server answers what a client says, however the network cuts it', () => {
    const conversation = captured('zk-cli')
    const said = Buffer.concat(conversation.filter(({ from }) => from === 'client').map(({ bytes }) => bytes))
    const answered = xidsIn(
      Buffer.concat(conversation.filter(({ from }) => from === 'server').map(({ bytes }) => bytes)),
    )
    for (let seed = 0; seed < 15; seed++) {
      const { call, run } = serve(seed)
      const { heard } = call(connection => {
        for (const chunk of cutAt(said, [1, 3, 50, 77, 500])) connection.write(chunk)
      })
      run(3000)
      const because = `zkCli.sh's recorded requests through the network with seed ${seed}: the xids of the replies`
      // Events may come at other times than they came from Apache's server; replies keep the order of the requests.
      const replies = (xids: number[]): number[] => xids.filter(xid => xid !== -1)
      expect(replies(xidsIn(heard.bytes)), because).toEqual(replies(answered))
    }
  })

  test('a frame of 2 GB costs its sender the connection, after all that it said before, and nobody else', () => {
    const { call, run, events } = serve(8)
    const honest = call(connection => connection.write(bytesOf(connect)))
    const liar = call(connection => connection.write(bytesOf(connect)))
    run(500)
    liar.connection.write(bytesOf(`${ping} 7fffffff`))
    run(500)
    honest.connection.write(bytesOf(ping))
    run(500)
    expect(xidsIn(liar.heard.bytes), 'the xids that the liar was answered').toEqual([-2])
    expect(liar.heard.isOver, 'the connection of the liar is over').toBe(true)
    expect(events, 'what the server reports').toMatchObject([{ type: 'dropped', port: 'client' }])
    expect(xidsIn(honest.heard.bytes), 'the xids that the honest client was answered').toEqual([-2])
    expect(honest.heard.isOver, 'the connection of the honest client is over').toBe(false)
  })

  test('who hangs up in the middle of a frame has said nothing, and the server goes on', () => {
    const { call, run, events } = serve(9)
    const gone = call(connection => {
      connection.write(bytesOf(connect).subarray(0, 30))
      connection.end()
    })
    run(500)
    expect(hexOf(gone.heard.bytes), 'what came back for half a handshake').toBe('')
    expect(events, 'what the server reports').toEqual([])
    const next = call(connection => connection.write(bytesOf(`${connect} ${ping}`)))
    run(500)
    expect(xidsIn(next.heard.bytes), 'the xids that the next client was answered').toEqual([-2])
  })
})

describe('D. Know a word when you see one', () => {
  test('the whole server says imok, also to a word in pieces with a newline behind it, and hangs up', () => {
    for (const pieces of [['ruok'], ['ru', 'ok'], ['r', 'u', 'o', 'k', '\n'], ['ruok\n', '\n']]) {
      const { call, run } = serve(1)
      const { connection, heard } = call(() => {})
      run(10)
      for (const piece of pieces) {
        connection.write(ascii(piece))
        run(10)
      }
      run(500)
      expect(heard.bytes.toString(), `what came back for ${JSON.stringify(pieces)}`).toBe('imok')
      expect(heard.isOver, `the server has hung up after ${JSON.stringify(pieces)}`).toBe(true)
    }
  })

  test('a session goes on while others ask with words', () => {
    const { call, run } = serve(2)
    const session = call(connection => connection.write(bytesOf(connect)))
    run(100)
    const asking = call(connection => connection.write(ascii('srvr')))
    run(100)
    session.connection.write(bytesOf(ping))
    run(100)
    expect(asking.heard.bytes.toString(), 'what came back for srvr').toContain('Mode: standalone')
    expect(xidsIn(session.heard.bytes), 'the xids that the session was answered').toEqual([-2])
  })
})
