/** Every form of the results, into one folder. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Grading } from '../model.ts'
import { classPage, studentFile } from './class-page.ts'
import { classroom } from './classroom.ts'
import { gradescope } from './gradescope.ts'
import { junit } from './junit.ts'
import { csv, json } from './plain.ts'
import { studentPage } from './student-page.ts'

export function writeAll(grading: Grading, out: string): void {
  const write = (name: string, text: string) => writeFileSync(path.join(out, name), text)
  const lines = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
  mkdirSync(out, { recursive: true })
  write('grades.json', json(grading))
  write('grades.csv', csv(grading))
  write('junit.xml', junit(grading))
  for (const folder of ['pages', 'gradescope', 'classroom']) {
    rmSync(path.join(out, folder), { recursive: true, force: true })
    mkdirSync(path.join(out, folder))
  }
  write('pages/index.html', classPage(grading))
  grading.submissions.forEach((submission, index) => {
    const page = studentFile(index)
    const data = page.replace(/\.html$/, '.json')
    write(`pages/${page}`, studentPage(submission))
    write(`gradescope/${data}`, lines(gradescope(submission)))
    write(`classroom/${data}`, lines(classroom(submission)))
  })
}
