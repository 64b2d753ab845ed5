import { describe, test } from 'vitest'
import { Desk, hosts } from './desk.ts'

describe('A. Come in', () => {
  test('a server that says yes gives the session its id and its timeout, and the program is told', () => {
    const desk = new Desk().connect().welcome({ sessionId: 7n, timeOut: 4000 })
    desk.expect(
      ['dial a', 'send handshake of session 0, seen 0x0, timeout 30000', 'connected'],
      'The answer begins the session. (chapter 10, "Coming in")',
    )
    desk.break().connect()
    desk.expect(
      ['connecting', 'dial a', 'send handshake of session 7, seen 0x0, timeout 30000'],
      'The next server must hear of the session that there is. (chapter 10, "Coming in")',
    )
  })

  test('a timeout of 0 means that the session is gone, and nothing brings it back', () => {
    const resume = { sessionId: 9n, passwd: new Uint8Array(16), lastZxid: 5n }
    const desk = new Desk({ resume }).connect().welcome({ timeOut: 0, sessionId: 0n })
    desk.expect(
      ['dial a', 'send handshake of session 9, seen 0x5, timeout 30000', 'hang up', 'expired'],
      'That is how a server says "expired". (chapter 10, "Coming in")',
    )
    desk.call(1).pass(60_000)
    desk.expect(['answer 1: SESSIONEXPIRED'], 'It is over, and so is every call. (chapter 10, "Coming in")')
  })

  test('a server that only reads is told apart', () => {
    const desk = new Desk({ canBeReadOnly: true }).connect().welcome({ readOnly: true })
    desk.expect(
      ['dial a', 'send handshake of session 0, seen 0x0, timeout 30000', 'read-only'],
      'readOnly in the answer says so. (chapter 10, "Coming in")',
    )
  })

  test('who we are is told first, then the program is', () => {
    const desk = new Desk().logIn(1, 'digest').connect().welcome()
    desk.expect(
      [
        'dial a',
        'send handshake of session 0, seen 0x0, timeout 30000',
        'send login with digest',
        'connected',
      ],
      'prime comes before anything else on a new connection. (chapter 10, "Coming in")',
    )
  })
})

describe('B. Ask, and know the answer', () => {
  test('calls are numbered from 1 and sent at once', () => {
    const desk = Desk.serving().call(10).call(11)
    desk.expect(
      ['send 1 getData', 'send 2 getData'],
      'Nobody waits for an answer before asking again. (chapter 10, "A queue is enough")',
    )
  })

  test('an answer belongs to the oldest call', () => {
    const desk = Desk.serving().call(10).call(11)
    desk.happened()
    desk.answer(1).answer(2, { err: 'NONODE' })
    desk.expect(
      ['answer 10: OK', 'answer 11: NONODE'],
      'Servers answer in order. (chapter 10, "A queue is enough")',
    )
  })

  test('what was asked before there was a server is sent when there is one', () => {
    const desk = new Desk().call(10).call(11).connect().welcome()
    desk.expect(
      [
        'dial a',
        'send handshake of session 0, seen 0x0, timeout 30000',
        'connected',
        'send 1 getData',
        'send 2 getData',
      ],
      'It waited, in its order. (chapter 10, "Coming in")',
    )
  })

  test('an answer out of order ends the connection', () => {
    const desk = Desk.serving().pass(1000).call(10).call(11)
    desk.happened()
    desk.answer(2)
    desk.expect(
      ['hang up', 'answer 10: CONNECTIONLOSS', 'answer 11: CONNECTIONLOSS', 'connecting', 'dial a'],
      'Whoever answers out of order cannot be believed. (chapter 10, "A queue is enough")',
    )
  })

  test('a watch is registered when the server has said yes, and fires once', () => {
    const desk = Desk.serving().call(10, { watch: { by: 'get', path: '/a', watcher: 3 } })
    desk.event('NodeDataChanged', '/a').answer(1).event('NodeDataChanged', '/a')
    desk.event('NodeDataChanged', '/a')
    desk.expect(
      [
        'send 1 getData',
        'NodeDataChanged /a to nobody',
        'answer 10: OK',
        'NodeDataChanged /a to 3',
        'NodeDataChanged /a to nobody',
      ],
      'kindOf says where it stands, if it does. (chapter 10, "A queue is enough")',
    )
  })

  test('a watch on what is not there stays only where exists has set it', () => {
    const desk = Desk.serving()
    desk.call(10, { watch: { by: 'get', path: '/a', watcher: 3 } })
    desk.call(11, { watch: { by: 'exists', path: '/a', watcher: 4 } })
    desk.answer(1, { err: 'NONODE' }).answer(2, { err: 'NONODE' }).event('NodeCreated', '/a')
    desk.expect(
      ['send 1 getData', 'send 2 getData', 'answer 10: NONODE', 'answer 11: NONODE', 'NodeCreated /a to 4'],
      'kindOf says where it stands, if it does. (chapter 10, "A queue is enough")',
    )
  })
})

