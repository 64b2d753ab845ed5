/**
 * Links between files of the repository, as they work on a code host, become links between pages of the site. A file
 * that is no page here becomes a link to the code host when the site knows one, else its path in words.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type MarkdownNode, replaceEach, textOf } from './markdown-tree.ts'
import { sections } from './sections.ts'

export interface Options {
  repository: string
  /** The address of the repository's files on a code host, without a slash at its end. */
  repositoryUrl: string | null
  /** The pages of the site that move, by their addresses: do they know this state, given as what follows the #? */
  moving: Record<string, (hash: string) => boolean>
}

export function repositoryLinks({ repository, repositoryUrl, moving }: Options) {
  return (tree: MarkdownNode, { path: file }: { path: string }) => {
    replaceEach(tree, node => {
      if (node.type !== 'link' && node.type !== 'definition') return null
      const url = node.url ?? ''
      const here = path.relative(repository, file).split(path.sep).join('/')
      const [, page = '', state = ''] = /^(\/\w+)\/?(#.*)$/.exec(url) ?? []
      if (moving[page]?.(state) === false) {
        throw new Error(`${here} links to ${url}, but ${page} cannot read what follows the #`)
      }
      if (/^([a-z]+:|\/|#)/i.test(url)) return null
      const [target = '', hash = ''] = url.split(/(?=#)/)
      const absolute = path.resolve(path.dirname(file), decodeURI(target))
      const relative = path.relative(repository, absolute).split(path.sep).join('/')
      const sitePage = pageOf(relative)
      if (sitePage !== null) {
        node.url = sitePage + hash
        return null
      }
      if (!existsSync(absolute)) {
        throw new Error(`${here} links to ${url}, but there is no ${relative}`)
      }
      if (repositoryUrl !== null) {
        node.url = `${repositoryUrl}/${relative}${hash}`
        return null
      }
      if (node.type === 'definition') return null
      return inWords(node, relative)
    })
  }
}

/** `labs/04-serialization/README.md` → `/labs/04-serialization/` */
function pageOf(relative: string): string | null {
  for (const { folder, id, page } of sections) {
    if (!relative.startsWith(`${folder}/`)) continue
    const found = page(relative.slice(folder.length + 1))
    if (found !== null) return `/${id}/${found}/`
  }
  return null
}

/** The text of the link, and the path behind it unless the text says it already. */
function inWords(link: MarkdownNode, relative: string): MarkdownNode[] {
  const text = textOf(link)
  const path: MarkdownNode = { type: 'inlineCode', value: relative }
  if (relative.endsWith(text)) return [path]
  if (relative.includes(text) || text.includes(relative)) return link.children ?? []
  return [...(link.children ?? []), { type: 'text', value: ' (' }, path, { type: 'text', value: ')' }]
}
