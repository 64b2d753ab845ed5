/** A server's start in a simulated world: no port is opened, no file of yours is touched, and no time is waited. */
import type { Settings } from '#lab/server/settings.ts'
import type { StartEvent } from '#lab/server/start.ts'
import type { SessionId } from '#lab/state/znode.ts'
import { folder } from '#lab/storage/files.ts'
import type { InputArchive, OutputArchive } from '#lab/wire/archive.ts'
import { frame, frameReader } from '#lab/wire/frames.ts'
import { juteReader, juteWriter } from '#lab/wire/jute.ts'
import { OpCode } from '#lab/wire/opcodes.ts'
import * as records from '#lab/wire/records.ts'
import { type Simulation, simulatedWorld } from '#lab/world/simulated/simulated-world.ts'
import type { Disk, World } from '#lab/world/world.ts'
import { type Beside, startBeside } from './start.inside.ts'

export type Files = Readonly<Record<string, Uint8Array>>

export interface SceneOptions {
  /** What lies in the server's folders when it starts. */
  files?: Files
  /** What lies in the dataLogDir; without this, there is none. */
  logs?: Files
  settings?: Partial<Settings>
  /** Stands between the server and its disk. */
  disk?(disk: Disk, world: World): Disk
  seed?: number
  /** When it starts. */
  from?: number
}

export interface Scene {
  simulation: Simulation
  /** What the server has told since it started, and what came of visits: `ready`, `failed while listening`, `purged …`. */
  told: string[]
  started: Beside
  /** Names in the dataDir, and in the dataLogDir if there is one. */
  names(): string[]
  /** Lets so much time pass. */
  pass(millis: number): void
  /** Lets things happen until the server has told something that begins so. */
  until(what: string): void
  visit(session?: Partial<records.ConnectRequest>): Visitor
  /** The power goes, and the server starts again from what its disks still have. */
  startAgain(): void
}

/** Somebody at the door of the server. */
export interface Visitor {
  /** `refused`: nobody listens there. `served`: has a session. `gone`: had a connection. */
  state: 'calling' | 'connected' | 'served' | 'refused' | 'gone'
  welcome: records.ConnectResponse | null
  get(path: string): string | number
  stat(path: string): records.Stat | number
  acl(path: string): records.ACL[] | number
  children(path: string): string[] | number
  /** `flags`: 1 ephemeral, 2 numbered. */
  create(path: string, flags?: number): string | number
  /** Sends a create and does not wait. */
  ask(path: string): void
  hangUp(): void
}

const port = 2181
const longEnough = 60_000

/** Starts a server. Throws what the start throws. */
export function startedOn(options: SceneOptions = {}): Scene {
  const simulation = simulatedWorld({ seed: options.seed ?? 7 })
  const filled = simulation.host('server').disk
  put(filled, options.files ?? {})
  if (options.logs !== undefined) put(simulation.host('disk of logs').disk, options.logs)
  while (simulation.step());
  if (options.from !== undefined) simulation.run(options.from)
  return play(simulation, options)
}

function put(disk: Disk, files: Files): void {
  for (const [name, bytes] of Object.entries(files)) {
    disk.append(`${folder}/${name}`, bytes, () => {})
    disk.sync(`${folder}/${name}`, () => {})
  }
}

/** A server on what the hosts of this world have on their disks. */
export function play(simulation: Simulation, options: SceneOptions = {}): Scene {
  const world: World = simulation.host('server')
  const between = options.disk ?? ((disk: Disk) => disk)
  const snapshots = between(world.disk, world)
  const logs = options.logs === undefined ? snapshots : between(simulation.host('disk of logs').disk, world)
  const told: string[] = []
  const started = startBeside(world, { snapshots, logs }, options.settings ?? {}, {
    report: event => told.push(inWords(event)),
    ready: (port, lastZxid) => told.push(`ready on ${port} with ${lastZxid}`),
    failed: (during, message) => told.push(`failed while ${during}: ${message}`),
  })
  let visitors = 0
  const scene: Scene = {
    simulation,
    told,
    started,
    names: () => [...snapshots.list(folder), ...(logs === snapshots ? [] : logs.list(folder))],
    pass: millis => simulation.run(simulation.now() + millis),
    until: what =>
      waitFor(simulation, () => told.some(line => line.startsWith(what)), `'${what}' to be told`, told),
    visit: request => visit(simulation, `visitor ${++visitors}`, request),
    startAgain() {
      simulation.crash('server')
      simulation.crash('disk of logs')
      Object.assign(scene, play(simulation, options))
    },
  }
  return scene
}

function inWords(event: StartEvent): string {
  switch (event.type) {
    case 'purged': {
      const { removed, error } = event
      const names = removed.map(path => path.slice(folder.length + 1))
      return error === undefined ? `purged ${names.join(' ')}` : `purged ${names.join(' ')} until it failed`
    }
    case 'passed over':
      return `passed over ${event.what}`
    case 'expired':
      return `expired ${event.session.toString(16)}`
    default:
      return event.type
  }
}

