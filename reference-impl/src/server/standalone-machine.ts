/**
 * A server that stands alone: one machine made of the front that clients see, the order that gives each write its
 * place, and the tree. It is both leader and only follower of itself.
 * Source: Apache's ZooKeeperServerMain and ZooKeeperServer.setupRequestProcessors.
 */
import { sizeOf } from '../lib/queue.ts'
import type { Store } from '../pipeline/execute.ts'
import { append, emptyOrder, madeDurable, takeDurable, waitInLine, zxidAhead } from '../pipeline/order.ts'
import { nothingOutstanding, settle } from '../pipeline/outstanding.ts'
import { prepare } from '../pipeline/prepare.ts'
import { reap, reaper } from '../pipeline/reap.ts'
import { type Requester, readWrite, type Situation, type Write } from '../pipeline/request.ts'
import type { SaslUsers } from '../session/digest-md5.ts'
import { deadline, waiting } from '../session/expiry.ts'
import { firstSessionId, nextSessionId } from '../session/handshake.ts'
import {
  heardOf,
  isAlive,
  markClosing,
  moveTo,
  noSessions,
  type Owner,
  standingOf,
  takeExpired,
  track,
  untrack,
} from '../session/tracker.ts'
import { emptyTree, ephemeralOwners, ephemeralsOf, nodeCount, walk } from '../state/data-tree.ts'
import { quotasByNamespace, quotasOf } from '../state/quotas.ts'
import { type TreeDigest, treeDigest } from '../state/tree-digest.ts'
import { countWatches, listWatches, noWatches } from '../state/watches.ts'
import type { SessionId } from '../state/znode.ts'
import type { Recovered } from '../storage/recovery.ts'
import type { SnapshotSource } from '../storage/snapshot.ts'
import { keeperCode } from '../wire/errors.ts'
import { juteWriter } from '../wire/jute.ts'
import { OpCode } from '../wire/opcodes.ts'
import { errorTxn, type Txn } from '../wire/txn.ts'
import type { ClientMessage } from '../wire/words.ts'
import type { Zxid } from '../wire/zxid.ts'
import type { Effect, Input, Machine } from '../world/machine.ts'
import type { Millis } from '../world/world.ts'
import type { Pending, ServerMessage, Session } from './connection.ts'
import { Front, type Middle } from './front.ts'
import { measured } from './measured.ts'
import { type Metrics, noMetrics, note } from './metrics.ts'
import { meter, noteExceeded } from './namespaces.ts'
import { quotaRules } from './quota-rules.ts'
import {
  type HostReport,
  type ServerEvent,
  type ServerReport,
  unknownHost,
  type WordAnswer,
} from './report.ts'
import { type Settings, schemesEnforced, schemesOf } from './settings.ts'
import { bucketRules } from './token-bucket.ts'

export interface MachineOptions {
  settings: Settings
  /** The text that a four-letter word is answered with. */
  answerWord(word: string, report: ServerReport, settings: Settings): WordAnswer
  /** What was there before this start; without it, a new database. */
  recovered?: Pick<Recovered, 'tree' | 'sessions' | 'lastZxid'> &
    Partial<Pick<Recovered, 'digest' | 'mismatches'>>
  report?(event: ServerEvent): void
  /** Who may log in by SASL; without it, nobody. */
  sasl?: SaslUsers
  /** Dice, a number from 0 on and below 1; without them, nothing is left to chance. */
  chance?(): number
  /** In whose name the server does what nobody has asked for, as the audit log tells it. */
  serverUser?: string
  /** Where to count; others may count there too. */
  metrics?: Metrics
  /** What only the world knows. */
  host?: HostReport
}

export interface StandaloneMachine extends Machine<ClientMessage, ServerMessage> {
  /** How it does at this moment. */
  inspect(): ServerReport
  /** Lets counts begin anew. */
  reset(which: 'server' | 'connections'): void
  /** Closes so many of a hundred connections; answers how many. */
  shed(percentage: number): number
  /** What a snapshot that starts now is taken of. */
  snapshotSource(): SnapshotSource
}

