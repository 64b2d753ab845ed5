/**
 * Keys that are read again when their files change, so that a certificate can be replaced before it runs out and nobody
 * is disconnected. The files are looked at once a second: that notices as well what a watch of the folder does not, a link
 * to another folder, as Kubernetes replaces secrets.
 */
import { type Stats, unwatchFile, watchFile } from 'node:fs'
import type { PortKeys } from '../src/server/ports.ts'
import type { TlsKeys } from '../src/world/world.ts'
import type { Level } from './log.ts'
import { keysIn, pathsOf, type StoreFiles } from './stores.ts'

const lookEvery = 1000
/** Who replaces several files has as long between one and the next. */
const settles = 500

/** From here on, `keys` are those that stand in the files, and ports hear of others. `tell` hears what came of each change. */
export function keepFresh(
  keys: PortKeys,
  files: StoreFiles,
  tell: (level: Level, text: string) => void,
): void {
  const takers = new Set<(keys: TlsKeys) => void>()
  const paths = pathsOf(files)
  let timer: NodeJS.Timeout | undefined

  function changed(now: Stats, before: Stats): void {
    // Somebody has only read it.
    if (now.mtimeMs === before.mtimeMs && now.ino === before.ino && now.size === before.size) return
    clearTimeout(timer)
    timer = setTimeout(() => void renew(), settles).unref()
  }

  async function renew(): Promise<void> {
    const now = await keysIn(files)
    if ('error' in now) {
      tell(
        'error',
        `${now.error}. It has changed, and is not used: who connects meets the older certificates`,
      )
      return
    }
    try {
      for (const take of takers) take(now)
      Object.assign(keys, now)
      tell(
        'info',
        `${files.keyStore.location} has been read again: who connects from now on meets what is in it`,
      )
    } catch (error) {
      const { message } = error as Error
      tell('error', `${files.keyStore.location} has changed, and cannot be used: ${message}`)
    }
  }

  keys.renewed = take => {
    if (takers.size === 0) {
      for (const path of paths) watchFile(path, { interval: lookEvery, persistent: false }, changed)
    }
    takers.add(take)
    return () => {
      takers.delete(take)
      if (takers.size > 0) return
      for (const path of paths) unwatchFile(path, changed)
      clearTimeout(timer)
    }
  }
}