describe('C. Stay alive', () => {
  test('a ping is sent when the client has been silent for a third of the timeout, less a second', () => {
    const desk = Desk.serving({}, { timeOut: 12_000 })
    desk.pass(2999)
    desk.expect([], 'A third of 12 s is 4 s, less one. (chapter 10, "Both must speak")')
    desk.pass(1)
    desk.expect(['send ping'], 'A third of 12 s is 4 s, less one. (chapter 10, "Both must speak")')
  })

  test('whatever is sent puts the ping off', () => {
    const desk = Desk.serving({}, { timeOut: 12_000 }).pass(2000).call(10).answer(1).pass(2000)
    desk.expect(
      ['send 1 getData', 'answer 10: OK'],
      'Every request says that we live. (chapter 10, "Both must speak")',
    )
    desk.pass(1000)
    desk.expect(['send ping'], 'Three seconds after the last request. (chapter 10, "Both must speak")')
  })

  test('a server that says nothing for two thirds of the timeout is given up', () => {
    const desk = Desk.serving({ hosts: hosts('a', 'b') }, { timeOut: 12_000 })
    desk.pass(3000).pong().pass(7999)
    desk.happened()
    desk.pass(1)
    desk.expect(
      ['hang up', 'connecting', 'dial b'],
      'It last spoke 8 seconds ago; the rest is for finding another. (chapter 10, "Both must speak")',
    )
  })

  test('a server that does not answer the handshake is given up when its share of the time is over', () => {
    const desk = new Desk({ hosts: hosts('a', 'b'), timeout: 12_000 }).connect()
    desk.pass(5999)
    desk.happened()
    desk.pass(1)
    desk.expect(
      ['hang up', 'dial b'],
      'Two hosts, 6 seconds each: connectTimeout. (chapter 10, "Both must speak")',
    )
  })
})

