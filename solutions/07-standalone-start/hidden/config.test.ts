import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { configOf, configOfArguments, parseConfig, parseProperties, readValue } from '#lab/server/config.ts'
import type { Kind } from '#lab/server/kinds.ts'
import { type Config, type Settings, table } from '#lab/server/settings.ts'
import { because } from '../../../labs/07-standalone-start/test/scene.ts'

const cut = (text: string) => parseProperties(text).map(({ key, value, line }) => [key, value, line])

const syntax = 'A file in Java’s hand'

describe('A. Cut the file into properties', () => {
  test.each<[string, string, unknown[][]]>([
    ['only the first = ends the key', 'a=b=c:d e', [['a', 'b=c:d e', 1]]],
    ['around the sign there may be blanks, and there is one sign', '  a  :  = b', [['a', '= b', 1]]],
    ['a tab is a blank', 'a\tb c', [['a', 'b c', 1]]],
    ['blanks behind a value do not count', 'a=b \t', [['a', 'b', 1]]],
    ['blanks by escape do not count there either', String.raw`a=\tb\ `, [['a', 'b', 1]]],
    [
      'a # behind something is part of it',
      'a=b # c\nd!=#e',
      [
        ['a', 'b # c', 1],
        ['d!', '#e', 2],
      ],
    ],
    [
      'two backslashes at an end are one, and nothing goes on',
      'a=b\\\\\nc=d',
      [
        ['a', 'b\\', 1],
        ['c', 'd', 2],
      ],
    ],
    ['three are one, and the line goes on', 'a=b\\\\\\\n c', [['a', 'b\\c', 1]]],
    ['a comment does not go on', '# a\\\nb=c', [['b', 'c', 2]]],
    ['what a line goes on with is no comment', 'a=b,\\\n  #c', [['a', 'b,#c', 1]]],
    [
      'a line may go on more than once',
      'a=1\\\n\t2\\\n 3\nb=4',
      [
        ['a', '123', 1],
        ['b', '4', 4],
      ],
    ],
    [
      'a line may go on in an empty one',
      'a=b\\\n\nc=d',
      [
        ['a', 'b', 1],
        ['c', 'd', 3],
      ],
    ],
    ['the last line has nothing to go on in', 'a=b\\', [['a', 'b', 1]]],
    ['a key may go on as well', 'data\\\n   Dir=/x', [['dataDir', '/x', 1]]],
    [
      'lines end as on any system',
      'a=1\r\nb=2\rc=3\n',
      [
        ['a', '1', 1],
        ['b', '2', 2],
        ['c', '3', 3],
      ],
    ],
    [
      'a backslash before any other sign is nothing',
      String.raw`dataDir=C:\zoo\data`,
      [['dataDir', 'C:zoodata', 1]],
    ],
    [
      'an escaped backslash is one',
      String.raw`dataDir=C:\\zoo\\new`,
      [['dataDir', String.raw`C:\zoo\new`, 1]],
    ],
    ['an escaped sign does not end a key', String.raw`a\:b\ c = d`, [['a:b c', 'd', 1]]],
    ['u needs four digits', String.raw`a=\u00e9\u4E2d`, [['a', 'é中', 1]]],
    ['letters stand for controls', String.raw`a=1\n2\r3\f4`, [['a', '1\n2\r3\f4', 1]]],
    ['a tab by escape is one', String.raw`a=1\t2`, [['a', '1\t2', 1]]],
    ['nothing is nothing', '\n \t\n#\n', []],
  ])('%s', (rule, text, properties) => {
    expect(cut(text), because(text, rule, syntax)).toEqual(properties)
  })

  test('whatever is written with escapes is read back', () => {
    const word = fc.string({ unit: fc.constantFrom(...'ab=:# \\!\t\né,'), maxLength: 12 })
    const written = (text: string) =>
      [...text]
        .map(char =>
          char === '\n' ? '\\n' : char === 'é' ? '\\u00e9' : /[a-b,]/.test(char) ? char : `\\${char}`,
        )
        .join('')
    const pair = fc.tuple(word, fc.constantFrom('=', ':', ' ', ' = ', '\t:\t'), word)
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 5 }), pairs => {
        const given = pairs.map(([key, sign, value]) => [key, sign, value.trim()] as const)
        const text = given.map(([key, sign, value]) => `x${written(key)}${sign}${written(value)}`).join('\n')
        expect(cut(text), because(text, 'Every sign has a backslash before it.', syntax)).toEqual(
          given.map(([key, , value], at) => [`x${key}`, value, at + 1]),
        )
      }),
      { numRuns: 100, seed: 7 },
    )
  })
})

