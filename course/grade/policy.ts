/**
 * The class's policy, as an instructor writes it down in one small file: deadlines, what lateness costs, who has longer,
 * what counts how much. YAML, and so JSON too. Every text stays text until it is read here (`04` is a lab, not a
 * number), and a mistake is a complaint that names its line.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { CsvError, parse } from 'csv-parse/sync'
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import { Complaint } from '../complaint.ts'
import { findLab, type Lab, labs } from '../manifest.ts'
import { hashOf } from './bundles.ts'

export interface Policy {
  file: string
  /** Of all that it says, the list of times included. */
  hash: string
  deadlines: PerLab<number>
  late: LateRule
  lateDays: number
  /** By student. */
  extensions: Map<string, PerLab<Extension>>
  /** By lab: what its parts, or the whole of it, count. */
  points: Map<string, { parts: Map<string, number>; whole: number | null }>
  excused: Excuse[]
  manual: Manual[]
  /** By student: when labs were handed in, from somebody who saw it. */
  times: Map<string, PerLab<Seen>>
  /** Every student whom it names, and where first. */
  students: Map<string, string>
}

/** Something for a lab, or for all that have nothing of their own. */
export interface PerLab<Value> {
  all: Value | null
  labs: Map<string, Value>
}

export interface LateRule {
  /** In milliseconds: what begins costs. */
  unit: number
  unitName: 'day' | 'hour'
  /** Shares of what the lab has earned: lost for each unit, and never lost. */
  loses: number
  keeps: number
  grace: number
  /** So long after the deadline nothing counts any more. */
  closes: number | null
}

/** A new deadline, or so much more time. */
export type Extension = { until: number } | { by: number }

export interface Excuse {
  /** Null for everybody. */
  student: string | null
  lab: string
  /** Null for the whole lab. */
  part: string | null
  reason: string
}

export interface Manual {
  student: string
  lab: string
  points: number
  reason: string
}

export interface Seen {
  at: number
  by: string
}

export const day = 86_400_000
const units: Record<string, number> = { minute: 60_000, hour: 3_600_000, day, week: 7 * day }

export function forLab<Value>({ all, labs }: PerLab<Value>, lab: string): Value | null {
  return labs.get(lab) ?? all
}

export function readPolicy(file: string): Policy {
  if (!existsSync(file)) throw new Complaint(`There is no policy at '${file}'.`)
  const text = readFileSync(file, 'utf8')
  return new Reading(file, text).policy()
}

const headings = [
  'deadlines',
  'late',
  'lateDays',
  'extensions',
  'points',
  'excused',
  'adjust',
  'times',
] as const

