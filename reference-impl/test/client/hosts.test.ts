/** The list of servers that a client is given. */
import { describe, expect, test } from 'vitest'
import { moveTo, parseServers } from '../../src/client/hosts.ts'
import { simulatedWorld } from '../../src/world/simulated/simulated-world.ts'

describe('a list of servers', () => {
  test.each<[string, [host: string, port: number][], string]>([
    ['localhost', [['localhost', 2181]], ''],
    [
      'a:2181, b:2182 ,c',
      [
        ['a', 2181],
        ['b', 2182],
        ['c', 2181],
      ],
      '',
    ],
    ['10.0.0.1:2181/app', [['10.0.0.1', 2181]], '/app'],
    ['zk_1.example-site.org/', [['zk_1.example-site.org', 2181]], ''],
    ['bücher.example:1', [['bücher.example', 1]], ''],
    ['[::1]:2182', [['::1', 2182]], ''],
    [
      '[::1],::1',
      [
        ['::1', 2181],
        ['::1', 2181],
      ],
      '',
    ],
    ['[fe80::1%eth0]:2181/a/b', [['fe80::1%eth0', 2181]], '/a/b'],
  ])('%j is understood', (text, hosts, chroot) => {
    expect(parseServers(text)).toEqual({ hosts: hosts.map(([host, port]) => ({ host, port })), chroot })
  })

  test.each([
    ['', '"" is no host'],
    ['/app', '"" is no host'],
    ['a,,b', '"" is no host'],
    ['no server', '"no server" is no host'],
    ['a b:2181', '"a b:2181" is no host'],
    ['a;b', '"a;b" is no host'],
    ['user@a', '"user@a" is no host'],
    ['http://a:2181', 'the path //a:2181 has an empty name in it'],
    ['10.0.0.256', '"10.0.0.256" is no host'],
    ['10.0.0.1:2181:3888', '"10.0.0.1:2181:3888" is no host'],
    ['a:b', '"a:b" is no host'],
    ['[a]:2181', '"[a]:2181" is no host'],
    ['[::1', '"[::1" is no host'],
    ['1:2:3', '"1:2:3" is no host'],
    ['a:0', '0 is no port'],
    ['a:65536', '65536 is no port'],
    ['a/b/', 'the path /b/ ends in /'],
  ])('%j is refused, and it is said why', (text, why) => {
    const refusal = () => parseServers(text)
    expect(refusal).toThrow(expect.objectContaining({ code: -8 }))
    expect(refusal).toThrow(why)
  })
})

describe('a list that changes', () => {
  const hosts = (names: string) => [...names].map(host => ({ host, port: 2181 }))
  const { random } = simulatedWorld({ seed: 'moving' }).host('x')

  /** How many of 6000 clients, evenly spread over the servers of `before`, are with each of `after` in the end. */
  function loads(before: string, after: string): Record<string, number> {
    const count: Record<string, number> = {}
    for (let client = 0; client < 6000; client++) {
      const current = hosts(before)[client % before.length]!
      const { isNeeded, first, then } = moveTo(hosts(after), hosts(before), current, random)
      expect(
        then
          .map(({ host }) => host)
          .sort()
          .join(''),
      ).toBe([...after].sort().join(''))
      if (isNeeded) expect([...first].sort(byHost)).toEqual([...then].sort(byHost))
      const { host } = isNeeded ? first[0]! : current
      count[host] = (count[host] ?? 0) + 1
    }
    return count
  }

  const byHost = (a: { host: string }, b: { host: string }) => a.host.localeCompare(b.host)

  test.each([
    ['abc', 'abcde', 'there are more'],
    ['abcde', 'abc', 'there are fewer'],
    ['abc', 'def', 'all are others'],
    ['abc', 'bcd', 'one is another'],
    ['abcde', 'cdx', 'some have gone, and one has come'],
    ['ab', 'bcdef', 'one has gone, and many have come'],
    ['abc', 'abc', 'nothing is different'],
    ['a', 'b', 'the only one is another'],
  ])('from %s to %s leaves the load even: %s', (before, after) => {
    const count = loads(before, after)
    const even = 6000 / after.length
    for (const name of after) {
      expect(Math.abs(count[name]! - even), `${name} of ${JSON.stringify(count)}`).toBeLessThan(even * 0.1)
    }
    expect(Object.keys(count).sort().join('')).toBe([...after].sort().join(''))
  })

  test('moves no client that need not move', () => {
    const moves = (before: string, after: string) =>
      Array.from(
        { length: 3000 },
        (_, client) =>
          moveTo(hosts(after), hosts(before), hosts(before)[client % before.length]!, random).isNeeded,
      ).filter(Boolean).length
    expect(moves('abc', 'cba')).toBe(0)
    expect(moves('abc', 'ab')).toBe(1000)
    // The fourth server's part.
    expect(Math.abs(moves('abc', 'abcd') - 750)).toBeLessThan(100)
  })
})
