/**
 * Which known mistake a submission looks like. A lab's mutants are mistakes with the misconception behind each; whoever
 * fails the tests that a mutant fails may think what its author thought. A likeness is a hint for a person, never a proof:
 * it changes no grade.
 */
import path from 'node:path'
import { madeLabs } from '../labs.ts'
import type { Lab } from '../manifest.ts'
import { mutantsOf } from '../mutate.ts'
import { cacheFolder } from '../paths.ts'
import { type GradingOptions, gradeAll } from './grading.ts'
import type { Grading, LabGrade, Resemblance, TestGrade } from './model.ts'
import { mutantSubmissions } from './mutants.ts'
import { usualLimits } from './sandbox.ts'

/** A mutant, and the tests that it fails. */
export interface Signature {
  mutant: string
  misconception: string
  fails: ReadonlySet<string>
}

/** So much of what a mistake does must be seen … */
const seenShare = 0.8
/** … and so much of what is seen must be explained, by so many mistakes at most. */
const explainedShare = 0.5
const mostMistakes = 3

/** Where the mutants' grades are kept, for every class that is graded here. */
export const mutantsKept = path.join(cacheFolder, 'grade', 'mutants')

/** Labs in which somebody has written something wrong that nobody has looked at yet: the others resemble nothing. */
export function labsToLookAt({ submissions }: Grading): Lab[] {
  const graded = submissions.flatMap(({ labs }) => labs)
  const wrong = graded.filter(({ resembles, tests }) => resembles === undefined && tellsSomething(tests))
  return madeLabs.filter(({ id }) => wrong.some(({ lab }) => lab === id))
}

/** Grades the mutants of these labs. They are ours, and what they fail is remembered until tests or mutants change. */
export async function signatures(
  labs: readonly Lab[],
  options: Pick<GradingOptions, 'sandbox' | 'jobs' | 'onProgress'>,
): Promise<Map<string, Signature[]>> {
  const grading = await gradeAll(await mutantSubmissions(labs), labs, {
    ...options,
    limits: usualLimits,
    testMilliseconds: 10_000,
    labMilliseconds: 300_000,
    kept: mutantsKept,
  })
  const graded = new Map(grading.submissions.map(({ submission, labs }) => [submission, labs[0]!]))
  const known = labs.map(async (lab): Promise<[string, Signature[]]> => {
    const mutants = await mutantsOf(lab)
    return [
      lab.id,
      mutants.map(({ name, misconception }) => ({
        mutant: name,
        misconception,
        fails: failing(graded.get(`${lab.id} ${name}`)!.tests),
      })),
    ]
  })
  return new Map(await Promise.all(known))
}

/** The same grading, each lab with what it looks like. */
export function withResemblances(
  grading: Grading,
  known: ReadonlyMap<string, readonly Signature[]>,
): Grading {
  const look = (lab: LabGrade): LabGrade => {
    const mistakes = known.get(lab.lab)
    return mistakes ? { ...lab, resembles: resemblances(lab.tests, mistakes) } : lab
  }
  return {
    ...grading,
    submissions: grading.submissions.map(one => ({ ...one, labs: one.labs.map(look) })),
  }
}

/**
 * Mistakes that together explain what fails: the one that explains most, then the one that explains most of the rest. What
 * nobody has written yet says nothing, neither for a mistake nor against it.
 */
export function resemblances(tests: readonly TestGrade[], mistakes: readonly Signature[]): Resemblance[] {
  const written = new Set(tests.filter(({ reason }) => reason !== 'not attempted').map(({ id }) => id))
  const all = failing(tellsSomething(tests) ? tests.filter(({ id }) => written.has(id)) : [])
  const seen = mistakes.map(mistake => ({
    ...mistake,
    fails: new Set([...mistake.fails].filter(id => written.has(id))),
  }))
  const likely = seen.filter(({ fails }) => fails.size > 0 && common(fails, all) / fails.size >= seenShare)
  const found: Resemblance[] = []
  let rest = all
  while (rest.size > 0 && found.length < mostMistakes) {
    const ranked = likely
      .map(mistake => ({ ...mistake, explains: common(mistake.fails, rest) }))
      // Of two that explain as much, the one that foretells less of what did not happen.
      .sort((a, b) => b.explains - a.explains || a.fails.size - b.fails.size)
    const [best] = ranked
    if (!best || best.explains === 0) break
    const alike = ranked.filter(
      ({ explains, fails }) => explains === best.explains && fails.size === best.fails.size,
    )
    const { mutant, misconception, fails, explains } = best
    const exact = alike.length === 1 && fails.size === all.size && explains === all.size
    const alternatives = alike.slice(1).map(({ mutant }) => mutant)
    found.push({ mutant, misconception, explains, of: all.size, exact, alternatives })
    rest = new Set([...rest].filter(id => !fails.has(id)))
  }
  return all.size - rest.size >= explainedShare * all.size ? found : []
}

/** What never ran, as when it loops while it is loaded, ends all its tests in the same way. */
function tellsSomething(tests: readonly TestGrade[]): boolean {
  const ran = tests.some(({ reason }) => reason === 'wrong' || reason !== tests[0]!.reason)
  return ran && tests.some(isTold)
}

/** It ran and did something else than it should. What never ran, or was never written, tells no story. */
function isTold({ reason }: TestGrade): boolean {
  return reason === 'wrong' || reason === 'timed out' || reason === 'out of memory'
}

function failing(tests: readonly TestGrade[]): Set<string> {
  return new Set(tests.filter(({ reason }) => reason !== 'ok').map(({ id }) => id))
}

function common(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  return [...one].filter(id => other.has(id)).length
}
