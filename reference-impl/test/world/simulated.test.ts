/** What the simulated world promises beyond the contract of all worlds: faults on demand, and the same ones again. */
import { describe, expect, test } from 'vitest'
import { frame, frameReader } from '../../src/wire/frames.ts'
import { drive } from '../../src/world/driver.ts'
import type { Effect, Input } from '../../src/world/machine.ts'
import {
  type Simulation,
  type SimulationOptions,
  simulatedWorld,
} from '../../src/world/simulated/simulated-world.ts'
import type { Connection, Disk, World } from '../../src/world/world.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (read: Uint8Array | null): string | null =>
  read === null ? null : new TextDecoder().decode(read)

/** A server that echoes and keeps a log, and a client that talks to it and calls again when it is cut off. */
function conversation(options: SimulationOptions): Simulation {
  const simulation = simulatedWorld({ keepTrace: true, ...options })
  drive(simulation.host('server'), {
    machine: {
      step(input: Input<Uint8Array>, out: Effect<Uint8Array>[]) {
        if (input.type === 'message') out.push({ type: 'send', link: input.link, message: input.message })
      },
    },
    tickEvery: 100,
    listen: {
      client: {
        address: { host: '0.0.0.0', port: 2181 },
        codec: () => {
          return { decode: frameReader(1000).push, encode: frame }
        },
      },
    },
  })
  const client = simulation.host('client')
  function call(): void {
    const connection = client.network.connect(
      { host: 'server', port: 2181 },
      {
        opened: talk,
        data: chunk => client.disk.append('heard', chunk, () => client.disk.sync('heard', () => {})),
        closed: () => {
          over = true
          connection.end()
          client.clock.after(50, call)
        },
      },
    )
    let over = false
    function talk(): void {
      if (over) return
      connection.write(frame(client.random.bytes(client.random.below(300))))
      client.clock.after(client.random.below(40), talk)
    }
  }
  call()
  return simulation
}

const rough: SimulationOptions['faults'] = {
  network: { stall: 0.1, break: 0.05, halfOpen: 0.3, refuse: 0.2 },
  disk: { full: 0.05, broken: 0.05 },
}

/** Two sides of one connection between hosts a and b. */
function pair(simulation: Simulation): {
  a: { connection: Connection; got: string; over: string | null }
  b: { connection: Connection; got: string; over: string | null }
} {
  type Side = { connection: Connection; got: string; over: string | null }
  const a = { got: '', over: null } as Side
  const b = { got: '', over: null } as Side
  const handler = (side: Side) => ({
    data(chunk: Uint8Array) {
      side.got += text(chunk)
    },
    closed(error?: Error) {
      side.over = error?.message ?? 'goodbye'
    },
  })
  const accept = (connection: Connection) => {
    b.connection = connection
    return handler(b)
  }
  simulation.host('b').network.listen({ host: '0.0.0.0', port: 2181 }, accept, () => {})
  simulation.run(simulation.now() + 1)
  a.connection = simulation.host('a').network.connect({ host: 'b', port: 2181 }, handler(a))
  simulation.run(simulation.now() + 10)
  return { a, b }
}

