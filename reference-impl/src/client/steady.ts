/**
 * A client that outlives its sessions: when one is lost it begins another, says so to those who listen, and tries again
 * what may be tried again. Whatever it repeats, it repeats so that it happens once; where nobody can know, it says
 * CONNECTIONLOSS.
 *
 * There is no "in the background" (every promise is) and no chain of builders (options do): the two things that
 * Curator's fluent interface is for.
 * Source: Apache Curator's CuratorFramework.
 */
import { parentOf } from '../state/paths.ts'
import { Code, KeeperError, keeperCode } from '../wire/errors.ts'
import type { Millis, Timer, World } from '../world/world.ts'
import {
  backOff,
  type Connection,
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  type Found,
  never,
  type Repeatable,
  type RetryPolicy,
  retryForever,
} from './failure.ts'
import { hostText, parseServers } from './hosts.ts'
import { isUncertain, judge, newConnection, notice, pauseBefore, protectedPath, recognise } from './retry.ts'
import type { TransactionError } from './transaction.ts'
import { childOf, makePath } from './trees.ts'
import { anyVersion, bytesOf } from './writes.ts'
import {
  type CallOptions,
  type CreateOptions,
  type Data,
  type Stat,
  type WriteOptions,
  type ZooKeeper,
  type ZooKeeperOptions,
  zooKeeper,
} from './zookeeper.ts'

export interface SteadyOptions extends Omit<ZooKeeperOptions, 'resume'> {
  /** For operations that bring none of their own: ten times, after 100 ms at first and 5 s at most. */
  retry?: RetryPolicy
}

export interface RunOptions extends CallOptions {
  retry?: RetryPolicy
  /** Only in the session in which it begins: for what is right only while an ephemeral node of ours is there. */
  sameSession?: boolean
}

/** What to ask, of the client of the moment. `call` is to be handed on: it ends the attempt when time is up. */
export type Ask<T> = (zk: ZooKeeper, call: CallOptions) => Promise<T>

export interface SteadyCreateOptions extends CreateOptions, RunOptions {
  /** Makes the nodes above that are missing; containers go by themselves when their last child has gone. */
  parents?: 'persistent' | 'containers'
  /** Makes the node findable by a prefix of its name, so that it can be tried again though its number is not known. */
  protect?: boolean
}

/** A client of `servers` that begins to connect at once and goes on until it is closed. */
export function steadyClient(
  world: Pick<World, 'clock' | 'network' | 'random'>,
  servers: string,
  options: SteadyOptions = {},
): SteadyClient {
  return new SteadyClient(world, servers, options)
}

export class SteadyClient implements AsyncDisposable {
  readonly #world: Pick<World, 'clock' | 'network' | 'random'>
  #servers: string
  readonly #options: ZooKeeperOptions
  readonly #policy: RetryPolicy
  readonly #connection: Connection = newConnection()
  readonly #listeners = new Set<(state: ConnectionState) => void>()
  readonly #closing = new AbortController()
  #zk: ZooKeeper
  #unhook: () => void
  #timer: Timer | null = null

  constructor(
    world: Pick<World, 'clock' | 'network' | 'random'>,
    servers: string,
    { retry = backOff(10, 100, 5000), ...options }: SteadyOptions,
  ) {
    this.#world = world
    this.#servers = servers
    this.#options = options
    this.#policy = retry
    this.#zk = zooKeeper(world, servers, options)
    this.#unhook = this.#hook()
  }

  // The connection

  /** The client of the present session. After LOST it is another one; what it watched is to be watched again. */
  get zk(): ZooKeeper {
    return this.#zk
  }

  /** The last word to the listeners; null before the first server. */
  get state(): ConnectionState | null {
    return this.#connection.told
  }

  /** Calls `listener` at each change, until the function that it returns is called. The next one waits for it: be quick. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves once there is a server; rejects when a login was refused, or the client closed. */
  async connected(options: RunOptions = {}): Promise<void> {
    await this.run((zk, call) => zk.connected(call), options)
  }

  /** These are the servers from now on, for the present session and for those that follow: `host:port,host:port`. */
  updateServers(servers: string): void {
    this.#zk.updateServers(servers)
    const { hosts } = parseServers(servers)
    this.#servers = hosts.map(hostText).join(',') + parseServers(this.#servers).chroot
  }

