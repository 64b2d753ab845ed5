/** For instructors: how the points are spread, which tests are hardest, which mistakes are made, and who made them. */
import type { Grading, LabGrade, Reason, SubmissionGrade } from '../model.ts'
import { type Html, html, meter, name, page } from './page.ts'

/** Never from a student's name: that may be any string. */
export const studentFile = (index: number): string => `student-${String(index + 1).padStart(4, '0')}.html`

const mostTests = 5
const mostMistakes = 8
const mostNames = 12

interface Handed {
  submission: SubmissionGrade
  file: string
  lab: LabGrade
}

export function classPage({ submissions, labs, sandbox, policy }: Grading): string {
  const all = submissions.map((submission, index) => ({ submission, file: studentFile(index) }))
  const count = `${submissions.length} ${submissions.length === 1 ? 'submission' : 'submissions'}`
  return page(
    count,
    html`<h1>${count} <small>${labs.length} ${labs.length === 1 ? 'lab' : 'labs'}</small></h1>
<p class="soft">For instructors: it names students, and tells of hidden tests. Sandbox: ${sandbox}.${policy && ` Policy: ${policy.file}.`}</p>
${labs.map(lab => {
  const handed = all.flatMap(({ submission, file }) =>
    submission.labs
      .filter(grade => grade.lab === lab.lab)
      .map((grade): Handed => ({ submission, file, lab: grade })),
  )
  return labSection(lab, handed)
})}
<section class="lab" id="submissions"><h2>Submissions</h2>
<div class="scroll" role="region" aria-label="Submissions" tabindex="0"><table><thead><tr><th scope="col">Submission</th><th scope="col" class="number">Points</th>${labs.map(
      ({ lab }) => html`<th scope="col" class="number"><a href="#lab-${lab}">${lab}</a></th>`,
    )}</tr></thead>
<tbody>${all.map(({ submission, file }) => row(submission, file, labs))}</tbody></table></div>
<p class="soft">Mark: · not attempted, ! nothing of it could run, ? not graded.</p>
</section>`,
  )
}

const marks: Partial<Record<Reason, string>> = {
  'not attempted': '·',
  'missing file': '!',
  'syntax error': '!',
  'nothing reported': '?',
}

function row({ submission, points, of, labs }: SubmissionGrade, file: string, all: Grading['labs']): Html {
  const cells = all.map(({ lab }) => {
    const grade = labs.find(grade => grade.lab === lab)
    return html`<td class="number">${grade && html`<span title="${grade.reason}">${grade.points}${marks[grade.reason] && ` ${marks[grade.reason]}`}</span>`}</td>`
  })
  return html`<tr><th scope="row"><a href="${file}">${name(submission)}</a></th><td class="number">${points} of ${of}</td>${cells}</tr>
`
}

function labSection({ lab, title, of }: Grading['labs'][number], handed: readonly Handed[]): Html {
  const points = handed.map(({ lab }) => lab.points).sort((a, b) => a - b)
  const mean = points.reduce((sum, each) => sum + each, 0) / Math.max(1, points.length)
  const reasons = counted(handed.map(({ lab }) => lab.reason))
  return html`<section class="lab" id="lab-${lab}"><h2>Lab ${lab}: ${title}</h2>
<ul class="figures"><li>mean <b>${mean.toFixed(1)}</b></li><li>median <b>${median(points)}</b></li>
${reasons.map(([reason, count]) => html`<li>${reason} <b>${count}</b></li>\n`)}</ul>
${histogram(points, of)}
${hardest(handed)}
${mistakes(handed)}
</section>
`
}

function median(sorted: readonly number[]): string {
  const middle = (sorted.length - 1) / 2
  const value = ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2
  return value.toFixed(1)
}

