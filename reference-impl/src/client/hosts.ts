/**
 * The servers of an ensemble as a client is told of them: `host:port,host:port/chroot`.
 * Source: Apache's ConnectStringParser and StaticHostProvider.
 */
import { pathFault } from '../state/paths.ts'
import { KeeperError } from '../wire/errors.ts'
import type { Address, Random } from '../world/world.ts'

export interface Servers {
  hosts: Address[]
  /** The node that the client sees as its root: '' for the real one, else a path. */
  chroot: string
}

const defaultPort = 2181

/** Throws KeeperError BADARGUMENTS where the text is no list of servers. */
export function parseServers(text: string): Servers {
  const slash = text.indexOf('/')
  const list = slash === -1 ? text : text.slice(0, slash)
  const path = slash === -1 ? '/' : text.slice(slash)
  const fault = pathFault(path)
  if (fault !== null) throw refusal(text, `the path ${path} ${fault}`)
  return {
    hosts: list.split(',').map(host => parseHost(host.trim(), text)),
    chroot: path === '/' ? '' : path,
  }
}

/** `name:port`, `[IPv6]:port`, or either alone. */
function parseHost(text: string, list: string): Address {
  const [, host, digits] =
    /^\[(.*)\](?::(\d+))?$/.exec(text) ?? /^([^:]*)(?::(\d+))?$/.exec(text) ?? ([null, text] as const)
  if (!(host!.includes(':') ? isIpv6(host!) : isName(host!) && !text.startsWith('['))) {
    throw refusal(list, `${JSON.stringify(text)} is no host`)
  }
  const port = digits === undefined ? defaultPort : Number(digits)
  if (port < 1 || port > 0xffff) throw refusal(list, `${port} is no port`)
  return { host: host!, port }
}

/** A name as people and DNS give them to hosts, or an IPv4 address; one of too large numbers is neither. */
function isName(text: string): boolean {
  return /^[\p{L}\p{N}._-]+$/u.test(text) && URL.canParse(`http://${text}`)
}

/** It may name its interface, as `fe80::1%eth0` does. */
function isIpv6(text: string): boolean {
  return URL.canParse(`http://[${text.replace(/%[\w.-]+$/, '')}]`)
}

function refusal(text: string, why: string): KeeperError {
  return new KeeperError(
    'BADARGUMENTS',
    `${JSON.stringify(text)} names no servers (host:port,host:port/path): ${why}`,
  )
}

/** The same hosts in an order of chance, so that clients with one list spread over its servers. */
export function shuffled(hosts: readonly Address[], random: Random): Address[] {
  const order = [...hosts]
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    const picked = order[j]!
    order[j] = order[i]!
    order[i] = picked
  }
  return order
}
