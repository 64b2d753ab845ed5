import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { create } from 'tar'
import { afterAll, describe, expect, test } from 'vitest'
import { adjusted } from '../grade/adjust.ts'
import { differences } from '../grade/differences.ts'
import { type Grading, gradeLab, gradeSubmission, type LabGrade, type Moment, round } from '../grade/model.ts'
import { readPolicy } from '../grade/policy.ts'
import { submissionsIn } from '../grade/submissions.ts'
import { classroom } from '../grade/writers/classroom.ts'
import { gradescope } from '../grade/writers/gradescope.ts'
import { junit } from '../grade/writers/junit.ts'
import { csv, summary, table } from '../grade/writers/plain.ts'
import { studentPage } from '../grade/writers/student-page.ts'
import { findLab, labFolder } from '../manifest.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'policy-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function policyOf(text: string, times?: string) {
  const file = path.join(folder, 'policy.yml')
  writeFileSync(file, text)
  if (times !== undefined) writeFileSync(path.join(folder, 'times.csv'), times)
  return readPolicy(file)
}

const shown = (message: string) => message.replaceAll(folder + path.sep, '')

function complaint(text: string, times?: string): string {
  try {
    policyOf(text, times)
  } catch (error) {
    return shown((error as Error).message)
  }
  return 'no complaint'
}

/** Everything passes but what `failed` names: two tests a part. */
function labGrade(id: string, written: string | null, ...failed: string[]): LabGrade {
  const { title, parts } = findLab(id)!
  const tests = parts.flatMap(part =>
    [1, 2].map(number => ({
      id: `${part.id} ${number}`,
      file: 'visible/a.test.ts',
      visible: true,
      part: part.id,
      name: `test ${number}`,
      reason: failed.includes(`${part.id}${number}`) ? ('wrong' as const) : ('ok' as const),
      message: '',
      milliseconds: 1,
    })),
  )
  const moment: Moment | null = written === null ? null : { at: written, by: 'commit 1a2b3c4' }
  return { ...gradeLab({ lab: id, title, parts }, tests, { milliseconds: 1, key: '' }), written: moment }
}

function gradingOf(students: Record<string, LabGrade[]>): Grading {
  const ids = [...new Set(Object.values(students).flatMap(labs => labs.map(({ lab }) => lab)))]
  return {
    course: 'a course',
    sandbox: 'none',
    policy: null,
    labs: ids.map(lab => ({ lab, title: findLab(lab)!.title, of: 100 })),
    submissions: Object.entries(students).map(([name, labs]) => gradeSubmission(name, labs)),
  }
}

/** The one lab of the one student, after the policy. */
function gradeOf(policy: string, lab: LabGrade, times?: string): LabGrade {
  return adjusted(gradingOf({ ann: [lab] }), policyOf(policy, times)).submissions[0]!.labs[0]!
}

const points = (lab: LabGrade) => `${lab.points} of ${lab.of}`

const tenADay = `
deadlines:
  all: 2026-10-09 20:00 +02:00
late:
  per: day
  loses: 10%
  keeps: 40%
  grace: 15 minutes
  closes: 8 days
`

