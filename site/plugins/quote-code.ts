/**
 * A paragraph that holds nothing but a link to a symbol of the source,
 *
 *     [wire/jute.ts: juteWriter](../reference-impl/src/wire/jute.ts#juteWriter)
 *
 * becomes the code of that symbol, taken from the source when the site is built. On a code host it is a link.
 * When the symbol is gone the build fails, so no chapter shows code that is not there any more.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { type MarkdownNode, replaceEach } from './markdown-tree.ts'

export interface Options {
  repository: string
  /** The code of a symbol in a file of the repository; throws when there is none. */
  quote(file: string, symbol: string): { code: string }
}

export function quoteCode({ repository, quote }: Options) {
  return (tree: MarkdownNode, { path: file }: { path: string }) => {
    replaceEach(tree, node => {
      const link = loneLink(node)
      const [, target, symbol] = quotable.exec(link?.url ?? '') ?? []
      if (target === undefined || symbol === undefined) return null
      const source = path
        .relative(repository, path.resolve(path.dirname(file), target))
        .split(path.sep)
        .join('/')
      return [quoted(source, decodeURIComponent(symbol))]
    })

    function quoted(source: string, symbol: string): MarkdownNode {
      const here = path.relative(repository, file).split(path.sep).join('/')
      if (!existsSync(path.join(repository, source))) {
        throw new Error(`${here} quotes ${source}#${symbol}: there is no such file.`)
      }
      try {
        const { code } = quote(source, symbol)
        return {
          type: 'code',
          lang: 'ts',
          meta: `title="${source}#${symbol}"`,
          value: code,
        }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        throw new Error(
          `${here} quotes ${source}#${symbol}: ${why}. Quote it by its new name, or something else.`,
        )
      }
    }
  }
}

const quotable = /^([./]*[\w./-]+\.ts)#([^#?]+)$/

function loneLink(node: MarkdownNode): MarkdownNode | null {
  const [only, ...others] = node.children ?? []
  return node.type === 'paragraph' && only?.type === 'link' && others.length === 0 ? only : null
}
