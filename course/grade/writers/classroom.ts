/** What GitHub Classroom's grading reporter takes from a runner: JSON, in base64, as the runner's output. */
import type { SubmissionGrade } from '../model.ts'
import { told } from './gradescope.ts'

export interface ClassroomResults {
  version: 1
  status: 'pass' | 'fail'
  max_score: number
  tests: ClassroomTest[]
}

export interface ClassroomTest {
  name: string
  status: 'pass' | 'fail'
  score: number
  message: string
  /** Where the test stands: nowhere that the reporter could show. */
  test_code: ''
  filename: ''
  line_no: 0
  duration: number
}

const nowhere = { test_code: '', filename: '', line_no: 0 } as const

/** A "test" is a part of a lab: that is what has points. What else changes them is one more, so that they add up. */
export function classroom({ points, of, labs }: SubmissionGrade): ClassroomResults {
  return {
    version: 1,
    status: points === of ? 'pass' : 'fail',
    max_score: of,
    tests: labs.flatMap(lab => [
      ...lab.parts.map(part => {
        const failed = lab.tests.filter(test => test.part === part.id && test.reason !== 'ok')
        const shown = failed.find(({ visible }) => visible) ?? failed[0]
        return {
          name: `Lab ${lab.lab} ${part.id}. ${part.title}`,
          status: failed.length === 0 ? ('pass' as const) : ('fail' as const),
          score: part.points,
          message: shown ? `${part.passed} of ${part.tests} tests pass. ${shown.name}: ${told(shown)}` : '',
          ...nowhere,
          duration: lab.tests
            .filter(test => test.part === part.id)
            .reduce((sum, test) => sum + test.milliseconds, 0),
        }
      }),
      ...lab.adjustments
        .filter(({ kind }) => kind === 'late' || kind === 'manual')
        .map(({ kind, points, reason }) => ({
          name: `Lab ${lab.lab} ${kind}`,
          status: points < 0 ? ('fail' as const) : ('pass' as const),
          score: points,
          message: reason,
          ...nowhere,
          duration: 0,
        })),
    ]),
  }
}
