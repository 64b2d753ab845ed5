/** Folders for what lives only as long as a grading, among those of all other programs. */
import { lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const prefix = 'course-grading-'
const day = 86_400_000

/** A new one. Those that a killed grading left behind go when nobody has touched them for a day. */
export function scratchFolder(): string {
  const stale = readdirSync(tmpdir()).filter(name => /^course-grading-\w{6}$/.test(name))
  for (const name of stale) {
    const folder = path.join(tmpdir(), name)
    try {
      if (Date.now() - lstatSync(folder).mtimeMs > day) rmSync(folder, { recursive: true, force: true })
    } catch {
      // Somebody else's, or just gone.
    }
  }
  return mkdtempSync(path.join(tmpdir(), prefix))
}
