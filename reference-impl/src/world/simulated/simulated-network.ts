/** The simulated network: who listens where, who reaches whom, and how a link comes to be. */
import { assert } from '../../lib/assert.ts'
import type { Prng } from '../../lib/prng.ts'
import type { Address, Connection, ConnectionHandler, Listener, Millis, Network } from '../world.ts'
import { type Ether, Link, type NetworkFaults, timeoutMillis } from './simulated-link.ts'
import type { Power, Timeline } from './timeline.ts'

const defaults: NetworkFaults = {
  delayMillis: [0.05, 0.5],
  stall: 0,
  stallMillis: [10, 5000],
  break: 0,
  halfOpen: 0,
  refuse: 0,
}

/** Ports below are for those who ask for them by number. */
const lastAskedPort = 39_999

interface Port {
  power: Power
  accept: (connection: Connection) => ConnectionHandler
}

export class SimulatedNetwork {
  readonly #ether: Ether
  readonly #ports = new Map<string, Port>()
  readonly #links = new Set<Link>()
  /** The group of each host while the network is parted. */
  #groups: Map<string, number> | null = null
  #lastPort = lastAskedPort

  constructor(timeline: Timeline, dice: Prng, faults: Partial<NetworkFaults>) {
    const isCut = (a: string, b: string): boolean => this.#isCut(a, b)
    this.#ether = { timeline, dice, faults: { ...defaults, ...faults }, isCut }
  }

  /** The network as one life of a host sees it. */
  host(host: string, power: Power): Network {
    return {
      listen: (address, accept, ready, tls) => {
        assert(tls === undefined, 'nobody listens in on a simulation: it has no TLS')
        return this.#listen(host, power, address, accept, ready)
      },
      connect: (address, handler) => this.#connect(host, power, address, handler),
    }
  }

  /** The host's power is off: its ports are free, its links lead nowhere. */
  crash(host: string): void {
    for (const [key, port] of this.#ports) if (!port.power.on) this.#ports.delete(key)
    for (const link of this.#links)
      if (link.ends.some(end => end.host === host && !end.power.on)) link.break()
  }

  partition(groups: string[][] | null): void {
    this.#groups = groups && new Map(groups.flatMap((group, i) => group.map(host => [host, i] as const)))
    for (const link of this.#links) for (const end of link.ends) end.pump()
  }

  #isCut(a: string, b: string): boolean {
    if (this.#groups === null || a === b) return false
    const group = this.#groups.get(a)
    return group === undefined || group !== this.#groups.get(b)
  }

  #listen(
    host: string,
    power: Power,
    asked: Address,
    accept: (connection: Connection) => ConnectionHandler,
    ready: (result: { address: Address } | { error: Error }) => void,
  ): Listener {
    const address = { host: asked.host, port: asked.port === 0 ? ++this.#lastPort : asked.port }
    const key = `${host}:${address.port}`
    const port: Port = { power, accept }
    const later = (fire: () => void): void => {
      this.#ether.timeline.after(0, () => {
        if (power.on) fire()
      })
    }
    if (this.#ports.has(key)) {
      const message = `listen EADDRINUSE: address already in use ${address.host}:${address.port}`
      later(() => ready({ error: Object.assign(new Error(message), { code: 'EADDRINUSE' }) }))
      return { close: done => done && later(done) }
    }
    this.#ports.set(key, port)
    later(() => ready({ address }))
    return {
      close: done => {
        if (this.#ports.get(key) === port) this.#ports.delete(key)
        if (done !== undefined) later(done)
      },
    }
  }

  #connect(host: string, power: Power, address: Address, handler: ConnectionHandler): Connection {
    const { timeline, dice, faults } = this.#ether
    for (const link of this.#links) if (link.over) this.#links.delete(link)
    const target = isHere(address.host) ? host : address.host
    // As each side knows the other: within one host by the address that every host has for itself.
    const from = { host: target === host ? '127.0.0.1' : host, port: ++this.#lastPort }
    const nobody: ConnectionHandler = { data() {}, closed() {} }
    const link = new Link(
      this.#ether,
      { host, address: from, power, handler },
      { host: target, address, power: { on: true }, handler: nobody },
    )
    const [client, server] = link.ends
    this.#links.add(link)
    const name = `${address.host}:${address.port}`
    const delay = (): Millis => dice.millis(faults.delayMillis)

    timeline.after(delay(), () => {
      if (client.gone || !power.on) return
      if (this.#isCut(host, target)) {
        timeline.after(timeoutMillis, () => client.reset('ETIMEDOUT', `connect ETIMEDOUT ${name}`))
        return
      }
      const port = this.#ports.get(`${target}:${address.port}`)
      if (port === undefined || dice.chance(faults.refuse)) {
        timeline.after(delay(), () => client.reset('ECONNREFUSED', `connect ECONNREFUSED ${name}`))
        return
      }
      server.power = port.power
      server.ready = true
      server.tell('is accepted')
      server.handler = port.accept(server)
      const openAt = timeline.now + delay()
      server.notBefore(openAt)
      timeline.at(openAt, () => {
        client.ready = true
        if (!client.gone && power.on) handler.opened?.()
        client.pumpLater()
      })
    })
    return client
  }
}

function isHere(host: string): boolean {
  return ['', 'localhost', '127.0.0.1', '0.0.0.0', '::', '::1'].includes(host)
}
