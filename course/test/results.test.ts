/** What is written for people and for other programs, from results that were made up for it: no submission runs here. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { resemblances, type Signature } from '../grade/misconceptions.ts'
import {
  type Grading,
  gradeLab,
  gradeSubmission,
  type LabGrade,
  type Reason,
  type TestGrade,
} from '../grade/model.ts'
import { classPage } from '../grade/writers/class-page.ts'
import { type GradescopeResults, gradescope } from '../grade/writers/gradescope.ts'
import { junit } from '../grade/writers/junit.ts'
import { csv, fromJson, json } from '../grade/writers/plain.ts'
import { sectionsNamedIn, strayMentionsIn } from '../grade/writers/reread.ts'
import { studentPage } from '../grade/writers/student-page.ts'
import { findLab, labs } from '../manifest.ts'
import { chapterFile } from '../paths.ts'

/** A grade of lab 04 from its tests: `A wrong: the message`, hidden when it begins with `?`. */
function labOf(...tests: string[]): LabGrade {
  const { id, title, parts } = findLab('04')!
  const found = tests.map((text, index): TestGrade => {
    const [, hidden, part, reason, message = ''] = /^(\??)([A-D-]) ([\w ]+)(?:: (.*))?$/s.exec(text)!
    return {
      id: `${hidden ? 'hidden' : 'visible'} ${index + 1}`,
      file: 'a.test.ts',
      visible: hidden === '',
      part: part === '-' ? null : part!,
      name: `rule ${index + 1}`,
      reason: reason as Reason,
      message,
      milliseconds: 400,
    }
  })
  return gradeLab({ lab: id, title, parts }, found, { milliseconds: 1600, key: '' })
}

function gradingOf(students: Record<string, LabGrade>): Grading {
  const submissions = Object.entries(students).map(([name, lab]) => gradeSubmission(name, [lab]))
  return {
    course: 'a course',
    sandbox: 'none',
    policy: null,
    labs: [{ lab: '04', title: 'Serialization', of: 100 }],
    submissions,
  }
}

