/** The ports that are read by browsers and by monitoring programs: the AdminServer and the page for Prometheus. */
import http from 'node:http'
import net from 'node:net'
import { TLSSocket } from 'node:tls'
import { prometheusText, prometheusType } from '../src/admin/prometheus.ts'
import { type PortKeys, tlsOfAdmin } from '../src/server/ports.ts'
import type { Settings } from '../src/server/settings.ts'
import { tlsDoor } from '../src/world/node/tls-door.ts'
import type { Address, Millis, Tls } from '../src/world/world.ts'
import { adminPort, type Beginning } from './admin.ts'
import type { Running } from './restore.ts'

export interface HttpPort {
  /** As an operator knows it, and the setting that it is chosen by. */
  name: string
  setting: string
  address: Address
  serve: http.RequestListener
  /** How long a connection may be idle. */
  idle?: Millis
  tls?: Omit<Tls, 'refused'>
  /** Told of each connection that has come without, where both are taken. */
  cameWithout?: () => void
}

/** The ports that the settings ask for. */
export function httpPorts(
  settings: Settings,
  running: Running,
  beginning: Beginning,
  /** Without any, nobody comes to the AdminServer by TLS. */
  keys: PortKeys | null,
): HttpPort[] {
  const ports: HttpPort[] = []
  if (settings.adminEnabled) {
    const address = { host: settings.adminAddress, port: settings.adminPort }
    const serve = adminPort(settings, running, beginning)
    const idle = settings.adminIdleTimeout
    const { counters } = running.machine.inspect().metrics
    const cameWithout = (): void => {
      counters.insecure_admin_count++
    }
    const tls = keys === null ? {} : { tls: tlsOfAdmin(settings, keys), cameWithout }
    ports.push({ name: 'AdminServer', setting: 'admin.serverPort', address, serve, idle, ...tls })
  }
  if (settings.prometheus) {
    const address = { host: settings.metricsHost, port: settings.metricsPort }
    const setting = 'metricsProvider.httpPort'
    ports.push({ name: 'metrics for Prometheus', setting, address, serve: metrics(running) })
  }
  return ports
}

/** `ready` is called once: with the address, or with the reason why there is none. */
export function listenHttp(
  { address, serve, idle, tls, cameWithout = () => {} }: HttpPort,
  ready: (result: { address: Address } | { error: NodeJS.ErrnoException }) => void,
  refused: Tls['refused'] = () => {},
): void {
  const pages = http.createServer(serve)
  if (idle !== undefined) {
    pages.keepAliveTimeout = idle
    // Who listens himself looks after those who send nothing; behind a door it takes this.
    if (tls !== undefined) pages.timeout = idle
  }
  const failed = (error: NodeJS.ErrnoException): void => ready({ error })
  let server: net.Server = pages
  try {
    if (tls !== undefined) server = behindDoor(pages, { ...tls, refused }, cameWithout)
  } catch (error) {
    failed(error as NodeJS.ErrnoException)
    return
  }
  server.once('error', failed)
  server.listen(address.port, address.host || undefined, () => {
    server.off('error', failed)
    const bound = server.address()
    const port = typeof bound === 'object' && bound !== null ? bound.port : address.port
    ready({ address: { ...address, port } })
  })
}

/** The same pages for those who have got through TLS. */
function behindDoor(pages: http.Server, tls: Tls, cameWithout: () => void): net.Server {
  const door = tlsDoor(tls, socket => {
    if (!(socket instanceof TLSSocket)) cameWithout()
    pages.emit('connection', socket)
  })
  return net.createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    door.knock(socket, { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 })
  })
}

function metrics(running: Running): http.RequestListener {
  return (request, response) => {
    if (!isGet(request, response)) return
    if (pathOf(request) !== '/metrics') {
      response
        .writeHead(404, { 'content-type': 'text/plain' })
        .end('Nothing is here. Metrics are at /metrics\n')
      return
    }
    response.writeHead(200, { 'content-type': prometheusType }).end(prometheusText(running.machine.inspect()))
  }
}

function isGet({ method }: http.IncomingMessage, response: http.ServerResponse): boolean {
  if (method === 'GET' || method === 'HEAD') return true
  response
    .writeHead(405, { allow: 'GET, HEAD', 'content-type': 'text/plain' })
    .end('Only GET is served here.\n')
  return false
}

function pathOf({ url = '/' }: http.IncomingMessage): string {
  return url.split('?')[0]!
}
