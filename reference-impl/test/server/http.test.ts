/** The ports for monitoring, as their readers use them. */
import { describe, expect, test } from 'vitest'
import { clientOf, reportOf, sessionOf, settingsOf } from '../../../labs/26-monitoring/test/reports.ts'
import { answerHttp } from '../../src/admin/http.ts'
import { prometheusText } from '../../src/admin/prometheus.ts'
import { note } from '../../src/server/metrics.ts'
import { meter } from '../../src/server/namespaces.ts'
import { startServer } from './start.ts'

function get(path: string, report = reportOf()): { status: number; fields: Record<string, unknown> } {
  const { status, body } = answerHttp(path, '/commands', report, settingsOf())
  return { status, fields: JSON.parse(body) }
}

describe('the AdminServer', () => {
  test('answers by name and by alias, and says which command it was', () => {
    expect(get('/commands/monitor')).toEqual(get('/commands/mntr/'))
    expect(get('/commands/mntr').fields).toMatchObject({ command: 'monitor', error: null, znode_count: 5 })
    expect(get('/commands/conf').fields).toMatchObject({ client_port: 2181, max_client_cnxns: 60 })
  })

  test('does not know what it does not have', () => {
    expect(get('/commands/nonsense')).toEqual({
      status: 200,
      fields: { command: 'nonsense', error: 'Unknown command: nonsense' },
    })
    expect(answerHttp('/', '/commands', reportOf(), settingsOf()).status).toBe(404)
  })

  test('lists its commands as links', () => {
    expect(answerHttp('/commands', '/commands', reportOf(), settingsOf()).body).toContain(
      '<a href="/commands/server_stats">server_stats</a>',
    )
  })

  test('writes whole numbers of 64 bits digit by digit', () => {
    const clients = [clientOf(1, { session: sessionOf(0x1000012686100001n) })]
    const { body } = answerHttp('/commands/cons', '/commands', reportOf({ clients }), settingsOf())
    expect(body).toContain(`"session_id":${0x1000012686100001n},`)
  })

  test('tells what is to begin anew', () => {
    expect(answerHttp('/commands/srst', '/commands', reportOf(), settingsOf()).reset).toBe('server')
  })
})

describe('the metrics for Prometheus', () => {
  test('have a type each, and nothing that is not a number', () => {
    const report = reportOf()
    note(report.metrics.summaries.readlatency, 3)
    const lines = prometheusText(report).trimEnd().split('\n')
    expect(
      lines.filter(
        line => !/^(# TYPE \w+ (gauge|counter|summary)|\w+(\{quantile="0\.\d+"\})? -?[\d.]+)$/.test(line),
      ),
    ).toEqual([])
    expect(lines).toContain('# TYPE znode_count gauge')
    expect(lines).toContain('readlatency{quantile="0.99"} 3')
    expect(lines).toContain('readlatency_count 1')
  })

  test('tell namespaces apart by a label, whatever they are called', () => {
    const quotas = [{ namespace: 'app', countLimit: 10, bytesLimit: -1, count: 3, bytes: 40 }]
    const report = reportOf({ quotas })
    const read = meter(report.metrics.perNamespace.read_per_namespace)
    for (const path of ['/app', '/app/a', '/apples', '/', '/say "\\"', '/app']) read(path, 100)
    const lines = prometheusText(report).trimEnd().split('\n')
    expect(lines.filter(line => /per_namespace/.test(line))).toEqual([
      '# TYPE quota_count_limit_per_namespace gauge',
      'quota_count_limit_per_namespace{key="app"} 10',
      '# TYPE quota_bytes_limit_per_namespace gauge',
      'quota_bytes_limit_per_namespace{key="app"} -1',
      '# TYPE quota_count_usage_per_namespace gauge',
      'quota_count_usage_per_namespace{key="app"} 3',
      '# TYPE quota_bytes_usage_per_namespace gauge',
      'quota_bytes_usage_per_namespace{key="app"} 40',
      '# TYPE read_per_namespace summary',
      'read_per_namespace_count{key="app"} 3',
      'read_per_namespace_sum{key="app"} 314',
      'read_per_namespace_count{key="apples"} 1',
      'read_per_namespace_sum{key="apples"} 107',
      String.raw`read_per_namespace_count{key="say \"\\\""} 1`,
      String.raw`read_per_namespace_sum{key="say \"\\\""} 108`,
    ])
    expect(get('/commands/mntr', report).fields).toMatchObject({ max_app_read_per_namespace: 106 })
  })
})

test('both are served on ports of their own, when a zoo.cfg asks for them', async () => {
  const cfg = [
    'admin.serverPort=0',
    'admin.serverAddress=127.0.0.1',
    'metricsProvider.className=org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider',
    'metricsProvider.httpPort=0',
    'metricsProvider.httpHost=127.0.0.1',
    '',
  ].join('\n')
  await using server = await startServer({ cfg })
  const urlOf = async (name: string): Promise<string> =>
    `http://${(await server.said(`the ${name} listens on`)).split(' ').at(-1)}`
  const answer = await fetch(`${await urlOf('AdminServer')}/commands/srvr`)
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(await answer.json()).toMatchObject({ command: 'server_stats', node_count: 5 })
  const metrics = await fetch(`${await urlOf('metrics for Prometheus')}/metrics`)
  expect(await metrics.text()).toContain('\nznode_count 5\n')
  expect((await fetch(await urlOf('metrics for Prometheus'), { method: 'POST' })).status).toBe(405)
})