describe('being late', () => {
  test.each([
    ['in time to the second', '2026-10-09T18:00:00Z', 100],
    ['late by no more than the grace', '2026-10-09T18:15:00Z', 100],
    ['late by a second more than that, which begins a day', '2026-10-09T18:15:01Z', 90],
    ['late by a day to the second', '2026-10-10T18:00:00Z', 90],
    ['late by a second more', '2026-10-10T18:00:01Z', 80],
    ['so late that what is always kept is left', '2026-10-16T18:00:00Z', 40],
    ['late to the last second', '2026-10-17T18:00:00Z', 40],
    ['handed in when it was closed', '2026-10-17T18:00:01Z', 0],
  ])('%s', (_, at, expected) => {
    expect(gradeOf(tenADay, labGrade('04', at)).points).toBe(expected)
  })

  test('it takes a share of what was earned, and says whose word it goes by', () => {
    const late = gradeOf(tenADay, labGrade('01', '2026-10-11T12:00:00Z', 'A1'))
    expect(late.raw).toEqual({ points: 82.5, of: 100 })
    expect(points(late)).toBe('66 of 100')
    expect(late.adjustments).toEqual([
      {
        kind: 'late',
        points: -16.5,
        of: 0,
        reason:
          '2 days late: 20% off (handed in 2026-10-11T12:00:00Z by commit 1a2b3c4, due 2026-10-09T18:00:00Z)',
      },
    ])
  })

  test('by the hour it is the hours begun that count', () => {
    const policy = 'deadlines: 2026-10-09 20:00 Z\nlate: { per: hour, loses: 1.5% }\n'
    expect(gradeOf(policy, labGrade('04', '2026-10-09T22:00:01Z')).points).toBe(95.5)
  })

  test('a deadline of its own comes before that of all labs', () => {
    const policy = 'deadlines: { all: 2026-10-09 20:00 Z, 04: 2026-11-09 20:00 Z }\nlate: { loses: 10% }\n'
    expect(gradeOf(policy, labGrade('04', '2026-10-20T20:00:00Z')).points).toBe(100)
    expect(gradeOf(policy, labGrade('06', '2026-10-10T20:00:00Z')).points).toBe(90)
  })

  test('who was extended is late later: by a length of time, until a day, for a lab or for all', () => {
    const extended = (text: string) =>
      gradeOf(`${tenADay}\nextensions: { ann: ${text} }`, labGrade('04', '2026-10-11T19:00:00Z'))
    expect(extended('2 days').points).toBe(90)
    expect(extended('50 hours').points).toBe(100)
    expect(extended('{ 04: 2026-10-12 08:00 +02:00 }').points).toBe(100)
    expect(extended('{ 05: 1 week }').points).toBe(70)
    expect(extended('{ all: 1 week, 04: 1 day }').points).toBe(80)
  })

  test('late days are spent in the order of the deadlines, one for each day begun, and then lateness costs', () => {
    const policy = policyOf(`
deadlines: { 06: 2026-10-01 20:00 Z, 04: 2026-10-09 20:00 Z, 05: 2026-10-05 20:00 Z }
late: { loses: 10%, grace: 1 hour }
lateDays: 3`)
    const labs = [
      labGrade('04', '2026-10-11T20:00:00Z'),
      labGrade('05', '2026-10-05T21:00:00Z'),
      labGrade('06', '2026-10-03T20:30:00Z'),
    ]
    const [four, five, six] = adjusted(gradingOf({ ann: labs }), policy).submissions[0]!.labs
    expect(six!.deadline).toMatchObject({ lateDays: 2, due: '2026-10-03T20:00:00Z' })
    expect(five!.deadline).toMatchObject({ lateDays: 0 })
    expect(four!.deadline).toMatchObject({ lateDays: 1, due: '2026-10-10T20:00:00Z' })
    expect([six, five, four].map(lab => lab!.points)).toEqual([100, 100, 90])
    expect(four!.adjustments[0]!.reason).toMatch(/^1 day late: 10% off .*, 1 late day used\)$/)
  })

  test('a lab without a point spends no late day', () => {
    const nothing = labGrade(
      '04',
      '2026-10-12T20:00:00Z',
      ...'ABCD'.split('').flatMap(id => [`${id}1`, `${id}2`]),
    )
    expect(gradeOf(`${tenADay}\nlateDays: 2`, nothing).deadline).toMatchObject({ lateDays: 0 })
  })

  test('somebody who saw it being handed in is believed before the files are', () => {
    const lab = labGrade('04', '2026-10-09T12:00:00Z')
    const seen = gradeOf(`${tenADay}\ntimes: { ann: 2026-10-10 12:00 Z }`, lab)
    expect(seen.points).toBe(90)
    expect(seen.deadline!.handedIn).toEqual({ at: '2026-10-10T12:00:00Z', by: 'policy.yml:11' })
    const table = gradeOf(
      `${tenADay}\ntimes: times.csv`,
      lab,
      '\uFEFFTime,Student,Lab\r\n2026-10-11 12:00:07 +0000,ann,\r\n"2026-10-10T12:00Z","ann",4\r\n',
    )
    expect(table.points).toBe(90)
    expect(table.deadline!.handedIn!.by).toBe('times.csv:3')
  })

  test('when nobody knows it counts as in time, and that is said', () => {
    const unknown = gradeOf(tenADay, labGrade('04', null))
    expect([unknown.points, unknown.deadline!.handedIn]).toEqual([100, null])
  })
})

