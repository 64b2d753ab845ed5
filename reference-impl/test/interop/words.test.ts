/**
 * The four-letter words, asked of Apache's server and of ours after the same story. What no two runs share (ports,
 * session ids, times) is masked; everything else must be equal to the letter.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AddWatchMode, CreateMode, OpCode, Xid } from '../../src/wire/opcodes.ts'
import { writeAddWatchRequest, writeCreateRequest, writeGetDataRequest } from '../../src/wire/records.ts'
import { fourLetterWords } from '../../src/wire/words.ts'
import { interopRequired, missingPackages } from './packages.ts'
import { type RawClient, rawClient, requestFrame } from './raw-client.ts'
import { apache, fourLetterWord, ours, type Server, startServer } from './servers.ts'

const missing = missingPackages(apache.packages)
const everyone = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]

/** Words whose answers are ours alone: Apache's speak of a JVM, of trace masks and of digests that we do not have. */
const ourOwn = new Set(['envi', 'gtmk', 'hash', 'stmk', 'mntr', 'conf', 'dirs'])

describe.skipIf(missing.length > 0 && !interopRequired)(
  "four-letter words as Apache's server answers them",
  () => {
    const servers: Record<'theirs' | 'ours', Server> = {} as never
    const answers: Record<'theirs' | 'ours', Map<string, string>> = { theirs: new Map(), ours: new Map() }
    const clients: RawClient[] = []

    beforeAll(async () => {
      for (const [who, kind] of [
        ['theirs', apache],
        ['ours', ours],
      ] as const) {
        // Alone, a server has no local sessions, whatever it is told.
        servers[who] = await startServer(kind, { settings: ['localSessionsEnabled=true'] })
        await fourLetterWord(servers[who].port, 'srst')
        clients.push(...(await others(servers[who].port)))
        clients.push(await story(servers[who].port))
        for (const word of fourLetterWords) {
          if (word === 'stmk') continue
          answers[who].set(word, await fourLetterWord(servers[who].port, word))
        }
      }
    }, 60_000)

    afterAll(async () => {
      for (const client of clients) client.hangUp()
      for (const server of Object.values(servers)) await server.stop()
    })

    test.each(fourLetterWords.filter(word => !ourOwn.has(word)))('%s', word => {
      expect(masked(answers.ours.get(word)!)).toBe(masked(answers.theirs.get(word)!))
    })

    test.each(['conf', 'dirs'])('%s says the same things, each of its own folder', word => {
      const names = (text: string) => text.split('\n').map(line => line.split(/[=:]/)[0])
      expect(names(answers.ours.get(word)!)).toEqual(names(answers.theirs.get(word)!))
    })

    test('mntr has no figure that Apache has not, and agrees with it where no clock is asked', () => {
      const figures = (text: string) =>
        new Map(
          text
            .trimEnd()
            .split('\n')
            .map(line => line.split('\t') as [string, string]),
        )
      const theirs = figures(answers.theirs.get('mntr')!)
      const mine = figures(answers.ours.get('mntr')!)
      expect([...mine.keys()].filter(name => !theirs.has(name) && !since39.test(name))).toEqual([])
      expect([...theirs.keys()].filter(name => !mine.has(name) && !theirsAlone.test(name))).toEqual([])
      const same = (all: Map<string, string>) =>
        Object.fromEntries(steady.map(name => [name, all.get(`zk_${name}`)]))
      expect(same(mine)).toEqual(same(theirs))
      const namespaces = (all: Map<string, string>) =>
        [...all].filter(([name]) => name.endsWith('_per_namespace')).sort()
      expect(namespaces(mine)).toEqual(namespaces(theirs))
    })
  },
)

/** What Apache's servers have only from 3.9 on. */
const since39 = /snapshot_(error|rate)|restore_/

/** What there is not to be counted: queues between threads, what only ensembles do, caches, the JVM and its libraries. */
const theirsAlone = new RegExp(
  [
    ...['dead_watchers', 'dead_watcher_', 'jvm_pause', 'netty_', 'packet_cache', 'packet_get_children_cache'],
    ...['prep_process', 'commit_proc', 'commitproc', 'final_proc', 'sync_process_', 'sync_processor_queue'],
    ...['session_queue', 'outstanding_changes', 'close_session_prep', 'throttle_queue', 'commit_processor'],
    ...[
      'proposal',
      'quorum',
      'follower',
      'observer',
      'leader',
      'learner',
      'election',
      'looking',
      'diff_count',
    ],
    ...[
      'inflight',
      'revalidate',
      'disloyal',
      '_om_',
      'write_committed_time',
      'commit_propagation',
      'commit_queued',
    ],
    ...['ack_latency', 'commit_process', 'unavailable', 'socket_closing', 'without_zk_server_running'],
    ...['sync_process_time', 'requests_not_forwarded', 'startup_(snap|txns)_load_time', 'unrecoverable'],
    ...['stale_requests$', 'outstanding_tls_handshake'],
  ].join('|'),
)

