/** Every form of the results, into one folder. */
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import type { Grading } from '../model.ts'
import { classPage, studentFile } from './class-page.ts'
import { classroom } from './classroom.ts'
import { gradescope } from './gradescope.ts'
import { junit } from './junit.ts'
import { csv, json } from './plain.ts'
import { studentPage } from './student-page.ts'

export function writeAll(grading: Grading, out: string): void {
  mkdirSync(out, { recursive: true })
  writePieces(path.join(out, 'grades.csv'), [csv(grading)])
  writePieces(path.join(out, 'junit.xml'), junit(grading))
  for (const folder of ['gradescope', 'classroom']) empty(path.join(out, folder))
  grading.submissions.forEach((submission, index) => {
    const name = studentFile(index).replace(/\.html$/, '.json')
    writeFileSync(path.join(out, 'gradescope', name), `${JSON.stringify(gradescope(submission))}\n`)
    writeFileSync(path.join(out, 'classroom', name), `${JSON.stringify(classroom(submission))}\n`)
  })
  writeForPeople(grading, out)
}

/** What says whom a submission resembles: the rest does not change when that is found out. */
export function writeForPeople(grading: Grading, out: string): void {
  writePieces(path.join(out, 'grades.json'), json(grading))
  const pages = path.join(out, 'pages')
  empty(pages)
  writeFileSync(path.join(pages, 'index.html'), classPage(grading))
  grading.submissions.forEach((submission, index) => {
    writeFileSync(path.join(pages, studentFile(index)), studentPage(submission))
  })
}

function empty(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
}

function writePieces(file: string, pieces: Iterable<string>): void {
  const descriptor = openSync(file, 'w')
  try {
    for (const piece of pieces) writeSync(descriptor, piece)
  } finally {
    closeSync(descriptor)
  }
}