  /** Ends the session and begins no other. What is being tried is tried no more. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#timer?.cancel()
    await this.#zk.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #hook(): () => void {
    const zk = this.#zk
    return zk.onState(state =>
      this.#noticed({ type: 'client', state, timeout: zk.timeout, now: this.#world.clock.now() }),
    )
  }

  #noticed(input: ConnectionInput): void {
    const out: ConnectionEffect[] = []
    notice(this.#connection, input, out)
    this.#timer?.cancel()
    const { clock } = this.#world
    const { lostAt } = this.#connection
    if (lostAt !== null && lostAt > clock.now()) {
      const due = (): void => this.#noticed({ type: 'time', now: clock.now() })
      this.#timer = clock.after(lostAt - clock.now(), due)
    }
    for (const effect of out) {
      if (effect.type === 'renew') this.#renew()
      else this.#tell(effect.state)
    }
  }

  #renew(): void {
    if (this.#closing.signal.aborted) return
    this.#unhook()
    // What it has not sent fails with SESSIONEXPIRED, and is tried again with the next one.
    void this.#zk.close()
    this.#zk = zooKeeper(this.#world, this.#servers, this.#options)
    this.#unhook = this.#hook()
  }

  /** A listener that fails is an error of the program, but none of its neighbours'. */
  #tell(state: ConnectionState): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(state)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  // Trying again

  /**
   * Asks until there is an answer, or the policy has had enough; then the last error is thrown. For what may happen
   * twice without harm: reads, and writes that say what is to be and not what is to change.
   */
  run<T>(ask: Ask<T>, options: RunOptions = {}): Promise<T> {
    return this.#run(ask, options, true)
  }

