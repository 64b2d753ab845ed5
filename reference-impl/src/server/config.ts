/**
 * From the text of a `zoo.cfg` to settings, or to a list of what is wrong with it. Keys, defaults and rules are
 * Apache's, so that a file which starts Apache's server starts this one; `settings.ts` has them as a table. A line that
 * this server cannot honour is named in a warning and never passed over in silence.
 * Source: Apache's QuorumPeerConfig; java.util.Properties.load for the syntax.
 */
import type { Kind } from './kinds.ts'
import { faultsOfEnsemble, useOf } from './other-keys.ts'
import {
  amended,
  type Config,
  clashes,
  type Property,
  type Remark,
  type Settings,
  settingOf,
  table,
  type Value,
  withoutPrefix,
  written,
} from './settings.ts'

/** `above`: what counts as if it stood above the first line. */
export function parseConfig(text: string, above: readonly Property[] = []): Config {
  return configOf([...above, ...parseProperties(text)])
}

/** As from a file that holds just these: `zk-server PORT DATADIR [TICKTIME [MAXCLIENTCNXNS]]`. */
export function configOfArguments(values: readonly string[], above: readonly Property[] = []): Config {
  const keys = ['clientPort', 'dataDir', 'tickTime', 'maxClientCnxns']
  const lines = values.map((value, at) => ({ key: keys[at] ?? `argument ${at + 1}`, value, line: 0 }))
  return configOf([...above, ...lines])
}

/**
 * Java's properties format: `key=value`, `key: value` or `key value`, comments with `#` or `!`, a backslash to go on in
 * the next line or to escape a character. In the order of the file; a key that comes twice is there twice.
 */
export function parseProperties(text: string): Property[] {
  // #region lab 07: A. join the lines that go on, and split each property at its key
  const lines = text.split(/\r\n|\r|\n/)
  const properties: Property[] = []
  for (let at = 0; at < lines.length; at++) {
    const line = at + 1
    let logical = lines[at]!.trimStart()
    if (logical === '' || logical.startsWith('#') || logical.startsWith('!')) continue
    while (goesOn(logical)) logical = logical.slice(0, -1) + (lines[++at] ?? '').trimStart()
    const [, key, value] = /^((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)$/s.exec(logical)!
    properties.push({ key: withoutEscapes(key!), value: withoutEscapes(value!).trim(), line })
  }
  return properties
  // #endregion
}

// #region lab 07: solution only
/** Does the line end in an odd number of backslashes, the last of which is not itself escaped? */
function goesOn(line: string): boolean {
  return /\\*$/.exec(line)![0].length % 2 === 1
}
// #endregion

/** What a backslash and one of these letters stand for; before any other character it stands for nothing. */
const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function withoutEscapes(text: string): string {
  // #region lab 07: A. put in place of each escape what it stands for
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (escapes[char] ?? char) : String.fromCharCode(Number.parseInt(hex, 16)),
  )
  // #endregion
}

/** What a value says, undefined if that is "the default", or what is wrong with it and what to write. */
export type Reading = { value: Value | undefined } | { fault: string }

export function readValue(kind: Kind, text: string): Reading {
  // #region lab 07: B. read a value of each kind, or say what to write instead
  switch (kind.type) {
    case 'whole': {
      const instead = kind.instead?.get(text)
      if (instead !== undefined) return { value: instead === 'usual' ? undefined : instead }
      const number = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
      if (number >= kind.least && number <= kind.most) return { value: number }
      return {
        fault: `must be a whole number from ${kind.least} to ${kind.most}, for example ${kind.example}`,
      }
    }
    case 'text':
      if (text === '') return { fault: `needs a value, for example ${kind.example}` }
      if (kind.isGood?.(text) === false) return { fault: `${kind.rule}, for example ${kind.example}` }
      return { value: text }
    case 'choice': {
      const value = kind.choices.get(kind.anyCase ? text.toLowerCase() : text)
      return value === undefined ? { fault: kind.rule } : { value }
    }
    case 'names': {
      const named = text.split(',').map(name => name.trim())
      return { value: new Set([...kind.always, ...named.filter(name => name !== '')]) }
    }
    case 'span': {
      const [, count, unit = kind.usual] = /^(-?\d{1,9})([a-z]*)$/.exec(text) ?? []
      const millis = kind.units.get(unit || kind.usual)
      if (count === undefined || millis === undefined) return { fault: kind.rule }
      return { value: Math.max(0, Number(count)) * millis }
    }
  }
  // #endregion
}

