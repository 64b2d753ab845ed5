/**
 * The site reads the repository as it is: chapters, handouts and guides stay where they are, code is quoted from the
 * source, and the order comes from the course's manifest. Three variables place it on a real host:
 * SITE_URL and SITE_BASE (where it stands), REPOSITORY_URL (the address of the repository's files on a code host;
 * files that are no pages of the site then become links to it).
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { Options as DocsOptions } from '@docusaurus/plugin-content-docs'
import type { Config, PluginConfig } from '@docusaurus/types'
import { parse } from '../reference-impl/src/wire/compiler.ts'
import { codeTheme } from './plugins/code-theme.ts'
import { loopSources } from './plugins/loop-sources.ts'
import { quoteCode } from './plugins/quote-code.ts'
import { reference } from './plugins/reference.ts'
import { repository } from './plugins/repository.ts'
import { repositoryLinks } from './plugins/repository-links.ts'
import { presentSections, type Section } from './plugins/sections.ts'
import { fromHash as cableState } from './src/cable/choice.ts'
import { fromHash as damageState } from './src/damage/choice.ts'
import { fromHash as explorerState } from './src/explorer/address.ts'

const repositoryUrl = process.env.REPOSITORY_URL?.replace(/\/$/, '') ?? null

export default async function config(): Promise<Config> {
  const { quote } = await courseModule('course/quote.ts')
  const sections = presentSections(repository)
  return {
    title: 'ZooKeeper from Scratch',
    tagline: 'A course in which you write ZooKeeper, one module a chapter',
    favicon: 'favicon.svg',
    url: process.env.SITE_URL ?? 'http://localhost',
    baseUrl: process.env.SITE_BASE ?? '/',
    trailingSlash: true,
    onBrokenLinks: 'throw',
    onBrokenAnchors: 'throw',
    onDuplicateRoutes: 'throw',
    // To add a language: name it here, then `npm run write-translations -- --locale zh-Hans` writes what to translate.
    i18n: { defaultLocale: 'en', locales: ['en'] },
    future: { v4: true, faster: true, experimental_vcs: false },
    // Where `npm start` serves plays with the files of whoever reads; on a site for everybody there is nobody to do so.
    customFields: { repositoryUrl, ownFiles: process.env.COURSE_OWN_FILES ?? null },
    markdown: {
      format: 'detect',
      mermaid: true,
      hooks: { onBrokenMarkdownLinks: 'throw', onBrokenMarkdownImages: 'throw' },
    },
    plugins: [
      ...sections.map(section => docs(section, quote)),
      ['@docusaurus/plugin-content-pages', {}],
      reference,
      loopSources(quote),
    ],
    themes: [
      ['@docusaurus/theme-classic', { customCss: './src/css/theme.css' }],
      '@docusaurus/theme-mermaid',
      [
        '@easyops-cn/docusaurus-search-local',
        {
          hashed: 'filename',
          indexBlog: false,
          docsRouteBasePath: sections.map(({ id }) => id),
          docsDir: sections.map(({ folder }) => `../${folder}`),
          docsPluginIdForPreferredVersion: sections[0]?.id,
          searchBarShortcutHint: false,
        },
      ],
    ],
    themeConfig: {
      colorMode: { respectPrefersColorScheme: true },
      docs: { sidebar: { hideable: false, autoCollapseCategories: false } },
      tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
      navbar: {
        title: 'ZooKeeper from Scratch',
        items: [
          ...sections.map(({ id, label }) => ({
            type: 'docSidebar',
            docsPluginId: id,
            sidebarId: 'defaultSidebar',
            label,
            position: 'left',
          })),
          {
            type: 'dropdown',
            label: 'Try it',
            position: 'left',
            items: [
              { to: '/explorer', label: 'Byte explorer' },
              { to: '/cable', label: 'Cut the cable' },
              { to: '/damage', label: 'Damage a log' },
            ],
          },
          { type: 'search', position: 'right' },
        ],
      },
      footer: {
        copyright: 'Code under Apache-2.0, text under CC BY 4.0.',
      },
      mermaid: {
        theme: { light: 'neutral', dark: 'dark' },
        options: {
          fontFamily: '"Inter Variable", system-ui, sans-serif',
          flowchart: { useMaxWidth: false },
          sequence: { useMaxWidth: false },
          state: { useMaxWidth: false },
        },
      },
      prism: { theme: codeTheme, additionalLanguages: ['bash', 'java'] },
    },
  }
}

function docs({ id, folder, include, sidebar }: Section, quote: Quote): PluginConfig {
  const options: DocsOptions = {
    id,
    path: path.join('..', folder),
    routeBasePath: id,
    include,
    // The number is part of a lab's name, not an order to be cut off.
    numberPrefixParser: false,
    breadcrumbs: false,
    sidebarItemsGenerator: sidebar,
    beforeDefaultRemarkPlugins: [
      [quoteCode, { repository, quote }],
      [repositoryLinks, { repository, repositoryUrl, moving }],
    ],
  }
  return ['@docusaurus/plugin-content-docs', options]
}

/** By the schema as it is now; the page itself compiles the same file into its bundle. */
function isExplorerState(hash: string): boolean {
  const idl = path.join(repository, 'reference-impl', 'src', 'wire', 'zookeeper.jute')
  const schema = new Map(parse(readFileSync(idl, 'utf8')).map(record => [record.name, record]))
  return explorerState(schema, hash) !== null
}

const moving = {
  '/explorer': isExplorerState,
  '/cable': (hash: string) => cableState(hash) !== null,
  '/damage': (hash: string) => damageState(hash) !== null,
}

type Quote = (file: string, symbol: string) => { code: string }

/** The course's own modules, started as the course starts them: Docusaurus' loader cannot read them. */
async function courseModule(entry: string): Promise<{ quote: Quote }> {
  const { launch } = createRequire(import.meta.url)('../course/launch.mjs')
  return launch(entry)
}
