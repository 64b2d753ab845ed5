import { describe, expect, test } from 'vitest'
import { parseConfig, parseProperties, readValue } from '#lab/server/config.ts'
import type { Kind } from '#lab/server/kinds.ts'
import type { Settings } from '#lab/server/settings.ts'
import { because } from './scene.ts'

/** The properties of a text as `[key, value, line]`. */
const cut = (text: string) => parseProperties(text).map(({ key, value, line }) => [key, value, line])

describe('A. Cut the file into properties', () => {
  test('a key ends at =, at a colon or at a blank', () => {
    const text = 'tickTime=2000\nclientPort: 2181\ndataDir /data'
    expect(cut(text), because(text, 'All three are the same to Java.', 'A file in Java’s hand')).toEqual([
      ['tickTime', '2000', 1],
      ['clientPort', '2181', 2],
      ['dataDir', '/data', 3],
    ])
  })

  test('comments and empty lines are no properties, and they are counted as lines', () => {
    const text = '# the heartbeat\n\n  ! in milliseconds\ntickTime=2000'
    const rule = 'A comment begins with # or !, perhaps behind blanks.'
    expect(cut(text), because(text, rule, 'A file in Java’s hand')).toEqual([['tickTime', '2000', 4]])
  })

  test('a key without anything has the empty value', () => {
    expect(cut('dataDir\nclientPort='), because('dataDir\nclientPort=', '', 'A file in Java’s hand')).toEqual(
      [
        ['dataDir', '', 1],
        ['clientPort', '', 2],
      ],
    )
  })

  test('a backslash at the end of a line goes on in the next one, without the blanks before it', () => {
    const text = 'words = srvr,\\\n        stat\ntickTime=2000'
    const rule = 'One property, of the line in which it begins.'
    expect(cut(text), because(text, rule, 'A file in Java’s hand')).toEqual([
      ['words', 'srvr,stat', 1],
      ['tickTime', '2000', 3],
    ])
  })

  test('a backslash takes the meaning from a sign, and gives one to t, n, r, f and u', () => {
    const text = String.raw`a\=b=c\u0041\td`
    const rule = String.raw`\= is no end of a key, \u0041 is A, and \t is a tab.`
    expect(cut(text), because(text, rule, 'A file in Java’s hand')).toEqual([['a=b', 'cA\td', 1]])
  })

  test('a key that comes twice is there twice', () => {
    const text = 'tickTime=1\ntickTime=2'
    const rule = 'Which of them counts is not decided here.'
    expect(cut(text), because(text, rule, 'A file in Java’s hand')).toEqual([
      ['tickTime', '1', 1],
      ['tickTime', '2', 2],
    ])
  })
})

const port: Kind = { type: 'whole', least: 0, most: 65_535, example: 2181 }

describe('B. Read a value', () => {
  test('a whole number is made of digits and lies within its bounds', () => {
    const rule = 'Both bounds are good, and what is not is told what would be.'
    const fault = { fault: 'must be a whole number from 0 to 65535, for example 2181' }
    const values = ['0', '65535', '65536', '-1', '2181x', '']
    expect(
      values.map(value => readValue(port, value)),
      because(values.join('  '), rule, 'What a value may be'),
    ).toEqual([{ value: 0 }, { value: 65_535 }, fault, fault, fault, fault])
  })

  test('some numbers stand for something else', () => {
    const timeout: Kind = {
      ...port,
      least: 1,
      instead: new Map<string, number | 'usual'>([
        ['-1', 'usual'],
        ['0', 7],
      ]),
    }
    const rule = '`instead` comes before the bounds; `usual` is no value at all.'
    expect(
      ['-1', '0'].map(value => readValue(timeout, value)),
      because('-1  0', rule, 'What a value may be'),
    ).toEqual([{ value: undefined }, { value: 7 }])
  })

  test('a text is not empty, and is good', () => {
    const kind: Kind = {
      type: 'text',
      example: '/commands',
      isGood: it => it.startsWith('/'),
      rule: 'must be a path',
    }
    expect(
      ['/x', '', 'x'].map(value => readValue(kind, value)),
      because('/x, nothing, x', '', 'What a value may be'),
    ).toEqual([
      { value: '/x' },
      { fault: 'needs a value, for example /commands' },
      { fault: 'must be a path, for example /commands' },
    ])
  })

  test('a choice may leave capitals to the writer, or not', () => {
    const kind: Kind = {
      type: 'choice',
      choices: new Map([['yes', true]]),
      anyCase: false,
      rule: 'must be yes',
    }
    expect(
      [readValue(kind, 'yes'), readValue(kind, 'YES'), readValue({ ...kind, anyCase: true }, 'YES')],
      because('yes  YES  YES', 'Only `anyCase` takes the second.', 'What a value may be'),
    ).toEqual([{ value: true }, { fault: 'must be yes' }, { value: true }])
  })

  test('names have commas between them, and some are always there', () => {
    const rule = 'Blanks do not belong to a name, and nothing is no name.'
    expect(
      readValue({ type: 'names', always: ['srvr'] }, 'stat, ruok ,,'),
      because('stat, ruok ,,', rule, 'What a value may be'),
    ).toEqual({ value: new Set(['srvr', 'stat', 'ruok']) })
  })

  test('a length of time has a unit, or the usual one', () => {
    const kind: Kind = {
      type: 'span',
      units: new Map([
        ['s', 1000],
        ['m', 60_000],
      ]),
      usual: 'm',
      rule: 'must be a time',
    }
    expect(
      ['2', '2m', '5s', '2d', 'soon'].map(value => readValue(kind, value)),
      because('2  2m  5s  2d  soon', '', 'What a value may be'),
    ).toEqual([
      { value: 120_000 },
      { value: 120_000 },
      { value: 5000 },
      { fault: 'must be a time' },
      { fault: 'must be a time' },
    ])
  })
})

