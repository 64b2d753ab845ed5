/**
 * Two servers with one history, as clients see an ensemble when nothing goes wrong between its servers: each has a tree, a
 * front and clients of its own, and what one of them orders both apply, at once. All of it is one machine with two ports, so
 * that what happens to a session between two servers can be looked at without what happens between the servers.
 */

import { mustUpgrade } from '../../src/pipeline/local-session.ts'
import {
  append,
  emptyOrder,
  madeDurable,
  takeDurable,
  waitInLine,
  zxidAhead,
} from '../../src/pipeline/order.ts'
import { nothingOutstanding, settle } from '../../src/pipeline/outstanding.ts'
import { prepare } from '../../src/pipeline/prepare.ts'
import { readWrite, type Write } from '../../src/pipeline/request.ts'
import { clientCodec, type Pending, type ServerMessage, type Session } from '../../src/server/connection.ts'
import { Front, type Middle } from '../../src/server/front.ts'
import { noMetrics } from '../../src/server/metrics.ts'
import { type Settings, schemesOf } from '../../src/server/settings.ts'
import { bucketRules } from '../../src/server/token-bucket.ts'
import { firstSessionId, nextSessionId } from '../../src/session/handshake.ts'
import {
  heardOf,
  isAlive,
  markClosing,
  moveTo,
  noSessions,
  standingOf,
  type Tracker,
  takeExpired,
  track,
  untrack,
} from '../../src/session/tracker.ts'
import { emptyTree } from '../../src/state/data-tree.ts'
import { quotasOf } from '../../src/state/quotas.ts'
import { noWatches } from '../../src/state/watches.ts'
import type { SessionId } from '../../src/state/znode.ts'
import { keeperCode } from '../../src/wire/errors.ts'
import { juteWriter } from '../../src/wire/jute.ts'
import { OpCode } from '../../src/wire/opcodes.ts'
import { errorTxn, type Txn } from '../../src/wire/txn.ts'
import type { ClientMessage } from '../../src/wire/words.ts'
import { drive } from '../../src/world/driver.ts'
import type { Effect, Input, Link, Machine } from '../../src/world/machine.ts'
import type { Millis, World } from '../../src/world/world.ts'
import { port, settingsOf } from '../server/in-simulation.ts'

/** Do new sessions begin as local ones, and may they become others? */
export type LocalSessions = 'none' | 'forever' | 'upgraded'

interface TwoServersOptions {
  local: LocalSessions
  say(server: string, what: string): void
}

/** The ports of the driver that runs both: 2181 and 2182. */
const ports = ['one', 'two']

export function serveTwo(world: World, options: TwoServersOptions): void {
  const settings = settingsOf([])
  const listen = ports.map((name, at) => [
    name,
    { address: { host: '0.0.0.0', port: port + at }, codec: () => clientCodec(settings.maxBuffer) },
  ])
  drive(world, {
    machine: new TwoServers(settings, options),
    tickEvery: 500,
    listen: Object.fromEntries(listen),
  })
}

type Asker = { server: Server; pending: Pending }

class TwoServers implements Machine<ClientMessage, ServerMessage> {
  readonly settings: Settings
  readonly options: TwoServersOptions
  /** Of the sessions that all know. */
  readonly tracker: Tracker
  readonly order = emptyOrder<Asker | null>(0n)
  readonly #servers: readonly Server[]
  readonly #outstanding
  readonly #links = new Map<Link, Server>()
  readonly #record = juteWriter()
  now: Millis = 0
  wall = 0n
  out: Effect<ServerMessage>[] = []

  constructor(settings: Settings, options: TwoServersOptions) {
    this.settings = settings
    this.options = options
    this.tracker = noSessions(settings.tickTime)
    this.#servers = ports.map((_, at) => new Server(this, at + 1))
    this.#outstanding = nothingOutstanding(this.#servers[0]!.store.tree)
  }