describe('D. Lose a server', () => {
  test('what was in flight fails, in its order, and another host is called at once', () => {
    const desk = Desk.serving({ hosts: hosts('a', 'b') })
      .call(10)
      .call(11)
    desk.happened()
    desk.break()
    desk.expect(
      ['answer 10: CONNECTIONLOSS', 'answer 11: CONNECTIONLOSS', 'connecting', 'dial b'],
      'Nobody can know whether it happened. (chapter 10, "What a loss means")',
    )
  })

  test('a server that ends a connection soon is called again when a second is over', () => {
    const desk = Desk.serving().break(400)
    desk.expect(['connecting'], 'It let us in 400 ms ago. (chapter 10, "What a loss means")')
    desk.pass(599)
    desk.expect([], 'It let us in 999 ms ago. (chapter 10, "What a loss means")')
    desk.pass(1)
    desk.expect(['dial a'], 'shortestStay is over. (chapter 10, "What a loss means")')
  })

  test('what was asked after the loss waits for the next server, and is sent once', () => {
    const desk = Desk.serving().break().call(10).unreachable().pass(1000).connect().welcome()
    desk.happened()
    desk.answer(1).break().connect().welcome()
    desk.expect(
      [
        'answer 10: OK',
        'connecting',
        'dial a',
        'send handshake of session 7, seen 0x1, timeout 30000',
        'connected',
      ],
      'It had never been sent, so nothing was lost. (chapter 10, "What a loss means")',
    )
  })

  test('a round of hosts that cannot be reached is followed by a pause, and the next by a longer one', () => {
    const desk = new Desk({ hosts: hosts('a', 'b') })
    desk.unreachable().unreachable()
    desk.expect(['dial a', 'dial b'], 'The second is tried at once. (chapter 10, "What a loss means")')
    desk.pass(199)
    desk.expect([], 'backOff says when to try again. (chapter 10, "What a loss means")')
    desk.pass(1)
    desk.expect(['dial a'], 'backOff says when to try again. (chapter 10, "What a loss means")')
    desk.unreachable().unreachable().pass(399)
    desk.expect(['dial b'], 'The second pause is twice as long. (chapter 10, "What a loss means")')
    desk.pass(1)
    desk.expect(['dial a'], 'The second pause is twice as long. (chapter 10, "What a loss means")')
  })

  test('who was closing, and loses the server, is closed', () => {
    const desk = Desk.serving().close(1).break()
    desk.expect(
      ['send 1 closeSession', 'closed', 'answer 1: OK'],
      'The server may have heard it or not; the session ends either way. (chapter 10, "What a loss means")',
    )
  })
})

describe('E. Hand the watches over', () => {
  test('the next server is told of every watch, and from when on something may have been missed', () => {
    const desk = Desk.serving()
    desk.call(10, { watch: { by: 'get', path: '/a', watcher: 1 } })
    desk.call(11, { watch: { by: 'exists', path: '/b', watcher: 2 } })
    desk.call(12, { watch: { by: 'children', path: '/a', watcher: 3 } })
    desk.answer(1, { zxid: 5n }).answer(2, { err: 'NONODE', zxid: 5n }).answer(3, { zxid: 6n })
    desk.break()
    desk.happened()
    desk.connect().welcome()
    desk.expect(
      [
        'send handshake of session 7, seen 0x6, timeout 30000',
        'send setWatches since 0x6, data /a, exist /b, child /a',
        'connected',
      ],
      'A watch is a matter of the connection; only the client knows of all. (chapter 10, "Handing over")',
    )
  })

  test('a watch that has fired is not handed over', () => {
    const desk = Desk.serving().call(10, { watch: { by: 'get', path: '/a', watcher: 1 } })
    desk.call(11, { watch: { by: 'get', path: '/b', watcher: 2 } })
    desk.answer(1).answer(2).event('NodeDataChanged', '/a').break()
    desk.happened()
    desk.connect().welcome()
    desk.expect(
      [
        'send handshake of session 7, seen 0x1, timeout 30000',
        'send setWatches since 0x1, data /b',
        'connected',
      ],
      'It fired; it is gone. (chapter 10, "Handing over")',
    )
  })

  test('watches that stay go in setWatches2', () => {
    const desk = Desk.serving().call(10, { watch: { by: 'recursive', path: '/a', watcher: 1 } })
    desk.call(11, { watch: { by: 'get', path: '/b', watcher: 2 } })
    desk.answer(1).answer(2).break()
    desk.happened()
    desk.connect().welcome()
    desk.expect(
      [
        'send handshake of session 7, seen 0x1, timeout 30000',
        'send setWatches2 since 0x1, data /b, persistentRecursive /a',
        'connected',
      ],
      'Only the newer request has a place for them. (chapter 10, "Handing over")',
    )
  })
})
