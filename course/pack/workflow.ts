/**
 * A workflow for the students' own repositories on GitHub: the visible tests of every lab, each a step with points, told to
 * GitHub Classroom where there is one. It is the student's to change, like all of their repository: a mirror, not a grade.
 */
import type { Lab } from '../manifest.ts'
import { type HandoutFile, handedOut } from './handout.ts'

export function studentWorkflow(): HandoutFile {
  const labs = handedOut.filter(lab => !lab.solved)
  const file = '.github/workflows/labs.yml'
  return { file, contents: [head, ...labs.map(step), report(labs)].join('') }
}

const head = `# The visible tests of every lab, whenever you push. GitHub Classroom, if your course uses it, shows the points.
name: Labs
on: [push, workflow_dispatch]
permissions:
  contents: read
  actions: read
  checks: write
jobs:
  labs:
    runs-on: ubuntu-latest
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 22
          cache: npm
      - run: npm ci
`

function step(lab: Lab): string {
  return `      - name: ${quoted(`Lab ${lab.id}: ${lab.title}`)}
        id: ${idOf(lab)}
        uses: classroom-resources/autograding-command-grader@v1
        with:
          test-name: ${quoted(`Lab ${lab.id}: ${lab.title}`)}
          command: npm test ${lab.id}
          timeout: 5
          max-score: ${lab.parts.reduce((sum, { points }) => sum + points, 0)}
`
}

function report(labs: readonly Lab[]): string {
  const results = labs.map(lab => {
    const id = idOf(lab)
    return `          ${id.toUpperCase()}_RESULTS: \${{ steps.${id}.outputs.result }}\n`
  })
  return `      - name: Report
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
${results.join('')}        with:
          runners: ${labs.map(idOf).join(',')}
`
}

const idOf = (lab: Lab): string => `lab${lab.id}`

/** YAML takes JSON's strings. */
const quoted = (text: string): string => JSON.stringify(text)
