/** The client library, against our server and against Apache's: the same conversations, the same answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { ConnectionState } from '../../src/client/failure.ts'
import { plainPath } from '../../src/client/retry.ts'
import { steadyClient } from '../../src/client/steady.ts'
import { type ZooKeeper, type ZooKeeperOptions, zooKeeper } from '../../src/client/zookeeper.ts'
import { nodeCache, pathCache, treeCache } from '../../src/recipes/tree-cache.ts'
import { nameOf } from '../../src/state/paths.ts'
import { Code } from '../../src/wire/errors.ts'
import { Perms } from '../../src/wire/opcodes.ts'
import { nodeWorld } from '../../src/world/node/node-world.ts'
import { withEachServer } from '../interop/conversation.ts'
import type { StartOptions } from '../interop/servers.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'interop-client-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A server where users may log in by SASL. */
function options(): StartOptions {
  const jaas = path.join(folder, 'jaas.conf')
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule'
  writeFileSync(jaas, String.raw`Server { ${module} required user_ann="geheim" user_bob="b o,b=\"s"; };`)
  return {
    settings: ['authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider'],
    options: [`-Djava.security.auth.login.config=${jaas}`],
  }
}

const world = nodeWorld({ folder: '/nowhere' })
const text = (data: Uint8Array | null): string | null => data && new TextDecoder().decode(data)

