/**
 * `npm run check`: the course's own rules. A stub must fail, a solution must pass, a plausible wrong solution must be
 * caught, a text must not promise what is not there. What is proved here need not be believed.
 */
import pc from 'picocolors'
import { courseFindings } from './check/course-rules.ts'
import type { Finding } from './check/finding.ts'
import { labFindings } from './check/lab-rules.ts'
import type { MutationScore } from './check/mutation.ts'
import { openPool } from './check/pool.ts'
import { proofs } from './check/proofs.ts'
import { Complaint } from './complaint.ts'
import { madeLabs } from './labs.ts'
import { findLab, type Lab } from './manifest.ts'
import { referenceFile } from './swap.ts'

export interface CheckOptions {
  /** List the mutants: which test kills each, and what survives the visible tests. */
  mutants?: boolean
  /** Also let a library mutate the labs' files, hundreds of times each. It takes minutes. */
  mutation?: boolean
}

export async function check(names: readonly string[], options: CheckOptions = {}): Promise<number> {
  const began = performance.now()
  const chosen = names.length > 0 ? names.map(anyLab) : madeLabs
  const pool = await openPool()
  const scores: MutationScore[] = []
  let broken = 0
  const tell = ({ rule, note, broken: problems, details = [] }: Finding, inDetail = options.mutants) => {
    broken += problems.length
    const mark = problems.length === 0 ? pc.green('✓') : pc.red('✗')
    console.log(`  ${mark} ${rule.padEnd(48)} ${pc.dim(note)}`)
    for (const problem of problems) console.log(`      ${problem}`)
    if (inDetail) for (const detail of details) console.log(pc.dim(`      ${detail}`))
  }
  try {
    for (const lab of chosen) {
      console.log(pc.bold(`Lab ${lab.id} · ${lab.title}`))
      for (const finding of labFindings(lab)) tell(finding)
      if (lab.swaps.every(referenceFile)) for await (const finding of proofs(lab, pool)) tell(finding)
      if (options.mutation) {
        const { mutationFinding } = await import('./check/mutation.ts')
        const { finding, score } = await mutationFinding(lab)
        tell(finding, true)
        scores.push(score)
      }
      console.log()
    }
    if (names.length === 0) {
      console.log(pc.bold('The course'))
      for (const finding of courseFindings()) tell(finding)
    }
    if (scores.length > 0) {
      const { mutationTable } = await import('./check/mutation.ts')
      console.log(`\n${pc.bold('What a library mutates')}\n${mutationTable(scores)}`)
    }
  } finally {
    await pool.close()
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1)
  const verdict = broken === 0 ? pc.green('every rule holds') : pc.red(`${broken} to mend`)
  console.log(`\n${chosen.length} labs checked in ${seconds} s: ${verdict}`)
  return broken === 0 ? 0 : 1
}

/** Labs under construction are checked too, when they are asked for. */
function anyLab(name: string): Lab {
  const lab = findLab(name)
  if (!lab) throw new Complaint(`There is no lab '${name}'.`)
  return lab
}