const values = 'What a value may be'
const read = (kind: Kind, ...texts: string[]) =>
  texts.map(text => {
    const reading = readValue(kind, text)
    return 'fault' in reading ? 'fault' : reading.value
  })

describe('B. Read a value', () => {
  const whole: Kind = { type: 'whole', least: -5, most: 0x7fff_ffff, example: 1 }

  test('a number may have a sign, and nothing else but digits', () => {
    const texts = ['+7', '-5', '-6', '007', '2147483647', '2147483648', '99999999999999999999']
    expect(read(whole, ...texts), because(texts.join('  '), 'From -5 to 2147483647.', values)).toEqual([
      7,
      -5,
      'fault',
      7,
      2_147_483_647,
      'fault',
      'fault',
    ])
    const others = ['1e3', '0x10', '1.0', '1_000', '1 000', '½', '', '-', 'NaN', 'Infinity', '٣']
    expect(
      read(whole, ...others),
      because(others.join('  '), 'Java reads none of these as an int.', values),
    ).toEqual(others.map(() => 'fault'))
  })

  test('what stands for something else does so whatever the bounds are', () => {
    const limit: Kind = {
      ...whole,
      least: 1,
      instead: new Map<string, number | 'usual'>([
        ['-1', 0],
        ['0', 0],
        ['3', 'usual'],
      ]),
    }
    expect(
      ['-1', '0', '3', '-2'].map(text => readValue(limit, text)),
      because('-1  0  3  -2', '0 is a value like any other.', values),
    ).toEqual([
      { value: 0 },
      { value: 0 },
      { value: undefined },
      { fault: 'must be a whole number from 1 to 2147483647, for example 1' },
    ])
  })

  test('a text is asked whether it is good only if there is one', () => {
    const asked: string[] = []
    const isGood = (text: string) => {
      asked.push(text)
      return true
    }
    const kind: Kind = { type: 'text', example: 'x', isGood, rule: 'must be good' }
    expect(read(kind, '', 'a', ' '), because('nothing, a, a blank', '', values)).toEqual(['fault', 'a', ' '])
    expect(asked).toEqual(['a', ' '])
    expect(readValue({ ...kind, isGood: () => false }, 'a')).toEqual({ fault: 'must be good, for example x' })
    expect(read({ type: 'text', example: 'x' }, 'anything')).toEqual(['anything'])
  })

  test('a choice may be no', () => {
    const choices = new Map([
      ['true', true],
      ['false', false],
    ])
    const kind: Kind = { type: 'choice', choices, anyCase: true, rule: 'must be either true or false' }
    expect(
      ['False', 'TRUE', '', 'yes'].map(text => readValue(kind, text)),
      because('False  TRUE  nothing  yes', 'false is a value like any other.', values),
    ).toEqual([
      { value: false },
      { value: true },
      { fault: 'must be either true or false' },
      { fault: 'must be either true or false' },
    ])
  })

  test('a choice of names with capitals is not written small', () => {
    const kind: Kind = {
      type: 'choice',
      choices: new Map([['aB', true]]),
      anyCase: false,
      rule: 'must be aB',
    }
    expect(read(kind, 'aB', 'ab'), because('aB  ab', 'Letter by letter.', values)).toEqual([true, 'fault'])
  })

  test('no name is no fault', () => {
    const some: Kind = { type: 'names', always: ['srvr'] }
    expect(read(some, '', ' , ', 'srvr'), because('nothing, a comma, srvr', '', values)).toEqual([
      new Set(['srvr']),
      new Set(['srvr']),
      new Set(['srvr']),
    ])
    expect(read({ type: 'names', always: [] }, 'a, b c ,a')).toEqual([new Set(['a', 'b c'])])
  })

  test('a length of time is never less than none', () => {
    const kind: Kind = {
      type: 'span',
      units: new Map([
        ['ms', 1],
        ['h', 3_600_000],
      ]),
      usual: 'h',
      rule: 'must be a time',
    }
    const texts = ['0', '-1', '-5ms', '1', '250ms', '999999999ms']
    expect(read(kind, ...texts), because(texts.join('  '), '', values)).toEqual([
      0, 0, 0, 3_600_000, 250, 999_999_999,
    ])
    const others = ['', 'h', '1H', '1 h', '1.5h', '1000000000', '1hms', '1constructor']
    expect(read(kind, ...others), because(others.join('  '), 'None of these is a time.', values)).toEqual(
      others.map(() => 'fault'),
    )
  })
})

