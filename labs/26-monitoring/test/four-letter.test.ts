import { describe, expect, test } from 'vitest'
import { answerWord } from '#lab/admin/four-letter.ts'
import { noMetrics, note } from '#lab/server/metrics.ts'
import type { ServerReport } from '#lab/server/report.ts'
import { because, clientOf, reportOf, sessionOf, settingsOf, trafficOf } from './reports.ts'

/** The text that answers a word where all words are allowed. */
function ask(word: string, report: ServerReport = reportOf()): string {
  return answerWord(word, report, settingsOf('*')).text
}

describe('A. Who may ask, and how the server is', () => {
  test('a word that the whitelist does not have is not executed', () => {
    const rule = 'What the operator has not allowed is refused, in a line that says so.'
    expect(answerWord('ruok', reportOf(), settingsOf()).text, because(rule, 'Who may ask')).toBe(
      'ruok is not executed because it is not in the whitelist.\n',
    )
  })

  test('a word that the whitelist has is answered, and * stands for them all', () => {
    const rule = 'The whitelist holds words, or * for every word.'
    expect(answerWord('ruok', reportOf(), settingsOf('ruok')).text, because(rule, 'Who may ask')).toBe('imok')
    expect(answerWord('isro', reportOf(), settingsOf('*')).text, because(rule, 'Who may ask')).toBe('rw')
  })

  test('an allowed word without an answer says so', () => {
    const rule = 'Silence would look like a broken server.'
    expect(ask('stmk'), because(rule, 'Who may ask')).toBe(
      'stmk is not executed because this server has no answer to it.\n',
    )
  })

  test('srvr says eight things about a server that has worked', () => {
    const traffic = trafficOf({ received: 95, sent: 99, requests: 84, latency: 92, maxLatency: 6 })
    const report = reportOf({ traffic, zxid: 0x34n, nodes: 15, outstanding: 2 })
    const rule = 'One line each, in this order, a colon and a space, an end of line after the last.'
    expect(ask('srvr', report).split('\n').slice(1), because(rule, 'Reading srvr')).toEqual([
      'Latency min/avg/max: 0/1.0952/6',
      'Received: 95',
      'Sent: 99',
      'Connections: 0',
      'Outstanding: 2',
      'Zxid: 0x34',
      'Mode: standalone',
      'Node count: 16',
      '',
    ])
  })

  test('a whole mean still has a decimal', () => {
    const traffic = trafficOf({ requests: 2, latency: 10, minLatency: 5, maxLatency: 5 })
    expect(ask('srvr', reportOf({ traffic })), because('Java prints 5.0.', 'Reading srvr')).toContain(
      'Latency min/avg/max: 5/5.0/5\n',
    )
  })
})

describe('B. Who is connected', () => {
  test('stat names each client between the version and the rest of srvr', () => {
    const clients = [clientOf(50_000, { received: 7, sent: 6, queued: 1 })]
    const report = reportOf({ clients, connections: 1 })
    const [version, ...rest] = ask('srvr', report).split('\n')
    const rule = 'A head, a line for each client, an empty line, then what srvr says.'
    expect(ask('stat', report).split('\n'), because(rule, 'One line a client')).toEqual([
      version,
      'Clients:',
      ' /127.0.0.1:50000[1](queued=1,recved=7,sent=6)',
      '',
      ...rest,
    ])
  })

  test('cons says more of a client that has a session', () => {
    const last = { type: 4, xid: 26, zxid: 0x34n, at: 8123, latency: 2 }
    const session = sessionOf(0x1_0000_1268_61_0001n, { last, maxLatency: 4, averageLatency: 1 })
    const report = reportOf({ clients: [clientOf(50_000, { session })] })
    const rule = 'The long form goes on inside the parentheses, in this order.'
    expect(ask('cons', report), because(rule, 'One line a client')).toBe(
      ' /127.0.0.1:50000[1](queued=0,recved=0,sent=0,sid=0x10000126861' +
        '0001,lop=GETD,est=1795188659116,to=10000,lcxid=0x1a,lzxid=0x34,lresp=8123,llat=2,minlat=0,avglat=1,maxlat=4)\n\n',
    )
  })

  test('cons has nothing more to say of the connection that only asks', () => {
    const report = reportOf({ clients: [clientOf(50_001, { isAsking: true, received: 1 })] })
    const rule = 'It has no session, and from it the server waits for no more.'
    expect(ask('cons', report), because(rule, 'One line a client')).toBe(
      ' /127.0.0.1:50001[0](queued=0,recved=1,sent=0)\n\n',
    )
  })

  test('a session that has asked for nothing yet has no last operation', () => {
    const report = reportOf({ clients: [clientOf(50_000, { session: sessionOf(7n) })] })
    const rule = 'NA, the zxid -1 as an unsigned number, no lcxid, and 0 for the rest.'
    expect(ask('cons', report), because(rule, 'One line a client')).toContain(
      'sid=0x7,lop=NA,est=1795188659116,to=10000,lzxid=0xffffffffffffffff,lresp=0,llat=0,minlat=0,avglat=0,maxlat=0)',
    )
  })
})