class Reading {
  readonly #file: string
  readonly #text: string
  readonly #lines = new LineCounter()
  readonly #students = new Map<string, string>()
  #timesText = ''

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
  }

  policy(): Policy {
    const document = parseDocument(this.#text, {
      schema: 'failsafe',
      lineCounter: this.#lines,
      prettyErrors: false,
    })
    const [error] = document.errors
    if (error) throw this.#complaint(error.pos[0], error.message)
    const top = this.#map(document.contents, 'a policy', headings)
    const deadlines = this.#perLab(top.get('deadlines'), node => this.#time(node))
    const late = this.#late(top.get('late'))
    const lateDays = top.has('lateDays') ? this.#number(top.get('lateDays'), 0) : 0
    if (!Number.isInteger(lateDays)) this.#fail(top.get('lateDays'), 'lateDays wants a whole number')
    return {
      file: path.basename(this.#file),
      deadlines,
      late,
      lateDays,
      extensions: this.#perStudent(top.get('extensions'), node =>
        this.#perLab(node, node => this.#extension(node)),
      ),
      points: this.#points(top.get('points')),
      excused: this.#excused(top.get('excused')),
      manual: this.#list(top.get('adjust')).map(node => this.#manual(node)),
      times: this.#times(top.get('times')),
      students: this.#students,
      hash: hashOf(this.#text, this.#timesText),
    }
  }

  #late(node: unknown): LateRule {
    const fields = this.#map(node, 'late', ['per', 'loses', 'keeps', 'grace', 'closes'])
    const per = fields.has('per') ? this.#word(fields.get('per')) : 'day'
    if (per !== 'day' && per !== 'hour')
      this.#fail(fields.get('per'), `late is per day or per hour, not per '${per}'`)
    return {
      unit: units[per]!,
      unitName: per,
      loses: fields.has('loses') ? this.#share(fields.get('loses')) : 0,
      keeps: fields.has('keeps') ? this.#share(fields.get('keeps')) : 0,
      grace: fields.has('grace') ? this.#duration(fields.get('grace')) : 0,
      closes: fields.has('closes') ? this.#duration(fields.get('closes')) : null,
    }
  }

  #points(node: unknown): Policy['points'] {
    const points: Policy['points'] = new Map()
    for (const [key, place, value] of this.#entries(node)) {
      const lab = this.#lab(key, place)
      if (isScalar(value)) {
        points.set(lab.id, { parts: new Map(), whole: this.#number(value, 0) })
        continue
      }
      const parts = new Map<string, number>()
      let whole: number | null = null
      for (const [part, place, points] of this.#entries(value)) {
        if (part === 'all') whole = this.#number(points, 0)
        else parts.set(this.#part(lab, part, place), this.#number(points, 0))
      }
      points.set(lab.id, { parts, whole })
    }
    return points
  }

  #excused(node: unknown): Excuse[] {
    return this.#entries(node).flatMap(([student, place, value]) => {
      if (student !== 'all') this.#student(student, place)
      return this.#entries(value).map(([what, place, reason]): Excuse => {
        const [, id = '', part] = /^(\S+)(?: +(\S+))?$/.exec(what) ?? []
        const lab = this.#lab(id, place)
        return {
          student: student === 'all' ? null : student,
          lab: lab.id,
          part: part === undefined ? null : this.#part(lab, part, place),
          reason: this.#word(reason),
        }
      })
    })
  }

  #manual(node: unknown): Manual {
    const keys = ['student', 'lab', 'points', 'reason'] as const
    const fields = this.#map(node, 'an adjustment', keys)
    for (const key of keys) if (!fields.has(key)) this.#fail(node, `an adjustment wants a ${key}`)
    const student = this.#word(fields.get('student'))
    this.#student(student, fields.get('student'))
    return {
      student,
      lab: this.#lab(this.#word(fields.get('lab')), fields.get('lab')).id,
      points: this.#number(fields.get('points'), Number.NEGATIVE_INFINITY),
      reason: this.#word(fields.get('reason')),
    }
  }

  /** Either here, or in a table beside this file. */
  #times(node: unknown): Policy['times'] {
    if (isScalar(node)) return this.#table(node)
    const at = (node: unknown): Seen => ({ at: this.#time(node), by: this.#place(node) })
    return this.#perStudent(node, node => this.#perLab(node, at))
  }

  #table(node: unknown): Policy['times'] {
    const name = this.#word(node)
    const file = path.resolve(path.dirname(this.#file), name)
    if (!existsSync(file)) this.#fail(node, `there is no table of times at '${file}'`)
    this.#timesText = readFileSync(file, 'utf8')
    const times: Policy['times'] = new Map()
    const fail = (line: number, message: string) => new Complaint(`${file}:${line}: ${message}.`)
    let rows: { record: string[]; info: { lines: number } }[]
    try {
      rows = parse(this.#timesText, { bom: true, info: true, skip_empty_lines: true, trim: true }) as never
    } catch (error) {
      if (!(error instanceof CsvError)) throw error
      throw fail(lineOf(error), error.message)
    }
    const head = rows.shift()?.record.map(name => name.toLowerCase()) ?? []
    const [studentAt, labAt, timeAt] = ['student', 'lab', 'time'].map(name => head.indexOf(name)) as [
      number,
      number,
      number,
    ]
    if (studentAt < 0 || timeAt < 0)
      throw fail(
        1,
        "the first line names the columns: 'student' and 'time', and 'lab' if times differ by lab",
      )
    for (const { record, info } of rows) {
      const by = `${name}:${info.lines}`
      const [student, lab, time] = [record[studentAt]!, record[labAt] ?? '', record[timeAt]!]
      const at = moment(time)
      if (at === null) throw fail(info.lines, wantsTime(time))
      if (lab !== '' && !findLab(lab)) throw fail(info.lines, noLab(lab))
      if (!this.#students.has(student)) this.#students.set(student, by)
      const mine = times.get(student) ?? { all: null, labs: new Map() }
      times.set(student, mine)
      if (lab === '' ? mine.all !== null : mine.labs.has(findLab(lab)!.id))
        throw fail(info.lines, `'${student}' has a time already; keep the one that counts`)
      if (lab === '') mine.all = { at, by }
      else mine.labs.set(findLab(lab)!.id, { at, by })
    }
    return times
  }

  #perStudent<Value>(node: unknown, read: (node: unknown) => Value): Map<string, Value> {
    return new Map(
      this.#entries(node).map(([student, place, value]) => {
        this.#student(student, place)
        return [student, read(value)]
      }),
    )
  }

  /** `all` and labs, or only the one thing for all. */
  #perLab<Value>(node: unknown, read: (node: unknown) => Value): PerLab<Value> {
    if (isScalar(node)) return { all: read(node), labs: new Map() }
    const found: PerLab<Value> = { all: null, labs: new Map() }
    for (const [key, place, value] of this.#entries(node)) {
      if (key === 'all') found.all = read(value)
      else found.labs.set(this.#lab(key, place).id, read(value))
    }
    return found
  }

  #student(name: string, place: unknown): void {
    if (!this.#students.has(name)) this.#students.set(name, this.#place(place))
  }

  #lab(name: string, place: unknown): Lab {
    return findLab(name) ?? this.#fail(place, noLab(name))
  }

  #part(lab: Lab, id: string, place: unknown): string {
    if (lab.parts.some(part => part.id === id)) return id
    const ids = lab.parts.map(part => part.id).join(', ')
    return this.#fail(place, `lab ${lab.id} has no part '${id}': its parts are ${ids}`)
  }

  #extension(node: unknown): Extension {
    const text = this.#word(node)
    const until = moment(text)
    return until === null ? { by: this.#duration(node) } : { until }
  }

  #time(node: unknown): number {
    const text = this.#word(node)
    return moment(text) ?? this.#fail(node, wantsTime(text))
  }

  #duration(node: unknown): number {
    const text = this.#word(node)
    const [, count, unit] = /^(\d+(?:\.\d+)?) *(minute|hour|day|week)s?$/.exec(text) ?? []
    if (count === undefined || unit === undefined)
      return this.#fail(node, `a length of time is like '15 minutes', '12 hours' or '3 days', not '${text}'`)
    return Number(count) * units[unit]!
  }

  #share(node: unknown): number {
    const text = this.#word(node)
    const share = Number(/^(\d+(?:\.\d+)?) *%$/.exec(text)?.[1] ?? Number.NaN) / 100
    if (share >= 0 && share <= 1) return share
    return this.#fail(node, `a share is from 0% to 100%, not '${text}'`)
  }

  #number(node: unknown, least: number): number {
    const text = this.#word(node)
    const number = /^[+-]?\d+(\.\d)?$/.test(text) ? Number(text) : Number.NaN
    if (number >= least) return number
    const wanted = `a number${least === 0 ? ', 0 or more' : ''}, with tenths at most`
    return this.#fail(node, `that wants ${wanted}, not '${text}'`)
  }

  #word(node: unknown): string {
    if (isScalar(node) && typeof node.value === 'string' && node.value.trim() !== '') return node.value.trim()
    return this.#fail(node, 'a text is missing here')
  }

  #list(node: unknown): unknown[] {
    if (node === undefined) return []
    return isSeq(node) ? node.items : this.#fail(node, "a list is wanted here, each item after a '-'")
  }

  #map<Key extends string>(node: unknown, what: string, keys: readonly Key[]): Map<Key, unknown> {
    return new Map(
      this.#entries(node).map(([key, place, value]) => {
        const known = keys.find(each => each === key)
        return [known ?? this.#fail(place, `${what} has no '${key}': it has ${keys.join(', ')}`), value]
      }),
    )
  }

  /** What is under a heading; nothing under one that is not there. */
  #entries(node: unknown): [key: string, place: unknown, value: unknown][] {
    if (node === undefined || node === null) return []
    if (!isMap(node)) return this.#fail(node, "what is wanted here has the form 'name: value', a line each")
    return node.items.map(({ key, value }) => [this.#word(key), key, value ?? key])
  }

  #place(node: unknown): string {
    return `${path.basename(this.#file)}:${this.#lines.linePos(offsetOf(node)).line}`
  }

  #fail(node: unknown, message: string): never {
    throw this.#complaint(offsetOf(node), message)
  }

  #complaint(offset: number, message: string): Complaint {
    return new Complaint(`${this.#file}:${this.#lines.linePos(offset).line}: ${message}.`)
  }
}

/** The reader of tables knows the line, its type does not. */
const lineOf = (error: object): number => ('lines' in error ? Number(error.lines) : 1)

function offsetOf(node: unknown): number {
  return (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0
}

/** A time of day without its zone is another time on another machine, so it is none. */
function moment(text: string): number | null {
  const [, date, hour, zone] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|UTC|[+-]\d\d:?\d\d)$/.exec(text) ?? []
  if (date === undefined || zone === undefined) return null
  const offset = zone === 'UTC' ? 'Z' : zone.replace(/^(...)(\d\d)$/, '$1:$2')
  const at = Date.parse(`${date}T${hour}${offset}`)
  // The 30th of February is read as some day of March.
  const isDay = !Number.isNaN(at) && new Date(`${date}T00:00Z`).toISOString().startsWith(date)
  return isDay ? at : null
}

const wantsTime = (text: string): string =>
  `a time is a day, an hour and the distance from UTC, like '2026-10-09 23:59 +02:00', not '${text}'`

const noLab = (name: string): string =>
  `there is no lab '${name}': they are ${labs[0]!.id} to ${labs.at(-1)!.id}`
