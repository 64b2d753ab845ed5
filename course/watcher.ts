/** Tells when a TypeScript file in a folder has been saved: once, however many events the editor makes of it. */
import { existsSync, type FSWatcher, readdirSync, statSync, watch } from 'node:fs'
import path from 'node:path'

export interface Watcher {
  close(): void
}

/** Editors write in several steps; this long after the first of them the file is whole. */
const settleMs = 25

/** Each folder is watched by itself: the recursive kind misses files that an editor replaces on some systems. */
export function watchFolder(folder: string, onSaved: (files: readonly string[]) => void): Watcher {
  const watchers = new Map<string, FSWatcher>()
  let known = stamps(folder)
  let timer: NodeJS.Timeout | undefined
  watchAll()

  function watchAll(): void {
    for (const inside of [folder, ...foldersIn(folder)]) {
      if (watchers.has(inside)) continue
      const watcher = watch(inside, () => {
        timer ??= setTimeout(look, settleMs)
      })
      // A folder that is gone tells its parent's watcher.
      watcher.on('error', () => forget(inside)).on('close', () => watchers.delete(inside))
      watchers.set(inside, watcher)
    }
  }

  function forget(inside: string): void {
    watchers.get(inside)?.close()
    watchers.delete(inside)
  }

  function look(): void {
    timer = undefined
    for (const inside of watchers.keys()) if (!existsSync(inside)) forget(inside)
    watchAll()
    const now = stamps(folder)
    const changed = [...new Set([...now.keys(), ...known.keys()])].filter(
      file => now.get(file) !== known.get(file),
    )
    known = now
    if (changed.length > 0) onSaved(changed)
  }

  return {
    close() {
      clearTimeout(timer)
      for (const inside of [...watchers.keys()]) forget(inside)
    },
  }
}

function foldersIn(folder: string): string[] {
  return entries(folder)
    .filter(entry => entry.isDirectory())
    .map(entry => path.join(entry.parentPath, entry.name))
}

function stamps(folder: string): Map<string, string> {
  const files = entries(folder)
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => path.join(entry.parentPath, entry.name))
  return new Map(
    files.flatMap(file => {
      try {
        const { mtimeMs, size, ino } = statSync(file)
        return [[file, `${mtimeMs} ${size} ${ino}`]]
      } catch {
        return []
      }
    }),
  )
}

function entries(folder: string) {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : []
}
