import { describe, expect, test } from 'vitest'
import { answerWord } from '#lab/admin/four-letter.ts'
import { answerHttp } from '#lab/admin/http.ts'
import { prometheusText } from '#lab/admin/prometheus.ts'
import { parseConfig } from '#lab/server/config.ts'
import type { ServerMessage } from '#lab/server/connection.ts'
import { standaloneMachine } from '#lab/server/standalone-machine.ts'
import { juteWriter } from '#lab/wire/jute.ts'
import { writeConnectRequest } from '#lab/wire/records.ts'
import type { ClientMessage, FourLetterWord } from '#lab/wire/words.ts'
import type { Effect, Input } from '#lab/world/driver.ts'
import { because, reportOf, settingsOf } from '../../../labs/26-monitoring/test/reports.ts'

/** The whole server on the code under test, with one client that has a session. */
function serve() {
  const config = parseConfig('dataDir=/data\nclientPort=2181\n4lw.commands.whitelist=*\n')
  if ('errors' in config) throw new Error(config.errors.map(({ text }) => text).join('\n'))
  const machine = standaloneMachine({ settings: config.settings, answerWord })
  let links = 0
  const step = (input: Input<ClientMessage>): Effect<ServerMessage>[] => {
    const out: Effect<ServerMessage>[] = []
    machine.step(input, out)
    return out
  }
  const connect = (): number => {
    const link = ++links
    step({ type: 'connected', link, port: 'client', remote: { host: '127.0.0.1', port: 50_000 + link } })
    return link
  }
  const out = juteWriter()
  const passwd = new Uint8Array(16)
  writeConnectRequest(out, { protocolVersion: 0, lastZxidSeen: 0n, timeOut: 8000, sessionId: 0n, passwd })
  step({ type: 'tick', now: 1000, wall: Date.UTC(2026, 0, 1) })
  step({ type: 'message', link: connect(), message: { type: 'frame', bytes: out.bytes() } })
  step({ type: 'appended', count: 1 })
  return {
    /** The text that a word is answered with, on a connection of its own. */
    ask(word: FourLetterWord): unknown {
      const sent = step({ type: 'message', link: connect(), message: { type: 'word', word } })
      return sent.map(effect => (effect.type === 'send' ? effect.message : '')).join('')
    },
  }
}

describe('A. Who may ask, and how the server is', () => {
  test('srst makes a running server count anew', () => {
    const server = serve()
    const rule = 'The server resets what your answer tells it to.'
    expect(server.ask('srvr'), because(rule, 'Who may ask')).toContain('Received: 2\n')
    server.ask('srst')
    expect(server.ask('srvr'), because(rule, 'Who may ask')).toContain('Received: 1\nSent: 1\n')
  })
})

describe('B. Who is connected', () => {
  test('crst makes the connections of a running server count anew', () => {
    const server = serve()
    const before =
      /\/127\.0\.0\.1:50001\[1\]\(queued=0,recved=1,sent=1,sid=0x1[0-9a-f]+,lop=SESS,est=\d+,to=8000,/
    expect(server.ask('cons'), because('The session has done its handshake.', 'One line a client')).toMatch(
      before,
    )
    server.ask('crst')
    expect(server.ask('cons'), because('Nothing since the reset.', 'One line a client')).toMatch(
      /\/127\.0\.0\.1:50001\[1\]\(queued=0,recved=0,sent=0,sid=0x1[0-9a-f]+,lop=NA,/,
    )
  })
})

describe('C. Who waits for what', () => {
  test('the session of a running server is in the dump, with the time that it has left', () => {
    expect(serve().ask('dump'), because('From the report to the table.', 'The dead list')).toMatch(
      /^SessionTracker dump:\nSession Sets \(1\)\/\(1\):\n1 expire at Thu Jan 01 00:00:\d\d UTC 2026:\n\t0x1/,
    )
  })

  test('the AdminServer counts by your count', () => {
    const report = reportOf({ dataWatches: [['/a', [1n, 2n]]] })
    const { body } = answerHttp('/commands/wchs', '/commands', report, settingsOf())
    expect(JSON.parse(body), because('The same numbers as JSON.', 'Figures')).toMatchObject({
      num_connections: 2,
      num_paths: 1,
      num_total_watches: 2,
    })
  })
})

describe('D. Figures for machines', () => {
  test('a running server has figures for mntr, and the AdminServer has the same', () => {
    const text = serve().ask('mntr')
    expect(text, because('One session, two connections.', 'Figures')).toContain(
      'zk_num_alive_connections\t2\n',
    )
    expect(text, because('The session was a transaction.', 'Figures')).toContain('zk_commit_count\t1\n')
    const { body } = answerHttp('/commands/monitor', '/commands', reportOf(), settingsOf())
    expect(JSON.parse(body), because('The same figures as JSON.', 'Figures')).toMatchObject({
      znode_count: 5,
      commit_count: 0,
      avg_readlatency: 0,
    })
  })

  test('the page for Prometheus has every figure of mntr that is a gauge or a counter', () => {
    const report = reportOf()
    const page = prometheusText(report)
    const rule = 'One set of names for all who read.'
    const names = answerWord('mntr', report, settingsOf('*'))
      .text.trimEnd()
      .split('\n')
      .map(line => line.split('\t')[0]!.slice('zk_'.length))
      .filter(name => !/^(avg|min|max|cnt|sum|p\d+)_|^(version|server_state)$/.test(name))
    expect(
      names.filter(name => !page.includes(`\n${name} `)),
      because(rule, 'Figures'),
    ).toEqual([])
  })
})