describe('a page', () => {
  const evil = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    '</pre></details><style>*{display:none}</style>',
    '<!--',
    '&lt;b&gt; \u202e\u0000\u001b[31m\u0085\ud800',
    'javascript:alert(1)',
    '(chapter 04, "Fixed sizes") (chapter 04, "<img src=x>")',
  ].join(' ')

  test.each([
    ['of a student', () => studentPage(gradingOf({ [evil]: withEvil() }).submissions[0]!)],
    ['of the class', () => classPage(gradingOf({ [evil]: withEvil(), [`${evil}2`]: withEvil() }))],
  ])('%s takes whatever a student may choose for text', (_, write) => {
    const text = write()
    const tags = text.match(/<[^>]*>?/g)!
    const allowed =
      /^<(!doctype html|html lang="en"|meta( [a-z-]+="[^"<>]*")+|\/?(html|head|title|style|body|main|section|h[1-5]|p|ul|li|b|bdi|strong|small|table|thead|tbody|tr|td|th|div|span|a|details|summary|pre|code|ins|del|em|svg|text)( (open|(class|id|href|style|role|aria-label|tabindex|scope|title|viewBox|x|y|text-anchor|width|height)="[^"<>]*"))*|(rect|line)( [a-z0-9]+="[\d.]+")+\/)>$/
    expect(tags.filter(tag => !allowed.test(tag))).toEqual([])
    expect(
      tags.filter(tag => /href="(?!#|student-\d{4}\.html")|style="(?!width:[\d.]+%")/.test(tag)),
    ).toEqual([])
    expect(text).not.toMatch(/https?:|url\(|@import/)
    for (const sign of ['\0', '\u001b', '\u0085', '\u202e']) expect(text).not.toContain(sign)
    expect(text).toContain("default-src 'none'".replaceAll("'", '&#39;'))
    expect(text).toContain('&#60;script&#62;alert(1)')
  })

  function withEvil(): LabGrade {
    const lab = labOf(`A wrong: ${evil}`, `?B crashed: ${evil}`, 'C ok', 'D ok')
    return { ...lab, adjustments: [{ kind: 'manual', points: -1, of: 0, reason: evil }] }
  }

  test('tells a student what failed, what it is like only if that is sure, and quotes what to read again', () => {
    const lab = labOf(
      'A wrong: it wraps round. (chapter 04, "Fixed sizes")\n\n- Expected\n+ Received\n\n- 1\n+ 2',
      'B ok',
    )
    const page = (exact: boolean) => {
      const like = {
        mutant: 'wraps',
        misconception: 'expects a complaint',
        explains: 1,
        of: 1,
        exact,
        alternatives: [],
      }
      return studentPage(gradeSubmission('ann', [{ ...lab, resembles: [like] }]))
    }
    expect(page(true)).toContain('for somebody who expects a complaint.')
    expect(page(false)).not.toContain('expects a complaint')
    expect(page(true)).toContain('<a href="#chapter-04-fixed-sizes">')
    expect(page(true)).toContain('id="chapter-04-fixed-sizes"')
    expect(page(true)).toContain('<strong>Big-endian</strong>')
    expect(page(true)).toContain('<ins>\n+ 2</ins>')
    expect(page(true)).not.toContain('wraps<')
  })

  test('tells one story once: an empty hole fails many tests, a syntax error all', () => {
    const half = studentPage(
      gradeSubmission('ann', [labOf('A ok', 'B not attempted: 04 B: x', 'B not attempted: 04 B: x')]),
    )
    expect(half.match(/<details/g)).toHaveLength(1)
    expect(half).toContain('B · 2 tests: not attempted: 04 B: x')
    const none = studentPage(
      gradeSubmission('ann', [labOf('A syntax error: line 3', 'B syntax error: line 3')]),
    )
    expect(none).not.toContain('<details')
    expect(none).toContain('so nothing of it ran.</strong> line 3')
  })

  test('tells an instructor the spread, the hardest test among those who tried, and who made which mistake', () => {
    const like = {
      mutant: 'wraps',
      misconception: 'expects a complaint',
      explains: 1,
      of: 1,
      exact: true,
      alternatives: ['rounds'],
    }
    const page = classPage(
      gradingOf({
        ann: labOf('A ok', 'B ok', 'C ok', 'D ok'),
        bob: { ...labOf('A wrong: 1', 'B ok', 'C ok', 'D ok'), resembles: [like] },
        cem: labOf('A not attempted: a', 'B wrong: 2', 'C ok', 'D ok'),
      }),
    )
    expect(page).toContain('50 to 60 %: 1, 70 to 80 %: 1, all points: 1')
    expect(page).toMatch(/A · rule 1<\/th>\s*<td>.*<\/td><td class="number">1 of 2</)
    expect(page).toMatch(
      /wraps <span class="soft">or: rounds<\/span><\/th>\s*<td>expects a complaint<\/td><td>1: <a href="student-0002\.html">/,
    )
  })

  test('finds every section that a chapter has, by its title', () => {
    for (const lab of labs.filter(({ status }) => status === 'made')) {
      const titles = [...readFileSync(chapterFile(lab), 'utf8').matchAll(/^## ([\w ,]+)$/gm)].map(
        ([, title]) => title,
      )
      const said = titles.map(title => `chapter ${lab.id}, "${title}"`).join(' ')
      expect(sectionsNamedIn(said).map(({ title }) => title)).toEqual(titles)
      for (const { text } of sectionsNamedIn(said))
        expect(text.html).not.toMatch(/<img|<script|href="(?!https?:)/)
    }
    const none = 'chapter 04, "No such" chapter 99, "Fixed sizes"'
    expect(sectionsNamedIn(none)).toEqual([])
    expect(strayMentionsIn(`chapter 04, "Fixed sizes" ${none}`)).toHaveLength(2)
  })
})

describe('a submission resembles', () => {
  const mistake = (mutant: string, ...fails: number[]): Signature => ({
    mutant,
    misconception: '',
    fails: new Set(fails.map(number => `visible ${number}`)),
  })
  const likeTo = (lab: LabGrade, ...mistakes: Signature[]) =>
    resemblances(lab.tests, mistakes).map(({ mutant, explains, exact }) => [mutant, explains, exact])
  const lab = labOf('A wrong', 'A wrong', 'A ok', 'B wrong', 'B ok', 'C not attempted')

  test('the mistake that fails just what it fails', () => {
    expect(likeTo(lab, mistake('more', 1, 2, 3, 4, 5), mistake('same', 1, 2, 4), mistake('less', 1))).toEqual(
      [['same', 3, true]],
    )
  })
  test('two mistakes that explain it together', () => {
    expect(likeTo(lab, mistake('one', 1, 2), mistake('other', 4))).toEqual([
      ['one', 2, false],
      ['other', 1, false],
    ])
  })
  test('a mistake in what is not written yet neither more nor less', () => {
    expect(likeTo(lab, mistake('later', 6), mistake('same', 1, 2, 4, 6))).toEqual([['same', 3, true]])
  })
  test('nothing, when most of it stays unexplained or nothing of it ran', () => {
    expect(likeTo(lab, mistake('little', 4), mistake('other', 3, 5))).toEqual([])
    expect(likeTo(labOf('A syntax error', 'B syntax error'), mistake('all', 1, 2))).toEqual([])
  })
  test('two mistakes alike: neither is sure', () => {
    const [first] = resemblances(lab.tests, [mistake('one', 1, 2, 4), mistake('other', 1, 2, 4)])
    expect(first).toMatchObject({ mutant: 'one', alternatives: ['other'], exact: false })
  })
})