describe('when a lab was written', () => {
  const lab = findLab('04')!
  const file = `labs/${labFolder(lab)}/src/wire/jute.ts`
  const then = new Date('2026-10-09T12:00:00Z')

  async function writtenIn(what: string) {
    const [submission] = await submissionsIn([what], [lab])
    const taken = submission!.take(lab)
    return 'missing' in taken ? taken : taken.written
  }

  function made(name: string): string {
    const at = path.join(folder, name)
    mkdirSync(path.dirname(path.join(at, file)), { recursive: true })
    writeFileSync(path.join(at, file), 'export {}\n')
    utimesSync(path.join(at, file), then, then)
    return at
  }

  test('is told by the file, in a folder and in an archive', async () => {
    const plain = made('plain')
    expect(await writtenIn(plain)).toEqual({ at: '2026-10-09T12:00:00Z', by: "the file's own time" })
    create({ cwd: plain, file: path.join(folder, 'plain.tar'), sync: true }, ['labs'])
    expect(await writtenIn(path.join(folder, 'plain.tar'))).toEqual({
      at: '2026-10-09T12:00:00Z',
      by: "the file's time in the archive",
    })
  })

  test('is told, in a repository, by the last commit that touched the lab, not by the last of all', async () => {
    const repository = made('repository')
    const commit = (at: string) => {
      const env = { ...process.env, GIT_COMMITTER_DATE: at, GIT_AUTHOR_DATE: at }
      for (const argv of [
        ['add', '.'],
        ['-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'done'],
      ])
        execFileSync('git', ['-C', repository, ...argv], { env, stdio: 'ignore' })
    }
    execFileSync('git', ['-C', repository, 'init', '-q'])
    commit('2026-10-09T14:00:00+02:00')
    writeFileSync(path.join(repository, 'notes.md'), 'later\n')
    commit('2026-12-24T20:00:00+01:00')
    expect(await writtenIn(`file://${repository}`)).toEqual({
      at: '2026-10-09T12:00:00Z',
      by: expect.stringMatching(/^commit [0-9a-f]{7,}$/),
    })
  })
})

describe('the rubric', () => {
  test('a part may count more or less, and says so', () => {
    const lab = gradeOf('points: { 01: { A: 70 } }', labGrade('01', null, 'A1'))
    expect(points(lab)).toBe('100 of 135')
    expect(lab.parts[0]).toMatchObject({ points: 35, of: 70, raw: { points: 17.5, of: 35 } })
    expect(lab.adjustments).toEqual([
      { kind: 'rubric', points: 17.5, of: 35, reason: 'part A counts 70 points instead of 35' },
    ])
  })

  test('a lab may count more or less as a whole, and its parts still add up', () => {
    const lab = gradeOf('points: { 05: 33.3 }', labGrade('05', null))
    expect(points(lab)).toBe('33.3 of 33.3')
    expect(round(lab.parts.reduce((sum, { of }) => sum + of, 0))).toBe(33.3)
    const both = gradeOf('points: { 01: { A: 70, all: 50 } }', labGrade('01', null))
    expect(both.adjustments.map(({ reason }) => reason)).toEqual([
      'part A counts 70 points instead of 35',
      'the lab counts 50 points instead of 135',
    ])
    expect(points(both)).toBe('50 of 50')
  })

  test("a lab's weight is shared by what counts for all; who is excused from a part has less to do, not other weights", () => {
    const parts = (excused: string) =>
      gradeOf(`points: { 01: 50 }\nexcused: ${excused}`, labGrade('01', null)).parts
    expect(parts('{ ann: { 01 B: was ill } }').map(({ of }) => of)).toEqual([17.5, 0, 7.5, 15])
    expect(parts('{ all: { 01 B: our mistake } }').map(({ of }) => of)).toEqual([21.8, 0, 9.3, 18.9])
    expect(parts('{ bob: { 01 B: was ill } }').map(({ of }) => of)).toEqual([17.5, 10, 7.5, 15])
  })

  test('a part or a lab is excused for one or for all, and then counts for nothing', () => {
    const policy = policyOf(`
excused:
  all: { 04 D: the disk was full }
  ann: { 05: was ill }
`)
    const both = () => [labGrade('04', null, 'D1'), labGrade('05', null, 'A1')]
    const [ann, bob] = adjusted(gradingOf({ ann: both(), bob: both() }), policy).submissions
    expect(ann).toMatchObject({ points: 70, of: 70, raw: { points: 177.5, of: 200 } })
    expect(bob).toMatchObject({ points: 162.5, of: 170 })
    expect(ann!.labs.map(({ adjustments }) => adjustments[0]!.reason)).toEqual([
      'part D is excused: the disk was full',
      'excused: was ill',
    ])
  })

  test('points are given and taken by hand with a reason, after lateness, and never go below nothing', () => {
    const by = (points: string) =>
      gradeOf(
        `${tenADay}\nadjust:\n  - { student: ann, lab: 04, points: ${points}, reason: as we said }\n`,
        labGrade('04', '2026-10-10T18:00:00Z'),
      )
    expect(by('+5').points).toBe(95)
    expect(by('-200').points).toBe(0)
    expect(by('-200').adjustments.at(-1)).toEqual({
      kind: 'manual',
      points: -90,
      of: 0,
      reason: 'as we said',
    })
  })

  test('what the tests gave and what was changed add up, whatever the policy, and a policy can be taken back', () => {
    const tenths = (max: number) => fc.integer({ min: 0, max: 10 * max }).map(number => number / 10)
    const lines = fc.record({
      part: tenths(90),
      whole: tenths(150),
      loses: tenths(50),
      keeps: tenths(100),
      by: fc.integer({ min: -120, max: 50 }),
      days: fc.integer({ min: 0, max: 3 }),
      failed: fc.subarray(['A1', 'A2', 'B1', 'C2', 'D1']),
    })
    fc.assert(
      fc.property(lines, ({ part, whole, loses, keeps, by, days, failed }) => {
        const policy = policyOf(`
deadlines: 2026-10-09 20:00 Z
late: { loses: ${loses}%, keeps: ${keeps}% }
lateDays: ${days}
points: { 01: { A: ${part}, all: ${whole} } }
excused: { ann: { 01 B: was ill } }
adjust: [{ student: ann, lab: 01, points: ${by}, reason: spoke up }]
`)
        const raw = gradingOf({ ann: [labGrade('01', '2026-10-12T07:00:00Z', ...failed)] })
        const after = adjusted(raw, policy)
        const lab = after.submissions[0]!.labs[0]!
        const sum = (of: 'points' | 'of', kinds: string[], from: number) =>
          lab.adjustments
            .filter(({ kind }) => kinds.includes(kind))
            .reduce((sum, each) => sum + each[of], from)
        expect(sum('points', ['rubric', 'excused', 'late', 'manual'], lab.raw.points)).toBeCloseTo(lab.points)
        expect(sum('of', ['rubric', 'excused'], lab.raw.of)).toBeCloseTo(lab.of)
        const parts = lab.parts.reduce((sum, { points }) => sum + points, 0)
        expect(sum('points', ['late', 'manual'], parts)).toBeCloseTo(lab.points)
        expect(adjusted(after, policy)).toEqual(after)
        expect({ ...adjusted(after, policyOf('')), policy: null }).toEqual(raw)
      }),
      { numRuns: 60 },
    )
  })
})

describe('a mistake in the file', () => {
  test.each([
    [
      'dedlines: 2026-10-09',
      "policy.yml:1: a policy has no 'dedlines': it has deadlines, late, lateDays, extensions, points, excused, adjust, times.",
    ],
    [
      'late:\n  per: day\n  looses: 10%',
      "policy.yml:3: late has no 'looses': it has per, loses, keeps, grace, closes.",
    ],
    [
      'deadlines:\n  04: 2026-10-09 23:59',
      "policy.yml:2: a time is a day, an hour and the distance from UTC, like '2026-10-09 23:59 +02:00', not '2026-10-09 23:59'.",
    ],
    [
      'deadlines: 2026-02-30 23:59 Z',
      "policy.yml:1: a time is a day, an hour and the distance from UTC, like '2026-10-09 23:59 +02:00', not '2026-02-30 23:59 Z'.",
    ],
    ['deadlines:\n  99: 2026-10-09 23:59 Z', "policy.yml:2: there is no lab '99': they are 00 to 33."],
    ['late: { loses: 10 }', "policy.yml:1: a share is from 0% to 100%, not '10'."],
    ['late: { per: month }', "policy.yml:1: late is per day or per hour, not per 'month'."],
    [
      'extensions:\n  ann: soon',
      "policy.yml:2: a length of time is like '15 minutes', '12 hours' or '3 days', not 'soon'.",
    ],
    ['points:\n  04:\n    Z: 10', "policy.yml:3: lab 04 has no part 'Z': its parts are A, B, C, D."],
    ['points: { 04: -1 }', "policy.yml:1: that wants a number, 0 or more, with tenths at most, not '-1'."],
    ['adjust:\n  - student: ann\n    lab: 04\n    points: 3', 'policy.yml:2: an adjustment wants a reason.'],
    ['excused:\n  ann: 04', "policy.yml:2: what is wanted here has the form 'name: value', a line each."],
    ['excused:\n  ann:\n    04:', 'policy.yml:3: a text is missing here.'],
    ['lateDays: 1.5', 'policy.yml:1: lateDays wants a whole number.'],
    ['late:\n  per: day\n  per: hour', 'policy.yml:3: Map keys must be unique.'],
    ['late: [', /^policy\.yml:1: .+/],
    ['times: nowhere.csv', /^policy\.yml:1: there is no table of times at '.*nowhere\.csv'\.$/],
  ])('is told in one line with its place: %j', (text, expected) => {
    const told = complaint(text)
    expect(told).not.toContain('\n')
    if (typeof expected === 'string') expect(told).toBe(expected)
    else expect(told).toMatch(expected)
  })

  test.each([
    [
      'name,when\nann,now\n',
      "times.csv:1: the first line names the columns: 'student' and 'time', and 'lab' if times differ by lab.",
    ],
    [
      'student,time\nann,2026-10-09 23:59\n',
      "times.csv:2: a time is a day, an hour and the distance from UTC, like '2026-10-09 23:59 +02:00', not '2026-10-09 23:59'.",
    ],
    [
      'student,time\nann,2026-10-09T23:59Z\nann,2026-10-10T23:59Z\n',
      "times.csv:3: 'ann' has a time already; keep the one that counts.",
    ],
    ['student,time\nann\n', /^times\.csv:2: .+/],
    ['student,lab,time\nann,77,2026-10-09T23:59Z\n', "times.csv:2: there is no lab '77': they are 00 to 33."],
  ])('is told in a table of times too: %j', (times, expected) => {
    const told = complaint('times: times.csv', times)
    if (typeof expected === 'string') expect(told).toBe(expected)
    else expect(told).toMatch(expected)
  })

  test('JSON is read as well', () => {
    const text = JSON.stringify({ points: { '04': { A: 50 } }, lateDays: 2 })
    expect(policyOf(text)).toMatchObject({ lateDays: 2, points: new Map([['04', expect.anything()]]) })
  })
})

describe('in the results', () => {
  const policy = `${tenADay}\nexcused: { ann: { 04 D: the disk was full } }`
  const grading = () =>
    adjusted(gradingOf({ ann: [labGrade('04', '2026-10-10T18:00:00Z', 'A1')] }), policyOf(policy))
  const reasons = [/part D is excused: the disk was full/, /1 day late: 10% off .*by commit 1a2b3c4/]

  test('every writer tells the points that count, those of the tests, and each reason', () => {
    const [submission] = grading().submissions
    const score = submission!.points
    const written = {
      csv: csv(grading()),
      terminal: table(grading()),
      junit: [...junit(grading())].join(''),
      page: studentPage(submission!),
      gradescope: gradescope(submission!)
        .tests.map(({ name, output }) => `${name}\n${output}`)
        .join('\n'),
    }
    expect(score).toBeLessThan(submission!.raw.points)
    for (const [name, text] of Object.entries(written)) {
      expect(text, name).toContain(String(score))
      for (const reason of reasons) expect(text, name).toMatch(reason)
    }
    for (const name of ['csv', 'junit', 'page'] as const)
      expect(written[name], name).toContain(String(submission!.raw.points))
    expect(gradescope(submission!).score).toBe(score)
  })

  test('a large class is told on the terminal by lab', () => {
    const lines = summary(grading()).split('\n')
    expect(lines[1]).toMatch(/^04 +1 +0 +[\d.]+ +100 +1 wrong$/)
    expect(lines.at(-2)).toBe('1 submission, 1 lab')
  })

  test('what Classroom adds up is what counts', () => {
    const { tests, max_score } = classroom(grading().submissions[0]!)
    expect(round(tests.reduce((sum, { score }) => sum + score, 0))).toBe(grading().submissions[0]!.points)
    expect(max_score).toBe(70)
  })

  test('a change of the policy is told like any other change of a grade', () => {
    const before = gradingOf({ ann: [labGrade('04', '2026-10-10T18:00:00Z')] })
    expect(differences(before, adjusted(before, policyOf(tenADay)))).toEqual([
      'ann  04  100 → 90  ok',
      expect.stringMatching(/^ {4}−10: 1 day late: 10% off/),
    ])
  })
})
