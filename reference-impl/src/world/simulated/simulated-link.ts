/**
 * One connection of the simulated network: two ends, and between them two directions that each keep their order. A
 * direction delays what it carries and cuts and joins it as it likes, but loses nothing, until the link breaks. Then
 * what was on its way is lost, and who notices, and when, is chance.
 */
import type { Prng } from '../../lib/prng.ts'
import type { Address, Connection, ConnectionHandler, Millis } from '../world.ts'
import type { Power, Timeline } from './timeline.ts'

export interface NetworkFaults {
  /** How long a chunk is on its way, at least and at most. */
  delayMillis: [Millis, Millis]
  /** How often a chunk, and all behind it, is held up; and for how long. */
  stall: number
  stallMillis: [Millis, Millis]
  /** How often the link breaks when a chunk is sent. */
  break: number
  /** How often an end of a broken link is not told, so that it believes in the link until it sends again. */
  halfOpen: number
  /** How often an attempt to connect fails. */
  refuse: number
}

/** What the ends of all links share. */
export interface Ether {
  timeline: Timeline
  dice: Prng
  faults: NetworkFaults
  /** Nothing passes between these hosts now. */
  isCut(a: string, b: string): boolean
}

/** How many bytes of a direction may be on their way or unread; what is more waits at the sender. */
const windowBytes = 1 << 16

/** How long the system goes on trying before it gives a silent peer up; and how soon it may learn of a lost one. */
export const timeoutMillis = 15_000
const firstRetryMillis = 200

/** How long a peer that does not answer our goodbye may keep the connection. As in the node world. */
const lingerMillis = 2000

export class Link {
  readonly ends: readonly [client: End, server: End]
  readonly ether: Ether
  broken = false

  constructor(ether: Ether, client: Side, server: Side) {
    this.ether = ether
    this.ends = [
      new End(this, 'client', client, server.address),
      new End(this, 'server', server, client.address),
    ]
  }

  get over(): boolean {
    const [client, server] = this.ends
    return (client.gone || !client.power.on) && (server.gone || !server.power.on || !server.ready)
  }

  other(end: End): End {
    return end === this.ends[0] ? this.ends[1] : this.ends[0]
  }

  /** What is on its way is lost, and nothing more passes. */
  break(): void {
    if (this.broken) return
    this.broken = true
    const { dice, faults } = this.ether
    for (const end of this.ends) {
      end.tell('breaks')
      if (!dice.chance(faults.halfOpen)) end.learn(dice.millis(faults.delayMillis))
    }
  }
}

export interface Side {
  host: string
  address: Address
  power: Power
  handler: ConnectionHandler
}

export class End implements Connection {
  readonly host: string
  readonly remote: Address
  /** Of the server's end: settled when the connection is accepted. */
  power: Power
  handler: ConnectionHandler
  /** It may send: the other end is there to receive. */
  ready = false
  /** Destroyed, reset, or ended on both sides. */
  gone = false

  readonly #link: Link
  readonly #name: string
  #pending: Uint8Array[] = []
  #queued = 0
  /** Sent, and not handed out on the other side yet. */
  #onTheWay = 0
  /** When what was sent last arrives: nothing sent later may arrive sooner. */
  #lastArrival: Millis = 0
  #pumping = false
  #givingUp = false
  #learning = false

  /** The last thing that this end sends, and whether it has been sent. */
  #farewell: 'goodbye' | 'reset' | null = null
  #farewellSent = false

  #paused = false
  #inbox: (Uint8Array | 'goodbye')[] = []
  /** We said goodbye; the peer did; the handler knows that it is over. */
  #said = false
  #heard = false
  #closed = false

  constructor(link: Link, role: string, { host, address, power, handler }: Side, remote: Address) {
    this.#link = link
    this.#name = `${role} ${host}:${address.port}-${remote.host}:${remote.port}`
    this.host = host
    this.power = power
    this.handler = handler
    this.remote = remote
  }

  // What the host may do