/** The rules that Gradescope publishes for `results.json`. */
function brokenRules(results: GradescopeResults): string[] {
  const visibilities = ['hidden', 'after_due_date', 'after_published', 'visible']
  const formats = ['text', 'html', 'simple_format', 'md', 'ansi']
  const top =
    'score execution_time output output_format test_output_format test_name_format visibility stdout_visibility extra_data tests leaderboard'
  const inTest =
    'score max_score status name name_format number output output_format tags visibility extra_data'
  const broken = (ok: boolean, rule: string) => (ok ? [] : [rule])
  const strange = (of: object, known: string) =>
    Object.keys(of).filter(key => !known.split(' ').includes(key))
  return [
    ...strange(results, top),
    ...broken(Number.isFinite(results.score), 'score is a number'),
    ...broken(Number.isInteger(results.execution_time), 'execution_time is in seconds'),
    ...broken(visibilities.includes(results.visibility), 'visibility'),
    ...broken(visibilities.includes(results.stdout_visibility), 'stdout_visibility'),
    ...broken(formats.includes(results.output_format), 'output_format'),
    ...results.tests.flatMap(test => [
      ...strange(test, inTest),
      ...broken([test.score ?? 0, test.max_score ?? 0].every(Number.isFinite), `${test.number} score`),
      ...broken(
        (test.score === undefined) === (test.max_score === undefined),
        `${test.number} has half a score`,
      ),
      ...broken(['passed', 'failed'].includes(test.status), `${test.number} status`),
      ...broken(visibilities.includes(test.visibility), `${test.number} visibility`),
      ...broken(formats.includes(test.output_format), `${test.number} output_format`),
      ...broken(typeof test.name === 'string' && typeof test.output === 'string', `${test.number} texts`),
      ...broken(
        test.tags.every(tag => typeof tag === 'string'),
        `${test.number} tags`,
      ),
    ]),
  ]
}

describe('for other programs', () => {
  const labs = {
    perfect: labOf('A ok', '?A ok', 'B ok', '?C ok', 'D ok'),
    partial: labOf('A wrong: seen', '?A wrong: unseen', 'B ok', '?C crashed: unseen too', '- ok', 'D ok'),
    broken: labOf('A syntax error: line 3', '?B syntax error: line 3'),
  }

  test.each(Object.entries(labs))(
    "Gradescope's rules hold for a %s submission, and its tests add up",
    (_, lab) => {
      const submission = gradeSubmission('ann', [lab])
      const results = gradescope(submission)
      expect(brokenRules(results)).toEqual([])
      const sum = (of: 'score' | 'max_score') =>
        results.tests.reduce((total, test) => total + (test[of] ?? 0), 0)
      expect(sum('max_score')).toBeCloseTo(
        lab.parts.filter(({ tests }) => tests > 0).reduce((sum, { of }) => sum + of, 0),
      )
      expect(Math.abs(sum('score') - results.score)).toBeLessThan(1)
      expect(new Set(results.tests.map(({ number }) => number)).size).toBe(results.tests.length)
      expect(new Set(results.tests.map(({ name }) => name)).size).toBe(results.tests.length)
    },
  )

  test('Gradescope shows nothing of a hidden test, and no points, before grades are published', () => {
    const results = gradescope(gradeSubmission('ann', [labs.partial]))
    const shown = results.tests.filter(({ visibility }) => visibility === 'visible')
    const before = JSON.stringify([results.output, shown])
    expect(before).toContain('seen')
    expect(before).not.toMatch(/unseen|crashed|points:|of 100/)
    expect(
      results.tests.filter(({ visibility }) => visibility === 'after_published').map(({ output }) => output),
    ).toEqual([expect.stringContaining('crashed: unseen too'), 'unseen', 'crashed: unseen too'])
  })

  test('JSON is read back as it was, by whoever knows its lines and whoever does not', () => {
    for (const students of [{}, { ann: labs.perfect }, { 'é\n]}': labs.partial, bob: labs.broken }]) {
      const grading = gradingOf(students)
      const text = [...json(grading)].join('')
      expect(JSON.parse(text)).toEqual(grading)
      expect(fromJson(Buffer.from(text))).toEqual(grading)
      expect(fromJson(Buffer.from(JSON.stringify(grading, null, 2)))).toEqual(grading)
    }
  })

  test('JUnit and spreadsheets take any name for text', () => {
    const grading = gradingOf({ '=1+1 <b> & "co" \u0001]]>': labOf('A wrong: ]]> \u0000 <x>', 'B ok') })
    const xml = [...junit(grading)].join('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML cannot say
    expect(xml).not.toMatch(/<b>|<x>|& |[\u0000-\u0008]/)
    expect(csv(grading)).toContain(`"'=1+1 <b> & ""co""`)
  })
})
