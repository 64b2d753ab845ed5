/**
 * For a student: what failed in each lab, why, the steps that led there, and the part of the chapter to read again, quoted.
 * Of hidden tests it says what went wrong, as of any other: it is meant for after the deadline.
 */
import { firstLine, type LabGrade, type Reason, type SubmissionGrade, type TestGrade } from '../model.ts'
import { told } from './gradescope.ts'
import { type Html, html, meter, name, page, trusted } from './page.ts'
import { adjustment } from './plain.ts'
import { type Section, sectionsNamedIn } from './reread.ts'

export function studentPage(grade: SubmissionGrade): string {
  return page(
    `${grade.submission}: ${grade.points} of ${grade.of}`,
    html`<h1>${name(grade.submission)} <small>${grade.points} of ${grade.of} points</small></h1>
${grade.labs.length > 1 && overview(grade)}
${grade.labs.map(labSection)}`,
  )
}

function overview({ labs }: SubmissionGrade): Html {
  const rows = labs.map(
    lab => html`<tr><th scope="row"><a href="#lab-${lab.lab}">Lab ${lab.lab}: ${lab.title}</a></th>
<td>${meter(lab.points, lab.of, `Lab ${lab.lab}`)}</td><td class="number">${lab.points} of ${lab.of}</td><td>${lab.reason}</td></tr>`,
  )
  return html`<div class="scroll"><table><tbody>${rows}</tbody></table></div>`
}

function labSection(lab: LabGrade): Html {
  const failures = isOneStory(lab) ? [] : groups(lab.tests)
  const sections = [...new Set(failures.flatMap(({ sections }) => sections))]
  return html`<section class="lab" id="lab-${lab.lab}">
<h2>Lab ${lab.lab}: ${lab.title} <small>${lab.points} of ${lab.of}</small></h2>
<p>${verdict(lab)}</p>
<div class="scroll"><table><thead><tr><th scope="col">Part</th><td></td><th scope="col" class="number">Points</th><th scope="col" class="number">Tests</th></tr></thead>
<tbody>${lab.parts.map(
    part => html`<tr><th scope="row">${part.id}. ${part.title}</th><td>${meter(part.points, part.of, `Part ${part.id}`)}</td>
<td class="number">${part.points} of ${part.of}</td><td class="number">${part.passed} of ${part.tests}</td></tr>`,
  )}</tbody></table></div>
${adjustments(lab)}
${failures.length > 0 && html`<h3>What to look at</h3>\n${failures.map(failure)}`}
${guess(lab)}
${failures.length > 0 && html`<h3>Read again</h3>\n${sections.length > 0 ? sections.map(quotation) : html`<p>Chapter ${lab.lab}, ${lab.title}.</p>`}`}
</section>
`
}

const verdicts: Record<Exclude<Reason, 'wrong'>, string> = {
  ok: 'Every test passes.',
  'not attempted': 'Something here is not written yet.',
  'timed out': 'A test took too long: look for a loop that does not end.',
  'out of memory': 'It needed more memory than a lab may.',
  exited: 'It ended its own process. Throw an error instead.',
  crashed: 'It ended before it could answer.',
  forbidden: 'It used something that a lab may not use.',
  'syntax error': 'It could not be read, so nothing of it ran.',
  'missing file': "The lab's file was not found, so nothing ran.",
  'nothing reported': 'It could not be graded, and that is not your fault: tell whoever grades you.',
}

function verdict({ reason, detail, tests }: LabGrade): Html {
  if (reason === 'ok') return html`<strong class="good">${verdicts.ok}</strong>`
  const failed = tests.filter(({ reason }) => reason !== 'ok').length
  if (reason === 'wrong') return html`<strong>${failed} of ${tests.length} tests fail.</strong>`
  return html`<strong class="bad">${verdicts[reason]}</strong> ${detail}`
}

function adjustments({ raw, adjustments }: LabGrade): Html | null {
  if (adjustments.length === 0) return null
  return html`<p>The tests gave ${raw.points} of ${raw.of}. Then:</p>
<ul>${adjustments.map(each => html`<li>${adjustment(each)}</li>\n`)}</ul>`
}

interface Group {
  part: string | null
  message: string
  reason: Reason
  tests: TestGrade[]
  sections: Section[]
}

/** Nothing ran, and the verdict says why: there is nothing to tell of each test. */
function isOneStory({ tests }: LabGrade): boolean {
  const [first] = tests
  return (
    first !== undefined && first.reason !== 'ok' && tests.every(({ message }) => message === first.message)
  )
}

/** Tests that fail for one and the same reason are told once: an empty hole fails many. */
function groups(tests: readonly TestGrade[]): Group[] {
  const found = new Map<string, Group>()
  for (const test of tests) {
    if (test.reason === 'ok') continue
    const { part, message, reason } = test
    const key = JSON.stringify([part, reason, message])
    const group = found.get(key) ?? { part, message, reason, tests: [], sections: sectionsNamedIn(message) }
    group.tests.push(test)
    found.set(key, group)
  }
  return [...found.values()]
}

function failure(group: Group, index: number): Html {
  const { part, tests, sections } = group
  const [first] = tests as [TestGrade]
  const hidden = tests.every(({ visible }) => !visible) && html` <span class="soft">hidden test</span>`
  const head =
    tests.length === 1 ? first.name : `${tests.length} tests: ${group.reason}: ${firstLine(group.message)}`
  const unwritten = group.reason === 'not attempted'
  return html`<details${index === 0 && trusted(' open')}><summary>${part && `${part} · `}${head}${hidden}</summary>
${tests.length > 1 && html`<ul>${tests.map(test => html`<li>${test.name}${!test.visible && html` <span class="soft">hidden test</span>`}</li>\n`)}</ul>`}
${!(unwritten && tests.length > 1) && html`<pre>${lines(told(first).replace(/ \/\/ (Object\.is|deep) equality$/m, ''))}</pre>`}
${sections.length > 0 && html`<p>Read again: ${sections.map(({ chapter, title, anchor }) => html`<a href="#${anchor}">chapter ${chapter}, “${title}”</a> `)}</p>`}
</details>
`
}

/** A difference has a sign before each line: what should have come, and what came. */
function lines(message: string): Html[] {
  let inDifference = false
  return message.split('\n').map((line, index) => {
    inDifference ||= /^- Expected/.test(line)
    const text = html`${index > 0 && '\n'}${line}`
    if (!inDifference) return text
    return /^\+/.test(line) ? html`<ins>${text}</ins>` : /^-/.test(line) ? html`<del>${text}</del>` : text
  })
}

/** Only when it fits without remainder: a wrong guess is worse than none. */
function guess({ resembles }: LabGrade): Html | null {
  const [sure] = (resembles ?? []).filter(({ exact }) => exact)
  if (!sure) return null
  return html`<h3>A guess</h3>
<p>These tests fail together for somebody who ${sure.misconception}. Is it that?</p>`
}

function quotation({ chapter, title, anchor, text }: Section): Html {
  return html`<details><summary>Chapter ${chapter}, “${title}”</summary>
<div class="quoted" id="${anchor}">${text}</div></details>
`
}
