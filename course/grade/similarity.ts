/**
 * Which submissions of a lab are alike beyond what the lab itself makes alike. Names, numbers and texts do not count, so
 * renaming hides nothing; neither does what stands in the stub, nor what half of the class writes, unless all of a file is
 * the same. A high share is a reason to look, and nothing more: short labs have few good solutions.
 */
import { type Lab, labFolder } from '../manifest.ts'
import { stubOf } from '../stubs.ts'
import type { Submission } from './submissions.ts'

export interface Likeness {
  lab: string
  one: string
  other: string
  /** Of the smaller one, 0 to 1. */
  share: number
}

/** Tokens in a row that are one feature. */
const run = 10
/** Fewer features than these are no evidence. */
const enough = 20
const reported = 0.5

export function likenesses(submissions: readonly Submission[], labs: readonly Lab[]): Likeness[] {
  return labs.flatMap(lab => {
    const stub = new Set(lab.swaps.flatMap(swap => [...features(stubOf(lab, swap))]))
    const each = submissions.flatMap(submission => {
      const taken = submission.take(lab)
      if ('missing' in taken) return []
      const own = [...taken.sources.values()].flatMap(text => [...features(text)])
      return [{ name: submission.name, features: new Set(own.filter(feature => !stub.has(feature))) }]
    })
    return alike(labFolder(lab), each)
  })
}

function alike(lab: string, each: readonly { name: string; features: ReadonlySet<string> }[]): Likeness[] {
  const writers = new Map<string, number[]>()
  each.forEach(({ features }, index) => {
    for (const feature of features) writers.set(feature, [...(writers.get(feature) ?? []), index])
  })
  const telling = new Array<number>(each.length).fill(0)
  const shared = new Map<number, number>()
  for (const indexes of writers.values()) {
    if (indexes.length > Math.max(2, each.length / 2)) continue
    for (const [at, one] of indexes.entries()) {
      telling[one]! += 1
      for (const other of indexes.slice(at + 1)) {
        const pair = one * each.length + other
        shared.set(pair, (shared.get(pair) ?? 0) + 1)
      }
    }
  }
  const pairs = [...shared].map(([pair, count]) => {
    const [one, other] = [Math.floor(pair / each.length), pair % each.length]
    const smaller = Math.max(enough, Math.min(telling[one]!, telling[other]!))
    return { lab, one: each[one]!.name, other: each[other]!.name, share: count / smaller }
  })
  const known = new Set(pairs.filter(({ share }) => share >= reported))
  const told = new Set([...known].map(({ one, other }) => `${one}\n${other}`))
  const copies = copiesAmong(each).filter(([one, other]) => !told.has(`${one}\n${other}`))
  return [...known, ...copies.map(([one, other]) => ({ lab, one, other, share: 1 }))].sort(
    (a, b) => b.share - a.share,
  )
}

/** A copy is a copy, however many have it: each with the next that has the same. */
function copiesAmong(
  each: readonly { name: string; features: ReadonlySet<string> }[],
): [one: string, other: string][] {
  const before = new Map<string, string>()
  return each.flatMap(({ name, features }): [string, string][] => {
    if (features.size < enough) return []
    const all = [...features].join('\n')
    const one = before.get(all)
    before.set(all, name)
    return one === undefined ? [] : [[one, name]]
  })
}

/** Runs of tokens, without what anybody can change by search and replace. */
function features(text: string): Set<string> {
  const code = text.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '')
  const tokens = code.match(/[A-Za-z_$#][\w$]*|\d[\w.]*|'[^'\n]*'|"[^"\n]*"|`[^`]*`|[^\s\w]/g) ?? []
  const plain = tokens.map(token => {
    if (/^['"`]/.test(token)) return 's'
    if (/^\d/.test(token)) return '0'
    return /^[A-Za-z_$#]/.test(token) && !keywords.has(token) ? 'x' : token
  })
  const found = new Set<string>()
  for (let i = 0; i + run <= plain.length; i++) found.add(plain.slice(i, i + run).join(' '))
  return found
}

const keywords = new Set(
  'if else for while do return const let function class new throw try catch finally switch case break continue of in typeof instanceof null undefined true false this'.split(
    ' ',
  ),
)