const least = 'dataDir=/data\nclientPort=2181\n'
const usual = 'What nobody said'
const wrong = 'All that is wrong'

function settingsOf(config: Config): Settings {
  if ('errors' in config)
    throw new Error(config.errors.map(({ line, text }) => `${line}: ${text}`).join('\n'))
  return config.settings
}
const parsed = (text: string) => settingsOf(parseConfig(text))

function faultsOf(config: Config): string[] {
  return 'errors' in config ? config.errors.map(({ line, text }) => `${line}: ${text}`) : []
}

function warningsOf(text: string): string[] {
  const config = parseConfig(text)
  return 'errors' in config ? ['refused'] : config.warnings.map(({ line, text }) => `${line}: ${text}`)
}

describe('C. From lines to settings', () => {
  test('every setting of the table has a value', () => {
    const settings = parsed(least)
    expect(
      table.filter(({ sets }) => settings[sets] === undefined).map(({ key }) => key),
      because(least, 'Those without a line have what is usual.', usual),
    ).toEqual([])
    expect(settings).toMatchObject({ superDigest: null, ensembleNames: null, words: new Set(['srvr']) })
  })

  test('what is given stays, though it is 0, no or nothing', () => {
    const text = `${least}forceSync=no\nmaxClientCnxns=0\nenforce.auth.schemes=\ndataLogDir=/log\nadmin.enableServer=false\nadmin.serverPort=1\n`
    expect(parsed(text), because(text, 'A default is for what no line says.', usual)).toMatchObject({
      forceSync: false,
      maxClientCnxns: 0,
      enforcedSchemes: new Set(),
      dataLogDir: '/log',
      adminEnabled: false,
    })
  })

  test('what follows from a setting sees that setting wherever its row or its line stands', () => {
    const provider = 'authProvider.1=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider\n'
    const rule = 'First all that stands by itself, then what follows from it.'
    expect(parsed(`${provider}${least}`).ensembleNames, because(provider, rule, usual)).toEqual(new Set())
    expect(parsed(`tickTime=10\n${least}`).maxSessionTimeout, because('tickTime=10', rule, usual)).toBe(200)
    expect(parsed(`${least}tickTime=10`).minSessionTimeout, because('tickTime=10', rule, usual)).toBe(20)
  })

  test('what follows may ask whether a line was there', () => {
    const rule = '`isGiven` is about lines, not about values.'
    expect(parsed(least).adminEnabled, because(least, rule, usual)).toBe(false)
    expect(parsed(`${least}admin.serverPort=8080`).adminEnabled, because('…=8080', rule, usual)).toBe(true)
  })

  test('-1 leaves a session timeout to the tick', () => {
    const text = `${least}tickTime=10\nminSessionTimeout=-1\nmaxSessionTimeout=-1\n`
    expect(parsed(text), because(text, '`usual` is as if the line were not there.', usual)).toMatchObject({
      minSessionTimeout: 20,
      maxSessionTimeout: 200,
    })
  })

  test('two files are two sets of settings', () => {
    const one = parsed(`${least}autopurge.snapRetainCount=1`)
    const other = parsed(`${least}autopurge.snapRetainCount=7`)
    expect([one.snapRetainCount, other.snapRetainCount, parsed(least).snapRetainCount]).toEqual([3, 7, 3])
  })

  test('only the last of a key is looked at, with the prefix or without', () => {
    const text = `${least}tickTime=x\nzookeeper.tickTime=5\nskipACL=no\nzookeeper.skipACL=yes\n`
    expect(parsed(text), because(text, 'zookeeper.x is x.', usual)).toMatchObject({
      tickTime: 5,
      skipAcl: true,
    })
    const other = `${least}tickTime=5\ntickTime=x\n`
    expect(faultsOf(parseConfig(other)), because(other, 'The last one is wrong.', wrong)).toHaveLength(1)
  })

  test('a line that is wrong is not missing as well', () => {
    const text = 'dataDir=\nclientPort=70000\n'
    expect(faultsOf(parseConfig(text)), because(text, 'Each fault is told once.', wrong)).toEqual([
      '1: dataDir=: needs a value, for example /var/lib/zookeeper',
      '2: clientPort=70000: must be a whole number from 0 to 65535, for example 2181',
    ])
  })

  test('faults come in the order of the lines, whatever they are about', () => {
    const text = 'server.1=a:1:2\nserver.2=b:1:2\nskipACL=true\nclientPort=2181\nforceSync=1\n'
    expect(
      faultsOf(parseConfig(text)).map(fault => fault.slice(0, fault.indexOf(' ', 4))),
      because(text, 'Line 0 first: it is about the file.', wrong),
    ).toEqual(['0: dataDir', '2: server.2:', '3: skipACL=true:', '5: forceSync=1:'])
  })

  test('what is wrong keeps the rest from being looked at as a whole', () => {
    const text = `${least}enforce.auth.enabled=true\nskipACL=1\n`
    expect(faultsOf(parseConfig(text)), because(text, '`clashes` needs all values.', wrong)).toEqual([
      '4: skipACL=1: must be either yes or no',
    ])
    const other = `${least}enforce.auth.enabled=true\n`
    expect(faultsOf(parseConfig(other))[0], because(other, 'Now they are all there.', wrong)).toMatch(
      /^0: enforce.auth.schemes is missing/,
    )
  })

  test('a clash is told of the line that there is', () => {
    const text = `${least}maxSessionTimeout=1000\n`
    expect(faultsOf(parseConfig(text)), because(text, 'The least one has no line.', wrong)).toEqual([
      '3: minSessionTimeout (6000 ms) is more than maxSessionTimeout (1000 ms): swap or change them',
    ])
    const other = `${least}minSessionTimeout=-1\nmaxSessionTimeout=1000\n`
    expect(
      faultsOf(parseConfig(other))[0]?.slice(0, 2),
      because(other, 'It has one, though it leaves it to the tick.', wrong),
    ).toBe('3:')
  })

  test('warnings name all of a kind, and are of the line of the first', () => {
    const text = `x=1\n${least}commitProcessor.numWorkerThreads=true\nsnapRetainCount=1\nautopurge.snapRetainCount=1\ncommitProcessor.shutdownTimeout=y\n`
    expect(
      warningsOf(text),
      because(text, 'What was changed, what is idle, what is unknown.', wrong),
    ).toEqual([
      '6: autopurge.snapRetainCount=1: 3 snapshots are kept at least, so 3 it is',
      '4: these settings have no effect in this server: commitProcessor.numWorkerThreads (line 4), commitProcessor.shutdownTimeout (line 7)',
      '1: these settings are unknown (misspelled?) and ignored: x (line 1), snapRetainCount (line 5)',
    ])
    expect(warningsOf(least), 'nothing to remark').toEqual([])
  })

  test('what stands in no file is named as it was written', () => {
    const flags = [
      { key: 'zookeeper.skipACL', value: 'oh', line: 0, mark: '-D' },
      { key: 'zookeeper.none', value: 'x', line: 0, mark: '-D' },
    ]
    const faults = faultsOf(parseConfig(least, flags))
    expect(faults, because('-Dzookeeper.skipACL=oh', '`written` has its mark.', wrong)).toEqual([
      '0: -Dzookeeper.skipACL=oh: must be either yes or no',
    ])
    const config = configOf([...parseProperties(least), flags[1]!])
    expect('errors' in config ? [] : config.warnings, because('-Dzookeeper.none=x', '', wrong)).toEqual([
      {
        line: 0,
        text: 'these settings are unknown (misspelled?) and ignored: -Dzookeeper.none',
      },
    ])
    expect(faultsOf(configOfArguments(['2181x', '/data']))).toEqual([
      '0: clientPort=2181x: must be a whole number from 0 to 65535, for example 2181',
    ])
  })

  test('arguments stand for the lines of a file', () => {
    const config = configOfArguments(['2181', '/data', '500', '3', 'x'])
    expect(settingsOf(config)).toMatchObject({
      clientPort: 2181,
      dataDir: '/data',
      tickTime: 500,
      maxClientCnxns: 3,
    })
    expect('warnings' in config && config.warnings.map(({ text }) => text)).toEqual([
      'these settings are unknown (misspelled?) and ignored: argument 5',
    ])
  })

  test('the file that comes with every installation is understood without a remark', () => {
    const stock = [
      '# The number of milliseconds of each tick',
      'tickTime=2000',
      'initLimit=10',
      'syncLimit=5',
      'dataDir=/tmp/zookeeper',
      'clientPort=2181',
      '#autopurge.purgeInterval=1',
      'server.1=localhost:2888:3888',
    ].join('\n')
    expect(warningsOf(stock), because(stock, 'Lines for ensembles are passed over.', wrong)).toEqual([])
  })
})
