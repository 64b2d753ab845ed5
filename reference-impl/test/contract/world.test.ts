/** Every promise of world.ts, held against every world. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Address, Connection, ConnectionHandler, Disk, Listener, World } from '../../src/world/world.ts'
import { type Ground, grounds } from './grounds.ts'

for (const [name, makeGround] of Object.entries(grounds)) {
  describe(name, () => {
    let ground: Ground
    let here: World
    beforeEach(() => {
      ground = makeGround()
      here = ground.here
    })
    afterEach(() => ground.dispose())

    /** Waits until `start` has called its argument. */
    function wait<T>(
      start: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
    ): Promise<T> {
      return ground.until(new Promise<T>(start))
    }
    const pass = (millis: number): Promise<void> => wait(resolve => here.clock.after(millis, resolve))

    describe('the clock', () => {
      test('only ever grows', async () => {
        const before = here.clock.now()
        await pass(5)
        expect(here.clock.now()).toBeGreaterThanOrEqual(before + 5)
      })

      test('shows the time of people, too', async () => {
        const before = here.clock.wall()
        await pass(5)
        expect(before).toBeGreaterThan(Date.UTC(2020, 0, 1))
        expect(here.clock.wall()).toBeGreaterThan(before)
      })

      test('never fires a timer early, and fires the sooner one first', async () => {
        const started = here.clock.now()
        const fired: { asked: number; after: number }[] = []
        await wait<void>(resolve => {
          for (const asked of [12, 1, 7, 0, 3.5]) {
            here.clock.after(asked, () => {
              fired.push({ asked, after: here.clock.now() - started })
              if (fired.length === 5) resolve()
            })
          }
        })
        expect(fired.filter(({ asked, after }) => after < asked)).toEqual([])
        expect(fired.map(({ asked }) => asked).slice(-3)).toEqual([3.5, 7, 12])
      })

      test('fires no timer that was cancelled, even by the one before it', async () => {
        const fired: string[] = []
        const first = here.clock.after(1, () => fired.push('cancelled at once'))
        first.cancel()
        const later = here.clock.after(5, () => fired.push('cancelled later'))
        here.clock.after(1, () => later.cancel())
        await pass(10)
        expect(fired).toEqual([])
      })

      test('keeps the order of soon, and never fires inside the call', async () => {
        const fired: number[] = []
        for (const i of [1, 2, 3]) here.clock.soon(() => fired.push(i))
        expect(fired).toEqual([])
        await pass(1)
        expect(fired).toEqual([1, 2, 3])
      })
    })

    describe('chance', () => {
      test('throws every number of the dice, and no other', () => {
        const thrown = new Set(Array.from({ length: 500 }, () => here.random.below(6)))
        expect([...thrown].sort()).toEqual([0, 1, 2, 3, 4, 5])
        expect(here.random.below(1)).toBe(0)
      })

      test('gives as many bytes as asked for, and others the next time', () => {
        expect(here.random.bytes(0).length).toBe(0)
        const bytes = here.random.bytes(16)
        expect(bytes.length).toBe(16)
        expect(here.random.bytes(16)).not.toEqual(bytes)
      })
    })

    describe('the network', () => {
      const open: Connection[] = []
      const listeners: Listener[] = []
      afterEach(() => {
        for (const connection of open.splice(0)) connection.destroy()
        for (const listener of listeners.splice(0)) listener.close()
      })

      /** One side of a connection, and all that it has been told. */
      class Side implements ConnectionHandler {
        readonly calls: string[] = []
        readonly chunks: { chunk: Uint8Array; asItCame: Uint8Array }[] = []
        connection!: Connection
        readonly #waiting: { ready: () => boolean; resolve: () => void }[] = []
        opened(): void {
          this.#note('opened')
        }
        data(chunk: Uint8Array): void {
          this.chunks.push({ chunk, asItCame: chunk.slice() })
          this.#note('data')
        }
        drained(): void {
          expect(this.connection.queued(), 'bytes queued when the connection was drained').toBe(0)
          this.#note('drained')
        }
        closed(error?: Error): void {
          this.#note(error === undefined ? 'closed' : 'failed')
        }
        received(): Buffer {
          return Buffer.concat(this.chunks.map(({ chunk }) => chunk))
        }
        over(): boolean {
          return this.calls.includes('closed') || this.calls.includes('failed')
        }
        when(ready: () => boolean): Promise<void> {
          return wait(resolve => {
            if (ready()) resolve()
            else this.#waiting.push({ ready, resolve })
          })
        }
        #note(call: string): void {
          expect(busy, `${call} came from inside the call that caused it`).toBe(false)
          this.calls.push(call)
          for (const { ready, resolve } of this.#waiting) if (ready()) resolve()
        }
      }

      /** Set while the test is inside a call to the world. */
      let busy = false
      function during<T>(call: () => T): T {
        busy = true
        try {
          return call()
        } finally {
          busy = false
        }
      }

      function listen(
        address: Address,
        accept: (connection: Connection) => ConnectionHandler,
      ): Promise<{ address: Address } | { error: Error }> {
        return wait(resolve =>
          during(() =>
            listeners.push(
              here.network.listen(address, accept, result => {
                expect(busy).toBe(false)
                resolve(result)
              }),
            ),
          ),
        )
      }

      async function port(accept: (connection: Connection) => ConnectionHandler): Promise<Address> {
        const result = await listen({ host: '0.0.0.0', port: 0 }, accept)
        if ('error' in result) throw result.error
        return { host: ground.hostname, port: result.address.port }
      }

      function dial(address: Address): Side {
        const side = new Side()
        side.connection = during(() => ground.afar.network.connect(address, side))
        open.push(side.connection)
        return side
      }

      /** Two sides that have met. */
      async function pair(): Promise<{ client: Side; server: Side; address: Address }> {
        const server = new Side()
        const address = await port(connection => {
          server.connection = connection
          open.push(connection)
          return server
        })
        const client = dial(address)
        await client.when(() => client.calls.length > 0)
        expect(client.calls).toEqual(['opened'])
        // The server may learn of the connection a moment later than the client.
        while (server.connection === undefined) await pass(1)
        return { client, server, address }
      }

      test('finds a free port for who asks for 0, and tells both sides who the other is', async () => {
        const { client, server, address } = await pair()
        expect(address.port).toBeGreaterThan(0)
        expect(client.connection.remote).toEqual(address)
        expect(server.connection.remote.port).toBeGreaterThan(0)
        expect(server.connection.remote.host).not.toBe('')
      })

      test('refuses a port that is in use, and says so', async () => {
        const first = await listen({ host: '127.0.0.1', port: 0 }, () => new Side())
        const taken = (first as { address: Address }).address
        const second = await listen(taken, () => new Side())
        expect((second as { error: { code?: string } }).error.code).toBe('EADDRINUSE')
      })

      test('lets a port go when its listener is closed, and the connections through it stand', async () => {
        const { client, server, address } = await pair()
        await wait<void>(resolve => listeners[0]!.close(resolve))
        const again = await listen({ host: '0.0.0.0', port: address.port }, () => new Side())
        expect('error' in again).toBe(false)
        client.connection.write(Buffer.from('still here'))
        await server.when(() => server.received().toString() === 'still here')
      })

      test('tells who calls where nobody listens that it failed, and never that it opened', async () => {
        const address = await port(() => new Side())
        await wait<void>(resolve => listeners[0]!.close(resolve))
        const client = dial(address)
        await client.when(() => client.over())
        await pass(5)
        expect(client.calls).toEqual(['failed'])
      })

      test('carries bytes both ways in order, whatever the chunks', async () => {
        const { client, server } = await pair()
        const there: Buffer[] = []
        const back: Buffer[] = []
        for (let i = 0; i < 200; i++) {
          there.push(Buffer.alloc((i * 37) % 1500, i))
          back.push(Buffer.alloc((i * 53) % 700, i + 1))
          during(() => client.connection.write(there.at(-1)!))
          during(() => server.connection.write(back.at(-1)!))
          if (i % 20 === 0) await pass(1)
        }
        await server.when(() => server.received().equals(Buffer.concat(there)))
        await client.when(() => client.received().equals(Buffer.concat(back)))
      })

      test('gives each chunk away: nothing changes it later', async () => {
        const { client, server } = await pair()
        for (let i = 0; i < 50; i++) {
          client.connection.write(Buffer.alloc(100, i))
          if (i % 5 === 0) await pass(1)
        }
        await server.when(() => server.received().length === 5000)
        for (const { chunk, asItCame } of server.chunks) expect(chunk).toEqual(asItCame)
      })

      test('sends what is queued before it says goodbye', async () => {
        const { client, server } = await pair()
        const sent = Buffer.alloc(3_000_000, 'zxid')
        during(() => client.connection.write(sent))
        during(() => client.connection.end())
        await server.when(() => server.over())
        expect(server.calls.at(-1)).toBe('closed')
        expect(server.received().equals(sent)).toBe(true)
      })

      test('lets one write to a peer that has said goodbye, and end the connection in peace', async () => {
        const { client, server } = await pair()
        server.connection.write(Buffer.from('bye'))
        server.connection.end()
        await client.when(() => client.over())
        during(() => client.connection.write(Buffer.from('farewell')))
        during(() => client.connection.end())
        await server.when(() => server.over())
        expect(client.calls.at(-1)).toBe('closed')
        expect(server.calls).toEqual(['closed'])
      })

      test('ends a connection that both sides have ended, and calls closed once for each', async () => {
        const { client, server } = await pair()
        client.connection.end()
        await server.when(() => server.over())
        server.connection.end()
        await client.when(() => client.over())
        await pass(20)
        expect(client.calls).toEqual(['opened', 'closed'])
        expect(server.calls).toEqual(['closed'])
      })

      test('calls closed once for who hears a goodbye and then destroys the connection', async () => {
        const { client, server } = await pair()
        client.connection.end()
        await server.when(() => server.over())
        during(() => server.connection.destroy())
        await client.when(() => client.over())
        await pass(20)
        expect(server.calls).toEqual(['closed'])
        expect(client.calls).toEqual(['opened', 'closed'])
      })

      test('does not wait for ever for a peer that never answers a goodbye', async () => {
        const { client } = await pair()
        client.connection.end()
        await client.when(() => client.over())
        expect(client.calls).toEqual(['opened', 'closed'])
      })

      test('gives nothing to who has ended, and takes nothing from it', async () => {
        const { client, server } = await pair()
        client.connection.end()
        client.connection.write(Buffer.from('too late'))
        server.connection.write(Buffer.from('unheard'))
        await server.when(() => server.over())
        server.connection.end()
        await client.when(() => client.over())
        expect(client.calls).not.toContain('data')
        expect(server.received().length).toBe(0)
      })

      test('tells the other side of a connection that was destroyed, and the own side once', async () => {
        const { client, server } = await pair()
        during(() => client.connection.destroy())
        await server.when(() => server.over())
        await client.when(() => client.over())
        server.connection.end()
        await pass(20)
        expect(client.calls).toEqual(['opened', 'closed'])
        expect(server.calls.filter(call => call !== 'data')).toHaveLength(1)
      })

      test('forgets a call that was given up before it was answered', async () => {
        const address = await port(() => new Side())
        const client = dial(address)
        during(() => client.connection.destroy())
        await client.when(() => client.over())
        await pass(5)
        expect(client.calls).toEqual(['closed'])
      })

      test('holds back what a paused side does not read, and goes on when it resumes', async () => {
        const { client, server } = await pair()
        during(() => server.connection.pause())
        const sent = Buffer.alloc(16_000_000, 'x')
        for (let at = 0; at < sent.length; at += 1_000_000) {
          during(() => client.connection.write(sent.subarray(at, at + 1_000_000)))
        }
        await pass(20)
        expect(server.calls).not.toContain('data')
        expect(client.connection.queued()).toBeGreaterThan(0)
        expect(client.calls).not.toContain('drained')
        during(() => server.connection.resume())
        await server.when(
          () => server.chunks.reduce((sum, { chunk }) => sum + chunk.length, 0) === sent.length,
        )
        await client.when(() => client.calls.includes('drained'))
        expect(client.connection.queued()).toBe(0)
      })
    })

    describe('the disk', () => {
      let disk: Disk
      beforeEach(() => {
        disk = here.disk
      })
      const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
      const content = (path: string, from: Disk = disk): string | null => {
        const read = from.read(path)
        return read === null ? null : new TextDecoder().decode(read)
      }
      /** Waits for one operation; answers with its error, if any. */
      function done(start: (done: (error?: Error) => void) => void): Promise<Error | undefined> {
        return wait(resolve => {
          let inside = true
          start(error => {
            expect(inside, 'done was called from inside the call').toBe(false)
            resolve(error)
          })
          inside = false
        })
      }

      test('knows nothing of what was never written', () => {
        expect(disk.list('version-2')).toEqual([])
        expect(disk.size('version-2/log.1')).toBe(null)
        expect(disk.read('version-2/log.1')).toBe(null)
      })

      test('makes the file and its folders with the first append, and appends to the end', async () => {
        expect(await done(done => disk.append('a/b/log.1', bytes('one '), done))).toBeUndefined()
        expect(await done(done => disk.append('a/b/log.1', bytes('two'), done))).toBeUndefined()
        expect(content('a/b/log.1')).toBe('one two')
        expect(disk.size('a/b/log.1')).toBe(7)
        expect(disk.list('a')).toEqual(['b'])
      })

      test('reads any part of a file, and what there is of it past the end', async () => {
        await done(done => disk.append('log', bytes('0123456789'), done))
        const part = (offset: number, length?: number): string =>
          new TextDecoder().decode(disk.read('log', offset, length) as Uint8Array)
        expect(part(3, 4)).toBe('3456')
        expect(part(8, 4)).toBe('89')
        expect(part(6)).toBe('6789')
        expect(part(12, 4)).toBe('')
        for (const room of [new Uint8Array(3), new Uint8Array(20)]) {
          expect(disk.read('log', 3, 4, room)).toEqual(bytes('3456'))
          expect(disk.read('log', 8, 4, room)).toEqual(bytes('89'))
        }
      })

      test('lists a folder sorted', async () => {
        for (const file of ['v/log.2', 'v/log.10', 'v/log.1', 'w/x']) {
          await done(done => disk.append(file, bytes('x'), done))
        }
        expect(disk.list('v')).toEqual(['log.1', 'log.10', 'log.2'])
        expect(disk.list('')).toEqual(['v', 'w'])
      })

      test('answers in the order of the calls on one file', async () => {
        const answers: number[] = []
        await wait<void>(resolve => {
          for (let i = 0; i < 20; i++) {
            disk.append('log', bytes(`${i} `), () => answers.push(i * 2))
            disk.sync('log', () => {
              answers.push(i * 2 + 1)
              if (i === 19) resolve()
            })
          }
        })
        expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => i))
        expect(content('log')).toBe(Array.from({ length: 20 }, (_, i) => `${i} `).join(''))
      })

      test('writes at a place: over what is there, and zeros where nothing was', async () => {
        expect(await done(done => disk.write('log', 4, bytes('end'), done))).toBeUndefined()
        expect(content('log')).toBe('\0\0\0\0end')
        await done(done => disk.write('log', 0, bytes('the'), done))
        expect(content('log')).toBe('the\0end')
        await done(done => disk.append('log', bytes('!'), done))
        expect(content('log')).toBe('the\0end!')
      })

      test('answers writes, appends and syncs of one file in the order of the calls, never from inside a call', async () => {
        const answers: number[] = []
        const last = done(last => {
          for (let i = 0; i < 40; i += 4) {
            disk.write('log', i, bytes('abc'), () => answers.push(i))
            disk.write('log', i + 3, bytes('d'), () => answers.push(i + 1))
            disk.sync('log', () => answers.push(i + 2))
            disk.write('log', i, bytes('A'), error => {
              answers.push(i + 3)
              if (i === 36) last(error)
            })
          }
          expect(answers).toEqual([])
        })
        await last
        expect(answers).toEqual(Array.from({ length: 40 }, (_, i) => i))
        expect(content('log')).toBe('Abcd'.repeat(10))
      })

      test('puts a file in place of an older one, whatever was open', async () => {
        await done(done => disk.append('epoch', bytes('a long first version'), done))
        expect(await done(done => disk.replace('epoch', bytes('2'), done))).toBeUndefined()
        expect(content('epoch')).toBe('2')
        await done(done => disk.append('epoch', bytes('!'), done))
        expect(content('epoch')).toBe('2!')
        expect(disk.list('')).toEqual(['epoch'])
      })

      test('makes the folders of a replaced file, too', async () => {
        expect(await done(done => disk.replace('deep/down/file', bytes('x'), done))).toBeUndefined()
        expect(content('deep/down/file')).toBe('x')
      })

      test('cuts a file, and appends where it was cut', async () => {
        await done(done => disk.append('log', bytes('keep and lose'), done))
        expect(await done(done => disk.truncate('log', 5, done))).toBeUndefined()
        await done(done => disk.append('log', bytes('more'), done))
        expect(content('log')).toBe('keep more')
      })

      test('cannot cut a file that is not there, and says so', async () => {
        const error = await done(done => disk.truncate('log', 5, done))
        expect((error as { code?: string }).code).toBe('ENOENT')
      })

      test('removes a file; what is not there is removed already', async () => {
        await done(done => disk.append('log', bytes('x'), done))
        expect(await done(done => disk.remove('log', done))).toBeUndefined()
        expect(content('log')).toBe(null)
        expect(await done(done => disk.remove('log', done))).toBeUndefined()
        expect(await done(done => disk.remove('no/such/file', done))).toBeUndefined()
      })

      test('keeps what was synced, replaced or cut through a loss of power', async () => {
        await done(done => disk.append('v/log', bytes('promised'), done))
        await done(done => disk.sync('v/log', done))
        await done(done => disk.replace('v/epoch', bytes('7'), done))
        await done(done => disk.write('v/room', 9999, bytes('\0'), done))
        await done(done => disk.write('v/room', 0, bytes('promised, too'), done))
        await done(done => disk.sync('v/room', done))
        await done(done => disk.append('v/cut', bytes('0123456789'), done))
        await done(done => disk.truncate('v/cut', 4, done))
        await done(done => disk.append('v/gone', bytes('x'), done))
        await done(done => disk.remove('v/gone', done))
        const after = ground.restart().disk
        expect(content('v/log', after)).toBe('promised')
        expect(content('v/room', after)).toBe('promised, too'.padEnd(10_000, '\0'))
        expect(content('v/epoch', after)).toBe('7')
        expect(content('v/cut', after)).toBe('0123')
        expect(content('v/gone', after)).toBe(null)
      })

      test('keeps the order on each of many files that are written at once', async () => {
        const names = Array.from({ length: 30 }, (_, i) => `at-once/log.${i}`)
        for (let round = 0; round < 10; round++) {
          for (const name of names) disk.append(name, bytes(`${round}`.repeat(500)), () => {})
          if (round % 3 === 0) await pass(0)
        }
        for (const name of names) await done(done => disk.sync(name, done))
        const expected = Array.from({ length: 10 }, (_, round) => `${round}`.repeat(500)).join('')
        for (const name of names) expect(content(name) === expected, `the order of ${name}`).toBe(true)
      })

      test('works on more files than it keeps open', async () => {
        const names = Array.from({ length: 30 }, (_, i) => `many/log.${i}`)
        for (const name of names) disk.append(name, bytes(name), () => {})
        for (const name of names) await done(done => disk.sync(name, done))
        for (const name of names) await done(done => disk.append(name, bytes('!'), done))
        for (const name of names) expect(content(name)).toBe(`${name}!`)
      })
    })
  })
}
