import { describe, expect, test } from 'vitest'
import { configOfArguments, parseConfig } from '../../src/server/config.ts'
import { type Settings, schemesOf } from '../../src/server/settings.ts'

const least = 'dataDir=/data\nclientPort=2181\n'

function settingsOf(text: string): Settings {
  const config = parseConfig(least + text)
  if ('errors' in config) throw new Error(JSON.stringify(config.errors))
  return config.settings
}

function faultsOf(text: string): string[] {
  const config = parseConfig(text)
  return 'errors' in config ? config.errors.map(({ line, text }) => `${line}: ${text}`) : []
}

function warningsOf(text: string): string[] {
  const config = parseConfig(text)
  return 'errors' in config ? [] : config.warnings.map(({ line, text }) => `${line}: ${text}`)
}

describe('a zoo.cfg', () => {
  test('needs no more than a data folder and a port', () => {
    expect(settingsOf('')).toMatchObject({
      dataDir: '/data',
      dataLogDir: '/data',
      clientPort: 2181,
      tickTime: 3000,
      minSessionTimeout: 6000,
      maxSessionTimeout: 60_000,
      maxClientCnxns: 60,
      maxBuffer: 1_048_575,
      words: new Set(['srvr']),
    })
  })

  test('may be the one that every installation comes with, and then nothing is said', () => {
    const stock =
      '# The number of milliseconds of each tick\ntickTime=2000\ninitLimit=10\nsyncLimit=5\ndataDir=/tmp/zookeeper\nclientPort=2181\n'
    expect(parseConfig(stock)).toMatchObject({ warnings: [] })
  })

  test('may be written in any way that Java reads', () => {
    const settings = settingsOf(
      [
        '  ! a comment',
        'tickTime : 1000\r',
        'maxClientCnxns\t7',
        'dataLogDir=/a\\ b/\\u0063',
        '4lw.commands.whitelist = stat,\\',
        '   ruok',
        '',
      ].join('\n'),
    )
    expect(settings).toMatchObject({ tickTime: 1000, maxClientCnxns: 7, dataLogDir: '/a b/c' })
    expect(settings.words).toEqual(new Set(['srvr', 'stat', 'ruok']))
  })

  test('says who can log in, and who has to', () => {
    expect(schemesOf(settingsOf(''))).toEqual(new Set(['digest', 'ip']))
    expect(settingsOf('').ensembleNames).toBe(null)
    const ensemble = 'authProvider.1=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider\n'
    expect(settingsOf(ensemble).ensembleNames).toEqual(new Set())
    expect(settingsOf(`ensembleAuthName=a,b\n${ensemble}`).ensembleNames).toEqual(new Set(['a', 'b']))
    expect(schemesOf(settingsOf('DigestAuthenticationProvider.enabled=false'))).toEqual(new Set(['ip']))
    const enforced = settingsOf('enforce.auth.schemes=digest, ip\nenforce.auth.enabled=true\n')
    expect(enforced).toMatchObject({ enforceAuth: true, enforcedSchemes: new Set(['digest', 'ip']) })
    expect(faultsOf(`${least}enforce.auth.enabled=true`)).toEqual([
      '0: enforce.auth.schemes is missing, and enforce.auth.enabled is true: add a line enforce.auth.schemes=digest',
    ])
    expect(faultsOf(`${least}enforce.auth.enabled=true\nenforce.auth.schemes=kerberos`)).toEqual([
      '0: enforce.auth.schemes: nobody can log in by the scheme kerberos here',
    ])
    expect(faultsOf(`${least}DigestAuthenticationProvider.digestAlg=ROT13`)).toEqual([
      '3: DigestAuthenticationProvider.digestAlg=ROT13: must be the name of a hash, for example SHA-256',
    ])
  })

  test('counts for a key what it says last', () => {
    expect(settingsOf('tickTime=1\ntickTime=2000').tickTime).toBe(2000)
  })

  test('may put the prefix before a key that Apache takes from a system property', () => {
    expect(settingsOf('zookeeper.extendedTypesEnabled=true\nskipACL=yes')).toMatchObject({
      extendedTypes: true,
      skipAcl: true,
    })
  })

  test('takes -1 for the session timeouts that follow from the tick', () => {
    expect(settingsOf('tickTime=100\nminSessionTimeout=-1\nmaxSessionTimeout=-1')).toMatchObject({
      minSessionTimeout: 200,
      maxSessionTimeout: 2000,
    })
  })

  test('may name one server, itself', () => {
    expect(parseConfig(`${least}server.1=localhost:2888:3888\n`)).toMatchObject({ warnings: [] })
  })
})

