/**
 * A chapter, a handout, a first or second hint must not do a student's work. It does when it quotes a symbol in which a
 * lab has a hole, or shows a line that stands in a hole and nowhere else. (The third hint may: it is nearly the code.)
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import MarkdownIt from 'markdown-it'
import { type Lab, labs } from '../manifest.ts'
import { chapterFile, labRoot, referenceSource, shown } from '../paths.ts'
import { findSymbol } from '../quote.ts'
import { cut, type Region, regionsOf } from '../stubs.ts'
import { referenceFile } from '../swap.ts'
import type { Finding } from './finding.ts'

/** Shorter lines are `return null` and the like, which anybody writes. */
const shortestLine = 24

interface Hole extends Region {
  lab: Lab
  file: string
}

const markdown = new MarkdownIt()

export function spoilersFinding(lab: Lab): Finding {
  const handout = path.join(labRoot(lab), 'README.md')
  const hints = path.join(labRoot(lab), 'hints.md')
  const texts = [chapterFile(lab), handout, hints].filter(file => existsSync(file))
  return {
    rule: 'its texts do not do the work',
    note: '',
    broken: texts.flatMap(file => {
      const text = readFileSync(file, 'utf8')
      return spoilersIn(file, file === hints ? text.split(/^## 3\s*$/m)[0]! : text)
    }),
  }
}

function spoilersIn(file: string, text: string): string[] {
  const blocks = markdown.parse(text, {})
  const quoted = blocks.flatMap(({ children }) => {
    const [open, title, close, ...more] = children ?? []
    const target = open?.type === 'link_open' ? open.attrGet('href') : null
    if (target === null || close?.type !== 'link_close' || more.length > 0) return []
    const [address = '', symbol] = target.split('#')
    if (symbol === undefined || !address.endsWith('.ts')) return []
    return holesOf(path.resolve(path.dirname(file), address), symbol).map(
      hole => `${shown(file)} quotes \`${title!.content}\`, which holds ${nameOf(hole)}`,
    )
  })
  const lines = blocks
    .filter(({ type }) => type === 'fence' || type === 'code_block')
    .flatMap(({ content }) => content.split('\n'))
    .flatMap(line => {
      const hole = holeByLine().get(squeezed(line))
      return hole ? [`${shown(file)} shows \`${line.trim()}\`, a line of ${nameOf(hole)}`] : []
    })
  return [...new Set([...quoted, ...lines])]
}

const nameOf = ({ lab, part, task }: Hole): string => `the hole of lab ${lab.id} ${part}, "${task}"`

/** The holes that a symbol has some line of. */
function holesOf(file: string, symbol: string): Hole[] {
  const inFile = holes().filter(hole => hole.file === file)
  if (inFile.length === 0) return []
  const source = readFileSync(file, 'utf8')
  const found = findSymbol(source, symbol)
  if (found === null) return [] // told elsewhere
  const lineAt = (at: number) => source.slice(0, at).split('\n').length
  const [first, last] = [lineAt(found.start), lineAt(found.end)]
  return inFile.filter(({ line, lines }) => line <= last && line + lines.length > first)
}

let known: Hole[] | undefined

/** Of all labs that a student has to solve. */
function holes(): readonly Hole[] {
  known ??= labs
    .filter(({ solved }) => !solved)
    .flatMap(lab =>
      lab.swaps.flatMap(swap => {
        const file = referenceFile(swap)
        if (file === null) return []
        return regionsOf(lab, readFileSync(file, 'utf8')).map(region => ({ ...region, lab, file }))
      }),
    )
  return known
}

let byLine: Map<string, Hole> | undefined

/** The lines by which a hole is known: not those that a stub has, too. */
function holeByLine(): ReadonlyMap<string, Hole> {
  if (byLine !== undefined) return byLine
  byLine = new Map()
  for (const hole of holes()) {
    for (const line of hole.lines) if (squeezed(line).length >= shortestLine) byLine.set(squeezed(line), hole)
  }
  for (const { lab, file } of holes()) {
    const swap = path.relative(referenceSource, file).split(path.sep).join('/').replace(/\.ts$/, '')
    for (const line of cut(lab, readFileSync(file, 'utf8'), swap).split('\n')) byLine.delete(squeezed(line))
  }
  return byLine
}

/** Without its spaces, so that a change of indent hides nothing. */
const squeezed = (line: string): string => line.replace(/\s+/g, '')