describe('a run', () => {
  test('is the same run again for the same seed, faults and all', () => {
    const runs = [1, 2].map(() => {
      const simulation = conversation({ seed: 'again', faults: rough })
      simulation.run(120_000)
      return simulation
    })
    expect(runs[0]!.trace.lines!.length).toBeGreaterThan(500)
    expect(runs[1]!.trace.lines).toEqual(runs[0]!.trace.lines)
    expect(runs[1]!.trace.hash()).toBe(runs[0]!.trace.hash())
  })

  test('is another run for another seed', () => {
    const hashes = Array.from({ length: 20 }, (_, seed) => {
      const simulation = conversation({ seed })
      simulation.run(1000)
      return simulation.trace.hash()
    })
    expect(new Set(hashes).size).toBe(20)
  })

  test('hashes what was carried, not only when', () => {
    const hashes = ['one', 'two'].map(word => {
      const simulation = simulatedWorld({ seed: 1 })
      const { a } = pair(simulation)
      a.connection.write(bytes(word))
      simulation.run(100)
      return simulation.trace.hash()
    })
    expect(hashes[0]).not.toBe(hashes[1])
  })

  test('gives each host dice that no other host disturbs', () => {
    const draws = [0, 5].map(others => {
      const simulation = simulatedWorld({ seed: 7 })
      for (let i = 0; i < others; i++) simulation.host('other').random.below(100)
      return simulation.host('a').random.bytes(8)
    })
    expect(draws[0]).toEqual(draws[1])
    const simulation = simulatedWorld({ seed: 7 })
    expect(simulation.host('b').random.bytes(8)).not.toEqual(draws[0])
  })

  test('goes to the moment asked for and no further', () => {
    const simulation = simulatedWorld({ seed: 1 })
    const fired: number[] = []
    const { clock } = simulation.host('a')
    for (const due of [5, 10, 15]) clock.after(due, () => fired.push(clock.now()))
    simulation.run(10)
    expect(fired).toEqual([5, 10])
    expect(simulation.now()).toBe(10)
    expect(simulation.step()).toBe(true)
    expect(simulation.step()).toBe(false)
    expect(fired).toEqual([5, 10, 15])
  })

  test('hands out all that arrives at a moment before what was to wait for it', () => {
    const simulation = simulatedWorld({ seed: 1 })
    const { clock } = simulation.host('a')
    const order: string[] = []
    clock.after(5, () => clock.soon(() => order.push('soon')))
    clock.after(5, () => order.push('arrives at the same moment'))
    simulation.run(10)
    expect(order).toEqual(['arrives at the same moment', 'soon'])
  })

  test('stops at an error that a callback throws: a broken invariant is not a fault to live with', () => {
    const simulation = simulatedWorld({ seed: 1 })
    simulation.host('a').clock.after(1, () => {
      throw new Error('commits come in order')
    })
    expect(() => simulation.run(10)).toThrow('commits come in order')
  })
})

describe('the simulated network', () => {
  const seeds = Array.from({ length: 60 }, (_, seed) => seed)

  test('cuts and joins what is written as it likes, and keeps the order', () => {
    const sizes = new Set<number>()
    for (const seed of seeds) {
      const simulation = simulatedWorld({ seed, faults: { network: { stall: 0.2 } } })
      const { a, b } = pair(simulation)
      const sent = Array.from({ length: 30 }, (_, i) => `${i},`)
      const data = b.connection
      expect(data).toBeDefined()
      for (const part of sent) {
        a.connection.write(bytes(part))
        sizes.add(part.length)
        simulation.run(simulation.now() + (seed % 3) / 10)
      }
      simulation.run(simulation.now() + 200_000)
      expect(b.got).toBe(sent.join(''))
    }
  })

  test('brings nothing from the server before the connection has opened', () => {
    for (const seed of seeds) {
      const simulation = simulatedWorld({ seed })
      const accept = (connection: Connection) => {
        connection.write(bytes('welcome'))
        return { data() {}, closed() {} }
      }
      simulation.host('b').network.listen({ host: '0.0.0.0', port: 2181 }, accept, () => {})
      const calls: string[] = []
      simulation
        .host('a')
        .network.connect(
          { host: 'b', port: 2181 },
          { opened: () => calls.push('opened'), data: () => calls.push('data'), closed() {} },
        )
      simulation.run(100)
      expect(calls.slice(0, 2)).toEqual(['opened', 'data'])
    }
  })

  test('loses only the end of what was sent when a link breaks, and tells both sides', () => {
    const lost = seeds.map(seed => {
      const simulation = simulatedWorld({ seed, faults: { network: { break: 0.1 } } })
      const { a, b } = pair(simulation)
      let sent = ''
      for (let i = 0; i < 100; i++) {
        a.connection.write(bytes(`${i},`))
        sent += `${i},`
        simulation.run(simulation.now() + 0.1)
      }
      simulation.run(simulation.now() + 30_000)
      expect(sent.startsWith(b.got)).toBe(true)
      expect(a.over).toContain('ECONNRESET')
      expect(b.over).toContain('ECONNRESET')
      return sent.length - b.got.length
    })
    expect(Math.max(...lost)).toBeGreaterThan(Math.min(...lost))
  })

  test('leaves a side of a half-open link in its belief until it sends', () => {
    const simulation = simulatedWorld({ seed: 1, faults: { network: { halfOpen: 1 } } })
    const { a } = pair(simulation)
    simulation.crash('b')
    simulation.run(100_000)
    expect(a.over).toBe(null)
    a.connection.write(bytes('anybody?'))
    simulation.run(200_000)
    expect(a.over).toContain('ECONNRESET')
  })

  test('carries nothing across a partition, and all of it when the partition heals in time', () => {
    const simulation = simulatedWorld({ seed: 1 })
    const { a, b } = pair(simulation)
    simulation.partition(['a'], ['b'])
    a.connection.write(bytes('are you there'))
    simulation.run(simulation.now() + 5000)
    expect(b.got).toBe('')
    simulation.heal()
    simulation.run(simulation.now() + 100)
    expect(b.got).toBe('are you there')
    expect(a.over).toBe(null)
  })

  test('gives up a peer beyond a partition that lasts, and who calls across it', () => {
    const simulation = simulatedWorld({ seed: 1 })
    const { a } = pair(simulation)
    simulation.partition(['a'], ['b'])
    a.connection.write(bytes('are you there'))
    let failed = ''
    simulation.host('a').network.connect(
      { host: 'b', port: 2181 },
      {
        data() {},
        closed: error => {
          failed = error?.message ?? 'goodbye'
        },
      },
    )
    simulation.run(simulation.now() + 60_000)
    expect(a.over).toContain('ETIMEDOUT')
    expect(failed).toContain('ETIMEDOUT')
  })

  test('refuses calls as often as it is told to', () => {
    const simulation = simulatedWorld({ seed: 1, faults: { network: { refuse: 1 } } })
    const { a } = pair(simulation)
    expect(a.over).toContain('ECONNREFUSED')
  })
})

