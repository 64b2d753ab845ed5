/** The results in the forms that people and programs want. */
import type { Grading, LabGrade } from '../model.ts'

export function json(grading: Grading): string {
  return `${JSON.stringify(grading, null, 2)}\n`
}

/** A line a submission: the points of every lab and part, and the reason of every lab. */
export function csv({ submissions }: Grading): string {
  const labs = submissions[0]?.labs ?? []
  const head = ['submission', 'points', 'of']
  for (const { lab, parts } of labs)
    head.push(`lab ${lab}`, ...parts.map(({ id }) => `${lab} ${id}`), `${lab} reason`)
  const lines = submissions.map(({ submission, points, of, labs }) => [
    submission,
    points,
    of,
    ...labs.flatMap(lab => [lab.points, ...lab.parts.map(part => part.points), lab.reason]),
  ])
  return sheet([head, ...lines])
}

export function sheet(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map(row => `${row.map(cell).join(',')}\r\n`).join('')
}

/** Spreadsheets take what begins like a formula for one: a student's folder may be called anything. */
function cell(value: string | number): string {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** For the terminal: a line a submission and lab. */
export function table({ submissions, labs }: Grading): string {
  const rows = [['submission', 'lab', 'points', ...partHeads(submissions[0]?.labs ?? []), 'reason', '']]
  for (const { submission, labs } of submissions) {
    labs.forEach((lab, index) => {
      const parts = lab.parts.map(part => `${part.id} ${part.points}/${part.of}`).join('  ')
      rows.push([
        index === 0 ? submission : '',
        lab.lab,
        `${lab.points}/${lab.of}`,
        parts,
        lab.reason,
        lab.detail.slice(0, 80),
      ])
    })
    if (labs.length > 1) {
      const points = labs.reduce((sum, lab) => sum + lab.points, 0)
      rows.push([
        '',
        'all',
        `${Math.round(10 * points) / 10}/${labs.reduce((sum, { of }) => sum + of, 0)}`,
        '',
        '',
        '',
      ])
    }
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  const text = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return `${text.join('\n')}\n\n${submissions.length} ${submissions.length === 1 ? 'submission' : 'submissions'}, ${labs.length} ${labs.length === 1 ? 'lab' : 'labs'}\n`
}

function partHeads(labs: readonly LabGrade[]): string[] {
  return labs.length === 0 ? [''] : ['parts']
}
