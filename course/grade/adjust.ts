/**
 * Applies a class's policy to a grading. It starts from the raw points each time, so a policy can be changed and applied
 * again without running anybody's code, and it leaves a line for all that it changes: `raw` and the adjustments add up.
 *
 * In this order: what parts count, what is excused for all, what labs count, what is excused for one, lateness, and last
 * what somebody decided by hand.
 */
import { findLab } from '../manifest.ts'
import {
  type Adjustment,
  counted,
  type Deadline,
  type Grading,
  gradeSubmission,
  type LabGrade,
  type Moment,
  type PartGrade,
  round,
  type Score,
  type SubmissionGrade,
  total,
} from './model.ts'
import { day, type Excuse, forLab, type LateRule, type Policy } from './policy.ts'

export function adjusted(grading: Grading, policy: Policy): Grading {
  return {
    ...grading,
    policy: { file: policy.file, hash: policy.hash },
    labs: grading.labs.map(lab => ({ ...lab, of: classTotal(lab.lab, policy) })),
    submissions: grading.submissions.map(grade => adjustedSubmission(grade, policy)),
  }
}

/** What a lab counts for whoever has no excuse of their own. */
function classTotal(id: string, policy: Policy): number {
  const parts = findLab(id)!.parts.map(({ id, points }) => ({ id, raw: { points: 0, of: points } }))
  return total(weighed(id, parts, null, policy).scores).of
}

function adjustedSubmission({ submission, labs }: SubmissionGrade, policy: Policy): SubmissionGrade {
  const due = (lab: LabGrade) => dueOf(lab.lab, submission, policy)
  const inOrder = [...labs].sort((a, b) => (due(a) ?? 0) - (due(b) ?? 0) || (a.lab < b.lab ? -1 : 1))
  // Late days go to the labs in the order of their deadlines, as a term goes by.
  let lateDays = policy.lateDays
  const done = new Map<string, LabGrade>()
  for (const lab of inOrder) {
    const late = lateness(weigh(lab, submission, policy), submission, due(lab), lateDays, policy)
    lateDays -= late.deadline?.lateDays ?? 0
    done.set(lab.lab, manual(late, submission, policy))
  }
  return gradeSubmission(
    submission,
    labs.map(({ lab }) => done.get(lab)!),
  )
}

function weigh(lab: LabGrade, student: string, policy: Policy): LabGrade {
  const { scores, adjustments } = weighed(lab.lab, lab.parts, student, policy)
  const parts = lab.parts.map((part, index): PartGrade => ({ ...part, ...scores[index]! }))
  return { ...lab, ...total(scores), parts, adjustments, deadline: null }
}

/** The parts with the points that count, and why they changed. `student` is null for whoever has no excuse. */
function weighed(
  lab: string,
  parts: readonly Pick<PartGrade, 'id' | 'raw'>[],
  student: string | null,
  policy: Policy,
): { scores: Score[]; adjustments: Adjustment[] } {
  const adjustments: Adjustment[] = []
  let scores = parts.map(({ raw }) => raw)
  const become = (kind: Adjustment['kind'], next: Score[], reason: string) => {
    const change = difference(total(next), total(scores))
    if (change.of !== 0) adjustments.push({ kind, ...change, reason })
    scores = next
  }
  const excuses = policy.excused.filter(
    excuse => excuse.lab === lab && (excuse.student === null || excuse.student === student),
  )
  const excuse = excuses.find(({ part }) => part === null)
  if (excuse) {
    become(
      'excused',
      scores.map(() => nothing),
      `excused: ${excuse.reason}`,
    )
    return { scores, adjustments }
  }
  const points = policy.points.get(lab)
  parts.forEach(({ id, raw }, index) => {
    const of = points?.parts.get(id) ?? raw.of
    const next = scores.with(index, scaled(raw, of))
    become('rubric', next, `part ${id} counts ${of} points instead of ${raw.of}`)
  })
  const excuseParts = (some: readonly Excuse[]) => {
    for (const { part, reason } of some) {
      const index = parts.findIndex(({ id }) => id === part)
      become('excused', scores.with(index, nothing), `part ${part} is excused: ${reason}`)
    }
  }
  // A lab's weight is shared by the parts that count for the class: what one student need not do makes the rest no heavier.
  excuseParts(excuses.filter(({ student }) => student === null))
  const { of } = total(scores)
  const whole = points?.whole ?? of
  become('rubric', spread(scores, whole), `the lab counts ${whole} points instead of ${of}`)
  excuseParts(excuses.filter(({ student }) => student !== null))
  return { scores, adjustments }
}

