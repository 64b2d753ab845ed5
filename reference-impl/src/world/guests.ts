/** How many have come in by each port, and from each host: so that there are not more of them than there may be. */
interface Limits {
  /** In all, and from one host. 0: any number. */
  maxConnections?: number
  maxConnectionsPerHost?: number
}

interface Guests {
  /** Why one more from `host` is too many; null when it is not. */
  tooMany(port: string, limits: Limits, host: string): string | null
  /** One has come, or gone. */
  count(port: string, host: string, change: 1 | -1): void
}

export function guests(): Guests {
  /** By port, and by port and host. */
  const counts = new Map<string, number>()
  return {
    tooMany(port, { maxConnections = 0, maxConnectionsPerHost = 0 }, host) {
      if (maxConnections > 0 && (counts.get(port) ?? 0) >= maxConnections) {
        return `the limit of ${maxConnections} in all is reached`
      }
      if (maxConnectionsPerHost > 0 && (counts.get(`${port} ${host}`) ?? 0) >= maxConnectionsPerHost) {
        return `the limit of ${maxConnectionsPerHost} for ${host} is reached`
      }
      return null
    },
    count(port, host, change) {
      for (const key of [port, `${port} ${host}`]) {
        const count = (counts.get(key) ?? 0) + change
        if (count === 0) counts.delete(key)
        else counts.set(key, count)
      }
    },
  }
}
