/** The parts of a chapter that failing tests send their reader to, found by the name that a message gives and made HTML. */
import { existsSync } from 'node:fs'
import MarkdownIt, { type Token } from 'markdown-it'
import { labs } from '../../manifest.ts'
import { chapterText } from '../../pack/chapter.ts'
import { chapterFile } from '../../paths.ts'
import { type Html, trusted } from './page.ts'

export interface Section {
  chapter: string
  title: string
  /** Of its place in a page. */
  anchor: string
  text: Html
}

/** How a failure says where to read: `(chapter 04, "Moving house")`. */
const mention = /chapter (\d\d), ["“]([^"”\n]{1,120})["”]/g

/** No HTML of the chapter's own, and nothing that would have to be fetched. */
const markdown = new MarkdownIt({ html: false })
Object.assign(markdown.renderer.rules, {
  // A page has headings of its own above these.
  heading_open: () => '<h5>',
  heading_close: () => '</h5>\n',
  image: (tokens: Token[], index: number) => markdown.utils.escapeHtml(tokens[index]!.content),
})

const chapters = new Map<string, ReadonlyMap<string, Section>>()

/** Every section that this text names and that is there, once. */
export function sectionsNamedIn(text: string): Section[] {
  const found = new Set<Section>()
  for (const [, id, title] of text.matchAll(mention)) {
    const section = sectionOf(id!, title!)
    if (section) found.add(section)
  }
  return [...found]
}

/** What it names and is not there: a reader would look for it in vain. */
export function strayMentionsIn(text: string): string[] {
  return [...text.matchAll(mention)].flatMap(([whole, id, title]) => (sectionOf(id!, title!) ? [] : [whole]))
}

function sectionOf(id: string, title: string): Section | null {
  const chapter = chapters.get(id) ?? readChapter(id)
  chapters.set(id, chapter)
  return chapter.get(title) ?? null
}

/** The sections of a chapter by their titles; each goes up to the next heading of its level. */
function readChapter(id: string): Map<string, Section> {
  const lab = labs.find(lab => lab.id === id)
  const sections = new Map<string, Section>()
  if (!lab || !existsSync(chapterFile(lab))) return sections
  const tokens = tokensOf(chapterText(chapterFile(lab)))
  for (const [at, { type, tag }] of tokens.entries()) {
    if (type !== 'heading_open') continue
    const title = plain(tokens[at + 1])
    const next = tokens.findIndex((other, place) => place > at && other.type === type && other.tag <= tag)
    const body = tokens.slice(at + 3, next < 0 ? undefined : next)
    sections.set(title, {
      chapter: id,
      title,
      anchor: `chapter-${id}-${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-')}`,
      text: trusted(markdown.renderer.render(body, markdown.options, {})),
    })
  }
  return sections
}

/** Links that lead elsewhere in the repository lead nowhere from a page: their text stays. */
function tokensOf(text: string): Token[] {
  const tokens = markdown.parse(
    text.replace(/^---\r?\n.*?\r?\n---\r?\n/s, '').replace(/^<\/?details>.*$/gm, ''),
    {},
  )
  for (const { children } of tokens) {
    const open: boolean[] = []
    for (const token of children ?? []) {
      if (token.type === 'link_open') open.push(!/^https?:/.test(token.attrGet('href') ?? ''))
      if (/^link_/.test(token.type) && (token.type === 'link_open' ? open.at(-1) : open.pop())) {
        token.type = 'text'
        token.tag = ''
        token.content = ''
      }
    }
  }
  return tokens
}

function plain(token: Token | undefined): string {
  return (token?.children ?? []).map(({ content }) => content).join('')
}
