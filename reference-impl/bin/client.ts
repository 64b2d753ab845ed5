/**
 * The client for programs on this machine:
 *
 *     import { connect } from 'reference-impl'
 *     await using zk = await connect('127.0.0.1:2181')
 *     await zk.create('/hello', 'world')
 */
import { type SteadyClient, type SteadyOptions, steadyClient } from '../src/client/steady.ts'
import {
  type CallOptions,
  type ConnectOptions,
  type ZooKeeper,
  type ZooKeeperOptions,
  zooKeeper,
} from '../src/client/zookeeper.ts'
import { nodeCache, pathCache, treeCache } from '../src/recipes/tree-cache.ts'
import { nodeWorld } from '../src/world/node/node-world.ts'

export { nodeCache, pathCache, treeCache }

/**
 * A client of `servers` (`host:port,host:port/chroot`) that has found one of them. Rejects with a KeeperError when a login
 * was refused, when the session to `resume` is gone, or when no server was found `within` the time given: that one says
 * what went wrong last. `signal` gives up as well, with its own reason. Without either it looks for ever.
 */
export async function connect(
  servers: string,
  { signal, within, ...options }: ZooKeeperOptions & ConnectOptions = {},
): Promise<ZooKeeper> {
  const client = zooKeeper(nodeWorld({ folder: '.' }), servers, options)
  try {
    await client.connected({
      ...(signal === undefined ? {} : { signal }),
      ...(within === undefined ? {} : { within }),
    })
  } catch (error) {
    await client.abandon()
    throw error
  }
  return client
}

/** The same for a client that outlives its sessions: when one is lost, it begins another. */
export async function connectSteadily(
  servers: string,
  { signal, ...options }: SteadyOptions & CallOptions = {},
): Promise<SteadyClient> {
  const client = steadyClient(nodeWorld({ folder: '.' }), servers, options)
  try {
    await client.connected(signal === undefined ? {} : { signal })
  } catch (error) {
    await client.close()
    throw error
  }
  return client
}
