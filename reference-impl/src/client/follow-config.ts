/**
 * A client that goes with its ensemble: when a reconfiguration has changed which servers there are, it takes the new list
 * for its own. Where there is one server alone, the ensemble has no description, and the list stays as it was given.
 * Source: Apache's reconfiguration guide, which leaves this to the program.
 */
import { Code, type KeeperError } from '../wire/errors.ts'
import type { Address } from '../world/world.ts'
import { hostText } from './hosts.ts'

/** What it needs of a client. */
interface Followed {
  config(options: { watch: () => void }): Promise<{ data: Uint8Array | null }>
  connected(): Promise<void>
  updateServers(servers: string): void
}

/** Goes on until the client is over. */
export function followConfig(client: Followed): void {
  const follow = async (): Promise<void> => {
    for (;;) {
      await client.connected()
      try {
        const { data } = await client.config({ watch: again })
        const servers = serversIn(new TextDecoder().decode(data ?? new Uint8Array(0)))
        if (servers.length > 0) client.updateServers(servers.map(hostText).join(','))
        return
      } catch (error) {
        // Whoever may not read it, or asks a server that has none, has nothing to follow.
        if ((error as KeeperError).code !== Code.CONNECTIONLOSS) return
      }
    }
  }
  const again = (): void => void follow().catch(() => {})
  again()
}

/** Where clients find the servers that a description names; one that does not say for which address it listens is at its host. */
export function serversIn(config: string): Address[] {
  return config.split('\n').flatMap(line => {
    const [, server, client = '', port] = /^server\.\d+=(.+?);(?:(.+):)?(\d+)$/.exec(line.trim()) ?? []
    if (server === undefined) return []
    const host = isAnywhere.test(client) ? /^\[[^\]]+\]|[^:|]+/.exec(server)![0] : client
    return [{ host: host.replace(/^\[|\]$/g, ''), port: Number(port) }]
  })
}

const isAnywhere = /^(0\.0\.0\.0|\[?::\]?|\[?0(:0){7}\]?)?$/
