/** Lets pages import the reference itself, and rebuilds a page when the code that it quotes has changed. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Plugin } from '@docusaurus/types'

const here = path.dirname(fileURLToPath(import.meta.url))

export function reference(): Plugin {
  return {
    name: 'reference',
    configureWebpack: () => ({
      module: {
        rules: [
          // The interface language of the records is text to a page; the reference's parser reads it there.
          { test: /\.jute$/, type: 'asset/source' },
          { test: /\.md$/, enforce: 'pre', loader: path.join(here, 'quoted-sources.cjs') },
        ],
      },
    }),
  }
}