  step(input: Input<ClientMessage>, out: Effect<ServerMessage>[]): void {
    this.out = out
    for (const { front } of this.#servers) front.out = out
    switch (input.type) {
      case 'tick':
        this.#tick(input.now, input.wall)
        break
      case 'connected': {
        const server = this.#servers[ports.indexOf(input.port)]!
        this.#links.set(input.link, server)
        server.front.connected(input)
        break
      }
      case 'message':
        this.#links.get(input.link)!.front.message(input.link, input.message)
        break
      case 'broken':
        this.#links.get(input.link)!.front.broken(input.link)
        break
      case 'appended':
        this.#release(input.count)
        break
    }
    for (const server of this.#servers) server.goOn()
  }

  #tick(now: Millis, wall: Millis): void {
    this.now = now
    this.wall = BigInt(wall)
    for (const server of this.#servers) server.tick(now, wall)
    for (const session of takeExpired(this.tracker, now, Number.POSITIVE_INFINITY)) {
      this.options.say('both', 'the session has expired')
      this.submit(this.judge({ type: OpCode.closeSession }, session, true), session, 0, null)
    }
  }

  judge(write: Write, session: SessionId, isAlive: boolean, hasMoved = false): Txn {
    const { settings } = this
    const situation = {
      ...settings,
      zxid: zxidAhead(this.order),
      isAlive,
      hasMoved,
      schemes: schemesOf(settings),
    }
    return prepare(this.#outstanding, write, { session, identities: [] }, situation)
  }

  submit(txn: Txn, session: SessionId, cxid: number, asker: Asker | null): void {
    const header = { clientId: session, cxid, zxid: zxidAhead(this.order), time: this.wall, type: txn.type }
    const record = append(this.order, asker, { header, txn, digest: null }, this.#record)
    this.out.push({ type: 'append', record })
  }

  #release(count: number): void {
    madeDurable(this.order, count)
    for (let next = takeDurable(this.order); next !== undefined; next = takeDurable(this.order)) {
      const { request, entry } = next
      if (entry === null) {
        request!.server.front.proceed(request!.pending)
        continue
      }
      const { header, txn } = entry
      if (txn.type === OpCode.closeSession) untrack(this.tracker, header.clientId)
      for (const server of this.#servers) {
        server.front.committed(request?.server === server ? request.pending : null, header, txn)
      }
      settle(this.#outstanding, header.zxid)
    }
  }
}

class Server implements Middle {
  readonly front: Front
  readonly store
  readonly #all: TwoServers
  /** Its number, by which it owns sessions. */
  readonly #number: number
  /** Sessions that only this server knows. */
  readonly #local: Tracker
  /** What need not be ordered, and is answered at the end of the step. */
  #ready: (() => void)[] = []
  #nextSessionId: SessionId = 0n

  constructor(all: TwoServers, number: number) {
    const { settings } = all
    this.#all = all
    this.#number = number
    this.#local = noSessions(settings.tickTime)
    const tree = emptyTree()
    this.store = { tree, watches: noWatches(), quotas: quotasOf(tree), lastZxid: 0n, skipAcl: false }
    this.front = new Front({
      ...settings,
      schemesEnforced: null,
      bucket: bucketRules(settings, () => 1),
      sasl: null,
      serverUser: '',
      store: this.store,
      middle: this,
      metrics: noMetrics(),
      answerWord: () => ({ text: '' }),
      report: event => {
        if (event.type === 'closed') all.options.say(this.#name, `hangs up: ${event.reason}`)
      },
    })
  }

  get #name(): string {
    return ports[this.#number - 1]!
  }

  tick(now: Millis, wall: Millis): void {
    if (this.#nextSessionId === 0n) this.#nextSessionId = firstSessionId(this.#number, wall)
    this.front.tick(now)
    for (const session of takeExpired(this.#local, now, Number.POSITIVE_INFINITY)) {
      this.#all.options.say(this.#name, 'the local session has expired')
      this.#forget(session, null)
    }
  }

  goOn(): void {
    for (const answer of this.#ready.splice(0)) answer()
  }

  /** No other server learns of it, and no zxid is spent: nothing but the session goes. */
  #forget(session: SessionId, pending: Pending | null): void {
    untrack(this.#local, session)
    const header = {
      clientId: session,
      cxid: 0,
      zxid: this.store.lastZxid,
      time: this.#all.wall,
      type: OpCode.closeSession,
    }
    this.front.committed(pending, header, { type: OpCode.closeSession, record: { paths2Delete: [] } })
  }

  // What the front asks for

  newSessionId(): SessionId {
    const id = this.#nextSessionId
    this.#nextSessionId = nextSessionId(id)
    return id
  }

  isAlive(session: SessionId): boolean {
    return isAlive(this.#local, session) || isAlive(this.#all.tracker, session)
  }

  open(pending: Pending): void {
    const { id, timeout } = pending.session
    if (this.#all.options.local === 'none') {
      this.#open(id, timeout, pending)
      return
    }
    track(this.#local, id, timeout, this.#all.now)
    this.#ready.push(() => this.front.proceed(pending))
  }

  #open(id: SessionId, timeout: Millis, pending: Pending | null): void {
    track(this.#all.tracker, id, timeout, this.#all.now, this.#number)
    const txn = this.#all.judge({ type: OpCode.createSession, timeout }, id, true)
    this.#all.submit(txn, id, 0, pending && { server: this, pending })
  }

  write(pending: Pending): void {
    const { type, xid, session } = pending
    let txn: Txn
    try {
      const write = readWrite(type, pending.body!)
      if (isAlive(this.#local, session.id)) {
        if (type === OpCode.closeSession) {
          this.#ready.push(() => this.#forget(session.id, pending))
          return
        }
        if (mustUpgrade(write, this.#all.options.local === 'upgraded')) {
          untrack(this.#local, session.id)
          this.#all.options.say(this.#name, 'the session becomes one that all know')
          this.#open(session.id, session.timeout, null)
        }
      }
      const standing = isAlive(this.#local, session.id)
        ? 'alive'
        : standingOf(this.#all.tracker, session.id, this.#number)
      txn = this.#all.judge(write, session.id, standing !== 'gone', standing === 'moved')
    } catch (error) {
      txn = errorTxn(keeperCode(error))
    }
    if (type === OpCode.closeSession) markClosing(this.#all.tracker, session.id)
    this.#all.submit(txn, session.id, xid, { server: this, pending })
  }

  wait(pending: Pending): boolean {
    return waitInLine(this.#all.order, { server: this, pending })
  }

  cameBack(session: Session): void {
    moveTo(this.#all.tracker, session.id, this.#number)
    this.heardOf(session)
  }

  heardOf({ id, timeout }: Session): void {
    heardOf(this.#local, id, timeout, this.#all.now)
    heardOf(this.#all.tracker, id, timeout, this.#all.now)
  }

  outstanding(): number {
    return 0
  }
}