export function standaloneMachine(options: MachineOptions): StandaloneMachine {
  return new Standalone(options)
}

/** Apache's server calls itself number 1 when it is alone, whatever its `myid` says. */
const serverId = 1

/** All sessions speak through this server, so none ever moves away. */
const ourselves: Owner = serverId

/** Expired sessions whose ends go to the log together: a few milliseconds of work, and many to a sync. */
const expiringAtOnce = 256

/** Each is of 128 transactions. */
const digestsKept = 1024

class Standalone implements StandaloneMachine, Middle {
  readonly #options: MachineOptions
  readonly #store: Store
  readonly #front: Front
  readonly #tracker
  readonly #order
  readonly #outstanding
  readonly #record = juteWriter()
  /** Changed for each judgement, so that none needs a new one. */
  readonly #situation: Situation
  #out: Effect<ServerMessage>[] = []
  readonly #metrics: Metrics
  readonly #dataSize
  readonly #reaper
  /** Counts along with what is ordered; null when nobody wants it to. */
  readonly #digest: TreeDigest | null
  /** Of the tree as it is. */
  #treeDigest: bigint
  readonly #digests: [zxid: Zxid, digest: bigint][] = []
  /** Closes of expired sessions that are ordered and not applied. */
  #expiring = 0
  #started: Millis = 0
  #now: Millis = 0
  #wall = 0n
  #nextSessionId: SessionId = 0n

