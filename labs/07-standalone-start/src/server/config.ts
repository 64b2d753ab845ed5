/**
 * From the text of a `zoo.cfg` to settings, or to a list of what is wrong with it. Keys, defaults and rules are
 * Apache's, so that a file which starts Apache's server starts this one; `settings.ts` has them as a table. A line that
 * this server cannot honour is named in a warning and never passed over in silence.
 * Source: Apache's QuorumPeerConfig; java.util.Properties.load for the syntax.
 */
import { Todo } from '../lib/todo.ts'
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
  throw new Todo('07 A: join the lines that go on, and split each property at its key')
}


/** What a backslash and one of these letters stand for; before any other character it stands for nothing. */
const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' }

function withoutEscapes(text: string): string {
  throw new Todo('07 A: put in place of each escape what it stands for')
}

/** What a value says, undefined if that is "the default", or what is wrong with it and what to write. */
export type Reading = { value: Value | undefined } | { fault: string }

export function readValue(kind: Kind, text: string): Reading {
  throw new Todo('07 B: read a value of each kind, or say what to write instead')
}

/** What the properties mean together; a key given twice counts as it was given last. */
export function configOf(properties: readonly Property[]): Config {
  throw new Todo('07 C: refuse what is wrong or missing, complete the rest, and warn')
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
  throw new Todo('07 C: read each property by its row of the table, and lose none that has no row')
  return lines
}

/** What is given, and for the rest what is usual: first what stands by itself, then what follows from other settings. */
function withDefaults(given: ReadonlyMap<keyof Settings, Value>): Settings {
  throw new Todo('07 C: fill in what no line says')
}

/** One remark for all of a kind. */
function remarkOn(properties: readonly Property[], what: string): Remark[] {
  if (properties.length === 0) return []
  const named = properties.map(property =>
    property.line === 0 ? written(property) : `${property.key} (line ${property.line})`,
  )
  return [{ line: properties[0]!.line, text: `${what}: ${named.join(', ')}` }]
}
