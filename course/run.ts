/** `npm test` (everything) and `npm test 04` (the student's files of a lab). */
import { labNamed, madeLabs } from './labs.ts'
import { isHandout, root } from './paths.ts'
import { type ReportOptions, report, reportLine } from './report.ts'
import { openRunner } from './runner.ts'
import { tryLab } from './trial.ts'

export async function run(names: readonly string[], options: ReportOptions = {}): Promise<number> {
  if (names.length === 0 && !isHandout) return runEverything()
  const labs = names.length > 0 ? names.map(labNamed) : madeLabs
  const runner = await openRunner()
  let allDone = true
  try {
    for (const lab of labs) {
      const trial = await tryLab(lab, runner)
      console.log(names.length > 0 ? report(trial, options) : reportLine(trial))
      allDone &&= trial.done && trial.types.length === 0
    }
  } finally {
    await runner.close()
  }
  if (names.length === 0) console.log('\nMore of one lab: npm test NN')
  return allDone ? 0 : 1
}

/** Whoever makes the course: all tests there are, against the reference. */
async function runEverything(): Promise<number> {
  console.log('Everything, against the reference. Your own file of a lab: npm test NN')
  const { startVitest } = await import('vitest/node')
  const vitest = await startVitest('test', [], { root, watch: false })
  await vitest.close()
  return Number(process.exitCode ?? 0)
}
