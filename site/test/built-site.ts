/** The site as a reader gets it: built, and served from the folder. */
import { spawnSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'

const site = path.dirname(import.meta.dirname)

export interface BuiltSite {
  origin: string
  stop(): void
}

/**
 * Builds the site into a folder of its own and serves it on a free port. Throws what the build says when it fails.
 * `ownFiles`: where its pages find plays with the reader's files, as in `npm start`.
 */
export async function builtSite(ownFiles: string): Promise<BuiltSite> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'built-site-'))
  const docusaurus = path.join(site, 'node_modules/@docusaurus/core/bin/docusaurus.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [docusaurus, 'build', '--out-dir', folder], {
    cwd: site,
    encoding: 'utf8',
    // A test runner's NODE_ENV would make a build for development.
    env: { ...process.env, NODE_ENV: 'production', COURSE_OWN_FILES: ownFiles },
  })
  if (status !== 0) throw new Error(`the site does not build:\n${stdout}${stderr}`)
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const asked = path.join(folder, path.normalize(decodeURIComponent(pathname)))
    const file = existsSync(asked) && statSync(asked).isDirectory() ? path.join(asked, 'index.html') : asked
    const found = existsSync(file)
    response.writeHead(found ? 200 : 404, { 'content-type': contentTypes[path.extname(file)] ?? 'text/html' })
    createReadStream(found ? file : path.join(folder, '404.html')).pipe(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close()
      server.closeAllConnections()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const contentTypes: Record<string, string> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
