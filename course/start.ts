/**
 * `npm start`: the chapters as a site, and below them the watch screen on the next unfinished lab. Without a terminal
 * there is nobody to watch for: then it serves the site, says where, and goes on until it is ended.
 */
import { existsSync } from 'node:fs'
import path from 'node:path'
import pc from 'picocolors'
import { labFolder } from './manifest.ts'
import { root } from './paths.ts'
import { installPackages, packagesAreStale, type Site, serveSite, siteFolder } from './site.ts'
import { openScreen, unfinishedLab } from './watch.ts'

export async function start(): Promise<number> {
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY
  const site = await openSite()
  if (typeof site === 'string' && !isTerminal) {
    console.error(site)
    return 1
  }
  const code = isTerminal ? await watchBeside(site) : await serveAlone(site as Site)
  if (typeof site !== 'string') await site.close()
  return code
}

/** The site, on its way up; or why there is none. */
async function openSite(): Promise<Site | string> {
  const instead = `Read the chapters in ${path.join(root, 'chapters')} instead.`
  if (!existsSync(siteFolder)) return `This copy of the course comes without the site. ${instead}`
  if (packagesAreStale()) {
    console.log(
      "Installing the site's packages into site/node_modules. This takes a minute, and only the first time:",
    )
    console.log(pc.dim('  npm ci --prefix site'))
    const problem = await installPackages()
    if (problem !== null) return `The site's packages could not be installed (${problem}). ${instead}`
  }
  return serveSite()
}

async function watchBeside(site: Site | string): Promise<number> {
  const screen = await openScreen(unfinishedLab())
  if (typeof site === 'string') {
    screen.announce(site)
  } else {
    screen.announce(`The chapters will be at ${site.address} in some seconds.`)
    site.ready.then(
      () =>
        screen.announce(`The chapters: ${site.address}`, lab => `${site.address}chapters/${labFolder(lab)}/`),
      (error: Error) => screen.announce(error.message),
    )
  }
  await screen.closed
  return 0
}

async function serveAlone(site: Site): Promise<number> {
  const told = new Promise<'told'>(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('told'))
  })
  try {
    if ((await Promise.race([told, site.ready])) === 'told') return 0
    console.log(`Serving the chapters at ${site.address} until this is ended (Ctrl-C).`)
    console.log('Your next lab, in a terminal of your own: npm run watch')
    await Promise.race([told, site.ended])
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}