/** What the properties mean together; a key given twice counts as it was given last. */
export function configOf(properties: readonly Property[]): Config {
  // #region lab 07: C. refuse what is wrong or missing, complete the rest, and warn
  const { given, places, errors, idle, unknown } = eachByItself(properties)
  for (const { key, sets, kind, usual } of table) {
    if (usual !== undefined || places.has(sets)) continue
    const example = 'example' in kind ? kind.example : ''
    errors.push({ line: 0, text: `${key} is missing: add a line ${key}=${example}` })
  }
  errors.push(...faultsOfEnsemble(properties))
  if (errors.length > 0) return { errors: errors.sort((a, b) => a.line - b.line) }
  const settings = withDefaults(given)
  const lineOf = (setting: keyof Settings): number => places.get(setting) ?? 0
  const faults = clashes(settings, lineOf)
  if (faults.length > 0) return { errors: faults }
  const warnings = [
    ...amended(settings, lineOf),
    ...remarkOn(idle, 'these settings have no effect in this server'),
    ...remarkOn(unknown, 'these settings are unknown (misspelled?) and ignored'),
  ]
  return { settings, warnings }
  // #endregion
}

/** What the lines of a file say, each by itself. */
interface Lines {
  given: Map<keyof Settings, Value>
  /** Which line a setting has, also when the line is wrong or leaves the setting as it is. */
  places: Map<keyof Settings, number>
  errors: Remark[]
  /** What sets nothing here: Apache knows it and this server does not, or nobody does. */
  idle: Property[]
  unknown: Property[]
}

function eachByItself(properties: readonly Property[]): Lines {
  const lines: Lines = { given: new Map(), places: new Map(), errors: [], idle: [], unknown: [] }
  // #region lab 07: C. read each property by its row of the table, and lose none that has no row
  const last = new Map(properties.map(property => [withoutPrefix(property.key), property]))
  for (const property of last.values()) {
    const setting = settingOf(property)
    if (setting === undefined) {
      const use = useOf(property)
      if (use !== 'ensemble') lines[use].push(property)
      continue
    }
    const { line, value } = property
    const reading = readValue(setting.kind, value)
    lines.places.set(setting.sets, line)
    if ('fault' in reading) {
      lines.errors.push({ line, text: `${written(property)}=${value}: ${reading.fault}` })
    } else if (reading.value !== undefined) lines.given.set(setting.sets, reading.value)
  }
  // #endregion
  return lines
}

/** What is given, and for the rest what is usual: first what stands by itself, then what follows from other settings. */
function withDefaults(given: ReadonlyMap<keyof Settings, Value>): Settings {
  // #region lab 07: C. fill in what no line says
  const values = new Map(given)
  for (const { sets, usual } of table) {
    if (!given.has(sets) && typeof usual !== 'function') values.set(sets, usual as Value)
  }
  const settings = Object.fromEntries(values) as unknown as Settings
  for (const { sets, usual } of table) {
    if (!given.has(sets) && typeof usual === 'function') {
      Object.assign(settings, { [sets]: usual(settings, setting => given.has(setting)) })
    }
  }
  return settings
  // #endregion
}

/** One remark for all of a kind. */
function remarkOn(properties: readonly Property[], what: string): Remark[] {
  if (properties.length === 0) return []
  const named = properties.map(property =>
    property.line === 0 ? written(property) : `${property.key} (line ${property.line})`,
  )
  return [{ line: properties[0]!.line, text: `${what}: ${named.join(', ')}` }]
}
