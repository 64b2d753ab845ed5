/** The rules of a lab that one sees by reading: files, points, parts, texts. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { hintsOf } from '../hint.ts'
import { findLab, type Lab, labFolder } from '../manifest.ts'
import {
  chapterFile,
  hiddenTests,
  labRoot,
  shown,
  solutionRoot,
  studentFiles,
  studentSource,
  visibleTests,
} from '../paths.ts'
import { missingSections, readProse } from '../prose.ts'
import { regionsOf, stubOf } from '../stubs.ts'
import { referenceFile } from '../swap.ts'
import { testFiles } from '../trial.ts'
import type { Finding } from './finding.ts'
import { spoilersFinding } from './spoilers.ts'

export function* labFindings(lab: Lab): Generator<Finding> {
  yield { rule: 'all its files stand', note: '', broken: missingFiles(lab) }
  yield pointsFinding(lab)
  if (lab.swaps.every(referenceFile)) {
    yield partsFinding(lab)
    yield stubFinding(lab)
  }
  yield proseFinding(lab)
  yield spoilersFinding(lab)
}

/** A second solution in another style. */
export function alternativeOf(lab: Lab): string {
  return path.join(solutionRoot(lab), 'alternative')
}

function missingFiles(lab: Lab): string[] {
  const wanted = [
    chapterFile(lab),
    path.join(labRoot(lab), 'README.md'),
    path.join(labRoot(lab), 'hints.md'),
    path.join(labRoot(lab), 'tsconfig.json'),
    ...studentFiles(lab),
    path.join(solutionRoot(lab), 'README.md'),
    ...(lab.solved ? [] : lab.swaps.map(swap => path.join(alternativeOf(lab), `${swap}.ts`))),
    ...(lab.solved ? [] : [path.join(solutionRoot(lab), 'mutants.ts')]),
  ]
  const missing = wanted.filter(file => !existsSync(file)).map(file => `${shown(file)} is missing`)
  if (testFiles(visibleTests(lab)).length === 0) missing.push(`${shown(visibleTests(lab))} has no tests`)
  if (!lab.solved && testFiles(hiddenTests(lab)).length === 0)
    missing.push(`${shown(hiddenTests(lab))} has no tests`)
  for (const swap of lab.swaps) {
    if (!referenceFile(swap)) missing.push(`reference-impl/src/${swap}.ts is missing`)
  }
  if (existsSync(path.join(labRoot(lab), 'hints.md')) && hintsOf(lab).length !== 3) {
    missing.push(
      `${shown(path.join(labRoot(lab), 'hints.md'))} has ${hintsOf(lab).length} hints, where three are wanted`,
    )
  }
  return missing
}

function pointsFinding(lab: Lab): Finding {
  const sum = lab.parts.reduce((total, { points }) => total + points, 0)
  const broken = sum === 100 ? [] : [`the points add up to ${sum}`]
  if (lab.minutes <= 0) broken.push('the manifest does not say how many minutes it takes')
  if (lab.status !== 'made') broken.push(`the manifest calls it '${lab.status}'`)
  for (const id of lab.needs)
    if (!findLab(id)) broken.push(`it needs lab ${id}, which is not in the manifest`)
  return {
    rule: 'the points add up to 100',
    note: lab.parts.map(({ id, points }) => `${id} ${points}`).join(' · '),
    broken,
  }
}

/** Regions and manifest speak of the same parts; a hole is one decision to make. */
function partsFinding(lab: Lab): Finding {
  const regions = lab.swaps.flatMap(swap => regionsOf(lab, readFileSync(referenceFile(swap)!, 'utf8')))
  const parts = new Set(lab.parts.map(({ id }) => id))
  const broken = regions
    .filter(({ part }) => !parts.has(part))
    .map(({ part, task }) => `the region '${part}. ${task}' is of a part that is not in the manifest`)
  for (const { part, task, lines } of regions) {
    if (lines.length > 40)
      broken.push(`the region '${part}. ${task}' has ${lines.length} lines, where 40 are the most`)
  }
  for (const part of lab.solved ? [] : parts) {
    if (!regions.some(region => region.part === part))
      broken.push(`part ${part} has no region in the reference`)
  }
  const lines = regions.reduce((sum, region) => sum + region.lines.length, 0)
  return { rule: 'regions and manifest agree', note: `${regions.length} holes, ${lines} lines`, broken }
}

function stubFinding(lab: Lab): Finding {
  const stale = lab.swaps.filter(swap => {
    const file = path.join(studentSource(lab), `${swap}.ts`)
    return existsSync(file) && readFileSync(file, 'utf8') !== stubOf(lab, swap)
  })
  return {
    rule: 'the stub is fresh',
    note: '',
    broken: stale.map(
      swap => `${labFolder(lab)}/src/${swap}.ts is not what the reference gives: npm run stubs ${lab.id}`,
    ),
  }
}

function proseFinding(lab: Lab): Finding {
  const texts = [
    chapterFile(lab),
    path.join(labRoot(lab), 'README.md'),
    path.join(labRoot(lab), 'hints.md'),
    path.join(solutionRoot(lab), 'README.md'),
  ].filter(file => existsSync(file))
  const proses = texts.map(readProse)
  const sum = (of: (prose: (typeof proses)[number]) => number) =>
    proses.reduce((total, prose) => total + of(prose), 0)
  const tests = [...testFiles(visibleTests(lab)), ...testFiles(hiddenTests(lab))]
  const chapterWords = existsSync(chapterFile(lab)) ? proses[0]!.words : 0
  return {
    rule: 'its texts keep their promises',
    note: `chapter ${chapterWords} words · ${sum(({ links }) => links)} links · ${sum(({ quotes }) => quotes)} quotes`,
    broken: [...proses.flatMap(({ broken }) => broken), ...new Set(tests.flatMap(missingSections))],
  }
}
