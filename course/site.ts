/** The site as a process: its packages, its port, its life and its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, statSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { servePageFiles } from './page-files.ts'
import { memoryFolder, root, shown } from './paths.ts'

export const siteFolder = path.join(root, 'site')

export interface Site {
  address: string
  /** Settles when somebody could read it; fails with a message for the student when it will never be. */
  ready: Promise<void>
  /** Fails when the site ends without being told to. */
  ended: Promise<never>
  close(): Promise<void>
}

/** Not installed yet, or for another lock file than the one that is there. */
export function packagesAreStale(): boolean {
  const lock = path.join(siteFolder, 'package-lock.json')
  const installed = path.join(siteFolder, 'node_modules', '.package-lock.json')
  return !existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs
}

/** Why it failed; null when it did not. */
export async function installPackages(): Promise<string | null> {
  const npm = process.env.npm_execpath
  const argv = ['ci', '--prefix', siteFolder, '--no-fund', '--no-audit']
  // Windows starts npm through a shell only.
  const child = npm
    ? spawn(process.execPath, [npm, ...argv], { stdio: 'inherit' })
    : spawn('npm', argv, { stdio: 'inherit', shell: process.platform === 'win32' })
  return new Promise(resolve => {
    child.on('error', error => resolve(error.message))
    child.on('close', code => resolve(code === 0 ? null : `npm ended with code ${code}`))
  })
}

export async function serveSite(): Promise<Site> {
  const ownFiles = await servePageFiles()
  const port = await freePort(3000)
  const address = `http://127.0.0.1:${port}/`
  const program = path.join(siteFolder, 'node_modules', '@docusaurus', 'core', 'bin', 'docusaurus.mjs')
  // Built, not developed: ready as soon, quiet while one works, and only a built site can be searched.
  const child = spawn(
    process.execPath,
    [program, 'serve', '--build', '--no-open', '--host', '127.0.0.1', '--port', String(port)],
    {
      cwd: siteFolder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', COURSE_OWN_FILES: ownFiles.address },
    },
  )
  const log = path.join(memoryFolder, 'site.log')
  mkdirSync(memoryFolder, { recursive: true })
  const file = createWriteStream(log)
  child.stdout.pipe(file)
  child.stderr.pipe(file)
  let closing = false
  const ended = new Promise<never>((_resolve, reject) => {
    child.on('exit', code => {
      if (!closing) reject(new Error(`The site ended with code ${code}: ${shown(log)} says why.`))
    })
  })
  const ready = Promise.race([ended, untilServed(address, () => closing)])
  // Whoever wants to know asks; the others need not fall over it.
  for (const promise of [ended, ready]) promise.catch(() => {})
  return {
    address,
    ready,
    ended,
    close() {
      closing = true
      ownFiles.close()
      return end(child)
    },
  }
}

async function untilServed(address: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const response = await fetch(address).catch(() => null)
    if (response?.ok) return
    await pause(200)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill()
  const impatience = setTimeout(() => child.kill('SIGKILL'), 3_000)
  await gone
  clearTimeout(impatience)
}

/** The first port from `first` on that nobody uses. */
async function freePort(first: number): Promise<number> {
  for (let port = first; ; port++) if (await isFree(port)) return port
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
