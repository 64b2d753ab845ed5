import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/server/config.ts'
import { javaOptions } from '../../src/server/java-options.ts'
import type { Settings } from '../../src/server/settings.ts'
import { runToEnd, startServer } from './start.ts'

/** What a server runs by that is given these options, these variables, and these lines below the least. */
function started({
  args = [],
  flags = [],
  lines = '',
}: {
  args?: string[]
  flags?: (string | undefined)[]
  lines?: string
}): { settings: Settings; warnings: string[] } {
  const options = javaOptions([...args, 'zoo.cfg'], flags)
  if ('error' in options) throw new Error(options.error)
  expect(options.rest).toEqual(['zoo.cfg'])
  const config = parseConfig(`dataDir=/data\nclientPort=2181\n${lines}`, options.properties)
  if ('errors' in config) throw new Error(config.errors.map(({ text }) => text).join('\n'))
  return { settings: config.settings, warnings: config.warnings.map(({ text }) => text) }
}

describe('a Java property', () => {
  test('is a setting by its name with zookeeper in front, or by its own', () => {
    const { settings, warnings } = started({
      args: ['-Dzookeeper.snapCount=1000', '-Dzookeeper.skipACL=yes', '-Djute.maxbuffer=4096'],
    })
    expect(settings).toMatchObject({ snapCount: 1000, skipAcl: true, maxBuffer: 4096 })
    expect(warnings).toEqual([])
  })

  test('counts less than a line of the file, and more in the arguments than in JVMFLAGS and SERVER_JVMFLAGS', () => {
    const flags = ['-Dzookeeper.snapCount=3 -Dzookeeper.maxCnxns=3', ' -Dzookeeper.maxCnxns=4 \n']
    const args = ['-Dzookeeper.preAllocSize=5', '-Dzookeeper.preAllocSize=6']
    expect(started({ flags, args }).settings).toMatchObject({ snapCount: 3, maxCnxns: 4, preAllocSize: 6 })
    expect(started({ flags, args: ['-Dzookeeper.maxCnxns=5'] }).settings.maxCnxns).toBe(5)
    expect(started({ flags, args, lines: 'snapCount=7\npreAllocSize=8' }).settings).toMatchObject({
      snapCount: 7,
      preAllocSize: 8,
    })
    expect(started({ flags: [undefined, ''] }).warnings).toEqual([])
  })

  test('that Apache reads from nowhere but the file has no effect, and is named in one line with all that have none', () => {
    const { settings, warnings } = started({
      flags: ['-Xmx1000m -XX:+UseG1GC -Dcom.sun.management.jmxremote'],
      args: ['-Dzookeeper.tickTime=1', '-DskipACL=yes'],
      lines: 'audit.impl.class=true',
    })
    expect(settings).toMatchObject({ tickTime: 3000, skipAcl: false })
    expect(warnings).toEqual([
      'these settings have no effect in this server: -Xmx1000m, -XX:+UseG1GC, -Dcom.sun.management.jmxremote, -Dzookeeper.tickTime, -DskipACL, audit.impl.class (line 3)',
    ])
  })

  test('that nobody knows is named like a line that nobody knows', () => {
    expect(started({ args: ['-Dzookeeper.snapCuont=1'] }).warnings).toEqual([
      'these settings are unknown (misspelled?) and ignored: -Dzookeeper.snapCuont',
    ])
  })

  test('with a bad value is named as it was written', () => {
    expect(() => started({ args: ['-Dzookeeper.snapCount=many'] })).toThrow(
      '-Dzookeeper.snapCount=many: must be a whole number from 2 to 2147483647, for example 100000',
    )
  })
})

test('the program takes properties before its configuration and from the variables of the scripts', async () => {
  expect(await runToEnd(['zoo.cfg', '-Dzookeeper.snapCount=1'])).toMatchObject({
    code: 2,
    err: "zk-server: -Dzookeeper.snapCount=1: options of Java's stand before the configuration\n",
  })
  await using server = await startServer({
    args: ['-Dzookeeper.skipACL=nonsense', '-Dzookeeper.mispelt=1'],
    cfg: 'skipACL=no\n',
    env: { SERVER_JVMFLAGS: '-Xmx7m', JVMFLAGS: '-Dmeans.nothing' },
  })
  expect(server.log.map(line => line.replace(/^.*zoo\.cfg: /, ''))).toEqual([
    'these settings have no effect in this server: -Xmx7m, -Dmeans.nothing',
    'these settings are unknown (misspelled?) and ignored: -Dzookeeper.mispelt',
  ])
})