function visit(simulation: Simulation, name: string, request: Partial<records.ConnectRequest> = {}): Visitor {
  const replies: Uint8Array[] = []
  let xid = 0
  const reader = frameReader(1 << 20)
  const connection = simulation.host(name).network.connect(
    { host: 'server', port },
    {
      opened() {
        visitor.state = 'connected'
        send(out => records.writeConnectRequest(out, { ...newcomer, ...request }))
      },
      data: chunk => reader.push(chunk, payload => take(Uint8Array.from(payload))),
      closed() {
        visitor.state = visitor.state === 'calling' ? 'refused' : 'gone'
      },
    },
  )

  function send(write: (out: OutputArchive) => void): void {
    const out = juteWriter()
    write(out)
    connection.write(frame(out.bytes()))
  }

  function take(payload: Uint8Array): void {
    if (visitor.welcome !== null) {
      replies.push(payload)
      return
    }
    visitor.welcome = records.readConnectResponse(juteReader(payload))
    if (visitor.welcome.timeOut > 0) visitor.state = 'served'
  }

  function ask<T>(
    type: number,
    write: (out: OutputArchive) => void,
    read: (input: InputArchive) => T,
  ): T | number {
    waitFor(simulation, () => visitor.state === 'served', `${name} to be served`)
    send(out => {
      records.writeRequestHeader(out, { xid: ++xid, type })
      write(out)
    })
    waitFor(simulation, () => replies.length > 0, `an answer to ${name}`)
    const input = juteReader(replies.shift()!)
    const { err } = records.readReplyHeader(input)
    return err === 0 ? read(input) : err
  }

  const creating = (path: string, flags: number) => (out: OutputArchive) =>
    records.writeCreateRequest(out, { path, data: new Uint8Array(0), acl: everyone, flags })

  const visitor: Visitor = {
    state: 'calling',
    welcome: null,
    get: path =>
      ask(
        OpCode.getData,
        out => records.writeGetDataRequest(out, { path, watch: false }),
        input => new TextDecoder().decode(records.readGetDataResponse(input).data ?? new Uint8Array(0)),
      ),
    stat: path =>
      ask(
        OpCode.exists,
        out => records.writeExistsRequest(out, { path, watch: false }),
        input => records.readExistsResponse(input).stat,
      ),
    acl: path =>
      ask(
        OpCode.getACL,
        out => records.writeGetACLRequest(out, { path }),
        input => records.readGetACLResponse(input).acl,
      ),
    children: path =>
      ask(
        OpCode.getChildren,
        out => records.writeGetChildrenRequest(out, { path, watch: false }),
        input => records.readGetChildrenResponse(input).children.sort(),
      ),
    create: (path, flags = 0) =>
      ask(OpCode.create, creating(path, flags), input => records.readCreateResponse(input).path),
    ask: path =>
      send(out => {
        records.writeRequestHeader(out, { xid: ++xid, type: OpCode.create })
        creating(path, 0)(out)
      }),
    hangUp: () => connection.destroy(),
  }
  return visitor
}

const newcomer: records.ConnectRequest = {
  protocolVersion: 0,
  lastZxidSeen: 0n,
  timeOut: 10_000,
  sessionId: 0n,
  passwd: new Uint8Array(16),
  readOnly: false,
}

const everyone: records.ACL[] = [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }]

/** Lets things happen until it has happened. */
export function waitFor(
  simulation: Simulation,
  happened: () => boolean,
  what: string,
  told: readonly string[] = [],
): void {
  const deadline = simulation.now() + longEnough
  while (!happened()) {
    if (!simulation.step() || simulation.now() > deadline) {
      throw new Error(
        `waited ${longEnough / 1000} s of virtual time for ${what}, and it never came. Told so far: ${told.join(', ') || 'nothing'}`,
      )
    }
  }
}

/** What a start says when it refuses, `StorageError: …`; null when it does not. */
export function refusalOf(start: () => unknown): string | null {
  try {
    start()
    return null
  } catch (error) {
    const { name, message } = error as Error
    if (name !== 'StorageError') throw error
    return `${name}: ${message}`
  }
}

export function fromBase64(lines: readonly string[]): Uint8Array {
  return Uint8Array.from(Buffer.from(lines.join(''), 'base64'))
}

export const sessionName = (id: SessionId): string => BigInt.asUintN(64, id).toString(16)

/** For the second argument of `expect`: what was done, the rule, and where the chapter tells it. */
export function because(steps: string, rule: string, section: string): string {
  return `\n    ${steps.replaceAll('\n', '\n    ')}\n  ${rule} (chapter 07, "${section}")\n`
}
