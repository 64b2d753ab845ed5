/** Which folders of the repository become pages, and in which order. A section without a page is left out. */
import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import type { PluginOptions } from '@docusaurus/plugin-content-docs'
import { type Lab, labFolder, labs } from '../../course/manifest.ts'

type SidebarGenerator = PluginOptions['sidebarItemsGenerator']

export interface Section {
  /** Also the name of its docs plugin. */
  id: string
  /** In the navigation bar. */
  label: string
  /** Relative to the repository. */
  folder: string
  /** Which of its files become pages. */
  include: string[]
  /** The page of a file, without the site's base: `/chapters/04-serialization/`; null when it has none. */
  page(file: string): string | null
  sidebar: SidebarGenerator
}

export const sections: readonly Section[] = [
  {
    id: 'chapters',
    label: 'Chapters',
    folder: 'chapters',
    include: ['*.md'],
    page: file => match(file, /^([\w-]+)\.md$/),
    sidebar: labSidebar(labFolder),
  },
  {
    id: 'labs',
    label: 'Labs',
    folder: 'labs',
    include: ['*/README.md'],
    page: file => match(file, /^([\w-]+)(?:\/(?:README\.md)?)?$/),
    sidebar: labSidebar(lab => `${labFolder(lab)}/README`),
  },
  {
    // For instructors and other readers: a file put into docs/ is listed, under the title in its front matter.
    id: 'docs',
    label: 'Guides',
    folder: 'docs',
    include: ['**/*.md'],
    page: file => match(file, /^([\w/-]+)\.md$/),
    sidebar: ({ defaultSidebarItemsGenerator, ...args }) => defaultSidebarItemsGenerator(args),
  },
]

/** The sections that have a page. */
export function presentSections(repository: string): Section[] {
  return sections.filter(({ folder, page }) => {
    const absolute = path.join(repository, folder)
    if (!existsSync(absolute)) return false
    const files = readdirSync(absolute, { recursive: true, encoding: 'utf8' })
    return files.some(file => file.endsWith('.md') && page(file.split(path.sep).join('/')) !== null)
  })
}

/** All labs: links to those whose page is written, of the others their name and the word "soon". */
function labSidebar(idOf: (lab: Lab) => string): SidebarGenerator {
  return ({ docs }) =>
    labs.map(lab => {
      const id = idOf(lab)
      const customProps = { number: lab.id }
      return docs.some(doc => doc.id === id)
        ? { type: 'doc', id, label: lab.title, customProps }
        : { type: 'link', href: '#', label: lab.title, customProps: { ...customProps, planned: true } }
    })
}

function match(file: string, pattern: RegExp): string | null {
  return pattern.exec(file)?.[1] ?? null
}
