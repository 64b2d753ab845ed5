/** What a grading finds out: one model, which every writer of results reads. */

/** Why a test did not pass, in the order in which they explain a grade: the first that occurs speaks for the lab. */
export const reasons = [
  'missing file',
  'syntax error',
  'forbidden',
  'crashed',
  'exited',
  'out of memory',
  'timed out',
  'wrong',
  'not attempted',
  'nothing reported',
  'ok',
] as const

export type Reason = (typeof reasons)[number]

export interface TestGrade {
  /** `visible/frames.test.ts > A. Cut frames > half a frame waits`: the same in every grading. */
  id: string
  file: string
  visible: boolean
  /** The letter of the lab's part; null for a test outside of any, which counts for the whole lab. */
  part: string | null
  name: string
  reason: Reason
  /** What went wrong, in words; empty when nothing did. */
  message: string
  milliseconds: number
}

/** Points, and how many there are to be had. */
export interface Score {
  points: number
  of: number
}

/** `points` and `of` count; `raw` is what the tests alone gave, before the class's policy. */
export interface PartGrade extends Score {
  id: string
  title: string
  raw: Score
  passed: number
  tests: number
}

/** What the class's policy did to a lab: `raw` and all of these add up to what counts. */
export interface Adjustment extends Score {
  /** The first two change parts, and with them the lab; the others only the lab. */
  kind: 'rubric' | 'excused' | 'late' | 'manual'
  /** For the student, in words. */
  reason: string
}

export interface Moment {
  /** ISO 8601, in UTC. */
  at: string
  /** Whose word that is: `the time of the file`, `commit 1a2b3c4`, `times.csv:12`. */
  by: string
}

export interface Deadline {
  /** With extensions and late days. */
  due: string
  /** Null when nobody knows: then it is taken to be in time. */
  handedIn: Moment | null
  /** How many of the student's late days it took. */
  lateDays: number
}

/** A known mistake that fails what this submission fails. */
export interface Resemblance {
  /** The mutant's name, and what somebody who writes it believes. */
  mutant: string
  misconception: string
  /** So many of the lab's failing tests it explains. */
  explains: number
  of: number
  /** It fails exactly what the submission fails, and no other mutant does. */
  exact: boolean
  /** Other mutants that explain the same. */
  alternatives: string[]
}

export interface LabGrade extends Score {
  lab: string
  title: string
  raw: Score
  adjustments: Adjustment[]
  /** What the submission itself says about when the lab was written. */
  written: Moment | null
  /** Null when there is no policy, or when it sets none for this lab. */
  deadline: Deadline | null
  reason: Reason
  /** One line for people: what the reason was about. */
  detail: string
  parts: PartGrade[]
  tests: TestGrade[]
  /** For instructors. Absent when nobody has looked. */
  resembles?: Resemblance[]
  milliseconds: number
  /** Names all that the grade depends on: the same key, the same grade. */
  key: string
}

export interface SubmissionGrade extends Score {
  submission: string
  raw: Score
  labs: LabGrade[]
}

export interface Grading {
  course: string
  /** How submissions were kept from doing harm, in words. */
  sandbox: string
  /** The file with the class's policy, and the hash of what it said; null without one. */
  policy: { file: string; hash: string } | null
  labs: { lab: string; title: string; of: number }[]
  submissions: SubmissionGrade[]
}

/** A test as the reference's run found it. */
export type KnownTest = Pick<TestGrade, 'id' | 'file' | 'visible' | 'part' | 'name'>

export interface LabRules {
  lab: string
  title: string
  parts: readonly { id: string; title: string; points: number }[]
}

/** Points for what passed. Within a part every test weighs the same; a test that did not report has not passed. */
export function gradeLab(
  rules: LabRules,
  tests: readonly TestGrade[],
  rest: Pick<LabGrade, 'milliseconds' | 'key'> & { detail?: string; reason?: Reason },
): LabGrade {
  const parts = rules.parts.map(({ id, title, points }): PartGrade => {
    const mine = tests.filter(test => (test.part ?? id) === id)
    const passed = mine.filter(({ reason }) => reason === 'ok').length
    const earned = mine.length === 0 ? 0 : round((points * passed) / mine.length)
    const raw = { points: earned, of: points }
    return { id, title, ...raw, raw, passed, tests: mine.length }
  })
  const reason =
    rest.reason ?? reasons.find(reason => tests.some(test => test.reason === reason)) ?? 'nothing reported'
  const failed = tests.find(test => test.reason === reason && reason !== 'ok')
  const raw = total(parts)
  return {
    lab: rules.lab,
    title: rules.title,
    ...raw,
    raw,
    adjustments: [],
    written: null,
    deadline: null,
    reason,
    detail: firstLine(rest.detail ?? failed?.message ?? ''),
    parts,
    tests: [...tests],
    milliseconds: rest.milliseconds,
    key: rest.key,
  }
}

export function gradeSubmission(submission: string, labs: LabGrade[]): SubmissionGrade {
  return { submission, ...total(labs), raw: total(labs.map(({ raw }) => raw)), labs }
}

export function total(scores: readonly Score[]): Score {
  const sum = (of: keyof Score) => round(scores.reduce((sum, score) => sum + score[of], 0))
  return { points: sum('points'), of: sum('of') }
}

/** One place after the point, and downwards: only who passed everything has all points. */
export function round(points: number): number {
  return Math.floor(10 * points + 1e-6) / 10
}

export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!.trim()
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