/** Figures of mntr that the story decides. */
const steady = [
  'server_state',
  'ephemerals_count',
  'num_alive_connections',
  'outstanding_requests',
  'znode_count',
  'watch_count',
  'global_sessions',
  'local_sessions',
  'auth_failed_count',
  'approximate_data_size',
]

/** Two clients more: one that only is there, and one that has left its session, which has a node. Each has a bucket of its own. */
async function others(port: number): Promise<RawClient[]> {
  const idle = await rawClient(port)
  await idle.connect({ timeOut: 8000 })
  const gone = await rawClient(port)
  await gone.connect({ timeOut: 6000 })
  const node = { path: '/left', data: new Uint8Array(10), acl: everyone, flags: CreateMode.EPHEMERAL }
  gone.send(requestFrame(1, OpCode.create, out => writeCreateRequest(out, node)))
  expect((await gone.reply())?.err).toBe(0)
  gone.hangUp()
  return [idle]
}

/** A client that has a session, three nodes and four watches. */
async function story(port: number): Promise<RawClient> {
  const client = await rawClient(port)
  await client.connect({ timeOut: 10_000 })
  let xid = 0
  const ask = async (type: number, write: Parameters<typeof requestFrame>[2]) => {
    client.send(requestFrame(++xid, type, write))
    const answer = await client.reply()
    expect(answer?.err).toBe(0)
  }
  for (const [path, flags] of [
    ['/zookeeper/quota/parent', CreateMode.PERSISTENT],
    ['/parent', CreateMode.PERSISTENT],
    ['/parent/b', CreateMode.EPHEMERAL],
    ['/parent/a', CreateMode.EPHEMERAL],
  ] as const) {
    const data = new Uint8Array(10)
    await ask(OpCode.create, out => writeCreateRequest(out, { path, data, acl: everyone, flags }))
  }
  for (const [name, said] of [
    ['limits', 'count=10,bytes=1000'],
    ['stats', 'count=0,bytes=00'],
  ]) {
    const [path, data] = [`/zookeeper/quota/parent/zookeeper_${name}`, new TextEncoder().encode(said)]
    await ask(OpCode.create, out => writeCreateRequest(out, { path, data, acl: everyone, flags: 0 }))
  }
  await ask(OpCode.getData, out => writeGetDataRequest(out, { path: '/parent/a', watch: true }))
  await ask(OpCode.getChildren, out => writeGetDataRequest(out, { path: '/parent', watch: true }))
  await ask(OpCode.addWatch, out =>
    writeAddWatchRequest(out, { path: '/parent', mode: AddWatchMode.PERSISTENT }),
  )
  client.send(requestFrame(Xid.ping, OpCode.ping, () => {}))
  await client.reply()
  return client
}

/**
 * Connections, and sessions with their nodes, come in the order of a hash table from Apache's server, and their times to
 * close are rounded as it sees fit: their lines are sorted, and the heads between those of `dump` left out.
 */
function masked(text: string): string {
  const [front, connections = ''] = text.split(/^Connections dump:\n/m)
  const links = connections.split('\n').filter(line => line.startsWith('\tip:'))
  return `${maskedLines(front!)}${links.map(maskedLines).sort().join('\n')}`
}

function maskedLines(text: string): string {
  return (
    text
      .replace(/^Zookeeper version: .*/m, 'Zookeeper version: …')
      .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:…')
      .replaceAll(/0x[0-9a-f]{9,15}\b/g, '0x…session')
      .replaceAll(/\w{3} \w{3} \d\d \d\d:\d\d:\d\d \w+ \d{4}/g, '…date')
      // Apache's server may show buckets that everybody has just left; ours has no empty ones.
      .replaceAll(/^0 expire at .*\n/gm, '')
      .replace(/Session Sets \(\d+\)/, 'Session Sets (…)')
      .replaceAll(/(est|lresp|llat|minlat|avglat|maxlat)=\d+/g, '$1=…')
      .replace(/^Latency min\/avg\/max: \d+\/\d+\.\d{1,4}\/\d+$/m, 'Latency min/avg/max: …')
      .replaceAll(/(^ \/.*\n)+/gm, lines => lines.split(/^/m).sort().join(''))
      .replaceAll(/(^0x…session:\n(\t\/.*\n)+)+/gm, owners =>
        owners
          .split(/^(?=0x)/m)
          .sort()
          .join(''),
      )
  )
}
