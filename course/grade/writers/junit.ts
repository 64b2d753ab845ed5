/** JUnit's XML, which nearly every CI shows. A suite is one lab of one submission. */
import { firstLine, type Grading, type LabGrade, type TestGrade } from '../model.ts'
import { adjustment } from './plain.ts'

export function* junit({ course, submissions }: Grading): Iterable<string> {
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${escaped(course)}">\n`
  for (const { submission, labs } of submissions) for (const lab of labs) yield suite(submission, lab)
  yield '</testsuites>\n'
}

function suite(submission: string, lab: LabGrade): string {
  const failures = lab.tests.filter(({ reason }) => reason === 'wrong' || reason === 'not attempted').length
  const errors = lab.tests.filter(({ reason }) => reason !== 'ok').length - failures
  const name = `${submission} lab ${lab.lab}`
  const cases = lab.tests.map(test => testCase(name, test)).join('')
  const counts = `tests="${lab.tests.length}" failures="${failures}" errors="${errors}" skipped="0"`
  return `  <testsuite name="${escaped(name)}" ${counts} time="${seconds(lab.milliseconds)}">\n${properties(lab)}${cases}  </testsuite>\n`
}

/** JUnit knows no points: they travel as properties of the suite. */
function properties({ points, of, raw, adjustments }: LabGrade): string {
  const lines = [
    ['points', `${points} of ${of}`],
    ...(adjustments.length > 0 ? [['raw points', `${raw.points} of ${raw.of}`]] : []),
    ...adjustments.map(each => ['adjustment', adjustment(each)]),
  ].map(([name, value]) => `      <property name="${name}" value="${escaped(value!)}"/>\n`)
  return `    <properties>\n${lines.join('')}    </properties>\n`
}

function testCase(suite: string, test: TestGrade): string {
  const open = `    <testcase classname="${escaped(suite)}" name="${escaped(test.id)}" time="${seconds(test.milliseconds)}"`
  if (test.reason === 'ok') return `${open}/>\n`
  const kind = test.reason === 'wrong' || test.reason === 'not attempted' ? 'failure' : 'error'
  const message = escaped(firstLine(test.message))
  return `${open}>\n      <${kind} type="${test.reason}" message="${message}">${escaped(test.message)}</${kind}>\n    </testcase>\n`
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(3)

/** Characters that XML cannot say at all are shown as what they are: replaced. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[<>&"]/g, sign => `&#${sign.charCodeAt(0)};`)
}