describe('a crash', () => {
  test('silences every callback of that life, and frees its ports', () => {
    const simulation = simulatedWorld({ seed: 1 })
    const { a, b } = pair(simulation)
    const first = simulation.host('b')
    const called: string[] = []
    first.clock.after(5, () => called.push('timer'))
    first.clock.soon(() => called.push('soon'))
    first.disk.append('log', bytes('x'), () => called.push('disk'))
    a.connection.write(bytes('too late'))
    b.connection.destroy()
    simulation.crash('b')
    first.clock.after(5, () => called.push('a timer of the dead'))
    first.disk.append('log', bytes('y'), () => called.push('a write of the dead'))
    simulation.run(simulation.now() + 1000)
    expect(called).toEqual([])
    expect(b.got).toBe('')
    expect(b.over).toBe(null)
    expect(a.over).toContain('ECONNRESET')

    const second = simulation.host('b')
    expect(second).not.toBe(first)
    let bound: object = {}
    second.network.listen(
      { host: '0.0.0.0', port: 2181 },
      () => ({ data() {}, closed() {} }),
      result => {
        bound = result
      },
    )
    simulation.run(simulation.now() + 10)
    expect(bound).toHaveProperty('address')
  })

  test('takes along what was on its way', () => {
    const simulation = simulatedWorld({ seed: 1, faults: { network: { delayMillis: [20, 20] } } })
    const { a, b } = pair(simulation)
    simulation.run(simulation.now() + 100)
    a.connection.write(bytes('last words'))
    simulation.run(simulation.now() + 10)
    expect(a.connection.queued()).toBe(0)
    simulation.crash('a')
    simulation.run(simulation.now() + 1000)
    expect(b.got).toBe('')
    expect(b.over).toContain('ECONNRESET')
  })

  /** What a crash leaves of a log of which a part was synced. */
  function afterCrash(seed: number, unsynced: string, torn: number): { kept: string; all: string } {
    const simulation = simulatedWorld({ seed, faults: { disk: { torn } } })
    const disk = (): Disk => simulation.host('a').disk
    disk().append('log', bytes('promised,'), () => {})
    disk().sync('log', () => {})
    simulation.run(100)
    disk().append('log', bytes(unsynced), () => {})
    simulation.run(200)
    simulation.crash('a')
    return { kept: text(disk().read('log')) ?? '', all: `promised,${unsynced}` }
  }

  test('takes what was not synced: all, a part or nothing', () => {
    const kept = Array.from({ length: 100 }, (_, seed) => {
      const { kept, all } = afterCrash(seed, 'hoped for', 0)
      expect(all.startsWith(kept)).toBe(true)
      expect(kept.startsWith('promised,')).toBe(true)
      return kept.length
    })
    expect(new Set(kept).size).toBe('hoped for'.length + 1)
  })

  test('may leave a hole in what was not synced, and never touches what was', () => {
    let holes = 0
    for (let seed = 0; seed < 100; seed++) {
      const { kept } = afterCrash(seed, 'x'.repeat(5000), 0.3)
      expect(kept.startsWith('promised,')).toBe(true)
      if (/\0x/.test(kept)) holes++
    }
    expect(holes).toBeGreaterThan(10)
  })

  test('may take a file that was never synced as a whole', () => {
    const left = Array.from({ length: 50 }, (_, seed) => {
      const simulation = simulatedWorld({ seed })
      simulation.host('a').disk.append('log', bytes('x'), () => {})
      simulation.run(100)
      simulation.crash('a')
      return simulation.host('a').disk.list('').length
    })
    expect(new Set(left)).toEqual(new Set([0, 1]))
  })

  test('leaves a replaced file whole, the old one or the new one, even in the middle of it', () => {
    const left = Array.from({ length: 50 }, (_, seed) => {
      const simulation = simulatedWorld({ seed })
      simulation.host('a').disk.replace('epoch', bytes('old'), () => {})
      simulation.run(100)
      simulation.host('a').disk.replace('epoch', bytes('new'), () => {})
      simulation.crash('a')
      return text(simulation.host('a').disk.read('epoch'))
    })
    expect(new Set(left)).toEqual(new Set(['old', 'new']))
  })
})

