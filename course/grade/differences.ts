/** What has changed between two gradings of the same class. */
import type { Grading, LabGrade } from './model.ts'
import { adjustment } from './writers/plain.ts'

export function differences(before: Grading, after: Grading): string[] {
  const old = new Map(before.submissions.map(({ submission, labs }) => [submission, labs]))
  const lines: string[] = []
  for (const { submission, labs } of after.submissions) {
    const was = old.get(submission)
    old.delete(submission)
    if (was === undefined) lines.push(`${submission}  new`)
    else
      lines.push(
        ...labs.flatMap(lab =>
          difference(
            submission,
            was.find(each => each.lab === lab.lab),
            lab,
          ),
        ),
      )
  }
  return [...lines, ...[...old.keys()].map(submission => `${submission}  gone`)]
}

function difference(submission: string, was: LabGrade | undefined, is: LabGrade): string[] {
  if (was === undefined) return [`${submission}  ${is.lab}  new: ${is.points}`]
  if (was.points === is.points && was.reason === is.reason) return []
  const passed = new Set(was.tests.filter(({ reason }) => reason === 'ok').map(({ id }) => id))
  const lost = is.tests.filter(({ id, reason }) => reason !== 'ok' && passed.has(id))
  const reason = was.reason === is.reason ? is.reason : `${was.reason} → ${is.reason}`
  return [
    `${submission}  ${is.lab}  ${was.points} → ${is.points}  ${reason}`,
    ...lost.map(({ id }) => `    no longer passes: ${id}`),
    ...policyChange(was, is),
  ]
}

/** What the policy does now that it did not do before, or the other way round. */
function policyChange(was: LabGrade, is: LabGrade): string[] {
  const before = was.adjustments.map(adjustment)
  const after = is.adjustments.map(adjustment)
  return [
    ...before.filter(line => !after.includes(line)).map(line => `    no longer: ${line}`),
    ...after.filter(line => !before.includes(line)).map(line => `    ${line}`),
  ]
}
