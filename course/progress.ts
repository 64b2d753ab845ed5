/** `npm run progress`: where a student stands. */
import pc from 'picocolors'
import { holesIn } from './holes.ts'
import { madeLabs } from './labs.ts'
import { type Lab, labs } from './manifest.ts'
import { lastVerdict, verdictOn } from './memory.ts'
import { studentFiles } from './paths.ts'

export function progress(): number {
  const width = Math.max(...madeLabs.map(({ title }) => title.length))
  for (const lab of madeLabs) console.log(`  ${lab.id}  ${lab.title.padEnd(width)}  ${state(lab)}`)
  const done = madeLabs.filter(lab => lastVerdict(lab)?.done).length
  const planned = labs.length - madeLabs.length
  console.log(`\n  ${done} of ${madeLabs.length} labs done${planned > 0 ? `; ${planned} more planned` : ''}`)
  return 0
}

function state(lab: Lab): string {
  const holes = studentFiles(lab).flatMap(holesIn).length
  const left = holes === 0 ? '' : holes === 1 ? ' · 1 hole left' : ` · ${holes} holes left`
  const last = lastVerdict(lab)
  if (!last) return pc.dim(`· not tried yet${left}`)
  const tests = last.passed + last.failed + last.todo
  const verdict = last.done ? pc.green('✓ done') : `${pc.yellow('○')} ${last.passed} of ${tests} tests pass`
  const since = verdictOn(lab) ? '' : pc.dim(` · changed since: npm test ${lab.id}`)
  return `${verdict}${left}${since}`
}