const least = 'dataDir=/data\nclientPort=2181\n'

function settingsOf(text: string): Settings {
  const config = parseConfig(text)
  if ('errors' in config)
    throw new Error(config.errors.map(({ line, text }) => `${line}: ${text}`).join('\n'))
  return config.settings
}

describe('C. From lines to settings', () => {
  test('two lines are enough', () => {
    const rule = 'What no line says is as usual.'
    expect(settingsOf(least), because(least, rule, 'What nobody said')).toMatchObject({
      dataDir: '/data',
      clientPort: 2181,
      tickTime: 3000,
      maxClientCnxns: 60,
      forceSync: true,
    })
  })

  test('some settings follow from others', () => {
    const text = `${least}tickTime=100\n`
    const rule =
      'The log goes where the snapshots go, and sessions last for 2 to 20 ticks, if no line says otherwise.'
    expect(settingsOf(text), because(text, rule, 'What nobody said')).toMatchObject({
      dataLogDir: '/data',
      minSessionTimeout: 200,
      maxSessionTimeout: 2000,
    })
  })

  test('a key counts as it was given last', () => {
    const text = `${least}tickTime=1000\ntickTime=2000\n`
    expect(settingsOf(text).tickTime, because(text, 'Java keeps one value a key.', 'What nobody said')).toBe(
      2000,
    )
  })

  test('a wrong value is refused with its line and with what to write', () => {
    const text = `${least}tickTime=2000 # ms\n`
    const rule = 'Behind a value there are no comments.'
    expect(parseConfig(text), because(text, rule, 'All that is wrong')).toEqual({
      errors: [
        {
          line: 3,
          text: 'tickTime=2000 # ms: must be a whole number from 1 to 2147483647, for example 2000',
        },
      ],
    })
  })

  test('everything that is wrong is told, in the order of the file', () => {
    const text = 'forceSync=maybe\nclientPort=x\n'
    const rule = 'Whoever mends the first line wants to know of the second.'
    const config = parseConfig(text)
    expect(
      'errors' in config && config.errors.map(({ line }) => line),
      because(text, rule, 'All that is wrong'),
    ).toEqual([0, 1, 2])
  })

  test('a line that must be there is missed, with what to add', () => {
    const text = 'clientPort=2181\n'
    expect(
      parseConfig(text),
      because(text, 'It stands in no line, so its line is 0.', 'All that is wrong'),
    ).toEqual({
      errors: [{ line: 0, text: 'dataDir is missing: add a line dataDir=/var/lib/zookeeper' }],
    })
  })

  test('what sets nothing is named in a warning, and what belongs to ensembles is not', () => {
    const text = `${least}tikcTime=2000\ncommitProcessor.numWorkerThreads=true\ninitLimit=10\n`
    const rule = 'What nobody knows and what has no effect here are two remarks.'
    expect(parseConfig(text), because(text, rule, 'All that is wrong')).toMatchObject({
      warnings: [
        {
          line: 4,
          text: 'these settings have no effect in this server: commitProcessor.numWorkerThreads (line 4)',
        },
        { line: 3, text: 'these settings are unknown (misspelled?) and ignored: tikcTime (line 3)' },
      ],
    })
  })

  test('settings that speak against each other are refused', () => {
    const text = `${least}minSessionTimeout=9000\nmaxSessionTimeout=8000\n`
    const rule = '`clashes` is asked when every setting has its value.'
    expect(parseConfig(text), because(text, rule, 'All that is wrong')).toEqual({
      errors: [
        {
          line: 3,
          text: 'minSessionTimeout (9000 ms) is more than maxSessionTimeout (8000 ms): swap or change them',
        },
      ],
    })
  })
})
