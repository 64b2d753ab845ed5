/** The list of servers that a client is given. */
import { describe, expect, test } from 'vitest'
import { parseServers } from '../../src/client/hosts.ts'

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
