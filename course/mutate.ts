/** Turns the reference into a mutant: a subject that differs from it by a few edits. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { launch } from './launch.mjs'
import { type Lab, labFolder } from './manifest.ts'
import type { Edit, Mutant } from './mutants.ts'
import { cacheFolder, root, shown, solutionRoot } from './paths.ts'
import { findSymbol } from './quote.ts'
import { referenceFile, type Subject } from './swap.ts'

export async function mutantsOf(lab: Lab): Promise<readonly Mutant[]> {
  const file = path.join(solutionRoot(lab), 'mutants.ts')
  if (!existsSync(file)) return []
  const { default: mutants } = (await launch(shown(file))) as { default: readonly Mutant[] }
  return mutants
}

/** Writes a mutant to the cache. Throws when an edit does not fit in exactly one place. */
export function mutantSubject(lab: Lab, mutant: Mutant): Subject {
  const sources = new Map(lab.swaps.map(swap => [swap, readFileSync(referenceFile(swap)!, 'utf8')]))
  for (const edit of mutant.edits) apply(edit, sources)
  const folder = path.join(cacheFolder, 'mutants', labFolder(lab), mutant.name.replace(/\W+/g, '-'))
  for (const [swap, source] of sources) {
    const file = path.join(folder, `${swap}.ts`)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, source)
  }
  return { folder, swaps: lab.swaps }
}

/** The subject that all labs start from. */
export function referenceSubject(lab: Lab): Subject {
  return { folder: path.join(root, 'reference-impl', 'src'), swaps: lab.swaps }
}

function apply({ symbol, from, to }: Edit, sources: Map<string, string>): void {
  const fits = [...sources].flatMap(([swap, source]) => {
    const found = findSymbol(source, symbol)
    if (found === null) return []
    return placesOf(from, source, found.start, found.end).map(at => ({ swap, source, at }))
  })
  const [fit] = fits
  if (fit === undefined || fits.length > 1) {
    const why = fits.length > 1 ? `is there ${fits.length} times` : 'is not there'
    throw new Error(`in ${symbol}, '${from}' ${why}; an edit must fit in exactly one place`)
  }
  sources.set(fit.swap, fit.source.slice(0, fit.at) + to + fit.source.slice(fit.at + from.length))
}

function placesOf(text: string, source: string, start: number, end: number): number[] {
  const places: number[] = []
  for (
    let at = source.indexOf(text, start);
    at >= 0 && at + text.length <= end;
    at = source.indexOf(text, at + 1)
  ) {
    places.push(at)
  }
  return places
}
