/**
 * Gradescope's `results.json`: one for each submission. What a hidden test has to say, the points with it, is shown when
 * the grades are published, not before: until then the text on top knows only of visible tests.
 */
import { firstLine, type LabGrade, type SubmissionGrade, type TestGrade } from '../model.ts'
import { adjustment } from './plain.ts'

export interface GradescopeResults {
  /** Counts, whatever the tests add up to: points are rounded, and a class's policy may change them. */
  score: number
  /** In seconds. */
  execution_time: number
  output: string
  output_format: 'text'
  visibility: 'visible'
  stdout_visibility: 'hidden'
  tests: GradescopeTest[]
}

export interface GradescopeTest {
  name: string
  /** Shown before the name, instead of a number of Gradescope's own. */
  number: string
  /** None for what only informs. */
  score?: number
  max_score?: number
  status: 'passed' | 'failed'
  output: string
  output_format: 'text'
  visibility: 'visible' | 'after_published'
  tags: string[]
}

export function gradescope({ points, labs }: SubmissionGrade): GradescopeResults {
  return {
    score: points,
    execution_time: Math.round(labs.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000),
    output: [...labs.map(inSight), 'Hidden tests and points are shown when the grades are published.'].join(
      '\n',
    ),
    output_format: 'text',
    visibility: 'visible',
    stdout_visibility: 'hidden',
    tests: labs.flatMap(lab => [summary(lab), ...testsOf(lab)]),
  }
}

/** Of a lab, only what its visible tests know. */
function inSight({ lab, title, tests }: LabGrade): string {
  const visible = tests.filter(({ visible }) => visible)
  const failed = visible.filter(({ reason }) => reason !== 'ok')
  const count = `Lab ${lab}, ${title}: ${visible.length - failed.length} of ${visible.length} visible tests pass.`
  const [first] = failed
  return first ? `${count} ${first.reason}: ${firstLine(first.message)}` : count
}

function summary(lab: LabGrade): GradescopeTest {
  return {
    name: `${lab.title}: ${lab.points} of ${lab.of} points`,
    number: lab.lab,
    status: lab.reason === 'ok' ? 'passed' : 'failed',
    output: [
      ...lab.parts.map(({ id, title, points, of }) => `${id}. ${title}: ${points} of ${of}`),
      ...lab.adjustments.map(adjustment),
      ...(lab.reason === 'ok' ? [] : [`${lab.reason}: ${lab.detail}`]),
    ].join('\n'),
    output_format: 'text',
    visibility: 'after_published',
    tags: [`lab ${lab.lab}`],
  }
}

function testsOf(lab: LabGrade): GradescopeTest[] {
  const taken = new Map<string, number>()
  return lab.tests.map((test, index) => {
    // A test of no part counts in every part.
    const parts = lab.parts.filter(({ id }) => (test.part ?? id) === id)
    const worth = parts.reduce((sum, { of, tests }) => sum + of / tests, 0)
    const times = (taken.get(test.name) ?? 0) + 1
    taken.set(test.name, times)
    return {
      name: times === 1 ? test.name : `${test.name} (${times})`,
      number: `${lab.lab}${test.part ?? ''}.${index + 1}`,
      score: test.reason === 'ok' ? worth : 0,
      max_score: worth,
      status: test.reason === 'ok' ? 'passed' : 'failed',
      output: told(test),
      output_format: 'text',
      visibility: test.visible ? 'visible' : 'after_published',
      tags: [`lab ${lab.lab}`, ...(test.part === null ? [] : [`part ${test.part}`])],
    }
  })
}

export function told({ reason, message }: TestGrade): string {
  return reason === 'ok' ? '' : reason === 'wrong' ? message : `${reason}: ${message}`
}
