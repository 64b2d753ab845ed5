/** The holes that are still open in a student's file: the places that throw a Todo. */
import { existsSync, readFileSync } from 'node:fs'

export interface Hole {
  /** `04 A: write an int` */
  task: string
  line: number
}

/** None when there is no such file. */
export function holesIn(file: string): Hole[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const [, , task] = /new Todo\((['"`])(.*)\1\)/.exec(text) ?? []
      return task === undefined ? [] : [{ task, line: index + 1 }]
    })
}