  /** `isHarmless`: may it be repeated when nobody knows whether it has happened? */
  async #run<T>(ask: Ask<T>, options: RunOptions, isHarmless: boolean): Promise<T> {
    const { retry: policy = this.#policy, sameSession = false, signal } = options
    const { clock, random } = this.#world
    const began = clock.now()
    const first = this.#zk
    const limit = this.#limit(policy.within, signal)
    try {
      for (let retries = 0; ; retries++) {
        if (this.#closing.signal.aborted) throw new KeeperError('SESSIONEXPIRED', 'the client is closed')
        const zk = this.#zk
        try {
          return await ask(zk, limit.call)
        } catch (error) {
          const code = keeperCode(error)
          const isNewSession = zk !== this.#zk
          const isOver = sameSession && first !== this.#zk
          if (isOver || (isUncertain(code) && !isHarmless)) throw error
          const elapsed = clock.now() - began
          const luck = random.below(luckSteps) / luckSteps
          const pause = pauseBefore(policy, { code, isNewSession, retries, elapsed, luck })
          if (pause === null) throw error
          await this.#sleep(pause, signal)
        }
      }
    } finally {
      limit.lift()
    }
  }

  /** Ends what is under way when the time of its policy is up: with OPERATIONTIMEOUT, as nobody knows what became of it. */
  #limit(within: Millis, signal: AbortSignal | undefined): { call: CallOptions; lift(): void } {
    if (within === Infinity) return { call: signal === undefined ? {} : { signal }, lift: () => {} }
    const over = new AbortController()
    const timer = this.#world.clock.after(within, () =>
      over.abort(new KeeperError('OPERATIONTIMEOUT', `no answer within ${within} ms`)),
    )
    const signals = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal])
    return { call: { signal: signals }, lift: () => timer.cancel() }
  }

  async #sleep(pause: Millis, signal: AbortSignal | undefined): Promise<void> {
    if (pause === 0 || this.#closing.signal.aborted) return
    await new Promise<void>(resolve => {
      const wake = (): void => {
        timer.cancel()
        for (const each of [signal, this.#closing.signal]) each?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = this.#world.clock.after(pause, wake)
      for (const each of [signal, this.#closing.signal]) each?.addEventListener('abort', wake)
    })
    signal?.throwIfAborted()
  }

  // Writes

  /**
   * Makes a node. When it was tried again and is there already, whether it is ours shows in its owner (ephemeral) or its
   * data. A sequential node that is not protected cannot be found again: then CONNECTIONLOSS is the caller's.
   */
  async create(
    path: string,
    data: Data = null,
    options: SteadyCreateOptions = {},
  ): Promise<{ path: string; stat: Stat }> {
    const { sequential = false, ephemeral: isEphemeral = false, protect = false } = options
    const ask: Ask<{ path: string; stat: Stat }> = (zk, call) => create(zk, path, data, options, call)
    if (protect) return this.#createProtected(path, data, options)
    if (sequential) return this.#run(ask, options, false)
    return this.#repeat(
      path,
      { type: 'create', data: bytesOf(data), isEphemeral },
      ask,
      found => ({ path, stat: found!.stat }),
      options,
    )
  }

  async #createProtected(
    path: string,
    data: Data,
    options: SteadyCreateOptions,
  ): Promise<{ path: string; stat: Stat }> {
    const { ephemeral: isEphemeral = false } = options
    const parent = parentOf(path)
    let id = this.#newId()
    /** Who has sent the last create that may have happened. */
    let sender: ZooKeeper | null = null
    const attempt: Ask<{ path: string; stat: Stat }> = async (zk, call) => {
      if (sender !== null) {
        const isSameSession = sender === zk
        const found = recognise(await namesIn(zk, parent, call), id, { isEphemeral, isSameSession })
        if (found.type === 'ours') {
          const made = childOf(parent, found.name)
          const stat = await zk.exists(made, call)
          if (stat !== null) return { path: made, stat }
        }
        if (found.type === 'ghost') await remove(zk, childOf(parent, found.name), call)
        // One of the old session's may still come to light: the new one gets a name that cannot be mixed up with it.
        if (isEphemeral && !isSameSession) id = this.#newId()
      }
      sender = zk
      return create(zk, protectedPath(path, id), data, options, call)
    }
    try {
      return await this.run(attempt, options)
    } catch (error) {
      // Nobody waits for it any more; if it is there, it must not stay.
      if (sender !== null) void this.#removeLate(parent, id)
      throw error
    }
  }

  async #removeLate(parent: string, id: string): Promise<void> {
    await this.#surely(async (zk, call) => {
      const found = recognise(await namesIn(zk, parent, call), id, {
        isEphemeral: false,
        isSameSession: true,
      })
      if (found.type === 'ours') await remove(zk, childOf(parent, found.name), call)
    })
  }

  /** Fails with BADVERSION where another has written, and with CONNECTIONLOSS where ours may have been overwritten since. */
  set(path: string, data: Data, options: WriteOptions & RunOptions = {}): Promise<Stat> {
    const { version = anyVersion } = options
    return this.#repeat(
      path,
      { type: 'set', data: bytesOf(data), version },
      (zk, call) => zk.set(path, data, { ...call, version }),
      found => found!.stat,
      options,
    )
  }

  /**
   * A node that is gone when the delete is repeated counts as deleted. With `guaranteed`, it is tried on after the
   * policy has had enough and the error was thrown, until it is gone or the client closed: for names that nobody uses a
   * second time.
   */
  async delete(
    path: string,
    { guaranteed = false, ...options }: WriteOptions & RunOptions & { guaranteed?: boolean } = {},
  ): Promise<void> {
    const { version = anyVersion } = options
    const ask: Ask<void> = (zk, call) => zk.delete(path, { ...call, version })
    try {
      await this.#repeat(path, { type: 'delete' }, ask, () => {}, options)
    } catch (error) {
      const { name, code } = error as KeeperError
      const isRefused = name === 'KeeperError' && !isUncertain(code) && code !== Code.SESSIONEXPIRED
      if (guaranteed && !isRefused) void this.#surely(ask)
      throw error
    }
  }

  /**
   * Reads, changes and writes, and begins again when somebody else has written meanwhile. Each change is made once, or the
   * promise fails. When an answer is lost, what has happened cannot be seen in the node: another may have written the
   * same, or over it. With `receipts`, the path of a node, each write leaves a child there for as long as nobody knows;
   * without, the caller gets the CONNECTIONLOSS.
   */
  async update(
    path: string,
    change: (data: Uint8Array | null) => Data,
    options: RunOptions & { receipts?: string } = {},
  ): Promise<Stat> {
    const { receipts } = options
    for (;;) {
      const { data, stat } = await this.run((zk, call) => zk.get(path, call), options)
      const wanted = change(data)
      const { version } = stat
      if (receipts === undefined) {
        try {
          return await this.#run((zk, call) => zk.set(path, wanted, { ...call, version }), options, false)
        } catch (error) {
          if (keeperCode(error) !== Code.BADVERSION) throw error
          continue
        }
      }
      const written = await this.#write(path, wanted, version, childOf(receipts, this.#newId()), options)
      if (written !== null) return written
    }
  }

  /** Writes a version, and a receipt with it. null when it has not happened, and the version is to be read again. */
  async #write(
    path: string,
    data: Data,
    version: number,
    receipt: string,
    options: RunOptions,
  ): Promise<Stat | null> {
    const zk = this.#zk
    const write: Ask<Stat> = async (now, call) => {
      const commit = now
        .transaction(call)
        .set(path, data, { version })
        .create(receipt, null, { ephemeral: true })
      const [done] = await commit.commit()
      return (done as { stat: Stat }).stat
    }
    try {
      const stat = await this.run(write, { ...options, retry: never })
      void this.delete(receipt, { guaranteed: true }).catch(() => {})
      return stat
    } catch (error) {
      const code = keeperCode(error)
      if (code === Code.BADVERSION) return null
      if (code === Code.SESSIONEXPIRED && zk !== this.#zk) return null
      if (code === Code.NONODE && (error as TransactionError).failed === 1) {
        await this.run((now, call) => makePath(now, parentOf(receipt), { ...call, container: true }), options)
        return null
      }
      if (!isUncertain(code)) throw error
      // A receipt goes with its session: after that, nobody knows for ever.
      const found = await this.run(async (now, call) => {
        if (now !== zk) return 'nobody knows'
        await now.sync(receipt, call)
        return now.exists(receipt, call)
      }, options)
      if (found === 'nobody knows') throw error
      if (found === null) return null
      void this.delete(receipt, { guaranteed: true }).catch(() => {})
      return this.run(async (now, call) => (await now.exists(path, call))!, options)
    }
  }

  /**
   * Tries a write again until there is an answer. A refusal of a later attempt may be the work of an earlier one: then
   * the node tells.
   */
  async #repeat<T>(
    path: string,
    write: Repeatable,
    ask: Ask<T>,
    settled: (found: { stat: Stat } | null) => T,
    options: RunOptions,
  ): Promise<T> {
    let isDoubtful = false
    const attempt: Ask<() => T> = async (zk, call) => {
      try {
        const done = await ask(zk, call)
        return () => done
      } catch (error) {
        const code = keeperCode(error)
        if (isUncertain(code)) isDoubtful = true
        const isRefused = code === Code.NODEEXISTS || code === Code.BADVERSION || code === Code.NONODE
        if (!isDoubtful || !isRefused) throw error
        const found = await look(zk, path, call)
        switch (judge(write, code, found, zk.session.sessionId)) {
          case 'done':
            return () => settled(found)
          case 'refused':
            throw error
          case 'unknown':
            return () => {
              throw new KeeperError('CONNECTIONLOSS', `${write.type} ${path} may have happened`)
            }
        }
      }
    }
    return (await this.run(attempt, options))()
  }

  /** Until it has happened, or the client is closed. Nobody waits for it. */
  async #surely(ask: Ask<unknown>): Promise<void> {
    await this.run(ask, { retry: retryForever(1000) }).catch(() => {})
  }

  /** Says of 122 bits by chance that they are that (RFC 9562, version 4). */
  #newId(): string {
    const bytes = this.#world.random.bytes(16)
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const hex = [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
}