withEachServer(
  'our client',
  [],
  server => {
    const clients: ZooKeeper[] = []
    afterAll(() => Promise.all(clients.map(client => client.close())))

    /** A client of the server, below a node that no other test uses. */
    async function client(options?: ZooKeeperOptions, chroot = ''): Promise<ZooKeeper> {
      const made = zooKeeper(world, server().address + chroot, options)
      clients.push(made)
      await made.connected()
      return made
    }

    test('creates, reads, changes and deletes a node', async () => {
      const zk = await client()
      const { path, stat } = await zk.create('/node', 'one')
      expect(path).toBe('/node')
      expect(stat.dataLength).toBe(3)
      expect(text((await zk.get('/node')).data)).toBe('one')
      const changed = await zk.set('/node', 'two', { version: 0 })
      expect(changed.version).toBe(1)
      await expect(zk.set('/node', 'three', { version: 0 })).rejects.toMatchObject({
        code: -103,
        message: 'BADVERSION: setData /node',
      })
      await zk.delete('/node')
      expect(await zk.exists('/node')).toBe(null)
      await expect(zk.get('/node')).rejects.toMatchObject({ code: -101 })
    })

    test('tells a watcher once, before the answer to a later read', async () => {
      const zk = await client()
      const order: string[] = []
      await zk.create('/watched', 'a')
      await zk.get('/watched', { watch: event => order.push(`${event.type} ${event.path}`) })
      await Promise.all([
        zk.set('/watched', 'b').then(() => order.push('set')),
        zk.get('/watched').then(({ data }) => order.push(`read ${text(data)}`)),
      ])
      await zk.set('/watched', 'c')
      expect(order).toEqual(['NodeDataChanged /watched', 'set', 'read b'])
    })

    test('lets a program walk over the changes below a node', async () => {
      const zk = await client()
      await zk.create('/tree')
      const seen: string[] = []
      const watch = zk.watch('/tree', { recursive: true })
      const walk = (async () => {
        for await (const { type, path } of watch) {
          seen.push(`${type} ${path}`)
          if (path === '/tree/last') break
        }
      })()
      await zk.create('/tree/a')
      await zk.set('/tree/a', 'x')
      await zk.delete('/tree/a')
      await zk.create('/tree/last')
      await walk
      expect(seen).toEqual([
        'NodeCreated /tree/a',
        'NodeDataChanged /tree/a',
        'NodeDeleted /tree/a',
        'NodeCreated /tree/last',
      ])
    })

    test('does a transaction whole or not at all, and says which write was refused', async () => {
      const zk = await client()
      const done = await zk
        .transaction()
        .create('/multi', 'x')
        .create('/multi/child-', null, { sequential: true })
        .set('/multi', 'y', { version: 0 })
        .check('/multi', { version: 1 })
        .commit()
      expect(done.map(({ type }) => type)).toEqual(['create', 'create', 'set', 'check'])
      expect(done[1]).toMatchObject({ path: '/multi/child-0000000000' })
      const refused = zk.transaction().create('/multi/other').delete('/multi').commit()
      await expect(refused).rejects.toMatchObject({ code: -111, failed: 1 })
      expect(await zk.exists('/multi/other')).toBe(null)
    })

    test('reads several nodes at once, and says which cannot be read', async () => {
      const zk = await client()
      await zk.create('/many', 'x')
      await zk.create('/many/b', 'y')
      await zk.create('/many/a')
      const below = await client({}, '/many')
      const [data, children, none, empty] = await below.multiRead([
        { type: 'get', path: '/b' },
        { type: 'children', path: '/' },
        { type: 'get', path: '/c' },
        { type: 'get', path: '/a' },
      ])
      if (data.type === 'error' || children.type === 'error' || empty.type === 'error')
        throw new Error('it is there')
      expect([text(data.data), data.stat.version]).toEqual(['y', 0])
      expect(children.children).toEqual(['a', 'b'])
      expect(none).toMatchObject({
        type: 'error',
        error: { code: Code.NONODE, message: 'NONODE: getData /c' },
      })
      expect(empty.data).toBe(null)
      expect(await zk.multiRead([])).toEqual([])
      await expect(zk.multiRead([{ type: 'get', path: 'x' }])).rejects.toMatchObject({
        code: Code.BADARGUMENTS,
      })
    })

    test('sees the tree below its chroot', async () => {
      const zk = await client()
      await zk.create('/app')
      const below = await client({}, '/app')
      const events: string[] = []
      await below.exists('/x', { watch: ({ path }) => events.push(path) })
      expect((await below.create('/x', null, { ephemeral: true })).path).toBe('/x')
      expect(await below.ephemerals()).toEqual(['/x'])
      expect((await below.children('/')).children).toEqual(['x'])
      expect((await zk.children('/app')).children).toEqual(['x'])
      expect(events).toEqual(['/x'])
    })

    test('goes on with the session of a client that left without a word', async () => {
      const first = await client()
      await first.create('/mine', null, { ephemeral: true })
      const { session } = first
      await first.abandon()
      const second = await client({ resume: session })
      expect(second.session.sessionId).toBe(session.sessionId)
      expect(await second.ephemerals()).toEqual(['/mine'])
      const wrong = zooKeeper(world, server().address, { resume: { ...session, passwd: new Uint8Array(16) } })
      await expect(wrong.connected()).rejects.toMatchObject({ code: -112 })
      await wrong.close()
    })

    test('gives a call up when its signal says so', async () => {
      const zk = await client()
      await expect(zk.get('/', { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
      const nowhere = zooKeeper(world, '127.0.0.1:1')
      await expect(nowhere.get('/', { signal: AbortSignal.timeout(50) })).rejects.toThrow('timeout')
      await nowhere.close()
    })

    test('outlives its session: counts on, and makes its nodes anew', async () => {
      const steady = steadyClient(world, server().address)
      const states: ConnectionState[] = []
      steady.onState(state => states.push(state))
      const options = { sequential: true, ephemeral: true, protect: true, parents: 'containers' } as const
      const first = await steady.create('/steady/jobs/job-', null, options)
      expect(plainPath(first.path)).toBe('/steady/jobs/job-0000000000')
      await steady.create('/steady/count', '0')
      const more = (data: Uint8Array | null): string => String(Number(text(data)) + 1)
      await steady.update('/steady/count', more, { receipts: '/steady/receipts' })
      // Somebody else ends the session: for a server that is its end, wherever it comes from.
      const twin = await client({ resume: steady.zk.session })
      await twin.close()
      await steady.update('/steady/count', more, { receipts: '/steady/receipts' })
      const second = await steady.create('/steady/jobs/job-', null, options)
      const zk = await client()
      expect(text((await zk.get('/steady/count')).data)).toBe('2')
      expect((await zk.children('/steady/jobs')).children).toEqual([nameOf(second.path)])
      expect(states).toEqual(['CONNECTED', 'SUSPENDED', 'LOST', 'RECONNECTED'])
      await steady.close()
    })

    test('keeps a copy of a tree, of a node and its children, and of a node, and the session may be lost', async () => {
      const zk = await client()
      const steady = steadyClient(world, server().address)
      await zk.create('/cached', 'root')
      await zk.create('/cached/a', 'one')
      const [tree, list, node, later] = await Promise.all([
        treeCache(steady, '/cached'),
        pathCache(steady, '/cached'),
        nodeCache(steady, '/cached'),
        nodeCache(zk, '/later'),
      ])
      const told: string[] = []
      const walk = (async () => {
        for await (const change of tree.changes()) {
          told.push(`${change.type} ${change.path}`)
          if (change.path === '/cached/last') return
        }
      })()
      await zk.create('/cached/a/b', 'two')
      await zk.set('/cached', 'new')
      const twin = await client({ resume: steady.zk.session })
      await twin.close()
      await zk.delete('/cached/a/b')
      await zk.create('/cached/last', 'three')
      await zk.create('/later')
      await walk
      expect(told.slice(0, 2)).toEqual(['created /cached', 'created /cached/a'])
      expect(told).toContain('changed /cached')
      expect([...tree].map(({ path, data }) => `${path} ${text(data)}`)).toEqual([
        '/cached new',
        '/cached/a one',
        '/cached/last three',
      ])
      await expect.poll(() => list.children('/cached')).toEqual(['a', 'last'])
      await expect.poll(() => text(node.get('/cached')!.data)).toBe('new')
      await expect.poll(() => later.get('/later')).not.toBe(null)
      expect([list.size, node.size]).toEqual([3, 1])
      await Promise.all([tree, list, node, later].map(cache => cache.close()))
      await steady.close()
    })

    test('logs in by SASL before anything is asked, and is over when the password is wrong', async () => {
      const acl = [{ perms: Perms.ALL, id: { scheme: 'sasl', id: 'bob' } }]
      const bob = { username: 'bob', password: 'b o,b="s' }
      const first = await client({ sasl: bob })
      await first.create('/bobs', 'his', { acl })
      // On its next connection, too, whoever has lost the first.
      const { session } = first
      await first.abandon()
      const second = await client({ sasl: bob, resume: session })
      expect(text((await second.get('/bobs')).data)).toBe('his')
      expect(await second.whoAmI()).toContainEqual({ authScheme: 'sasl', user: 'bob' })
      const ann = await client({ sasl: { username: 'ann', password: 'geheim' } })
      await expect(ann.get('/bobs')).rejects.toMatchObject({ code: Code.NOAUTH })
      const eve = zooKeeper(world, server().address, { sasl: { ...bob, password: 'x' } })
      await expect(eve.connected()).rejects.toMatchObject({ code: Code.AUTHFAILED })
      await expect(eve.get('/')).rejects.toMatchObject({ code: Code.AUTHFAILED })
      expect(eve.state).toBe('auth failed')
      await eve.close()
    })
  },
  options,
)
