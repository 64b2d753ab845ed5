/** The network over node:net. */
import { randomInt } from 'node:crypto'
import dns, { type LookupAddress } from 'node:dns'
import net from 'node:net'
import type {
  Address,
  ClientTls,
  Connection,
  ConnectionHandler,
  Listener,
  Network,
  Place,
  Tls,
} from '../world.ts'
import { type Door, tlsDoor, tlsSocket } from './tls-door.ts'

export const nodeNetwork: Network = { listen, connect }

/** How long a peer that does not answer our goodbye may keep the socket: long enough to read what we sent last. */
const lingerMillis = 2000

function listen(
  address: Place,
  accept: (connection: Connection) => ConnectionHandler,
  ready: (result: { address: Address } | { error: Error }) => void,
  tls?: Tls,
): Listener {
  const enter = (socket: net.Socket, remote: Address, certificate?: Uint8Array): void => {
    const connection = new NodeConnection(socket, remote, certificate)
    connection.serve(accept(connection))
  }
  let door: Door | null = null
  try {
    if (tls !== undefined) door = tlsDoor(tls, enter)
  } catch (error) {
    setImmediate(() => ready({ error: error as Error }))
    return { close: done => done !== undefined && setImmediate(done) }
  }
  // Half-open: a peer may send its last request, say goodbye and wait for the reply (`echo ruok | nc host 2181`).
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: address.keepAlive === true }
  const server = net.createServer(options, socket => {
    const remote = { host: bare(socket.remoteAddress), port: socket.remotePort ?? 0 }
    if (door === null) enter(socket, remote)
    else door.knock(socket, remote)
  })
  server.once('error', error => ready({ error }))
  server.listen({ host: address.host, port: address.port, backlog: address.backlog || 1024 }, () => {
    const bound = server.address() as net.AddressInfo
    ready({ address: { host: bound.address, port: bound.port } })
  })
  return {
    close(done) {
      // Node's own callback waits until the last connection has ended; the port is free before that.
      server.close()
      door?.close()
      if (done !== undefined) setImmediate(done)
    },
  }
}

function connect(address: Address, handler: ConnectionHandler, tls?: ClientTls): Connection {
  const { host, port } = address
  const [socket, opened] =
    tls === undefined
      ? [net.connect({ host, port, lookup: lookUp, allowHalfOpen: true, noDelay: true }), 'connect']
      : [tlsSocket(address, tls, lookUp), 'secureConnect']
  const connection = new NodeConnection(socket, address)
  socket.once(opened, () => handler.opened?.())
  connection.serve(handler)
  return connection
}

/**
 * The addresses of a name in an order of chance; who connects tries one after another. The system sorts them alike for all,
 * and of several servers behind one name the first would have all clients.
 */
export const lookUp: net.LookupFunction = (name, options, found) => {
  dns.lookup(name, { ...options, all: true }, (error, addresses) => {
    const order = (addresses ?? [])
      .map(address => ({ address, lot: randomInt(1 << 30) }))
      .sort((one, other) => one.lot - other.lot)
      .map(({ address }): LookupAddress => address)
    const [first = { address: '', family: 0 }] = order
    if (error === null && options.all !== true) found(null, first.address, first.family)
    else found(error, order)
  })
}

class NodeConnection implements Connection {
  readonly remote: Address
  readonly certificate?: Uint8Array
  readonly #socket: net.Socket
  /** `ending`: we said goodbye and listen only for the peer's. */
  #state: 'open' | 'ending' | 'closed' = 'open'

  #written: () => void = () => {}

  constructor(socket: net.Socket, remote: Address, certificate?: Uint8Array) {
    this.#socket = socket
    this.remote = remote
    if (certificate !== undefined) this.certificate = certificate
  }

  serve(handler: ConnectionHandler): void {
    const socket = this.#socket
    let failure: Error | undefined
    const closed = (): void => {
      if (this.#state === 'closed') return
      const weEnded = this.#state === 'ending'
      this.#state = 'closed'
      if (weEnded) handler.closed()
      else handler.closed(failure)
    }
    socket.on('data', chunk => {
      if (this.#state === 'open') handler.data(chunk)
    })
    this.#written = () => {
      if (this.#state === 'open' && socket.writableLength === 0) handler.drained?.()
    }
    socket.on('error', error => {
      failure = error.name === 'AggregateError' ? ofAll(error as AggregateError) : error
    })
    socket.on('end', closed)
    socket.on('close', closed)
  }

  write(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes, this.#written)
  }

  queued(): number {
    return this.#socket.writableLength
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  end(): void {
    const socket = this.#socket
    if (this.#state === 'open') this.#state = 'ending'
    // To close a socket that still has unread bytes resets it, and the peer may lose what we sent last. So read on.
    socket.resume()
    socket.end(() => {
      if (socket.readableEnded) return void socket.destroy()
      const timer = setTimeout(() => socket.destroy(), lingerMillis)
      socket.once('end', () => socket.destroy())
      socket.once('close', () => clearTimeout(timer))
    })
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** Where a name has several addresses, each has its own reason why it cannot be reached. */
function ofAll({ errors }: AggregateError): Error {
  return new Error(errors.map(({ message }: Error) => message).join(', '), { cause: errors[0] })
}

/** `127.0.0.1` for the `::ffff:127.0.0.1` of a socket that listens on both kinds of address. */
function bare(host: string | undefined): string {
  return host?.replace(/^::ffff:(?=\d+\.)/, '') ?? ''
}
