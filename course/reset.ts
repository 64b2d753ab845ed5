/** `npm run reset 04`: the stub again, as handed out. What the student wrote is kept. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { keepBackup } from './backup.ts'
import { labNamed } from './labs.ts'
import { shown, studentSource } from './paths.ts'
import { stubOf } from './stubs.ts'

export function reset(name: string): number {
  const lab = labNamed(name)
  for (const swap of lab.swaps) {
    const file = path.join(studentSource(lab), `${swap}.ts`)
    const stub = stubOf(lab, swap)
    if (existsSync(file) && readFileSync(file, 'utf8') === stub) {
      console.log(`${shown(file)} is as handed out already.`)
      continue
    }
    const kept = existsSync(file) ? keepBackup(lab, file) : null
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, stub)
    console.log(`${shown(file)} is as handed out again.`)
    if (kept) console.log(`What you had is kept: ${shown(kept)}`)
  }
  return 0
}
