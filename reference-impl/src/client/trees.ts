/**
 * Whole branches of the tree, over many calls. What others change meanwhile may be seen or not.
 * Source: Apache's ZKUtil.
 */
import { parentOf } from '../state/paths.ts'
import { Code, type KeeperError } from '../wire/errors.ts'
import type { CallOptions, ZooKeeper } from './zookeeper.ts'

/** A path and all below it: parents before children, siblings in order. Fails with NONODE where the path is missing. */
export async function listTree(zk: ZooKeeper, path: string, options: CallOptions = {}): Promise<string[]> {
  const { children } = await zk.children(path, options)
  const found = [path]
  // Asked for together, and answered in order.
  const below = await Promise.all(
    children.map(name => listTree(zk, childOf(path, name), options).catch(ifGone)),
  )
  for (const branch of below) found.push(...(branch ?? []))
  return found
}

/** Deletes a path and all below it, `batch` nodes in each transaction. Returns how many there were. */
export async function deleteTree(
  zk: ZooKeeper,
  path: string,
  { batch = 1000, ...options }: CallOptions & { batch?: number } = {},
): Promise<number> {
  const doomed = (await listTree(zk, path, options)).reverse()
  for (let at = 0; at < doomed.length; at += batch) {
    const deletion = zk.transaction(options)
    for (const each of doomed.slice(at, at + batch)) deletion.delete(each)
    await deletion.commit()
  }
  return doomed.length
}

/**
 * Makes a node and those above it that are missing; fails with NONODE when that is the client's chroot. With `container` they go by themselves when their last child has
 * gone; an older server that knows no containers (before 3.5) makes ordinary nodes. Others may do the same, or the
 * opposite, at the same time.
 */
export async function makePath(
  zk: ZooKeeper,
  path: string,
  { container = false, ...options }: CallOptions & { container?: boolean } = {},
): Promise<void> {
  let isContainer = container
  while (path !== '/') {
    try {
      await zk.create(path, null, { ...options, container: isContainer })
      return
    } catch (error) {
      const { code } = error as KeeperError
      if (code === Code.NODEEXISTS) return
      const parent = parentOf(path)
      if (code === Code.UNIMPLEMENTED && isContainer) isContainer = false
      else if (code !== Code.NONODE || parent === '/') throw error
      else await makePath(zk, parent, { ...options, container: isContainer })
    }
  }
}

export function childOf(path: string, name: string): string {
  return path === '/' ? `/${name}` : `${path}/${name}`
}

function ifGone(error: KeeperError): null {
  if (error.code === Code.NONODE) return null
  throw error
}
