import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPing, setWatches } from '#lab/client/session.ts'
import { noWatches, watch } from '#lab/client/watches.ts'
import { juteReader } from '#lab/wire/jute.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import { readSetWatches, readSetWatches2 } from '#lab/wire/records.ts'
import { Desk, hosts } from '../../../labs/10-client-core/test/desk.ts'

const handshake = (session: number, seen = '0x0', timeout = 30_000): string =>
  `send handshake of session ${session}, seen ${seen}, timeout ${timeout}`

describe('A. Come in', () => {
  test('a negative timeout means the same as 0', () => {
    const desk = new Desk().connect()
    desk.happened()
    desk.welcome({ timeOut: -1 })
    desk.expect(['hang up', 'expired'], 'Zero or less: the session is gone. (chapter 10, "Coming in")')
  })

  test('everything that waits is told of the end, once', () => {
    const resume = { sessionId: 9n, passwd: new Uint8Array(16), lastZxid: 5n }
    const desk = new Desk({ resume }).call(1).logIn(2, 'digest').call(3).connect()
    desk.happened()
    desk.welcome({ timeOut: 0, sessionId: 0n }).break().pass(100_000)
    desk.expect(
      [
        'hang up',
        'expired',
        'answer 1: SESSIONEXPIRED',
        'answer 3: SESSIONEXPIRED',
        'answer 2: SESSIONEXPIRED',
      ],
      'end answers what waits. (chapter 10, "Coming in")',
    )
  })

  test('the timeout that counts is the one that the server has agreed to', () => {
    const desk = Desk.serving({ timeout: 30_000 }, { timeOut: 6000 })
    desk.pass(3999)
    desk.happened()
    desk.pass(1)
    desk.expect(
      ['hang up', 'connecting', 'dial a'],
      'Two thirds of 6 s, though 30 s were asked for. (chapter 10, "Coming in")',
    )
  })

  test('the password of the answer is shown to the next server', () => {
    const passwd = new Uint8Array(16).fill(42)
    const desk = Desk.serving({}, { passwd })
    expect([...desk.session.passwd]).toEqual([...passwd])
    desk
      .break()
      .connect()
      .welcome({ passwd: new Uint8Array(16).fill(43) })
    expect([...desk.session.passwd]).toEqual([...new Uint8Array(16).fill(43)])
  })

  test('a server that only reads is told apart', () => {
    const desk = new Desk({ canBeReadOnly: true }).connect()
    desk.happened()
    desk.welcome({ readOnly: true })
    desk.expect(['read-only'], 'readOnly in the answer says so. (chapter 10, "Coming in")')
  })

  test('a server that reads and one that also writes are told apart each time anew', () => {
    const desk = Desk.serving({ canBeReadOnly: true }, { readOnly: true }).break().connect()
    desk.happened()
    desk.welcome({ readOnly: false }).break()
    desk.expect(['connected', 'connecting', 'dial a'], 'Each answer says it anew. (chapter 10, "Coming in")')
  })

  test('who we are is told to every server, before what we watch, and before what waits', () => {
    const desk = Desk.serving()
      .logIn(1, 'digest')
      .call(2, { watch: { by: 'get', path: '/a', watcher: 1 } })
    desk.answer(-4).answer(1).break().call(3)
    desk.happened()
    desk.connect().welcome()
    desk.expect(
      [
        handshake(7, '0x1'),
        'send login with digest',
        'send setWatches since 0x1, data /a',
        'connected',
        'send 2 getData',
      ],
      'Login, watches, the program, what waits: in this order. (chapter 10, "Coming in")',
    )
  })

  test('a server that serves has ended the row of failures', () => {
    const desk = new Desk({ hosts: hosts('a', 'b') }).unreachable().unreachable().pass(200).unreachable()
    desk.connect().welcome().break().unreachable()
    desk.happened()
    desk.unreachable().pass(200)
    desk.expect(['dial a'], 'The count begins anew. (chapter 10, "What a loss means")')
  })
})

