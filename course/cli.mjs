#!/usr/bin/env node
/** The door of the course tool: sees that Node and the packages are there, then opens course/cli.ts. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { nodeTooOld } from './node-version.mjs'

const complaint = nodeTooOld(process.versions.node) ?? packagesMissing()
if (complaint) {
  console.error(complaint)
  process.exitCode = 2
} else {
  const { launch } = await import('./launch.mjs')
  const { main } = await launch('course/cli.ts')
  await main(process.argv)
}

function packagesMissing() {
  if (existsSync(fileURLToPath(new URL('../node_modules/esbuild', import.meta.url)))) return null
  return 'The packages are not installed yet. Run `npm ci` in this folder first, then this command again.'
}
