/**
 * Another way: the file is read sign by sign, as a machine with two registers would; a value's kind picks its reader from
 * a record; and the settings are made by one walk over the table, not by walks over the lines.
 */
import type { Kind } from './kinds.ts'
import { faultsOfEnsemble, useOf } from './other-keys.ts'
import {
  amended,
  type Config,
  clashes,
  type Property,
  type Remark,
  type Setting,
  type Settings,
  settingOf,
  table,
  type Value,
  withoutPrefix,
  written,
} from './settings.ts'

export function parseConfig(text: string, above: readonly Property[] = []): Config {
  return configOf(above.concat(parseProperties(text)))
}

export function configOfArguments(values: readonly string[], above: readonly Property[] = []): Config {
  const keys = ['clientPort', 'dataDir', 'tickTime', 'maxClientCnxns']
  const lines = values.map((value, at) => ({ key: keys[at] ?? `argument ${at + 1}`, value, line: 0 }))
  return configOf(above.concat(lines))
}

const isBlank = (char: string): boolean => char === ' ' || char === '\t' || char === '\f'
const letters = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
])

export function parseProperties(text: string): Property[] {
  const properties: Property[] = []
  let at = 0
  let line = 1

  /** One sign, or null at the end of a line. Lines that go on have no end. */
  function next(): { char: string; isEscaped: boolean } | null {
    const char = text[at]
    if (char === undefined) return null
    if (char === '\n' || char === '\r') return null
    at++
    if (char !== '\\') return { char, isEscaped: false }
    const meant = text[at]
    if (meant === undefined) return null
    if (meant === '\n' || meant === '\r') {
      leave()
      while (at < text.length && isBlank(text[at]!)) at++
      return next()
    }
    at++
    const hex = /^[0-9a-fA-F]{4}/.exec(text.slice(at, at + 4))
    if (meant === 'u' && hex !== null) {
      at += 4
      return { char: String.fromCharCode(Number.parseInt(hex[0], 16)), isEscaped: true }
    }
    return { char: letters.get(meant) ?? meant, isEscaped: true }
  }

  function leave(): void {
    at += text.startsWith('\r\n', at) ? 2 : 1
    line++
  }

  while (at < text.length) {
    while (at < text.length && isBlank(text[at]!)) at++
    const begin = line
    if (text[at] === '#' || text[at] === '!') {
      while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++
    } else {
      let [key, value] = ['', '']
      let state: 'key' | 'behind key' | 'behind sign' | 'value' = 'key'
      let any = false
      for (let sign = next(); sign !== null; sign = next()) {
        any = true
        const { char, isEscaped } = sign
        const isSign = !isEscaped && (char === '=' || char === ':')
        const isGap = !isEscaped && isBlank(char)
        if (state === 'key') {
          if (isSign) state = 'behind sign'
          else if (isGap) state = 'behind key'
          else key += char
        } else if (state === 'value') value += char
        else if (isGap) continue
        else if (state === 'behind key' && isSign) state = 'behind sign'
        else {
          state = 'value'
          value = char
        }
      }
      if (any) properties.push({ key, value: value.trim(), line: begin })
    }
    if (at < text.length) leave()
  }
  return properties
}

type Reading = { value: Value | undefined } | { fault: string }
type OfKind<T extends Kind['type']> = Extract<Kind, { type: T }>

const readers: { [T in Kind['type']]: (kind: OfKind<T>, text: string) => Reading } = {
  whole({ least, most, example, instead }, text) {
    if (instead?.has(text)) {
      const meant = instead.get(text)
      return { value: meant === 'usual' ? undefined : meant }
    }
    const fault = `must be a whole number from ${least} to ${most}, for example ${example}`
    if (text.match(/^[-+]?[0-9]+$/) === null) return { fault }
    const number = Number(text)
    return number < least || number > most ? { fault } : { value: number }
  },
  text({ example, isGood = () => true, rule }, text) {
    if (text.length === 0) return { fault: `needs a value, for example ${example}` }
    return isGood(text) ? { value: text } : { fault: `${rule}, for example ${example}` }
  },
  choice({ choices, anyCase, rule }, text) {
    const word = anyCase ? text.toLowerCase() : text
    return choices.has(word) ? { value: choices.get(word) } : { fault: rule }
  },
  names({ always }, text) {
    const all = new Set(always)
    for (const part of text.split(',')) if (part.trim() !== '') all.add(part.trim())
    return { value: all }
  },
  span({ units, usual, rule }, text) {
    const digits = text.match(/^-?[0-9]{1,9}/)?.[0]
    if (digits === undefined) return { fault: rule }
    const unit = text.slice(digits.length)
    const millis = units.get(unit === '' ? usual : unit)
    if (millis === undefined) return { fault: rule }
    return { value: digits.startsWith('-') ? 0 : Number(digits) * millis }
  },
}

export function readValue(kind: Kind, text: string): Reading {
  return (readers[kind.type] as (kind: Kind, text: string) => Reading)(kind, text)
}

export function configOf(properties: readonly Property[]): Config {
  const lines = new Map<string, Property>()
  for (const property of properties) lines.set(withoutPrefix(property.key), property)
  const bySetting = new Map<Setting, Property>()
  const others: Property[] = []
  for (const property of lines.values()) {
    const setting = settingOf(property)
    if (setting === undefined) others.push(property)
    else bySetting.set(setting, property)
  }

  const errors: Remark[] = []
  const values: Record<string, Value> = {}
  const given = new Set<keyof Settings>()
  const open: Setting[] = []
  for (const setting of table) {
    const { key, sets, kind, usual } = setting
    const property = bySetting.get(setting)
    const reading = property === undefined ? { value: undefined } : readValue(kind, property.value)
    if ('fault' in reading) {
      const text = `${written(property!)}=${property!.value}: ${reading.fault}`
      errors.push({ line: property!.line, text })
    } else if (reading.value !== undefined) {
      values[sets] = reading.value
      given.add(sets)
    } else if (typeof usual === 'function') open.push(setting)
    else if (usual !== undefined) values[sets] = usual
    else if (property === undefined) {
      const example = 'example' in kind ? kind.example : ''
      errors.push({ line: 0, text: `${key} is missing: add a line ${key}=${example}` })
    }
  }
  errors.unshift(...faultsOfEnsemble(properties))
  if (errors.length > 0) return { errors: errors.toSorted((a, b) => a.line - b.line) }

  const settings = values as unknown as Settings
  const followed = open.map(({ sets, usual }) =>
    typeof usual === 'function' ? [sets, usual(settings, name => given.has(name))] : [sets, usual],
  )
  for (const [sets, value] of followed) values[sets as string] = value as Value

  const lineOf = (name: keyof Settings): number =>
    [...bySetting].find(([{ sets }]) => sets === name)?.[1].line ?? 0
  const faults = clashes(settings, lineOf)
  if (faults.length > 0) return { errors: faults }
  const warnings = amended(settings, lineOf)
  for (const [use, what] of [
    ['idle', 'these settings have no effect in this server'],
    ['unknown', 'these settings are unknown (misspelled?) and ignored'],
  ] as const) {
    const heap = others.filter(property => useOf(property) === use)
    if (heap[0] === undefined) continue
    const named = heap.map(property =>
      property.line > 0 ? `${property.key} (line ${property.line})` : written(property),
    )
    warnings.push({ line: heap[0].line, text: `${what}: ${named.join(', ')}` })
  }
  return { settings, warnings }
}
