/** A lab's mutants as submissions: the grader must take points from each, just as the tests do without it. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Lab } from '../manifest.ts'
import { mutantSubject, mutantsOf } from '../mutate.ts'
import type { Submission } from './submissions.ts'

export async function mutantSubmissions(labs: readonly Lab[]): Promise<Submission[]> {
  const each = labs.map(async lab =>
    (await mutantsOf(lab)).map((mutant): Submission => {
      const { folder } = mutantSubject(lab, mutant)
      const text = (swap: string) => readFileSync(path.join(folder, `${swap}.ts`), 'utf8')
      return {
        name: `${lab.id} ${mutant.name}`,
        labs: [lab.id],
        take: () => ({ sources: new Map(lab.swaps.map(swap => [swap, text(swap)])) }),
      }
    }),
  )
  return (await Promise.all(each)).flat()
}
