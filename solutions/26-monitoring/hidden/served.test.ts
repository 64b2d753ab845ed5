import { describe, expect, test } from 'vitest'
import { answerWord } from '#lab/admin/four-letter.ts'
import { answerHttp } from '#lab/admin/http.ts'
import { prometheusText } from '#lab/admin/prometheus.ts'
import { because, reportOf, settingsOf } from '../../../labs/26-monitoring/test/reports.ts'
import { type Server, serve } from '../../served.ts'
import { monitorOfNobody } from './http.inside.ts'

/** The whole server on the code under test, with one client that has a session. */
function serverWithASession(): Server {
  const server = serve('4lw.commands.whitelist=*\n')
  server.connect('127.0.0.1')
  return server
}

describe('A. Who may ask, and how the server is', () => {
  test('srst makes a running server count anew', () => {
    const server = serverWithASession()
    const rule = 'The server resets what your answer tells it to.'
    expect(server.answerTo('srvr'), because(rule, 'Who may ask')).toContain('Received: 2\n')
    server.answerTo('srst')
    expect(server.answerTo('srvr'), because(rule, 'Who may ask')).toContain('Received: 1\nSent: 1\n')
  })
})

describe('B. Who is connected', () => {
  test('crst makes the connections of a running server count anew', () => {
    const server = serverWithASession()
    const before =
      /\/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=1,sent=1,sid=0x1[0-9a-f]+,lop=SESS,est=\d+,to=10000,/
    expect(
      server.answerTo('cons'),
      because('The session has done its handshake.', 'One line a client'),
    ).toMatch(before)
    server.answerTo('crst')
    expect(server.answerTo('cons'), because('Nothing since the reset.', 'One line a client')).toMatch(
      /\/127\.0\.0\.1:\d+\[1\]\(queued=0,recved=0,sent=0,sid=0x1[0-9a-f]+,lop=NA,/,
    )
  })
})

describe('C. Who waits for what', () => {
  test('the session of a running server is in the dump, with the time that it has left', () => {
    expect(
      serverWithASession().answerTo('dump'),
      because('From the report to the table.', 'The dead list'),
    ).toMatch(
      /^SessionTracker dump:\nSession Sets \(1\)\/\(1\):\n1 expire at Mon Jan 01 00:00:\d\d UTC 2024:\n\t0x1/,
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
    const text = serverWithASession().answerTo('mntr')
    expect(text, because('One session, two connections.', 'Figures')).toContain(
      'zk_num_alive_connections\t2\n',
    )
    expect(text, because('The session was a transaction.', 'Figures')).toContain('zk_commit_count\t1\n')
    expect(JSON.parse(monitorOfNobody()), because('The same figures as JSON.', 'Figures')).toMatchObject({
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