describe('a faulty disk', () => {
  function operate(
    faults: NonNullable<SimulationOptions['faults']>['disk'],
    act: (world: World, note: (name: string) => (error?: Error) => void) => void,
  ): { simulation: Simulation; errors: Record<string, string> } {
    const simulation = simulatedWorld({ seed: 3, faults: { disk: faults ?? {} } })
    const errors: Record<string, string> = {}
    act(simulation.host('a'), name => error => {
      errors[name] = (error as { code?: string } | undefined)?.code ?? 'ok'
    })
    simulation.run(1000)
    return { simulation, errors }
  }

  test('says that it is full, and may keep a part of the append', () => {
    const { simulation, errors } = operate({ full: 1 }, ({ disk }, note) => {
      disk.append('log', bytes('x'.repeat(1000)), note('append'))
      disk.replace('epoch', bytes('1'), note('replace'))
    })
    expect(errors).toEqual({ append: 'ENOSPC', replace: 'ENOSPC' })
    expect(simulation.host('a').disk.size('log')).toBeLessThan(1000)
    expect(simulation.host('a').disk.read('epoch')).toBe(null)
  })

  test('never saves what a failed sync was asked to save, whatever a later sync says', () => {
    let lost = 0
    for (let seed = 0; seed < 200; seed++) {
      const simulation = simulatedWorld({ seed, faults: { disk: { broken: 0.3, torn: 0 } } })
      const { disk } = simulation.host('a')
      const answers: string[] = []
      disk.append('log', bytes('x'), error => answers.push(error === undefined ? 'ok' : 'failed'))
      for (let i = 0; i < 2; i++)
        disk.sync('log', error => answers.push(error === undefined ? 'ok' : 'failed'))
      simulation.run(100)
      if (answers.join(' ') !== 'ok failed ok') continue
      simulation.crash('a')
      if (simulation.host('a').disk.size('log') !== 1) lost++
    }
    expect(lost).toBeGreaterThan(0)
  })
})
