/** The results in the forms that people and programs want. */
import { type Adjustment, counted, type Grading, type LabGrade, reasons, total } from '../model.ts'

/** Every submission has a line of its own: a large class is too long for one string. */
export function* json({ submissions, ...rest }: Grading): Iterable<string> {
  yield `${JSON.stringify({ ...rest, submissions: [] }).replace(/\]\}$/, '')}\n`
  for (const [index, submission] of submissions.entries()) {
    yield `${JSON.stringify(submission)}${index < submissions.length - 1 ? ',' : ''}\n`
  }
  yield ']}\n'
}

/** What `json` wrote, or the same in any other layout. */
export function fromJson(bytes: Buffer): Grading {
  const head = bytes.subarray(0, bytes.indexOf('\n')).toString()
  if (!head.endsWith('"submissions":[')) return JSON.parse(bytes.toString())
  const grading = JSON.parse(`${head}]}`) as Grading
  for (let at = bytes.indexOf('\n') + 1; at < bytes.length; ) {
    const end = bytes.indexOf('\n', at)
    const line = bytes.subarray(at, end < 0 ? bytes.length : end).toString()
    if (line.startsWith('{')) grading.submissions.push(JSON.parse(line.replace(/,$/, '')))
    at = end < 0 ? bytes.length : end + 1
  }
  return grading
}

/**
 * A line a submission: the points of every lab and part, and the reason of every lab. Where a policy was applied, also
 * what the tests alone gave, and what changed it.
 */
export function csv({ submissions, policy }: Grading): string {
  const labs = submissions[0]?.labs ?? []
  const head = ['submission', 'points', 'of']
  for (const { lab, parts } of labs) {
    head.push(`lab ${lab}`, ...parts.map(({ id }) => `${lab} ${id}`), `${lab} reason`)
    if (policy) head.push(`${lab} raw`, `${lab} adjustments`)
  }
  const lines = submissions.map(({ submission, points, of, labs }) => [
    submission,
    points,
    of,
    ...labs.flatMap(lab => [
      lab.points,
      ...lab.parts.map(part => part.points),
      lab.reason,
      ...(policy ? [lab.raw.points, lab.adjustments.map(adjustment).join('; ')] : []),
    ]),
  ])
  return sheet([head, ...lines])
}

/** `−20: 2 days late …`, for people. */
export function adjustment({ points, of, reason }: Adjustment): string {
  const change = points === 0 && of !== 0 ? `of ${signed(of)}` : signed(points)
  return `${change}: ${reason}`
}

const signed = (number: number): string => (number < 0 ? `−${-number}` : `+${number}`)

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
      for (const each of lab.adjustments) rows.push(['', '', '', `  ${adjustment(each)}`, '', ''])
    })
    if (labs.length > 1) {
      const { points, of } = total(labs)
      rows.push(['', 'all', `${points}/${of}`, '', '', ''])
    }
  }
  return `${aligned(rows)}\n\n${counted(submissions.length, 'submission')}, ${counted(labs.length, 'lab')}\n`
}

/** For the terminal, of a class: a line a lab. `handed in` are those of whom a file was found. */
export function summary({ submissions, labs }: Grading): string {
  const rows = [['lab', 'handed in', 'all pass', 'median', 'of', 'the others']]
  for (const { lab, of } of labs) {
    const grades = submissions.flatMap(({ labs }) =>
      labs.filter(grade => grade.lab === lab && grade.reason !== 'missing file'),
    )
    const points = grades.map(({ points }) => points).sort((a, b) => a - b)
    const others = reasons.flatMap(reason => {
      const count = grades.filter(grade => grade.reason === reason).length
      return reason === 'ok' || count === 0 ? [] : [`${count} ${reason}`]
    })
    const median = points[Math.floor(points.length / 2)] ?? ''
    const whole = grades.filter(({ reason }) => reason === 'ok').length
    rows.push([lab, String(grades.length), String(whole), String(median), String(of), others.join(', ')])
  }
  return `${aligned(rows)}\n\n${counted(submissions.length, 'submission')}, ${counted(labs.length, 'lab')}\n`
}

/** Lines without a third cell may be longer than the columns. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map(row => (row[2] === '' ? 0 : row[column]!.length))),
  )
  const lines = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}

function partHeads(labs: readonly LabGrade[]): string[] {
  return labs.length === 0 ? [''] : ['parts']
}