describe('B. Ask, and know the answer', () => {
  test('the numbers go on from one connection to the next', () => {
    const desk = Desk.serving().call(10).call(11).break().connect().welcome()
    desk.happened()
    desk.call(12)
    desk.expect(
      ['send 3 getData'],
      'xids count up over the life of a session. (chapter 10, "A queue is enough")',
    )
  })

  test('after the largest int comes 1', () => {
    const desk = new Desk({}, { xid: 0x7ffffffe }).connect().welcome()
    desk.happened()
    desk.call(10).call(11).answer(0x7fffffff).answer(1)
    desk.expect(
      [`send ${0x7fffffff} getData`, 'send 1 getData', 'answer 10: OK', 'answer 11: OK'],
      '0 and the negative numbers are not for calls. (chapter 10, "A queue is enough")',
    )
  })

  test('an answer that nobody is waiting for ends the connection', () => {
    const desk = Desk.serving().pass(1000).answer(1)
    desk.expect(['hang up', 'connecting', 'dial a'], 'Nothing was asked. (chapter 10, "A queue is enough")')
    const again = Desk.serving().pass(1000).call(10).answer(1).answer(1)
    again.expect(
      ['send 1 getData', 'answer 10: OK', 'hang up', 'connecting', 'dial a'],
      'One answer for one call. (chapter 10, "A queue is enough")',
    )
  })

  test('the answer that came too early is not believed for anybody', () => {
    const desk = Desk.serving()
      .pass(1000)
      .call(10)
      .call(11, { watch: { by: 'get', path: '/a', watcher: 1 } })
    desk.answer(2)
    desk.happened()
    desk.connect().welcome()
    desk.expect([handshake(7), 'connected'], 'No watch was registered. (chapter 10, "A queue is enough")')
  })

  test('an answer, its error and its zxid reach the program as they were', () => {
    const desk = Desk.serving().call(10).call(11).call(12)
    desk.answer(1, { zxid: 4n }).answer(2, { err: 'BADVERSION', zxid: 9n }).answer(3, { zxid: 7n }).break()
    desk.expect(
      [
        'send 1 getData',
        'send 2 getData',
        'send 3 getData',
        'answer 10: OK',
        'answer 11: BADVERSION',
        'answer 12: OK',
        'connecting',
        'dial a',
      ],
      'As the header says. (chapter 10, "A queue is enough")',
    )
    desk.connect()
    desk.expect(
      [handshake(7, '0x9')],
      'The latest zxid that any answer told, errors too. (chapter 10, "Coming in")',
    )
  })

  test.each([
    ['get', 'OK', 'data /a'],
    ['get', 'NONODE', ''],
    ['get', 'NOAUTH', ''],
    ['exists', 'OK', 'data /a'],
    ['exists', 'NONODE', 'exist /a'],
    ['exists', 'NOAUTH', ''],
    ['children', 'OK', 'child /a'],
    ['children', 'NONODE', ''],
    ['persistent', 'OK', 'persistent /a'],
    ['persistent', 'NOAUTH', ''],
    ['recursive', 'OK', 'persistentRecursive /a'],
  ] as const)('a watch by %s that is answered with %s is handed over as "%s"', (by, err, list) => {
    const desk = Desk.serving()
      .call(10, { watch: { by, path: '/a', watcher: 1 } })
      .answer(1, { err })
      .break()
    desk.happened()
    desk.connect().welcome()
    const request = list.startsWith('persistent') ? 'setWatches2' : 'setWatches'
    desk.expect(
      [handshake(7, '0x1'), ...(list === '' ? [] : [`send ${request} since 0x1, ${list}`]), 'connected'],
      'kindOf says where it stands. (chapter 10, "A queue is enough")',
    )
  })

  test('watches that the server has taken away are gone, and their watchers are told', () => {
    const desk = Desk.serving()
      .call(10, { watch: { by: 'get', path: '/a', watcher: 1 } })
      .answer(1)
    const unwatch = { kinds: ['data', 'exist'] as const, path: '/a' }
    desk.call(11, { unwatch }).answer(2, { err: 'NOWATCHER' })
    desk.happened()
    desk.call(12, { unwatch }).answer(3).event('NodeDataChanged', '/a')
    desk.expect(
      ['send 3 getData', 'DataWatchRemoved /a to 1', 'answer 12: OK', 'NodeDataChanged /a to nobody'],
      'Only a yes takes a watch away. (chapter 10, "A queue is enough")',
    )
  })

  test('the goodbye is answered behind everything that was asked before it', () => {
    const desk = Desk.serving().call(10).close(11)
    desk.happened()
    desk.answer(1).answer(2)
    desk.expect(
      ['answer 10: OK', 'hang up', 'closed', 'answer 11: OK'],
      'A goodbye is a call like any other. (chapter 10, "A queue is enough")',
    )
    desk.call(12).close(13).pass(100_000)
    desk.expect(
      ['answer 12: SESSIONEXPIRED', 'answer 13: OK'],
      'It is over. (chapter 10, "What a loss means")',
    )
  })
})

