/**
 * A whole server with the code under test in it, as its clients meet it: bytes go in, bytes come out, time passes. The
 * grader runs this file where the student's code runs: there the server is the student's process, and the tests in
 * the judge are its clients, on the other end of a pipe. Nothing is expected here, so nothing here is worth reading.
 *
 * The world is simulated: no port is opened, no time is waited, and every run is the same.
 */
import { answerWord } from '#lab/admin/four-letter.ts'
import { parseConfig } from '#lab/server/config.ts'
import { clientCodec } from '#lab/server/connection.ts'
import { standaloneMachine } from '#lab/server/standalone-machine.ts'
import { drive } from '#lab/world/driver.ts'
import { simulatedWorld } from '#lab/world/simulated/simulated-world.ts'
import type { Connection } from '#lab/world/world.ts'

/** What one client has noticed; of `heard`, the bytes. */
export type News = readonly [client: number, what: 'connected' | 'heard' | 'closed', bytes: Uint8Array | null]

/** Everything but time takes no time: what is written arrives during a `wait`. */
export interface Wire {
  /** A client is a number; it is told when it is connected. The server knows it by the name of its host. */
  connect(host: string): number
  write(client: number, bytes: Uint8Array): void
  /** Says goodbye, after what was written. */
  end(client: number): void
  /** Is gone without a word. */
  hangUp(client: number): void
  /** Lets `most` milliseconds pass, or fewer: not longer than until some client notices something. */
  waitForNews(most: number): readonly [now: number, news: News[]]
  /** Lets so many milliseconds pass. */
  wait(millis: number): readonly [now: number, news: News[]]
  /** What the server has told its operator of connections that it dropped or refused. */
  reports(): string[]
}

/** `seed`: how the network delays, cuts and joins what is said. */
export function startServer(cfg: string, seed: number): Wire {
  const simulation = simulatedWorld({ seed })
  const config = parseConfig(`dataDir=/data\nclientPort=2181\n${cfg}`)
  if ('errors' in config) throw new Error(config.errors.map(({ text }) => text).join('\n'))
  const { settings } = config
  const reports: string[] = []
  drive(simulation.host('server'), {
    machine: standaloneMachine({ settings, answerWord }),
    tickEvery: 1000,
    listen: {
      client: { address: { host: '0.0.0.0', port: 2181 }, codec: () => clientCodec(settings.maxBuffer) },
    },
    report: ({ type, port }) => reports.push(`${type}: ${port}`),
  })

  const connections: Connection[] = []
  let news: News[] = []
  const told = (): readonly [number, News[]] => {
    const all = news
    news = []
    return [simulation.now(), all]
  }
  return {
    connect(host) {
      const client = connections.length
      const connection = simulation.host(host).network.connect(
        { host: 'server', port: 2181 },
        {
          opened: () => news.push([client, 'connected', null]),
          data: chunk => news.push([client, 'heard', chunk]),
          closed: () => {
            news.push([client, 'closed', null])
            connection.end()
          },
        },
      )
      connections.push(connection)
      return client
    },
    write(client, bytes) {
      connections[client]!.write(bytes)
    },
    end(client) {
      connections[client]!.end()
    },
    hangUp(client) {
      connections[client]!.destroy()
    },
    waitForNews(most) {
      const end = simulation.now() + most
      while (news.length === 0 && simulation.now() < end && simulation.step()) {}
      return told()
    },
    wait(millis) {
      simulation.run(simulation.now() + millis)
      return told()
    },
    reports: () => reports.splice(0),
  }
}
