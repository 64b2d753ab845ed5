/** Nothing that a student wrote is ever overwritten without a copy. */
import { copyFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { type Lab, labFolder } from './manifest.ts'
import { memoryFolder, studentSource } from './paths.ts'

/** Copies a student's file aside and says where to. */
export function keepBackup(lab: Lab, file: string): string {
  const when = new Date().toISOString().replace(/[:.]/g, '-')
  const backup = path.join(
    memoryFolder,
    'backups',
    labFolder(lab),
    when,
    path.relative(studentSource(lab), file),
  )
  mkdirSync(path.dirname(backup), { recursive: true })
  copyFileSync(file, backup)
  return backup
}
