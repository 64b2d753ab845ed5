import { describe, expect, test } from 'vitest'
import { ascii, bytesOf, hexOf } from '../../../labs/06-network-protocol/test/bytes.ts'
import { captured } from '../../../reference-impl/test/captured/captured.ts'
import { type Server, serve } from '../../served.ts'
import { cutAt } from './recordings.ts'

/** The whole server on the code under test, behind a network that delays, cuts and joins as its seed says. */
const serverBehind = (seed: number): Server => serve('jute.maxbuffer=1024\n4lw.commands.whitelist=*\n', seed)

/** Connects; what comes back is gathered as one stream. */
function call(server: Server) {
  const heard = { bytes: Buffer.alloc(0) }
  const line = server.call(chunk => {
    heard.bytes = Buffer.concat([heard.bytes, chunk])
  })
  return { line, heard }
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
      const server = serverBehind(seed)
      const { line, heard } = call(server)
      for (const chunk of cutAt(said, [1, 3, 50, 77, 500])) line.write(chunk)
      server.wait(3000)
      const because = `zkCli.sh's recorded requests through the network with seed ${seed}: the xids of the replies`
      // Events may come at other times than they came from Apache's server; replies keep the order of the requests.
      const replies = (xids: number[]): number[] => xids.filter(xid => xid !== -1)
      expect(replies(xidsIn(heard.bytes)), because).toEqual(replies(answered))
    }
  })

  test('a frame of 2 GB costs its sender the connection, after all that it said before, and nobody else', () => {
    const server = serverBehind(8)
    const honest = call(server)
    const liar = call(server)
    for (const { line } of [honest, liar]) line.write(bytesOf(connect))
    server.wait(500)
    liar.line.write(bytesOf(`${ping} 7fffffff`))
    server.wait(500)
    honest.line.write(bytesOf(ping))
    server.wait(500)
    expect(xidsIn(liar.heard.bytes), 'the xids that the liar was answered').toEqual([-2])
    expect(liar.line.isOver, 'the connection of the liar is over').toBe(true)
    expect(server.reports(), 'what the server reports').toEqual(['dropped: client'])
    expect(xidsIn(honest.heard.bytes), 'the xids that the honest client was answered').toEqual([-2])
    expect(honest.line.isOver, 'the connection of the honest client is over').toBe(false)
  })

  test('who hangs up in the middle of a frame has said nothing, and the server goes on', () => {
    const server = serverBehind(9)
    const gone = call(server)
    gone.line.write(bytesOf(connect).subarray(0, 30))
    gone.line.end()
    server.wait(500)
    expect(hexOf(gone.heard.bytes), 'what came back for half a handshake').toBe('')
    expect(server.reports(), 'what the server reports').toEqual([])
    const next = call(server)
    next.line.write(bytesOf(`${connect} ${ping}`))
    server.wait(500)
    expect(xidsIn(next.heard.bytes), 'the xids that the next client was answered').toEqual([-2])
  })
})

describe('D. Know a word when you see one', () => {
  test('the whole server says imok, also to a word in pieces with a newline behind it, and hangs up', () => {
    for (const pieces of [['ruok'], ['ru', 'ok'], ['r', 'u', 'o', 'k', '\n'], ['ruok\n', '\n']]) {
      const server = serverBehind(1)
      const { line, heard } = call(server)
      server.wait(10)
      for (const piece of pieces) {
        line.write(ascii(piece))
        server.wait(10)
      }
      server.wait(500)
      expect(heard.bytes.toString(), `what came back for ${JSON.stringify(pieces)}`).toBe('imok')
      expect(line.isOver, `the server has hung up after ${JSON.stringify(pieces)}`).toBe(true)
    }
  })

  test('a session goes on while others ask with words', () => {
    const server = serverBehind(2)
    const session = call(server)
    session.line.write(bytesOf(connect))
    server.wait(100)
    expect(server.answerTo('srvr'), 'what came back for srvr').toContain('Mode: standalone')
    session.line.write(bytesOf(ping))
    server.wait(100)
    expect(xidsIn(session.heard.bytes), 'the xids that the session was answered').toEqual([-2])
  })
})
