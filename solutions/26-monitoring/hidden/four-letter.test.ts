import { describe, expect, test } from 'vitest'
import { answerWord, figures } from '#lab/admin/four-letter.ts'
import { noMetrics, note } from '#lab/server/metrics.ts'
import { type ServerReport, unknownHost } from '#lab/server/report.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import {
  because,
  clientOf,
  reportOf,
  sessionOf,
  settingsOf,
  trafficOf,
} from '../../../labs/26-monitoring/test/reports.ts'

function ask(word: string, report: ServerReport = reportOf()): string {
  return answerWord(word, report, settingsOf('*')).text
}

/** A report that fails whoever looks at what is costly and not asked for. */
function guarded(parts: Partial<ServerReport>, ...forbidden: (keyof ServerReport)[]): ServerReport {
  const report = reportOf(parts)
  for (const name of forbidden) {
    Object.defineProperty(report, name, {
      get() {
        throw new Error(
          `this word was answered by looking at ${name}, which is costly and tells it nothing new`,
        )
      },
    })
  }
  return report
}

const costly = ['clients', 'dataWatches', 'expiry', 'ephemeralNodes', 'dataSize'] as const

describe('A. Who may ask, and how the server is', () => {
  test('the name of something that every object has is no word', () => {
    const rule = 'A word without an answer is one that this server does not have.'
    for (const word of ['constructor', 'toString']) {
      expect(ask(word), because(rule, 'Who may ask')).toBe(
        `${word} is not executed because this server has no answer to it.\n`,
      )
    }
  })

  test('an unknown word that is not allowed is refused for that reason', () => {
    const rule = 'Whoever may not ask does not learn what there would be to ask.'
    expect(answerWord('stmk', reportOf(), settingsOf()).text, because(rule, 'Who may ask')).toBe(
      'stmk is not executed because it is not in the whitelist.\n',
    )
  })

  test('srst and crst say what begins anew, and no other word does', () => {
    const rule = 'The answer carries what is to be reset.'
    const reset = (word: string, ...allowed: string[]) =>
      answerWord(word, reportOf(), settingsOf(...allowed)).reset
    expect(reset('srst', 'srst'), because(rule, 'Who may ask')).toBe('server')
    expect(reset('crst', '*'), because(rule, 'Who may ask')).toBe('connections')
    expect(reset('srvr', '*'), because(rule, 'Who may ask')).toBeUndefined()
    expect(reset('srst'), because('A refused word changes nothing.', 'Who may ask')).toBeUndefined()
  })

  test('words that need no work are answered to the letter', () => {
    const host = {
      ...unknownHost,
      dataDirSize: 4711,
      dataLogDirSize: 815,
      environment: [
        ['os.name', 'Linux'],
        ['user.dir', '/home/zk'],
      ] as const,
    }
    const digests = [
      [0x10n, 77n],
      [0x1_0000_0001n, 78n],
    ] as const
    const report = reportOf({ host, digests })
    const rule = 'Programs take these answers apart; a character more or less is another answer.'
    const texts = ['ruok', 'isro', 'gtmk', 'dirs', 'hash', 'srst', 'crst'].map(word => [
      word,
      ask(word, report),
    ])
    expect(Object.fromEntries(texts), because(rule, 'Who may ask')).toEqual({
      ruok: 'imok',
      isro: 'rw',
      gtmk: '0',
      dirs: 'datadir_size: 4711\nlogdir_size: 815\n',
      hash: '10: 77\n100000001: 78\n',
      srst: 'Server stats reset.\n',
      crst: 'Connection stats reset.\n',
    })
    const envi = ask('envi', report).split('\n')
    expect([envi[0], ...envi.slice(2)], because(rule, 'Who may ask')).toEqual([
      ...['Environment:', 'os.name=Linux', 'user.dir=/home/zk', ''],
    ])
    expect(envi[1], because(rule, 'Who may ask')).toMatch(/^zookeeper\.version=\d/)
    expect(ask('conf', report).split('\n'), because(rule, 'Who may ask')).toEqual([
      ...['clientPort=2181', 'secureClientPort=-1', 'dataDir=/data/version-2', 'dataDirSize=4711'],
      ...['dataLogDir=/log/version-2', 'dataLogSize=815', 'tickTime=2000', 'maxClientCnxns=60'],
      ...[
        'minSessionTimeout=4000',
        'maxSessionTimeout=40000',
        'clientPortListenBacklog=-1',
        'serverId=0',
        '',
      ],
    ])
  })

  test('the eight lines of a busy server', () => {
    const traffic = trafficOf({
      ...{ received: 21, sent: 22, requests: 4, latency: 10, minLatency: 1, maxLatency: 6 },
    })
    const busy = reportOf({ traffic, connections: 23, outstanding: 24, zxid: 0x2_0000_0019n, nodes: 25 })
    const text = ask('srvr', { ...busy, mode: 'standalone' })
    expect(text.split('\n').slice(1), because('Each line has its own number.', 'Who may ask')).toEqual([
      ...['Latency min/avg/max: 1/2.5/6', 'Received: 21', 'Sent: 22', 'Connections: 23', 'Outstanding: 24'],
      ...['Zxid: 0x200000019', 'Mode: standalone', 'Node count: 26', ''],
    ])
  })

  test('where nothing is to be reset the answer does not speak of it', () => {
    const rule = 'If not, there is no `reset`.'
    expect(Object.keys(answerWord('srvr', reportOf(), settingsOf())), because(rule, 'Who may ask')).toEqual([
      'text',
    ])
  })

  test('a server that has answered nothing has the mean latency 0.0', () => {
    expect(ask('srvr'), because('0 divided by 0 is no number.', 'Reading srvr')).toContain(
      'Latency min/avg/max: 0/0.0/0\n',
    )
  })

  test.each([
    [3, 2, '0.6667'],
    [6, 1, '0.1667'],
    [2, 5, '2.5'],
    [100_000, 1, '0.0'],
    [8, 8, '1.0'],
  ])('of %i requests that took %i ms the mean is shown as %s', (requests, latency, shown) => {
    const rule = 'Four decimals at most, rounded; one at least; no zeros behind.'
    expect(
      ask('srvr', reportOf({ traffic: trafficOf({ requests, latency }) })),
      because(rule, 'Reading srvr'),
    ).toContain(`Latency min/avg/max: 0/${shown}/0\n`)
  })

  test('a zxid is shown with its epoch, and the new server counts five nodes', () => {
    const text = ask('srvr', reportOf({ zxid: 0x1_0000_00ffn }))
    expect(text, because('Zxids are written in hexadecimal.', 'Reading srvr')).toContain(
      'Zxid: 0x1000000ff\n',
    )
    expect(text, because('The root is counted twice.', 'Reading srvr')).toContain('Node count: 5\n')
  })

  test('srvr is cheap however many clients and watches there are', () => {
    const text = ask('srvr', guarded({ connections: 40_000 }, ...costly))
    expect(text, because('The report has the number.', 'Reading srvr')).toContain('Connections: 40000\n')
  })
})

