/** The rules of the course that no single lab owns. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { findLab, labFolder, labs } from '../manifest.ts'
import { referenceSource, root } from '../paths.ts'
import { readProse } from '../prose.ts'
import type { Finding } from './finding.ts'

export function courseFindings(): Finding[] {
  const ids = labs.map(({ id }) => id)
  const guides = entriesOf('.').filter(name => name.endsWith('.md'))
  const proses = guides.map(name => readProse(path.join(root, name)))
  return [
    {
      rule: 'every lab has a number of its own',
      note: `${labs.length} labs`,
      broken: ids.filter((id, index) => ids.indexOf(id) !== index).map(id => `${id} is there twice`),
    },
    { rule: 'every lab folder and chapter is in the manifest', note: '', broken: strays() },
    { rule: 'every region is in a file of its lab', note: '', broken: strayRegions() },
    {
      rule: 'the guides keep their promises',
      note: guides.join(' · '),
      broken: proses.flatMap(({ broken }) => broken),
    },
  ]
}

function strays(): string[] {
  const known = new Set(labs.map(labFolder))
  return ['labs', 'solutions', 'chapters'].flatMap(folder =>
    entriesOf(folder)
      .filter(name => /^\d/.test(name) && !known.has(name.replace(/\.md$/, '')))
      .map(name => `${folder}/${name} belongs to no lab of the manifest`),
  )
}

function strayRegions(): string[] {
  return readdirSync(referenceSource, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .flatMap(name => {
      const source = readFileSync(path.join(referenceSource, name), 'utf8')
      const ids = [...source.matchAll(/\/\/ #region lab (\S+?):/g)].map(([, id]) => id!)
      const module = name.split(path.sep).join('/').replace(/\.ts$/, '')
      return [...new Set(ids)]
        .filter(id => !findLab(id)?.swaps.includes(module))
        .map(id => `${module}.ts has a region of lab ${id}, which does not swap that file`)
    })
}

function entriesOf(folder: string): string[] {
  return existsSync(path.join(root, folder)) ? readdirSync(path.join(root, folder)) : []
}