  write(bytes: Uint8Array): void {
    if (!this.#alive || this.#said || bytes.length === 0) return
    this.#pending.push(bytes)
    this.#queued += bytes.length
    this.pumpLater()
  }

  queued(): number {
    return this.#queued
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#later(() => this.#handOut())
  }

  end(): void {
    if (!this.#alive || this.#said) return
    this.#said = true
    this.#farewell = 'goodbye'
    this.#later(() => this.#handOut())
    this.pumpLater()
  }

  destroy(): void {
    if (!this.#alive) return
    this.#leave()
    if (!this.#farewellSent) this.#farewell = 'reset'
    this.pumpLater()
    this.#later(() => this.#close())
  }

  // What the network does

  /** Sends what may be sent now. */
  pump(): void {
    const { ether, broken } = this.#link
    const { timeline, dice, faults } = ether
    const other = this.#link.other(this)
    if (!this.power.on || !this.ready || (this.#queued === 0 && this.#farewell === null)) return
    if (broken) {
      this.learn(dice.millis([firstRetryMillis, timeoutMillis]))
      return
    }
    if (ether.isCut(this.host, other.host)) {
      this.#giveUpLater()
      return
    }
    const hadQueued = this.#queued > 0
    while (this.#queued > 0 && this.#onTheWay < windowBytes) {
      if (dice.chance(faults.break)) {
        this.#link.break()
        return
      }
      const most = Math.min(this.#queued, windowBytes - this.#onTheWay)
      // Often as it was written, else cut anywhere.
      const chunk = this.#take(dice.chance(0.5) ? most : dice.between(1, most))
      this.#onTheWay += chunk.length
      if (dice.chance(faults.stall)) this.notBefore(timeline.now + dice.millis(faults.stallMillis))
      this.#send(() => other.#arrive(chunk))
    }
    if (hadQueued && this.#queued === 0) {
      this.#later(() => {
        if (!this.#closed && !this.#said && this.#queued === 0) this.handler.drained?.()
      })
    }
    if (this.#queued === 0 && this.#farewell !== null && !this.#farewellSent)
      this.#sayFarewell(this.#farewell, other)
  }

  pumpLater(): void {
    if (this.#pumping) return
    this.#pumping = true
    this.#later(() => {
      this.#pumping = false
      this.pump()
    })
  }

  /** The system finds out, in a while, that the link is no more. */
  learn(delay: Millis): void {
    if (this.#learning) return
    this.#learning = true
    this.#link.ether.timeline.after(delay, () => this.reset('ECONNRESET', 'the connection was reset'))
  }

  reset(code: string, why: string): void {
    if (!this.#alive) return
    this.#leave()
    this.#close(Object.assign(new Error(why.includes(code) ? why : `${code}: ${why}`), { code }))
  }

  /** Nothing sent from the other side arrives sooner. */
  notBefore(time: Millis): void {
    this.#lastArrival = Math.max(this.#lastArrival, time)
  }

  tell(what: string): void {
    this.#link.ether.timeline.tell(`${this.#name} ${what}`)
  }

  // Inside

  get #alive(): boolean {
    return this.power.on && !this.gone
  }

  #later(fire: () => void): void {
    this.#link.ether.timeline.after(0, () => {
      if (this.power.on) fire()
    })
  }

  #send(arrive: () => void): void {
    const { timeline, dice, faults } = this.#link.ether
    this.notBefore(timeline.now + dice.millis(faults.delayMillis))
    timeline.at(this.#lastArrival, () => {
      if (!this.#link.broken) arrive()
    })
  }

  #sayFarewell(farewell: 'goodbye' | 'reset', other: End): void {
    this.#farewellSent = true
    this.#send(() => {
      if (farewell === 'reset') other.reset('ECONNRESET', 'the peer closed the connection')
      else other.#arrive('goodbye')
    })
    if (this.#heard) this.#leave()
    else {
      this.#link.ether.timeline.after(lingerMillis, () => {
        if (!this.#alive) return
        this.#leave()
        this.#close()
      })
    }
  }

  #arrive(item: Uint8Array | 'goodbye'): void {
    if (!this.power.on) return
    if (this.gone) {
      // Somebody still writes to what is no longer here.
      if (item === 'goodbye' || this.#farewell === 'reset') return
      this.#farewell = 'reset'
      this.#farewellSent = false
      this.pump()
      return
    }
    this.#inbox.push(item)
    this.#handOut()
  }

  #handOut(): void {
    const other = this.#link.other(this)
    while (this.#inbox.length > 0 && !this.gone && (!this.#paused || this.#said)) {
      const item = this.#inbox.shift()!
      if (item === 'goodbye') {
        this.#heard = true
        if (this.#farewellSent) this.#leave()
        this.#close()
        return
      }
      other.#onTheWay -= item.length
      other.pumpLater()
      if (this.#said) continue
      this.#link.ether.timeline.tellBytes(`${this.#name} gets`, item)
      this.handler.data(item)
    }
  }

  /** The next `count` bytes to be sent, as one chunk of its own. */
  #take(count: number): Uint8Array {
    const chunk = new Uint8Array(count)
    let filled = 0
    while (filled < count) {
      const first = this.#pending[0]!
      const part = first.subarray(0, count - filled)
      chunk.set(part, filled)
      filled += part.length
      if (part.length === first.length) this.#pending.shift()
      else this.#pending[0] = first.subarray(part.length)
    }
    this.#queued -= count
    return chunk
  }

  #giveUpLater(): void {
    if (this.#givingUp) return
    this.#givingUp = true
    const { ether } = this.#link
    ether.timeline.after(timeoutMillis, () => {
      this.#givingUp = false
      if (ether.isCut(this.host, this.#link.other(this).host)) this.reset('ETIMEDOUT', 'the peer is silent')
    })
  }

  #leave(): void {
    this.gone = true
    this.#pending = []
    this.#queued = 0
    this.#inbox = []
  }

  #close(error?: Error): void {
    if (this.#closed) return
    this.#closed = true
    // Whoever said goodbye does not care how it ended.
    const shown = this.#said ? undefined : error
    this.tell(shown === undefined ? 'is closed' : `is closed: ${shown.message}`)
    this.handler.closed(shown)
  }
}
