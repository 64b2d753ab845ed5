/** Gradescope's `results.json`: one for each submission. */
import type { SubmissionGrade, TestGrade } from '../model.ts'
import { adjustment } from './plain.ts'

export interface GradescopeResults {
  score: number
  output: string
  output_format: 'text'
  visibility: 'visible'
  tests: GradescopeTest[]
}

export interface GradescopeTest {
  name: string
  score: number
  max_score: number
  status: 'passed' | 'failed'
  output: string
  output_format: 'text'
  /** A hidden test says that it failed when the grades are published, not before. */
  visibility: 'visible' | 'after_published'
  tags: string[]
}

export function gradescope({ points, labs }: SubmissionGrade): GradescopeResults {
  const lines = labs.flatMap(lab => [
    `Lab ${lab.lab}, ${lab.title}: ${lab.points} of ${lab.of} (${lab.reason}) ${lab.detail}`,
    ...lab.adjustments.map(each => `  ${adjustment(each)}`),
  ])
  const tests = labs.flatMap(lab =>
    lab.tests.map((test): GradescopeTest => {
      const part = lab.parts.find(({ id }) => id === test.part)
      const worth = part ? part.of / part.tests : 0
      return {
        name: `${lab.lab} ${test.part ?? ''} ${test.name}`,
        score: test.reason === 'ok' ? worth : 0,
        max_score: worth,
        status: test.reason === 'ok' ? 'passed' : 'failed',
        output: told(test),
        output_format: 'text',
        visibility: test.visible ? 'visible' : 'after_published',
        tags: [`lab ${lab.lab}`, ...(part ? [`part ${part.id}`] : [])],
      }
    }),
  )
  return { score: points, output: lines.join('\n'), output_format: 'text', visibility: 'visible', tests }
}

export function told({ reason, message }: TestGrade): string {
  return reason === 'ok' ? '' : reason === 'wrong' ? message : `${reason}: ${message}`
}
