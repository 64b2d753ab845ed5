/** Where a server with these settings listens for clients. */
import type { ClientMessage } from '../wire/words.ts'
import type { Port } from '../world/driver.ts'
import { clientCodec, type ServerMessage } from './connection.ts'
import type { Settings } from './settings.ts'

export function portsOf(settings: Settings): Record<string, Port<ClientMessage, ServerMessage>> {
  return {
    client: {
      address: { host: settings.clientPortAddress, port: settings.clientPort },
      codec: () => clientCodec(settings.maxBuffer),
      maxConnections: settings.maxCnxns,
      maxConnectionsPerHost: settings.maxClientCnxns,
      maxUnread: settings.maxUnread,
    },
  }
}