  constructor(options: MachineOptions) {
    const { settings, recovered } = options
    const { tree, lastZxid } = recovered ?? { tree: emptyTree(), lastZxid: 0n }
    const { skipAcl, extendedTypes, reconfigEnabled } = settings
    const schemes = schemesOf(settings)
    this.#options = options
    this.#metrics = options.metrics ?? noMetrics()
    const quotas = quotasOf(tree)
    const noteRead = meter(this.#metrics.perNamespace.read_per_namespace)
    this.#store = { tree, watches: noWatches(), quotas, lastZxid, skipAcl, noteRead }
    this.#order = emptyOrder<Pending | null>(lastZxid)
    this.#outstanding = nothingOutstanding(tree)
    this.#tracker = noSessions(settings.tickTime)
    const quota = quotaRules(
      quotas,
      settings.enforceQuota,
      () => this.#now,
      event => options.report?.(event),
      path => noteExceeded(this.#metrics.perNamespace, path),
    )
    this.#situation = { zxid: 0n, isAlive: true, skipAcl, schemes, extendedTypes, reconfigEnabled, quota }
    this.#metrics.counters.digest_mismatches_count += recovered?.mismatches ?? 0
    this.#dataSize = measured(tree)
    this.#digest = settings.treeDigest ? (recovered?.digest ?? treeDigest(tree)) : null
    this.#treeDigest = this.#digest?.value() ?? 0n
    this.#reaper = reaper(this.#outstanding, {
      every: settings.reapEvery,
      perMinute: settings.reapPerMinute,
      neverUsed: settings.reapNeverUsed,
    })
    this.#front = new Front({
      ...settings,
      schemesEnforced: schemesEnforced(settings),
      sasl: options.sasl ?? null,
      bucket: bucketRules(settings, options.chance ?? (() => 1)),
      serverUser: options.serverUser ?? '',
      store: this.#store,
      middle: this,
      metrics: this.#metrics,
      answerWord: word => options.answerWord(word, this.inspect(), settings),
      report: event => options.report?.(event),
    })
  }

  step(input: Input<ClientMessage>, out: Effect<ServerMessage>[]): void {
    this.#out = out
    this.#front.out = out
    switch (input.type) {
      case 'message':
        this.#front.message(input.link, input.message)
        break
      case 'appended':
        this.#release(input.count)
        break
      case 'tick':
        this.#tick(input.now, input.wall)
        break
      case 'connected':
        this.#front.connected(input)
        break
      case 'broken':
        this.#front.broken(input.link)
        break
      case 'unreachable':
        // Only who dials hears this.
        break
    }
  }

  #tick(now: Millis, wall: Millis): void {
    this.#now = now
    this.#wall = BigInt(wall)
    if (this.#nextSessionId === 0n) this.#begin(wall)
    this.#front.tick(now)
    this.#dataSize.goOn(now)
    this.#expire()
    for (const path of this.#reaper.due(now, wall)) {
      this.#submit(reap(this.#outstanding, zxidAhead(this.#order), path), 0n, 0, null)
    }
  }

  /** A few at a time, so that others are served between them, however many sessions end at once. */
  #expire(): void {
    for (const session of takeExpired(this.#tracker, this.#now, expiringAtOnce - this.#expiring)) {
      const timeout = this.#tracker.sessions.get(session)!.timeout
      this.#expiring++
      this.#metrics.counters.stale_sessions_expired++
      this.#options.report?.({ type: 'expired', session, timeout })
      this.#submit(this.#judge({ type: OpCode.closeSession }, { session, identities: [] }), session, 0, null)
    }
  }

  /** The first tick: now there is a time from which to count. Sessions of before get their whole timeout again. */
  #begin(wall: Millis): void {
    this.#started = this.#now
    this.#nextSessionId = firstSessionId(serverId, wall)
    const { sessions } = this.#options.recovered ?? { sessions: new Map<SessionId, Millis>() }
    for (const [id, timeout] of sessions) track(this.#tracker, id, timeout, this.#now)
  }

  snapshotSource(): SnapshotSource {
    const { tree, lastZxid } = this.#store
    // Before the first tick nobody is tracked yet, and those of before are alive all the same.
    const isBegun = this.#nextSessionId !== 0n
    const sessions = new Map<SessionId, Millis>(isBegun ? [] : this.#options.recovered?.sessions)
    for (const [id, { timeout }] of this.#tracker.sessions) sessions.set(id, timeout)
    const digest = () => ({ zxid: this.#store.lastZxid, digest: this.#treeDigest })
    return {
      zxid: lastZxid,
      sessions,
      nodes: () => walk(tree),
      ...(this.#digest === null ? {} : { digest }),
    }
  }

  /** The log has made `count` records durable: what they hold may happen now. */
  #release(count: number): void {
    note(this.#metrics.summaries.sync_processor_batch_size, count - this.#order.durable)
    madeDurable(this.#order, count)
    for (let next = takeDurable(this.#order); next !== undefined; next = takeDurable(this.#order)) {
      if (next.entry === null) {
        this.#front.proceed(next.request!)
        continue
      }
      const { header, txn, digest } = next.entry
      if (txn.type === OpCode.closeSession) {
        untrack(this.#tracker, header.clientId)
        if (next.request === null) this.#expiring--
      }
      this.#metrics.counters.commit_count++
      note(this.#metrics.summaries.propagation_latency, Math.max(0, Number(this.#wall - header.time)))
      this.#front.committed(next.request, header, txn)
      settle(this.#outstanding, header.zxid)
      if (digest !== null) this.#noteDigest(header.zxid, digest)
    }
    this.#front.goOn()
    if (sizeOf(this.#tracker.due) > 0) this.#expire()
  }

  /** Now and then one is kept, for who compares servers with each other. */
  #noteDigest(zxid: Zxid, digest: bigint): void {
    this.#treeDigest = digest
    this.#digest!.settle(zxid)
    if (Number(zxid & 0x7fn) !== 0) return
    this.#digests.push([zxid, digest])
    if (this.#digests.length > digestsKept) this.#digests.shift()
  }

  // What the front asks for

  isAlive(session: SessionId): boolean {
    return isAlive(this.#tracker, session)
  }

  newSessionId(): SessionId {
    const id = this.#nextSessionId
    this.#nextSessionId = nextSessionId(id)
    return id
  }

  open(pending: Pending): void {
    const { id, timeout } = pending.session
    track(this.#tracker, id, timeout, this.#now, ourselves)
    const txn = this.#judge({ type: OpCode.createSession, timeout }, pending.connection.requester)
    this.#submit(txn, id, 0, pending)
  }

  write(pending: Pending): void {
    const { type, xid } = pending
    const { requester } = pending.connection
    let txn: Txn
    try {
      txn = this.#judge(readWrite(type, pending.body!), requester)
    } catch (error) {
      // Garbage takes a zxid as every failure does.
      txn = errorTxn(keeperCode(error))
    }
    if (type === OpCode.closeSession) markClosing(this.#tracker, requester.session)
    this.#submit(txn, requester.session, xid, pending)
  }

  wait(pending: Pending): boolean {
    return waitInLine(this.#order, pending)
  }

  outstanding(): number {
    return sizeOf(this.#order.line)
  }

  cameBack(session: Session): void {
    moveTo(this.#tracker, session.id, ourselves)
    this.heardOf(session)
  }

  heardOf(session: Session): void {
    const due = deadline(this.#tracker.expiry, session.timeout, this.#now)
    if (due === session.deadline) return
    session.deadline = due
    heardOf(this.#tracker, session.id, session.timeout, this.#now)
  }

  /** Judges a write by all that was ordered before it. */
  #judge(write: Write, requester: Requester): Txn {
    const situation = this.#situation
    situation.zxid = zxidAhead(this.#order)
    const standing = standingOf(this.#tracker, requester.session, ourselves)
    situation.isAlive = standing !== 'gone'
    situation.hasMoved = standing === 'moved'
    return prepare(this.#outstanding, write, requester, situation)
  }

  /** Gives a transaction its zxid and its time, and sends it to the log. */
  #submit(txn: Txn, session: SessionId, cxid: number, pending: Pending | null): void {
    const header = { clientId: session, cxid, zxid: zxidAhead(this.#order), time: this.#wall, type: txn.type }
    this.#digest?.foresee(txn, session, header)
    const digest = this.#digest?.value() ?? null
    this.#metrics.counters.sync_processor_request_queued++
    const record = append(this.#order, pending, { header, txn, digest }, this.#record)
    this.#out.push({ type: 'append', record })
  }

  reset(which: 'server' | 'connections'): void {
    this.#front.reset(which)
  }

  shed(percentage: number): number {
    return this.#front.shed(percentage)
  }

  inspect(): ServerReport {
    const { tree, watches, quotas, lastZxid } = this.#store
    const front = this.#front
    const sessions = this.#tracker.sessions.size
    const queue = this.#tracker.expiry
    const measuring = this.#dataSize
    const wall = Number(this.#wall)
    const toWall = wall - this.#now
    return {
      mode: 'standalone',
      wall,
      uptime: this.#now - this.#started,
      traffic: front.traffic,
      connections: front.connectionCount,
      outstanding: sizeOf(this.#order.line),
      dropChance: front.dropChance,
      zxid: lastZxid,
      nodes: nodeCount(tree),
      sessions,
      digests: this.#digests,
      get quotas() {
        return quotasByNamespace(quotas)
      },
      metrics: this.#metrics,
      host: this.#options.host ?? unknownHost,
      get ephemerals() {
        return ephemeralOwners(tree).reduce((sum, owner) => sum + ephemeralsOf(tree, owner).length, 0)
      },
      get watches() {
        return countWatches(watches).total
      },
      get dataSize() {
        return measuring.size()
      },
      get clients() {
        return front.clients(toWall)
      },
      get dataWatches() {
        const tables = listWatches(watches, 'data')
        return tables.map(([path, watchers]) => [path, watchers.map(each => front.sessionOf(each))] as const)
      },
      get expiry() {
        return waiting(queue).map(([due, members]) => [due + toWall, members] as const)
      },
      get ephemeralNodes() {
        return ephemeralOwners(tree).map(owner => [owner, ephemeralsOf(tree, owner).sort()] as const)
      },
    }
  }
}