/** Ten bands and one for all points, which is what everybody asks about. */
function histogram(points: readonly number[], of: number): Html {
  const bands = Array.from({ length: 11 }, (_, band) => ({
    label: band === 10 ? 'all' : `${10 * band}%`,
    long: band === 10 ? 'all points' : `${10 * band} to ${10 * band + 10} %`,
    count: points.filter(each => Math.min(10, Math.floor((10 * each) / Math.max(1, of))) === band).length,
  }))
  const most = Math.max(1, ...bands.map(({ count }) => count))
  const said = bands.filter(({ count }) => count > 0).map(({ long, count }) => `${long}: ${count}`)
  return html`<svg viewBox="0 0 440 120" role="img" aria-label="How the points are spread. ${said.join(', ')}">
<line x1="0" y1="100.5" x2="440" y2="100.5"/>
${bands.map(({ label, count }, band) => {
  const height = (80 * count) / most
  return html`<rect x="${40 * band + 4}" y="${(100 - height).toFixed(1)}" width="32" height="${height.toFixed(1)}"/>
${count > 0 && html`<text x="${40 * band + 20}" y="${(96 - height).toFixed(1)}" text-anchor="middle">${count}</text>`}
<text x="${40 * band + 20}" y="115" text-anchor="middle">${label}</text>
`
})}</svg>`
}

/** Failed by so many of those who wrote something for it: an empty hole says nothing of how hard a test is. */
function hardest(handed: readonly Handed[]): Html | null {
  const tests = new Map<string, { title: string; visible: boolean; tried: number; failed: number }>()
  for (const { lab } of handed) {
    for (const { id, part, name, visible, reason } of lab.tests) {
      if (reason === 'not attempted' || ['missing file', 'syntax error'].includes(reason)) continue
      const test = tests.get(id) ?? {
        title: part === null ? name : `${part} · ${name}`,
        visible,
        tried: 0,
        failed: 0,
      }
      test.tried++
      if (reason !== 'ok') test.failed++
      tests.set(id, test)
    }
  }
  const most = [...tests.values()]
    .filter(({ failed }) => failed > 0)
    .sort((a, b) => b.failed / b.tried - a.failed / a.tried || b.failed - a.failed)
    .slice(0, mostTests)
  if (most.length === 0) return null
  return html`<h3>The hardest tests</h3>
<div class="scroll"><table><thead><tr><th scope="col">Test</th><td></td><th scope="col" class="number">Failed</th></tr></thead>
<tbody>${most.map(
    ({
      title,
      visible,
      tried,
      failed,
    }) => html`<tr><th scope="row">${title}${!visible && html` <span class="soft">hidden</span>`}</th>
<td>${meter(failed, tried, 'Failed')}</td><td class="number">${failed} of ${tried}</td></tr>
`,
  )}</tbody></table></div>`
}

function mistakes(handed: readonly Handed[]): Html | null {
  const wrong = handed.filter(({ lab }) => lab.resembles !== undefined && lab.reason !== 'ok')
  const found = new Map<string, { misconception: string; alternatives: Set<string>; by: Handed[] }>()
  for (const each of wrong) {
    for (const { mutant, misconception, alternatives } of each.lab.resembles ?? []) {
      const mistake = found.get(mutant) ?? { misconception, alternatives: new Set(), by: [] }
      for (const other of alternatives) mistake.alternatives.add(other)
      mistake.by.push(each)
      found.set(mutant, mistake)
    }
  }
  if (found.size === 0) return null
  const most = [...found].sort(([, a], [, b]) => b.by.length - a.by.length).slice(0, mostMistakes)
  return html`<h3>What they may have thought</h3>
<p class="soft">They fail what one of the lab's known wrong solutions fails. That is a likeness, no proof.</p>
<div class="scroll"><table><thead><tr><th scope="col">Mistake</th><th scope="col">Whoever makes it …</th><th scope="col">Who</th></tr></thead>
<tbody>${most.map(
    ([
      mutant,
      { misconception, alternatives, by },
    ]) => html`<tr><th scope="row">${mutant}${alternatives.size > 0 && html` <span class="soft">or: ${[...alternatives].join(', ')}</span>`}</th>
<td>${misconception}</td><td>${by.length}: ${names(by)}</td></tr>
`,
  )}</tbody></table></div>`
}

function names(by: readonly Handed[]): Html {
  const some = by.slice(0, mostNames)
  const links = some.map(
    ({ submission, file }, index) =>
      html`${index > 0 && ', '}<a href="${file}">${name(submission.submission)}</a>`,
  )
  return html`${links}${by.length > some.length && ` and ${by.length - some.length} more`}`
}

function counted(reasons: readonly Reason[]): [Reason, number][] {
  const counts = new Map<Reason, number>()
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  return [...counts].sort(([, a], [, b]) => b - a)
}
