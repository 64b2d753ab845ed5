import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { MarkdownNode } from '../plugins/markdown-tree.ts'
import { quoteCode } from '../plugins/quote-code.ts'
import { repositoryLinks } from '../plugins/repository-links.ts'

const repository = mkdtempSync(path.join(os.tmpdir(), 'repository-'))
for (const file of [
  'chapters/04-x.md',
  'labs/04-x/README.md',
  'labs/04-x/src/wire/jute.ts',
  'reference-impl/src/wire/jute.ts',
]) {
  mkdirSync(path.join(repository, path.dirname(file)), { recursive: true })
  writeFileSync(path.join(repository, file), '')
}
const chapter = { path: path.join(repository, 'chapters', '04-x.md') }

describe('A quote', () => {
  const quote = quoteCode({
    repository,
    quote(file, symbol) {
      if (symbol === 'gone') throw new Error(`${file} has no 'gone'`)
      return { code: `code of ${symbol}` }
    },
  })

  test('takes the place of a paragraph that is nothing but a link to a symbol', () => {
    const tree = document(paragraph(link('../reference-impl/src/wire/jute.ts#Writer.ustring')))
    quote(tree, chapter)
    expect(tree.children).toEqual([
      {
        type: 'code',
        lang: 'ts',
        meta: 'title="reference-impl/src/wire/jute.ts#Writer.ustring"',
        value: 'code of Writer.ustring',
      },
    ])
  })

  test('is not a link among words, nor a link to a whole file', () => {
    for (const children of [
      [text('see '), link('../reference-impl/src/wire/jute.ts#juteWriter')],
      [link('../reference-impl/src/wire/jute.ts')],
    ]) {
      const tree = document(paragraph(...children))
      quote(tree, chapter)
      expect(tree.children?.[0]?.type).toBe('paragraph')
    }
  })

  test('of a symbol that is gone stops the build, with the names of chapter and symbol', () => {
    const tree = document(paragraph(link('../reference-impl/src/wire/jute.ts#gone')))
    expect(() => quote(tree, chapter)).toThrow(
      /^chapters\/04-x\.md quotes reference-impl\/src\/wire\/jute\.ts#gone: /,
    )
  })

  test('of a file that is gone stops the build too', () => {
    const tree = document(paragraph(link('../reference-impl/src/wire/gone.ts#x')))
    expect(() => quote(tree, chapter)).toThrow(/there is no such file/)
  })
})

describe('A link', () => {
  const rewrite = (url: string, words = 'text', repositoryUrl: string | null = null): MarkdownNode[] => {
    const tree = document(paragraph(link(url, words)))
    repositoryLinks({
      repository,
      repositoryUrl,
      moving: { '/explorer': state => state === '#record=Stat' },
    })(tree, chapter)
    return tree.children![0]!.children!
  }

  test.each([
    ['../labs/04-x/README.md', '/labs/04-x/'],
    ['../labs/04-x/', '/labs/04-x/'],
    ['../labs/04-x/README.md#traps', '/labs/04-x/#traps'],
    ['04-x.md', '/chapters/04-x/'],
    ['/explorer#record=Stat', '/explorer#record=Stat'],
    ['https://example.org/a.md', 'https://example.org/a.md'],
    ['#here', '#here'],
  ])('to %s leads to %s', (url, page) => {
    expect(rewrite(url)).toEqual([link(page)])
  })

  test('to a file that is no page becomes the path of that file, said once', () => {
    const code: MarkdownNode = { type: 'inlineCode', value: 'labs/04-x/src/wire/jute.ts' }
    expect(rewrite('../labs/04-x/src/wire/jute.ts', 'wire/jute.ts')).toEqual([code])
    expect(rewrite('../labs/04-x/src/wire/jute.ts', 'your file')).toEqual([
      text('your file'),
      text(' ('),
      code,
      text(')'),
    ])
  })

  test('to a file that is no page leads to the code host, when there is one', () => {
    expect(rewrite('../labs/04-x/src/wire/jute.ts', 'text', 'https://host/files')).toEqual([
      link('https://host/files/labs/04-x/src/wire/jute.ts'),
    ])
  })

  test('to a state that a moving page cannot read stops the build', () => {
    expect(() => rewrite('/explorer#record=Stta')).toThrow(
      'chapters/04-x.md links to /explorer#record=Stta, but /explorer cannot read what follows the #',
    )
  })

  test('to nothing stops the build', () => {
    expect(() => rewrite('../labs/99/src/x.ts')).toThrow(
      'chapters/04-x.md links to ../labs/99/src/x.ts, but there is no labs/99/src/x.ts',
    )
  })
})

function document(...children: MarkdownNode[]): MarkdownNode {
  return { type: 'root', children }
}

function paragraph(...children: MarkdownNode[]): MarkdownNode {
  return { type: 'paragraph', children }
}

function link(url: string, words = 'text'): MarkdownNode {
  return { type: 'link', url, children: [text(words)] }
}

function text(value: string): MarkdownNode {
  return { type: 'text', value }
}