const luckSteps = 2 ** 20

/** Makes a node, and what is missing above it. Somebody may take that away again at any time; then once more. */
async function create(
  zk: ZooKeeper,
  path: string,
  data: Data,
  { parents, ...options }: SteadyCreateOptions,
  call: CallOptions,
): Promise<{ path: string; stat: Stat }> {
  for (;;) {
    try {
      return await zk.create(path, data, { ...options, ...call })
    } catch (error) {
      const parent = parentOf(path)
      if (keeperCode(error) !== Code.NONODE || parents === undefined || parent === '/') throw error
      await makePath(zk, parent, { ...call, container: parents === 'containers' })
    }
  }
}

/**
 * The names of a node's children, none where there is no node. The server that is asked may be another than the one that
 * was asked to make them, and behind it: hence the sync.
 */
async function namesIn(zk: ZooKeeper, parent: string, call: CallOptions): Promise<string[]> {
  await zk.sync(parent, call)
  try {
    return (await zk.children(parent, call)).children
  } catch (error) {
    if (keeperCode(error) !== Code.NONODE) throw error
    return []
  }
}

async function remove(zk: ZooKeeper, path: string, call: CallOptions): Promise<void> {
  try {
    await zk.delete(path, call)
  } catch (error) {
    if (keeperCode(error) !== Code.NONODE) throw error
  }
}

async function look(
  zk: ZooKeeper,
  path: string,
  call: CallOptions,
): Promise<(Found & { stat: Stat }) | null> {
  await zk.sync(path, call)
  try {
    const { data, stat } = await zk.get(path, call)
    return { data, stat, version: stat.version, owner: stat.ephemeralOwner }
  } catch (error) {
    if (keeperCode(error) !== Code.NONODE) throw error
    return null
  }
}