const nothing: Score = { points: 0, of: 0 }

/** Tenths of a point that do not divide go to the last part. */
function spread(scores: readonly Score[], whole: number): Score[] {
  const { of } = total(scores)
  if (of === 0 || of === whole) return [...scores]
  const last = scores.findLastIndex(score => score.of > 0)
  const shares = scores.map(score => round((score.of * whole) / of))
  const rest = whole - shares.reduce((sum, share, index) => (index === last ? sum : sum + share), 0)
  return scores.map((score, index) =>
    scaled(score, index === last ? Math.round(10 * rest) / 10 : shares[index]!),
  )
}

function scaled({ points, of: was }: Score, of: number): Score {
  return of === was ? { points, of } : { points: was === 0 ? 0 : round((points * of) / was), of }
}

/** The deadline with the student's extension, before late days. */
function dueOf(lab: string, student: string, policy: Policy): number | null {
  const deadline = forLab(policy.deadlines, lab)
  if (deadline === null) return null
  const extensions = policy.extensions.get(student)
  const extension = extensions ? forLab(extensions, lab) : null
  if (extension === null) return deadline
  return 'until' in extension ? extension.until : deadline + extension.by
}

function lateness(
  lab: LabGrade,
  student: string,
  due: number | null,
  lateDaysLeft: number,
  policy: Policy,
): LabGrade {
  if (due === null || lab.of === 0) return lab
  const handedIn = whenHandedIn(lab, student, policy)
  const deadline = (due: number, lateDays: number): Deadline => ({ due: instant(due), handedIn, lateDays })
  if (handedIn === null || lab.points === 0) return { ...lab, deadline: deadline(due, 0) }
  const at = Date.parse(handedIn.at)
  const needed = Math.max(0, Math.ceil((at - due - policy.late.grace) / day))
  const used = Math.min(needed, lateDaysLeft)
  const end = due + used * day
  const told = { ...lab, deadline: deadline(end, used) }
  if (at <= end + policy.late.grace) return told
  const { share, reason } = lost(at - end, policy.late)
  const points = round(lab.points * (1 - share))
  const days = used === 0 ? '' : `, ${counted(used, 'late day')} used`
  const story = `${reason} (handed in ${handedIn.at} by ${handedIn.by}, due ${instant(end)}${days})`
  return changed(told, points, 'late', story)
}

function lost(late: number, rule: LateRule): { share: number; reason: string } {
  const units = Math.ceil(late / rule.unit)
  const begun = counted(units, rule.unitName)
  if (rule.closes !== null && late > rule.closes) {
    return { share: 1, reason: `${begun} late, when it was closed` }
  }
  const share = Math.min(units * rule.loses, 1 - rule.keeps)
  const least = share < units * rule.loses ? ', no more' : ''
  return { share, reason: `${begun} late: ${Math.round(1000 * share) / 10}% off${least}` }
}

function whenHandedIn(lab: LabGrade, student: string, policy: Policy): Moment | null {
  const times = policy.times.get(student)
  const seen = times ? forLab(times, lab.lab) : null
  return seen === null ? lab.written : { at: instant(seen.at), by: seen.by }
}

function manual(lab: LabGrade, student: string, policy: Policy): LabGrade {
  return policy.manual
    .filter(each => each.student === student && each.lab === lab.lab)
    .reduce(
      (lab, { points, reason }) => changed(lab, Math.max(0, round(lab.points + points)), 'manual', reason),
      lab,
    )
}

function changed(lab: LabGrade, points: number, kind: Adjustment['kind'], reason: string): LabGrade {
  const change = { kind, ...difference({ points, of: lab.of }, lab), reason }
  return { ...lab, points, adjustments: [...lab.adjustments, change] }
}

/** Without the dust that binary fractions leave. */
function difference(after: Score, before: Score): Score {
  const tenths = (number: number) => Math.round(10 * number) / 10
  return { points: tenths(after.points - before.points), of: tenths(after.of - before.of) }
}

const instant = (at: number): string => new Date(at).toISOString().replace(/\.000Z$/, 'Z')
