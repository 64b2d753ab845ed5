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

export interface PartGrade {
  id: string
  title: string
  points: number
  of: number
  passed: number
  tests: number
}

export interface LabGrade {
  lab: string
  title: string
  points: number
  of: number
  reason: Reason
  /** One line for people: what the reason was about. */
  detail: string
  parts: PartGrade[]
  tests: TestGrade[]
  milliseconds: number
  /** Names all that the grade depends on: the same key, the same grade. */
  key: string
}

export interface SubmissionGrade {
  submission: string
  points: number
  of: number
  labs: LabGrade[]
}

export interface Grading {
  course: string
  /** How submissions were kept from doing harm, in words. */
  sandbox: string
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
    return { id, title, points: earned, of: points, passed, tests: mine.length }
  })
  const reason =
    rest.reason ?? reasons.find(reason => tests.some(test => test.reason === reason)) ?? 'nothing reported'
  const failed = tests.find(test => test.reason === reason && reason !== 'ok')
  return {
    lab: rules.lab,
    title: rules.title,
    points: round(parts.reduce((sum, { points }) => sum + points, 0)),
    of: parts.reduce((sum, { of }) => sum + of, 0),
    reason,
    detail: firstLine(rest.detail ?? failed?.message ?? ''),
    parts,
    tests: [...tests],
    milliseconds: rest.milliseconds,
    key: rest.key,
  }
}

export function gradeSubmission(submission: string, labs: LabGrade[]): SubmissionGrade {
  return {
    submission,
    points: round(labs.reduce((sum, { points }) => sum + points, 0)),
    of: labs.reduce((sum, { of }) => sum + of, 0),
    labs,
  }
}

/** One place after the point, and downwards: only who passed everything has all points. */
function round(points: number): number {
  return Math.floor(10 * points + 1e-6) / 10
}

export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0]!.trim()
}