describe('a bad line', () => {
  test.each([
    ['clientPort=21810x', 'clientPort=21810x: must be a whole number from 0 to 65535, for example 2181'],
    ['clientPort=65536', 'clientPort=65536: must be a whole number from 0 to 65535, for example 2181'],
    ['clientPort', 'clientPort=: must be a whole number from 0 to 65535, for example 2181'],
    ['tickTime=0', 'tickTime=0: must be a whole number from 1 to 2147483647, for example 2000'],
    ['tickTime=2.5', 'tickTime=2.5: must be a whole number from 1 to 2147483647, for example 2000'],
    ['dataDir=', 'dataDir=: needs a value, for example /var/lib/zookeeper'],
    ['reconfigEnabled=yes', 'reconfigEnabled=yes: must be either true or false'],
    ['skipACL=true', 'skipACL=true: must be either yes or no'],
  ])('%s is named with what to write instead', (line, text) => {
    const key = /^\w+/.exec(line)![0]
    const others = least.split('\n').filter(other => !other.startsWith(key))
    expect(faultsOf(['', line, ...others].join('\n'))).toEqual([`2: ${text}`])
  })

  test('does not hide the next one', () => {
    expect(faultsOf('clientPort=x\nmaxCnxns=y\n').map(fault => fault.split(':')[0])).toEqual(['0', '1', '2'])
  })

  test('is the one that is missing', () => {
    expect(faultsOf('')).toEqual(['0: dataDir is missing: add a line dataDir=/var/lib/zookeeper'])
    expect(faultsOf('dataDir=/data')).toEqual(['0: clientPort is missing: add a line clientPort=2181'])
  })

  test('is a least session timeout above the most', () => {
    expect(faultsOf(`${least}minSessionTimeout=50000\nmaxSessionTimeout=40000`)).toEqual([
      '3: minSessionTimeout (50000 ms) is more than maxSessionTimeout (40000 ms): swap or change them',
    ])
  })

  test('is the second server of an ensemble', () => {
    expect(faultsOf(`${least}server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2`)).toEqual([
      '4: server.2: this server runs alone, not in an ensemble: remove the lines that name other servers',
    ])
  })
})

describe('a setting without effect', () => {
  test('is named in one line with all of its kind', () => {
    expect(warningsOf(`${least}audit.impl.class=x\naudit.other=x\n`)).toEqual([
      '3: these settings have no effect in this server: audit.impl.class (line 3), audit.other (line 4)',
    ])
  })

  test('is told apart from one that nobody knows', () => {
    expect(warningsOf(`${least}maxResponseCacheSize=7\ntikcTime=2000\n`)).toEqual([
      '3: these settings have no effect in this server: maxResponseCacheSize (line 3)',
      '4: these settings are unknown (misspelled?) and ignored: tikcTime (line 4)',
    ])
  })
})

test('arguments stand for the lines of a file', () => {
  expect(configOfArguments(['2181', '/data', '500', '3'])).toMatchObject({
    settings: { clientPort: 2181, dataDir: '/data', tickTime: 500, maxClientCnxns: 3 },
  })
  expect(configOfArguments(['zoo.cfg', '/data'])).toMatchObject({
    errors: [
      { line: 0, text: 'clientPort=zoo.cfg: must be a whole number from 0 to 65535, for example 2181' },
    ],
  })
})

describe('purging', () => {
  const interval = (value: string): number => {
    const config = parseConfig(`${least}autopurge.purgeInterval=${value}`)
    return 'settings' in config ? config.settings.purgeInterval : Number.NaN
  }

  test('happens every so many hours, or every so much of another unit, or never', () => {
    const hour = 3_600_000
    expect(['1', '24', '30m', '2d', '10s', '5ms'].map(interval)).toEqual([
      hour,
      24 * hour,
      hour / 2,
      48 * hour,
      10_000,
      5,
    ])
    expect(['0', '-1'].map(interval)).toEqual([0, 0])
    expect(faultsOf(`${least}autopurge.purgeInterval=daily`)).toEqual([
      '3: autopurge.purgeInterval=daily: must be a number of hours, or a number with ms, s, m, h or d, for example 24',
    ])
  })

  test('keeps three snapshots at least', () => {
    const text = `${least}autopurge.snapRetainCount=1`
    const config = parseConfig(text)
    expect('settings' in config && config.settings.snapRetainCount).toBe(3)
    expect(warningsOf(text)).toEqual([
      '3: autopurge.snapRetainCount=1: 3 snapshots are kept at least, so 3 it is',
    ])
  })
})
