/** What the course's texts promise: that a link leads somewhere, a quoted symbol exists, a named section stands. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import MarkdownIt from 'markdown-it'
import { labs } from './manifest.ts'
import { chapterFile, root, shown } from './paths.ts'
import { findSymbol } from './quote.ts'

const markdown = new MarkdownIt()

export interface Prose {
  words: number
  links: number
  quotes: number
  /** Each a sentence with the place. */
  broken: readonly string[]
}

/** Reads one Markdown file and follows every link that stays inside the repository. */
export function readProse(file: string): Prose {
  const text = withoutFrontMatter(readFileSync(file, 'utf8'))
  const links = linksIn(text)
  const inside = links.filter(({ target }) => !/^[a-z]+:/i.test(target))
  return {
    words: wordsIn(text),
    links: links.length,
    quotes: inside.filter(({ target }) => /\.tsx?#/.test(target)).length,
    broken: inside.flatMap(({ target, line }) => {
      const problem = problemOf(file, target)
      return problem === null ? [] : [`${shown(file)}: near line ${line} of the text, ${problem}`]
    }),
  }
}

/** Sections that a test names in a failure message, as in `(chapter 04, "Moving house")`, and that are not there. */
export function missingSections(testFile: string): string[] {
  const source = readFileSync(testFile, 'utf8')
  return [...source.matchAll(/chapter (\d\d), \\?["“]([^"”\\]+)/g)].flatMap(([, id, section]) => {
    const lab = labs.find(lab => lab.id === id)
    if (
      lab &&
      existsSync(chapterFile(lab)) &&
      headingsIn(readFileSync(chapterFile(lab), 'utf8')).includes(section!)
    ) {
      return []
    }
    return [`${shown(testFile)} sends the reader to chapter ${id}, "${section}", which is not there`]
  })
}

function problemOf(file: string, target: string): string | null {
  const [address = '', fragment] = decodeURI(target).split('#')
  if (address.startsWith('/')) {
    const page = path.join(root, 'site', 'src', 'pages', `${address}.tsx`)
    return existsSync(page) ? null : `'${target}' leads to no page of the site`
  }
  const linked = address === '' ? file : path.resolve(path.dirname(file), address)
  if (!existsSync(linked)) return `'${target}' leads to no file`
  if (fragment === undefined) return null
  const text = readFileSync(linked, 'utf8')
  if (/\.tsx?$/.test(linked))
    return findSymbol(text, fragment) ? null : `${shown(linked)} has no '${fragment}'`
  if (!linked.endsWith('.md')) return null
  return headingsIn(text).map(anchorOf).includes(fragment)
    ? null
    : `${shown(linked)} has no section '#${fragment}'`
}

function linksIn(text: string): { target: string; line: number }[] {
  return markdown.parse(text, {}).flatMap(block =>
    (block.children ?? []).flatMap(token => {
      const target = token.attrGet('href') ?? (token.type === 'image' ? token.attrGet('src') : null)
      return target === null ? [] : [{ target, line: (block.map?.[0] ?? 0) + 1 }]
    }),
  )
}

function headingsIn(text: string): string[] {
  const tokens = markdown.parse(withoutFrontMatter(text), {})
  return tokens
    .filter((_, index) => tokens[index - 1]?.type === 'heading_open')
    .map(({ children }) => (children ?? []).map(({ content }) => content).join(''))
}

/** As code hosts and the site make an anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-')
}

/** Of running text: code and pictures are not read word by word. */
function wordsIn(text: string): number {
  return markdown
    .parse(text, {})
    .filter(({ type }) => type === 'inline')
    .flatMap(({ children }) => children ?? [])
    .map(({ content }) => content)
    .join(' ')
    .split(/\s+/)
    .filter(word => /[\p{L}\p{N}]/u.test(word)).length
}

function withoutFrontMatter(text: string): string {
  return text.replace(/^---\r?\n.*?\r?\n---\r?\n/s, '')
}