describe('B. Who is connected', () => {
  test('stat without clients still has the empty line', () => {
    expect(
      ask('stat').split('\n').slice(1, 4),
      because('Clients:, nothing, empty.', 'One line a client'),
    ).toEqual(['Clients:', '', 'Latency min/avg/max: 0/0.0/0'])
    expect(ask('cons'), because('Nobody, and the empty line.', 'One line a client')).toBe('\n')
  })

  test('stat keeps to the short form, also for clients with a session', () => {
    const clients = [clientOf(50_000, { session: sessionOf(1n) }), clientOf(50_001, { isAsking: true })]
    const rule = 'Sessions are for cons.'
    expect(ask('stat', reportOf({ clients })), because(rule, 'One line a client')).toContain(
      'Clients:\n /127.0.0.1:50000[1](queued=0,recved=0,sent=0)\n /127.0.0.1:50001[0](queued=0,recved=0,sent=0)\n\n',
    )
  })

  test('the first request of a session has the number 0, and a ping has none', () => {
    const lineOf = (xid: number, type: number) => {
      const last = { type, xid, zxid: 1n, at: 5, latency: 0 }
      return ask('cons', reportOf({ clients: [clientOf(50_000, { session: sessionOf(1n, { last }) })] }))
    }
    const rule = 'lcxid is left out where it would be negative, and 0 is not.'
    expect(lineOf(0, -10), because(rule, 'One line a client')).toContain(
      'lop=SESS,est=1795188659116,to=10000,lcxid=0x0,lzxid=0x1,',
    )
    expect(lineOf(-1, 11), because(rule, 'One line a client')).toContain(
      'lop=PING,est=1795188659116,to=10000,lzxid=0x1,',
    )
  })

  test('a session id with its highest bit set is no negative number', () => {
    const session = sessionOf(-0x7fff_0000_0000_0000n)
    expect(
      ask('cons', reportOf({ clients: [clientOf(50_000, { session })] })),
      because('Ids are shown unsigned.', 'One line a client'),
    ).toContain('sid=0x8001000000000000,')
  })

  test('the mean latency of a client is a whole number, rounded down', () => {
    const session = sessionOf(1n, { averageLatency: 2.75, minLatency: 1, maxLatency: 9 })
    expect(
      ask('cons', reportOf({ clients: [clientOf(50_000, { session })] })),
      because('avglat has no decimals.', 'One line a client'),
    ).toContain('minlat=1,avglat=2,maxlat=9)')
  })

  test('an operation without a short name is NA', () => {
    const last = { type: 4711, xid: 1, zxid: 1n, at: 5, latency: 0 }
    expect(
      ask('cons', reportOf({ clients: [clientOf(50_000, { session: sessionOf(1n, { last }) })] })),
      because('NA for all that has no name.', 'One line a client'),
    ).toContain('lop=NA,')
  })

  test('the long line has the last reply, and zeros where there was none', () => {
    const last = { type: OpCode.getData, xid: 10, zxid: 0x1fn, at: 1234, latency: 7 }
    const remote = { host: '::1', port: 50_001 }
    const clients = [
      clientOf(50_000, { session: sessionOf(1n, { last, minLatency: 3, averageLatency: 4, maxLatency: 9 }) }),
      clientOf(0, { remote, session: sessionOf(2n), received: 5, sent: 6, queued: 7 }),
    ]
    const rule = 'All fields of a session, in their order; an address of IPv6 in brackets.'
    expect(ask('cons', reportOf({ clients })).split('\n'), because(rule, 'One line a client')).toEqual([
      ' /127.0.0.1:50000[1](queued=0,recved=0,sent=0,sid=0x1,lop=GETD,est=1795188659116,to=10000,' +
        'lcxid=0xa,lzxid=0x1f,lresp=1234,llat=7,minlat=3,avglat=4,maxlat=9)',
      ' /[::1]:50001[1](queued=7,recved=5,sent=6,sid=0x2,lop=NA,est=1795188659116,to=10000,' +
        'lzxid=0xffffffffffffffff,lresp=0,llat=0,minlat=0,avglat=0,maxlat=0)',
      '',
      '',
    ])
  })

  test('every operation has the short name that Apache gives it', () => {
    const nameOf = (type: number) => {
      const last = { type, xid: 1, zxid: 1n, at: 5, latency: 0 }
      const text = ask('cons', reportOf({ clients: [clientOf(1, { session: sessionOf(1n, { last }) })] }))
      return /lop=(\w+)/.exec(text)?.[1]
    }
    const expected = {
      ...{ createSession: 'SESS', closeSession: 'CLOS', ping: 'PING', create: 'CREA', create2: 'CREA' },
      ...{
        createContainer: 'CREA',
        createTTL: 'CREA',
        delete: 'DELE',
        deleteContainer: 'DELE',
        exists: 'EXIS',
      },
      ...{ getData: 'GETD', setData: 'SETD', getACL: 'GETA', setACL: 'SETA', getChildren: 'GETC' },
      ...{
        getChildren2: 'GETC',
        getAllChildrenNumber: 'GETACN',
        sync: 'SYNC',
        multi: 'MULT',
        multiRead: 'MLTR',
      },
      ...{ check: 'CHEC', setWatches: 'SETW', setWatches2: 'STW2', addWatch: 'ADDW', checkWatches: 'CHKW' },
      ...{ removeWatches: 'REMW', getEphemerals: 'GETE', whoAmI: 'HOMI', reconfig: 'RECO' },
    } as const
    const found = Object.keys(expected).map(name => [name, nameOf(OpCode[name as keyof typeof expected])])
    expect(Object.fromEntries(found), because('Operators know these names.', 'One line a client')).toEqual(
      expected,
    )
  })

  test('zktop can take apart what stat says', () => {
    const clients = [clientOf(50_000, { received: 12, sent: 11, queued: 3 })]
    const line = /^ \/(\d+\.\d+\.\d+\.\d+):(\d+)\[(\d+)\]\(queued=(\d+),recved=(\d+),sent=(\d+)\)$/m
    expect(
      line.exec(ask('stat', reportOf({ clients })))?.slice(1),
      because('Monitoring programs read these lines.', 'One line a client'),
    ).toEqual(['127.0.0.1', '50000', '1', '3', '12', '11'])
  })
})