describe('C. Who waits for what', () => {
  const report = reportOf({
    dataWatches: [
      ['/config', [0x1an]],
      ['/config/db', [0x1an]],
    ],
  })

  test('wchs counts connections, nodes and watches', () => {
    expect(ask('wchs', report), because('A pair is a watch.', 'Watches, three ways')).toBe(
      '1 connections watching 2 paths\nTotal watches:2\n',
    )
  })

  test('wchp goes by node and wchc by session', () => {
    const rule = 'A head, its members behind a tab, an empty line at the very end.'
    expect(ask('wchp', report), because(rule, 'Watches, three ways')).toBe(
      '/config\n\t0x1a\n/config/db\n\t0x1a\n\n',
    )
    expect(ask('wchc', report), because(rule, 'Watches, three ways')).toBe(
      '0x1a\n\t/config\n\t/config/db\n\n',
    )
  })

  test('dump tells who dies when, and what dies with him', () => {
    const at = Date.UTC(2026, 10, 20, 15, 31, 12)
    const dying = reportOf({
      sessions: 2,
      expiry: [[at, [0x1an, 0x1bn]]],
      ephemeralNodes: [[0x1an, ['/workers/a', '/workers/b']]],
      clients: [
        clientOf(50_000, { session: sessionOf(0x1an), expires: at }),
        clientOf(50_001, { expires: at }),
      ],
    })
    const rule = 'Three tables: buckets/sessions, owners, times/connections, and in each its groups.'
    expect(ask('dump', dying).split('\n'), because(rule, 'The dead list')).toEqual([
      'SessionTracker dump:',
      'Session Sets (1)/(2):',
      '2 expire at Fri Nov 20 15:31:12 UTC 2026:',
      '\t0x1a',
      '\t0x1b',
      'ephemeral nodes dump:',
      'Sessions with Ephemerals (1):',
      '0x1a:',
      '\t/workers/a',
      '\t/workers/b',
      'Connections dump:',
      'Connections Sets (1)/(2):',
      '2 expire at Fri Nov 20 15:31:12 UTC 2026:',
      '\tip: /127.0.0.1:50000 sessionId: 0x1a',
      '\tip: /127.0.0.1:50001 sessionId: 0x0',
      '',
    ])
  })
})

describe('D. Figures for machines', () => {
  test('mntr gives each figure a line: zk_, its name, a tab, its value', () => {
    const lines = ask('mntr', reportOf({ nodes: 15, connections: 3 })).split('\n')
    const rule = 'Programs cut these lines at the tab.'
    expect(lines, because(rule, 'Figures')).toContain('zk_znode_count\t16')
    expect(lines, because(rule, 'Figures')).toContain('zk_num_alive_connections\t3')
    expect(lines, because(rule, 'Figures')).toContain('zk_avg_latency\t0.0')
    expect(lines.at(-1), because('There is an end of line after the last.', 'Figures')).toBe('')
  })

  test('a counter is a figure by itself', () => {
    const metrics = noMetrics()
    metrics.counters.commit_count = 12
    const rule = 'Counters go out under their own names, as they are.'
    expect(ask('mntr', reportOf({ metrics })), because(rule, 'Figures')).toContain('zk_commit_count\t12\n')
  })

  test('a summary is five figures', () => {
    const metrics = noMetrics()
    for (const value of [4, 1, 5]) note(metrics.summaries.fsynctime, value)
    const lines = ask('mntr', reportOf({ metrics })).split('\n')
    const rule = 'Mean, least, greatest, how many, how much in all.'
    expect(
      lines.filter(line => line.includes('fsynctime')),
      because(rule, 'What a mean hides'),
    ).toEqual([
      'zk_avg_fsynctime\t3.3333',
      'zk_min_fsynctime\t1',
      'zk_max_fsynctime\t5',
      'zk_cnt_fsynctime\t3',
      'zk_sum_fsynctime\t10',
    ])
  })

  test('a summary that keeps percentiles is nine', () => {
    const metrics = noMetrics()
    for (let value = 1; value <= 100; value++) note(metrics.summaries.readlatency, value)
    const lines = ask('mntr', reportOf({ metrics })).split('\n')
    const rule = 'p95 is the value that 95 of 100 do not exceed.'
    expect(lines, because(rule, 'What a mean hides')).toContain('zk_p50_readlatency\t50')
    expect(lines, because(rule, 'What a mean hides')).toContain('zk_p95_readlatency\t95')
  })
})