describe('C. Stay alive', () => {
  test.each([
    [3000, 1000],
    [6000, 2000],
    [6003, 1001],
    [9000, 2000],
    [30_000, 9000],
    [33_000, 10_000],
    [600_000, 10_000],
  ])('with a timeout of %i ms a ping is due after %i ms of silence', (timeOut, due) => {
    const desk = Desk.serving({}, { timeOut })
    expect(nextPing(desk.session) - desk.now).toBe(due)
    desk.pass(due - 1)
    desk.expect([], 'Not yet. (chapter 10, "Both must speak")')
    desk.pass(1)
    desk.expect(['send ping'], 'Now. (chapter 10, "Both must speak")')
    desk.pass(1)
    desk.expect([], 'A ping is something that is sent. (chapter 10, "Both must speak")')
  })

  test('to send does not prove that the other side lives', () => {
    const desk = Desk.serving({}, { timeOut: 6000 })
    for (let id = 10; id < 13; id++) desk.pass(1300).call(id)
    desk.happened()
    desk.pass(100)
    desk.expect(
      [
        'hang up',
        'answer 10: CONNECTIONLOSS',
        'answer 11: CONNECTIONLOSS',
        'answer 12: CONNECTIONLOSS',
        'connecting',
        'dial a',
      ],
      'The server was silent for 4 of 6 seconds. (chapter 10, "Both must speak")',
    )
  })

  test('whatever the server says proves that it lives', () => {
    const desk = Desk.serving({}, { timeOut: 6000 })
    for (let i = 0; i < 5; i++) desk.pass(3900).event('NodeCreated', '/a')
    expect(desk.happened()).not.toContain('hang up')
    desk.pass(3999)
    expect(desk.happened()).not.toContain('hang up')
    desk.pass(1)
    expect(desk.happened()).toContain('hang up')
  })

  test('a server that does not answer the goodbye is not waited for', () => {
    const desk = Desk.serving({}, { timeOut: 6000 }).close(1)
    desk.happened()
    desk.pass(3999)
    desk.expect([], 'No pings behind a goodbye. (chapter 10, "Both must speak")')
    desk.pass(1)
    desk.expect(
      ['hang up', 'closed', 'answer 1: OK'],
      'The time is the same as for any other answer. (chapter 10, "Both must speak")',
    )
  })

  test('while it looks for a server, a client is not pinging, and gives up when the session must be dead', () => {
    const desk = Desk.serving({}, { timeOut: 6000 }).break().connect()
    desk.happened()
    desk.pass(1999)
    desk.expect([], 'A third of 6 s for the next server. (chapter 10, "Both must speak")')
    desk.pass(1)
    desk.expect(['hang up'], 'A third of 6 s for the next server. (chapter 10, "Both must speak")')
    desk.pass(200).unreachable().pass(6000)
    desk.expect(['dial a', 'expired'], 'Four thirds of the timeout. (chapter 10, "What a loss means")')
  })
})

