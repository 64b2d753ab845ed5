/** The driver, over each world: what it promises to a machine. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { KeeperError } from '../../src/wire/errors.ts'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { type DriveOptions, type Driver, type DriverEvent, drive } from '../../src/world/driver.ts'
import type { Codec, Effect, Input, Link } from '../../src/world/machine.ts'
import type { Address, Connection, Done, World } from '../../src/world/world.ts'
import { type Ground, grounds } from './grounds.ts'

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)
const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

/** Messages are words in frames; the word `bad` is one that no honest peer sends. */
function wordCodec(): Codec<string, string> {
  const reader = frameReader(1 << 20)
  return {
    decode(chunk, deliver) {
      reader.push(chunk, payload => {
        const word = decoded(payload)
        if (word === 'bad') throw new KeeperError('MARSHALLINGERROR', 'a bad word')
        deliver(word)
      })
    },
    encode: word => frame(encoded(word)),
  }
}

for (const [name, makeGround] of Object.entries(grounds)) {
  describe(`a driver over ${name}`, () => {
    let ground: Ground
    let here: World
    let driver: Driver | null
    let inputs: Input<string>[]
    let events: DriverEvent[]
    let clients: Client[]

    beforeEach(() => {
      ground = makeGround()
      here = ground.here
      driver = null
      inputs = []
      events = []
      clients = []
    })
    afterEach(async () => {
      for (const client of clients) client.connection.destroy()
      if (driver !== null) await stop(driver)
      ground.dispose()
    })

    const wait = <T>(start: (resolve: (value: T) => void) => void): Promise<T> =>
      ground.until(new Promise<T>(start))
    const pass = (millis: number): Promise<void> => wait(resolve => here.clock.after(millis, resolve))
    const stop = (running: Driver): Promise<void> => wait(resolve => running.stop(resolve))
    async function eventually(holds: () => boolean, what: string): Promise<void> {
      for (let i = 0; i < 2000; i++) {
        if (holds()) return
        await pass(1)
      }
      expect.fail(`it never came about that ${what}; the machine was told ${JSON.stringify(told())}`)
    }

    /** Somebody who speaks to the machine from afar. */
    class Client {
      readonly words: string[] = []
      over: 'no' | 'closed' | 'failed' = 'no'
      opened = false
      readonly connection: Connection
      constructor(address: Address) {
        const reader = frameReader(1 << 24)
        this.connection = ground.afar.network.connect(
          { host: ground.hostname, port: address.port },
          {
            opened: () => {
              this.opened = true
            },
            data: chunk => reader.push(chunk, payload => this.words.push(decoded(payload))),
            closed: error => {
              this.over = error === undefined ? 'closed' : 'failed'
              this.connection.end()
            },
          },
        )
        clients.push(this)
      }
      say(...words: string[]): void {
        this.connection.write(Buffer.concat(words.map(word => frame(encoded(word)))))
      }
    }

    type Act = (input: Input<string>, out: Effect<string>[]) => void

    /** Starts a machine that notes its inputs and acts on them; answers with the address of its one port. */
    async function start(
      act: Act,
      options: Partial<DriveOptions<string, string>> = {},
      world = here,
    ): Promise<Address> {
      const result = await wait<Parameters<NonNullable<DriveOptions<string, string>['ready']>>[0]>(
        resolve => {
          driver = drive(world, {
            machine: {
              step(input, out) {
                inputs.push(input)
                act(input, out)
              },
            },
            tickEvery: 1000,
            listen: { client: { address: { host: '0.0.0.0', port: 0 }, codec: wordCodec } },
            report: event => events.push(event),
            ready: resolve,
            ...options,
          })
        },
      )
      if ('error' in result) throw result.error
      return result.addresses.client ?? { host: '', port: 0 }
    }

    const echo: Act = (input, out) => {
      if (input.type === 'message') out.push({ type: 'send', link: input.link, message: `${input.message}!` })
    }
    /** What the machine was told, without the ticks. */
    const told = (): string[] =>
      inputs.flatMap(input => {
        if (input.type === 'tick') return []
        return input.type === 'message' ? [input.message] : [input.type]
      })

    test('tells a machine of a link and its messages, and carries the answers back', async () => {
      const client = new Client(await start(echo))
      client.say('one', 'two')
      await eventually(() => client.words.length === 2, 'two words came back')
      expect(client.words).toEqual(['one!', 'two!'])
      expect(told()).toEqual(['connected', 'one', 'two'])
      const connected = inputs.find(input => input.type === 'connected')
      expect(connected).toMatchObject({ link: 1, port: 'client', remote: { host: expect.any(String) } })
    })

    test('ticks first, in whole milliseconds that grow, and before what comes later', async () => {
      const client = new Client(await start(echo))
      for (const word of ['one', 'two', 'three']) {
        await pass(3)
        client.say(word)
      }
      await eventually(() => client.words.length === 3, 'three words came back')
      expect(inputs[0]?.type).toBe('tick')
      const ticks = inputs.filter(input => input.type === 'tick')
      expect(ticks.every(({ now, wall }) => Number.isInteger(now) && Number.isInteger(wall))).toBe(true)
      const times = ticks.map(({ now }) => now)
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
      const second = inputs.findIndex(input => input.type === 'message' && input.message === 'two')
      expect(inputs[second - 1]?.type, 'time had passed, and the message came before the tick').toBe('tick')
    })

    test('ticks though nothing happens', async () => {
      await start(() => {}, { tickEvery: 5 })
      const started = here.clock.now()
      await eventually(() => inputs.length >= 6, 'six ticks came')
      // A busy machine ticks late, never early.
      expect(inputs.length).toBeLessThanOrEqual((here.clock.now() - started) / 5 + 2)
    })

    test('writes once a turn to each link, however much the machine sends', async () => {
      let writes = 0
      const counting: World = {
        ...here,
        network: {
          ...here.network,
          listen: (address, accept, ready) =>
            here.network.listen(
              address,
              connection => {
                const write = connection.write.bind(connection)
                connection.write = bytes => {
                  writes++
                  write(bytes)
                }
                return accept(connection)
              },
              ready,
            ),
        },
      }
      const address = await start(
        (input, out) => {
          if (input.type !== 'message') return
          for (let i = 0; i < 50; i++) out.push({ type: 'send', link: input.link, message: `${i}` })
        },
        {},
        counting,
      )
      const client = new Client(address)
      client.say('go')
      await eventually(() => client.words.length === 50, 'fifty words came back')
      expect(client.words).toEqual(Array.from({ length: 50 }, (_, i) => `${i}`))
      expect(writes).toBe(1)
    })

    test('closes a link after what was sent, tells nothing more of it, and forgets what had arrived', async () => {
      const client = new Client(
        await start((input, out) => {
          if (input.type !== 'message') return
          out.push({ type: 'send', link: input.link, message: 'x'.repeat(300_000) })
          out.push({ type: 'send', link: input.link, message: 'bye' })
          out.push({ type: 'close', link: input.link })
          out.push({ type: 'send', link: input.link, message: 'nobody hears this' })
        }),
      )
      client.say('close', 'unheard')
      await eventually(() => client.over !== 'no', 'the client heard the goodbye')
      await pass(5)
      expect(client.words.at(-1)).toBe('bye')
      expect(client.over).toBe('closed')
      expect(told()).toEqual(['connected', 'close'])
    })

    test('steps through what a peer sent before it left, and then says that the link broke', async () => {
      const client = new Client(await start(echo))
      client.say('one', 'two')
      client.connection.end()
      await eventually(() => told().includes('broken'), 'the link broke')
      expect(told()).toEqual(['connected', 'one', 'two', 'broken'])
      await eventually(() => client.over === 'closed', 'the driver said goodbye as well')
    })

    test('drops a link whose bytes make no sense, after what made sense, and no other link', async () => {
      const address = await start(echo)
      const honest = new Client(address)
      const liar = new Client(address)
      liar.say('good', 'bad', 'late')
      await eventually(() => told().includes('broken'), 'the link broke')
      honest.say('still here')
      await eventually(() => honest.words.length === 1, 'the other link went on')
      await eventually(() => liar.over !== 'no', 'the liar was told')
      expect(liar.words).toEqual(['good!'])
      expect(told().filter(word => word === 'good' || word === 'bad' || word === 'late')).toEqual(['good'])
      expect(inputs.find(input => input.type === 'broken')).toMatchObject({
        reason: 'MARSHALLINGERROR: a bad word',
      })
      expect(events).toMatchObject([
        { type: 'dropped', port: 'client', reason: 'MARSHALLINGERROR: a bad word' },
      ])
    })

    test('drops it however the bytes were cut', async () => {
      const liar = new Client(await start(echo))
      for (const word of ['good', 'bad', 'late'])
        for (const byte of frame(encoded(word))) {
          liar.connection.write(Uint8Array.of(byte))
          await pass(0)
        }
      await eventually(() => liar.over !== 'no', 'the liar was told')
      expect(liar.words).toEqual(['good!'])
      expect(told()).toEqual(['connected', 'good', 'broken'])
    })

    test('asks a codec that has thrown nothing more', async () => {
      let throws = 0
      const address = await start(() => {}, {
        listen: {
          client: {
            address: { host: '0.0.0.0', port: 0 },
            codec: () => ({
              decode() {
                throws++
                throw new KeeperError('MARSHALLINGERROR')
              },
              encode: encoded,
            }),
          },
        },
      })
      const liar = new Client(address)
      for (let i = 0; i < 5; i++) {
        liar.connection.write(Uint8Array.of(i))
        await pass(1)
      }
      await eventually(() => liar.over !== 'no', 'the liar was told')
      expect(throws).toBe(1)
    })

    test('answers an append without a log in the same turn', async () => {
      const client = new Client(
        await start((input, out) => {
          if (input.type === 'message') out.push({ type: 'append', record: encoded(input.message) })
          if (input.type === 'appended') out.push({ type: 'send', link: 1, message: `${input.count}` })
        }),
      )
      client.say('one', 'two', 'three')
      await eventually(() => client.words.includes('3'), 'three records were kept')
      const last = inputs.findLastIndex(input => input.type === 'message')
      expect(inputs.slice(last + 1).find(input => input.type !== 'appended')?.type ?? 'tick').toBe('tick')
    })

    test('lets one sync of the log answer for all that waits, and asks for one at a time', async () => {
      const records: string[] = []
      const syncs: { covers: number; done: Done }[] = []
      const client = new Client(
        await start(
          (input, out) => {
            if (input.type === 'message') out.push({ type: 'append', record: encoded(input.message) })
          },
          {
            log: {
              append: record => records.push(decoded(record)),
              sync: done => syncs.push({ covers: records.length, done }),
            },
          },
        ),
      )
      client.say('1')
      await eventually(() => syncs.length === 1, 'a sync was asked for')
      client.say('2', '3')
      await eventually(() => records.length === 3, 'three records were appended')
      await pass(5)
      expect(syncs).toMatchObject([{ covers: 1 }])
      expect(told()).not.toContain('appended')
      syncs[0]!.done()
      await eventually(() => syncs.length === 2, 'a second sync was asked for')
      expect(syncs[1]!.covers).toBe(3)
      syncs[1]!.done()
      await eventually(
        () => inputs.filter(({ type }) => type === 'appended').length === 2,
        'both were answered',
      )
      expect(inputs.filter(({ type }) => type === 'appended')).toEqual([
        { type: 'appended', count: 1 },
        { type: 'appended', count: 3 },
      ])
      expect(records).toEqual(['1', '2', '3'])
    })

    test('reads no more from a peer that does not take its answers, and goes on when it does', async () => {
      const long = 'x'.repeat(500_000)
      const client = new Client(
        await start(
          (input, out) => {
            if (input.type === 'message') out.push({ type: 'send', link: input.link, message: long })
          },
          { maxQueued: 100_000 },
        ),
      )
      const heard = (): number => inputs.filter(({ type }) => type === 'message').length
      await eventually(() => client.opened, 'the client is connected')
      client.connection.pause()
      for (let i = 0; i < 40; i++) {
        client.say('more')
        await pass(2)
      }
      expect(heard(), 'a peer that takes nothing was listened to').toBeLessThan(40)
      client.connection.resume()
      await eventually(() => client.words.length === 40, 'all answers came')
    })

    test('takes no more of what has arrived in one piece than its peer takes answers', async () => {
      const long = 'x'.repeat(500_000)
      const client = new Client(
        await start(
          (input, out) => {
            if (input.type === 'message')
              out.push({ type: 'send', link: input.link, message: `${input.message}${long}` })
          },
          { maxQueued: 20_000 },
        ),
      )
      const heard = (): number => inputs.filter(({ type }) => type === 'message').length
      await eventually(() => client.opened, 'the client is connected')
      client.connection.pause()
      const numbers = Array.from({ length: 40 }, (_, at) => String(at))
      client.connection.write(Buffer.concat(numbers.map(number => frame(encoded(number)))))
      await pass(20)
      expect(heard(), 'all was answered at once').toBeLessThan(40)
      client.connection.resume()
      await eventually(() => client.words.length === 40, 'all answers came')
      expect(client.words.map(word => word.replaceAll('x', ''))).toEqual(numbers)
    })

    test('hands over nothing of a paused link, not even that it broke, until it is resumed', async () => {
      const address = await start((input, out) => {
        if (input.type !== 'message') return
        if (input.message === 'pause') out.push({ type: 'pause', link: input.link })
        if (input.message === 'resume') out.push({ type: 'resume', link: 1 })
      })
      const client = new Client(address)
      const other = new Client(address)
      await eventually(() => told().length === 2, 'both are in')
      client.connection.write(Buffer.concat(['pause', 'one', 'two', 'bad'].map(word => frame(encoded(word)))))
      await eventually(() => events.length === 1, 'the bad word was found')
      await pass(5)
      expect(told()).toEqual(['connected', 'connected', 'pause'])
      other.say('resume')
      await eventually(() => told().includes('broken'), 'it went on')
      expect(told().slice(3)).toEqual(['resume', 'one', 'two', 'broken'])
    })

    test('drops a link whose peer does not read what it is sent', async () => {
      const address = await start(
        (input, out) => {
          if (input.type === 'message') out.push({ type: 'send', link: 1, message: 'x'.repeat(100_000) })
        },
        {
          listen: {
            client: { address: { host: '0.0.0.0', port: 0 }, codec: wordCodec, maxUnread: 1_000_000 },
          },
        },
      )
      const lazy = new Client(address)
      await eventually(() => told().length === 1, 'the lazy one is in')
      lazy.connection.pause()
      const busy = new Client(address)
      await eventually(() => told().length === 2, 'the busy one is in')
      for (let i = 0; i < 400 && events.length === 0; i++) {
        busy.say('tell the other')
        await pass(1)
      }
      expect(events).toMatchObject([
        {
          type: 'dropped',
          link: 1,
          reason: expect.stringMatching(/^it leaves \d+ bytes unread, where 1000000 are/),
        },
      ])
      await eventually(() => told().includes('broken'), 'the machine was told')
    })

    test('lets in as many as its port allows, in all and from one host, and again when one has left', async () => {
      const codec = wordCodec
      const address = await start(echo, {
        listen: {
          client: {
            address: { host: '0.0.0.0', port: 0 },
            codec,
            maxConnections: 3,
            maxConnectionsPerHost: 2,
          },
        },
      })
      const first = new Client(address)
      const second = new Client(address)
      await eventually(() => told().length === 2, 'two are in')
      const third = new Client(address)
      await eventually(() => third.over !== 'no', 'the third was sent away')
      expect(events).toMatchObject([
        { type: 'refused', port: 'client', reason: expect.stringContaining('limit of 2') },
      ])
      first.connection.end()
      await eventually(() => told().includes('broken'), 'the first has left')
      const fourth = new Client(address)
      fourth.say('hello')
      await eventually(() => fourth.words.length === 1, 'there was room again')
      second.say('me too')
      await eventually(() => second.words.length === 1, 'who was in stayed in')
    })

    test('hands a request to the machine in the next turn, and its replies to the program', async () => {
      const replies: string[] = []
      const words: string[] = []
      const asked = drive<string, string, string, string>(here, {
        machine: {
          step(input, out) {
            if (input.type === 'request') out.push({ type: 'reply', reply: `${input.request}!` })
          },
        },
        tickEvery: 1000,
        reply: reply => {
          replies.push(reply)
          if (reply === 'one!') asked.submit('three')
        },
      })
      asked.submit('one')
      asked.submit('two')
      words.push(...replies)
      await eventually(() => replies.length === 3, 'three replies came')
      expect(words, 'a request was answered inside the call that made it').toEqual([])
      expect(replies).toEqual(['one!', 'two!', 'three!'])
      await wait<void>(resolve => asked.stop(resolve))
      asked.submit('four')
      await pass(5)
      expect(replies, 'a stopped machine was asked').toHaveLength(3)
    })

    test('dials for the machine: a link of that port, or the reason why not', async () => {
      const heard: string[] = []
      const listener = await wait<{ address: Address }>(resolve => {
        here.network.listen(
          { host: '0.0.0.0', port: 0 },
          connection => {
            connection.write(frame(encoded('welcome')))
            const reader = frameReader(100)
            return {
              data: chunk => reader.push(chunk, payload => heard.push(decoded(payload))),
              closed: () => connection.end(),
            }
          },
          result => resolve(result as { address: Address }),
        )
      })
      const remote = { host: '127.0.0.1', port: listener.address.port }
      const nowhere = { host: '127.0.0.1', port: 1 }
      let dialled = false
      await start(
        (input, out) => {
          if (input.type === 'tick' && !dialled) {
            dialled = true
            out.push(
              { type: 'dial', port: 'quorum', remote },
              { type: 'dial', port: 'quorum', remote: nowhere },
            )
          }
          if (input.type === 'message') out.push({ type: 'send', link: input.link, message: 'thanks' })
        },
        { dial: { quorum: wordCodec } },
      )
      await eventually(() => heard.length > 0 && told().includes('unreachable'), 'both dials were answered')
      expect(heard).toEqual(['thanks'])
      expect(inputs.find(({ type }) => type === 'connected')).toMatchObject({ port: 'quorum', remote })
      expect(inputs.find(({ type }) => type === 'unreachable')).toMatchObject({
        port: 'quorum',
        remote: nowhere,
        reason: expect.stringContaining('ECONNREFUSED'),
      })
    })

    test('does not drop whom it has dialled, however much he has yet to read', async () => {
      const { address } = await wait<{ address: Address }>(resolve => {
        here.network.listen(
          { host: '0.0.0.0', port: 0 },
          connection => {
            connection.pause()
            return { data() {}, closed: () => connection.end() }
          },
          result => resolve(result as { address: Address }),
        )
      })
      const remote = { host: '127.0.0.1', port: address.port }
      // More than a client may leave unread, unless something else is said.
      const encode = (message: string) => new Uint8Array(message === 'much' ? 65 << 20 : 1)
      let isDialled = false
      let isSent = false
      await start(
        (input, out) => {
          if (!isDialled) out.push({ type: 'dial', port: 'quorum', remote })
          isDialled = true
          if (input.type !== 'connected') return
          isSent = true
          for (const message of ['much', 'more']) out.push({ type: 'send', link: input.link, message })
        },
        { dial: { quorum: () => ({ encode, decode() {} }) } },
      )
      await eventually(() => isSent, 'it was sent')
      await pass(5)
      expect([told(), events]).toEqual([['connected'], []])
    })

    test('waits no longer for a dial than the machine wants to', async () => {
      const address = await start(echo)
      const silent: World = {
        ...here,
        network: {
          ...here.network,
          connect: (remote, handler) =>
            here.network.connect(remote, {
              data: chunk => handler.data(chunk),
              closed: error => handler.closed(error),
            }),
        },
      }
      const heard: Input<string>[] = []
      const dialling = drive<string, string>(silent, {
        machine: {
          step(input, out) {
            if (heard.length === 0) out.push({ type: 'dial', port: 'client', remote: address, within: 20 })
            heard.push(input)
          },
        },
        tickEvery: 1000,
        dial: { client: wordCodec },
      })
      await eventually(() => heard.some(({ type }) => type === 'unreachable'), 'the dial was given up')
      expect(heard.find(({ type }) => type === 'unreachable')).toMatchObject({
        remote: address,
        reason: 'no answer within 20 ms',
      })
      await wait<void>(resolve => dialling.stop(resolve))
    })

    test('stops for good: no step follows, links end after what was sent, the port is free', async () => {
      const address = await start(echo, { tickEvery: 1 })
      const client = new Client(address)
      client.say('one')
      await eventually(() => client.words.length === 1, 'the client was answered')
      await stop(driver!)
      driver = null
      const steps = inputs.length
      await eventually(() => client.over === 'closed', 'the client heard the goodbye')
      await pass(10)
      expect(inputs.length).toBe(steps)
      const late = new Client(address)
      await eventually(() => late.over === 'failed', 'a late client was refused')
    })

    test('never steps when it is stopped before its first turn', async () => {
      const steps: string[] = []
      const stopped = drive(here, { machine: { step: ({ type }) => steps.push(type) }, tickEvery: 1 })
      await stop(stopped)
      await pass(10)
      expect(steps).toEqual([])
    })

    test('does not wait for ever for a peer that keeps its end open, when it stops', async () => {
      const address = await start(echo)
      const silent = new Client(address)
      await eventually(() => told().length === 1, 'the client is in')
      silent.connection.pause()
      await stop(driver!)
      driver = null
    })

    test('says which port could not be opened, and why', async () => {
      const address = await start(echo)
      const result = await wait<object>(resolve => {
        const second = drive(here, {
          machine: { step() {} },
          tickEvery: 1000,
          listen: { client: { address: { host: '0.0.0.0', port: address.port }, codec: wordCodec } },
          ready: answer => second.stop(() => resolve(answer)),
        })
      })
      expect(result).toMatchObject({ port: 'client', error: { code: 'EADDRINUSE' } })
    })

    test('never uses the number of a link twice', async () => {
      const links: Link[] = []
      const address = await start(input => {
        if (input.type === 'connected') links.push(input.link)
      })
      for (let i = 0; i < 5; i++) {
        const client = new Client(address)
        await eventually(() => links.length === i + 1, 'the client is in')
        client.connection.destroy()
      }
      expect(new Set(links).size).toBe(5)
    })
  })
}