describe('C. Who waits for what', () => {
  const dataWatches = [
    ['/b', [3n, 1n]],
    ['/a', [1n]],
    ['/c', [-1n, 3n]],
  ] as const

  test('a session that watches much is one connection', () => {
    expect(
      ask('wchs', reportOf({ dataWatches })),
      because('Sessions are counted once.', 'Watches, three ways'),
    ).toBe('3 connections watching 3 paths\nTotal watches:5\n')
  })

  test('wchc has every path of every session', () => {
    const rule = 'Sessions in the order in which they first come up, paths in theirs.'
    expect(ask('wchc', reportOf({ dataWatches })), because(rule, 'Watches, three ways')).toBe(
      '0x3\n\t/b\n\t/c\n0x1\n\t/b\n\t/a\n0xffffffffffffffff\n\t/c\n\n',
    )
  })

  test('wchp has every session of every path', () => {
    const rule = 'Paths in the order of the report, and below each who watches it.'
    expect(ask('wchp', reportOf({ dataWatches })), because(rule, 'Watches, three ways')).toBe(
      '/b\n\t0x3\n\t0x1\n/a\n\t0x1\n/c\n\t0xffffffffffffffff\n\t0x3\n\n',
    )
  })

  test('the three tables of dump stand below each other', () => {
    const ephemeralNodes = [
      [9n, ['/a', '/b']],
      [-1n, ['/c']],
    ] as const
    const clients = [clientOf(1, { expires: 3000, session: sessionOf(9n) })]
    const report = reportOf({ ephemeralNodes, clients, sessions: 1, expiry: [[3000, [9n]]] })
    expect(ask('dump', report).split('\n'), because('Each with its head.', 'The dead list')).toEqual([
      ...[
        'SessionTracker dump:',
        'Session Sets (1)/(1):',
        '1 expire at Thu Jan 01 00:00:03 UTC 1970:',
        '\t0x9',
      ],
      ...['ephemeral nodes dump:', 'Sessions with Ephemerals (2):', '0x9:', '\t/a', '\t/b'],
      ...['0xffffffffffffffff:', '\t/c', 'Connections dump:', 'Connections Sets (1)/(1):'],
      ...['1 expire at Thu Jan 01 00:00:03 UTC 1970:', '\tip: /127.0.0.1:1 sessionId: 0x9', ''],
    ])
  })

  test('without watches there are numbers in wchs and an empty line in the others', () => {
    const rule = 'Nothing is an answer.'
    expect(ask('wchs'), because(rule, 'Watches, three ways')).toBe(
      '0 connections watching 0 paths\nTotal watches:0\n',
    )
    expect([ask('wchc'), ask('wchp')], because(rule, 'Watches, three ways')).toEqual(['\n', '\n'])
  })

  test('dump groups connections by the time of their end, the earliest first, and leaves the report alone', () => {
    const [soon, late] = [Date.UTC(2026, 0, 3, 4, 5, 6), Date.UTC(2026, 0, 3, 14, 5, 6)]
    const clients = [
      clientOf(1, { expires: late, session: sessionOf(9n) }),
      clientOf(2, { expires: soon }),
      clientOf(3, { expires: late }),
    ]
    const before = structuredClone(clients)
    const text = ask('dump', reportOf({ clients: Object.freeze(clients) as typeof clients }))
    expect(
      text.slice(text.indexOf('Connections Sets')),
      because('As in the first table.', 'The dead list'),
    ).toBe(
      [
        'Connections Sets (2)/(3):',
        '1 expire at Sat Jan 03 04:05:06 UTC 2026:',
        '\tip: /127.0.0.1:2 sessionId: 0x0',
        '2 expire at Sat Jan 03 14:05:06 UTC 2026:',
        '\tip: /127.0.0.1:1 sessionId: 0x9',
        '\tip: /127.0.0.1:3 sessionId: 0x0',
        '',
      ].join('\n'),
    )
    expect(clients, because('A report is to be read.', 'The dead list')).toEqual(before)
  })

  test('dump counts buckets and sessions apart', () => {
    const expiry = [
      [1000, [1n, 2n]],
      [3000, [3n]],
    ] as const
    const rule = 'Buckets before the stroke, sessions behind it; those about to be closed are in no bucket.'
    expect(ask('dump', reportOf({ sessions: 4, expiry })), because(rule, 'The dead list')).toContain(
      'Session Sets (2)/(4):\n2 expire at Thu Jan 01 00:00:01 UTC 1970:\n\t0x1\n\t0x2\n1 expire at Thu Jan 01 00:00:03 UTC 1970:\n\t0x3\n',
    )
  })
})