describe('D. Lose a server', () => {
  test('a loss that is noticed twice is one loss', () => {
    const desk = Desk.serving({ hosts: hosts('a', 'b', 'c') }, { timeOut: 6000 }).call(10)
    desk.happened()
    desk.pass(4000).break()
    desk.expect(
      ['hang up', 'answer 10: CONNECTIONLOSS', 'connecting', 'dial b'],
      'We hung up ourselves; that the link is gone then is no news. (chapter 10, "What a loss means")',
    )
  })

  test('a call that is in flight is never sent again', () => {
    const desk = Desk.serving().call(10).break().connect().welcome()
    desk.happened()
    desk.call(11).answer(2)
    desk.expect(
      ['send 2 getData', 'answer 11: OK'],
      'Call 10 may have happened already. (chapter 10, "What a loss means")',
    )
  })

  test('a call that nobody waits for any more is not sent', () => {
    const desk = Desk.serving().break().call(10).call(11).forget(10)
    desk.happened()
    desk.connect().welcome()
    desk.expect(
      [handshake(7), 'connected', 'send 1 getData'],
      'Only call 11 is left. (chapter 10, "What a loss means")',
    )
    desk.forget(11).answer(1).call(12)
    desk.expect(
      ['answer 11: OK', 'send 2 getData'],
      'What has been sent keeps its place in the queue. (chapter 10, "What a loss means")',
    )
  })

  test('a call that was never sent outlives any number of servers that cannot be reached', () => {
    const desk = new Desk({ hosts: hosts('a', 'b') }).call(10).unreachable().connect().break().pass(2000)
    expect(desk.happened()).not.toContain('answer 10: CONNECTIONLOSS')
    desk.connect().welcome().answer(1)
    desk.expect(
      [handshake(0), 'connected', 'send 1 getData', 'answer 10: OK'],
      'Nothing was lost: it had not left. (chapter 10, "What a loss means")',
    )
  })

  test('a login that was not answered is made again, and answered once', () => {
    const desk = Desk.serving().logIn(1, 'digest').break().connect().welcome().answer(-4).break().connect()
    desk.happened()
    desk.welcome().answer(-4)
    desk.expect(['send login with digest', 'connected'], 'It was answered before. (chapter 10, "Coming in")')
  })

  test('an answer to the login of a lost connection is not taken for the next one', () => {
    const desk = Desk.serving().logIn(1, 'digest').logIn(2, 'ip').answer(-4).break().connect().welcome()
    desk.happened()
    desk.answer(-4)
    desk.expect([], 'That was for the first, which is answered. (chapter 10, "Coming in")')
    desk.answer(-4)
    desk.expect(['answer 2: OK'], 'And this for the second. (chapter 10, "Coming in")')
  })

  test('a login that is refused ends the session', () => {
    const desk = Desk.serving().call(10).logIn(1, 'digest')
    desk.happened()
    desk.answer(-4, { err: 'AUTHFAILED' }).break().pass(60_000).call(11)
    desk.expect(
      ['hang up', 'auth failed', 'answer 10: AUTHFAILED', 'answer 1: AUTHFAILED', 'answer 11: AUTHFAILED'],
      'Nothing brings it back. (chapter 10, "What a loss means")',
    )
  })

  test('who closes while there is no server is closed at once', () => {
    const desk = Desk.serving().break().call(10)
    desk.happened()
    desk.close(1).unreachable().pass(60_000)
    desk.expect(
      ['closed', 'answer 10: SESSIONEXPIRED', 'answer 1: OK'],
      'There is nobody to say goodbye to. (chapter 10, "What a loss means")',
    )
  })

  test('what was in flight in front of a goodbye fails as in any other loss', () => {
    const desk = Desk.serving().call(10).close(1)
    desk.happened()
    desk.break()
    desk.expect(
      ['answer 10: CONNECTIONLOSS', 'closed', 'answer 1: OK'],
      'Nobody can know of call 10. (chapter 10, "What a loss means")',
    )
  })

  test('hosts are called in turn, and a server that served makes the next call follow at once', () => {
    const desk = new Desk({ hosts: hosts('a', 'b', 'c') })
    desk.unreachable().connect().welcome().break().unreachable().unreachable()
    expect(desk.happened().filter(line => line.startsWith('dial'))).toEqual([
      'dial a',
      'dial b',
      'dial c',
      'dial a',
      'dial b',
    ])
    desk.unreachable()
    desk.expect([], 'Three in a row have failed. (chapter 10, "What a loss means")')
    desk.pass(200)
    desk.expect(['dial c'], 'Three in a row have failed. (chapter 10, "What a loss means")')
  })

  test.each([
    [1, [200, 400, 800, 1600, 2000, 2000]],
    [0, [100, 200, 400, 800, 1000, 1000]],
  ])('with a spread of %i the pauses are %j', (spread, pauses) => {
    const desk = new Desk({ hosts: hosts('a', 'b'), spread })
    for (const pause of pauses) {
      desk.unreachable().unreachable()
      desk.happened()
      desk.pass(pause - 1)
      desk.expect([], 'Not yet: backOff. (chapter 10, "What a loss means")')
      desk.pass(1)
      desk.expect(['dial a'], 'Now: backOff. (chapter 10, "What a loss means")')
    }
  })

  test('a session is given up after four thirds of its timeout without a server, and not before', () => {
    const desk = Desk.serving({}, { timeOut: 6000 }).pass(1000).break().unreachable().unreachable().pass(5999)
    expect(desk.happened()).not.toContain('expired')
    desk.pass(1)
    expect(desk.happened()).toContain('expired')
    const young = new Desk({ timeout: 6000 }).unreachable().pass(600_000)
    expect(young.happened(), 'There was no session yet.').not.toContain('expired')
  })

  test('a connection that stands when nobody wants it any more is ended', () => {
    const desk = Desk.serving().break().close(1)
    desk.happened()
    desk.connect()
    desk.expect(['hang up'], 'The client is closed. (chapter 10, "What a loss means")')
  })

  test.each([
    [0, 1000],
    [1, 999],
    [999, 1],
    [1000, 0],
    [5000, 0],
  ])('a server that has served for %i ms is called again %i ms later', (served, pause) => {
    const desk = new Desk({ hosts: hosts('a', 'b') }).unreachable().connect().welcome().break(served)
    if (pause > 0) {
      desk.pass(pause - 1)
      expect(desk.happened().at(-1), 'Not before the second is over.').toBe('connecting')
      desk.pass(1)
      desk.expect(['dial a'], 'shortestStay after it let us in. (chapter 10, "What a loss means")')
    } else expect(desk.happened().at(-1), 'It has served for long enough.').toBe('dial a')
    desk.unreachable().unreachable()
    desk.happened()
    desk.pass(200)
    desk.expect(['dial a'], 'Failures are counted from the loss. (chapter 10, "What a loss means")')
  })

  test('the program is told once that there is no server, however long the search', () => {
    const desk = Desk.serving().break()
    for (let i = 0; i < 5; i++) desk.unreachable().pass(2000)
    expect(desk.happened().filter(line => line === 'connecting')).toHaveLength(1)
  })

  test('each call is answered once and in order, whatever is asked, answered and cut off when', () => {
    const doing = fc.constantFrom('call', 'answer', 'break', 'come back', 'pass', 'unreachable')
    fc.assert(
      fc.property(fc.array(doing, { maxLength: 60 }), deeds => {
        const desk = new Desk({ hosts: hosts('a', 'b') })
        let id = 0
        const asked: number[] = []
        const inFlight: string[] = []
        const answered: number[] = []
        const look = (): void => {
          for (const line of desk.happened()) {
            const [, xid] = /^send (\d+) /.exec(line) ?? []
            const [, of, code] = /^answer (\d+): (\w+)$/.exec(line) ?? []
            if (xid !== undefined) inFlight.push(xid)
            if (of !== undefined) answered.push(Number(of))
            if (code === 'CONNECTIONLOSS') inFlight.shift()
            if (line.startsWith('dial')) state = 'dialling'
          }
        }
        let state: 'dialling' | 'serving' | 'resting' = 'dialling'
        look()
        for (const deed of deeds) {
          if (deed === 'call') {
            asked.push(++id)
            desk.call(id)
          } else if (deed === 'answer' && state === 'serving' && inFlight.length > 0) {
            desk.answer(Number(inFlight.shift()), { zxid: BigInt(id) })
          } else if (deed === 'break' && state === 'serving') {
            state = 'resting'
            desk.break()
          } else if (deed === 'come back' && state === 'dialling') {
            state = 'serving'
            desk.connect().welcome()
          } else if (deed === 'unreachable' && state === 'dialling') {
            state = 'resting'
            desk.unreachable()
          } else if (deed === 'pass') {
            desk.pass(1)
          }
          look()
        }
        expect(answered, 'answers come in the order of the calls').toEqual(asked.slice(0, answered.length))
        desk.close(999)
        look()
        if (state === 'serving') {
          desk.break()
          look()
        }
        expect(answered.filter(of => of !== 999)).toEqual(asked)
        expect(answered.at(-1)).toBe(999)
      }),
      { numRuns: 200 },
    )
  })
})

