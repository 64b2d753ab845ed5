/** Pages for people: one for each student, one for the class. Each is one file that needs nothing else. */
import type { Grading, LabGrade, SubmissionGrade, TestGrade } from '../model.ts'
import { told } from './gradescope.ts'
import { adjustment } from './plain.ts'

export function studentPage(grade: SubmissionGrade): string {
  const labs = grade.labs.map(lab => {
    const parts = lab.parts.map(
      part =>
        `<tr><td>${part.id}. ${escaped(part.title)}<td>${part.points} of ${part.of}<td>${part.passed} of ${part.tests} tests</tr>`,
    )
    const failed = lab.tests.filter(({ reason }) => reason !== 'ok')
    return `<section><h2>Lab ${lab.lab}: ${escaped(lab.title)} <small>${lab.points} of ${lab.of}</small></h2>
<p>${verdict(lab)}</p>
<table>${parts.join('\n')}</table>
${adjustments(lab)}
${failed.map(failure).join('\n')}</section>`
  })
  return page(`${grade.submission}: ${grade.points} of ${grade.of}`, labs.join('\n'))
}

function adjustments({ raw, adjustments }: LabGrade): string {
  if (adjustments.length === 0) return ''
  const lines = adjustments.map(each => `<li>${escaped(adjustment(each))}`)
  return `<p>The tests gave ${raw.points} of ${raw.of}. Then:</p><ul>${lines.join('\n')}</ul>`
}

function verdict(lab: LabGrade): string {
  if (lab.reason === 'ok') return 'Every test passes.'
  return `<strong>${lab.reason}</strong> ${escaped(lab.detail)}`
}

function failure(test: TestGrade): string {
  const where = test.visible ? '' : ' <small>(a hidden test)</small>'
  return `<details><summary>${escaped(`${test.part ?? ''} ${test.name}`)}${where}</summary><pre>${escaped(told(test))}</pre></details>`
}

export function classPage({ submissions, labs }: Grading): string {
  const sections = labs.map(({ lab, title, of }) => {
    const grades = submissions.flatMap(({ labs }) => labs.filter(grade => grade.lab === lab))
    return `<section><h2>Lab ${lab}: ${escaped(title)}</h2>${distribution(grades, of)}${oftenFailed(grades)}</section>`
  })
  const rows = submissions.map(
    ({ submission, points, of, labs }, index) =>
      `<tr><td><a href="${studentFile(index)}">${escaped(submission)}</a><td>${points} of ${of}<td>${labs.map(({ lab, reason }) => `${lab} ${reason}`).join(', ')}</tr>`,
  )
  return page(
    `${submissions.length} submissions`,
    `${sections.join('\n')}<h2>Submissions</h2><table>${rows.join('\n')}</table>`,
  )
}

/** Never from a student's name: that may be any string. */
export const studentFile = (index: number): string => `student-${String(index + 1).padStart(4, '0')}.html`

function distribution(grades: readonly LabGrade[], of: number): string {
  const bands = Array.from({ length: 10 }, (_, band) => {
    const count = grades.filter(
      ({ points }) => Math.min(9, Math.floor((10 * points) / Math.max(1, of))) === band,
    ).length
    const label = band === 9 ? '90–100 %' : `${10 * band}–${10 * band + 9} %`
    const width = grades.length === 0 ? 0 : Math.round((100 * count) / grades.length)
    return `<tr><td>${label}<td class="bar"><span style="width:${width}%"></span><td>${count}</tr>`
  })
  return `<table>${bands.join('\n')}</table>`
}

function oftenFailed(grades: readonly LabGrade[]): string {
  const counts = new Map<string, number>()
  for (const { tests } of grades) {
    for (const { id, reason } of tests) if (reason === 'wrong') counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  const most = [...counts].sort(([, a], [, b]) => b - a).slice(0, 5)
  if (most.length === 0) return ''
  return `<p>Most often wrong:</p><ul>${most.map(([id, count]) => `<li>${count} × ${escaped(id)}`).join('')}</ul>`
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
td { padding: 0.1rem 1rem 0.1rem 0; vertical-align: top; }
small { font-weight: normal; opacity: 0.7; }
pre { overflow-x: auto; padding: 0.5rem; border-left: 3px solid currentColor; }
summary { cursor: pointer; }
.bar { width: 20rem; } .bar span { display: block; height: 1em; background: currentColor; opacity: 0.5; }
</style>
<h1>${escaped(title)}</h1>
${body}
</html>
`
}

function escaped(text: string): string {
  return text.replace(/[<>&"']/g, sign => `&#${sign.charCodeAt(0)};`)
}
