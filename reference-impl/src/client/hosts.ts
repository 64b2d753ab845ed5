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

/** Where a client goes when the list of servers changes. */
export interface Move {
  /** Is the present server to be left? */
  isNeeded: boolean
  /** The new servers: in which order to try them now, and from then on. */
  first: Address[]
  then: Address[]
}

/**
 * What a client does when the servers are other ones from now on, so that all clients together, each for itself, come to
 * an even load. Where there are more servers than before, a client moves to a new one with just the chance that takes its
 * part of the load off the old ones. Where there are not, only those move whose server is gone; and they choose between
 * those that have stayed, which all of them still have to serve, and those that have come, which have nobody yet.
 *
 * `current` is the server that the client is with, or was with or would have tried next.
 * Source: Apache's StaticHostProvider; ZOOKEEPER-1355.
 */
export function moveTo(
  after: readonly Address[],
  before: readonly Address[],
  current: Address,
  random: Random,
): Move {
  const then = shuffled(after, random)
  const stayed = then.filter(host => before.some(each => isSame(each, host)))
  const come = then.filter(host => !stayed.includes(host))
  const isThere = after.some(host => isSame(host, current))
  const isMore = after.length > before.length
  const chance = (): number => random.below(dice) / dice
  if (isThere && !(isMore && chance() < 1 - before.length / after.length)) {
    return { isNeeded: false, first: [], then }
  }
  const toStayed = isMore
    ? 0
    : (stayed.length * (before.length - after.length)) / (after.length * (before.length - stayed.length))
  const first: Address[] = []
  while (first.length < then.length) {
    const isOld = chance() < toStayed
    first.push((isOld ? stayed.shift() : come.shift()) ?? come.shift() ?? stayed.shift()!)
  }
  return { isNeeded: true, first, then }
}

const dice = 1 << 20

export function isSame(one: Address, other: Address): boolean {
  return one.host === other.host && one.port === other.port
}

/** As people write it. */
export function hostText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
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