describe('E. Hand the watches over', () => {
  test('nothing is handed over by who watches nothing', () => {
    expect(setWatches(noWatches(), 5n)).toEqual([])
  })

  test('the server compares with the last zxid that any answer has told', () => {
    const desk = Desk.serving()
      .call(10, { watch: { by: 'get', path: '/a', watcher: 1 } })
      .answer(1, { zxid: 8n })
    desk.call(11).answer(2, { zxid: 3n, err: 'NONODE' }).pong().event('NodeCreated', '/x').break()
    desk.happened()
    desk.connect().welcome()
    desk.expect(
      [handshake(7, '0x8'), 'send setWatches since 0x8, data /a', 'connected'],
      'Neither pings nor events count; they show nothing. (chapter 10, "Handing over")',
    )
  })

  test('an event that comes with the answer reaches its watcher, and is the last of that watch', () => {
    const desk = Desk.serving()
      .call(10, { watch: { by: 'get', path: '/a', watcher: 1 } })
      .answer(1)
      .break()
    desk.connect().welcome()
    desk.happened()
    desk.event('NodeDataChanged', '/a').answer(-8).break().connect().welcome()
    desk.expect(
      ['NodeDataChanged /a to 1', 'connecting', 'dial a', handshake(7, '0x1'), 'connected'],
      'What was missed is told at once. (chapter 10, "Handing over")',
    )
  })

  test('every kind has its own list, and a path may be in all of them', () => {
    const watches = noWatches()
    const kinds = ['data', 'exist', 'child', 'persistent', 'recursive'] as const
    for (const kind of kinds) watch(watches, kind, '/a', 1)
    const [request, ...more] = setWatches(watches, 5n)
    expect(more).toEqual([])
    expect(request!.type).toBe(OpCode.setWatches2)
    expect(readSetWatches2(juteReader(request!.body))).toEqual({
      relativeZxid: 5n,
      dataWatches: ['/a'],
      existWatches: ['/a'],
      childWatches: ['/a'],
      persistentWatches: ['/a'],
      persistentRecursiveWatches: ['/a'],
    })
  })

  test.each([1, 10, 1000, 43_000])(
    'many paths of %i letters go in requests of at most 128 KiB of paths',
    length => {
      const watches = noWatches()
      const paths = Array.from(
        { length: Math.min(Math.max(5, Math.floor(400_000 / length)), 12_000) },
        (_, i) => `/${String(i).padStart(length, 'x')}`,
      )
      for (const path of paths) watch(watches, 'data', path, 1)
      for (const path of paths) watch(watches, 'child', path, 1)
      const requests = setWatches(watches, 5n)
      const seen = { data: [] as string[], child: [] as string[] }
      for (const { type, body } of requests) {
        expect(type).toBe(OpCode.setWatches)
        const { relativeZxid, dataWatches, childWatches, existWatches } = readSetWatches(juteReader(body))
        expect(relativeZxid).toBe(5n)
        expect(existWatches).toEqual([])
        expect(dataWatches.length + childWatches.length, 'a request of nothing').toBeGreaterThan(0)
        seen.data.push(...dataWatches)
        seen.child.push(...childWatches)
        // Five counts and the zxid besides the paths.
        expect(body.length).toBeLessThanOrEqual(128 * 1024 + 28)
      }
      expect(seen.data.sort(), 'each path once').toEqual([...paths].sort())
      expect(seen.child.sort(), 'each path once').toEqual([...paths].sort())
      const weight = 4 + 3 * Math.max(...paths.map(path => path.length))
      const most = Math.ceil((paths.length * 2 * weight) / (128 * 1024 - weight)) + 1
      expect(requests.length, 'no more requests than it takes').toBeLessThanOrEqual(most)
    },
  )

  test('paths are weighed in bytes, not in letters', () => {
    const watches = noWatches()
    for (let i = 0; i < 30; i++) watch(watches, 'data', `/${'語'.repeat(4000)}${i}`, 1)
    for (const { body } of setWatches(watches, 5n)) expect(body.length).toBeLessThanOrEqual(128 * 1024 + 28)
  })

  test('a path that is longer than any request may be goes alone', () => {
    const watches = noWatches()
    for (const path of ['/a', `/${'x'.repeat(50_000)}`, '/b']) watch(watches, 'data', path, 1)
    const requests = setWatches(watches, 5n)
    const lists = requests.map(({ body }) => readSetWatches(juteReader(body)).dataWatches.length)
    expect(
      lists.every(length => length > 0),
      'a request of nothing',
    ).toBe(true)
    expect(lists.reduce((sum, length) => sum + length, 0)).toBe(3)
  })
})
