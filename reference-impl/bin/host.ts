/** What a server cannot know of itself: the process that it is, and the computer under it. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { HostReport } from '../src/server/report.ts'
import type { Settings } from '../src/server/settings.ts'

/** Looked up anew each time that somebody asks. */
export function hostOf({ dataDir, dataLogDir }: Settings): HostReport {
  return {
    get environment() {
      return environment()
    },
    get dataDirSize() {
      return folderSize(dataDir)
    },
    get dataLogDirSize() {
      return folderSize(dataLogDir)
    },
    get openFiles() {
      return openFiles()
    },
    get maxFiles() {
      return maxFiles()
    },
  }
}

/** Apache's keys where they have a meaning without a JVM, and Node's version. */
function environment(): [string, string][] {
  const user = userOf()
  const megabytes = (bytes: number): string => `${Math.floor(bytes / 1024 / 1024)}MB`
  return [
    ['host.name', os.hostname()],
    ['node.version', process.versions.node],
    ['os.name', os.type()],
    ['os.arch', os.arch()],
    ['os.version', os.release()],
    ['user.name', user.username],
    ['user.home', user.homedir],
    ['user.dir', process.cwd()],
    ['os.memory.free', megabytes(os.freemem())],
    ['os.memory.max', megabytes(os.totalmem())],
    ['os.memory.total', megabytes(os.totalmem())],
  ]
}

/** In a container, the user often is a number that no file knows. */
export function userOf(): { username: string; homedir: string } {
  try {
    return os.userInfo()
  } catch {
    const { USER: username = String(process.getuid?.() ?? '?'), HOME: homedir = '?' } = process.env
    return { username, homedir }
  }
}

function folderSize(folder: string): number {
  const here = path.join(folder, 'version-2')
  let size = 0
  for (const name of namesIn(here)) {
    size += statSync(path.join(here, name), { throwIfNoEntry: false })?.size ?? 0
  }
  return size
}

function openFiles(): number {
  // Linux; macOS; Windows does not tell.
  return namesIn('/proc/self/fd').length || namesIn('/dev/fd').length || -1
}

function maxFiles(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? -1)
  } catch {
    return -1
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
