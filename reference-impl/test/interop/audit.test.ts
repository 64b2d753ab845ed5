/** Both servers write the same audit log. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { patience } from './conversation.ts'
import { interopRequired, missingPackages, python, simpleLogJar, zookeeperJar } from './packages.ts'
import { apache, type Kind, ours, startServer } from './servers.ts'

const missing = missingPackages(['zookeeper', 'python3-kazoo'])
if (missing.length > 0) {
  console.warn(`Skipped: audit logs. They need Debian's packages: apt-get install ${missing.join(' ')}`)
}

describe.skipIf(missing.length > 0 && !interopRequired)('an audit log', () => {
  /** The lines of a server's audit log, without what is different every time. */
  async function linesOf(kind: Kind, options: readonly string[]): Promise<string[]> {
    const server = await startServer(kind, { settings: ['audit.enable=true'], options })
    const talk = path.join(import.meta.dirname, 'audit-talk.py')
    await promisify(execFile)(python, [talk, server.address], { timeout: patience })
    await server.stop()
    return server
      .output()
      .split('\n')
      .filter(line => /result=\w+/.test(line))
      .map(line => (line.startsWith('{') ? JSON.parse(line).message : line))
      .map(line => line.replace(/.* - /, '').replace(/session=0x\w+/, 'session=0x1'))
  }

  test("has the lines of Apache's, in its order", { timeout: 2 * patience }, async () => {
    const logging = ['-cp', [zookeeperJar, simpleLogJar].join(':')]
    const [theirs, own] = await Promise.all([linesOf(apache, logging), linesOf(ours, [])])
    expect(own).toEqual(theirs)
    expect(own).toContain(
      'session=0x1\tuser=ann,127.0.0.1\tip=127.0.0.1\toperation=setAcl\tznode=/a\tacl=world:anyone:cdrwaip:10.0.0.0/8:rw\tresult=success',
    )
    expect(own).toHaveLength(21)
  })
})
