/**
 * `npm run red-team`: attacks the grader in all ways in which it can be run, compares what happens with what is written,
 * and writes the page about it.
 */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import pc from 'picocolors'
import { Complaint } from './complaint.ts'
import { findSandbox } from './grade/sandbox.ts'
import { root } from './paths.ts'
import { page, pageFile, surprises } from './red-team/page.ts'
import { modes, raid, raidInside } from './red-team/run.ts'

export async function redTeam(): Promise<number> {
  if (findSandbox().kind !== 'bubblewrap')
    throw new Complaint('The red team needs bubblewrap: two of its three raids run inside it, for your sake.')
  if (process.getuid?.() !== 0)
    throw new Complaint(
      'The red team needs root: in a container the grader runs submissions as another user.',
    )
  let wrong = 0
  for (const mode of modes) {
    const began = performance.now()
    const found = await (mode === 'bubblewrap' ? raid(mode) : raidInside(mode))
    const lines = surprises(mode, found)
    wrong += lines.length
    const count = Object.keys(found.outcomes).length
    const seconds = ((performance.now() - began) / 1000).toFixed(0)
    const verdict = lines.length === 0 ? pc.green('as expected') : pc.red(`${lines.length} surprises`)
    console.log(`${count} attacks, Node ${found.node}, ${seconds} s. Sandbox: ${found.sandbox}`)
    console.log(`  ${verdict}; harm: ${found.harm.join(', ') || 'none'}`)
    for (const line of lines) console.log(`  ${line}`)
  }
  if (wrong > 0) return 1
  writeFileSync(pageFile, page())
  console.log(`Written: ${path.relative(root, pageFile)}`)
  return 0
}