describe('D. Figures for machines', () => {
  test('every line of mntr has one tab, and no name comes twice', () => {
    const lines = ask('mntr').trimEnd().split('\n')
    expect(
      lines.every(line => /^zk_\w+\t[^\t]+$/.test(line)),
      because('zk_, name, tab, value.', 'Figures'),
    ).toBe(true)
    const names = lines.map(line => line.split('\t')[0])
    expect(new Set(names).size, because('A name is one figure.', 'Figures')).toBe(names.length)
  })

  test('figures come without zk_, and as numbers', () => {
    const metrics = noMetrics()
    note(metrics.summaries.fsynctime, 1)
    note(metrics.summaries.fsynctime, 2)
    metrics.counters.commit_count = 7
    const all = new Map(figures(reportOf({ metrics, nodes: 9 })))
    const rule = 'The HTTP interface gives the same figures as JSON.'
    expect(
      ['commit_count', 'avg_fsynctime', 'sum_fsynctime', 'znode_count'].map(name => all.get(name)),
      because(rule, 'Figures'),
    ).toEqual([7, 1.5, 3, 10])
  })

  test('the mean latency of a server without requests is a number', () => {
    expect(new Map(figures(reportOf())).get('avg_latency'), because('0 divided by 0.', 'Figures')).toBe(0)
  })

  test('all counters and all summaries are there', () => {
    const metrics = noMetrics()
    const names = new Set(figures(reportOf({ metrics })).map(([name]) => name))
    const rule = 'Whoever adds a metric need not change the words.'
    const wanted = [
      ...Object.keys(metrics.counters),
      ...Object.keys(metrics.summaries).flatMap(name =>
        ['avg', 'min', 'max', 'cnt', 'sum'].map(of => `${of}_${name}`),
      ),
    ]
    expect(
      wanted.filter(name => !names.has(name)),
      because(rule, 'Figures'),
    ).toEqual([])
    expect(
      names.has('p50_fsynctime'),
      because('No percentiles where none are kept.', 'What a mean hides'),
    ).toBe(false)
  })

  test('each percentile is of its own share', () => {
    const metrics = noMetrics()
    for (let value = 0; value < 1000; value++) note(metrics.summaries.updatelatency, value)
    const lines = ask('mntr', reportOf({ metrics }))
      .split('\n')
      .filter(line => /_p\d+_update/.test(line))
    expect(lines, because('p999 is of a thousand, not of a hundred.', 'What a mean hides')).toEqual([
      'zk_p50_updatelatency\t499',
      'zk_p95_updatelatency\t949',
      'zk_p99_updatelatency\t989',
      'zk_p999_updatelatency\t998',
    ])
  })

  test('means have a decimal, and nothing else has', () => {
    const metrics = noMetrics()
    note(metrics.summaries.readlatency, 4)
    const text = ask('mntr', reportOf({ metrics, traffic: trafficOf({ requests: 3, latency: 1 }) }))
    const rule = 'Only what is a mean is shown as one.'
    expect(text, because(rule, 'Figures')).toContain('zk_avg_latency\t0.3333\n')
    expect(text, because(rule, 'Figures')).toContain('zk_avg_readlatency\t4.0\n')
    expect(text, because(rule, 'Figures')).toContain('zk_sum_readlatency\t4\n')
    expect(text, because(rule, 'Figures')).toContain('zk_server_state\tstandalone\n')
  })

  test('mntr looks at no list', () => {
    const report = guarded({}, 'clients', 'dataWatches', 'expiry', 'ephemeralNodes')
    expect(ask('mntr', report), because('It is asked for every few seconds.', 'Figures')).toContain(
      'zk_uptime\t0\n',
    )
  })
})
